//! Reactions, pins, and resolved questions.

use serde_json::json;

use crate::harness::{
    server::{TestServer, users},
    user::TestUser,
};

#[tokio::test]
async fn reactions_are_counted_once_and_bounded() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let seq = ada.post(&direct, "hello").await;
    let react = async |who: &TestUser, emoji: &str, on: bool| {
        who.message_call("react", &direct, seq, json!({ "emoji": emoji, "on": on })).await
    };
    for emoji in ["👍", "👍", "👩🏽‍🔬", "🇬🇭", "1️⃣"] {
        assert_eq!(react(&grace, emoji, true).await, 200, "{emoji}");
    }
    assert_eq!((react(&ada, "👍", true).await, react(&ada, "🇬🇭", false).await), (200, 200));
    for wrong in ["", "a", "👍👍👍👍👍👍👍👍👍👍", "<b>", "👍 ", &"👍\u{fe0f}".repeat(40)]
    {
        assert_eq!(react(&grace, wrong, true).await, 422, "{wrong}");
    }
    let reactions = grace.message(&direct, seq).await["state"]["reactions"].clone();
    let thumbs =
        reactions.as_array().unwrap().iter().find(|reaction| reaction["emoji"] == "👍").unwrap();
    assert_eq!(thumbs["people"], json!([grace.id, ada.id]), "ordered by time");
    assert_eq!(reactions.as_array().unwrap().len(), 4);
    // Keyboards differ in the variation selector. Skin tones are kept apart.
    for (who, emoji) in [(&ada, "❤️"), (&grace, "❤"), (&ada, "❤\u{fe0e}")] {
        assert_eq!(react(who, emoji, true).await, 200, "{emoji:?}");
    }
    let hearts = grace.message(&direct, seq).await["state"]["reactions"].clone();
    let hearts: Vec<_> = hearts
        .as_array()
        .unwrap()
        .iter()
        .filter(|reaction| reaction["emoji"].as_str().unwrap().starts_with('❤'))
        .cloned()
        .collect();
    assert_eq!(hearts, [json!({ "emoji": "❤️", "people": [ada.id, grace.id] })]);
    assert_eq!((react(&ada, "❤", false).await, react(&grace, "❤️", false).await), (200, 200));
    assert_eq!(
        grace.message(&direct, seq).await["state"]["reactions"].as_array().unwrap().len(),
        4
    );
    for n in 0..16 {
        assert_eq!(
            react(&grace, &char::from_u32(0x1f600 + n).unwrap().to_string(), true).await,
            200
        );
    }
    assert_eq!(react(&grace, "🎉", true).await, 409, "twenty kinds");
    assert_eq!(react(&ada, "👩🏽‍🔬", true).await, 200, "another reaction with an existing emoji");
    for _ in 0..2 {
        assert_eq!(react(&grace, "👩🏽‍🔬", false).await, 200);
    }
}

#[tokio::test]
async fn pins_and_resolved_questions_follow_the_rules() {
    let server = TestServer::new();
    let [ada, grace, kofi, mei] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    let (seq, everyone) = (grace.post(&group, "why?").await, ada.everyone().await);
    let set_flag = async |who: &TestUser, function: &str, on: bool| {
        who.message_call(function, &group, seq, json!({ "on": on })).await
    };
    assert_eq!(
        (
            set_flag(&kofi, "pin_message", true).await,
            set_flag(&kofi, "settle_question", true).await
        ),
        (200, 403)
    );
    assert_eq!(
        (
            set_flag(&grace, "settle_question", true).await,
            set_flag(&ada, "settle_question", false).await
        ),
        (200, 200)
    );
    assert_eq!(
        (set_flag(&mei, "pin_message", true).await, set_flag(&mei, "settle_question", true).await),
        (404, 404)
    );
    assert_eq!(mei.message(&everyone, mei.post(&everyone, "hi").await).await["body"], "hi");
    assert_eq!(
        ada.message_call(
            "pin_message",
            &everyone,
            mei.post(&everyone, "ho").await,
            json!({ "on": true })
        )
        .await,
        409
    );
    assert_eq!(ada.message(&group, seq).await["state"], json!({ "pinned": true }));
}

#[tokio::test]
async fn pins_and_open_questions_are_listed_for_members() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace]).await;
    let elsewhere = ada.create_group("Chemistry", &[&grace]).await;
    let listed = async |who: &TestUser, mark: &str| {
        let rows = who.call_ok("marked", json!({ "conversation": group, "mark": mark })).await;
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| row["excerpt"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let mut seqs = Vec::new();
    for body in ["When is it?", "On Monday", "Where?", "Why?", "Who?"] {
        seqs.push(ada.post(&group, body).await);
    }
    ada.post(&elsewhere, "Not here?").await;
    assert_eq!(listed(&grace, "open_question").await, ["Who?", "Why?", "Where?", "When is it?"]);
    for (function, seq) in [
        ("settle_question", seqs[2]),
        ("delete_message", seqs[4]),
        ("pin_message", seqs[1]),
        ("pin_message", seqs[0]),
    ] {
        assert_eq!(ada.message_call(function, &group, seq, json!({ "on": true })).await, 200);
    }
    assert_eq!(
        ada.message_call("edit_message", &group, seqs[3], json!({ "body": "That is why." })).await,
        200
    );
    assert_eq!(listed(&grace, "open_question").await, ["When is it?"]);
    assert_eq!(listed(&grace, "pinned").await, ["When is it?", "On Monday"]);
    assert_eq!(ada.message_call("delete_message", &group, seqs[0], json!({})).await, 200);
    assert_eq!(ada.message_call("pin_message", &group, seqs[1], json!({ "on": false })).await, 200);
    assert_eq!(
        (listed(&grace, "open_question").await.len(), listed(&grace, "pinned").await.len()),
        (0, 0)
    );
    assert_eq!(
        kofi.call("marked", json!({ "conversation": group, "mark": "pinned" })).await.status,
        404
    );
    assert_eq!(
        ada.call("marked", json!({ "conversation": group, "mark": "starred" })).await.status,
        400
    );
}
