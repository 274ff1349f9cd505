//! Security: cross-site requests, unusual clients, and access to data of others.

use leptos::server_fn::axum::server_fn_paths;
use serde_json::{Value, json};

use crate::harness::{
    server::{TestServer, users},
    user::{TestResponse, TestUser, new_id, nothing},
};

/// The paths of all registered server functions.
pub(crate) fn functions() -> Vec<&'static str> {
    let mut functions: Vec<_> =
        server_fn_paths().map(|(path, _)| path.trim_start_matches("/api/")).collect();
    functions.sort_unstable();
    assert!(functions.len() >= 15, "{functions:?}");
    functions
}

fn assert_safe_headers(answer: &TestResponse, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
        ("cache-control", "private, no-store"),
    ] {
        assert_eq!(answer.header(name), value, "{name} of {what} ({})", answer.status);
    }
    let policy = answer.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{what} ({}): {policy}",
        answer.status
    );
    assert!(
        policy.contains("base-uri 'none'")
            && !policy.contains("unsafe-inline")
            && !policy.contains("'unsafe-eval'"),
        "{what}: {policy}"
    );
}

#[tokio::test]
async fn every_response_has_security_headers() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let group = grace.create_group("Physics", &[&ada]).await;
    let (v, a) = (server.client(), &ada.client);
    let json = |body: &str| {
        a.request("POST", "/api/me")
            .header("content-type", "application/json")
            .body(body.to_owned())
    };
    for (status, what, answer) in [
        (200, "a page", a.get("/").await),
        (200, "a function", a.call("me", json!({})).await),
        (200, "a signing page", v.get("/sign-in").await),
        (200, "health", v.get("/healthz").await),
        (303, "a redirect", v.get("/").await),
        (400, "malformed", a.send(json("{")).await),
        (401, "no session", v.call("me", json!({})).await),
        (403, "not the creator", ada.rename_group(&group, "Mine").await),
        (
            403,
            "another site",
            v.clone().with("sec-fetch-site", "cross-site").call("me", json!({})).await,
        ),
        (404, "a function that is none", a.call("nothing", json!({})).await),
        (404, "a page that is none", a.get("/nothing").await),
        (404, "a file that is none", v.get("/pkg/nothing.js").await),
        (405, "another method", v.get("/api/me").await),
        (405, "another method on a page", v.send(v.request("DELETE", "/")).await),
        (409, "a conflict", ada.leave_group(&ada.everyone().await).await),
        (413, "too large", a.send(json(&" ".repeat(600_000))).await),
        (
            415,
            "another type",
            a.send(a.request("POST", "/api/me").header("sec-fetch-site", "same-origin").body("x"))
                .await,
        ),
        (422, "invalid", ada.post_with_id("x", &group, "hello").await),
    ] {
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        assert_safe_headers(&answer, what);
        assert_eq!(
            answer.header("strict-transport-security"),
            "",
            "with plain HTTP it would lock people out"
        );
    }
    let server =
        TestServer::with_config(|config| config.origin = Some("https://chat.example.org".into()));
    assert_eq!(
        server.client().get("/nothing").await.header("strict-transport-security"),
        "max-age=31536000"
    );
}

#[tokio::test]
async fn every_page_has_its_own_nonce() {
    let server = TestServer::new();
    let nonce = async || {
        server
            .client()
            .get("/sign-in")
            .await
            .header("content-security-policy")
            .split('\'')
            .nth(3)
            .unwrap()
            .to_owned()
    };
    let (one, other) = (nonce().await, nonce().await);
    assert!(one.starts_with("nonce-") && one.len() > 20 && one != other, "{one} {other}");
}

#[tokio::test]
async fn cross_site_requests_are_rejected() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let before = ada.snapshot().await;
    const FORMS: [&str; 3] =
        ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"];
    let own = ada.client.base.clone();
    for function in functions() {
        for (headers, kind) in [
            (vec![("sec-fetch-site", "cross-site")], "application/json"),
            (vec![("sec-fetch-site", "same-site")], "application/json"),
            (vec![("sec-fetch-site", "cross-site"), ("origin", &*own)], "application/json"),
            (vec![("origin", "http://evil.example")], "application/json"),
            (vec![("origin", "null")], "application/json"),
            (vec![("origin", "")], "application/json"),
            (vec![("origin", "https://evil.example")], FORMS[0]),
            (vec![("sec-fetch-site", "cross-site")], FORMS[0]),
            (vec![("sec-fetch-site", "same-site")], FORMS[1]),
            (vec![], FORMS[0]),
            (vec![], FORMS[1]),
            (vec![], FORMS[2]),
        ] {
            let mut request = ada
                .client
                .request("POST", &format!("/api/{function}"))
                .header("content-type", kind);
            for (name, value) in &headers {
                request = request.header(*name, *value);
            }
            let answer =
                ada.client.send(request.body(json!({ "person": grace.id }).to_string())).await;
            assert_eq!(answer.error().0, 403, "{function} {headers:?} {kind}");
        }
    }
    for path in ["/sign-in", "/sign-up", "/sign-out", "/theme"] {
        for site in ["cross-site", "same-site"] {
            let answer = ada
                .client
                .clone()
                .with("sec-fetch-site", site)
                .send(ada.client.request("POST", path).header("sec-fetch-site", site))
                .await;
            assert_eq!(answer.status, 403, "{path} {site}");
        }
    }
    assert_eq!(ada.snapshot().await, before, "nothing changed");
}

#[tokio::test]
async fn same_site_pages_and_programs_are_accepted() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let own = ada.client.base.clone();
    for headers in [
        vec![("sec-fetch-site", "same-origin"), ("origin", &*own)],
        vec![("sec-fetch-site", "none")],
        vec![("origin", &*own)],
        vec![],
    ] {
        let client = headers
            .iter()
            .fold(ada.client.clone(), |client, (name, value)| client.with(name, value));
        assert_eq!(client.call("me", json!({})).await.status, 200, "{headers:?}");
    }
}

#[tokio::test]
async fn functions_accept_json_posts_only() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let arguments = json!({ "person": nothing() }).to_string();
    for function in functions() {
        let path = format!("/api/{function}");
        for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH"] {
            let request = ada
                .client
                .request(method, &format!("{path}?person=x"))
                .header("x-http-method-override", "POST");
            let answer = ada.client.send(request.header("content-type", "application/json")).await;
            assert_eq!(answer.status, 405, "{method} {function}");
        }
        for kind in [
            "",
            "text/plain",
            "application/cbor",
            "multipart/form-data; boundary=x",
            "application/octet-stream",
            "text/json",
        ] {
            let request = ada
                .client
                .request("POST", &path)
                .header("content-type", kind)
                .header("sec-fetch-site", "same-origin");
            assert_eq!(
                ada.client.send(request.body(arguments.clone())).await.status,
                415,
                "{function} {kind:?}"
            );
        }
        let packed = ada
            .client
            .request("POST", &path)
            .header("content-type", "application/json")
            .header("content-encoding", "gzip");
        assert_eq!(
            ada.client.send(packed.body(arguments.clone())).await.status,
            415,
            "{function}, packed"
        );
    }
    assert_eq!(ada.call("me", json!({})).await.status, 200, "still signed in");
}

#[tokio::test]
async fn a_failed_form_redirects_nowhere_else_and_leaks_no_error() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    for accept in ["text/html", "*/*", "application/json"] {
        let client =
            server.client().with("accept", accept).with("referer", "https://evil.example/x");
        let name = format!("nobody-{}", accept.len());
        for (function, arguments) in
            [("sign_in", json!({ "username": name, "password": "wrong" })), ("me", json!({}))]
        {
            let answer = client.call(function, arguments).await;
            assert_eq!(
                (answer.status, answer.header("location")),
                (401, ""),
                "{function} {accept}"
            );
        }
        let form =
            client.submit_form("/api/sign_in", &[("username", &name), ("password", "wrong")]).await;
        assert_eq!((form.status, form.header("location")), (401, ""));
        let theme = ada
            .client
            .clone()
            .with("referer", "https://evil.example/x")
            .submit_form("/theme", &[("theme", "dark")])
            .await;
        assert_eq!((theme.status, theme.header("location")), (303, "/"));
    }
}

#[tokio::test]
async fn foreign_and_missing_things_are_indistinguishable() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let (direct, group) =
        (ada.open_direct(&grace).await, ada.create_group("Physics", &[&grace]).await);
    ada.post(&direct, "between us").await;
    let ask = async |conversation: &str| -> Vec<(u16, String)> {
        let mut responses = Vec::new();
        for (function, arguments) in about(conversation, &kofi, &grace) {
            let answer = kofi.call(function, arguments).await;
            responses.push((answer.status, answer.text));
        }
        responses
            .push((kofi.client.get(&format!("/c/{conversation}")).await.status, String::new()));
        responses
    };
    let missing = ask(&nothing()).await;
    assert!(missing.iter().all(|(status, _)| *status == 404), "{missing:?}");
    assert_eq!(ask(&direct).await, missing);
    assert_eq!(ask(&group).await, missing);
}

/// Every function about a conversation, with arguments for this one.
fn about(conversation: &str, me: &TestUser, other: &TestUser) -> Vec<(&'static str, Value)> {
    let c = conversation;
    vec![
        ("history", json!({ "conversation": c })),
        ("changes_after", json!({ "conversation": c, "seq": 0 })),
        ("mark_read", json!({ "conversation": c, "upto": 1 })),
        ("post_message", json!({ "conversation": c, "client_id": new_id(), "body": "x" })),
        ("rename_group", json!({ "conversation": c, "name": "X" })),
        ("add_members", json!({ "conversation": c, "people": [me.id] })),
        ("add_members", json!({ "conversation": c, "people": [] })),
        ("remove_member", json!({ "conversation": c, "person": other.id })),
        ("leave_group", json!({ "conversation": c })),
    ]
}

#[tokio::test]
async fn names_are_escaped_in_pages() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let markup = "</title><meta http-equiv=refresh content=0>";
    let group = ada.create_group(markup, &[&grace]).await;
    let page = grace.client.get(&format!("/c/{group}")).await;
    assert!(
        page.text
            .contains("<title>&lt;/title>&lt;meta http-equiv=refresh content=0> · ChatBox</title>"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("<meta http-equiv=refresh"), "{}", page.text);
}
