//! Very many at once: a restart under a thousand clients, and one who does not read among hundreds who do.

use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};

use chatbox::{
    domain::{Change, ConversationId, Seq},
    protocol::{ServerEvent, StreamId, codec},
};
use futures_util::{SinkExt, StreamExt, future::join_all};
use serde_json::json;
use tokio::{
    net::TcpSocket,
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep},
};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest, http::HeaderValue},
};

use crate::{
    browser::{Browser, Socket},
    measure::{Dice, long, measured, percentile, times},
    person::{Person, Visitor, new_id},
    program::{Program, free_port},
    town::Town,
    writers::lost,
};

/// Sockets of one person.
const DEVICES: usize = 10;

/// A folder with so many people in it, who are signed in.
async fn inhabited(data: &Path, people: usize) -> Vec<Person> {
    let town = Town::with(|config| (config.data, config.limits) = (data.to_owned(), false));
    let mut cast = Vec::new();
    for n in 0..people {
        cast.push(town.person(&format!("person{n}")).await);
    }
    tokio::task::spawn_blocking(|| drop(town)).await.unwrap();
    cast
}

fn at(person: &Person, server: &Program) -> Visitor {
    Visitor { cookie: person.visitor.cookie.clone(), ..server.visitor() }
}

/// Somebody who stays connected by the protocol's rules, until everything of Everyone up to the end is known. Answers when it was
/// current again after the restart, and with which codes its sockets were closed.
async fn stays(visitor: Visitor, mut browser: Browser, mut dice: Dice, mut end: watch::Receiver<Option<(Instant, Seq)>>) -> (Duration, Vec<u16>) {
    let (everyone, mut codes, mut misses, mut current) = (StreamId::Conversation(browser.everyone()), Vec::new(), 0_u32, None);
    loop {
        match Socket::open(&visitor, &browser.hello()).await {
            Err(status) => assert!(status < 500, "refused with {status}"),
            Ok(mut socket) => loop {
                if let (Some((stopped, last)), Some(current)) = (*end.borrow_and_update(), current)
                    && browser.book.mark(everyone).unwrap() >= last
                    && current > stopped
                {
                    return (current - stopped, codes);
                }
                let event = tokio::select! { event = socket.next() => event, _ = end.changed() => continue };
                match event {
                    Ok(ServerEvent::Change { stream, seq, at, change }) => {
                        assert_eq!(browser.take(stream, chatbox::domain::Entry { seq, at, change }), None, "nothing is missing");
                    }
                    Ok(ServerEvent::Current) => (misses, current) = (0, Some(Instant::now())),
                    Ok(_) => {}
                    Err(code) => {
                        codes.push(code);
                        break;
                    }
                }
            },
        }
        misses += 1;
        sleep(Duration::from_millis(dice.below(500 * 2_usize.pow(misses.min(6))) as u64)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_under_a_crowd_is_no_outage() {
    let people = times(8, 100);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let cast = inhabited(&data, people).await;
    let address = free_port();
    let mut server = Program::start_at(address, &data, &[]).await.unwrap();
    let (say, end) = watch::channel(None);
    let (mut clients, opened): (Vec<JoinHandle<_>>, Instant) = (Vec::new(), Instant::now());
    for (n, person) in cast.iter().flat_map(|person| [person; DEVICES]).enumerate() {
        let visitor = at(person, &server);
        let browser = Browser::of(visitor.takes_snapshot().await.unwrap());
        clients.push(tokio::spawn(stays(visitor, browser, Dice::of(n as u64), end.clone())));
    }
    let everyone: ConversationId = at(&cast[0], &server).takes_snapshot().await.unwrap().conversations[0].conversation.id;
    // Some write all the time; what fails on the way is sent again under the same id.
    let (stop, stopped) = watch::channel(false);
    let writing: Vec<_> = cast.iter().take(4).map(|person| {
        let (visitor, stopped) = (at(person, &server), stopped.clone());
        tokio::spawn(async move {
            let (mut acknowledged, mut last) = (BTreeSet::new(), Seq::START);
            while !*stopped.borrow() {
                let id = new_id();
                loop {
                    let message = json!({ "conversation": everyone, "client_id": id, "body": "all the time" });
                    match visitor.request("POST", "/api/post_message").json(&message).send().await {
                        Ok(answer) if answer.status() == 200 => {
                            let receipt: chatbox::api::messages::Receipt = codec::read_any(&answer.text().await.unwrap()).unwrap();
                            last = receipt.seq;
                            acknowledged.insert(id);
                            break;
                        }
                        Ok(answer) => assert!(answer.status().as_u16() < 500, "answered with {}", answer.status()),
                        Err(_) => sleep(Duration::from_millis(20)).await,
                    }
                }
                sleep(Duration::from_millis(40)).await;
            }
            (acknowledged, last)
        })
    }).collect();
    sleep(opened.elapsed().min(Duration::from_secs(3))).await;
    let began = Instant::now();
    server.terminate();
    assert_eq!(server.ended().await, Some(0), "it ends cleanly");
    let ending = began.elapsed();
    let server = Program::start_at(address, &data, &[]).await.unwrap();
    let serving = began.elapsed();
    sleep(Duration::from_secs(1)).await;
    stop.send(true).unwrap();
    let (mut acknowledged, mut last) = (BTreeSet::new(), Seq::START);
    for written in join_all(writing).await {
        let (own, end) = written.unwrap();
        acknowledged.extend(own);
        last = last.max(end);
    }
    say.send(Some((began, last))).unwrap();
    let (mut back, mut codes) = (Vec::new(), BTreeSet::new());
    for client in join_all(clients).await {
        let (elapsed, closed) = client.unwrap();
        back.push(elapsed);
        codes.extend(closed);
    }
    assert_eq!(lost(&data, &acknowledged).await, 0);
    drop(server);
    let (half, most) = (percentile(&mut back, 50), percentile(&mut back, 99));
    measured(
        "a restart is not an outage",
        &format!(
            "{} clients: current again after {half:.1?} (median), {most:.1?} (p99) from SIGTERM; exit after {ending:.1?}, serving after {serving:.1?}; no 5xx, {} acknowledged, 0 lost; closed with {codes:?}",
            back.len(),
            acknowledged.len()
        ),
    );
    assert!(ending <= Duration::from_secs(5) && most <= Duration::from_secs(10));
    assert_eq!(codes, [4001].into(), "each was told to come again");
}

/// A socket whose owner does not read: little room before the network holds back.
async fn stalled(visitor: &Visitor, browser: &Browser) -> tokio_tungstenite::WebSocketStream<tokio::net::TcpStream> {
    let mut request = format!("{}/ws", visitor.base.replacen("http", "ws", 1)).into_client_request().unwrap();
    request.headers_mut().insert("origin", HeaderValue::from_str(&visitor.base).unwrap());
    request.headers_mut().insert("cookie", HeaderValue::from_str(visitor.cookie.as_ref().unwrap()).unwrap());
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let stream = socket.connect(visitor.base.trim_start_matches("http://").parse().unwrap()).await.unwrap();
    let (mut socket, _) = client_async(request, stream).await.unwrap();
    socket.send(Message::text(codec::write_command(&browser.hello()))).await.unwrap();
    while let Some(Ok(Message::Text(text))) = socket.next().await {
        if codec::read(&text).unwrap() == ServerEvent::Current {
            return socket;
        }
    }
    panic!("no current")
}

/// Ada writes to Everyone, one after the other; how long each took to reach all of these.
async fn reaches_all(ada: &Visitor, everyone: ConversationId, ears: &mut [Socket], words: &[String]) -> Vec<Duration> {
    let mut took = Vec::new();
    for word in words {
        let began = Instant::now();
        let posting = ada.asks("post_message", json!({ "conversation": everyone, "client_id": new_id(), "body": word }));
        let hearing = join_all(ears.iter_mut().map(async |ear| loop {
            if let ServerEvent::Change { change: Change::Posted { body, .. }, .. } = ear.hears().await {
                assert_eq!(body, *word, "each hears all, in order");
                return;
            }
        }));
        let (answer, _) = tokio::join!(posting, hearing);
        assert_eq!(answer.status, 200);
        took.push(began.elapsed());
    }
    took
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_harms_nobody_else_and_loses_nothing() {
    let (readers, slow) = (times(50, 500), times(2, 20));
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let cast = inhabited(&data, 1 + readers / DEVICES + slow).await;
    let server = Program::start_at(free_port(), &data, &[("CHATBOX_LOG", "info".to_owned())]).await.unwrap();
    let (ada, rest) = (at(&cast[0], &server), &cast[1..]);
    let everyone = Browser::of(ada.takes_snapshot().await.unwrap()).everyone();
    let mut ears = Vec::new();
    for person in rest[slow..].iter().flat_map(|person| [person; DEVICES]) {
        let visitor = at(person, &server);
        ears.push(Socket::open(&visitor, &Browser::of(visitor.takes_snapshot().await.unwrap()).hello()).await.unwrap());
    }
    let mut directs = Vec::new();
    for person in &rest[..slow] {
        let made: chatbox::domain::Summary = ada.gets_from("open_direct", json!({ "person": person.id })).await.unwrap();
        directs.push((at(person, &server), made.conversation.id));
    }
    let long_words = Arc::new("ø".repeat(9_990));
    // More than the sockets' own buffers and the server's queue hold together.
    let fat = 500;
    let fill = async |directs: &[(Visitor, ConversationId)]| {
        for (_, direct) in directs {
            for _ in 0..fat / 25 {
                let message = || json!({ "conversation": direct, "client_id": new_id(), "body": *long_words });
                let answers = join_all((0..25).map(|_| ada.asks("post_message", message()))).await;
                assert!(answers.iter().all(|answer| answer.status == 200));
            }
        }
    };
    let words = |name: &str| (0..times(20, 200)).map(|n| format!("{name} {n}")).collect::<Vec<_>>();
    // The same load first with nobody stalled: what memory and time that takes is not the stalled one's.
    fill(&directs).await;
    let mut before = reaches_all(&ada, everyone, &mut ears, &words("before")).await;
    let memory = server.memory();
    let mut silent = Vec::new();
    for (visitor, _) in &directs {
        let browser = Browser::of(visitor.takes_snapshot().await.unwrap());
        silent.push((stalled(visitor, &browser).await, browser));
    }
    let mut most = 0;
    let spoken = words("during");
    let during = reaches_all(&ada, everyone, &mut ears, &spoken);
    let filling = fill(&directs);
    let watching = async {
        loop {
            most = most.max(server.memory());
            sleep(Duration::from_millis(20)).await;
        }
    };
    let mut during = tokio::select! { (during, ()) = async { tokio::join!(during, filling) } => during, () = watching => unreachable!() };
    let mut after = reaches_all(&ada, everyone, &mut ears, &words("after")).await;
    let began = Instant::now();
    while server.said().matches("4008").count() < slow {
        assert!(began.elapsed() < Duration::from_secs(20), "the stalled sockets are closed as slow");
        sleep(Duration::from_millis(20)).await;
    }
    for ((mut socket, mut browser), (visitor, direct)) in silent.into_iter().zip(&directs) {
        let mut apply = |event| {
            if let ServerEvent::Change { stream, seq, at, change } = event {
                assert_eq!(browser.take(stream, chatbox::domain::Entry { seq, at, change }), None, "nothing is missing");
            }
        };
        while let Some(Ok(Message::Text(text))) = socket.next().await {
            apply(codec::read(&text).unwrap());
        }
        let mut again = Socket::open(visitor, &browser.hello()).await.unwrap();
        loop {
            match again.hears().await {
                ServerEvent::Change { stream, seq, at, change } => assert_eq!(browser.take(stream, chatbox::domain::Entry { seq, at, change }), None),
                ServerEvent::Current => break,
                ServerEvent::Resync { .. } => panic!("it is not so far behind"),
                _ => {}
            }
        }
        let fresh = Browser::of(visitor.takes_snapshot().await.unwrap());
        let stream = StreamId::Conversation(*direct);
        assert_eq!((browser.book.mark(stream), browser.book.marks()), (fresh.book.mark(stream), fresh.book.marks()), "resumed, it has all");
    }
    let each = most.saturating_sub(memory) / slow as u64;
    let p99 = |took: &mut Vec<Duration>| percentile(took, 99);
    measured(
        "a slow client harms only itself",
        &format!(
            "{slow} stalled of {readers}, closed 4008, 0 lost after resume; at most {} KiB of memory each; p99 to reach all: {:.1?} before, {:.1?} while they were filled up, {:.1?} after",
            each / 1024, p99(&mut before), p99(&mut during), p99(&mut after)
        ),
    );
    // Few share what a busy server needs anyway; only of many the share is theirs.
    assert!(each <= 2 * 1024 * 1024 || !long(), "{} KiB each", each / 1024);
}
