//! Frames of a socket: protocol violations, control frames, and the closing handshake.

use tokio_tungstenite::tungstenite::Message;

use super::sockets::hello;
use crate::harness::{
    server::{TestServer, users},
    socket::TestSocket,
};

#[tokio::test]
async fn protocol_violations_close_the_socket() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let deep = format!("{}1{}", "[".repeat(2_000), "]".repeat(2_000));
    for (frame, code) in [
        (Message::text("hello"), 4002),
        (Message::text(""), 4002),
        (Message::text("{}"), 4002),
        (Message::text("null"), 4002),
        (Message::text(deep), 4002),
        (
            Message::text(
                r#"{"type":"subscribe","stream":"c:00000000-0000-0000-0000-000000000000"}"#,
            ),
            4002,
        ),
        (Message::text(r#"{"type":"hello","v":1,"epoch":"","marks":{},"person":"x"}"#), 4002),
        (Message::text(r#"{"type":"hello","v":1,"epoch":"","marks":{"x":1}}"#), 4002),
        (
            Message::text(
                r#"{"type":"hello","v":1,"epoch":"","marks":{"c:00000000-0000-0000-0000-000000000000":-1}}"#,
            ),
            4002,
        ),
        (
            Message::text(
                r#"{"type":"hello","v":1,"epoch":"","marks":{"c:00000000-0000-0000-0000-000000000000":NaN}}"#,
            ),
            4002,
        ),
        (Message::text(r#"{"type":"hello","v":1,"epoch":"\ud800","marks":{}}"#), 4002),
        (Message::text(r#"{"type":"hello","v":2,"epoch":"","marks":{}}"#), 4426),
        (Message::binary(hello().to_string().into_bytes()), 4002),
        (Message::text(" ".repeat(256 * 1024 + 1)), 1009),
    ] {
        let mut socket = TestSocket::open(&ada.client).await.unwrap();
        socket.send(frame.clone()).await;
        let (received, ended) = socket.recv_until_closed().await;
        assert_eq!((received.len(), ended), (0, code), "{frame:?}");
    }
    for after in [Message::text(hello().to_string()), Message::text("x"), Message::binary(vec![1])]
    {
        let mut socket = ada.connect().await;
        socket.send(after).await;
        assert_eq!(socket.close_code().await, 4002);
    }
    for length in [4_097, 300_000] {
        let mut socket = ada.connect().await;
        socket.send(Message::text("x".repeat(length))).await;
        assert_eq!(socket.close_code().await, 1009);
    }
    grace.connect().await;
}

#[tokio::test]
async fn invalid_frames_close_one_socket_only() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    for (what, bytes, code) in [
        ("a length of 2^63", &[0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4][..], 1009),
        ("a length of 16 MiB", &[0x81, 0xff, 0, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3, 4], 1009),
        ("an unmasked frame", &[0x81, 0x02, b'h', b'i'], 1002),
        ("reserved bits", &[0xf1, 0x80, 1, 2, 3, 4], 1002),
        ("an unknown kind", &[0x83, 0x80, 1, 2, 3, 4], 1002),
        ("a continuation of nothing", &[0x80, 0x80, 1, 2, 3, 4], 1002),
        ("a long ping", &[&[0x89, 0xfe, 0, 200][..], &[1; 204]].concat(), 1002),
        ("text that is no UTF-8", &[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe], 1007),
    ] {
        for said_hello in [false, true] {
            let mut socket = if said_hello {
                ada.connect().await
            } else {
                TestSocket::open(&ada.client).await.unwrap()
            };
            socket.send_bytes(bytes).await;
            assert_eq!(socket.close_code().await, code, "{what}");
        }
    }
    grace.connect().await;
}

#[tokio::test]
async fn endless_pings_close_the_socket() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let mut socket = ada.connect().await;
    for _ in 0..121 {
        socket.send(Message::Ping(Vec::new().into())).await;
    }
    assert_eq!(socket.close_code().await, 4029);
}

#[tokio::test]
async fn empty_fragments_and_unsolicited_pongs_close_the_socket() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    const BEGIN: [u8; 6] = [0x01, 0x80, 0, 0, 0, 0];
    const PART: [u8; 6] = [0x00, 0x80, 0, 0, 0, 0];
    const PONG: [u8; 6] = [0x8a, 0x80, 0, 0, 0, 0];
    const TAGGED: [u8; 14] = [0x8a, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    for (what, bytes) in [
        ("empty parts", [&BEGIN[..], &PART.repeat(100_000)].concat()),
        ("empty pongs", PONG.repeat(100_000)),
        ("the same answer over and over", TAGGED.repeat(100_000)),
        (
            "pongs among parts",
            [&BEGIN[..], &[&PART[..], &PONG[..]].concat().repeat(50_000)].concat(),
        ),
    ] {
        for said_hello in [false, true] {
            let mut socket = if said_hello {
                ada.connect().await
            } else {
                TestSocket::open(&ada.client).await.unwrap()
            };
            // The server may have closed before all is sent.
            let _ = socket.try_send_bytes(&bytes).await;
            assert!(matches!(socket.close_code().await, 4029 | 4002 | 0), "{what}");
        }
    }
    // A few are allowed: browsers and proxies may send them as keep-alive.
    let mut socket = grace.connect().await;
    for _ in 0..50 {
        socket.send_bytes(&PONG).await;
    }
    ada.post(&ada.everyone().await, "still there").await;
    socket.recv_until_message("still there").await;
}

#[tokio::test]
async fn a_close_frame_is_answered() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    for said_hello in [false, true] {
        for (payload, answer) in [
            (&[][..], &[0x88, 0][..]),
            (&[3, 0xe8], &[0x88, 2, 3, 0xe8]),
            (&[0x0f, 0xa1, b'b', b'y', b'e'], &[0x88, 2, 0x0f, 0xa1]),
            (&[3], &[0x88, 2, 0x03, 0xea]),
            (&[3, 0xed], &[0x88, 2, 0x03, 0xea]),
        ] {
            let mut socket = if said_hello {
                ada.connect().await
            } else {
                TestSocket::open(&ada.client).await.unwrap()
            };
            let mut frame = vec![0x88, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0];
            frame.extend(payload);
            socket.send_bytes(&frame).await;
            let received = socket.read_to_end().await;
            assert!(received.ends_with(answer), "{payload:?}: {received:02x?}");
        }
    }
}
