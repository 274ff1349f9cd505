//! A test socket. It records everything it receives; that nothing was sent is proved by receiving a
//! later event.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest, http::HeaderValue},
};

use super::user::{TestClient, bodies};

/// Longest wait for an expected event.
const TIMEOUT: Duration = Duration::from_secs(15);

pub(crate) struct TestSocket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Every frame as it arrived.
    pub raw: Vec<String>,
    /// The frames between `hello` and `current`.
    pub missed: Vec<Value>,
}

impl TestSocket {
    /// Opens a socket with this cookie, as a page of this server would; an error is the HTTP
    /// status.
    pub(crate) async fn open(client: &TestClient) -> Result<Self, u16> {
        Self::open_from(client, Some(&client.base)).await
    }

    /// Opens a socket from a page of this origin.
    pub(crate) async fn open_from(client: &TestClient, origin: Option<&str>) -> Result<Self, u16> {
        let mut request =
            format!("{}/ws", client.base.replacen("http", "ws", 1)).into_client_request().unwrap();
        let headers = client
            .cookie
            .as_deref()
            .map(|cookie| ("cookie", cookie))
            .into_iter()
            .chain(origin.map(|origin| ("origin", origin)));
        for (name, value) in headers {
            request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self { stream: socket, raw: Vec::new(), missed: Vec::new() }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("neither a socket nor an HTTP status: {error}"),
        }
    }

    pub(crate) async fn send_json(&mut self, command: &Value) {
        self.send(Message::text(command.to_string())).await;
    }

    pub(crate) async fn send(&mut self, message: Message) {
        self.stream.send(message).await.expect("the socket is open");
    }

    /// Sends raw bytes.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).await.expect("the connection is open");
        self.stream.get_mut().flush().await.expect("the connection is open");
    }

    /// Sends raw bytes; the server may close the socket meanwhile.
    pub(crate) async fn try_send_bytes(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.get_mut().write_all(bytes).await
    }

    /// All bytes until the connection ends.
    pub(crate) async fn read_to_end(&mut self) -> Vec<u8> {
        let mut received = Vec::new();
        let read = self.stream.get_mut().read_to_end(&mut received);
        timeout(TIMEOUT, read).await.expect("the connection ends").expect("without an error");
        received
    }

    /// Receives the missed events, up to `current`.
    pub(crate) async fn catch_up(&mut self) {
        self.missed = self.recv_until(|frame| frame["type"] == "current").await;
    }

    /// The next frame, or the code of the close frame (0 without one).
    pub(crate) async fn next(&mut self) -> Result<Value, u16> {
        loop {
            let message = timeout(TIMEOUT, self.stream.next())
                .await
                .unwrap_or_else(|_| panic!("no frame after {}", self.latest()));
            match message {
                Some(Ok(Message::Text(text))) => {
                    self.raw.push(text.to_string());
                    return Ok(serde_json::from_str(&text).expect("a frame is JSON"));
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(frame.map_or(0, |frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(0),
            }
        }
    }

    /// All frames up to the first that matches.
    pub(crate) async fn recv_until(&mut self, matches: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut received = Vec::new();
        loop {
            let frame = self
                .next()
                .await
                .unwrap_or_else(|code| panic!("closed with {code} after {}", self.latest()));
            let found = matches(&frame);
            received.push(frame);
            if found {
                return received;
            }
        }
    }

    /// 0 once a frame matched, or else the close code.
    pub(crate) async fn recv_until_or_closed(&mut self, matches: impl Fn(&Value) -> bool) -> u16 {
        loop {
            match self.next().await {
                Ok(frame) if matches(&frame) => return 0,
                Ok(_) => {}
                Err(code) => return code,
            }
        }
    }

    /// All frames up to the message with this text.
    pub(crate) async fn recv_until_message(&mut self, body: &str) -> Vec<Value> {
        self.recv_until(|frame| frame["change"]["body"] == body).await
    }

    /// The texts of the messages up to and with this one.
    pub(crate) async fn bodies_until(&mut self, body: &str) -> Vec<String> {
        bodies(&self.recv_until_message(body).await)
    }

    /// The next change of this kind.
    pub(crate) async fn recv_change(&mut self, kind: &str) -> Value {
        self.recv_until(|frame| frame["change"]["kind"] == kind).await.pop().unwrap()
    }

    /// All frames up to the end, and the close code.
    pub(crate) async fn recv_until_closed(&mut self) -> (Vec<Value>, u16) {
        let mut received = Vec::new();
        loop {
            match self.next().await {
                Ok(frame) => received.push(frame),
                Err(code) => return (received, code),
            }
        }
    }

    /// The close code.
    pub(crate) async fn close_code(&mut self) -> u16 {
        self.recv_until_closed().await.1
    }

    /// The latest frames, abbreviated.
    fn latest(&self) -> String {
        let latest = self.raw.iter().rev().take(5).rev();
        latest.map(|frame| format!("\n  {frame:.300}")).collect::<String>()
            + &format!("\n({} frames)", self.raw.len())
    }

    /// Whether any frame contains a text.
    pub(crate) fn has_received(&self, text: &str) -> bool {
        self.raw.iter().any(|frame| frame.contains(text))
    }
}
