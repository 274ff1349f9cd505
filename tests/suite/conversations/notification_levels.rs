//! Notification levels and mutes: private to each person, the same on all their devices.

use chatbox::server::clock;
use serde_json::{Value, json};

use crate::harness::{
    server::{TestServer, users},
    user::{TestUser, cursors, nothing},
};

const HOUR: i64 = 3_600_000;

impl TestUser {
    async fn set_level(
        &self,
        conversation: &str,
        level: &str,
        muted_until: Option<i64>,
    ) -> (u16, String, String) {
        let answer = self
            .call(
                "set_level",
                json!({ "conversation": conversation, "level": level, "muted_until": muted_until }),
            )
            .await;
        if answer.status == 200 { (200, String::new(), String::new()) } else { answer.error() }
    }

    /// The level and the end of the mute after a reload.
    async fn level(&self, conversation: &str) -> (Value, Value) {
        let summary = self.find_summary(conversation).await.unwrap();
        (summary["level"].clone(), summary["muted_until"].clone())
    }
}

fn changes_in(frames: &[Value]) -> Vec<Value> {
    frames
        .iter()
        .map(|frame| frame["change"].clone())
        .filter(|change| change["kind"] == "level_set")
        .collect()
}

#[tokio::test]
async fn notification_levels_sync_to_ones_own_devices_only() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let phone = server.second_device("ada").await;
    let group = ada.create_group("Physics", &[&grace]).await;
    let until = clock::now() + HOUR;
    let summary = ada.find_summary(&group).await.unwrap();
    assert!(
        summary.get("level").is_none() && summary.get("muted_until").is_none(),
        "the default is omitted"
    );
    let (epoch, before) = cursors(&phone.snapshot().await);
    let (mut own, mut other, mut hers) =
        (ada.connect().await, phone.connect().await, grace.connect().await);
    for (level, muted_until) in
        [("mentions", None), ("mentions", Some(until)), ("mentions", Some(until)), ("hidden", None)]
    {
        assert_eq!(ada.set_level(&group, level, muted_until).await.0, 200);
        assert_eq!(phone.level(&group).await, (json!(level), json!(muted_until)));
    }
    ada.post(&group, "the marker").await;
    let changes = [
        json!({ "kind": "level_set", "conversation": group, "level": "mentions" }),
        json!({
            "kind": "level_set",
            "conversation": group,
            "level": "mentions",
            "muted_until": until
        }),
        json!({ "kind": "level_set", "conversation": group, "level": "hidden" }),
    ];
    assert_eq!(
        changes_in(&own.recv_until_message("the marker").await),
        changes,
        "repeated: no event"
    );
    assert_eq!(changes_in(&other.recv_until_message("the marker").await), changes);
    assert_eq!(changes_in(&phone.connect_from(&epoch, &before).await.missed), changes);
    hers.recv_until_message("the marker").await;
    assert!(!hers.has_received("level_set"));
    assert_eq!(grace.level(&group).await, (Value::Null, Value::Null));
    assert_eq!(ada.set_level(&group, "everything", None).await.0, 200);
    assert_eq!(ada.level(&group).await, (Value::Null, Value::Null));
}

#[tokio::test]
async fn unread_is_counted_at_every_notification_level() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    ada.set_level(&direct, "hidden", Some(clock::now() + HOUR)).await;
    let mut socket = ada.connect().await;
    grace.post(&direct, "hello @ada").await;
    socket.recv_until_message("hello @ada").await;
    let summary = ada.find_summary(&direct).await.unwrap();
    assert_eq!(summary["unread"], json!({ "seqs": [1], "more": 0, "mentions": [1] }));
    assert_eq!(summary["level"], "hidden", "a new message does not reset it");
    assert_eq!(ada.open_direct(&grace).await, direct);
    assert_eq!(ada.level(&direct).await.0, "hidden");
}

#[tokio::test]
async fn invalid_levels_and_foreign_conversations_are_rejected() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace]).await;
    let (everyone, until) = (ada.everyone().await, clock::now() + HOUR);
    assert_eq!(
        ada.set_level(&everyone, "nothing", Some(until)).await.0,
        200,
        "Everyone can be muted, but not left"
    );
    for wrong in [0, -1, clock::now() - HOUR, clock::now() + 32 * 24 * HOUR, i64::MAX] {
        assert_eq!(
            ada.set_level(&group, "mentions", Some(wrong)).await,
            (422, "invalid".into(), "muted_until".into()),
            "{wrong}"
        );
    }
    for wrong in [json!("loud"), json!(3), Value::Null] {
        let answer = ada.call("set_level", json!({ "conversation": group, "level": wrong })).await;
        assert_eq!((answer.status, answer.error().1), (400, "malformed".into()), "{wrong}");
    }
    assert_eq!(ada.level(&group).await, (Value::Null, Value::Null));
    let foreign = kofi
        .call("set_level", json!({ "conversation": group, "level": "nothing", "muted_until": 0 }))
        .await;
    let missing = kofi
        .call(
            "set_level",
            json!({ "conversation": nothing(), "level": "nothing", "muted_until": 0 }),
        )
        .await;
    assert_eq!((foreign.status, foreign.text), (404, missing.text));
    // A member who was added again starts with the default level.
    assert_eq!(grace.set_level(&group, "nothing", Some(until)).await.0, 200);
    ada.remove_member(&group, &grace).await.ok();
    assert_eq!(grace.set_level(&group, "everything", None).await.0, 404);
    ada.add_members(&group, &[&grace]).await.ok();
    assert_eq!(grace.level(&group).await, (Value::Null, Value::Null));
}
