//! One browser, one after the other used by two people: what was loaded for the first never acts for the second.

use serde_json::json;

use crate::{
    ear::Ear,
    person::{Visitor, new_id},
    town::{PASSWORD, Town, cast},
};

#[tokio::test]
async fn who_signs_in_ends_the_session_that_the_browser_had() {
    let town = Town::new();
    let [ada, _grace] = cast(&town).await;
    let mut ear = ada.listens().await;
    for path in ["/api/sign_in", "/sign-in"] {
        let before = town.another_device_of("ada").await;
        let mut elsewhere = before.listens().await;
        let answer = match path {
            "/sign-in" => before.visitor.fills_in(path, &[("username", "grace"), ("password", PASSWORD)]).await,
            _ => before.visitor.asks("sign_in", json!({ "username": "grace", "password": PASSWORD })).await,
        };
        assert!(answer.cookie().is_some(), "{}", answer.text);
        assert_eq!(elsewhere.closed_with().await, 4401, "{path}");
        assert_eq!(before.asks("me", json!({})).await.status, 401, "{path}");
    }
    ada.posts(&ada.everyone().await, "the other devices go on").await;
    ear.until_message("the other devices go on").await;
}

#[tokio::test]
async fn what_was_made_for_one_person_is_not_done_by_another() {
    let town = Town::new();
    let [ada, grace] = cast(&town).await;
    let everyone = ada.everyone().await;
    let stale = grace.visitor.clone().with("chatbox-person", &ada.id);
    for (function, arguments) in [
        ("post_message", json!({ "conversation": everyone, "client_id": new_id(), "body": "in grace's name" })),
        ("mark_read", json!({ "conversation": everyone, "upto": 1 })),
        ("snapshot", json!({})),
        ("me", json!({})),
    ] {
        assert_eq!(stale.asks(function, arguments).await.refused().1, "no_session", "{function}");
    }
    assert_eq!(ada.reads(&everyone).await, [""; 0]);
    let own = grace.visitor.clone().with("chatbox-person", &grace.id);
    own.asks("post_message", json!({ "conversation": everyone, "client_id": new_id(), "body": "in my own" })).await.ok();
    let odd = Visitor { headers: vec![("chatbox-person", "nobody".into())], ..grace.visitor.clone() };
    assert_eq!(odd.asks("me", json!({})).await.status, 401);
}

#[tokio::test]
async fn a_page_of_one_person_hears_nothing_with_anothers_cookie() {
    let town = Town::new();
    let [ada, grace] = cast(&town).await;
    let mut ear = Ear::open(&grace.visitor).await.unwrap();
    ear.says(&json!({ "type": "hello", "v": 1, "epoch": "", "marks": { format!("p:{}", ada.id): 1 } })).await;
    let (heard, code) = ear.until_closed().await;
    assert_eq!((heard.len(), code), (0, 4401), "{heard:?}");
}
