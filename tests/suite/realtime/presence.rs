//! Presence: who is online, who of them is idle, and who would rather not tell.

use chatbox::server::clock;
use serde_json::{Value, json};

use crate::harness::{
    server::{TestServer, users},
    socket::TestSocket,
    user::{TestUser, cursors},
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
    async fn says_idle(&mut self, on: bool) {
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
    laptop.says_idle(true).await;
    phone.says_idle(true).await;
    socket.recv_until(is_presence_of("idle", &grace)).await;
    let snapshot = ada.snapshot().await;
    assert!(
        names(&snapshot["online"], &json!(grace.id)),
        "who is idle is online, for clients that know nothing of it"
    );
    assert_eq!(snapshot["idle"], json!([grace.id]));
    let welcome = ada.connect().await.missed[0].clone();
    assert!(
        names(&welcome["online"], &json!(grace.id)) && welcome["idle"] == json!([grace.id]),
        "{welcome}"
    );
    phone.says_idle(false).await;
    let back = socket.recv_until(is_presence_of("online", &grace)).await;
    assert!(
        !back.iter().any(is_presence_of("offline", &grace))
            && back.last().unwrap().get("idle").is_none()
    );
    // The one that is left decides.
    drop(phone);
    socket.recv_until(is_presence_of("idle", &grace)).await;
    laptop.says_idle(false).await;
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
            "nobody was there on the way out"
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
    // Told before the answer, so that not even the next who comes is told of her.
    let welcome = ada.connect().await.missed[0].clone();
    assert!(!welcome.to_string().contains(&grace.id), "{welcome}");
    socket.recv_until(is_presence_of("offline", &grace)).await;
    hers.recv_until(is_presence_of("offline", &grace)).await;
    assert!(!names(&ada.snapshot().await["online"], &json!(grace.id)));
    // A client that knows nothing of it does not undo it, and neither typing, another device nor
    // idleness give her away.
    grace.call_ok("set_privacy", json!({ "shows_reading": true, "shows_typing": true })).await;
    let mut phone = server.second_device("grace").await.connect().await;
    phone.send_json(&json!({ "type": "typing", "conversation": direct })).await;
    phone.says_idle(true).await;
    phone.says_idle(false).await;
    phone.send_json(&json!({ "type": "nothing" })).await;
    assert_eq!(phone.close_code().await, 4002, "all before it was heard");
    // Presence is told in its own time: what somebody else's coming brings, hers would have come
    // with.
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
    let asks = async || ada.call_ok("last_seen", json!({ "person": grace.id })).await;
    assert_eq!(asks().await, Value::Null, "she never was");
    let mut socket = ada.connect().await;
    let hers = grace.connect().await;
    socket.recv_until(is_presence_of("online", &grace)).await;
    assert_eq!(asks().await, Value::Null, "she is there");
    drop(hers);
    socket.recv_until(is_presence_of("offline", &grace)).await;
    let seen = asks().await.as_i64().expect("it was kept before it was told");
    let ago = clock::now() - seen;
    assert!(seen % 60_000 == 0 && (0..180_000).contains(&ago), "{ago}");
    grace
        .call_ok(
            "set_privacy",
            json!({ "shows_reading": true, "shows_typing": true, "shows_presence": false }),
        )
        .await;
    assert_eq!(asks().await, Value::Null);
    // Whatever she does while she hides leaves no trace.
    server.execute("update people set last_seen = 60000".to_owned()).await;
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
    assert_eq!(asks().await, json!(60_000));
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
    assert_eq!(
        grace.call_ok("me", json!({})).await["status"],
        status,
        "also in a session that was known before"
    );
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
        "the same once more was nothing new"
    );
    assert_eq!(cleared["change"]["profile"].get("status"), None);
    assert_eq!(of(&ada.snapshot().await["people"]), None);
    // Who was away hears both, and of both what holds now.
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
