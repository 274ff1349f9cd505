//! HTTP connections: after an early rejection, when idle, and while a request head is sent slowly.

use std::{net::SocketAddr, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::harness::server::TestServer;

/// A TCP connection for connection requests.
pub(super) struct RawConnection(TcpStream);

impl RawConnection {
    pub(super) async fn open(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// The next response: its head in lower case, and its body.
    pub(super) async fn read_response(&mut self) -> (String, String) {
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
    pub(super) async fn is_closed(&mut self) -> bool {
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
        let mut connection = RawConnection::open(server.address).await;
        connection.write(head.as_bytes()).await;
        let (answer, body) = connection.read_response().await;
        assert!(answer.starts_with(&format!("http/1.1 {status} ")), "{what}: {answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{what}: {answer}");
        assert!(serde_json::from_str::<Value>(&body).unwrap()["code"].is_string(), "{what}");
        assert!(connection.is_closed().await, "{what}");
    }
    // A body that has arrived is drained, so that the connection serves the next request.
    let mut connection = RawConnection::open(server.address).await;
    for size in [1, 5_000, 3_000_000] {
        connection
            .write(
                head("/api/me", &format!("Content-Type: text/plain\r\nContent-Length: {size}\r\n"))
                    .as_bytes(),
            )
            .await;
        connection.write(&vec![b'x'; size]).await;
        let (answer, _) = connection.read_response().await;
        assert!(
            answer.starts_with("http/1.1 415 ") && !answer.contains("connection: close"),
            "{size}: {answer}"
        );
    }
    connection.write(head("/api/me", &format!("{json}Content-Length: 2\r\n")).as_bytes()).await;
    connection.write(b"{}").await;
    assert!(connection.read_response().await.0.starts_with("http/1.1 401 "));
}

/// Waits in real time: longer than the timeout of a request head.
#[tokio::test]
async fn idle_connections_stay_open_and_slow_heads_time_out() {
    let server = TestServer::new();
    let ask = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", server.address);
    const LONG: Duration = Duration::from_secs(13);
    let stays_open = async |is_reused: bool| {
        let mut connection = RawConnection::open(server.address).await;
        if is_reused {
            connection.write(ask.as_bytes()).await;
            connection.read_response().await;
        }
        assert!(timeout(LONG, connection.0.read_u8()).await.is_err(), "neither data nor an end");
        connection.write(ask.as_bytes()).await;
        assert!(connection.read_response().await.0.starts_with("http/1.1 200 "));
    };
    let times_out = async |is_reused: bool| {
        let mut connection = RawConnection::open(server.address).await;
        if is_reused {
            connection.write(ask.as_bytes()).await;
            connection.read_response().await;
        }
        let began = std::time::Instant::now();
        let send_slowly = async {
            // Single bytes do not extend the timeout.
            for byte in ask.as_bytes() {
                if connection.0.write_all(&[*byte]).await.is_err()
                    || matches!(
                        timeout(Duration::from_secs(1), connection.0.read_u8()).await,
                        Ok(Err(_))
                    )
                {
                    return;
                }
            }
            panic!("it took everything");
        };
        timeout(Duration::from_secs(20), send_slowly).await.expect("it ends");
        assert!(
            (Duration::from_secs(9)..Duration::from_secs(15)).contains(&began.elapsed()),
            "{:?}",
            began.elapsed()
        );
    };
    tokio::join!(stays_open(false), stays_open(true), times_out(false), times_out(true));
}
