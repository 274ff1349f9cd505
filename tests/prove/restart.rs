//! A restart under a thousand clients.

use std::{collections::BTreeSet, path::Path, time::Duration};

use chatbox::{
    domain::{ConversationId, Seq},
    protocol::{ServerEvent, StreamId, codec},
};
use futures_util::future::join_all;
use serde_json::json;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep},
};

use crate::{
    browser::{Browser, Socket},
    harness::{
        server::TestServer,
        user::{TestClient, TestUser, new_id},
    },
    measure::{Rng, percentile, report_row, times},
    program::{Program, free_port},
    writers::{at_server, lost},
};

/// Sockets per person.
pub(crate) const DEVICES: usize = 10;

/// Creates a data folder with this many people, signed in.
pub(crate) async fn create_users(data: &Path, people: usize) -> Vec<TestUser> {
    let server =
        TestServer::with_config(|config| (config.data, config.limits) = (data.to_owned(), false));
    let mut users = Vec::new();
    for n in 0..people {
        users.push(server.user(&format!("person{n}")).await);
    }
    tokio::task::spawn_blocking(|| drop(server)).await.unwrap();
    users
}

/// A client of a person at this server.
pub(crate) fn at(person: &TestUser, server: &Program) -> TestClient {
    TestClient { cookie: person.client.cookie.clone(), ..server.client() }
}

/// Stays connected by the rules of the protocol until all events of Everyone up to the end are
/// applied. Returns when the client was up to date again after the restart, and the close codes of
/// its sockets.
async fn stay_connected(
    client: TestClient,
    mut browser: Browser,
    mut rng: Rng,
    mut end: watch::Receiver<Option<(Instant, Seq)>>,
) -> (Duration, Vec<u16>) {
    let (everyone, mut codes, mut failures, mut current) =
        (StreamId::Conversation(browser.everyone()), Vec::new(), 0_u32, None);
    loop {
        match Socket::open(&client, &browser.hello()).await {
            Err(status) => assert!(status < 500, "rejected with {status}"),
            Ok(mut socket) => loop {
                if let (Some((stopped, last)), Some(current)) = (*end.borrow_and_update(), current)
                    && browser.conversations.cursor(everyone).unwrap() >= last
                    && current > stopped
                {
                    return (current - stopped, codes);
                }
                let event = tokio::select! {
                    event = socket.next() => event,
                    _ = end.changed() => continue,
                };
                match event {
                    Ok(ServerEvent::Change { stream, seq, at, change }) => {
                        assert_eq!(
                            browser.apply(stream, chatbox::domain::Entry { seq, at, change }),
                            None,
                            "no gap"
                        );
                    }
                    Ok(ServerEvent::CaughtUp) => (failures, current) = (0, Some(Instant::now())),
                    Ok(_) => {}
                    Err(code) => {
                        codes.push(code);
                        break;
                    }
                }
            },
        }
        failures += 1;
        sleep(Duration::from_millis(rng.below(500 * 2_usize.pow(failures.min(6))) as u64)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_reconnects_after_a_restart() {
    let people = times(8, 100);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let users = create_users(&data, people).await;
    let address = free_port();
    let mut server = Program::start_at(address, &data, &[]).await.unwrap();
    let (end_sender, end) = watch::channel(None);
    let (mut clients, opened): (Vec<JoinHandle<_>>, Instant) = (Vec::new(), Instant::now());
    for (n, person) in users.iter().flat_map(|person| [person; DEVICES]).enumerate() {
        let client = at(person, &server);
        let browser = Browser::of(client.fetch_snapshot().await.unwrap());
        clients.push(tokio::spawn(stay_connected(client, browser, Rng::of(n as u64), end.clone())));
    }
    let everyone: ConversationId =
        at(&users[0], &server).fetch_snapshot().await.unwrap().conversations[0].conversation.id;
    // Some write all the time and retry failed sends with the same client ID.
    let (stop, stopped) = watch::channel(false);
    let writing: Vec<_> = users
        .iter()
        .take(4)
        .map(|person| {
            let (client, stopped) = (at(person, &server), stopped.clone());
            tokio::spawn(async move {
                let (mut acknowledged, mut last) = (BTreeSet::new(), Seq::START);
                while !*stopped.borrow() {
                    let id = new_id();
                    loop {
                        let message = json!({
                            "conversation": everyone,
                            "client_id": id,
                            "body": "all the time"
                        });
                        match client
                            .request("POST", "/api/post_message")
                            .json(&message)
                            .send()
                            .await
                        {
                            Ok(answer) if answer.status() == 200 => {
                                let receipt: chatbox::api::messages::Receipt =
                                    codec::decode_json(&answer.text().await.unwrap()).unwrap();
                                last = receipt.seq;
                                acknowledged.insert(id);
                                break;
                            }
                            Ok(answer) => assert!(
                                answer.status().as_u16() < 500,
                                "answered with {}",
                                answer.status()
                            ),
                            Err(_) => sleep(Duration::from_millis(20)).await,
                        }
                    }
                    sleep(Duration::from_millis(40)).await;
                }
                (acknowledged, last)
            })
        })
        .collect();
    sleep(opened.elapsed().min(Duration::from_secs(3))).await;
    let began = Instant::now();
    server.terminate();
    assert_eq!(server.wait_for_exit().await, Some(0), "a clean exit");
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
    end_sender.send(Some((began, last))).unwrap();
    let (mut back, mut codes) = (Vec::new(), BTreeSet::new());
    for client in join_all(clients).await {
        let (elapsed, closed) = client.unwrap();
        back.push(elapsed);
        codes.extend(closed);
    }
    let reader = at_server(&users[0], &server);
    assert_eq!(lost(&reader, &everyone.to_string(), &data, &acknowledged).await, 0);
    drop(server);
    let (half, most) = (percentile(&mut back, 50), percentile(&mut back, 99));
    report_row(
        "a restart is not an outage",
        &format!(
            "{} clients: current again after {half:.1?} (median), {most:.1?} (p99) from SIGTERM; \
             exit after {ending:.1?}, serving after {serving:.1?}; no 5xx, {} acknowledged, 0 \
             lost; closed with {codes:?}",
            back.len(),
            acknowledged.len()
        ),
    );
    assert!(ending <= Duration::from_secs(5) && most <= Duration::from_secs(10));
    assert_eq!(codes, [4001].into(), "each socket was closed for a restart");
}
