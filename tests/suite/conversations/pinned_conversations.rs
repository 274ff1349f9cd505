//! Pinned conversations: the same on all devices of a person, invisible to others.

use serde_json::{Value, json};

use crate::harness::{
    server::{TestServer, users},
    user::{TestUser, cursors, nothing},
};

impl TestUser {
    async fn pins_conversation(&self, conversation: &str, on: Value) -> (u16, Value) {
        let answer =
            self.call("pin_conversation", json!({ "conversation": conversation, "on": on })).await;
        (answer.status, answer.json())
    }

    /// Whether the conversation is pinned after a reload.
    async fn pinned(&self, conversation: &str) -> Value {
        self.find_summary(conversation).await.unwrap()["pinned"].clone()
    }
}

fn changes_in(frames: &[Value]) -> Vec<Value> {
    frames
        .iter()
        .map(|frame| frame["change"].clone())
        .filter(|change| change["kind"] == "conversation_pinned")
        .collect()
}

#[tokio::test]
async fn a_pin_syncs_to_ones_own_devices_only() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let phone = server.second_device("ada").await;
    let group = ada.create_group("Physics", &[&grace]).await;
    assert_eq!(ada.pinned(&group).await, Value::Null, "the default is omitted");
    let (epoch, before) = cursors(&phone.snapshot().await);
    let (mut other, mut hers) = (phone.connect().await, grace.connect().await);
    for on in [true, true, false, true] {
        assert_eq!(ada.pins_conversation(&group, json!(on)).await, (200, Value::Null));
        assert_eq!(phone.pinned(&group).await, if on { json!(true) } else { Value::Null });
    }
    ada.post(&group, "the marker").await;
    let changes = [true, false, true]
        .map(|on| json!({ "kind": "conversation_pinned", "conversation": group, "on": on }));
    assert_eq!(
        changes_in(&other.recv_until_message("the marker").await),
        changes,
        "repeated: no event"
    );
    assert_eq!(changes_in(&phone.connect_from(&epoch, &before).await.missed), changes);
    hers.recv_until_message("the marker").await;
    assert!(!hers.has_received("conversation_pinned"));
    assert_eq!(grace.pinned(&group).await, Value::Null);
}

#[tokio::test]
async fn every_kind_of_conversation_can_be_pinned() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let (everyone, direct, group) = (
        ada.everyone().await,
        ada.open_direct(&grace).await,
        ada.create_group("Physics", &[&grace]).await,
    );
    for conversation in [&everyone, &direct, &group] {
        assert_eq!(ada.pins_conversation(conversation, json!(true)).await.0, 200);
        grace.post(conversation, "hello @ada").await;
        ada.call_ok("set_level", json!({ "conversation": conversation, "level": "hidden" })).await;
        assert_eq!(ada.pinned(conversation).await, true);
    }
}

#[tokio::test]
async fn invalid_pins_are_rejected_and_rejoining_clears_the_pin() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace]).await;
    for wrong in [json!("yes"), json!(1), Value::Null] {
        assert_eq!(ada.pins_conversation(&group, wrong.clone()).await.0, 400, "{wrong}");
    }
    assert_eq!(ada.pinned(&group).await, Value::Null);
    let (foreign, missing) = (
        kofi.pins_conversation(&group, json!(true)).await,
        kofi.pins_conversation(&nothing(), json!(true)).await,
    );
    assert_eq!((foreign.0, foreign.1), (404, missing.1));
    assert_eq!(kofi.pins_conversation("x", json!(true)).await.0, 422);
    assert_eq!(grace.pins_conversation(&group, json!(true)).await.0, 200);
    ada.remove_member(&group, &grace).await.ok();
    assert_eq!(grace.pins_conversation(&group, json!(false)).await.0, 404);
    ada.add_members(&group, &[&grace]).await.ok();
    assert_eq!(grace.pinned(&group).await, Value::Null);
}
