//! Encoding of server frames: one allocation per frame, shared by all recipients.

use axum::body::Bytes;

use super::decode::{CLOSE, FINAL, PING, PONG, TEXT};

/// A text message as one frame.
pub(in crate::server::realtime) fn text_frame(message: &str) -> Bytes {
    frame(TEXT, message.as_bytes())
}

/// A ping; the pong carries the same payload.
pub(in crate::server::realtime) fn ping_frame(payload: &[u8]) -> Bytes {
    frame(PING, payload)
}

/// A pong.
pub(in crate::server::realtime) fn pong_frame(payload: &[u8]) -> Bytes {
    frame(PONG, payload)
}

/// A close frame with a code.
pub(in crate::server::realtime) fn close_frame(code: u16) -> Bytes {
    frame(CLOSE, &code.to_be_bytes())
}

/// A close frame without a code, which answers one without a code.
pub(in crate::server::realtime) fn empty_close_frame() -> Bytes {
    frame(CLOSE, &[])
}

/// A frame that is a whole message.
pub(super) fn frame(kind: u8, payload: &[u8]) -> Bytes {
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

#[cfg(test)]
mod tests {
    use super::*;

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
