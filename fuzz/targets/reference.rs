//! Compares a result with that of tungstenite.

use std::io::{Read, Result, Write};

use tungstenite::{
    Error, Message, WebSocket,
    error::ProtocolError,
    protocol::{Role, WebSocketConfig},
};

use super::{
    Decoded, MAX_CONTROL_PAYLOAD,
    decode::{DecodeError, Incoming},
};

/// Close codes on which the two differ: tungstenite does not know 1014 (bad gateway).
const BAD_GATEWAY: u16 = 1014;
/// What tungstenite reports for a close code that must not be sent.
const PROTOCOL_ERROR: u16 = 1002;

/// Asserts that tungstenite decodes the same messages, and fails where our decoder does.
pub(crate) fn compare(ours: &Decoded, limit: usize, bytes: &[u8]) {
    // Control frames are not limited by ours.
    let config = WebSocketConfig::default()
        .max_message_size(Some(limit))
        .max_frame_size(Some(limit.max(MAX_CONTROL_PAYLOAD)));
    let mut socket = WebSocket::from_raw_socket(Peer(bytes), Role::Server, Some(config));
    let mut messages = ours.messages.iter();
    loop {
        let (message, expected) = match socket.read() {
            Ok(message) => (incoming(message), messages.next()),
            // All bytes are decoded.
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => {
                assert_eq!(messages.next(), None, "tungstenite decodes fewer messages");
                return;
            }
            Err(error) => {
                assert_eq!(messages.next(), None, "tungstenite fails before: {error}");
                assert!(ours.error.is_some(), "only tungstenite fails: {error}");
                return;
            }
        };
        match (&message, expected) {
            (_, Some(expected)) if message == *expected => {}
            (Incoming::Close(Some(PROTOCOL_ERROR)), Some(Incoming::Close(Some(BAD_GATEWAY)))) => {}
            (Incoming::Close(Some(PROTOCOL_ERROR)), None)
                if ours.error == Some(DecodeError::Protocol) => {}
            // Only our decoder limits the number of fragments.
            (_, None) if ours.error == Some(DecodeError::TooManyFragments) => return,
            _ => panic!("tungstenite decodes {message:?}, we {expected:?}"),
        }
        if matches!(message, Incoming::Close(_)) {
            assert_eq!(messages.next(), None, "messages after a close frame");
            return;
        }
    }
}

fn incoming(message: Message) -> Incoming {
    match message {
        Message::Text(text) => Incoming::Text(text.as_str().to_owned()),
        Message::Ping(payload) => Incoming::Ping(payload.to_vec()),
        Message::Pong(payload) => Incoming::Pong(payload.to_vec()),
        Message::Close(close) => Incoming::Close(close.map(|close| close.code.into())),
        Message::Binary(_) | Message::Frame(_) => Incoming::Binary,
    }
}

/// A client that has sent these bytes and reads nothing.
struct Peer<'a>(&'a [u8]);

impl Read for Peer<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Peer<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}
