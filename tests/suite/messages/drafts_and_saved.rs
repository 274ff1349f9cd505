//! Drafts, saved messages, threads, and going to a date.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{
    server::{TestServer, users},
    user::{TestUser, cursors, new_id},
};

impl TestUser {
    async fn drafts(&self, conversation: &str, body: &str, after: &Value) -> (u16, Value) {
        let answer = self
            .call(
                "keep_draft",
                json!({ "conversation": conversation, "body": body, "after": after }),
            )
            .await;
        (answer.status, answer.json())
    }

    async fn reply(&self, conversation: &str, message: u64, body: &str) -> u64 {
        let answer = json!({
            "conversation": conversation,
            "client_id": new_id(),
            "body": body,
            "answers": message
        });
        self.call_ok("post_message", answer).await["seq"].as_u64().unwrap()
    }

    async fn reads_thread(&self, conversation: &str, seq: u64) -> Vec<String> {
        let entries =
            self.call_ok("thread", json!({ "conversation": conversation, "seq": seq })).await;
        entries
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["change"]["body"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[tokio::test]
async fn drafts_sync_between_devices_without_overwriting() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let phone = server.second_device("ada").await;
    let group = ada.create_group("Physics", &[&grace]).await;
    let (mut socket, mut hers) = (phone.connect().await, grace.connect().await);
    let (status, first) = ada.drafts(&group, "Dear all", &Value::Null).await;
    assert_eq!(status, 200);
    assert_eq!(
        ada.drafts(&group, "Dear all", &Value::Null).await,
        (200, first.clone()),
        "repeated: the same draft"
    );
    assert_eq!(
        phone.find_summary(&group).await.unwrap()["draft"],
        json!({ "body": "Dear all", "seq": first })
    );
    assert_eq!(
        phone.drafts(&group, "Hi", &Value::Null).await.0,
        409,
        "a conflict with an unknown draft"
    );
    let (_, second) = phone.drafts(&group, "Dear all, hi", &first).await;
    assert_eq!(ada.drafts(&group, "Dear all of you", &first).await.0, 409);
    let (epoch, before) = cursors(&ada.snapshot().await);
    assert_eq!(ada.drafts(&group, "", &second).await.0, 200);
    assert_eq!(phone.find_summary(&group).await.unwrap()["draft"], Value::Null);
    assert_eq!(
        phone.drafts(&group, "anew", &second).await.0,
        200,
        "a deleted draft causes no conflict"
    );
    ada.post(&group, "the marker").await;
    let received = socket.recv_until_message("the marker").await;
    let draft_bodies = |frames: &[Value]| -> Vec<Value> {
        frames
            .iter()
            .filter(|frame| frame["change"]["kind"] == "draft_kept")
            .map(|frame| frame["change"]["body"].clone())
            .collect()
    };
    assert_eq!(draft_bodies(&received), ["Dear all", "Dear all, hi", "", "anew"]);
    // A client that was away receives the current draft only.
    let late = ada.connect_from(&epoch, &before).await;
    assert_eq!(draft_bodies(&late.missed), ["anew", "anew"]);
    hers.recv_until_message("the marker").await;
    assert!(
        !hers.has_received("draft_kept") && hers.raw.iter().all(|frame| !frame.contains("Dear")),
        "nobody else receives it"
    );
    assert!(grace.find_summary(&group).await.unwrap().get("draft").is_none());
    let (status, refused) = ada.drafts(&group, &"x".repeat(40_001), &Value::Null).await;
    assert_eq!((status, &refused["field"]), (413, &json!("body")));
}

#[tokio::test]
async fn saved_messages_are_private_and_follow_access() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    let seqs = [ada.post(&group, "the date of the exam").await, ada.post(&group, "the room").await];
    let save = async |person: &TestUser, seq: u64, on: bool| {
        person
            .call("save_message", json!({ "conversation": group, "seq": seq, "on": on }))
            .await
            .status
    };
    let phone = server.second_device("grace").await;
    let mut socket = phone.connect().await;
    for seq in seqs {
        assert_eq!(
            (save(&grace, seq, true).await, save(&grace, seq, true).await),
            (200, 200),
            "idempotent"
        );
    }
    assert_eq!(phone.find_summary(&group).await.unwrap()["saved"], json!(seqs));
    let excerpts = async |person: &TestUser| -> Vec<String> {
        let saved = person.call_ok("saved", json!({})).await;
        saved
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["excerpt"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(excerpts(&phone).await, ["the room", "the date of the exam"]);
    assert_eq!(excerpts(&kofi).await, Vec::<String>::new());
    assert_eq!(save(&grace, seqs[0], false).await, 200);
    ada.call_ok("delete_message", json!({ "conversation": group, "seq": seqs[0] })).await;
    assert_eq!(save(&grace, seqs[0], true).await, 409, "deleted messages cannot be saved");
    ada.post(&group, "the marker").await;
    let received = socket.recv_until_message("the marker").await;
    let flags: Vec<_> = received
        .iter()
        .filter(|frame| frame["change"]["kind"] == "saved")
        .map(|frame| frame["change"]["on"].clone())
        .collect();
    assert_eq!(flags, [true, true, false]);
    assert_eq!(excerpts(&grace).await, ["the room"]);
    ada.remove_member(&group, &grace).await.ok();
    assert_eq!(excerpts(&grace).await, Vec::<String>::new(), "removed members cannot read it");
    assert_eq!(save(&grace, seqs[1], true).await, 404);
}

#[tokio::test]
async fn a_thread_contains_its_replies_only() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace]).await;
    let question = ada.post(&group, "why is the sky blue?").await;
    ada.post(&group, "and lunch?").await;
    let scattered = grace.reply(&group, question, "it scatters").await;
    let rayleigh = grace.reply(&group, scattered, "Rayleigh").await;
    grace.post(&group, "yes, lunch").await;
    let thanks = ada.reply(&group, question, "thank you").await;
    for seq in [question, scattered, rayleigh, thanks] {
        assert_eq!(
            grace.reads_thread(&group, seq).await,
            ["why is the sky blue?", "it scatters", "Rayleigh", "thank you"]
        );
    }
    grace.call_ok("delete_message", json!({ "conversation": group, "seq": scattered })).await;
    assert_eq!(
        ada.reads_thread(&group, rayleigh).await,
        ["why is the sky blue?", "", "Rayleigh", "thank you"],
        "deleted messages keep their position"
    );
    for (person, seq) in [(&kofi, question), (&ada, 1), (&ada, 9_999)] {
        assert_eq!(
            person.call("thread", json!({ "conversation": group, "seq": seq })).await.status,
            404
        );
    }
}

#[tokio::test]
async fn a_date_finds_its_position() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace]).await;
    let (mut seqs, mut times) = (Vec::new(), Vec::new());
    for n in 0..6 {
        server.advance_clock(Duration::from_secs(24 * 3600));
        let posted = ada.post_with_id(&new_id(), &group, &format!("day {n}")).await.ok();
        seqs.push(posted["seq"].clone());
        times.push(posted["at"].as_i64().unwrap());
    }
    server.advance_clock(Duration::from_secs(24 * 3600));
    ada.call_ok(
        "edit_message",
        json!({ "conversation": group, "seq": seqs[5], "body": "day five" }),
    )
    .await;
    let place =
        async |at: i64| grace.call_ok("place_at", json!({ "conversation": group, "at": at })).await;
    for (at, expected) in [
        (-1, &seqs[0]),
        (times[0], &seqs[0]),
        (times[0] + 1, &seqs[1]),
        (times[5], &seqs[5]),
        (times[5] + 1, &seqs[5]),
        (i64::MAX, &seqs[5]),
    ] {
        assert_eq!(place(at).await, *expected, "{at}");
    }
    let empty = ada.open_direct(&grace).await;
    assert_eq!(
        grace.call_ok("place_at", json!({ "conversation": empty, "at": 0 })).await,
        Value::Null
    );
}
