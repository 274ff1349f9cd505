//! The WebSocket codec of the server (RFC 6455): the handshake, frames that are encoded once and
//! shared by all recipients, and a decoder that holds no memory while idle. It does no IO:
//! `connection` writes, `socket` reads.

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use sha1::{Digest, Sha1};

use crate::protocol::close;

/// Appended to the client's key before hashing (section 1.3).
const HANDSHAKE_GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// Most bytes of a control frame (section 5.5).
const MAX_CONTROL_PAYLOAD: usize = 125;

/// Most frames of one message.
const MAX_FRAGMENTS: usize = 256;

const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;
/// The bit of a message's last frame.
const FINAL: u8 = 0x80;

/// The `Sec-WebSocket-Accept` value; `None` when this is not a WebSocket 13 request.
#[must_use]
pub fn accept_key(headers: &HeaderMap) -> Option<HeaderValue> {
    let has_token = |name: header::HeaderName, token: &str| {
        let mut values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.any(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(token)))
    };
    if !has_token(header::CONNECTION, "upgrade")
        || !has_token(header::UPGRADE, "websocket")
        || headers.get(header::SEC_WEBSOCKET_VERSION)? != "13"
    {
        return None;
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY)?.as_bytes();
    let digest = Sha1::new().chain_update(key).chain_update(HANDSHAKE_GUID).finalize();
    HeaderValue::from_str(&BASE64.encode(digest)).ok()
}

/// A text message as one frame.
pub(super) fn text_frame(message: &str) -> Bytes {
    frame(TEXT, message.as_bytes())
}

/// A ping; the pong carries the same payload.
pub(super) fn ping_frame(payload: &[u8]) -> Bytes {
    frame(PING, payload)
}

/// A pong.
pub(super) fn pong_frame(payload: &[u8]) -> Bytes {
    frame(PONG, payload)
}

/// A close frame with a code.
pub(super) fn close_frame(code: u16) -> Bytes {
    frame(CLOSE, &code.to_be_bytes())
}

/// A close frame without a code, which answers one without a code.
pub(super) fn empty_close_frame() -> Bytes {
    frame(CLOSE, &[])
}

/// The code of a close frame, if it has one (sections 5.5.1 and 7.4).
fn parse_close_code(payload: &[u8]) -> Result<Option<u16>, u16> {
    let [high, low, reason @ ..] = payload else {
        return if payload.is_empty() { Ok(None) } else { Err(close::PROTOCOL) };
    };
    let code = u16::from_be_bytes([*high, *low]);
    let is_valid = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
    if is_valid && std::str::from_utf8(reason).is_ok() {
        Ok(Some(code))
    } else {
        Err(close::PROTOCOL)
    }
}

fn frame(kind: u8, payload: &[u8]) -> Bytes {
    let mut bytes = Vec::with_capacity(10 + payload.len());
    bytes.push(FINAL | kind);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length), _) if length < 126 => bytes.push(length),
        (_, Ok(length)) => {
            bytes.push(126);
            bytes.extend(length.to_be_bytes());
        }
        _ => {
            bytes.push(127);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(payload);
    bytes.into()
}

/// A message from the client.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Incoming {
    Text(String),
    Binary,
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    /// With its code, if it has one.
    Close(Option<u16>),
}

/// Decodes client frames from chunks of any size.
pub(super) struct FrameDecoder {
    /// Bytes of an incomplete frame.
    buffer: Vec<u8>,
    /// A fragmented message: its opcode, its payload, and the number of its frames.
    fragments: Option<(u8, Vec<u8>, usize)>,
    /// Most bytes of a message; a larger one is rejected by its length, before it has arrived.
    limit: usize,
}

impl FrameDecoder {
    /// A decoder with this limit and the bytes that have arrived already.
    pub(super) fn new(limit: usize, buffer: Vec<u8>) -> Self {
        Self { buffer, fragments: None, limit }
    }

    /// Sets the limit for further messages.
    pub(super) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Adds bytes that arrived.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next complete message.
    ///
    /// # Errors
    /// The close code of a protocol violation.
    pub(super) fn next_message(&mut self) -> Result<Option<Incoming>, u16> {
        while let Some((first, payload)) = self.next_frame()? {
            match first & 0x0f {
                PING => return Ok(Some(Incoming::Ping(payload))),
                PONG => return Ok(Some(Incoming::Pong(payload))),
                CLOSE => return parse_close_code(&payload).map(|code| Some(Incoming::Close(code))),
                kind => {
                    let (kind, whole, count) = match (kind, self.fragments.take()) {
                        (CONTINUATION, Some((kind, mut fragments, count))) => {
                            fragments.extend(payload);
                            (kind, fragments, count + 1)
                        }
                        (TEXT | BINARY, None) => (kind, payload, 1),
                        _ => return Err(close::PROTOCOL),
                    };
                    if first & FINAL == 0 {
                        if count >= MAX_FRAGMENTS {
                            return Err(close::RATE);
                        }
                        self.fragments = Some((kind, whole, count));
                    } else if kind == BINARY {
                        return Ok(Some(Incoming::Binary));
                    } else {
                        return String::from_utf8(whole)
                            .map(|text| Some(Incoming::Text(text)))
                            .map_err(|_| close::PROTOCOL);
                    }
                }
            }
        }
        if self.buffer.is_empty() {
            // An idle socket holds no memory.
            self.buffer = Vec::new();
        }
        Ok(None)
    }

    /// The first byte and the unmasked payload of the next complete frame.
    fn next_frame(&mut self) -> Result<Option<(u8, Vec<u8>)>, u16> {
        let [first, second, ..] = self.buffer[..] else { return Ok(None) };
        // No extension was negotiated, and clients must mask.
        if first & 0x70 != 0
            || !matches!(first & 0x0f, CONTINUATION | TEXT | BINARY | CLOSE | PING | PONG)
            || second & 0x80 == 0
        {
            return Err(close::PROTOCOL);
        }
        let (length, begin) = match second & 0x7f {
            126 => (self.extended_length(2), 4),
            127 => (self.extended_length(8), 10),
            length => (Some(u64::from(length)), 2),
        };
        let Some(length) = length else { return Ok(None) };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if first & 0x08 != 0 {
            if length > MAX_CONTROL_PAYLOAD || first & FINAL == 0 {
                return Err(close::PROTOCOL);
            }
        } else if length
            .saturating_add(self.fragments.as_ref().map_or(0, |(_, fragments, _)| fragments.len()))
            > self.limit
        {
            return Err(close::TOO_LARGE);
        }
        let end = begin + 4 + length;
        if self.buffer.len() < end {
            return Ok(None);
        }
        let mut frame: Vec<u8> = self.buffer.drain(..end).skip(begin).collect();
        let payload = frame.split_off(4);
        Ok(Some((
            first,
            payload.iter().zip(frame.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect(),
        )))
    }

    /// The extended length, if it has arrived.
    fn extended_length(&self, bytes: usize) -> Option<u64> {
        Some(
            self.buffer
                .get(2..2 + bytes)?
                .iter()
                .fold(0, |extended_length, byte| extended_length << 8 | u64::from(*byte)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame as a client sends it.
    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let plain = frame(first & 0x0f, payload);
        let begin = plain.len() - payload.len();
        let mask = [0x37, 0xfa, 0x21, 0x3d];
        let mut bytes = plain[..begin].to_vec();
        bytes[0] = first;
        bytes[1] |= 0x80;
        bytes.extend(mask);
        bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        bytes
    }

    fn read(bytes: &[u8], chunk: usize) -> Result<Vec<Incoming>, u16> {
        let mut reader = FrameDecoder::new(70_000, Vec::new());
        let mut all = Vec::new();
        for chunk in bytes.chunks(chunk) {
            reader.feed(chunk);
            while let Some(incoming) = reader.next_message()? {
                all.push(incoming);
            }
        }
        assert!(reader.buffer.is_empty(), "{:02x?}", reader.buffer);
        Ok(all)
    }

    #[test]
    fn the_handshake_example_of_the_rfc_is_accepted() {
        let headers = |version: &'static str| {
            [
                ("connection", "keep-alive, Upgrade"),
                ("upgrade", "WebSocket"),
                ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ("sec-websocket-version", version),
            ]
            .map(|(name, value)| {
                (header::HeaderName::from_static(name), HeaderValue::from_static(value))
            })
            .into_iter()
            .collect::<HeaderMap>()
        };
        assert_eq!(accept_key(&headers("13")).unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(accept_key(&headers("8")), None);
        for missing in ["connection", "upgrade", "sec-websocket-key", "sec-websocket-version"] {
            let mut headers = headers("13");
            headers.remove(missing);
            assert_eq!(accept_key(&headers), None, "{missing}");
        }
    }

    #[test]
    fn frames_are_decoded_from_chunks_of_any_size() {
        let long = "ø".repeat(33_000);
        let written = [
            masked(FINAL | TEXT, b"Hello"),
            masked(FINAL | TEXT, long.as_bytes()),
            masked(TEXT, b"gr\xc3"),
            masked(FINAL | PING, b"between"),
            masked(CONTINUATION, b""),
            masked(FINAL | CONTINUATION, b"\xbcn!"),
            masked(BINARY, b"\0"),
            masked(FINAL | CONTINUATION, b"\xff"),
            masked(FINAL | PONG, b"7"),
            masked(FINAL | TEXT, &[b'x'; 126]),
            masked(FINAL | CLOSE, &[0x03, 0xe8]),
        ]
        .concat();
        use Incoming::{Binary, Close, Ping, Pong, Text};
        let expected = [
            Text("Hello".into()),
            Text(long),
            Ping(b"between".to_vec()),
            Text("grün!".into()),
            Binary,
            Pong(b"7".to_vec()),
            Text("x".repeat(126)),
            Close(Some(1000)),
        ];
        for chunk in [1, 2, 3, 7, 4_096, written.len()] {
            assert_eq!(read(&written, chunk).as_deref(), Ok(&expected[..]), "in pieces of {chunk}");
        }
    }

    #[test]
    fn protocol_violations_are_rejected_before_the_message_is_complete() {
        for (what, bytes, code) in [
            ("an unmasked frame", vec![0x81, 0x01, b'x'], close::PROTOCOL),
            ("reserved bits", vec![0xc1, 0x80], close::PROTOCOL),
            ("an unknown kind", vec![0x83, 0x80], close::PROTOCOL),
            ("a continuation of nothing", masked(FINAL | CONTINUATION, b"x"), close::PROTOCOL),
            (
                "a message inside another",
                [masked(TEXT, b"x"), masked(FINAL | TEXT, b"y")].concat(),
                close::PROTOCOL,
            ),
            ("a ping in parts", masked(PING, b"x"), close::PROTOCOL),
            ("a long ping", vec![0x89, 0xfe, 0, 126], close::PROTOCOL),
            ("a close frame of one byte", masked(FINAL | CLOSE, &[3]), close::PROTOCOL),
            (
                "a close code that is never sent",
                masked(FINAL | CLOSE, &1005_u16.to_be_bytes()),
                close::PROTOCOL,
            ),
            (
                "a close code of nobody",
                masked(FINAL | CLOSE, &999_u16.to_be_bytes()),
                close::PROTOCOL,
            ),
            ("a reason that is no UTF-8", masked(FINAL | CLOSE, &[3, 0xe8, 0xff]), close::PROTOCOL),
            (
                "empty parts without end",
                [masked(TEXT, b""), masked(CONTINUATION, b"").repeat(100_000)].concat(),
                close::RATE,
            ),
            ("text that is no UTF-8", masked(FINAL | TEXT, &[0xff]), close::PROTOCOL),
            ("a long message", vec![0x81, 0xff, 0, 0, 0, 0, 0, 1, 0x11, 0x71], close::TOO_LARGE),
            (
                "a message of 2^63 bytes",
                vec![0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0],
                close::TOO_LARGE,
            ),
            (
                "a message that grows too long",
                [masked(TEXT, &[b'x'; 40_000]), masked(CONTINUATION, &[b'x'; 40_000])].concat(),
                close::TOO_LARGE,
            ),
        ] {
            assert_eq!(read(&bytes, bytes.len()), Err(code), "{what}");
        }
    }

    #[test]
    fn lengths_use_the_fewest_bytes() {
        assert_eq!(&text_frame("Hello")[..], b"\x81\x05Hello");
        assert_eq!(&text_frame(&"x".repeat(125))[..2], [0x81, 125]);
        assert_eq!(&text_frame(&"x".repeat(126))[..4], [0x81, 126, 0, 126]);
        assert_eq!(&text_frame(&"x".repeat(65_536))[..10], [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        assert_eq!(&close_frame(4001)[..], [0x88, 2, 0x0f, 0xa1]);
        assert_eq!(&ping_frame(&[])[..], [0x89, 0]);
        assert_eq!(&pong_frame(b"x")[..], [0x8a, 1, b'x']);
    }
}
