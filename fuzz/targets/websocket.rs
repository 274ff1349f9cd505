//! Fuzzes the WebSocket decoder: its memory is bounded, its result does not depend on how the bytes
//! are cut into chunks, and it agrees with tungstenite.

#![no_main]

use libfuzzer_sys::{
    arbitrary::{self, Arbitrary},
    fuzz_target,
};

#[allow(dead_code, reason = "the server uses all of it")]
#[path = "../../src/server/realtime/websocket/decode.rs"]
mod decode;
mod memory;
mod reference;

use decode::{DecodeError, FrameDecoder, Incoming};

/// Most bytes of a control frame.
const MAX_CONTROL_PAYLOAD: usize = 125;

/// The limits that are tried are below this.
const MAX_LIMIT: usize = 1_000;
/// The first and last close codes of each range, and those beside them.
const CLOSE_CODES: [u16; 13] =
    [0, 999, 1000, 1003, 1004, 1006, 1007, 1014, 1015, 2999, 3000, 4999, 5000];

/// A stream of bytes, most of them valid frames, and how it is cut.
#[derive(Arbitrary, Debug)]
struct Input {
    limit: u16,
    /// Lengths of the chunks, in turn.
    chunks: Vec<u8>,
    parts: Vec<Part>,
}

#[derive(Arbitrary, Debug)]
enum Part {
    Frame {
        kind: u8,
        extended: u8,
        mask: [u8; 4],
        payload: Vec<u8>,
    },
    Text {
        is_first: bool,
        is_final: bool,
        text: String,
    },
    /// The beginning of a character ends one frame, the rest begins the next.
    CutText {
        text: String,
        at: u8,
    },
    Close {
        code: u16,
        is_boundary: bool,
        reason: String,
    },
    /// Text about as long as the limit, in one frame or the next fragment of one.
    Long {
        is_first: bool,
        is_final: bool,
        length: u16,
    },
    /// Empty fragments.
    Empty {
        count: u16,
    },
    Raw(Vec<u8>),
}

impl Part {
    fn write(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Frame { kind, extended, mask, payload } => {
                let kinds = [0x81, 0x01, 0x00, 0x80, 0x82, 0x02, 0x88, 0x89, 0x8a];
                let first = kinds[usize::from(*kind) % kinds.len()];
                write_frame(bytes, first, extended % 3, *mask, payload);
            }
            Self::Text { is_first, is_final, text } => {
                let first = u8::from(*is_first) | u8::from(*is_final) << 7;
                write_frame(bytes, first, 0, [1, 2, 3, 4], text.as_bytes());
            }
            Self::CutText { text, at } => {
                let (begin, end) = text.as_bytes().split_at(usize::from(*at).min(text.len()));
                write_frame(bytes, 0x01, 0, [0; 4], begin);
                write_frame(bytes, 0x89, 0, [5, 6, 7, 8], b"between");
                write_frame(bytes, 0x80, 0, [9, 10, 11, 12], end);
            }
            Self::Close { code, is_boundary, reason } => {
                let boundary = CLOSE_CODES[usize::from(*code) % CLOSE_CODES.len()];
                let code = if *is_boundary { boundary } else { *code };
                let payload = [&code.to_be_bytes()[..], reason.as_bytes()].concat();
                write_frame(bytes, 0x88, 0, [0; 4], &payload);
            }
            Self::Long { is_first, is_final, length } => {
                let first = u8::from(*is_first) | u8::from(*is_final) << 7;
                let text = vec![b'x'; usize::from(*length) % (MAX_LIMIT + 2)];
                write_frame(bytes, first, 0, [1, 2, 3, 4], &text);
            }
            Self::Empty { count } => {
                for _ in 0..count % 300 {
                    write_frame(bytes, 0x00, 0, [0; 4], b"");
                }
            }
            Self::Raw(raw) => bytes.extend(raw),
        }
    }
}

/// Writes a masked frame. Its length has at least the form 0 (7 bits), 1 (16 bits) or 2 (64 bits).
fn write_frame(bytes: &mut Vec<u8>, first: u8, form: u8, mask: [u8; 4], payload: &[u8]) {
    bytes.push(first);
    match (form, payload.len()) {
        (0, length @ 0..=125) => bytes.push(0x80 | length as u8),
        (0 | 1, length @ 0..=0xffff) => {
            bytes.push(0x80 | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        (_, length) => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend(mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key));
}

/// What a stream decodes to, up to its first error or close frame.
#[derive(Debug, PartialEq)]
pub(crate) struct Decoded {
    messages: Vec<Incoming>,
    error: Option<DecodeError>,
}

fn decode<'a>(limit: usize, chunks: impl Iterator<Item = &'a [u8]>) -> Decoded {
    let mut decoder = FrameDecoder::new(limit, Vec::new());
    let mut messages = Vec::new();
    for chunk in chunks {
        decoder.feed(chunk);
        loop {
            match decoder.next_message() {
                Ok(None) => break,
                Ok(Some(message)) => {
                    let is_close = matches!(message, Incoming::Close(_));
                    messages.push(message);
                    if is_close {
                        return Decoded { messages, error: None };
                    }
                }
                Err(error) => {
                    assert_eq!(decoder.next_message(), Err(error), "an error is final");
                    return Decoded { messages, error: Some(error) };
                }
            }
        }
    }
    Decoded { messages, error: None }
}

/// Asserts what the decoder holds at most. The messages are dropped at once.
fn check_memory<'a>(limit: usize, chunks: impl Iterator<Item = &'a [u8]>) {
    let before = memory::allocated();
    let held = || memory::allocated() - before;
    let mut decoder = FrameDecoder::new(limit, Vec::new());
    for chunk in chunks {
        decoder.feed(chunk);
        let most = loop {
            match decoder.next_message() {
                Ok(None) => break limit + 2 * MAX_CONTROL_PAYLOAD,
                Ok(Some(_)) => {}
                Err(_) => break 0,
            }
        };
        assert!(held() <= most, "{} bytes are held, {most} are allowed", held());
    }
    drop(decoder);
    assert_eq!(held(), 0);
}

/// Cuts bytes into chunks of these lengths, in turn.
fn cut<'a>(mut bytes: &'a [u8], lengths: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut lengths = lengths.iter().cycle();
    std::iter::from_fn(move || {
        let length = lengths.next().map_or(1, |length| usize::from(*length).max(1));
        let (chunk, rest) = bytes.split_at(length.min(bytes.len()));
        bytes = rest;
        (!chunk.is_empty()).then_some(chunk)
    })
}

fuzz_target!(|input: Input| {
    let limit = usize::from(input.limit) % MAX_LIMIT;
    let mut bytes = Vec::new();
    input.parts.iter().for_each(|part| part.write(&mut bytes));
    let whole = decode(limit, [&bytes[..]].into_iter());
    assert_eq!(whole, decode(limit, bytes.chunks(1)), "byte by byte");
    assert_eq!(whole, decode(limit, cut(&bytes, &input.chunks)), "in chunks");
    reference::compare(&whole, limit, &bytes);
    check_memory(limit, bytes.chunks(1));
    check_memory(limit, cut(&bytes, &input.chunks));
});
