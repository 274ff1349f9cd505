//! Presence: who is online, who of them is idle, and who would rather not tell.

use chatbox::server::clock;
use serde_json::{Value, json};

use crate::{
    ear::Ear,
    person::{Person, marks},
    town::{Town, cast},
};

/// Whether a frame names this person in this list of a presence signal.
fn told(list: &'static str, person: &Person) -> impl Fn(&Value) -> bool + use<> {
    let id = json!(person.id);
    move |frame| frame["signal"] == "presence" && names(&frame[list], &id)
}

fn names(list: &Value, id: &Value) -> bool {
    list.as_array().is_some_and(|list| list.contains(id))
}

impl Ear {
    async fn says_idle(&mut self, on: bool) {
        self.says(&json!({ "type": "idle", "on": on })).await;
    }
}

#[tokio::test]
async fn a_person_is_idle_when_nobody_touches_any_of_their_browsers() {
    let town = Town::new();
    let [ada, grace] = cast(&town).await;
    let mut ear = ada.listens().await;
    let (mut laptop, mut phone) = (grace.listens().await, town.another_device_of("grace").await.listens().await);
    ear.until(told("online", &grace)).await;
    laptop.says_idle(true).await;
    phone.says_idle(true).await;
    ear.until(told("idle", &grace)).await;
    let snapshot = ada.snapshot().await;
    assert!(names(&snapshot["online"], &json!(grace.id)), "who is idle is online, for clients that know nothing of it");
    assert_eq!(snapshot["idle"], json!([grace.id]));
    let welcome = ada.listens().await.missed[0].clone();
    assert!(names(&welcome["online"], &json!(grace.id)) && welcome["idle"] == json!([grace.id]), "{welcome}");
    phone.says_idle(false).await;
    let back = ear.until(told("online", &grace)).await;
    assert!(!back.iter().any(told("offline", &grace)) && back.last().unwrap().get("idle").is_none());
    // The one that is left decides.
    drop(phone);
    ear.until(told("idle", &grace)).await;
    laptop.says_idle(false).await;
    ear.until(told("online", &grace)).await;
    assert!(ada.snapshot().await.get("idle").is_none());
}

#[tokio::test]
async fn a_browser_that_comes_back_says_at_once_that_nobody_is_there() {
    let town = Town::new();
    let [ada, grace] = cast(&town).await;
    let mut ear = ada.listens().await;
    let (epoch, marks) = marks(&grace.snapshot().await);
    for _ in 0..2 {
        let mut hers = Ear::open(&grace.visitor).await.unwrap();
        hers.says(&json!({ "type": "hello", "v": 1, "epoch": epoch, "marks": marks, "idle": true })).await;
        hers.catches_up().await;
        ear.until(told("idle", &grace)).await;
        drop(hers);
        let gone = ear.until(told("offline", &grace)).await;
        assert!(!gone.iter().any(told("online", &grace)), "nobody was there on the way out");
    }
}

#[tokio::test]
async fn who_hides_is_offline_for_all_others_at_once_and_everywhere() {
    let town = Town::new();
    let [ada, grace] = cast(&town).await;
    let direct = ada.opens_direct(&grace).await;
    let (mut ear, mut hers) = (ada.listens().await, grace.listens().await);
    ear.until(told("online", &grace)).await;
    hers.until(told("online", &grace)).await;
    let hides = json!({ "shows_reading": true, "shows_typing": true, "shows_presence": false });
    grace.does("set_privacy", hides).await;
    // Told before the answer, so that not even the next who comes is told of her.
    let welcome = ada.listens().await.missed[0].clone();
    assert!(!welcome.to_string().contains(&grace.id), "{welcome}");
    ear.until(told("offline", &grace)).await;
    hers.until(told("offline", &grace)).await;
    assert!(!names(&ada.snapshot().await["online"], &json!(grace.id)));
    // A client that knows nothing of it does not undo it, and neither typing, another device nor idleness give her away.
    grace.does("set_privacy", json!({ "shows_reading": true, "shows_typing": true })).await;
    let mut phone = town.another_device_of("grace").await.listens().await;
    phone.says(&json!({ "type": "typing", "conversation": direct })).await;
    phone.says_idle(true).await;
    phone.says_idle(false).await;
    phone.says(&json!({ "type": "nothing" })).await;
    assert_eq!(phone.closed_with().await, 4002, "all before it was heard");
    // Presence is told in its own time: what somebody else's coming brings, hers would have come with.
    let kofi = town.person("kofi").await;
    let _his = kofi.listens().await;
    let meanwhile = ear.until(told("online", &kofi)).await;
    assert!(!meanwhile.iter().any(|frame| frame["type"] == "signal" && frame.to_string().contains(&grace.id)), "{meanwhile:?}");
    assert_eq!(grace.snapshot().await["privacy"]["shows_presence"], json!(false));
    grace.does("set_privacy", json!({ "shows_reading": true, "shows_typing": true, "shows_presence": true })).await;
    ear.until(told("online", &grace)).await;
}

#[tokio::test]
async fn who_hides_stays_hidden_when_the_server_starts_again() {
    let town = Town::new();
    let [mut ada, mut grace] = cast(&town).await;
    grace.does("set_privacy", json!({ "shows_reading": true, "shows_typing": true, "shows_presence": false })).await;
    let town = town.restart();
    ada.moves_to(&town);
    grace.moves_to(&town);
    let _hers = grace.listens().await;
    let _ears = ada.listens().await;
    let online = ada.snapshot().await["online"].clone();
    assert_eq!(online, json!([ada.id]));
}

#[tokio::test]
async fn when_somebody_was_last_there_is_told_to_the_minute_unless_they_would_rather_not() {
    let town = Town::new();
    let [ada, grace] = cast(&town).await;
    let asks = async || ada.does("last_seen", json!({ "person": grace.id })).await;
    assert_eq!(asks().await, Value::Null, "she never was");
    let mut ear = ada.listens().await;
    let hers = grace.listens().await;
    ear.until(told("online", &grace)).await;
    assert_eq!(asks().await, Value::Null, "she is there");
    drop(hers);
    ear.until(told("offline", &grace)).await;
    let seen = asks().await.as_i64().expect("it was kept before it was told");
    let ago = clock::now() - seen;
    assert!(seen % 60_000 == 0 && (0..180_000).contains(&ago), "{ago}");
    grace.does("set_privacy", json!({ "shows_reading": true, "shows_typing": true, "shows_presence": false })).await;
    assert_eq!(asks().await, Value::Null);
    // Whatever she does while she hides leaves no trace.
    town.alters("update people set last_seen = 60000".to_owned()).await;
    let (hers, kofi) = (grace.listens().await, town.person("kofi").await);
    let his = kofi.listens().await;
    ear.until(told("online", &kofi)).await;
    drop((hers, his));
    ear.until(told("offline", &kofi)).await;
    grace.does("set_privacy", json!({ "shows_reading": true, "shows_typing": true, "shows_presence": true })).await;
    assert_eq!(asks().await, json!(60_000));
}

#[tokio::test]
async fn who_was_there_when_the_server_ended_was_seen_then() {
    let town = Town::new();
    let [mut ada, grace] = cast(&town).await;
    let _hers = grace.listens().await;
    let town = town.restart();
    ada.moves_to(&town);
    assert!(ada.does("last_seen", json!({ "person": grace.id })).await.is_i64());
}

#[tokio::test]
async fn a_status_travels_with_its_person_and_is_no_row_in_the_conversation() {
    let town = Town::new();
    let [ada, grace] = cast(&town).await;
    let everyone = ada.everyone().await;
    let (epoch, before) = marks(&ada.snapshot().await);
    let mut ear = ada.listens().await;
    let status = json!({ "emoji": "🏝️", "text": "On holiday until May" });
    grace.does("set_status", json!({ "emoji": "🏝️", "text": "  On holiday\nuntil May " })).await;
    grace.does("set_status", status.clone()).await;
    let heard = ear.change("person_changed").await;
    assert_eq!(heard["change"]["profile"]["status"], status);
    let of = |people: &Value| people.as_array().unwrap().iter().find(|person| person["id"] == grace.id).unwrap().get("status").cloned();
    assert_eq!(of(&ada.snapshot().await["people"]), Some(status.clone()));
    assert_eq!(grace.does("me", json!({})).await["status"], status, "also in a session that was known before");
    let history = ada.history(&everyone, json!({})).await.ok();
    assert!(!history.to_string().contains("person_changed"), "{history}");
    let summary = ada.sees(&everyone).await.unwrap();
    assert_eq!(summary["unread"], json!({ "seqs": [], "more": 0 }));
    assert_eq!(summary["last"], Value::Null);
    grace.does("set_status", json!({ "emoji": "", "text": " " })).await;
    let cleared = ear.change("person_changed").await;
    assert_eq!(cleared["seq"].as_u64().unwrap(), heard["seq"].as_u64().unwrap() + 1, "the same once more was nothing new");
    assert_eq!(cleared["change"]["profile"].get("status"), None);
    assert_eq!(of(&ada.snapshot().await["people"]), None);
    // Who was away hears both, and of both what holds now.
    let back = ada.listens_from(&epoch, &before).await;
    let told: Vec<_> = back.missed.iter().filter(|frame| frame["change"]["kind"] == "person_changed").collect();
    assert!(told.len() == 2 && told.iter().all(|frame| frame["change"]["profile"].get("status").is_none()), "{told:?}");
}

#[tokio::test]
async fn a_status_is_an_emoji_and_a_line_that_can_be_seen() {
    let town = Town::new();
    let ada = town.person("ada").await;
    for (arguments, field) in [
        (json!({ "emoji": "holiday" }), "emoji"),
        (json!({ "emoji": "🎉🎉" }), "emoji"),
        (json!({ "text": "x".repeat(81) }), "text"),
        (json!({ "text": "a\u{202e}b" }), "text"),
    ] {
        assert_eq!(ada.asks("set_status", arguments).await.refused(), (422, "invalid".to_owned(), field.to_owned()));
    }
    assert!(ada.snapshot().await["me"].get("status").is_none());
}
