//! Sockets: who may open one, limits, and what closes one.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{
    server::{TestServer, users},
    socket::TestSocket,
    user::{Cursors, TestClient, TestUser, cursors, stream},
};

pub(super) fn hello() -> Value {
    json!({ "type": "hello", "v": 1, "epoch": "", "marks": {} })
}

#[tokio::test]
async fn a_socket_requires_a_session() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    assert_eq!(TestSocket::open(&server.client()).await.err(), Some(401));
    let made_up =
        TestClient { cookie: Some(format!("chatbox={}", "0".repeat(64))), ..server.client() };
    assert_eq!(TestSocket::open(&made_up).await.err(), Some(401));
    assert!(TestSocket::open(&ada.client).await.is_ok());
    ada.sign_out().await.ok();
    assert_eq!(TestSocket::open(&ada.client).await.err(), Some(401));
    assert_eq!(server.client().get("/ws").await.status, 401);
}

#[tokio::test]
async fn a_socket_requires_the_same_origin() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let (port, https) = (server.address.port(), server.address.to_string());
    for foreign in [
        "http://evil.example",
        "null",
        "",
        &format!("https://{https}"),
        &format!("http://127.0.0.1:{}", port - 1),
        "http://127.0.0.1",
        &format!("http://localhost:{port}"),
        &format!("http://{https}.evil.example"),
        &format!("http://evil.example/http://{https}"),
        &format!("http://{https}/"),
        &https,
    ] {
        assert_eq!(
            TestSocket::open_from(&ada.client, Some(foreign)).await.err(),
            Some(403),
            "{foreign:?}"
        );
    }
    assert_eq!(
        TestSocket::open_from(&ada.client, None).await.err(),
        Some(403),
        "an Origin is required"
    );
    let server =
        TestServer::with_config(|config| config.origin = Some("https://chat.example.org".into()));
    let ada = server.user("ada").await;
    for (origin, open) in [
        ("https://chat.example.org", true),
        ("http://chat.example.org", false),
        ("https://chat.example.org:8443", false),
        (&*server.client().base, false),
    ] {
        assert_eq!(
            TestSocket::open_from(&ada.client, Some(origin)).await.is_ok(),
            open,
            "{origin}"
        );
    }
}

#[tokio::test]
async fn hello_accepts_hundreds_of_cursors() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace] = users(&server).await;
    let groups = join_all(
        (0..300).map(async |n: u32| ada.create_group(&format!("Group {n}"), &[&grace]).await),
    )
    .await;
    let (epoch, known) = cursors(&grace.snapshot().await);
    assert_eq!(known.len(), 302);
    ada.post(&groups[7], "while away").await;
    let back = grace.connect_from(&epoch, &known).await;
    assert_eq!(back.missed.iter().filter(|frame| frame["type"] == "change").count(), 1);
}

#[tokio::test]
async fn a_restart_closes_every_socket_with_its_code() {
    let server = TestServer::with_config(|config| config.limits = false);
    let people: [TestUser; 8] = users(&server).await;
    let mut sockets = join_all((0..80).map(|n| people[n % 8].connect())).await;
    let closing = join_all(sockets.iter_mut().map(TestSocket::close_code));
    let (codes, server) = tokio::join!(closing, tokio::task::spawn_blocking(|| server.restart()));
    assert!(codes.iter().all(|code| *code == 4001), "{codes:?}");
    drop(server);
}

#[tokio::test]
async fn only_get_opens_a_socket() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    for method in ["HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let request = ada
            .client
            .request(method, "/ws")
            .header("origin", &ada.client.base)
            .header("connection", "upgrade");
        let request = request.header("upgrade", "websocket").header("sec-websocket-version", "13");
        let answer =
            ada.client.send(request.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "GET"), "{method}");
    }
}

#[tokio::test]
async fn the_eleventh_socket_closes_the_oldest() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let mut sockets = Vec::new();
    for _ in 0..12 {
        sockets.push(ada.connect().await);
    }
    grace.post(&direct, "the marker").await;
    for (n, socket) in sockets.iter_mut().enumerate() {
        if n < 2 {
            assert_eq!(socket.close_code().await, 4409);
        } else {
            socket.recv_until_message("the marker").await;
        }
    }
}

#[tokio::test]
async fn of_many_concurrent_sockets_ten_stay() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let mut sockets = join_all((0..30).map(async |_| {
        let mut socket = TestSocket::open(&ada.client).await.unwrap();
        socket.send_json(&hello()).await;
        let ended = socket.recv_until_or_closed(|frame| frame["type"] == "current").await;
        (socket, ended)
    }))
    .await;
    grace.post(&direct, "the marker").await;
    let ends = join_all(sockets.iter_mut().map(async |(socket, ended)| match *ended {
        0 => socket.recv_until_or_closed(|frame| frame["change"]["body"] == "the marker").await,
        code => code,
    }));
    let ends = ends.await;
    assert_eq!(ends.iter().filter(|end| **end == 0).count(), 10, "{ends:?}");
    assert_eq!(ends.iter().filter(|end| **end == 4409).count(), 20, "{ends:?}");
}

#[tokio::test]
async fn opening_sockets_is_rate_limited() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let opened = join_all((0..100).map(|_| TestSocket::open(&ada.client))).await;
    assert!(opened.iter().any(|socket| matches!(socket, Err(429))));
    assert!(opened.iter().all(|socket| matches!(socket, Ok(_) | Err(429))));
    grace.connect().await;
}

#[tokio::test]
async fn sign_out_closes_the_sockets_of_its_session_only() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let phone = server.second_device("ada").await;
    let (mut first, mut second, mut other) =
        (ada.connect().await, ada.connect().await, phone.connect().await);
    ada.sign_out().await.ok();
    grace.post(&direct, "after that").await;
    for socket in [&mut first, &mut second] {
        assert_eq!(socket.close_code().await, 4401);
        assert!(!socket.has_received("after that"), "nothing committed afterwards");
    }
    other.recv_until_message("after that").await;
}

#[tokio::test]
async fn a_slow_reader_harms_only_itself_and_resumes() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace, kofi] = users(&server).await;
    let everyone = ada.everyone().await;
    let (epoch, before) = cursors(&grace.snapshot().await);
    let (mut slow, mut quick) = (grace.connect().await, kofi.connect().await);
    let long = "ø".repeat(9_990);
    // More than the socket buffers and the outbound queue hold.
    const MANY: usize = 900;
    let writing = async {
        for n in (0..MANY).step_by(30) {
            join_all(
                (n..n + 30).map(|n| ada.post(&everyone, if n % 2 == 0 { &long } else { "short" })),
            )
            .await;
        }
        ada.post(&everyone, "the marker").await;
    };
    let (_, received) = tokio::join!(writing, quick.bodies_until("the marker"));
    assert_eq!(received.len(), MANY + 1, "the others receive everything");
    let (received, code) = slow.recv_until_closed().await;
    assert!(received.len() < MANY, "the slow socket was closed early");
    assert_eq!(code, 4008, "the close code says why");
    let mut known: Cursors = before;
    let last = received
        .iter()
        .filter_map(|frame| frame["seq"].as_u64())
        .max()
        .unwrap_or(known[&stream(&everyone)]);
    let first = known.insert(stream(&everyone), last).unwrap();
    let back = grace.connect_from(&epoch, &known).await;
    let caught_up = back.missed.iter().filter(|frame| frame["type"] == "change").count() as u64;
    assert_eq!(last - first + caught_up, MANY as u64 + 1, "complete after reconnecting");
}

/// Waits in real time: ten seconds of silence.
#[tokio::test]
async fn a_socket_without_hello_is_closed_after_ten_seconds() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let mut socket = TestSocket::open(&ada.client).await.unwrap();
    let began = std::time::Instant::now();
    assert_eq!(socket.close_code().await, 4002);
    assert!((Duration::from_secs(9)..Duration::from_secs(15)).contains(&began.elapsed()));
}
