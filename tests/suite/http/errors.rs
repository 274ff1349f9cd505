//! Errors as HTTP: every address answers every odd request with the documented body, and keeps the
//! connection in a known state.

use std::{net::SocketAddr, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::harness::{
    server::{TestServer, users},
    user::{TestResponse, new_id, nothing},
};

/// What is typed must not come back.
const TYPED: &str = "tYpEd";

/// Every route of the router.
fn routes() -> Vec<&'static str> {
    let source = include_str!("../../../src/server/http/mod.rs");
    let routes: Vec<_> =
        source.split(".route(\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(routes.len() >= 19, "{routes:?}");
    routes
}

/// This route with `value` for every parameter.
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
    assert!(!answer.text.contains(TYPED), "{what} gives back what was typed: {}", answer.text);
    assert_eq!(answer.header("allow").is_empty(), answer.status != 405, "{what}");
    assert!(
        answer.header("content-security-policy").starts_with("default-src 'none'")
            || answer.status == 416,
        "{what}"
    );
}

#[tokio::test]
async fn every_route_documents_its_errors() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada] = users(&server).await;
    let uuid = nothing();
    let values =
        ["x", "abc", "-1", "1e3", "%FF", "%00", "%2e%2e%2f", "18446744073709551616", TYPED, &uuid];
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
        let is_page = matches!(route, "/sign-in" | "/sign-up");
        for client in [&ada.client, &server.client()] {
            for (n, value) in values.iter().enumerate() {
                let path = filled(route, value);
                for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"]
                {
                    // Each query and each type with some values, not all with all.
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
                        .header("x-odd", TYPED);
                    let answer = client
                        .send(
                            request
                                .header("sec-fetch-site", "same-origin")
                                .body(format!("{{\"{TYPED}\"")),
                        )
                        .await;
                    assert!(answer.status < 500, "{method} {path}{query}: {}", answer.text);
                    let shows_form = is_page
                        && method == "POST"
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
        "a page that is not there is shown as a page"
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
    let sends = async |kind: &str| {
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
        assert_eq!(sends(json).await.status, 200, "{json}");
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
            sends(other).await.error(),
            (415, "unsupported_media_type".into(), String::new()),
            "{other}"
        );
    }
    // A form of another site can send this type, so it is no sign of a program.
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

/// A connection of one's own, on which anything can be written.
struct Raw(TcpStream);

impl Raw {
    async fn open(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    async fn writes(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// The next answer: its head in lower case, and its body.
    async fn message_bodies(&mut self) -> (String, String) {
        let read = async {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(self.0.read_u8().await.expect("an answer"));
            }
            let head = String::from_utf8(head).unwrap().to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            let mut body = vec![0; length];
            self.0.read_exact(&mut body).await.unwrap();
            (head, String::from_utf8(body).unwrap())
        };
        timeout(Duration::from_secs(10), read).await.expect("an answer within ten seconds")
    }

    /// Whether the server has closed it.
    async fn is_closed(&mut self) -> bool {
        let ended = timeout(Duration::from_secs(5), self.0.read_u8()).await;
        ended.expect("it is closed").is_err()
    }
}

#[tokio::test]
async fn an_early_rejection_closes_or_drains_the_body() {
    let server = TestServer::new();
    let head = |path: &str, more: &str| {
        format!("POST {path} HTTP/1.1\r\nHost: {}\r\n{more}\r\n", server.address)
    };
    let json = "Content-Type: application/json\r\n";
    for (what, head, status) in [
        (
            "not signed in, nothing sent",
            format!(
                "PUT /files/x HTTP/1.1\r\nHost: {}\r\nContent-Length: 1000\r\n\r\n",
                server.address
            ),
            401,
        ),
        (
            "another type",
            head("/api/me", "Content-Type: text/plain\r\nContent-Length: 5000\r\n"),
            415,
        ),
        (
            "far too large",
            head(
                "/api/me",
                &format!("{json}Content-Encoding: gzip\r\nContent-Length: 99999999999\r\n"),
            ),
            415,
        ),
        (
            "another site",
            head(
                "/api/me",
                &format!("{json}Sec-Fetch-Site: cross-site\r\nContent-Length: 20000000\r\n"),
            ),
            403,
        ),
        ("no such page", head("/nothing", "Transfer-Encoding: chunked\r\n"), 405),
        (
            "waits for a sign",
            head(
                "/api/me",
                "Content-Type: text/plain\r\nExpect: 100-continue\r\nContent-Length: 10\r\n",
            ),
            415,
        ),
    ] {
        let mut raw = Raw::open(server.address).await;
        raw.writes(head.as_bytes()).await;
        let (answer, body) = raw.message_bodies().await;
        assert!(answer.starts_with(&format!("http/1.1 {status} ")), "{what}: {answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{what}: {answer}");
        assert!(serde_json::from_str::<Value>(&body).unwrap()["code"].is_string(), "{what}");
        assert!(raw.is_closed().await, "{what}");
    }
    // What has come, or comes at once, is read: the connection serves the next request.
    let mut raw = Raw::open(server.address).await;
    for size in [1, 5_000, 3_000_000] {
        raw.writes(
            head("/api/me", &format!("Content-Type: text/plain\r\nContent-Length: {size}\r\n"))
                .as_bytes(),
        )
        .await;
        raw.writes(&vec![b'x'; size]).await;
        let (answer, _) = raw.message_bodies().await;
        assert!(
            answer.starts_with("http/1.1 415 ") && !answer.contains("connection: close"),
            "{size}: {answer}"
        );
    }
    raw.writes(head("/api/me", &format!("{json}Content-Length: 2\r\n")).as_bytes()).await;
    raw.writes(b"{}").await;
    assert!(raw.message_bodies().await.0.starts_with("http/1.1 401 "));
}

#[tokio::test]
async fn without_an_origin_only_local_hosts_are_accepted() {
    let server = TestServer::new();
    let asks = async |address: SocketAddr, hosts: &str, target: &str| {
        let mut raw = Raw::open(address).await;
        raw.writes(format!("GET {target} HTTP/1.1\r\n{hosts}\r\n").as_bytes()).await;
        let (head, body) = raw.message_bodies().await;
        (head[9..12].parse::<u16>().unwrap(), body)
    };
    let port = server.address.port();
    for host in [
        "localhost",
        "LOCALHOST:1",
        "chat.localhost",
        "127.0.0.1",
        "127.1.2.3",
        "[::1]:8080",
        &format!("localhost:{port}"),
    ] {
        assert_eq!(
            asks(server.address, &format!("Host: {host}\r\n"), "/healthz").await.0,
            200,
            "{host}"
        );
    }
    for hosts in [
        "Host: evil.example\r\n",
        &format!("Host: evil.example:{port}\r\n"),
        "Host: localhost.evil.example\r\n",
        "Host: 127.0.0.1.nip.io\r\n",
        "Host: 192.168.1.5\r\n",
        "Host: \r\n",
        "Host: localhost\r\nHost: evil.example\r\n",
        "",
    ] {
        for target in ["/healthz", "/", "/sign-in", "/robots.txt", "/nothing"] {
            let (status, body) = asks(server.address, hosts, target).await;
            assert!(matches!(status, 400 | 421), "{hosts:?} {target}: {status}");
            assert!(
                status == 400
                    || serde_json::from_str::<Value>(&body).unwrap()["code"] == "misdirected",
                "{hosts:?}: {body}"
            );
            assert!(!body.contains("evil"), "{body}");
        }
    }
    assert_eq!(
        asks(server.address, "Host: localhost\r\n", "http://evil.example/healthz").await.0,
        421
    );
    let named =
        TestServer::with_config(|config| config.origin = Some("https://chat.example.org".into()));
    for host in ["chat.example.org", "10.0.0.7:3000", "inside"] {
        assert_eq!(
            asks(named.address, &format!("Host: {host}\r\n"), "/healthz").await.0,
            200,
            "behind a proxy: {host}"
        );
    }
}

#[test]
fn a_public_address_requires_an_origin() {
    let folder = tempfile::tempdir().unwrap();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:3000"] {
        let program = std::process::Command::new(env!("CARGO_BIN_EXE_chatbox"))
            .args(["serve", "--address", address, "--data"])
            .arg(folder.path().join("data"))
            .output()
            .unwrap();
        let said = String::from_utf8(program.stderr).unwrap();
        assert_eq!(program.status.code(), Some(1), "{address}: {said}");
        assert!(
            said.lines().count() == 1 && said.contains("--origin"),
            "one sentence that says what to do: {said}"
        );
        assert!(!folder.path().join("data").exists(), "and nothing was made");
    }
}

#[tokio::test]
async fn a_finished_response_leaks_no_connection() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada] = users(&server).await;
    for body in [
        format!("{{\"{TYPED}\": "),
        format!("\"{TYPED}\""),
        json!({ "conversation": { TYPED: TYPED } }).to_string(),
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
                answer.status < 500 && (answer.status < 400 || !answer.text.contains(TYPED)),
                "{function}: {}",
                answer.text
            );
        }
    }
}

/// Waits for real moments to pass: longer than a request's head may take.
#[tokio::test]
async fn idle_connections_stay_open_and_slow_heads_time_out() {
    let server = TestServer::new();
    let ask = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", server.address);
    const LONG: Duration = Duration::from_secs(13);
    let stays = async |asks_before: bool| {
        let mut raw = Raw::open(server.address).await;
        if asks_before {
            raw.writes(ask.as_bytes()).await;
            raw.message_bodies().await;
        }
        assert!(timeout(LONG, raw.0.read_u8()).await.is_err(), "nothing comes and nothing ends");
        raw.writes(ask.as_bytes()).await;
        assert!(raw.message_bodies().await.0.starts_with("http/1.1 200 "));
    };
    let ends = async |asks_before: bool| {
        let mut raw = Raw::open(server.address).await;
        if asks_before {
            raw.writes(ask.as_bytes()).await;
            raw.message_bodies().await;
        }
        let began = std::time::Instant::now();
        let drips = async {
            // A byte a second does not make it last.
            for byte in ask.as_bytes() {
                if raw.0.write_all(&[*byte]).await.is_err()
                    || matches!(timeout(Duration::from_secs(1), raw.0.read_u8()).await, Ok(Err(_)))
                {
                    return;
                }
            }
            panic!("it took everything");
        };
        timeout(Duration::from_secs(20), drips).await.expect("it ends");
        assert!(
            (Duration::from_secs(9)..Duration::from_secs(15)).contains(&began.elapsed()),
            "{:?}",
            began.elapsed()
        );
    };
    tokio::join!(stays(false), stays(true), ends(false), ends(true));
}

#[tokio::test]
async fn large_responses_are_compressed_on_request() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada] = users(&server).await;
    for n in 0..30 {
        ada.create_group(&format!("Group {n}"), &[]).await;
    }
    let asks = async |function: &str, accepts: &str| {
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
    let (_, _, plain) = asks("snapshot", "identity").await;
    let (encoding, varies, packed) = asks("snapshot", "br;q=0.1, gzip").await;
    assert_eq!(
        (encoding.as_deref(), varies, &packed[..2]),
        (Some("gzip"), true, &[0x1f, 0x8b][..])
    );
    assert!(packed.len() * 3 < plain.len(), "{} of {}", packed.len(), plain.len());
    for refuses in ["", "identity", "gzip;q=0", "x-unknown"] {
        assert_eq!(asks("snapshot", refuses).await.0, None, "{refuses}");
    }
    assert_eq!(asks("me", "gzip").await.0, None, "a small answer");
    let page =
        ada.client.request("GET", "/").header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(page.headers()["content-encoding"], "gzip");
}
