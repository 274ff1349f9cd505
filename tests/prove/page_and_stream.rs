//! A page joins its event stream without a gap, and a retried message is stored once.

use std::time::Duration;

use chatbox::{
    api::conversations::InitialState,
    domain::Entry,
    protocol::{ServerEvent, StreamId, codec},
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::{sync::watch, time::interval};

use crate::{
    browser::{Browser, Socket},
    harness::{
        server::{TestServer, users},
        user::{TestClient, new_id},
    },
    measure::{report_row, times},
};

/// The initial state in a page.
fn initial_state(page: &str) -> InitialState {
    let literal =
        page.split_once("__RESOLVED_RESOURCES[0] = \"").expect("the page has an initial state").1;
    let mut escaped = false;
    let end = literal.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    codec::decode_json(&unescaped(&literal[..end.unwrap()])).expect("a valid initial state")
}

/// The text of a JavaScript string literal.
fn unescaped(literal: &str) -> String {
    let (mut text, mut rest) = (String::new(), literal);
    while let Some((plain, escaped)) = rest.split_once('\\') {
        text.push_str(plain);
        let sign = escaped.chars().next().unwrap();
        rest = &escaped[sign.len_utf8()..];
        match sign {
            'u' => {
                let (digits, after) = rest
                    .strip_prefix('{')
                    .map_or_else(|| rest.split_at(4), |rest| rest.split_once('}').unwrap());
                text.extend(u32::from_str_radix(digits, 16).ok().and_then(char::from_u32));
                rest = after;
            }
            'n' => text.push('\n'),
            't' => text.push('\t'),
            other => text.push(other),
        }
    }
    text + rest
}

/// Loads a page and joins its stream: a missing, repeated or different entry is an anomaly. Returns
/// 1 if the timeline reaches the end.
async fn load_and_join(client: &TestClient) -> usize {
    let page = client.get("/").await;
    assert_eq!(page.status, 200);
    let mut browser = Browser::of_page(initial_state(&page.text));
    let everyone = browser.everyone();
    let head = browser.conversations.find(everyone).unwrap().head;
    let mut socket = Socket::open(client, &browser.hello()).await.unwrap();
    let (mut received, mut current) = (0_usize, false);
    while received < 3 || !current {
        match socket.recv_event().await {
            ServerEvent::Change { stream, seq, at, change } => {
                assert_eq!(
                    browser.apply(stream, Entry { seq, at, change }),
                    None,
                    "no gap between the page and its stream"
                );
                // Others of the same person move its read position meanwhile.
                received += usize::from(stream == StreamId::Conversation(everyone));
            }
            ServerEvent::Resync { .. } => panic!("a new page needs no resync"),
            ServerEvent::CaughtUp => current = true,
            _ => {}
        }
    }
    let shown = browser.shown(everyone).expect("the page opens Everyone");
    let first = shown[0].seq;
    let stored = client.all_after(everyone, chatbox::domain::Seq(first.0 - 1)).await.unwrap();
    assert!(
        shown.len() <= stored.len()
            && shown.iter().zip(&stored).all(|(shown, stored)| **shown == *stored),
        "the timeline equals the stored history"
    );
    let end = browser.conversations.find(everyone).unwrap().head;
    // A page that opens at the first unread message may not reach the end, and then says so.
    let reaches = !browser.timelines.find(everyone).unwrap().has_newer();
    assert!(
        end > head && reaches == (shown.last().unwrap().seq == end),
        "the timeline ends with the last event"
    );
    // So that the next page reaches the end.
    client.call("mark_read", json!({ "conversation": everyone, "upto": end })).await.ok();
    usize::from(reaches)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_and_its_stream_join_without_a_gap_under_load() {
    let (together, each) = (times(6, 10), times(10, 200));
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace, kofi] = users(&server).await;
    let everyone = ada.everyone().await;
    let (done, stop) = watch::channel(false);
    let (writer, conversation) = (ada.clone(), everyone.clone());
    let writing = tokio::spawn(async move {
        let (mut beat, mut count) = (interval(Duration::from_millis(50)), 0);
        while !*stop.borrow() {
            beat.tick().await;
            writer.post(&conversation, &format!("{count} \"</script>\\ 🦆 ø\u{2028}")).await;
            count += 1;
        }
        count
    });
    let loading = join_all((0..together).map(async |n| {
        let client = if n % 2 == 0 { &grace.client } else { &kofi.client };
        let mut count = 0;
        for _ in 0..each {
            count += load_and_join(client).await;
        }
        count
    }));
    let count: usize = loading.await.into_iter().sum();
    done.send(true).unwrap();
    let messages = writing.await.unwrap();
    assert!(count > 0, "no page reached the end");
    report_row(
        "page and stream join without a gap",
        &format!("{count} loads of the page during {messages} messages (20 a second), 0 anomalies"),
    );
}

#[tokio::test]
async fn a_message_sent_a_hundred_times_at_once_is_stored_once() {
    let rounds = times(2, 50);
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    for round in 1..=rounds {
        let id = new_id();
        let responses = join_all((0..100).map(|_| ada.post_with_id(&id, &direct, "once"))).await;
        let first: Value = responses[0].json();
        assert!(
            responses.iter().all(|answer| answer.status == 200 && answer.json() == first),
            "a hundred equal responses"
        );
        assert_eq!(ada.client_ids(&direct).await.len(), round, "one message");
    }
    report_row(
        "a retried send is one message",
        &format!(
            "{rounds} times the same id 100 times at once: {rounds} messages, 100 equal answers each"
        ),
    );
}
