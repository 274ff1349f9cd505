//! What becomes of messages: everybody hears of it, late or live, and sees the same; what was
//! deleted is told to nobody.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{
    server::{TestServer, users},
    user::{TestUser, cursors, new_id, stream},
};

impl TestUser {
    /// Does something to a message; how it went.
    async fn execute(&self, function: &str, conversation: &str, seq: u64, more: Value) -> u16 {
        let mut arguments = json!({ "conversation": conversation, "seq": seq });
        more.as_object()
            .into_iter()
            .flatten()
            .for_each(|(key, value)| arguments[key] = value.clone());
        self.call(function, arguments).await.status
    }

    /// A message as it stands.
    async fn finds(&self, conversation: &str, seq: u64) -> Value {
        let page = self.history(conversation, json!({ "around": seq, "limit": 100 })).await.ok();
        page["entries"]
            .as_array()
            .unwrap()
            .iter()
            .find(|entry| entry["seq"] == seq)
            .expect("it is there")["change"]
            .clone()
    }

    async fn unread(&self, conversation: &str) -> Value {
        self.find_summary(conversation).await.unwrap()["unread"].clone()
    }
}

#[tokio::test]
async fn an_edit_shows_the_new_text_and_keeps_versions_for_readers() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace]).await;
    let seq = grace.post(&group, "frist").await;
    let mut socket = ada.connect().await;
    for body in ["first", "first!", "first!"] {
        assert_eq!(grace.execute("edit_message", &group, seq, json!({ "body": body })).await, 200);
    }
    ada.post(&group, "the marker").await;
    let received = socket.recv_until_message("the marker").await;
    let edits: Vec<_> = received
        .iter()
        .filter(|frame| frame["change"]["kind"] == "edited")
        .map(|frame| frame["change"]["body"].clone())
        .collect();
    assert_eq!(edits, ["first", "first!"], "the same text again is no edit");
    assert_eq!(ada.finds(&group, seq).await["body"], "first!");
    let versions = ada.call_ok("versions", json!({ "conversation": group, "seq": seq })).await;
    let said: Vec<_> =
        versions.as_array().unwrap().iter().map(|version| version["body"].clone()).collect();
    assert_eq!(said, ["frist", "first"]);
    assert_eq!(kofi.execute("versions", &group, seq, json!({})).await, 404);
    assert_eq!(
        ada.execute("edit_message", &group, seq, json!({ "body": "mine" })).await,
        403,
        "not even the group's creator"
    );
    assert_eq!(grace.execute("edit_message", &group, seq, json!({ "body": " " })).await, 422);
}

#[tokio::test]
async fn a_deleted_text_is_nowhere_to_be_found() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    let (epoch, before) = cursors(&kofi.snapshot().await);
    let seq = grace.post(&group, "the secrex").await;
    assert_eq!(
        grace.execute("edit_message", &group, seq, json!({ "body": "the secret" })).await,
        200
    );
    let answer =
        json!({ "conversation": group, "client_id": new_id(), "body": "what?", "answers": seq });
    kofi.call_ok("post_message", answer).await;
    assert_eq!(kofi.execute("delete_message", &group, seq, json!({})).await, 403);
    assert_eq!(grace.execute("delete_message", &group, seq, json!({})).await, 200);
    assert_eq!(
        grace.execute("delete_message", &group, seq, json!({})).await,
        200,
        "one that is deleted stays so"
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
    // Somebody who was away for all of it.
    let late = kofi.connect_from(&epoch, &before).await;
    assert!(late.raw.iter().all(|frame| !frame.contains("secre")), "{:?}", late.raw);
    assert_eq!(
        late.missed.iter().filter(|frame| frame["stream"] == stream(&group)).count(),
        4,
        "and the numbers are all there"
    );
    for (function, more) in [
        ("edit_message", json!({ "body": "x" })),
        ("react", json!({ "emoji": "👍", "on": true })),
        ("pin_message", json!({ "on": true })),
    ] {
        assert_eq!(grace.execute(function, &group, seq, more).await, 409, "{function}");
    }
}

#[tokio::test]
async fn deletions_are_restored_by_author_briefly_and_by_creator_for_a_month() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    let seq = grace.post(&group, "hello @kofi").await;
    grace.execute("edit_message", &group, seq, json!({ "body": "hello again @kofi" })).await;
    let ago = async |age: Duration| {
        let past = i64::try_from(age.as_millis()).unwrap();
        server
            .execute(format!(
                "update changes set deleted = deleted - {past} where seq = {seq} \
                 and deleted is not null"
            ))
            .await;
    };
    let delete =
        async || assert_eq!(grace.execute("delete_message", &group, seq, json!({})).await, 200);
    delete().await;
    assert_eq!(kofi.execute("restore_message", &group, seq, json!({})).await, 403);
    assert_eq!(grace.execute("restore_message", &group, seq, json!({})).await, 200);
    assert_eq!(kofi.finds(&group, seq).await["body"], "hello again @kofi");
    assert_eq!(kofi.unread(&group).await["mentions"], json!([seq]), "and rings again");
    delete().await;
    ago(Duration::from_secs(120)).await;
    assert_eq!(
        grace.execute("restore_message", &group, seq, json!({})).await,
        409,
        "too late for its author"
    );
    assert_eq!(ada.execute("restore_message", &group, seq, json!({})).await, 200);
    delete().await;
    ago(Duration::from_secs(31 * 24 * 3600)).await;
    assert_eq!(ada.execute("restore_message", &group, seq, json!({})).await, 409);
    let server = server.restart();
    assert!(
        server.query("select * from versions").await.is_empty(),
        "nothing of it is kept for ever"
    );
}

#[tokio::test]
async fn reactions_are_counted_once_and_bounded() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let seq = ada.post(&direct, "hello").await;
    let react = async |who: &TestUser, emoji: &str, on: bool| {
        who.execute("react", &direct, seq, json!({ "emoji": emoji, "on": on })).await
    };
    for emoji in ["👍", "👍", "👩🏽‍🔬", "🇬🇭", "1️⃣"] {
        assert_eq!(react(&grace, emoji, true).await, 200, "{emoji}");
    }
    assert_eq!((react(&ada, "👍", true).await, react(&ada, "🇬🇭", false).await), (200, 200));
    for wrong in ["", "a", "👍👍👍👍👍👍👍👍👍👍", "<b>", "👍 ", &"👍\u{fe0f}".repeat(40)]
    {
        assert_eq!(react(&grace, wrong, true).await, 422, "{wrong}");
    }
    let reactions = grace.finds(&direct, seq).await["state"]["reactions"].clone();
    let thumbs =
        reactions.as_array().unwrap().iter().find(|reaction| reaction["emoji"] == "👍").unwrap();
    assert_eq!(thumbs["people"], json!([grace.id, ada.id]), "the first one first");
    assert_eq!(reactions.as_array().unwrap().len(), 4);
    // Keyboards differ in the variation selector; tones are what somebody chose.
    for (who, emoji) in [(&ada, "❤️"), (&grace, "❤"), (&ada, "❤\u{fe0e}")] {
        assert_eq!(react(who, emoji, true).await, 200, "{emoji:?}");
    }
    let hearts = grace.finds(&direct, seq).await["state"]["reactions"].clone();
    let hearts: Vec<_> = hearts
        .as_array()
        .unwrap()
        .iter()
        .filter(|reaction| reaction["emoji"].as_str().unwrap().starts_with('❤'))
        .cloned()
        .collect();
    assert_eq!(hearts, [json!({ "emoji": "❤️", "people": [ada.id, grace.id] })]);
    assert_eq!((react(&ada, "❤", false).await, react(&grace, "❤️", false).await), (200, 200));
    assert_eq!(grace.finds(&direct, seq).await["state"]["reactions"].as_array().unwrap().len(), 4);
    // Stored before spellings were made one.
    server
        .execute(format!(
            "insert into reactions (stream, message, emoji, person, since) \
             select stream, {seq}, '❤', person, since from reactions where emoji = '👍'"
        ))
        .await;
    assert_eq!((react(&grace, "❤️", false).await, react(&ada, "❤️", false).await), (200, 200));
    assert_eq!(server.query("select * from reactions where emoji like '❤%'").await.len(), 0);
    for n in 0..16 {
        assert_eq!(
            react(&grace, &char::from_u32(0x1f600 + n).unwrap().to_string(), true).await,
            200
        );
    }
    assert_eq!(react(&grace, "🎉", true).await, 409, "twenty kinds");
    assert_eq!(react(&ada, "👩🏽‍🔬", true).await, 200, "one more of a kind that is there");
    assert_eq!((react(&grace, "👩🏽‍🔬", false).await, react(&grace, "👩🏽‍🔬", false).await), (200, 200));
}

#[tokio::test]
async fn a_reply_shows_the_current_text_of_its_message() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let (direct, everyone) = (ada.open_direct(&grace).await, ada.everyone().await);
    let seq = ada.post(&direct, "why?").await;
    let id = new_id();
    let answer = async |conversation: &str, reply_to: u64| {
        grace.call("post_message", json!({ "conversation": conversation, "client_id": id, "body": "because", "answers": reply_to })).await.status
    };
    assert_eq!(
        (answer(&direct, 99).await, answer(&everyone, 1).await),
        (422, 422),
        "what is no message is not answered"
    );
    assert_eq!((answer(&direct, seq).await, answer(&direct, seq).await), (200, 200));
    assert_eq!(answer(&direct, seq + 1).await, 409, "the same name for an answer to another");
    assert_eq!(
        ada.finds(&direct, 2).await["answers"],
        json!({ "message": seq, "author": ada.id, "excerpt": "why?" })
    );
    assert_eq!(ada.finds(&direct, seq).await["state"]["answered_by"], json!([2]));
    ada.execute("edit_message", &direct, seq, json!({ "body": "why not?" })).await;
    assert_eq!(ada.finds(&direct, 2).await["answers"]["excerpt"], "why not?");
    ada.execute("delete_message", &direct, seq, json!({})).await;
    assert_eq!(ada.finds(&direct, 2).await["answers"]["excerpt"], "");
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
    grace.execute("edit_message", &group, one, json!({ "body": "one, @kofi" })).await;
    grace.execute("react", &group, two, json!({ "emoji": "👍", "on": true })).await;
    assert_eq!(
        kofi.unread(&group).await,
        json!({ "seqs": [one, two], "more": 0, "mentions": [one] }),
        "an edit raises no count"
    );
    grace.execute("delete_message", &group, one, json!({})).await;
    assert_eq!(kofi.unread(&group).await, json!({ "seqs": [two], "more": 0 }));
    kofi.call_ok("mark_unread", json!({ "conversation": group, "from": read })).await;
    assert_eq!(kofi.unread(&group).await["seqs"], json!([read, two]));
    kofi.call_ok("mark_read", json!({ "conversation": group, "upto": 99 })).await;
    assert_eq!(kofi.unread(&group).await, json!({ "seqs": [], "more": 0 }));
    let rings = ada.post(&group, "@everyone, come").await;
    grace.post(&group, "@everyone without the right, `@kofi` in code, @kofi2 of nobody").await;
    assert_eq!(kofi.unread(&group).await["mentions"], json!([rings]));
    assert_eq!(ada.unread(&group).await.get("mentions"), None, "nobody rings themselves");
}

#[tokio::test]
async fn pins_and_resolved_questions_follow_the_rules() {
    let server = TestServer::new();
    let [ada, grace, kofi, mei] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    let (seq, everyone) = (grace.post(&group, "why?").await, ada.everyone().await);
    let turn = async |who: &TestUser, function: &str, on: bool| {
        who.execute(function, &group, seq, json!({ "on": on })).await
    };
    assert_eq!(
        (turn(&kofi, "pin_message", true).await, turn(&kofi, "settle_question", true).await),
        (200, 403)
    );
    assert_eq!(
        (turn(&grace, "settle_question", true).await, turn(&ada, "settle_question", false).await),
        (200, 200)
    );
    assert_eq!(
        (turn(&mei, "pin_message", true).await, turn(&mei, "settle_question", true).await),
        (404, 404)
    );
    assert_eq!(mei.finds(&everyone, mei.post(&everyone, "hi").await).await["body"], "hi");
    assert_eq!(
        ada.execute(
            "pin_message",
            &everyone,
            mei.post(&everyone, "ho").await,
            json!({ "on": true })
        )
        .await,
        409
    );
    assert_eq!(ada.finds(&group, seq).await["state"], json!({ "pinned": true }));
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
        assert_eq!(ada.execute(function, &group, seq, json!({ "on": true })).await, 200);
    }
    assert_eq!(
        ada.execute("edit_message", &group, seqs[3], json!({ "body": "That is why." })).await,
        200
    );
    assert_eq!(listed(&grace, "open_question").await, ["When is it?"]);
    assert_eq!(listed(&grace, "pinned").await, ["When is it?", "On Monday"]);
    assert_eq!(ada.execute("delete_message", &group, seqs[0], json!({})).await, 200);
    assert_eq!(ada.execute("pin_message", &group, seqs[1], json!({ "on": false })).await, 200);
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

#[tokio::test]
async fn an_author_cannot_restore_what_the_creator_deleted() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    let seq = grace.post(&group, "an insult").await;
    let (epoch, before) = cursors(&kofi.snapshot().await);
    assert_eq!(ada.execute("delete_message", &group, seq, json!({})).await, 200);
    assert_eq!(grace.finds(&group, seq).await["state"]["deleted_by"], ada.id.as_str());
    for (person, status) in [(&grace, 403), (&kofi, 403)] {
        assert_eq!(
            person.execute("restore_message", &group, seq, json!({})).await,
            status,
            "{}",
            person.name
        );
    }
    assert_eq!(ada.execute("restore_message", &group, seq, json!({})).await, 200);
    assert_eq!(grace.finds(&group, seq).await["body"], "an insult");
    // What its author deleted, its author takes back, also after it was restored by another.
    assert_eq!(grace.execute("delete_message", &group, seq, json!({})).await, 200);
    assert_eq!(grace.execute("restore_message", &group, seq, json!({})).await, 200);
    // For 30 seconds; the creator can for longer.
    assert_eq!(grace.execute("delete_message", &group, seq, json!({})).await, 200);
    server
        .execute(format!(
            "update changes set deleted = deleted - 35000 where seq = {seq} and deleted is not null"
        ))
        .await;
    assert_eq!(grace.execute("restore_message", &group, seq, json!({})).await, 409);
    assert_eq!(ada.execute("restore_message", &group, seq, json!({})).await, 200);
    let socket = kofi.connect_from(&epoch, &before).await;
    assert!(socket.missed.iter().any(|frame| frame["change"]["kind"] == "restored"));
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
        assert_eq!(ada.execute(alter, &direct, seq, arguments).await, 200);
        assert_eq!(
            ada.post_with_id(&id, &direct, "first").await.ok()["seq"],
            seq,
            "after {alter}: the same message, sent again"
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
