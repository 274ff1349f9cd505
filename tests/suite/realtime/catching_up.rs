//! Catching up: after an absence, after a restart, and from a page to its socket.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    harness::{
        server::{TestServer, users},
        user::{Cursors, bodies, cursors, new_id, nothing, stream},
    },
    realtime::delivery::{of_stream, seqs},
};

fn resyncs(frames: &[Value]) -> BTreeSet<String> {
    frames
        .iter()
        .filter(|frame| frame["type"] == "resync")
        .map(|frame| frame["stream"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_returning_client_receives_exactly_what_it_missed() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    for n in 1..=10 {
        ada.post(&direct, &format!("message {n}")).await;
    }
    let (epoch, mut known) = cursors(&grace.snapshot().await);
    for cursor in [0, 4, 9, 10] {
        known.insert(stream(&direct), cursor);
        let socket = grace.connect_from(&epoch, &known).await;
        assert_eq!(
            seqs(&of_stream(&socket.missed, &stream(&direct))),
            (cursor + 1..=10).collect::<Vec<_>>(),
            "from {cursor}"
        );
        assert_eq!(resyncs(&socket.missed), BTreeSet::new());
        assert_eq!(
            socket.missed.iter().filter(|frame| frame["type"] == "change").count() as u64,
            10 - cursor,
            "and nothing else"
        );
        assert_eq!(
            (&socket.missed[0]["type"], &socket.missed[0]["epoch"], &socket.missed[0]["v"]),
            (&json!("welcome"), &json!(epoch), &json!(1))
        );
    }
}

#[tokio::test]
async fn invalid_cursors_are_answered_with_resync() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let foreign = grace.open_direct(&kofi).await;
    ada.post(&direct, "hello").await;
    let (epoch, known) = cursors(&ada.snapshot().await);
    let all: BTreeSet<String> = known.keys().cloned().collect();
    let socket = ada.connect_from("another life", &known).await;
    assert_eq!(resyncs(&socket.missed), all);
    assert!(socket.missed.iter().all(|frame| frame["type"] != "change"));
    let ahead: Cursors = [(stream(&direct), 99)].into();
    assert_eq!(resyncs(&ada.connect_from(&epoch, &ahead).await.missed), [stream(&direct)].into());
    let ahead: Cursors = [(stream(&direct), u64::MAX), (format!("p:{}", ada.id), u64::MAX)].into();
    assert_eq!(resyncs(&ada.connect_from(&epoch, &ahead).await.missed).len(), 2);
    let own = (format!("p:{}", ada.id), known[&format!("p:{}", ada.id)]);
    let others: Cursors =
        [own, (stream(&foreign), 0), (format!("p:{}", grace.id), 0), (stream(&nothing()), 0)]
            .into();
    let socket = ada.connect_from(&epoch, &others).await;
    assert_eq!(
        socket.missed.iter().map(|frame| frame["type"].as_str().unwrap()).collect::<Vec<_>>(),
        ["welcome", "current"],
        "streams of others are not delivered"
    );
}

#[tokio::test]
async fn more_than_a_thousand_missed_events_resync() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let (epoch, mut known) = cursors(&grace.snapshot().await);
    for _ in 0..10 {
        join_all((0..100).map(|_| ada.post(&direct, "again"))).await;
    }
    assert_eq!(
        of_stream(&grace.connect_from(&epoch, &known).await.missed, &stream(&direct)).len(),
        1000,
        "a thousand events are still delivered"
    );
    ada.post(&direct, "one more").await;
    let socket = grace.connect_from(&epoch, &known).await;
    assert_eq!(
        (resyncs(&socket.missed), of_stream(&socket.missed, &stream(&direct)).len()),
        ([stream(&direct)].into(), 0)
    );
    known.insert(stream(&direct), 1000);
    assert_eq!(
        of_stream(&grace.connect_from(&epoch, &known).await.missed, &stream(&direct)).len(),
        1
    );
}

#[tokio::test]
async fn a_restart_loses_no_acknowledged_message() {
    let server = TestServer::new();
    let [mut ada, mut grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let mut socket = grace.connect().await;
    let (epoch, known) = cursors(&grace.snapshot().await);
    let writing = ada.clone();
    let place = direct.clone();
    // Written while the server stops: messages may be rejected, but acknowledged ones must be
    // stored.
    let writer = tokio::spawn(async move {
        let mut acknowledged = Vec::new();
        for n in 0..10_000 {
            let request = writing.client.request("POST", "/api/post_message");
            let body = json!({
                "conversation": place,
                "client_id": new_id(),
                "body": format!("message {n}")
            });
            match request.json(&body).send().await {
                Ok(answer) if answer.status() == 200 => acknowledged.push(format!("message {n}")),
                Ok(answer) if answer.status() == 429 => tokio::task::yield_now().await,
                _ => break,
            }
        }
        acknowledged
    });
    socket.recv_until_message("message 20").await;
    let server = tokio::task::spawn_blocking(move || server.restart()).await.unwrap();
    let acknowledged = writer.await.unwrap();
    assert!(acknowledged.len() > 20);
    assert_eq!(socket.close_code().await, 4001, "come again");
    ada.switch_to(&server);
    grace.switch_to(&server);
    let back = grace.connect_from(&epoch, &known).await;
    assert_eq!(resyncs(&back.missed), BTreeSet::new(), "the same epoch");
    let stored = bodies(&back.missed);
    assert!(
        stored.starts_with(&acknowledged),
        "{} of {} are there",
        stored.len(),
        acknowledged.len()
    );
    assert!(
        stored.len() <= acknowledged.len() + 1,
        "only the last message may be stored without an acknowledgement"
    );
    ada.post(&direct, "after").await;
}

#[tokio::test]
async fn a_page_and_its_socket_join_without_a_gap() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let traffic = async {
        for n in 1..=300 {
            ada.post(&direct, &n.to_string()).await;
        }
    };
    let joins = async {
        for _ in 0..50 {
            let snapshot = grace.snapshot().await;
            let (epoch, known) = cursors(&snapshot);
            let cursor = known[&stream(&direct)];
            let mut socket = grace.connect_from(&epoch, &known).await;
            let mut next = cursor + 1;
            for frame in of_stream(&socket.missed, &stream(&direct)) {
                assert_eq!(frame["seq"], next);
                next += 1;
            }
            // Some live events: repeated ones are dropped by their number, and none may be missing.
            while next <= (cursor + 5).min(300) {
                let frame = socket.recv_change("posted").await;
                let seq = frame["seq"].as_u64().unwrap();
                assert!(seq <= next, "{next} is missing");
                next = next.max(seq + 1);
            }
        }
    };
    tokio::join!(traffic, joins);
}
