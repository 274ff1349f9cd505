//! Unusual requests: malformed, oversized and hostile ones, unknown arguments, and compression.

use serde_json::json;

use crate::{
    harness::{
        server::{PASSWORD, TestServer, users},
        user::new_id,
    },
    http::security::functions,
};

#[tokio::test]
async fn unreadable_requests_are_malformed() {
    let server = TestServer::with_config(|config| config.limits = false);
    let ada = server.user("ada").await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for function in functions() {
        for body in [
            "",
            "{",
            "null",
            "[]",
            "1",
            "\"x\"",
            "{\"conversation\":",
            "\u{0}",
            "{\"conversation\":{},\"name\":[],\"username\":1}",
            &deep,
        ] {
            let client = if function == "sign_out" { server.client() } else { ada.client.clone() };
            let request = client
                .request("POST", &format!("/api/{function}"))
                .header("content-type", "application/json");
            let answer = client.send(request.body(body.to_owned())).await;
            let needs_nothing = matches!(
                function,
                "me" | "snapshot"
                    | "saved"
                    | "set_status"
                    | "set_profile"
                    | "set_face"
                    | "sessions"
                    | "recovery_codes_left"
                    | "end_other_sessions"
                    | "people"
                    | "create_invitation"
                    | "invitations"
                    | "audit_log"
                    | "workspace_settings"
                    | "set_workspace"
                    | "sign_out"
            );
            assert!(
                answer.status == 400 || (needs_nothing && answer.status < 500),
                "{function} {body:.40}: {} {}",
                answer.status,
                answer.text
            );
            if answer.status == 400 {
                assert_eq!(
                    answer.error(),
                    (400, "malformed".into(), String::new()),
                    "{function} {body:.40}"
                );
            }
        }
    }
}

#[tokio::test]
async fn oversized_bodies_are_rejected_as_json() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let body = "x".repeat(600 * 1024);
    for answer in [
        ada.post_with_id(&new_id(), &direct, &body).await,
        server.try_sign_up("kofi", &body).await,
        server.try_sign_in("ada", &body).await,
    ] {
        assert_eq!(answer.error(), (413, "too_large".into(), String::new()));
    }
    let chunks =
        futures_util::stream::iter((0..600).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1024])));
    let request = ada
        .client
        .request("POST", "/api/me")
        .header("content-type", "application/json")
        .body(reqwest::Body::wrap_stream(chunks));
    assert_eq!(
        ada.client.send(request).await.error().0,
        413,
        "without a length the bytes are counted"
    );
    assert_eq!(server.client().submit_form("/sign-in", &[("username", &body)]).await.status, 413);
    for (text, status) in [
        ("x".repeat(10_001), 413),
        ("ø".repeat(10_000), 200),
        ("🦆".repeat(10_000), 200),
        ("🦆".repeat(10_001), 413),
    ] {
        let answer = ada.post_with_id(&new_id(), &direct, &text).await;
        assert_eq!(answer.status, status, "{} characters", text.chars().count());
        if status == 413 {
            assert_eq!(answer.error(), (413, "too_large".into(), "body".into()));
        }
    }
    for text in ["", "   ", "\n\n", "\u{200b}", "\u{0}\u{7}"] {
        assert_eq!(
            ada.post_with_id(&new_id(), &direct, text).await.error(),
            (422, "invalid".into(), "body".into()),
            "{text:?}"
        );
    }
}

/// Strings that have broken other products.
const NASTY: [&str; 14] = [
    "' or 1=1 --",
    "'; drop table people; --",
    "\" or \"\"=\"",
    "%",
    "_",
    "*",
    "NEAR(",
    "\\",
    "\0",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "${x}",
    "\u{202e}\u{fff0}",
];

#[tokio::test]
async fn hostile_strings_are_text_and_errors_reveal_nothing() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace] = users(&server).await;
    let mei = server.user("mei").await;
    let (everyone, folder) = (ada.everyone().await, server.data_folder().display().to_string());
    const FIELDS: [&str; 9] = [
        "conversation",
        "person",
        "client_id",
        "body",
        "name",
        "username",
        "display_name",
        "password",
        "people",
    ];
    for nasty in NASTY {
        for function in functions() {
            for field in FIELDS {
                let mut arguments = json!({
                    "conversation": everyone, "person": grace.id, "client_id": new_id(),
                    "body": "x", "name": "X", "username": "kofi",
                    "display_name": "K", "password": PASSWORD,
                    "people": [grace.id], "members": [grace.id], "seq": 1, "upto": 1
                });
                arguments[field] = if field == "people" { json!([nasty]) } else { json!(nasty) };
                if function == "sign_out" {
                    continue;
                }
                // Signing in ends the previous session.
                let answer = if function.starts_with("sign_") {
                    server.client().call(function, arguments).await
                } else if matches!(function, "deactivate" | "end_sessions") {
                    // Of somebody who may not: Grace is needed below.
                    mei.call(function, arguments).await
                } else {
                    ada.call(function, arguments).await
                };
                assert!(
                    answer.status < 500 || answer.status == 503,
                    "{function} {field} {nasty:?}: {} {}",
                    answer.status,
                    answer.text
                );
                if answer.status != 200 {
                    let text = answer.text.to_lowercase();
                    for inside in [
                        "sqlite", "sqlx", "select ", "insert ", ".rs", "panicked", "serde",
                        "at line", &folder,
                    ] {
                        assert!(
                            !text.contains(inside),
                            "{function} {field} {nasty:?}: {}",
                            answer.text
                        );
                    }
                    assert!(
                        nasty.len() < 3 || !answer.text.contains(nasty),
                        "what was typed is not given back: {}",
                        answer.text
                    );
                }
            }
        }
    }
    for nasty in NASTY.iter().filter(|nasty| **nasty != "\0" && **nasty != "\u{202e}\u{fff0}") {
        ada.post(&everyone, nasty).await;
        assert_eq!(grace.message_bodies(&everyone).await.last().unwrap(), nasty);
    }
}

#[tokio::test]
async fn unknown_arguments_are_rejected() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let forged = json!({
        "conversation": direct, "client_id": new_id(), "body": "mine",
        "author": grace.id, "seq": 99, "at": 1, "created": 1, "kind": "registered"
    });
    ada.call_ok("post_message", forged).await;
    let entry = grace.history(&direct, json!({})).await.ok()["entries"][0].clone();
    assert_eq!(
        (&entry["seq"], &entry["change"]["author"], &entry["change"]["kind"]),
        (&json!(1), &json!(ada.id), &json!("posted"))
    );
    assert!(entry["at"].as_i64().unwrap() > 1_000_000_000_000);
    let group = ada
        .call_ok(
            "create_group",
            json!({ "name": "Physics", "members": [], "creator": grace.id, "kind": "everyone" }),
        )
        .await;
    assert_eq!(
        (&group["conversation"]["creator"], &group["conversation"]["kind"]),
        (&json!(ada.id), &json!("group"))
    );
}

#[tokio::test]
async fn large_responses_are_compressed_on_request() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada] = users(&server).await;
    for n in 0..30 {
        ada.create_group(&format!("Group {n}"), &[]).await;
    }
    let call = async |function: &str, accepts: &str| {
        let request = ada
            .client
            .request("POST", &format!("/api/{function}"))
            .header("accept-encoding", accepts)
            .json(&json!({}));
        let answer = request.send().await.unwrap();
        let encoding = answer
            .headers()
            .get("content-encoding")
            .map(|value| value.to_str().unwrap().to_owned());
        let varies = answer
            .headers()
            .get_all("vary")
            .iter()
            .any(|value| value.to_str().unwrap().contains("accept-encoding"));
        (encoding, varies, answer.bytes().await.unwrap())
    };
    let (_, _, plain) = call("snapshot", "identity").await;
    let (encoding, varies, packed) = call("snapshot", "br;q=0.1, gzip").await;
    assert_eq!(
        (encoding.as_deref(), varies, &packed[..2]),
        (Some("gzip"), true, &[0x1f, 0x8b][..])
    );
    assert!(packed.len() * 3 < plain.len(), "{} of {}", packed.len(), plain.len());
    for refuses in ["", "identity", "gzip;q=0", "x-unknown"] {
        assert_eq!(call("snapshot", refuses).await.0, None, "{refuses}");
    }
    assert_eq!(call("me", "gzip").await.0, None, "a small response");
    let page =
        ada.client.request("GET", "/").header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(page.headers()["content-encoding"], "gzip");
}
