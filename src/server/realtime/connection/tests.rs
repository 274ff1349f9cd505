//! Tests of a connection over TCP: order, bounds, and slow readers.

use tokio::{io::AsyncReadExt, net::TcpListener};
use uuid::Uuid;

use super::*;

/// A connection and its peer.
async fn connect() -> (Connection, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let server = listener.accept().await.unwrap().0;
    (Connection::new(PersonId(Uuid::nil()), [0; 32], server), client)
}

async fn read(client: &mut TcpStream, bytes: usize) -> Vec<u8> {
    let mut received = vec![0; bytes];
    client.read_exact(&mut received).await.unwrap();
    received
}

#[tokio::test]
async fn a_full_queue_closes_the_connection_and_drops_ephemeral_events_first() {
    let (connection, _client) = connect().await;
    let frame = Bytes::from_static(b"x");
    assert!(
        (0..MAX_FRAMES).all(|_| !connection.send_lossy(&frame)),
        "nobody writes before the greeting"
    );
    assert_eq!(connection.queue().live.len(), MAX_FRAMES / 2, "hints stop at half");
    assert!((0..=MAX_FRAMES / 2).all(|_| !connection.send(&frame)));
    assert_eq!(connection.closed().await, close::SLOW);
    connection.close(close::RESTART);
    assert_eq!(connection.closed().await, close::SLOW, "the first reason counts");
}

#[tokio::test]
async fn a_megabyte_in_the_queue_closes_the_connection() {
    let (connection, _client) = connect().await;
    let frame = Bytes::from(vec![0; 40 * 1024]);
    assert!((0..27).all(|_| !connection.send(&frame)));
    assert_eq!(connection.closed().await, close::SLOW);
}

#[tokio::test]
async fn the_backlog_comes_first_and_one_flush_writes_everything() {
    let (connection, mut client) = connect().await;
    assert!(!connection.send(&Bytes::from_static(b"live,")));
    connection.send_backlog(Bytes::from_static(b"welcome,")).await.unwrap();
    connection.go_live().await.unwrap();
    assert_eq!(read(&mut client, 13).await, b"welcome,live,");
    assert!(connection.send(&Bytes::from_static(b"one,")), "the first asks for a flush");
    assert!(!connection.send(&Bytes::from_static(b"two.")), "the next goes with it");
    connection.flush();
    assert_eq!(read(&mut client, 8).await, b"one,two.");
    assert!(connection.send(&Bytes::from_static(b"three")));
}

#[tokio::test]
async fn nothing_is_sent_after_a_close_request() {
    let (connection, mut client) = connect().await;
    connection.go_live().await.unwrap();
    connection.send_now(&Bytes::from_static(b"before"));
    connection.close(close::SESSION_ENDED);
    connection.send_now(&Bytes::from_static(b"after"));
    connection.close_gracefully(websocket::close_frame(close::SESSION_ENDED)).await;
    assert_eq!(
        read(&mut client, 10).await,
        [b"before", &websocket::close_frame(close::SESSION_ENDED)[..]].concat()
    );
}

#[tokio::test]
async fn a_burst_beyond_the_queue_does_not_close_the_connection() {
    let (connection, mut client) = connect().await;
    connection.go_live().await.unwrap();
    let flushes =
        (0..10 * MAX_FRAMES).filter(|_| connection.send(&Bytes::from_static(b"x"))).count();
    assert_eq!(flushes, 1);
    assert_eq!(connection.close_code.load(Ordering::Acquire), 0, "not closed as slow");
    connection.flush();
    assert_eq!(read(&mut client, 10 * MAX_FRAMES).await, vec![b'x'; 10 * MAX_FRAMES]);
}

#[tokio::test]
async fn blocked_writes_resume_and_frames_stay_whole() {
    let (connection, mut client) = connect().await;
    connection.go_live().await.unwrap();
    let mut sent = Vec::new();
    // Until the socket buffers are full, in the middle of a frame.
    while !connection.queue().blocked {
        let frame = Bytes::from(vec![u8::try_from(sent.len() / 9_973 % 251).unwrap(); 9_973]);
        sent.extend_from_slice(&frame);
        connection.send_now(&frame);
    }
    assert!(!connection.send(&Bytes::from_static(b"waits")), "the socket's task goes on with it");
    sent.extend_from_slice(b"waits");
    let received = tokio::select! {
        received = read(&mut client, sent.len()) => received,
        code = connection.write_when_writable() => panic!("it was closed with {code}"),
    };
    assert!(received == sent);
    while !connection.queue().blocked {
        connection.send_now(&Bytes::from(vec![7; 9_973]));
    }
    let partial = connection.queue().sent;
    let mut rest = Vec::new();
    tokio::join!(connection.close_gracefully(websocket::close_frame(close::RESTART)), async {
        let close_frame = websocket::close_frame(close::RESTART);
        while !rest.ends_with(&close_frame) {
            client.read_buf(&mut rest).await.unwrap();
        }
    });
    assert_eq!(
        (rest.len() - 4) % 9_973,
        0,
        "{partial} bytes of a frame had left, and the others followed"
    );
    connection.send_now(&Bytes::from_static(b"too late"));
    assert!(connection.queue().live.is_empty());
}
