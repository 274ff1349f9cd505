//! Cases 1 to 5: frames, pings, reserved bits, opcodes and fragmentation. And 10: a client that
//! fragments.

use super::{
    BINARY, CLOSE, COMMAND, CONTINUATION, Chops, Closed, FINAL, OCTETS, Open, PING, PONG, TEXT,
    case, fragments, frame, hello, padded, run,
};

fn text() -> Vec<u8> {
    frame(FINAL | TEXT, COMMAND)
}

fn ping(payload: &[u8]) -> Vec<u8> {
    frame(FINAL | PING, payload)
}

/// An accepted text is a command; an accepted binary message closes with 4002.
#[tokio::test]
async fn messages_of_all_lengths() {
    let command = |length| [frame(FINAL | TEXT, &padded(COMMAND, length))];
    let first = |length| [frame(FINAL | TEXT, &padded(&hello(b""), length))];
    let binary = |length| [frame(FINAL | BINARY, &vec![0xfe; length])];
    run([
        case("1.1.1", Closed(4002), [frame(FINAL | TEXT, b"")]),
        case("1.1.2", Open, command(125)),
        case("1.1.3", Open, command(126)),
        case("1.1.4", Open, command(127)),
        case("1.1.5", Open, command(128)),
        case("1.1.6", Open, first(65_535)).first(),
        case("1.1.7", Open, first(65_536)).first(),
        case("1.1.8", Open, first(65_536)).first().chopped(Chops::Bytes(997)),
        case("1.2.1", Closed(4002), binary(0)),
        case("1.2.2", Closed(4002), binary(125)),
        case("1.2.3", Closed(4002), binary(126)),
        case("1.2.4", Closed(4002), binary(127)),
        case("1.2.5", Closed(4002), binary(128)),
        case("1.2.6", Closed(4002), binary(65_535)).first(),
        case("1.2.7", Closed(4002), binary(65_536)).first(),
        case("1.2.8", Closed(4002), binary(65_536)).first().chopped(Chops::Bytes(997)),
        case("10.1.1", Open, fragments(&padded(&hello(b""), 65_536), 1_300)).first(),
    ])
    .await;
}

#[tokio::test]
async fn pings_and_pongs() {
    const BYTES: &[u8] = &[0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff];
    const LONG: &[u8] = &[0xfe; 125];
    const TEN: [&[u8]; 10] = [
        b"payload-0",
        b"payload-1",
        b"payload-2",
        b"payload-3",
        b"payload-4",
        b"payload-5",
        b"payload-6",
        b"payload-7",
        b"payload-8",
        b"payload-9",
    ];
    let pong = |payload| frame(FINAL | PONG, payload);
    run([
        case("2.1", Open, [ping(b"")]).pongs([&b""[..]]),
        case("2.2", Open, [ping(b"Hello, world!")]).pongs([&b"Hello, world!"[..]]),
        case("2.3", Open, [ping(BYTES)]).pongs([BYTES]),
        case("2.4", Open, [ping(LONG)]).pongs([LONG]),
        case("2.5", Closed(1002), [ping(&[0xfe; 126])]),
        case("2.6", Open, [ping(LONG)]).pongs([LONG]).chopped(OCTETS),
        case("2.7", Open, [pong(b"")]),
        case("2.8", Open, [pong(b"unsolicited pong payload")]),
        case("2.9", Open, [pong(b"unsolicited pong payload"), ping(b"ping payload")])
            .pongs([&b"ping payload"[..]]),
        case("2.10", Open, TEN.map(ping)).pongs(TEN),
        case("2.11", Open, TEN.map(ping)).pongs(TEN).chopped(OCTETS),
    ])
    .await;
}

#[tokio::test]
async fn reserved_bits_and_opcodes() {
    let reserved = |bits: u8, opcode| frame(FINAL | bits << 4 | opcode, COMMAND);
    let mut cases = vec![
        case("3.1", Closed(1002), [reserved(1, TEXT)]),
        case("3.2", Closed(1002), [text(), reserved(2, TEXT), ping(b"")]),
        case("3.3", Closed(1002), [text(), reserved(3, TEXT), ping(b"")]).chopped(Chops::Frames),
        case("3.4", Closed(1002), [text(), reserved(4, TEXT), ping(b"")]).chopped(OCTETS),
        case("3.5", Closed(1002), [reserved(5, BINARY)]),
        case("3.6", Closed(1002), [reserved(6, PING)]),
        case("3.7", Closed(1002), [reserved(7, CLOSE)]),
    ];
    for (category, opcodes) in [(1, 0x3..=0x7), (2, 0xb..=0xf)] {
        for (n, opcode) in (1..).zip(opcodes) {
            let payload = if matches!(n, 1 | 3) { &b""[..] } else { b"reserved opcode payload" };
            let unknown = frame(FINAL | opcode, payload);
            let id = format!("4.{category}.{n}");
            cases.push(match n {
                1 | 2 => case(id, Closed(1002), [unknown]),
                3 | 4 => case(id, Closed(1002), [text(), unknown, ping(b"")]),
                _ => case(id, Closed(1002), [text(), unknown, ping(b"")]).chopped(OCTETS),
            });
        }
    }
    run(cases).await;
}

#[tokio::test]
async fn fragmentation() {
    const FRAMES: Chops = Chops::Frames;
    let begin = |payload| frame(TEXT, payload);
    let more = |payload| frame(CONTINUATION, payload);
    let last = |payload| frame(FINAL | CONTINUATION, payload);
    let (first_half, second_half) = COMMAND.split_at(9);
    let halves = || [begin(first_half), last(second_half)];
    let with_ping = || [begin(first_half), ping(b"ping payload"), last(second_half)];
    let orphan_last = || [last(b"non-continuation payload"), text()];
    let orphan = || [more(b"non-continuation payload"), text()];
    let twice = |orphan: Vec<u8>| {
        let [first, second] = halves();
        [orphan.clone(), first.clone(), second.clone(), orphan, first, second]
    };
    let five = || {
        let mut parts = fragments(COMMAND, 6);
        assert_eq!(parts.len(), 5);
        parts.insert(2, ping(b"pongme 1!"));
        parts.insert(5, ping(b"pongme 2!"));
        parts
    };
    let both: [&[u8]; 2] = [b"pongme 1!", b"pongme 2!"];
    run([
        case("5.1", Closed(1002), [frame(PING, b"fragment1"), last(b"fragment2")]),
        case("5.2", Closed(1002), [frame(PONG, b"fragment1"), last(b"fragment2")]),
        case("5.3", Open, halves()),
        case("5.4", Open, halves()).chopped(FRAMES),
        case("5.5", Open, halves()).chopped(OCTETS),
        case("5.6", Open, with_ping()).pongs([&b"ping payload"[..]]),
        case("5.7", Open, with_ping()).pongs([&b"ping payload"[..]]).chopped(FRAMES),
        case("5.8", Open, with_ping()).pongs([&b"ping payload"[..]]).chopped(OCTETS),
        case("5.9", Closed(1002), orphan_last()),
        case("5.10", Closed(1002), orphan_last()).chopped(FRAMES),
        case("5.11", Closed(1002), orphan_last()).chopped(OCTETS),
        case("5.12", Closed(1002), orphan()),
        case("5.13", Closed(1002), orphan()).chopped(FRAMES),
        case("5.14", Closed(1002), orphan()).chopped(OCTETS),
        case(
            "5.15",
            Closed(1002),
            [begin(first_half), last(second_half), more(b"fragment3"), text()],
        ),
        case("5.16", Closed(1002), twice(more(b"fragment1"))),
        case("5.17", Closed(1002), twice(last(b"fragment1"))),
        case("5.18", Closed(1002), [begin(first_half), frame(FINAL | TEXT, second_half)]),
        case("5.19", Open, five()).pongs(both),
        case("5.20", Open, five()).pongs(both).chopped(FRAMES),
    ])
    .await;
}
