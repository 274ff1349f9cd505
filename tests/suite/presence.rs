//! Presence: who is online, who of them is idle, and who would rather not tell.

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
