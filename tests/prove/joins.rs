//! The page and its stream join without a hole, and a message that is sent again and again is one.

use std::time::Duration;

use chatbox::{
    api::conversations::InitialState,
    domain::Entry,
    protocol::{ServerEvent, codec},
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
    measure::{measured, times},
};

/// What a page carries along for its awakening.
fn carried(page: &str) -> InitialState {
    let literal =
        page.split_once("__RESOLVED_RESOURCES[0] = \"").expect("the page carries something").1;
    let mut escaped = false;
    let end = literal.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    codec::decode_json(&unescaped(&literal[..end.unwrap()])).expect("what the app reads")
}

/// A JavaScript literal's text.
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

/// Loads the page and joins its stream: anything missing, doubled or different from what is kept is
/// an anomaly.
async fn loads(client: &TestClient) -> usize {
    let page = client.get("/").await;
    assert_eq!(page.status, 200);
    let mut browser = Browser::of_page(carried(&page.text));
    let everyone = browser.everyone();
    let began = browser.conversations.find(everyone).unwrap().head;
    let mut socket = Socket::open(client, &browser.hello()).await.unwrap();
    let (mut received, mut current) = (0, false);
    while received < 3 || !current {
        match socket.hears().await {
            ServerEvent::Change { stream, seq, at, change } => {
                assert_eq!(
                    browser.take(stream, Entry { seq, at, change }),
                    None,
                    "something between the page and its stream is missing"
                );
                received += 1;
            }
            ServerEvent::Resync { .. } => panic!("a fresh page is never behind"),
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
        "what is shown is what is kept"
    );
    let end = browser.conversations.find(everyone).unwrap().head;
    // A page that opens where reading had stopped, with much to read after it, does not reach the
    // end, and says so.
    let reaches = !browser.timelines.find(everyone).unwrap().has_newer();
    assert!(
        end > began && reaches == (shown.last().unwrap().seq == end),
        "from the page up to what is told"
    );
    // So that the next one does, however slow this machine is.
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
    let (writer, place) = (ada.clone(), everyone.clone());
    let writing = tokio::spawn(async move {
        let (mut beat, mut count) = (interval(Duration::from_millis(50)), 0);
        while !*stop.borrow() {
            beat.tick().await;
            writer.post(&place, &format!("{count} \"</script>\\ 🦆 ø\u{2028}")).await;
            count += 1;
        }
        count
    });
    let loading = join_all((0..together).map(async |n| {
        let client = if n % 2 == 0 { &grace.client } else { &kofi.client };
        let mut count = 0;
        for _ in 0..each {
            count += loads(client).await;
        }
        count
    }));
    let count: usize = loading.await.into_iter().sum();
    done.send(true).unwrap();
    let messages = writing.await.unwrap();
    assert!(count > 0, "no page reached the end");
    measured(
        "page and stream join without a hole",
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
            "a hundred equal answers"
        );
        let rows = server.query("select seq from changes where kind = 'posted'").await;
        assert_eq!(rows.len(), round, "one row");
    }
    measured(
        "a retried send is one message",
        &format!(
            "{rounds} times the same id 100 times at once: {rounds} rows, 100 equal answers each"
        ),
    );
}
