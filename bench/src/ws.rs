//! A minimal WebSocket codec for clients, cheap enough that the generator is not the bottleneck.

use std::ops::Range;

/// A frame header and the position of its payload in the buffer.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame {
    /// 1 text, 2 binary, 8 close, 9 ping, 10 pong.
    pub opcode: u8,
    /// The range of the payload.
    pub payload: Range<usize>,
    /// The mask; frames of servers have none.
    pub mask: Option<[u8; 4]>,
}

/// The first frame in a buffer; `None` if it is incomplete.
#[must_use]
pub fn first_frame(bytes: &[u8]) -> Option<Frame> {
    let (&first, &second) = (bytes.first()?, bytes.get(1)?);
    let (mut offset, length) = match second & 0x7f {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
        length => (2, usize::from(length)),
    };
    let mut mask = None;
    if second & 0x80 != 0 {
        mask = Some(bytes.get(offset..offset + 4)?.try_into().ok()?);
        offset += 4;
    }
    (bytes.len() >= offset + length).then_some(Frame {
        opcode: first & 0x0f,
        payload: offset..offset + length,
        mask,
    })
}

/// Writes a client frame, with a mask of zeros, which leaves the payload unchanged.
pub fn put_masked(to: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    put_header(to, opcode, payload.len(), 0x80);
    to.extend_from_slice(&[0; 4]);
    to.extend_from_slice(payload);
}

/// Writes a text frame of a server.
pub fn put_unmasked(to: &mut Vec<u8>, payload: &[u8]) {
    put_header(to, 1, payload.len(), 0);
    to.extend_from_slice(payload);
}

fn put_header(to: &mut Vec<u8>, opcode: u8, length: usize, masked: u8) {
    to.push(0x80 | opcode);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => to.push(masked | short),
        (_, Ok(middle)) => {
            to.push(masked | 126);
            to.extend_from_slice(&middle.to_be_bytes());
        }
        _ => {
            to.push(masked | 127);
            to.extend_from_slice(&u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
        }
    }
}

/// The upgrade request.
#[must_use]
pub fn upgrade(host: &str, path: &str, cookie: Option<&str>) -> Vec<u8> {
    let cookie = cookie.map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: \
         websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{cookie}\r\n"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_every_length_are_parsed_once_they_are_complete() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; length];
            let (mut plain, mut masked) = (Vec::new(), Vec::new());
            put_unmasked(&mut plain, &payload);
            put_masked(&mut masked, 2, &payload);
            for (bytes, opcode) in [(plain, 1), (masked, 2)] {
                let frame = first_frame(&bytes).expect("complete");
                assert_eq!(
                    (frame.opcode, frame.payload.len(), frame.payload.end),
                    (opcode, length, bytes.len())
                );
                assert_eq!(first_frame(&bytes[..bytes.len() - 1]), None, "incomplete");
            }
        }
    }
}
