//! Cases 7 and 9: the closing handshake, and limits.

use super::{
    BINARY, CLOSE, COMMAND, CONTINUATION, Chops, Closed, ClosedWithoutCode, FINAL, Open, PING,
    TEXT, case, fragments, frame, hello, padded, run,
};

/// The limit of `hello`.
const MAX_HELLO: usize = 256 * 1024;
/// The limit of every other message.
const MAX_COMMAND: usize = 4 * 1024;

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(FINAL | CLOSE, &[&code.to_be_bytes()[..], reason].concat())
}

/// The probe after a close frame must not be answered.
#[tokio::test]
async fn the_closing_handshake() {
    let text = || frame(FINAL | TEXT, COMMAND);
    let longest_hello = frame(FINAL | TEXT, &padded(&hello(b""), MAX_HELLO));
    let ping = || frame(FINAL | PING, b"");
    let mut cases = vec![
        case("7.1.1", Closed(1000), [text(), close(1000, b"")]),
        case("7.1.2", Closed(1000), [close(1000, b""), frame(FINAL | CLOSE, b"")]),
        case("7.1.3", Closed(1000), [close(1000, b""), ping()]),
        case("7.1.4", Closed(1000), [close(1000, b""), text()]),
        case(
            "7.1.5",
            Closed(1000),
            [frame(TEXT, b"{"), close(1000, b""), frame(FINAL | CONTINUATION, b"}")],
        ),
        case("7.1.6", Closed(1000), [longest_hello, close(1000, b""), ping()]).first(),
        case("7.3.1", ClosedWithoutCode, [frame(FINAL | CLOSE, b"")]),
        case("7.3.2", Closed(1002), [frame(FINAL | CLOSE, b"a")]),
        case("7.3.3", Closed(1000), [close(1000, b"")]),
        case("7.3.4", Closed(1000), [close(1000, b"Hello World!")]),
        case("7.3.5", Closed(1000), [close(1000, &[b'*'; 123])]),
        case("7.3.6", Closed(1002), [close(1000, &[b'*'; 124])]),
        case("7.5.1", Closed(1007), [close(1000, b"\xce\xba\xe1\xbd\xb9\xed\xa0\x80edited")]),
    ];
    let valid = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
    let invalid = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
    let undefined = [5000, 65535];
    cases.extend(
        (1..)
            .zip(valid)
            .map(|(n, code)| case(format!("7.7.{n}"), Closed(code), [close(code, b"")])),
    );
    cases.extend(
        (1..)
            .zip(invalid)
            .map(|(n, code)| case(format!("7.9.{n}"), Closed(1002), [close(code, b"")])),
    );
    cases.extend(
        (1..)
            .zip(undefined)
            .map(|(n, code)| case(format!("7.13.{n}"), Closed(1002), [close(code, b"")])),
    );
    run(cases).await;
}

/// The Testsuite sends up to 16 MiB. Here, the sizes are those at the limits.
#[tokio::test]
async fn limits() {
    let first = |length| [frame(FINAL | TEXT, &padded(&hello(b""), length))];
    let command = |length| [frame(FINAL | TEXT, &padded(COMMAND, length))];
    let in_fragments = |size| fragments(&padded(&hello(b""), 16 * 1024), size);
    let mut cases = vec![
        case("9.1.1", Open, first(64 * 1024)).first(),
        case("9.1.2", Open, first(MAX_HELLO)).first(),
        case("9.1.3", Closed(1009), first(MAX_HELLO + 1)).first(),
        case("9.1.4", Closed(1009), first(4 * 1024 * 1024)).first(),
        case("9.1 with the limit of commands", Open, command(MAX_COMMAND)),
        case("9.1 over the limit of commands", Closed(1009), command(MAX_COMMAND + 1)),
        case("9.2.3", Closed(1009), [frame(FINAL | BINARY, &vec![0xfe; MAX_HELLO + 1])]).first(),
        case("9.3 over the limit", Closed(1009), fragments(&vec![b'*'; MAX_HELLO + 1], 4_096))
            .first(),
        case("9.3 with over 256 frames", Closed(4029), fragments(&[b'*'; 257], 1)),
    ];
    // 9.3: fragments of 64, 256, 1 Ki … bytes; 256 fragments are allowed.
    cases.extend(
        (1..)
            .zip([64, 256, 1_024, 4_096, 16_384])
            .map(|(n, size)| case(format!("9.3.{n}"), Open, in_fragments(size)).first()),
    );
    // 9.5: one frame in chops.
    cases.extend((1..).zip([64, 128, 256, 512, 1_024, 2_048]).map(|(n, size)| {
        let chopped = case(format!("9.5.{n}"), Open, first(64 * 1024)).first();
        chopped.chopped(Chops::Bytes(size))
    }));
    // 9.7: many messages, without those lengths that no command has.
    cases.extend((3..).zip([64, 256, 1_024, 4_096]).map(|(n, size)| {
        case(format!("9.7.{n}"), Open, command(size).into_iter().cycle().take(100))
    }));
    run(cases).await;
}
