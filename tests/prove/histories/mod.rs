//! State after events = state after reload: random histories of every kind of event, seen by every
//! role, through the application's own reducer, with repeated, delayed, lost and reordered frames.

mod operations;
mod participant;

use chatbox::{domain::Change, protocol::ServerEvent};
use futures_util::future::join_all;

use crate::{
    harness::{
        fake_web::{FakeWeb, html},
        server::TestServer,
        user::new_id,
    },
    measure::{Rng, long, report_row, times},
};
use participant::Participant;

/// Runs one history, starting from the current state of the server.
async fn history(
    number: usize,
    server: &TestServer,
    fake_web: &FakeWeb,
    participants: &mut Vec<Participant>,
) -> usize {
    let rng = &mut Rng::of(1_000 + number as u64);
    let mut operations = 0;
    for _ in 0..rng.between(2, 6) {
        if rng.chance(8) && participants.len() < 12 {
            let name = format!("newcomer{}", participants.len());
            participants.push(Participant::join(server.user(&name).await).await);
        }
        let everybody: Vec<String> =
            participants.iter().map(|participant| participant.person.id.clone()).collect();
        for _ in 0..rng.between(1, 6) {
            let who = rng.below(participants.len());
            participants[who].operate(rng, &everybody).await;
            operations += 1;
        }
        if rng.chance(40) {
            // Concurrently: the server decides the order.
            operations += participants.len();
            join_all(participants.iter_mut().enumerate().map(async |(n, participant)| {
                participant.operate(&mut Rng::of((number * 100 + n) as u64), &everybody).await
            }))
            .await;
        }
        // Link previews arrive asynchronously; they must precede the marker.
        fake_web.idle().await;
        let marker = format!("marker {}", new_id());
        let everyone = participants[0].browser.everyone().to_string();
        participants[0].person.post(&everyone, &marker).await;
        let is_marker = |event: &ServerEvent| match event {
            ServerEvent::Change { change: Change::Posted { body, .. }, .. } => *body == marker,
            _ => false,
        };
        for participant in participants.iter_mut() {
            if participant.socket.is_some() {
                participant.recv_until(is_marker).await;
            } else if rng.chance(60) {
                participant.connect().await;
            } else {
                continue;
            }
            if rng.chance(70) {
                participant.apply_inbox(rng).await;
                participant.assert_equals_reload(&format!("history {number}")).await;
            }
        }
    }
    operations
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn state_after_events_equals_state_after_reload() {
    let (servers, each) = (times(4, 400), 25);
    let mut operations = 0;
    let all: Vec<usize> = (0..servers).collect();
    for chunk in all.chunks(3) {
        let runs = join_all(chunk.iter().map(async |number| {
            let fake_web = FakeWeb::new().await;
            for name in ["ducks.example", "geese.example"] {
                fake_web
                    .serve(&format!("{name}/"), html(&format!("<title>All about {name}</title>")));
            }
            let server = TestServer::with_config(|config| {
                config.limits = false;
                config.transport = fake_web.transport.clone();
            });
            let mut participants = Vec::new();
            for name in ["ada", "grace", "kofi", "mei", "noor"] {
                participants.push(Participant::join(server.user(name).await).await);
            }
            let mut operations = 0;
            for n in 0..each {
                operations +=
                    history(number * each + n, &server, &fake_web, &mut participants).await;
            }
            operations
        }));
        operations += runs.await.into_iter().sum::<usize>();
        if long() {
            println!(
                "{} histories, {operations} operations so far",
                (chunk[chunk.len() - 1] + 1) * each
            );
        }
    }
    report_row(
        "state after events = state after reload",
        &format!("{} random histories, {operations} operations, 0 differences", servers * each),
    );
}
