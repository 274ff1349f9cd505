//! Some who do not read among hundreds who do.

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
    crowd::{DEVICES, at, inhabited},
    harness::user::{TestClient, new_id},
    measure::{long, measured, percentile, times},
    program::{Program, free_port},
};

/// A socket whose owner does not read: little room before the network holds back.
async fn stalled(
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
    panic!("no current")
}

/// Ada writes to Everyone, one after the other; how long each took to reach all of these.
async fn reaches_all(
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
        let hearing = join_all(sockets.iter_mut().map(async |socket| {
            loop {
                if let ServerEvent::Change { change: Change::Posted { body, .. }, .. } =
                    socket.hears().await
                {
                    assert_eq!(body, *word, "each hears all, in order");
                    return;
                }
            }
        }));
        let (answer, _) = tokio::join!(posting, hearing);
        assert_eq!(answer.status, 200);
        took.push(began.elapsed());
    }
    took
}

/// The most memory that the server needs while it is under this load and Ada writes to Everyone, in
/// bytes, and how long each of her messages took to reach all of these.
async fn loaded(
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
            took.extend(reaches_all(ada, everyone, sockets, &["meanwhile".to_owned()]).await);
        }
        took
    };
    let watching = async {
        loop {
            most = most.max(server.memory());
            sleep(Duration::from_millis(20)).await;
        }
    };
    let took = tokio::select! { (took, ()) = async { tokio::join!(writing, load) } => took, () = watching => unreachable!() };
    (most, took)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_harms_nobody_and_loses_nothing() {
    let (readers, slow) = (times(50, 500), times(5, 8));
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let users = inhabited(&data, 1 + readers / DEVICES + slow).await;
    let server =
        Program::start_at(free_port(), &data, &[("CHATBOX_LOG", "info".to_owned())]).await.unwrap();
    let (ada, rest) = (at(&users[0], &server), &users[1..]);
    let everyone = Browser::of(ada.takes_snapshot().await.unwrap()).everyone();
    let mut directs = Vec::new();
    for person in &rest[..slow] {
        let made: Summary =
            ada.gets_from("open_direct", json!({ "person": person.id })).await.unwrap();
        directs.push((at(person, &server), made.conversation.id));
    }
    let long_words = "ø".repeat(9_990);
    // More than the sockets' own buffers and the server's queue hold together.
    let fat = 400;
    let fill = async |directs: &[(TestClient, ConversationId)]| {
        for (_, direct) in directs {
            for _ in 0..fat / 25 {
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
            Socket::open(&client, &Browser::of(client.takes_snapshot().await.unwrap()).hello())
                .await
                .unwrap(),
        );
    }
    let mut before = reaches_all(&ada, everyone, &mut sockets, &words("before")).await;
    // The same load with nobody stalled, twice: once for what a server keeps that has done such
    // work, once for the most that it needs meanwhile. What memory that takes is not the stalled
    // one's.
    loaded(&server, fill(&directs), &ada, everyone, &mut sockets).await;
    let (usual, _) = loaded(&server, fill(&directs), &ada, everyone, &mut sockets).await;
    let mut silent = Vec::new();
    for (client, _) in &directs {
        let browser = Browser::of(client.takes_snapshot().await.unwrap());
        silent.push((stalled(client, &browser).await, browser));
    }
    let (most, mut during) = loaded(&server, fill(&directs), &ada, everyone, &mut sockets).await;
    let mut after = reaches_all(&ada, everyone, &mut sockets, &words("after")).await;
    let began = Instant::now();
    while server.said().matches("4008").count() < slow {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "the stalled sockets are closed as slow"
        );
        sleep(Duration::from_millis(20)).await;
    }
    for ((mut socket, mut browser), (client, _)) in silent.into_iter().zip(&directs) {
        let mut apply = |event| {
            if let ServerEvent::Change { stream, seq, at, change } = event {
                assert_eq!(
                    browser.take(stream, Entry { seq, at, change }),
                    None,
                    "nothing is missing"
                );
            }
        };
        while let Some(Ok(Message::Text(text))) = socket.next().await {
            apply(codec::read(&text).unwrap());
        }
        let mut again = Socket::open(client, &browser.hello()).await.unwrap();
        loop {
            match again.hears().await {
                ServerEvent::Change { stream, seq, at, change } => {
                    assert_eq!(browser.take(stream, Entry { seq, at, change }), None)
                }
                ServerEvent::CaughtUp => break,
                ServerEvent::Resync { .. } => panic!("it is not so far behind"),
                _ => {}
            }
        }
        let fresh = Browser::of(client.takes_snapshot().await.unwrap());
        assert_eq!(
            browser.conversations.cursors(),
            fresh.conversations.cursors(),
            "resumed, it has all"
        );
    }
    let each = most.saturating_sub(usual) / slow as u64;
    let p99 = |took: &mut Vec<Duration>| percentile(took, 99);
    measured(
        "a slow client harms only itself",
        &format!(
            "{slow} stalled of {readers}, closed 4008, 0 lost after resume; at most {} KiB of \
             memory each; p99 to reach all: {:.1?} before, {:.1?} while they were filled up, \
             {:.1?} after",
            each / 1024,
            p99(&mut before),
            p99(&mut during),
            p99(&mut after)
        ),
    );
    // Few share what a busy server needs anyway; only of many the share is theirs alone.
    assert!(each <= if long() { 2 } else { 4 } * 1024 * 1024, "{} KiB each", each / 1024);
}
