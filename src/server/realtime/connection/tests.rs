//! A line against a real connection: order, bounds, and what a slow reader costs.

use tokio::{io::AsyncReadExt, net::TcpListener};
use uuid::Uuid;

use super::*;

/// A line, and the other end of its connection.
async fn line() -> (Line, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let server = listener.accept().await.unwrap().0;
    (Line::new(PersonId(Uuid::nil()), [0; 32], server), client)
}

async fn read(client: &mut TcpStream, bytes: usize) -> Vec<u8> {
    let mut heard = vec![0; bytes];
    client.read_exact(&mut heard).await.unwrap();
    heard
}

#[tokio::test]
async fn a_full_queue_closes_the_line_and_hints_are_dropped_before() {
    let (line, _client) = line().await;
    let frame = Bytes::from_static(b"x");
    assert!((0..MOST_FRAMES).all(|_| !line.hint(&frame)), "nobody writes before the greeting");
    assert_eq!(line.out().live.len(), MOST_FRAMES / 2, "hints stop at half");
    assert!((0..=MOST_FRAMES / 2).all(|_| !line.push(&frame)));
    assert_eq!(line.closed().await, close::SLOW);
    line.close(close::RESTART);
    assert_eq!(line.closed().await, close::SLOW, "the first reason counts");
}

#[tokio::test]
async fn a_megabyte_that_waits_closes_the_line() {
    let (line, _client) = line().await;
    let frame = Bytes::from(vec![0; 40 * 1024]);
    assert!((0..27).all(|_| !line.push(&frame)));
    assert_eq!(line.closed().await, close::SLOW);
}

#[tokio::test]
async fn the_greeting_comes_first_and_one_flush_takes_all_that_waits() {
    let (line, mut client) = line().await;
    assert!(!line.push(&Bytes::from_static(b"live,")));
    line.greet(Bytes::from_static(b"welcome,")).await.unwrap();
    line.greeted().await.unwrap();
    assert_eq!(read(&mut client, 13).await, b"welcome,live,");
    assert!(line.push(&Bytes::from_static(b"one,")), "the first asks for a flush");
    assert!(!line.push(&Bytes::from_static(b"two.")), "the next goes with it");
    line.flush();
    assert_eq!(read(&mut client, 8).await, b"one,two.");
    assert!(line.push(&Bytes::from_static(b"three")));
}

#[tokio::test]
async fn who_was_told_to_go_hears_nothing_that_comes_after() {
    let (line, mut client) = line().await;
    line.greeted().await.unwrap();
    line.tell(&Bytes::from_static(b"before"));
    line.close(close::SESSION_ENDED);
    line.tell(&Bytes::from_static(b"after"));
    line.say_goodbye(websocket::goodbye(close::SESSION_ENDED)).await;
    assert_eq!(read(&mut client, 10).await, [b"before", &websocket::goodbye(close::SESSION_ENDED)[..]].concat());
}

#[tokio::test]
async fn more_at_once_than_the_queue_holds_is_no_fault_of_the_reader() {
    let (line, mut client) = line().await;
    line.greeted().await.unwrap();
    let asked = (0..10 * MOST_FRAMES).filter(|_| line.push(&Bytes::from_static(b"x"))).count();
    assert_eq!(asked, 1);
    assert_eq!(line.closing.load(Ordering::Acquire), 0, "not closed as slow");
    line.flush();
    assert_eq!(read(&mut client, 10 * MOST_FRAMES).await, vec![b'x'; 10 * MOST_FRAMES]);
}

#[tokio::test]
async fn what_the_network_does_not_take_at_once_goes_when_it_does_and_no_frame_is_torn() {
    let (line, mut client) = line().await;
    line.greeted().await.unwrap();
    let mut told = Vec::new();
    // Until the buffers between the two are full, in the middle of a frame.
    while !line.out().blocked {
        let frame = Bytes::from(vec![u8::try_from(told.len() / 9_973 % 251).unwrap(); 9_973]);
        told.extend_from_slice(&frame);
        line.tell(&frame);
    }
    assert!(!line.push(&Bytes::from_static(b"waits")), "the socket's task goes on with it");
    told.extend_from_slice(b"waits");
    let heard = tokio::select! {
        heard = read(&mut client, told.len()) => heard,
        code = line.keep_writing() => panic!("it was closed with {code}"),
    };
    assert!(heard == told);
    while !line.out().blocked {
        line.tell(&Bytes::from(vec![7; 9_973]));
    }
    let torn = line.out().sent;
    let mut rest = Vec::new();
    tokio::join!(line.say_goodbye(websocket::goodbye(close::RESTART)), async {
        let goodbye = websocket::goodbye(close::RESTART);
        while !rest.ends_with(&goodbye) {
            client.read_buf(&mut rest).await.unwrap();
        }
    });
    assert_eq!((rest.len() - 4) % 9_973, 0, "{torn} bytes of a frame had left, and the others followed");
    line.tell(&Bytes::from_static(b"too late"));
    assert!(line.out().live.is_empty());
}
