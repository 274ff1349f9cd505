//! Delivery: who receives a message and who does not, without loss or duplicates.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{
    server::{TestServer, users},
    socket::TestSocket,
    user::{TestUser, bodies, cursors, new_id, nothing, stream},
};

/// The changes of a stream among these frames.
pub(crate) fn of_stream<'f>(frames: &'f [Value], name: &str) -> Vec<&'f Value> {
    frames.iter().filter(|frame| frame["type"] == "change" && frame["stream"] == name).collect()
}

pub(crate) fn seqs(frames: &[&Value]) -> Vec<u64> {
    frames.iter().map(|frame| frame["seq"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_direct_message_reaches_all_devices_of_two_people() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let (everyone, direct) = (ada.everyone().await, ada.open_direct(&grace).await);
    let tablet = server.second_device("ada").await;
    let mut near = [ada.connect().await, tablet.connect().await, grace.connect().await];
    let mut far = kofi.connect().await;
    ada.post(&direct, "the pond freezes at noon").await;
    ada.post(&everyone, "the marker").await;
    for socket in &mut near {
        assert_eq!(
            socket.bodies_until("the marker").await,
            ["the pond freezes at noon", "the marker"]
        );
    }
    assert_eq!(far.bodies_until("the marker").await, ["the marker"]);
    assert!(!far.has_received("pond") && !far.has_received(&direct), "not a single byte");
}

#[tokio::test]
async fn a_group_message_reaches_members_only() {
    let server = TestServer::new();
    let [ada, grace, kofi, mei] = users(&server).await;
    let everyone = ada.everyone().await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    let (epoch, before) = cursors(&kofi.snapshot().await);
    let (mut member, mut stranger) = (grace.connect().await, mei.connect().await);
    for body in ["one", "two", "three"] {
        ada.post(&group, body).await;
    }
    ada.post(&everyone, "the marker").await;
    assert_eq!(member.bodies_until("the marker").await, ["one", "two", "three", "the marker"]);
    assert_eq!(stranger.bodies_until("the marker").await, ["the marker"]);
    assert!(!stranger.has_received(&group));
    assert_eq!(
        kofi.find_summary(&group).await.unwrap()["unread"]["seqs"].as_array().unwrap().len(),
        3
    );
    assert_eq!(
        kofi.message_bodies(&group).await,
        ["one", "two", "three"],
        "all in order after an absence"
    );
    let late = kofi.connect_from(&epoch, &before).await;
    assert_eq!(
        bodies(&of_stream(&late.missed, &stream(&group)).into_iter().cloned().collect::<Vec<_>>()),
        ["one", "two", "three"]
    );
}

#[tokio::test]
async fn a_message_to_everyone_reaches_everybody() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let everyone = ada.everyone().await;
    let mut sockets = [ada.connect().await, grace.connect().await];
    ada.post(&everyone, "good morning").await;
    for socket in &mut sockets {
        socket.recv_until_message("good morning").await;
    }
    assert_eq!(kofi.message_bodies(&everyone).await, ["good morning"]);
}

#[tokio::test]
async fn sent_events_equal_stored_events() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let mut socket = grace.connect().await;
    let words = "Zoë said: \"</script>\\ 🦆\u{2028}\tfin\"\r\nsecond line";
    let client_id = new_id();
    let receipt = ada.post_with_id(&client_id, &direct, words).await.ok();
    let received = socket.recv_change("posted").await;
    let change = json!({
        "kind": "posted",
        "author": ada.id,
        "body": words.replace("\r\n", "\n"),
        "client_id": client_id
    });
    let expected = json!({
        "type": "change",
        "stream": stream(&direct),
        "seq": receipt["seq"],
        "at": receipt["at"],
        "change": change
    });
    assert_eq!(received, expected);
    let stored = grace.history(&direct, json!({})).await.ok()["entries"][0].clone();
    assert_eq!(stored, json!({ "seq": receipt["seq"], "at": receipt["at"], "change": change }));
}

#[tokio::test]
async fn a_message_sent_fifty_times_at_once_is_stored_once() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let mut socket = grace.connect().await;
    let client_id = new_id();
    let responses = join_all((0..50).map(|_| ada.post_with_id(&client_id, &direct, "once"))).await;
    assert!(
        responses.iter().all(|answer| answer.status == 200 && answer.text == responses[0].text),
        "fifty equal receipts"
    );
    assert_eq!(ada.message_bodies(&direct).await, ["once"]);
    ada.post(&direct, "the marker").await;
    assert_eq!(socket.bodies_until("the marker").await, ["once", "the marker"]);
    assert_eq!(
        ada.post_with_id(&client_id, &direct, "twice").await.error(),
        (409, "conflict".into(), "client_id".into())
    );
    let everyone = ada.everyone().await;
    assert_eq!(
        ada.post_with_id(&client_id, &everyone, "once").await.status,
        409,
        "client IDs are per conversation"
    );
    assert_eq!(
        grace.post_with_id(&client_id, &direct, "mine").await.status,
        200,
        "client IDs are per author"
    );
}

#[tokio::test]
async fn a_removed_member_receives_nothing_more() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let everyone = ada.everyone().await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    ada.post(&group, "before").await;
    let (epoch, known) = cursors(&grace.snapshot().await);
    let (mut removed, mut left) = (grace.connect().await, kofi.connect().await);
    ada.remove_member(&group, &grace).await.ok();
    kofi.leave_group(&group).await.ok();
    ada.post(&group, "the secret").await;
    ada.post(&everyone, "the marker").await;
    for (person, socket) in [(&grace, &mut removed), (&kofi, &mut left)] {
        let received = socket.recv_until_message("the marker").await;
        let own = of_stream(&received, &format!("p:{}", person.id));
        assert_eq!(
            own[0]["change"],
            json!({ "kind": "conversation_removed", "conversation": group })
        );
        let theirs = of_stream(&received, &stream(&group));
        assert!(theirs.iter().all(|frame| frame["change"]["kind"] == "member_removed"
            && frame["change"]["person"] == grace.id
            && person.id == kofi.id));
        assert!(!socket.has_received("the secret"));
        let missing = person.history(&nothing(), json!({})).await;
        for answer in [
            person.history(&group, json!({})).await,
            person.post_with_id(&new_id(), &group, "x").await,
            person.call("changes_after", json!({ "conversation": group, "seq": 0 })).await,
            person.call("mark_read", json!({ "conversation": group, "upto": 1 })).await,
            person.leave_group(&group).await,
        ] {
            assert_eq!((answer.status, &answer.text), (404, &missing.text));
        }
    }
    let again = grace.connect_from(&epoch, &known).await;
    assert!(
        of_stream(&again.missed, &stream(&group)).is_empty() && !again.has_received("the secret"),
        "neither after a reconnect"
    );
    assert!(again.has_received("conversation_removed"));
}

#[tokio::test]
async fn a_member_added_again_receives_events_again() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace]).await;
    let mut socket = grace.connect().await;
    ada.remove_member(&group, &grace).await.ok();
    ada.post(&group, "while away").await;
    ada.add_members(&group, &[&grace]).await.ok();
    ada.post(&group, "welcome back").await;
    let received = socket.recv_until_message("welcome back").await;
    assert_eq!(bodies(&received), ["welcome back"]);
    let added =
        received.iter().find(|frame| frame["change"]["kind"] == "conversation_added").unwrap();
    assert_eq!(added["change"]["summary"]["head"], 5, "the cursor is the head of the stream");
    assert_eq!(added["change"]["summary"]["last"]["excerpt"], "while away");
}

#[tokio::test]
async fn a_removed_member_cannot_post_even_in_a_race() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace] = users(&server).await;
    let group = ada.create_group("Physics", &[]).await;
    for round in 0..20 {
        ada.add_members(&group, &[&grace]).await.ok();
        let writing =
            join_all((0..10).map(|n| {
                let (grace, group) = (grace.clone(), group.clone());
                async move {
                    grace.post_with_id(&new_id(), &group, &format!("{round}-{n}")).await.status
                }
            }));
        let (statuses, removed) = tokio::join!(writing, ada.remove_member(&group, &grace));
        removed.ok();
        assert!(statuses.iter().all(|status| matches!(status, 200 | 404)));
    }
    let mut inside = false;
    let mut after = 0;
    loop {
        let page =
            ada.call_ok("changes_after", json!({ "conversation": group, "seq": after })).await;
        for entry in page["entries"].as_array().unwrap() {
            match entry["change"]["kind"].as_str().unwrap() {
                "member_added" => inside = true,
                "member_removed" => inside = false,
                "posted" => assert!(inside, "unexpected: {entry}"),
                _ => {}
            }
            after = entry["seq"].as_u64().unwrap();
        }
        if page["more_after"] == false {
            break;
        }
    }
}

#[tokio::test]
async fn read_positions_reach_ones_own_devices_only() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let seq = ada.post(&direct, "hello").await;
    let phone = server.second_device("grace").await;
    let (mut phone, mut other) = (phone.connect().await, ada.connect().await);
    grace.call_ok("mark_read", json!({ "conversation": direct, "upto": seq })).await;
    grace.post(&direct, "the marker").await;
    let event = phone.recv_change("read_moved").await;
    let unread = json!({ "seqs": [], "more": 0 });
    assert_eq!(
        event["change"],
        json!({
            "kind": "read_moved",
            "conversation": direct,
            "upto": seq,
            "unread": unread,
            "head": seq
        })
    );
    other.recv_until_message("the marker").await;
    assert!(!other.has_received("read_moved"));
}

#[tokio::test]
async fn everybody_receives_concurrent_messages_in_one_order() {
    let server = TestServer::with_config(|config| config.limits = false);
    let people: [TestUser; 5] = users(&server).await;
    let everyone = people[0].everyone().await;
    let mut sockets: Vec<TestSocket> = join_all(people.iter().map(TestUser::connect)).await;
    let writing = join_all(people.iter().map(async |person| {
        for n in 0..100 {
            person.post(&everyone, &format!("{} {n}", person.name)).await;
        }
    }));
    let hearing = join_all(sockets.iter_mut().map(async |socket| {
        let mut received = Vec::new();
        while received.len() < 500 {
            let frame = socket.recv_change("posted").await;
            received.push((
                frame["seq"].as_u64().unwrap(),
                frame["change"]["body"].as_str().unwrap().to_owned(),
            ));
        }
        received
    }));
    let (_, received) = tokio::join!(writing, hearing);
    assert!(received.iter().all(|order| *order == received[0]), "one order");
    assert!(received[0].windows(2).all(|two| two[1].0 == two[0].0 + 1), "without a gap");
    for person in &people {
        let own: Vec<_> = received[0]
            .iter()
            .filter(|(_, body)| body.starts_with(&format!("{} ", person.name)))
            .map(|(_, body)| body.clone())
            .collect();
        assert_eq!(
            own,
            (0..100).map(|n| format!("{} {n}", person.name)).collect::<Vec<_>>(),
            "in the order of each author"
        );
    }
}
