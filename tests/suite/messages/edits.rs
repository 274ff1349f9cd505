//! Edited messages and replies: texts, versions, unread counts, and client IDs.

use serde_json::json;

use crate::harness::{
    server::{TestServer, users},
    user::new_id,
};

#[tokio::test]
async fn an_edit_shows_the_new_text_and_keeps_versions_for_readers() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace]).await;
    let seq = grace.post(&group, "frist").await;
    let mut socket = ada.connect().await;
    for body in ["first", "first!", "first!"] {
        assert_eq!(
            grace.message_call("edit_message", &group, seq, json!({ "body": body })).await,
            200
        );
    }
    ada.post(&group, "the marker").await;
    let received = socket.recv_until_message("the marker").await;
    let edits: Vec<_> = received
        .iter()
        .filter(|frame| frame["change"]["kind"] == "edited")
        .map(|frame| frame["change"]["body"].clone())
        .collect();
    assert_eq!(edits, ["first", "first!"], "the same text is no edit");
    assert_eq!(ada.message(&group, seq).await["body"], "first!");
    let versions = ada.call_ok("versions", json!({ "conversation": group, "seq": seq })).await;
    let said: Vec<_> =
        versions.as_array().unwrap().iter().map(|version| version["body"].clone()).collect();
    assert_eq!(said, ["frist", "first"]);
    assert_eq!(kofi.message_call("versions", &group, seq, json!({})).await, 404);
    assert_eq!(
        ada.message_call("edit_message", &group, seq, json!({ "body": "mine" })).await,
        403,
        "not even the group's creator"
    );
    assert_eq!(grace.message_call("edit_message", &group, seq, json!({ "body": " " })).await, 422);
}

#[tokio::test]
async fn a_reply_shows_the_current_text_of_its_message() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let (direct, everyone) = (ada.open_direct(&grace).await, ada.everyone().await);
    let seq = ada.post(&direct, "why?").await;
    let id = new_id();
    let answer = async |conversation: &str, reply_to: u64| {
        grace
            .call(
                "post_message",
                json!({
                    "conversation": conversation,
                    "client_id": id,
                    "body": "because",
                    "answers": reply_to
                }),
            )
            .await
            .status
    };
    assert_eq!(
        (answer(&direct, 99).await, answer(&everyone, 1).await),
        (422, 422),
        "only messages can be replied to"
    );
    assert_eq!((answer(&direct, seq).await, answer(&direct, seq).await), (200, 200));
    assert_eq!(answer(&direct, seq + 1).await, 409, "the client ID was used for another reply");
    assert_eq!(
        ada.message(&direct, 2).await["answers"],
        json!({ "message": seq, "author": ada.id, "excerpt": "why?" })
    );
    assert_eq!(ada.message(&direct, seq).await["state"]["answered_by"], json!([2]));
    ada.message_call("edit_message", &direct, seq, json!({ "body": "why not?" })).await;
    assert_eq!(ada.message(&direct, 2).await["answers"]["excerpt"], "why not?");
    ada.message_call("delete_message", &direct, seq, json!({})).await;
    assert_eq!(ada.message(&direct, 2).await["answers"]["excerpt"], "");
}

#[tokio::test]
async fn unread_counts_follow_every_change() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    let read = grace.post(&group, "read").await;
    kofi.call_ok("mark_read", json!({ "conversation": group, "upto": read })).await;
    let (one, two) = (grace.post(&group, "one").await, grace.post(&group, "two").await);
    assert_eq!(kofi.unread(&group).await, json!({ "seqs": [one, two], "more": 0 }));
    grace.message_call("edit_message", &group, one, json!({ "body": "one, @kofi" })).await;
    grace.message_call("react", &group, two, json!({ "emoji": "👍", "on": true })).await;
    assert_eq!(
        kofi.unread(&group).await,
        json!({ "seqs": [one, two], "more": 0, "mentions": [one] }),
        "an edit is not unread"
    );
    grace.message_call("delete_message", &group, one, json!({})).await;
    assert_eq!(kofi.unread(&group).await, json!({ "seqs": [two], "more": 0 }));
    kofi.call_ok("mark_unread", json!({ "conversation": group, "from": read })).await;
    assert_eq!(kofi.unread(&group).await["seqs"], json!([read, two]));
    kofi.call_ok("mark_read", json!({ "conversation": group, "upto": 99 })).await;
    assert_eq!(kofi.unread(&group).await, json!({ "seqs": [], "more": 0 }));
    let rings = ada.post(&group, "@everyone, come").await;
    grace.post(&group, "@everyone without the right, `@kofi` in code, @kofi2 of nobody").await;
    assert_eq!(kofi.unread(&group).await["mentions"], json!([rings]));
    assert_eq!(ada.unread(&group).await.get("mentions"), None, "own mentions do not notify");
}

#[tokio::test]
async fn a_used_client_id_conflicts_after_edits_and_deletions() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let id = new_id();
    let posted = ada.post_with_id(&id, &direct, "first").await.ok();
    let seq = posted["seq"].as_u64().unwrap();
    for (alter, arguments) in [
        ("edit_message", json!({ "body": "second" })),
        ("edit_message", json!({ "body": "third" })),
        ("delete_message", json!({})),
    ] {
        assert_eq!(ada.message_call(alter, &direct, seq, arguments).await, 200);
        assert_eq!(
            ada.post_with_id(&id, &direct, "first").await.ok()["seq"],
            seq,
            "after {alter}: a retry is the same message"
        );
        for other in ["other", "second", "third", ""] {
            let status = ada.post_with_id(&id, &direct, other).await.status;
            assert!(
                status == 409 || other.is_empty() && status == 422,
                "after {alter}, {other:?}: {status}"
            );
        }
    }
}
