//! Stalled clients among hundreds of others.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use chatbox::{
    domain::{Change, ConversationId, Entry, Summary},
    protocol::{ServerEvent, codec},
};
use futures_util::{SinkExt, StreamExt, future::join_all};
use serde_json::json;
use tokio::{
    net::TcpSocket,
    time::{Instant, sleep},
};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::{
    browser::{Browser, Socket},
    harness::user::{TestClient, new_id},
    measure::{long, percentile, report_row, times},
    program::{Program, free_port},
    restart::{DEVICES, at, create_users},
};

/// Opens a socket with a small receive buffer that is not read.
async fn open_stalled(
    client: &TestClient,
    browser: &Browser,
) -> tokio_tungstenite::WebSocketStream<tokio::net::TcpStream> {
    let mut request =
        format!("{}/ws", client.base.replacen("http", "ws", 1)).into_client_request().unwrap();
    request.headers_mut().insert("origin", HeaderValue::from_str(&client.base).unwrap());
    request
        .headers_mut()
        .insert("cookie", HeaderValue::from_str(client.cookie.as_ref().unwrap()).unwrap());
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let stream =
        socket.connect(client.base.trim_start_matches("http://").parse().unwrap()).await.unwrap();
    let (mut socket, _) = client_async(request, stream).await.unwrap();
    socket.send(Message::text(codec::encode_command(&browser.hello()))).await.unwrap();
    while let Some(Ok(Message::Text(text))) = socket.next().await {
        if codec::read(&text).unwrap() == ServerEvent::CaughtUp {
            return socket;
        }
    }
    panic!("the socket ended")
}

/// Ada posts to Everyone, one message at a time. Returns how long each took to reach all sockets.
async fn post_to_all(
    ada: &TestClient,
    everyone: ConversationId,
    sockets: &mut [Socket],
    words: &[String],
) -> Vec<Duration> {
    let mut took = Vec::new();
    for word in words {
        let began = Instant::now();
        let posting = ada.call(
            "post_message",
            json!({ "conversation": everyone, "client_id": new_id(), "body": word }),
        );
        let receiving = join_all(sockets.iter_mut().map(async |socket| {
            loop {
                if let ServerEvent::Change { change: Change::Posted { body, .. }, .. } =
                    socket.recv_event().await
                {
                    assert_eq!(body, *word, "each receives all, in order");
                    return;
                }
            }
        }));
        let (answer, _) = tokio::join!(posting, receiving);
        assert_eq!(answer.status, 200);
        took.push(began.elapsed());
    }
    took
}

/// The peak memory of the server under a load in bytes, and how long Ada's messages took to reach
/// all sockets meanwhile.
async fn measure_under_load(
    server: &Program,
    load: impl Future<Output = ()>,
    ada: &TestClient,
    everyone: ConversationId,
    sockets: &mut [Socket],
) -> (u64, Vec<Duration>) {
    let (mut most, done) = (0, AtomicBool::new(false));
    let load = async {
        load.await;
        done.store(true, Ordering::Relaxed);
    };
    let writing = async {
        let mut took = Vec::new();
        while !done.load(Ordering::Relaxed) {
            took.extend(post_to_all(ada, everyone, sockets, &["meanwhile".to_owned()]).await);
        }
        took
    };
    let watching = async {
        loop {
            most = most.max(server.memory());
            sleep(Duration::from_millis(20)).await;
        }
    };
    let took = tokio::select! {
        (took, ()) = async { tokio::join!(writing, load) } => took,
        () = watching => unreachable!(),
    };
    (most, took)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_harms_nobody_and_loses_nothing() {
    let (readers, slow) = (times(50, 500), times(5, 8));
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let users = create_users(&data, 1 + readers / DEVICES + slow).await;
    let server =
        Program::start_at(free_port(), &data, &[("CHATBOX_LOG", "info".to_owned())]).await.unwrap();
    let (ada, rest) = (at(&users[0], &server), &users[1..]);
    let everyone = Browser::of(ada.fetch_snapshot().await.unwrap()).everyone();
    let mut directs = Vec::new();
    for person in &rest[..slow] {
        let made: Summary =
            ada.call_as("open_direct", json!({ "person": person.id })).await.unwrap();
        directs.push((at(person, &server), made.conversation.id));
    }
    let long_words = "ø".repeat(9_990);
    // More than the socket buffers and the outbound queue hold.
    let count = 400;
    let fill = async |directs: &[(TestClient, ConversationId)]| {
        for (_, direct) in directs {
            for _ in 0..count / 25 {
                let message =
                    || json!({ "conversation": direct, "client_id": new_id(), "body": long_words });
                let responses =
                    join_all((0..25).map(|_| ada.call("post_message", message()))).await;
                assert!(responses.iter().all(|answer| answer.status == 200));
            }
        }
    };
    let words = |name: &str| (0..times(20, 200)).map(|n| format!("{name} {n}")).collect::<Vec<_>>();
    let mut sockets = Vec::new();
    for person in rest[slow..].iter().flat_map(|person| [person; DEVICES]) {
        let client = at(person, &server);
        sockets.push(
            Socket::open(&client, &Browser::of(client.fetch_snapshot().await.unwrap()).hello())
                .await
                .unwrap(),
        );
    }
    let mut before = post_to_all(&ada, everyone, &mut sockets, &words("before")).await;
    // The same load without stalled clients, twice: first to fill caches, then to measure the
    // baseline.
    measure_under_load(&server, fill(&directs), &ada, everyone, &mut sockets).await;
    let (baseline, _) =
        measure_under_load(&server, fill(&directs), &ada, everyone, &mut sockets).await;
    let mut stalled = Vec::new();
    for (client, _) in &directs {
        let browser = Browser::of(client.fetch_snapshot().await.unwrap());
        stalled.push((open_stalled(client, &browser).await, browser));
    }
    let (most, mut during) =
        measure_under_load(&server, fill(&directs), &ada, everyone, &mut sockets).await;
    let mut after = post_to_all(&ada, everyone, &mut sockets, &words("after")).await;
    let began = Instant::now();
    while server.log().matches("4008").count() < slow {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "the stalled sockets are closed as slow"
        );
        sleep(Duration::from_millis(20)).await;
    }
    for ((mut socket, mut browser), (client, _)) in stalled.into_iter().zip(&directs) {
        let mut apply = |event| {
            if let ServerEvent::Change { stream, seq, at, change } = event {
                assert_eq!(browser.apply(stream, Entry { seq, at, change }), None, "no gap");
            }
        };
        while let Some(Ok(Message::Text(text))) = socket.next().await {
            apply(codec::read(&text).unwrap());
        }
        let mut again = Socket::open(client, &browser.hello()).await.unwrap();
        loop {
            match again.recv_event().await {
                ServerEvent::Change { stream, seq, at, change } => {
                    assert_eq!(browser.apply(stream, Entry { seq, at, change }), None)
                }
                ServerEvent::CaughtUp => break,
                ServerEvent::Resync { .. } => panic!("unexpected resync"),
                _ => {}
            }
        }
        let fresh = Browser::of(client.fetch_snapshot().await.unwrap());
        assert_eq!(
            browser.conversations.cursors(),
            fresh.conversations.cursors(),
            "up to date after resuming"
        );
    }
    let each = most.saturating_sub(baseline) / slow as u64;
    let p99 = |took: &mut Vec<Duration>| percentile(took, 99);
    report_row(
        "a slow client harms only itself",
        &format!(
            "{slow} open_stalled of {readers}, closed 4008, 0 lost after resume; at most {} KiB of \
             memory each; p99 to reach all: {:.1?} before, {:.1?} while they were filled up, \
             {:.1?} after",
            each / 1024,
            p99(&mut before),
            p99(&mut during),
            p99(&mut after)
        ),
    );
    // In the short form, few clients share the memory that a busy server needs anyway.
    assert!(each <= if long() { 2 } else { 4 } * 1024 * 1024, "{} KiB each", each / 1024);
}
