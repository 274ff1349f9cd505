//! Typing indicators and read receipts, and the privacy settings about them.

use serde_json::{Value, json};

use crate::harness::{
    server::{TestServer, users},
    user::TestUser,
};

fn signals(frames: &[Value], name: &str) -> Vec<Value> {
    frames.iter().filter(|frame| frame["signal"] == name).cloned().collect()
}

#[tokio::test]
async fn typing_indicators_reach_other_members_at_a_bounded_rate() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let (direct, everyone) = (ada.open_direct(&grace).await, ada.everyone().await);
    let (mut hers, mut his) = (grace.connect().await, kofi.connect().await);
    let (mut own, mut phone) =
        (ada.connect().await, server.second_device("ada").await.connect().await);
    for _ in 0..5 {
        own.send_json(&json!({ "type": "typing", "conversation": direct })).await;
    }
    let foreign = kofi.create_group("Elsewhere", &[]).await;
    phone.send_json(&json!({ "type": "typing", "conversation": foreign })).await;
    // Frames are processed in order: when this one is rejected, all before it were processed.
    own.send_json(&json!({ "type": "nothing" })).await;
    phone.send_json(&json!({ "type": "nothing" })).await;
    assert_eq!((own.close_code().await, phone.close_code().await), (4002, 4002));
    ada.post(&everyone, "the marker").await;
    let received = signals(&hers.recv_until_message("the marker").await, "typing");
    assert_eq!(
        received,
        [json!({ "type": "signal", "signal": "typing", "conversation": direct, "person": ada.id })],
        "once in three seconds"
    );
    his.recv_until_message("the marker").await;
    assert!(!his.has_received("typing"), "nothing from conversations of others");
    assert!(!own.has_received("typing"));
}

#[tokio::test]
async fn read_receipts_reach_members_unless_hidden() {
    let server = TestServer::new();
    let [ada, grace, kofi, mei] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    let seq = ada.post(&group, "who was here?").await;
    let (mut socket, mut stranger) = (ada.connect().await, mei.connect().await);
    assert_eq!(
        ada.call_ok("readers", json!({ "conversation": group })).await,
        json!([]),
        "new members have seen nothing"
    );
    kofi.call_ok("set_privacy", json!({ "shows_reading": false, "shows_typing": true })).await;
    for reader in [&grace, &kofi] {
        reader.call_ok("mark_read", json!({ "conversation": group, "upto": seq })).await;
    }
    let everyone = ada.everyone().await;
    ada.post(&everyone, "the marker").await;
    let received = signals(&socket.recv_until_message("the marker").await, "seen");
    assert_eq!(
        received,
        [json!({
            "type": "signal",
            "signal": "seen",
            "conversation": group,
            "person": grace.id,
            "upto": seq
        })]
    );
    stranger.recv_until_message("the marker").await;
    assert!(!stranger.has_received(&group), "nobody else receives it");
    let seen = json!([{ "person": grace.id, "upto": seq }]);
    assert_eq!(ada.call_ok("readers", json!({ "conversation": group })).await, seen);
    grace.call_ok("mark_unread", json!({ "conversation": group, "from": 1 })).await;
    assert_eq!(
        ada.call_ok("readers", json!({ "conversation": group })).await,
        seen,
        "a read position never moves back"
    );
    grace.call_ok("set_privacy", json!({ "shows_reading": false, "shows_typing": false })).await;
    assert_eq!(ada.call_ok("readers", json!({ "conversation": group })).await, json!([]));
    assert_eq!(
        grace.snapshot().await["privacy"],
        json!({ "shows_reading": false, "shows_typing": false, "shows_presence": true })
    );
}

#[tokio::test]
async fn reads_while_receipts_are_hidden_stay_hidden() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let (shown, hidden) = (ada.post(&direct, "seen").await, ada.post(&direct, "not told").await);
    let read = async |upto| {
        drop(grace.call_ok("mark_read", json!({ "conversation": direct, "upto": upto })).await)
    };
    let receipts = async |on: bool| {
        drop(
            grace
                .call_ok("set_privacy", json!({ "shows_reading": on, "shows_typing": true }))
                .await,
        )
    };
    let seen =
        async || ada.call_ok("readers", json!({ "conversation": direct })).await[0]["upto"].clone();
    read(shown).await;
    receipts(false).await;
    read(hidden).await;
    receipts(true).await;
    assert_eq!(seen().await, shown);
    read(hidden).await;
    assert_eq!(seen().await, hidden, "read again, with receipts on");
    // New read positions are announced from now on.
    let newer = ada.post(&direct, "told").await;
    read(newer).await;
    assert_eq!(seen().await, newer);
}

/// Sends a typing frame and waits until it was processed.
async fn send_typing(person: &TestUser, conversation: &str) {
    let mut socket = person.connect().await;
    socket.send_json(&json!({ "type": "typing", "conversation": conversation })).await;
    // Frames are processed in order: when this one is rejected, all before it were processed.
    socket.send_json(&json!({ "type": "nothing" })).await;
    assert_eq!(socket.close_code().await, 4002);
}

#[tokio::test]
async fn hidden_typing_is_never_relayed() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [mut ada, mut grace] = users(&server).await;
    let (direct, everyone) = (ada.open_direct(&grace).await, ada.everyone().await);
    let set = async |ada: &TestUser, typing: bool, presence: bool| {
        ada.call_ok(
            "set_privacy",
            json!({ "shows_reading": true, "shows_typing": typing, "shows_presence": presence }),
        )
        .await;
    };
    let mut hers = grace.connect().await;
    set(&ada, false, true).await;
    send_typing(&ada, &direct).await;
    send_typing(&server.second_device("ada").await, &everyone).await;
    set(&ada, false, false).await;
    set(&ada, false, true).await;
    send_typing(&ada, &direct).await;
    ada.post(&direct, "the marker").await;
    assert_eq!(
        signals(&hers.recv_until_message("the marker").await, "typing"),
        Vec::<Value>::new()
    );
    let server = server.restart();
    ada.switch_to(&server);
    grace.switch_to(&server);
    let mut hers = grace.connect().await;
    send_typing(&ada, &direct).await;
    ada.post(&direct, "after a restart").await;
    assert_eq!(
        signals(&hers.recv_until_message("after a restart").await, "typing"),
        Vec::<Value>::new()
    );
    set(&ada, true, true).await;
    send_typing(&ada, &direct).await;
    ada.post(&direct, "shown again").await;
    assert_eq!(signals(&hers.recv_until_message("shown again").await, "typing").len(), 1);
}
