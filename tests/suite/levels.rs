//! What of a conversation rings for whom: each person's own matter, the same on all their devices.

use chatbox::server::clock;
use serde_json::{Value, json};

use crate::{
    person::{Person, marks, nothing},
    town::{Town, cast},
};

const HOUR: i64 = 3_600_000;

impl Person {
    async fn sets(&self, conversation: &str, level: &str, muted_until: Option<i64>) -> (u16, String, String) {
        let answer = self.asks("set_level", json!({ "conversation": conversation, "level": level, "muted_until": muted_until })).await;
        if answer.status == 200 { (200, String::new(), String::new()) } else { answer.refused() }
    }

    /// The level and the end of the mute, as a reload has them.
    async fn level(&self, conversation: &str) -> (Value, Value) {
        let summary = self.sees(conversation).await.unwrap();
        (summary["level"].clone(), summary["muted_until"].clone())
    }
}

fn told(frames: &[Value]) -> Vec<Value> {
    frames.iter().map(|frame| frame["change"].clone()).filter(|change| change["kind"] == "level_set").collect()
}

#[tokio::test]
async fn what_one_device_sets_the_other_hears_live_and_after_a_pause_and_nobody_else_ever() {
    let town = Town::new();
    let [ada, grace] = cast(&town).await;
    let phone = town.another_device_of("ada").await;
    let group = ada.creates_group("Physics", &[&grace]).await;
    let until = clock::now() + HOUR;
    let summary = ada.sees(&group).await.unwrap();
    assert!(summary.get("level").is_none() && summary.get("muted_until").is_none(), "what goes without saying is not said");
    let (epoch, before) = marks(&phone.snapshot().await);
    let (mut own, mut other, mut hers) = (ada.listens().await, phone.listens().await, grace.listens().await);
    for (level, muted_until) in [("mentions", None), ("mentions", Some(until)), ("mentions", Some(until)), ("hidden", None)] {
        assert_eq!(ada.sets(&group, level, muted_until).await.0, 200);
        assert_eq!(phone.level(&group).await, (json!(level), json!(muted_until)));
    }
    ada.posts(&group, "the marker").await;
    let changes = [
        json!({ "kind": "level_set", "conversation": group, "level": "mentions" }),
        json!({ "kind": "level_set", "conversation": group, "level": "mentions", "muted_until": until }),
        json!({ "kind": "level_set", "conversation": group, "level": "hidden" }),
    ];
    assert_eq!(told(&own.until_message("the marker").await), changes, "the same again is no change");
    assert_eq!(told(&other.until_message("the marker").await), changes);
    assert_eq!(told(&phone.listens_from(&epoch, &before).await.missed), changes);
    hers.until_message("the marker").await;
    assert!(!hers.ever_heard("level_set"));
    assert_eq!(grace.level(&group).await, (Value::Null, Value::Null));
    assert_eq!(ada.sets(&group, "everything", None).await.0, 200);
    assert_eq!(ada.level(&group).await, (Value::Null, Value::Null));
}

#[tokio::test]
async fn what_is_unread_is_counted_and_told_whatever_rings() {
    let town = Town::new();
    let [ada, grace] = cast(&town).await;
    let direct = ada.opens_direct(&grace).await;
    ada.sets(&direct, "hidden", Some(clock::now() + HOUR)).await;
    let mut ear = ada.listens().await;
    grace.posts(&direct, "hello @ada").await;
    ear.until_message("hello @ada").await;
    let summary = ada.sees(&direct).await.unwrap();
    assert_eq!(summary["unread"], json!({ "seqs": [1], "more": 0, "mentions": [1] }));
    assert_eq!(summary["level"], "hidden", "a message does not put it back");
    assert_eq!(ada.opens_direct(&grace).await, direct);
    assert_eq!(ada.level(&direct).await.0, "hidden");
}

#[tokio::test]
async fn bad_input_and_foreign_conversations_are_refused_and_change_nothing() {
    let town = Town::new();
    let [ada, grace, kofi] = cast(&town).await;
    let group = ada.creates_group("Physics", &[&grace]).await;
    let (everyone, until) = (ada.everyone().await, clock::now() + HOUR);
    assert_eq!(ada.sets(&everyone, "nothing", Some(until)).await.0, 200, "nobody leaves Everyone, but anybody may mute it");
    for wrong in [0, -1, clock::now() - HOUR, clock::now() + 32 * 24 * HOUR, i64::MAX] {
        assert_eq!(ada.sets(&group, "mentions", Some(wrong)).await, (422, "invalid".into(), "muted_until".into()), "{wrong}");
    }
    for wrong in [json!("loud"), json!(3), Value::Null] {
        let answer = ada.asks("set_level", json!({ "conversation": group, "level": wrong })).await;
        assert_eq!((answer.status, answer.refused().1), (400, "malformed".into()), "{wrong}");
    }
    assert_eq!(ada.level(&group).await, (Value::Null, Value::Null));
    let foreign = kofi.asks("set_level", json!({ "conversation": group, "level": "nothing", "muted_until": 0 })).await;
    let missing = kofi.asks("set_level", json!({ "conversation": nothing(), "level": "nothing", "muted_until": 0 })).await;
    assert_eq!((foreign.status, foreign.text), (404, missing.text));
    // Who comes back begins anew.
    assert_eq!(grace.sets(&group, "nothing", Some(until)).await.0, 200);
    ada.removes(&group, &grace).await.ok();
    assert_eq!(grace.sets(&group, "everything", None).await.0, 404);
    ada.adds(&group, &[&grace]).await.ok();
    assert_eq!(grace.level(&group).await, (Value::Null, Value::Null));
}
