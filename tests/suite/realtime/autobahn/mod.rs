//! The cases of the [Autobahn Testsuite](https://github.com/crossbario/autobahn-testsuite) for
//! servers, under its IDs. The Testsuite expects an echo, which ChatBox does not send. Observed is
//! instead:
//!
//! - A ping, the *probe*, follows each case. Its pong says that the connection is still open, and
//!   that all frames before it were accepted.
//! - Text messages are commands of ChatBox, so that an accepted message is one whose text was
//!   decoded correctly: any other text closes with 4002, as every binary message does.
//! - Texts of the UTF-8 cases are in the `epoch` of `hello`, which may be any text.
//! - Else the close code, and that no pong came after the violation. The end of the TCP connection
//!   must follow.
//!
//! Where the Testsuite waits to see that a server fails fast, the rest is never sent. Sizes beyond
//! the limits of ChatBox are shortened. Compression (12, 13) is offered and must be declined.

mod closing;
mod framing;
mod utf8;

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::harness::{server::TestServer, user::TestUser};

/// A command that changes nothing.
const COMMAND: &[u8] = br#"{"type":"idle","on":false}"#;
const PROBE: &[u8] = b"probe";
/// How long a reaction may take. Only failures wait for it.
const TIMEOUT: Duration = Duration::from_secs(5);

const FINAL: u8 = 0x80;
const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;

/// How a case ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// The probe is answered.
    Open,
    /// A close frame with this code.
    Closed(u16),
    /// A close frame without a code.
    ClosedWithoutCode,
    /// The end of the TCP connection without a close frame.
    Dropped,
    /// No reaction.
    Silent,
    /// A close frame, but no end of the TCP connection.
    NotEnded(u16),
}
use End::{Closed, ClosedWithoutCode, Open};

/// How the bytes of a case are written.
#[derive(Clone, Copy)]
enum Chops {
    Whole,
    Frames,
    Bytes(usize),
}
const OCTETS: Chops = Chops::Bytes(1);

struct Case {
    id: String,
    frames: Vec<Vec<u8>>,
    chops: Chops,
    /// The case is about the first message of the connection: no `hello` comes before it.
    is_first: bool,
    /// The frames are incomplete, so that nothing can follow.
    is_incomplete: bool,
    pongs: Vec<Vec<u8>>,
    end: End,
}

/// A case in one write, after `hello`.
fn case(id: impl Into<String>, end: End, frames: impl IntoIterator<Item = Vec<u8>>) -> Case {
    Case {
        id: id.into(),
        frames: frames.into_iter().collect(),
        chops: Chops::Whole,
        is_first: false,
        is_incomplete: false,
        pongs: Vec::new(),
        end,
    }
}

impl Case {
    fn chopped(self, chops: Chops) -> Self {
        Self { chops, ..self }
    }

    fn first(self) -> Self {
        Self { is_first: true, ..self }
    }

    fn incomplete(self) -> Self {
        Self { is_incomplete: true, ..self }
    }

    fn pongs(self, pongs: impl IntoIterator<Item = &'static [u8]>) -> Self {
        Self { pongs: pongs.into_iter().map(<[u8]>::to_vec).collect(), ..self }
    }

    /// The writes.
    fn writes(&self) -> Vec<Vec<u8>> {
        let mut frames = self.frames.clone();
        if !self.is_incomplete {
            frames.push(frame(FINAL | PING, PROBE));
        }
        match self.chops {
            Chops::Whole => vec![frames.concat()],
            Chops::Frames => frames,
            Chops::Bytes(count) => frames.concat().chunks(count).map(<[u8]>::to_vec).collect(),
        }
    }
}

/// A masked frame.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(0x80 | u8::try_from(length).unwrap()),
        length @ 126..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

/// A text message in frames of this size.
fn fragments(text: &[u8], size: usize) -> Vec<Vec<u8>> {
    let count = text.chunks(size).len();
    let fragments = text.chunks(size).enumerate().map(|(n, payload)| {
        let opcode = if n == 0 { TEXT } else { CONTINUATION };
        frame(if n + 1 == count { FINAL | opcode } else { opcode }, payload)
    });
    fragments.collect()
}

/// A `hello` with this epoch.
fn hello(epoch: &[u8]) -> Vec<u8> {
    [br#"{"type":"hello","v":1,"epoch":""#, epoch, br#"","marks":{}}"#].concat()
}

/// A JSON text with spaces at its end.
fn padded(json: &[u8], length: usize) -> Vec<u8> {
    let mut text = json.to_vec();
    text.resize(length, b' ');
    text
}

/// Runs each case on a connection of its own, and lists those that end otherwise.
async fn run(cases: impl IntoIterator<Item = Case>) {
    let server = TestServer::with_config(|config| config.limits = false);
    let ada = server.user("ada").await;
    let mut failures = Vec::new();
    for case in cases {
        let (pongs, end) = Connection::open(&server, &ada).await.run(&case).await;
        if (&pongs, end) != (&case.pongs, case.end) {
            failures.push(format!(
                "{}: {end:?} after {} pongs instead of {:?} after {}",
                case.id,
                pongs.len(),
                case.end,
                case.pongs.len()
            ));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// The client's end of a WebSocket, of which every byte is under control.
struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    async fn open(server: &TestServer, user: &TestUser) -> Self {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let request = format!(
            "GET /ws HTTP/1.1\r\nhost: {}\r\norigin: {}\r\ncookie: {}\r\nconnection: upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-extensions: permessage-deflate\r\n\r\n",
            server.address,
            user.client.base,
            user.client.cookie.as_ref().unwrap(),
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut received = Vec::new();
        let length = loop {
            let end = received.windows(4).position(|window| window == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
            assert_ne!(stream.read_buf(&mut received).await.unwrap(), 0, "a response");
        };
        let headers = String::from_utf8(received.drain(..length).collect()).unwrap().to_lowercase();
        assert!(headers.starts_with("http/1.1 101 "), "{headers}");
        assert!(!headers.contains("sec-websocket-extensions"), "{headers}");
        Self { stream, received }
    }

    /// The pongs before the probe's, and how it ended.
    async fn run(mut self, case: &Case) -> (Vec<Vec<u8>>, End) {
        if !case.is_first {
            self.stream.write_all(&frame(FINAL | TEXT, &hello(b""))).await.unwrap();
        }
        for bytes in case.writes() {
            // The server may have closed already.
            let _ = self.stream.write_all(&bytes).await;
        }
        let mut pongs = Vec::new();
        let end = loop {
            let Ok(next) = timeout(TIMEOUT, self.next_frame()).await else { break End::Silent };
            match next {
                None => break End::Dropped,
                Some((PONG, payload)) if payload == PROBE => break Open,
                Some((PONG, payload)) => pongs.push(payload),
                Some((CLOSE, payload)) => break self.end_after(&payload).await,
                Some(_) => {}
            }
        };
        (pongs, end)
    }

    /// Answers a close frame, and waits until the server ends the connection.
    async fn end_after(mut self, payload: &[u8]) -> End {
        let code = payload.try_into().ok().map(u16::from_be_bytes);
        let _ = self.stream.write_all(&frame(FINAL | CLOSE, payload)).await;
        match timeout(TIMEOUT, self.next_frame()).await {
            Ok(None) => code.map_or(ClosedWithoutCode, Closed),
            _ => End::NotEnded(code.unwrap_or_default()),
        }
    }

    /// The opcode and the payload of the next frame; none at the end.
    async fn next_frame(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            if let Some((opcode, begin, length)) = header(&self.received)
                && self.received.len() >= begin + length
            {
                let payload = self.received.drain(..begin + length).skip(begin).collect();
                return Some((opcode, payload));
            }
            if !matches!(self.stream.read_buf(&mut self.received).await, Ok(1..)) {
                return None;
            }
        }
    }
}

/// The opcode of a frame, and where its payload begins and how long it is.
fn header(bytes: &[u8]) -> Option<(u8, usize, usize)> {
    let [first, second, rest @ ..] = bytes else { return None };
    assert_eq!(second & 0x80, 0, "a server does not mask");
    let opcode = first & 0x0f;
    Some(match second {
        126 => (opcode, 4, u16::from_be_bytes(*rest.first_chunk()?).into()),
        127 => (opcode, 10, usize::try_from(u64::from_be_bytes(*rest.first_chunk()?)).unwrap()),
        length => (opcode, 2, usize::from(*length)),
    })
}
