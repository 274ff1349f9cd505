//! Tests of the decoder, byte by byte.

use super::{
    decode::{BINARY, CLOSE, CONTINUATION, FINAL, MAX_FRAGMENTS, PING, PONG, TEXT},
    encode::frame,
    *,
};

const LIMIT: usize = 70_000;

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

/// All messages of these bytes, or the close code and how many bytes had been fed by then.
fn decode(bytes: &[u8], chunk: usize) -> Result<Vec<Incoming>, (u16, usize)> {
    let mut decoder = FrameDecoder::new(LIMIT, Vec::new());
    let (mut all, mut fed) = (Vec::new(), 0);
    for chunk in bytes.chunks(chunk) {
        decoder.feed(chunk);
        fed += chunk.len();
        while let Some(incoming) =
            decoder.next_message().map_err(|error| (error.close_code(), fed))?
        {
            all.push(incoming);
        }
        assert!(decoder.memory() <= LIMIT + 125, "{} bytes", decoder.memory());
    }
    assert_eq!(decoder.memory(), 0, "an idle socket holds no memory");
    Ok(all)
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
        assert_eq!(decode(&written, chunk).as_deref(), Ok(&expected[..]), "in pieces of {chunk}");
    }
}

#[test]
fn violations_are_reported_at_the_first_byte_that_shows_them() {
    let long_text = [masked(TEXT, &[b'x'; 40_000]), masked(CONTINUATION, &[b'x'; 40_000])].concat();
    let many_fragments = [masked(TEXT, b""), masked(CONTINUATION, b"").repeat(1_000)].concat();
    for (what, bytes, code, shown_by) in [
        ("an unmasked frame", vec![0x81, 0x01, b'x'], close::INVALID_FRAME, 2),
        ("reserved bits", vec![0xc1, 0x80], close::INVALID_FRAME, 1),
        ("an unknown opcode", vec![0x83, 0x80], close::INVALID_FRAME, 1),
        ("a continuation of nothing", masked(FINAL | CONTINUATION, b"x"), close::INVALID_FRAME, 1),
        (
            "a message inside another",
            [masked(TEXT, b"x"), masked(FINAL | TEXT, b"y")].concat(),
            close::INVALID_FRAME,
            8,
        ),
        ("a fragmented ping", masked(PING, b"x"), close::INVALID_FRAME, 1),
        ("a long ping", vec![0x89, 0xfe, 0, 126], close::INVALID_FRAME, 4),
        ("a close frame of one byte", masked(FINAL | CLOSE, &[3]), close::INVALID_FRAME, 7),
        (
            "a close code that is never sent",
            masked(FINAL | CLOSE, &1005_u16.to_be_bytes()),
            close::INVALID_FRAME,
            8,
        ),
        (
            "an undefined close code",
            masked(FINAL | CLOSE, &999_u16.to_be_bytes()),
            close::INVALID_FRAME,
            8,
        ),
        (
            "a close reason that is not UTF-8",
            masked(FINAL | CLOSE, &[3, 0xe8, 0xff]),
            close::INVALID_TEXT,
            9,
        ),
        ("endless empty fragments", many_fragments, close::RATE, 6 * (MAX_FRAGMENTS - 1) + 1),
        ("text that is not UTF-8", masked(FINAL | TEXT, b"a\xffbc"), close::INVALID_TEXT, 8),
        ("a surrogate", masked(FINAL | TEXT, b"\xed\xa0\x80..."), close::INVALID_TEXT, 8),
        (
            "a character above U+10FFFF over two fragments",
            [masked(TEXT, b"\xce\xba\xf4"), masked(CONTINUATION, b"\x90\x80\x80abc")].concat(),
            close::INVALID_TEXT,
            9 + 7,
        ),
        ("a character that is cut off", masked(FINAL | TEXT, b"\xe2\x82"), close::INVALID_TEXT, 8),
        ("a long message", vec![0x81, 0xff, 0, 0, 0, 0, 0, 1, 0x11, 0x71], close::TOO_LARGE, 10),
        (
            "a message of 2^63 bytes",
            vec![0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0],
            close::TOO_LARGE,
            10,
        ),
        ("a message that grows too long", long_text, close::TOO_LARGE, 8 + 40_000 + 4),
    ] {
        assert_eq!(decode(&bytes, 1), Err((code, shown_by)), "{what}");
        let whole = bytes.len();
        assert_eq!(decode(&bytes, whole), Err((code, whole)), "{what}, in one piece");
    }
}

#[test]
fn nothing_is_decoded_after_a_violation() {
    let mut decoder = FrameDecoder::new(LIMIT, Vec::new());
    let ping = masked(FINAL | PING, b"");
    decoder.feed(&[&ping[..], &masked(FINAL | TEXT, b"\xff"), &ping].concat());
    assert_eq!(decoder.next_message(), Ok(Some(Incoming::Ping(Vec::new()))));
    for _ in 0..2 {
        assert_eq!(decoder.next_message(), Err(DecodeError::InvalidText));
        decoder.feed(&ping);
        assert_eq!(decoder.memory(), 0);
    }
}
