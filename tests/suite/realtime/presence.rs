//! Presence: who is online, who is idle, and who hides their presence.

use std::time::Duration;

use chatbox::server::clock;
use serde_json::{Value, json};

use crate::harness::{
    server::{TestServer, users},
    socket::TestSocket,
    user::{TestUser, cursors, stream},
};

/// Whether a frame names this person in this list of a presence signal.
fn is_presence_of(list: &'static str, person: &TestUser) -> impl Fn(&Value) -> bool + use<> {
    let id = json!(person.id);
    move |frame| frame["signal"] == "presence" && names(&frame[list], &id)
}

fn names(list: &Value, id: &Value) -> bool {
    list.as_array().is_some_and(|list| list.contains(id))
}

impl TestSocket {
    async fn send_idle(&mut self, on: bool) {
        self.send_json(&json!({ "type": "idle", "on": on })).await;
    }
}

#[tokio::test]
async fn a_person_is_idle_when_all_their_browsers_are() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let mut socket = ada.connect().await;
    let (mut laptop, mut phone) =
        (grace.connect().await, server.second_device("grace").await.connect().await);
    socket.recv_until(is_presence_of("online", &grace)).await;
    laptop.send_idle(true).await;
    phone.send_idle(true).await;
    socket.recv_until(is_presence_of("idle", &grace)).await;
    let snapshot = ada.snapshot().await;
    assert!(
        names(&snapshot["online"], &json!(grace.id)),
        "idle people are online for older clients"
    );
    assert_eq!(snapshot["idle"], json!([grace.id]));
    let welcome = ada.connect().await.missed[0].clone();
    assert!(
        names(&welcome["online"], &json!(grace.id)) && welcome["idle"] == json!([grace.id]),
        "{welcome}"
    );
    phone.send_idle(false).await;
    let back = socket.recv_until(is_presence_of("online", &grace)).await;
    assert!(
        !back.iter().any(is_presence_of("offline", &grace))
            && back.last().unwrap().get("idle").is_none()
    );
    // The remaining browser decides.
    drop(phone);
    socket.recv_until(is_presence_of("idle", &grace)).await;
    laptop.send_idle(false).await;
    socket.recv_until(is_presence_of("online", &grace)).await;
    assert!(ada.snapshot().await.get("idle").is_none());
}

#[tokio::test]
async fn a_reconnecting_browser_reports_idle_at_once() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let mut socket = ada.connect().await;
    let (epoch, cursors) = cursors(&grace.snapshot().await);
    for _ in 0..2 {
        let mut hers = TestSocket::open(&grace.client).await.unwrap();
        hers.send_json(
            &json!({ "type": "hello", "v": 1, "epoch": epoch, "marks": cursors, "idle": true }),
        )
        .await;
        hers.catch_up().await;
        socket.recv_until(is_presence_of("idle", &grace)).await;
        drop(hers);
        let gone = socket.recv_until(is_presence_of("offline", &grace)).await;
        assert!(
            !gone.iter().any(is_presence_of("online", &grace)),
            "no presence while signing out"
        );
    }
}

#[tokio::test]
async fn hidden_presence_is_offline_everywhere_at_once() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let (mut socket, mut hers) = (ada.connect().await, grace.connect().await);
    socket.recv_until(is_presence_of("online", &grace)).await;
    hers.recv_until(is_presence_of("online", &grace)).await;
    let hides = json!({ "shows_reading": true, "shows_typing": true, "shows_presence": false });
    grace.call_ok("set_privacy", hides).await;
    // Announced before the response, so that nobody who connects afterwards sees her online.
    let welcome = ada.connect().await.missed[0].clone();
    assert!(!welcome.to_string().contains(&grace.id), "{welcome}");
    socket.recv_until(is_presence_of("offline", &grace)).await;
    hers.recv_until(is_presence_of("offline", &grace)).await;
    assert!(!names(&ada.snapshot().await["online"], &json!(grace.id)));
    // An older client does not reset the setting, and typing, another device or idleness do not
    // reveal her.
    grace.call_ok("set_privacy", json!({ "shows_reading": true, "shows_typing": true })).await;
    let mut phone = server.second_device("grace").await.connect().await;
    phone.send_json(&json!({ "type": "typing", "conversation": direct })).await;
    phone.send_idle(true).await;
    phone.send_idle(false).await;
    phone.send_json(&json!({ "type": "nothing" })).await;
    assert_eq!(phone.close_code().await, 4002, "all earlier frames were processed");
    // Presence is announced with a delay: hers would have arrived together with the next one.
    let kofi = server.user("kofi").await;
    let _his = kofi.connect().await;
    let meanwhile = socket.recv_until(is_presence_of("online", &kofi)).await;
    assert!(
        !meanwhile
            .iter()
            .any(|frame| frame["type"] == "signal" && frame.to_string().contains(&grace.id)),
        "{meanwhile:?}"
    );
    assert_eq!(grace.snapshot().await["privacy"]["shows_presence"], json!(false));
    grace
        .call_ok(
            "set_privacy",
            json!({ "shows_reading": true, "shows_typing": true, "shows_presence": true }),
        )
        .await;
    socket.recv_until(is_presence_of("online", &grace)).await;
}

#[tokio::test]
async fn hidden_presence_survives_a_restart() {
    let server = TestServer::new();
    let [mut ada, mut grace] = users(&server).await;
    grace
        .call_ok(
            "set_privacy",
            json!({ "shows_reading": true, "shows_typing": true, "shows_presence": false }),
        )
        .await;
    let server = server.restart();
    ada.switch_to(&server);
    grace.switch_to(&server);
    let _hers = grace.connect().await;
    let _ears = ada.connect().await;
    let online = ada.snapshot().await["online"].clone();
    assert_eq!(online, json!([ada.id]));
}

#[tokio::test]
async fn last_seen_is_stored_to_the_minute_unless_hidden() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let last_seen = async || ada.call_ok("last_seen", json!({ "person": grace.id })).await;
    assert_eq!(last_seen().await, Value::Null, "never announced");
    let mut socket = ada.connect().await;
    let hers = grace.connect().await;
    socket.recv_until(is_presence_of("online", &grace)).await;
    assert_eq!(last_seen().await, Value::Null, "she is online");
    drop(hers);
    socket.recv_until(is_presence_of("offline", &grace)).await;
    let seen = last_seen().await.as_i64().expect("stored before it was announced");
    let age = clock::now() - seen;
    assert!(seen % 60_000 == 0 && (0..180_000).contains(&age), "{age}");
    grace
        .call_ok(
            "set_privacy",
            json!({ "shows_reading": true, "shows_typing": true, "shows_presence": false }),
        )
        .await;
    assert_eq!(last_seen().await, Value::Null);
    // Nothing that she does while hidden is recorded.
    server.advance_clock(Duration::from_secs(600));
    let (hers, kofi) = (grace.connect().await, server.user("kofi").await);
    let his = kofi.connect().await;
    socket.recv_until(is_presence_of("online", &kofi)).await;
    drop((hers, his));
    socket.recv_until(is_presence_of("offline", &kofi)).await;
    grace
        .call_ok(
            "set_privacy",
            json!({ "shows_reading": true, "shows_typing": true, "shows_presence": true }),
        )
        .await;
    assert_eq!(last_seen().await, json!(seen));
}

#[tokio::test]
async fn shutdown_saves_last_seen() {
    let server = TestServer::new();
    let [mut ada, grace] = users(&server).await;
    let _hers = grace.connect().await;
    let server = server.restart();
    ada.switch_to(&server);
    assert!(ada.call_ok("last_seen", json!({ "person": grace.id })).await.is_i64());
}

#[tokio::test]
async fn a_status_is_part_of_the_profile_and_not_of_the_history() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let everyone = ada.everyone().await;
    let (epoch, before) = cursors(&ada.snapshot().await);
    let mut socket = ada.connect().await;
    let status = json!({ "emoji": "🏝️", "text": "On holiday until May" });
    grace.call_ok("set_status", json!({ "emoji": "🏝️", "text": "  On holiday\nuntil May " })).await;
    grace.call_ok("set_status", status.clone()).await;
    let received = socket.recv_change("person_changed").await;
    assert_eq!(received["change"]["profile"]["status"], status);
    let of = |people: &Value| {
        people
            .as_array()
            .unwrap()
            .iter()
            .find(|person| person["id"] == grace.id)
            .unwrap()
            .get("status")
            .cloned()
    };
    assert_eq!(of(&ada.snapshot().await["people"]), Some(status.clone()));
    assert_eq!(grace.call_ok("me", json!({})).await["status"], status, "also in a cached session");
    let history = ada.history(&everyone, json!({})).await.ok();
    assert!(!history.to_string().contains("person_changed"), "{history}");
    let summary = ada.find_summary(&everyone).await.unwrap();
    assert_eq!(summary["unread"], json!({ "seqs": [], "more": 0 }));
    assert_eq!(summary["last"], Value::Null);
    grace.call_ok("set_status", json!({ "emoji": "", "text": " " })).await;
    let cleared = socket.recv_change("person_changed").await;
    assert_eq!(
        cleared["seq"].as_u64().unwrap(),
        received["seq"].as_u64().unwrap() + 1,
        "repeated: no event"
    );
    assert_eq!(cleared["change"]["profile"].get("status"), None);
    assert_eq!(of(&ada.snapshot().await["people"]), None);
    // A client that was away receives the current state of both.
    let back = ada.connect_from(&epoch, &before).await;
    let profile_updates: Vec<_> =
        back.missed.iter().filter(|frame| frame["change"]["kind"] == "person_changed").collect();
    assert!(
        profile_updates.len() == 2
            && profile_updates
                .iter()
                .all(|frame| frame["change"]["profile"].get("status").is_none()),
        "{profile_updates:?}"
    );
}

#[tokio::test]
async fn a_status_is_one_emoji_and_one_visible_line() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    for (arguments, field) in [
        (json!({ "emoji": "holiday" }), "emoji"),
        (json!({ "emoji": "🎉🎉" }), "emoji"),
        (json!({ "text": "x".repeat(81) }), "text"),
        (json!({ "text": "a\u{202e}b" }), "text"),
    ] {
        assert_eq!(
            ada.call("set_status", arguments).await.error(),
            (422, "invalid".to_owned(), field.to_owned())
        );
    }
    assert!(ada.snapshot().await["me"].get("status").is_none());
}

#[tokio::test]
async fn presence_changes_are_announced_once() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let mut socket = ada.connect().await;
    let first = grace.connect().await;
    let second = grace.connect().await;
    socket.recv_until(is_presence_of("online", &grace)).await;
    assert!(ada.snapshot().await["online"].as_array().unwrap().contains(&json!(grace.id)));
    assert!(ada.connect().await.missed[0]["online"].as_array().unwrap().contains(&json!(grace.id)));
    drop(first);
    drop(second);
    let until_gone = socket.recv_until(is_presence_of("offline", &grace)).await;
    let comings = until_gone.iter().filter(|frame| is_presence_of("online", &grace)(frame)).count();
    assert_eq!(comings, 0, "a second socket is not announced");
    assert!(!ada.snapshot().await["online"].as_array().unwrap().contains(&json!(grace.id)));
}

#[tokio::test]
async fn a_new_person_is_announced_to_everybody() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let mut socket = ada.connect().await;
    let grace = server.user("grace").await;
    let registered = socket.recv_change("registered").await;
    assert_eq!(
        registered["change"]["newcomer"],
        json!({
            "id": grace.id, "username": "grace", "display_name": "Grace", "role": "member"
        })
    );
    assert_eq!(registered["stream"], stream(&ada.everyone().await));
    assert!(!socket.has_received("hash") && !socket.has_received("password"));
}
