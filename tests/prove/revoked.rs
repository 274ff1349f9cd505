//! Revocation under load, and the absence of growth under churn.

use std::time::{Duration, Instant};

use chatbox::{
    domain::{Change, ConversationId, Entry},
    protocol::{ServerEvent, StreamId},
};
use futures_util::future::join_all;
use serde_json::json;
use tokio::{sync::watch, time::timeout};

use crate::{
    browser::{Browser, Socket},
    harness::{
        server::{TestServer, users},
        socket::TestSocket,
        user::{TestUser, new_id},
    },
    measure::{Rng, churn_duration, report_row, times},
    program::Program,
    writers::{at_server, sign_up_ada},
};

/// Three tasks of one person write to a conversation until told to stop.
fn traffic(
    who: &TestUser,
    conversation: &str,
    stop: &watch::Receiver<bool>,
) -> Vec<tokio::task::JoinHandle<usize>> {
    let writer = |_| {
        let (who, conversation, stop) = (who.clone(), conversation.to_owned(), stop.clone());
        tokio::spawn(async move {
            let mut count = 0;
            while !*stop.borrow() {
                who.post(&conversation, "goes on").await;
                count += 1;
            }
            count
        })
    };
    (0..3).map(writer).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_member_receives_nothing_committed_afterwards() {
    let rounds = times(10, 300);
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&kofi]).await;
    let conversation: ConversationId = group.parse().unwrap();
    let (done, stop) = watch::channel(false);
    let writing = traffic(&kofi, &group, &stop);
    let mut received = 0;
    for round in 0..rounds {
        ada.add_members(&group, &[&grace]).await.ok();
        let browser = Browser::of(grace.client.fetch_snapshot().await.unwrap());
        let joined = browser.conversations.find(conversation).unwrap().head;
        let mut socket = Socket::open(&grace.client, &browser.hello()).await.unwrap();
        while socket.recv_event().await != ServerEvent::CaughtUp {}
        ada.remove_member(&group, &grace).await.ok();
        let marker = format!("marker {round}");
        ada.post(&ada.everyone().await, &marker).await;
        let mut last = joined;
        loop {
            match socket.recv_event().await {
                ServerEvent::Change { stream: StreamId::Conversation(id), seq, .. }
                    if id == conversation =>
                {
                    last = seq
                }
                ServerEvent::Change { change: Change::Posted { body, .. }, .. }
                    if body == marker =>
                {
                    break;
                }
                _ => {}
            }
        }
        let stored: Vec<Entry> = ada.client.all_after(conversation, joined).await.unwrap();
        let removal = stored
            .iter()
            .find(|entry| matches!(entry.change, Change::MemberRemoved { .. }))
            .unwrap()
            .seq;
        assert!(last < removal, "received {last}, but the removal is {removal}");
        received += last.0 - joined.0;
    }
    done.send(true).unwrap();
    let written: usize = join_all(writing).await.into_iter().map(Result::unwrap).sum();
    assert!(received > 0, "there was traffic");
    report_row(
        "revocation: a removal",
        &format!(
            "{rounds} removals among {written} messages: {received} events received before them, \
             0 after"
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_of_an_ended_session_close_within_a_second() {
    let rounds = times(10, 200);
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace] = users(&server).await;
    let everyone = ada.everyone().await;
    let (done, stop) = watch::channel(false);
    let writing = traffic(&ada, &everyone, &stop);
    let mut longest = Duration::ZERO;
    for _ in 0..rounds {
        let phone = server.second_device("grace").await;
        let mut sockets: Vec<TestSocket> = vec![phone.connect().await, phone.connect().await];
        let signing_out = async {
            phone.sign_out().await.ok();
            let committed = Instant::now();
            // Committed after the session had ended.
            (ada.post(&everyone, "after that").await, committed)
        };
        let closing = join_all(sockets.iter_mut().map(async |socket| {
            let (received, code) = timeout(Duration::from_secs(5), socket.recv_until_closed())
                .await
                .expect("the socket is closed");
            (
                received.iter().filter_map(|frame| frame["seq"].as_u64()).max().unwrap_or(0),
                code,
                Instant::now(),
            )
        }));
        let ((after, committed), closed) = tokio::join!(signing_out, closing);
        for (last, code, when) in closed {
            assert_eq!(code, 4401);
            assert!(last < after, "received {last}, although the session ended before {after}");
            longest = longest.max(when.saturating_duration_since(committed));
        }
    }
    done.send(true).unwrap();
    let written: usize = join_all(writing).await.into_iter().map(Result::unwrap).sum();
    drop(grace);
    assert!(longest <= Duration::from_secs(1), "{longest:?}");
    report_row(
        "revocation: an ended session",
        &format!(
            "{rounds} sessions ended among {written} messages: sockets closed {longest:.1?} later \
             at most, nothing received afterwards"
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connecting_and_disconnecting_leaks_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = Program::start(&folder.path().join("data"), &[]).await;
    let (ada, everyone) = sign_up_ada(&server).await;
    let (began, duration) = (Instant::now(), churn_duration());
    let (mut rng, mut connects, mut messages, mut first) = (Rng::of(7), 0, 0, None);
    loop {
        // Some disconnect before or during the handshake, some when they are up to date.
        join_all((0..8).map(async |n| {
            let person = at_server(&ada, &server);
            let browser = Browser::of(person.client.fetch_snapshot().await.unwrap());
            let Ok(mut socket) = Socket::open(&person.client, &browser.hello()).await else {
                return;
            };
            if n % 4 > 0 {
                while socket.next().await.is_ok_and(|event| event != ServerEvent::CaughtUp) {}
            }
        }))
        .await;
        for _ in 0..rng.between(1, 6) {
            // Short messages: the page cache of SQLite, up to 2 MB per connection, is not growth.
            let body = "x".repeat(rng.between(1, 60));
            ada.call(
                "post_message",
                json!({ "conversation": everyone, "client_id": new_id(), "body": body }),
            )
            .await
            .ok();
            messages += 1;
        }
        ada.client.get("/").await;
        connects += 8;
        let share = began.elapsed().as_secs_f64() / duration.as_secs_f64();
        // The caches that fill after the start are not growth.
        if share >= 0.3 && first.is_none() {
            first = Some((server.memory(), descriptors_at_rest(&server).await));
        }
        if share >= 1.0 {
            break;
        }
    }
    let ((memory, descriptors), (memory_now, descriptors_now)) =
        (first.unwrap(), (server.memory(), descriptors_at_rest(&server).await));
    let mib = |bytes: u64| bytes as f64 / 1024.0 / 1024.0;
    report_row(
        "churn without growth",
        &format!(
            "{:.0?}: {connects} connects and goings, {messages} messages; memory {:.1} MiB after a \
             third, {:.1} MiB at the end; descriptors {descriptors}, {descriptors_now}",
            began.elapsed(),
            mib(memory),
            mib(memory_now)
        ),
    );
    assert!(
        descriptors_now <= descriptors + 4,
        "{descriptors} descriptors, then {descriptors_now}"
    );
    assert!(
        mib(memory_now) <= mib(memory) * 1.1 + 8.0,
        "{:.1} MiB, then {:.1} MiB",
        mib(memory),
        mib(memory_now)
    );
}

/// The number of open descriptors once disconnected sockets are closed.
async fn descriptors_at_rest(server: &Program) -> usize {
    let (mut least, mut same) = (server.descriptors(), 0);
    while same < 5 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let now = server.descriptors();
        same = if now < least { 0 } else { same + 1 };
        least = least.min(now);
    }
    least
}
