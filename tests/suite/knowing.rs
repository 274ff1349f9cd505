//! What one knows of others: who is typing, who has seen what, and what they would rather not tell.

use serde_json::{Value, json};

use crate::{
    person::Person,
    town::{Town, cast},
};

fn signals(frames: &[Value], name: &str) -> Vec<Value> {
    frames.iter().filter(|frame| frame["signal"] == name).cloned().collect()
}

#[tokio::test]
async fn typing_is_told_to_the_other_members_and_not_too_often() {
    let town = Town::new();
    let [ada, grace, kofi] = cast(&town).await;
    let (direct, everyone) = (ada.opens_direct(&grace).await, ada.everyone().await);
    let (mut hers, mut his) = (grace.listens().await, kofi.listens().await);
    let (mut own, mut phone) = (ada.listens().await, town.another_device_of("ada").await.listens().await);
    for _ in 0..5 {
        own.says(&json!({ "type": "typing", "conversation": direct })).await;
    }
    let foreign = kofi.creates_group("Elsewhere", &[]).await;
    phone.says(&json!({ "type": "typing", "conversation": foreign })).await;
    // One's own socket is read in order: when this is refused, all before it was heard.
    own.says(&json!({ "type": "nothing" })).await;
    phone.says(&json!({ "type": "nothing" })).await;
    assert_eq!((own.closed_with().await, phone.closed_with().await), (4002, 4002));
    ada.posts(&everyone, "the marker").await;
    let heard = signals(&hers.until_message("the marker").await, "typing");
    assert_eq!(heard, [json!({ "type": "signal", "signal": "typing", "conversation": direct, "person": ada.id })], "once in three seconds");
    his.until_message("the marker").await;
    assert!(!his.ever_heard("typing"), "neither of others' conversations nor of those that she is not in");
    assert!(!own.ever_heard("typing"));
}

#[tokio::test]
async fn what_was_seen_is_told_to_members_unless_one_would_rather_not() {
    let town = Town::new();
    let [ada, grace, kofi, mei] = cast(&town).await;
    let group = ada.creates_group("Physics", &[&grace, &kofi]).await;
    let seq = ada.posts(&group, "who was here?").await;
    let (mut ear, mut stranger) = (ada.listens().await, mei.listens().await);
    assert_eq!(ada.does("readers", json!({ "conversation": group })).await, json!([]), "who was only added has seen nothing");
    kofi.does("set_privacy", json!({ "shows_reading": false, "shows_typing": true })).await;
    for reader in [&grace, &kofi] {
        reader.does("mark_read", json!({ "conversation": group, "upto": seq })).await;
    }
    let everyone = ada.everyone().await;
    ada.posts(&everyone, "the marker").await;
    let heard = signals(&ear.until_message("the marker").await, "seen");
    assert_eq!(heard, [json!({ "type": "signal", "signal": "seen", "conversation": group, "person": grace.id, "upto": seq })]);
    stranger.until_message("the marker").await;
    assert!(!stranger.ever_heard(&group), "nobody else hears of it");
    let seen = json!([{ "person": grace.id, "upto": seq }]);
    assert_eq!(ada.does("readers", json!({ "conversation": group })).await, seen);
    grace.does("mark_unread", json!({ "conversation": group, "from": 1 })).await;
    assert_eq!(ada.does("readers", json!({ "conversation": group })).await, seen, "what was seen is not unseen");
    grace.does("set_privacy", json!({ "shows_reading": false, "shows_typing": false })).await;
    assert_eq!(ada.does("readers", json!({ "conversation": group })).await, json!([]));
    assert_eq!(grace.snapshot().await["privacy"], json!({ "shows_reading": false, "shows_typing": false, "shows_presence": true }));
}

#[tokio::test]
async fn what_was_read_while_receipts_were_off_does_not_appear_when_they_are_on_again() {
    let town = Town::new();
    let [ada, grace] = cast(&town).await;
    let direct = ada.opens_direct(&grace).await;
    let (shown, hidden) = (ada.posts(&direct, "seen").await, ada.posts(&direct, "not told").await);
    let read = async |upto| drop(grace.does("mark_read", json!({ "conversation": direct, "upto": upto })).await);
    let receipts = async |on: bool| drop(grace.does("set_privacy", json!({ "shows_reading": on, "shows_typing": true })).await);
    let seen = async || ada.does("readers", json!({ "conversation": direct })).await[0]["upto"].clone();
    read(shown).await;
    receipts(false).await;
    read(hidden).await;
    receipts(true).await;
    assert_eq!(seen().await, shown);
    read(hidden).await;
    assert_eq!(seen().await, hidden, "read again, with receipts on");
    // What is read from now on is told, once there is something new.
    let newer = ada.posts(&direct, "told").await;
    read(newer).await;
    assert_eq!(seen().await, newer);
}

/// One socket says that its person is typing, and is heard out.
async fn types(person: &Person, conversation: &str) {
    let mut socket = person.listens().await;
    socket.says(&json!({ "type": "typing", "conversation": conversation })).await;
    // It is read in order: when this is refused, all before it was heard.
    socket.says(&json!({ "type": "nothing" })).await;
    assert_eq!(socket.closed_with().await, 4002);
}

#[tokio::test]
async fn typing_of_somebody_who_hides_it_is_never_relayed() {
    let town = Town::with(|config| config.limits = false);
    let [mut ada, mut grace] = cast(&town).await;
    let (direct, everyone) = (ada.opens_direct(&grace).await, ada.everyone().await);
    let set = async |ada: &Person, typing: bool, presence: bool| {
        ada.does("set_privacy", json!({ "shows_reading": true, "shows_typing": typing, "shows_presence": presence })).await;
    };
    let mut hers = grace.listens().await;
    set(&ada, false, true).await;
    types(&ada, &direct).await;
    types(&town.another_device_of("ada").await, &everyone).await;
    set(&ada, false, false).await;
    set(&ada, false, true).await;
    types(&ada, &direct).await;
    ada.posts(&direct, "the marker").await;
    assert_eq!(signals(&hers.until_message("the marker").await, "typing"), Vec::<Value>::new());
    let town = town.restart();
    ada.moves_to(&town);
    grace.moves_to(&town);
    let mut hers = grace.listens().await;
    types(&ada, &direct).await;
    ada.posts(&direct, "after a restart").await;
    assert_eq!(signals(&hers.until_message("after a restart").await, "typing"), Vec::<Value>::new());
    set(&ada, true, true).await;
    types(&ada, &direct).await;
    ada.posts(&direct, "shown again").await;
    assert_eq!(signals(&hers.until_message("shown again").await, "typing").len(), 1);
}
