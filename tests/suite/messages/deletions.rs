//! Deleted messages: their texts are delivered to nobody, and who may restore them until when.

use std::time::Duration;

use serde_json::json;

use crate::harness::{
    server::{TestServer, users},
    user::{TestUser, cursors, new_id, stream},
};

/// Longer than anybody may restore a message.
const A_MONTH: Duration = Duration::from_secs(31 * 24 * 3600);

#[tokio::test]
async fn a_deleted_text_is_nowhere_to_be_found() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    let (epoch, before) = cursors(&kofi.snapshot().await);
    let seq = grace.post(&group, "the secrex").await;
    assert_eq!(
        grace.message_call("edit_message", &group, seq, json!({ "body": "the secret" })).await,
        200
    );
    let answer =
        json!({ "conversation": group, "client_id": new_id(), "body": "what?", "answers": seq });
    kofi.call_ok("post_message", answer).await;
    assert_eq!(kofi.message_call("delete_message", &group, seq, json!({})).await, 403);
    assert_eq!(grace.message_call("delete_message", &group, seq, json!({})).await, 200);
    assert_eq!(
        grace.message_call("delete_message", &group, seq, json!({})).await,
        200,
        "deleting again has no effect"
    );
    for person in [&ada, &grace, &kofi] {
        let texts = [
            person.snapshot().await.to_string(),
            person.history(&group, json!({})).await.text,
            person.call("changes_after", json!({ "conversation": group, "seq": 0 })).await.text,
            person.call("versions", json!({ "conversation": group, "seq": seq })).await.text,
        ];
        assert!(texts.iter().all(|texts| !texts.contains("secre")), "{texts:?}");
    }
    // A client that was away meanwhile.
    let late = kofi.connect_from(&epoch, &before).await;
    assert!(late.raw.iter().all(|frame| !frame.contains("secre")), "{:?}", late.raw);
    assert_eq!(
        late.missed.iter().filter(|frame| frame["stream"] == stream(&group)).count(),
        4,
        "without a gap in the sequence numbers"
    );
    for (function, arguments) in [
        ("edit_message", json!({ "body": "x" })),
        ("react", json!({ "emoji": "👍", "on": true })),
        ("pin_message", json!({ "on": true })),
    ] {
        assert_eq!(grace.message_call(function, &group, seq, arguments).await, 409, "{function}");
    }
}

#[tokio::test]
async fn deletions_are_restored_by_author_briefly_and_by_creator_for_a_month() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    let seq = grace.post(&group, "hello @kofi").await;
    grace.message_call("edit_message", &group, seq, json!({ "body": "hello again @kofi" })).await;
    let delete = async || {
        assert_eq!(grace.message_call("delete_message", &group, seq, json!({})).await, 200)
    };
    delete().await;
    assert_eq!(kofi.message_call("restore_message", &group, seq, json!({})).await, 403);
    assert_eq!(grace.message_call("restore_message", &group, seq, json!({})).await, 200);
    assert_eq!(kofi.message(&group, seq).await["body"], "hello again @kofi");
    assert_eq!(
        kofi.unread(&group).await["mentions"],
        json!([seq]),
        "and counts as a mention again"
    );
    delete().await;
    server.advance_clock(Duration::from_secs(120));
    assert_eq!(
        grace.message_call("restore_message", &group, seq, json!({})).await,
        409,
        "too late for its author"
    );
    assert_eq!(ada.message_call("restore_message", &group, seq, json!({})).await, 200);
    delete().await;
    server.advance_clock(A_MONTH);
    let mut ada = server.second_device("ada").await;
    assert_eq!(ada.message_call("restore_message", &group, seq, json!({})).await, 409);
    // The start purges the text: it is gone even where it would not be too late.
    let server = server.restart();
    server.rewind_clock(A_MONTH);
    ada.switch_to(&server);
    assert_eq!(ada.message_call("restore_message", &group, seq, json!({})).await, 409);
}

#[tokio::test]
async fn an_author_cannot_restore_what_the_creator_deleted() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    let seq = grace.post(&group, "an insult").await;
    let (epoch, before) = cursors(&kofi.snapshot().await);
    assert_eq!(ada.message_call("delete_message", &group, seq, json!({})).await, 200);
    assert_eq!(grace.message(&group, seq).await["state"]["deleted_by"], ada.id.as_str());
    for (person, status) in [(&grace, 403), (&kofi, 403)] {
        assert_eq!(
            person.message_call("restore_message", &group, seq, json!({})).await,
            status,
            "{}",
            person.name
        );
    }
    assert_eq!(ada.message_call("restore_message", &group, seq, json!({})).await, 200);
    assert_eq!(grace.message(&group, seq).await["body"], "an insult");
    // Authors restore what they deleted, also after another person restored it.
    assert_eq!(grace.message_call("delete_message", &group, seq, json!({})).await, 200);
    assert_eq!(grace.message_call("restore_message", &group, seq, json!({})).await, 200);
    // The author can for 30 seconds, the creator for longer.
    assert_eq!(grace.message_call("delete_message", &group, seq, json!({})).await, 200);
    server.advance_clock(Duration::from_secs(35));
    assert_eq!(grace.message_call("restore_message", &group, seq, json!({})).await, 409);
    assert_eq!(ada.message_call("restore_message", &group, seq, json!({})).await, 200);
    let socket = kofi.connect_from(&epoch, &before).await;
    assert!(socket.missed.iter().any(|frame| frame["change"]["kind"] == "restored"));
}

#[tokio::test]
async fn moderators_delete_in_everyone_and_in_their_groups() {
    let server = TestServer::new();
    let [ada, grace, kofi, mei] = users(&server).await;
    let role = json!({ "person": kofi.id, "role": "moderator" });
    ada.call_ok("set_role", role).await;
    let everyone = mei.snapshot().await["conversations"][0]["conversation"]["id"].clone();
    let everyone = everyone.as_str().unwrap();
    let call = async |by: &TestUser, function, group: &str, seq| {
        by.message_call(function, group, seq, json!({})).await
    };
    let insult = grace.post(everyone, "an insult").await;
    assert_eq!(call(&mei, "delete_message", everyone, insult).await, 403);
    assert_eq!(call(&kofi, "delete_message", everyone, insult).await, 200);
    let shown = mei.message(everyone, insult).await;
    assert_eq!((&shown["body"], &shown["state"]["deleted_by"]), (&json!(""), &json!(kofi.id)));
    for (person, status) in [(&grace, 403), (&mei, 403), (&ada, 200)] {
        let restored = call(person, "restore_message", everyone, insult).await;
        assert_eq!(restored, status, "{}", person.name);
    }
    let group = grace.create_group("Physics", &[&mei]).await;
    let seq = mei.post(&group, "an insult").await;
    assert_eq!(call(&kofi, "delete_message", &group, seq).await, 404, "not a member");
    grace.add_members(&group, &[&kofi]).await;
    assert_eq!(call(&kofi, "delete_message", &group, seq).await, 200);
    assert_eq!(call(&grace, "restore_message", &group, seq).await, 403, "the creator");
    assert_eq!(call(&kofi, "restore_message", &group, seq).await, 200);
    let direct = grace.open_direct(&kofi).await;
    let seq = grace.post(&direct, "between two people").await;
    assert_eq!(call(&kofi, "delete_message", &direct, seq).await, 403);
    let log = ada.call_ok("audit_log", json!({ "action": "message_deleted" })).await;
    let logged: Vec<_> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (&entry["actor"], &entry["person"], &entry["conversation"]))
        .collect();
    let by = json!(kofi.id);
    assert_eq!(
        logged,
        [(&by, &json!(mei.id), &json!(group)), (&by, &json!(grace.id), &json!(everyone)),]
    );
    assert!(!log.to_string().contains("insult"));
}
