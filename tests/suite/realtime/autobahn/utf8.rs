//! Cases 6: UTF-8. The sequences of 6.5 to 6.23 come from Markus Kuhn's decoder test.

use super::{
    COMMAND, CONTINUATION, Case, Chops, Closed, FINAL, OCTETS, Open, PING, TEXT, case, fragments,
    frame, hello, run,
};

/// A Greek word.
const VALID: &[u8] = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";
const MIXED: &str = "Hello-µ@ßöäüàá-UTF-8!!";
/// Valid up to its 13th byte, 0xa0.
const SURROGATE: &[u8] = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited";
/// Valid up to its 13th byte, 0x90.
const OUT_OF_RANGE: &[u8] = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80edited";

#[tokio::test]
async fn fragments_of_valid_and_invalid_text() {
    let empty = [frame(TEXT, b""), frame(CONTINUATION, b""), frame(FINAL | CONTINUATION, b"")];
    let around = [frame(TEXT, b""), frame(CONTINUATION, COMMAND), frame(FINAL | CONTINUATION, b"")];
    let mixed = hello(MIXED.as_bytes());
    let boundary = mixed.len() - MIXED.len() + "Hello-µ@ßöä".len();
    run([
        // Valid, but no command.
        case("6.1.1", Closed(4002), [frame(FINAL | TEXT, b"")]),
        case("6.1.2", Closed(4002), empty),
        case("6.1.3", Open, around),
        case("6.2.1", Open, [frame(FINAL | TEXT, &mixed)]).first(),
        case("6.2.2", Open, fragments(&mixed, boundary)).first(),
        case("6.2.3", Open, fragments(&mixed, 1)).first(),
        case("6.2.4", Open, fragments(&hello(VALID), 1)).first(),
        case("6.3.1", Closed(1007), [frame(FINAL | TEXT, SURROGATE)]),
        case("6.3.2", Closed(1007), fragments(SURROGATE, 1)),
    ])
    .await;
}

/// The end of the message is never sent. In 6.4.1 and 6.4.2 the pong says that the valid beginning
/// was accepted.
#[tokio::test]
async fn invalid_text_fails_fast() {
    let frames = |begin, end| {
        [
            frame(TEXT, &OUT_OF_RANGE[..begin]),
            frame(FINAL | PING, b"A"),
            frame(CONTINUATION, &OUT_OF_RANGE[begin..end]),
        ]
    };
    // The beginning of one frame.
    let chop = |end: usize| {
        let whole = frame(FINAL | TEXT, OUT_OF_RANGE);
        let header = whole.len() - OUT_OF_RANGE.len();
        [whole[..header + end].to_vec()]
    };
    run([
        case("6.4.1", Closed(1007), frames(11, 15)).pongs([&b"A"[..]]).incomplete(),
        case("6.4.2", Closed(1007), frames(12, 13)).pongs([&b"A"[..]]).incomplete(),
        case("6.4.3", Closed(1007), chop(15)).chopped(Chops::Bytes(17)).incomplete(),
        case("6.4.4", Closed(1007), chop(13)).chopped(OCTETS).incomplete(),
    ])
    .await;
}

#[tokio::test]
async fn sequences() {
    let mut cases = Vec::new();
    for (section, sequences) in (5..).zip(sections()) {
        for (n, (is_valid, bytes)) in (1..).zip(sequences) {
            cases.push(sequence(format!("6.{section}.{n}"), is_valid, &bytes));
        }
    }
    assert_eq!(cases.len(), 132);
    run(cases).await;
}

fn sequence(id: String, is_valid: bool, bytes: &[u8]) -> Case {
    match bytes {
        _ if !is_valid => case(id, Closed(1007), [frame(FINAL | TEXT, bytes)]),
        // JSON does not allow it in a string.
        [0] => case(id, Closed(4002), [frame(FINAL | TEXT, bytes)]),
        _ => case(id, Open, [frame(FINAL | TEXT, &hello(bytes))]).first(),
    }
}

/// The sections from 6.5 on: whether each sequence is valid, and its bytes.
fn sections() -> Vec<Vec<(bool, Vec<u8>)>> {
    let all = |is_valid, sequences: &[&[u8]]| -> Vec<_> {
        sequences.iter().map(|bytes| (is_valid, bytes.to_vec())).collect()
    };
    let valid = |sequences: &[&[u8]]| all(true, sequences);
    let invalid = |sequences: &[&[u8]]| all(false, sequences);
    // 6.6: prefixes, which are valid at the end of a character.
    let ends = [2, 5, 7, 9, 11];
    let prefixes = (1..=VALID.len()).map(|end| (ends.contains(&end), VALID[..end].to_vec()));
    let boundaries = [
        valid(&[b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xef\xbf\xbd", b"\xf4\x8f\xbf\xbf"]),
        invalid(&[b"\xf4\x90\x80\x80"]),
    ];
    let continuations: Vec<u8> = (0x80..0xbf).collect();
    // Each start byte with a space after it. The Testsuite omits the last of each range.
    let lonely = [0xc0..0xdf, 0xe0..0xef, 0xf0..0xf7, 0xf8..0xfb, 0xfc..0xfd]
        .map(|range| (false, range.flat_map(|byte| [byte, b' ']).collect::<Vec<u8>>()));
    let cut_off: [&[u8]; 10] = [
        b"\xc0",
        b"\xe0\x80",
        b"\xf0\x80\x80",
        b"\xf8\x80\x80\x80",
        b"\xfc\x80\x80\x80\x80",
        b"\xdf",
        b"\xef\xbf",
        b"\xf7\xbf\xbf",
        b"\xfb\xbf\xbf\xbf",
        b"\xfd\xbf\xbf\xbf\xbf",
    ];
    // The last two code points of each plane.
    let non_characters =
        (0..=16_u32).flat_map(|plane| [plane << 16 | 0xfffe, plane << 16 | 0xffff]);
    let non_characters =
        non_characters.map(|code| (true, char::from_u32(code).unwrap().to_string().into_bytes()));
    let specials =
        ('\u{fff9}'..='\u{ffff}').map(|special| (true, special.to_string().into_bytes()));
    vec![
        // 6.5 to 6.7
        valid(&[
            b"hello\x24world",
            b"hello\xc2\xa2world",
            b"hello\xe2\x82\xacworld",
            b"hello\xf0\xa4\xad\xa2world",
            VALID,
        ]),
        prefixes.collect(),
        valid(&[b"\x00", b"\xc2\x80", b"\xe0\xa0\x80", b"\xf0\x90\x80\x80"]),
        // 6.8 to 6.11
        invalid(&[b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80"]),
        valid(&[b"\x7f", b"\xdf\xbf", b"\xef\xbf\xbf", b"\xf4\x8f\xbf\xbf"]),
        invalid(&[b"\xf7\xbf\xbf\xbf", b"\xfb\xbf\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf\xbf"]),
        boundaries.concat(),
        // 6.12 to 6.16
        invalid(&[
            b"\x80",
            b"\xbf",
            b"\x80\xbf",
            b"\x80\xbf\x80",
            b"\x80\xbf\x80\xbf",
            b"\x80\xbf\x80\xbf\x80",
            b"\x80\xbf\x80\xbf\x80\xbf",
            &continuations,
        ]),
        lonely.into(),
        invalid(&cut_off),
        invalid(&[&cut_off.concat()]),
        invalid(&[b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"]),
        // 6.17 to 6.19: overlong forms of a slash, of the last code point and of NUL
        invalid(&[
            b"\xc0\xaf",
            b"\xe0\x80\xaf",
            b"\xf0\x80\x80\xaf",
            b"\xf8\x80\x80\x80\xaf",
            b"\xfc\x80\x80\x80\x80\xaf",
        ]),
        invalid(&[
            b"\xc1\xbf",
            b"\xe0\x9f\xbf",
            b"\xf0\x8f\xbf\xbf",
            b"\xf8\x87\xbf\xbf\xbf",
            b"\xfc\x83\xbf\xbf\xbf\xbf",
        ]),
        invalid(&[
            b"\xc0\x80",
            b"\xe0\x80\x80",
            b"\xf0\x80\x80\x80",
            b"\xf8\x80\x80\x80\x80",
            b"\xfc\x80\x80\x80\x80\x80",
        ]),
        // 6.20 and 6.21: surrogates, single and in pairs
        invalid(&[
            b"\xed\xa0\x80",
            b"\xed\xad\xbf",
            b"\xed\xae\x80",
            b"\xed\xaf\xbf",
            b"\xed\xb0\x80",
            b"\xed\xbe\x80",
            b"\xed\xbf\xbf",
        ]),
        invalid(&[
            b"\xed\xa0\x80\xed\xb0\x80",
            b"\xed\xa0\x80\xed\xbf\xbf",
            b"\xed\xad\xbf\xed\xb0\x80",
            b"\xed\xad\xbf\xed\xbf\xbf",
            b"\xed\xae\x80\xed\xb0\x80",
            b"\xed\xae\x80\xed\xbf\xbf",
            b"\xed\xaf\xbf\xed\xb0\x80",
            b"\xed\xaf\xbf\xed\xbf\xbf",
        ]),
        // 6.22 and 6.23
        non_characters.collect(),
        specials.collect(),
    ]
}
