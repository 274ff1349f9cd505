//! Errors as HTTP: every address answers every invalid request with the documented status and body.

use serde_json::json;

use crate::harness::{
    server::{TestServer, users},
    user::{TestResponse, new_id, nothing},
};

/// Responses must not contain this part of the request.
const MARKER: &str = "tYpEd";

/// Every route of the router.
fn routes() -> Vec<&'static str> {
    let source = include_str!("../../../src/server/http/mod.rs");
    let routes: Vec<_> =
        source.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(routes.len() >= 19, "{routes:?}");
    routes
}

/// The route with `value` for every parameter.
fn filled(route: &str, value: &str) -> String {
    let parts = route.split('/').map(|part| if part.starts_with('{') { value } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn assert_documented(answer: &TestResponse, what: &str) {
    let kind = answer.header("content-type");
    assert_eq!(kind, "application/json", "{what}: {} {}", answer.status, answer.text);
    let body = answer.json();
    let (code, message) =
        (body["code"].as_str().unwrap_or_default(), body["message"].as_str().unwrap_or_default());
    let row = format!("| `{code}` | {} |", answer.status);
    assert!(
        include_str!("../../../docs/protocol.md").contains(&row),
        "{what}: {row} is not documented: {}",
        answer.text
    );
    assert!(
        message.ends_with(['.', '!']) || message.ends_with("protocol.md."),
        "{what}: {message}"
    );
    assert!(!answer.text.contains(MARKER), "{what} gives back what was typed: {}", answer.text);
    assert_eq!(answer.header("allow").is_empty(), answer.status != 405, "{what}");
    assert!(
        answer.header("content-security-policy").starts_with("default-src 'none'")
            || answer.status == 416,
        "{what}"
    );
}

#[tokio::test]
async fn every_route_answers_with_documented_errors() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada] = users(&server).await;
    let uuid = nothing();
    let values =
        ["x", "abc", "-1", "1e3", "%FF", "%00", "%2e%2e%2f", "18446744073709551616", MARKER, &uuid];
    let queries = [
        "",
        "?at=abc",
        "?at=-1",
        "?at=1.5",
        "?at=%FF",
        "?at=1&at=2",
        "?at=18446744073709551616",
        "?%FF",
        "?tYpEd=tYpEd&at=tYpEd",
    ];
    let mut refused = 0;
    for route in routes() {
        let is_page = matches!(
            route,
            "/setup" | "/sign-in" | "/sign-up" | "/recover" | "/reset/{code}" | "/join/{code}"
        );
        for client in [&ada.client, &server.client()] {
            for (n, value) in values.iter().enumerate() {
                let path = filled(route, value);
                for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"]
                {
                    // Pairs queries and types with values instead of testing every combination.
                    let query = queries[(n + method.len()) % queries.len()];
                    let kind = [
                        "application/octet-stream",
                        "application/json",
                        "text/tYpEd",
                        "application/x-www-form-urlencoded",
                    ][n % 4];
                    if route == "/sign-out" && method == "POST" {
                        continue;
                    }
                    let request = client
                        .request(method, &format!("{path}{query}"))
                        .header("content-type", kind)
                        .header("x-odd", MARKER);
                    let answer = client
                        .send(
                            request
                                .header("sec-fetch-site", "same-origin")
                                .body(format!("{{\"{MARKER}\"")),
                        )
                        .await;
                    assert!(answer.status < 500, "{method} {path}{query}: {}", answer.text);
                    let shows_form = is_page
                        && matches!(method, "GET" | "POST")
                        && answer.header("content-type").starts_with("text/html");
                    if answer.status >= 400 && !shows_form {
                        refused += 1;
                        assert_documented(&answer, &format!("{method} {path}{query} {kind}"));
                    }
                }
            }
        }
    }
    assert!(refused > 1_000, "{refused}");
}

#[tokio::test]
async fn paths_below_program_addresses_are_not_pages() {
    let server = TestServer::new();
    let [ada] = users(&server).await;
    for path in [
        "/api",
        "/api/",
        "/api/me/",
        "/api/x/y",
        "/files",
        "/files/x/y",
        "/faces/x",
        "/previews/x/y",
        "/pkg",
        "/ws/",
        "/healthz/",
        "/readyz/x",
    ] {
        for client in [&ada.client, &server.client()] {
            for method in ["GET", "POST", "DELETE"] {
                let answer = client
                    .send(client.request(method, path).header("sec-fetch-site", "same-origin"))
                    .await;
                assert_eq!(
                    answer.error(),
                    (404, "not_found".into(), String::new()),
                    "{method} {path}"
                );
            }
        }
    }
    let page = ada.client.get("/nothing").await;
    assert!(
        page.status == 404 && page.header("content-type").starts_with("text/html"),
        "a missing page is an HTML page"
    );
    for method in ["PUT", "DELETE", "OPTIONS"] {
        let answer = ada
            .client
            .send(ada.client.request(method, "/settings").header("sec-fetch-site", "same-origin"))
            .await;
        assert_eq!(
            (answer.error().1, answer.header("allow")),
            ("method_not_allowed".into(), "GET,HEAD")
        );
    }
    let file = new_id();
    ada.start_upload(&ada.everyone().await, &file, "a.bin", 3).await.ok();
    for at in ["abc", "-1", "", "0x1", "+1", "1&at=1"] {
        let request = ada
            .client
            .request("PUT", &format!("/files/{file}?at={at}"))
            .header("content-type", "application/octet-stream");
        let (status, code, field) = ada.client.send(request.body("abc")).await.error();
        assert!(
            matches!((status, &*code), (400, "malformed") | (422, "invalid")) && field == "at"
                || at == "+1",
            "{at:?}: {status} {code} {field}"
        );
    }
}

#[tokio::test]
async fn content_types_follow_http_rules() {
    let server = TestServer::new();
    let [ada] = users(&server).await;
    let send = async |kind: &str| {
        let request = ada
            .client
            .request("POST", "/api/me")
            .header("content-type", kind)
            .header("sec-fetch-site", "same-origin");
        ada.client.send(request.body("{}")).await
    };
    for json in [
        "Application/JSON",
        "application/json;charset=utf-8",
        "APPLICATION/JSON ; x=\"y\"",
        "application/json;",
    ] {
        assert_eq!(send(json).await.status, 200, "{json}");
    }
    for other in [
        "application/jsonp",
        "application/json5",
        "application/json-patch+json",
        "application/json, text/html",
        "text/json",
        "application/x-www-form-urlencodedx",
    ] {
        assert_eq!(
            send(other).await.error(),
            (415, "unsupported_media_type".into(), String::new()),
            "{other}"
        );
    }
    // Forms of other sites can send this type, so it is no proof of a same-site request.
    let foreign = ada
        .client
        .request("POST", "/api/me")
        .header("content-type", "application/jsonp")
        .body("{}");
    assert_eq!(ada.client.send(foreign).await.status, 403);
    let signs_in = async |kind: &str| {
        let request = server
            .client()
            .request("POST", "/sign-in")
            .header("content-type", kind)
            .header("sec-fetch-site", "same-origin");
        server.client().send(request.body("username=ada&password=wrong")).await.status
    };
    assert_eq!(signs_in("Application/X-WWW-Form-Urlencoded; charset=UTF-8").await, 401);
    assert_eq!(
        (signs_in("application/json").await, signs_in("multipart/form-data; boundary=x").await),
        (415, 415)
    );
}

#[tokio::test]
async fn invalid_bodies_are_rejected_without_echoing_them() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada] = users(&server).await;
    for body in [
        format!("{{\"{MARKER}\": "),
        format!("\"{MARKER}\""),
        json!({ "conversation": { MARKER: MARKER } }).to_string(),
    ] {
        for function in crate::http::security::functions() {
            if function == "sign_out" {
                continue;
            }
            let request = ada
                .client
                .request("POST", &format!("/api/{function}"))
                .header("content-type", "application/json");
            let answer = ada.client.send(request.body(body.clone())).await;
            assert!(
                answer.status < 500 && (answer.status < 400 || !answer.text.contains(MARKER)),
                "{function}: {}",
                answer.text
            );
        }
    }
}
