//! Whether a message of two has reached the other one: said by their device, told to who wrote it, and not of who hides.

use serde_json::{Value, json};

use crate::{
    ear::Ear,
    person::{Person, marks},
    town::{Town, cast},
};

/// What the first is told as delivered, while the second listens.
async fn delivered(teller: &mut Ear, listener: &mut Ear) -> Value {
    tokio::select! {
        mut heard = teller.until(|frame| frame["signal"] == "delivered") => heard.pop().unwrap(),
        _ = listener.until(|_| false) => unreachable!(),
    }
}

async fn readers(person: &Person, conversation: &str) -> Value {
    person.does("readers", json!({ "conversation": conversation })).await
}

/// Everything that was sent to this ear is heard and answered.
async fn hears_all(ear: &mut Ear, marker: &str) {
    ear.until_message(marker).await;
    // A socket is read in order: when this is refused, all before it was heard.
    ear.says(&json!({ "type": "nothing" })).await;
    assert_eq!(ear.closed_with().await, 4002);
}

#[tokio::test]
async fn a_message_of_two_is_delivered_when_a_device_of_the_other_says_so_and_nobody_else_hears_of_it() {
    let town = Town::new();
    let [ada, grace, kofi] = cast(&town).await;
    let (direct, everyone) = (ada.opens_direct(&grace).await, ada.everyone().await);
    let group = ada.creates_group("Physics", &[&grace]).await;
    let (mut ear, mut his, mut hers) = (ada.listens().await, kofi.listens().await, grace.listens().await);
    let mut phone = town.another_device_of("grace").await.listens().await;
    ada.posts(&group, "a group is not of two").await;
    let seq = ada.posts(&direct, "are you there?").await;
    ada.posts(&everyone, "not yet").await;
    ear.until_message("not yet").await;
    assert!(!ear.ever_heard("delivered"), "it was written to her socket, and she has not answered");
    assert_eq!(readers(&ada, &direct).await, json!([]));
    let told = json!({ "type": "signal", "signal": "delivered", "conversation": direct, "person": grace.id, "upto": seq });
    assert_eq!(delivered(&mut ear, &mut hers).await, told);
    assert_eq!(readers(&ada, &direct).await, json!([{ "person": grace.id, "upto": 0, "delivered": seq }]));
    ada.posts(&everyone, "the marker").await;
    hears_all(&mut phone, "the marker").await;
    ada.posts(&everyone, "the end").await;
    for one in [&mut ear, &mut his] {
        one.until_message("the end").await;
    }
    assert_eq!(ear.raw.iter().filter(|frame| frame.contains("delivered")).count(), 1, "a second device says nothing new, nor does a group");
    assert!(!his.ever_heard("delivered") && !phone.ever_heard("delivered"));
    assert_eq!(readers(&grace, &direct).await, json!([]), "what one has oneself is no news");
    assert_eq!(readers(&ada, &group).await, json!([]));
}

#[tokio::test]
async fn what_was_sent_to_somebody_away_is_delivered_when_they_come_back_and_stays_so() {
    let town = Town::new();
    let [mut ada, grace] = cast(&town).await;
    let (epoch, nothing) = marks(&grace.snapshot().await);
    let direct = ada.opens_direct(&grace).await;
    let (_, known) = marks(&grace.snapshot().await);
    let mut ear = ada.listens().await;
    let mut upto = 0;
    // Once from where she knew of no such conversation, and once from where it was empty.
    for (message, marks) in [("first", &nothing), ("second", &known)] {
        upto = ada.posts(&direct, message).await;
        let mut hers = grace.listens_from(&epoch, marks).await;
        let told = delivered(&mut ear, &mut hers).await;
        assert_eq!((&told["person"], &told["upto"]), (&json!(grace.id), &json!(upto)), "{message}");
    }
    let seen = json!([{ "person": grace.id, "upto": 0, "delivered": upto }]);
    assert_eq!(readers(&ada, &direct).await, seen);
    let town = town.restart();
    ada.moves_to(&town);
    assert_eq!(readers(&ada, &direct).await, seen, "it was kept");
}

#[tokio::test]
async fn of_who_hides_nothing_is_told_as_delivered_until_they_show_that_they_read() {
    let town = Town::new();
    let [ada, grace] = cast(&town).await;
    let (direct, everyone) = (ada.opens_direct(&grace).await, ada.everyone().await);
    let shows = async |presence: bool| {
        grace.does("set_privacy", json!({ "shows_reading": true, "shows_typing": true, "shows_presence": presence })).await;
    };
    shows(false).await;
    let mut ear = ada.listens().await;
    let seq = ada.posts(&direct, "are you there?").await;
    for marker in ["while she comes", "while she is there"] {
        let mut hers = grace.listens().await;
        ada.posts(&direct, marker).await;
        ada.posts(&everyone, marker).await;
        hers.until(|frame| frame["stream"] == format!("c:{everyone}") && frame["change"]["body"] == marker).await;
        hers.says(&json!({ "type": "nothing" })).await;
        assert_eq!(hers.closed_with().await, 4002);
    }
    ada.posts(&everyone, "the marker").await;
    ear.until_message("the marker").await;
    assert!(!ear.ever_heard("delivered"));
    assert_eq!(readers(&ada, &direct).await, json!([]));
    grace.does("mark_read", json!({ "conversation": direct, "upto": seq })).await;
    ear.until(|frame| frame["signal"] == "seen").await;
    assert_eq!(readers(&ada, &direct).await, json!([{ "person": grace.id, "upto": seq }]));
    shows(true).await;
    let mut hers = grace.listens().await;
    let next = ada.posts(&direct, "and now?").await;
    while delivered(&mut ear, &mut hers).await["upto"] != next {}
}
