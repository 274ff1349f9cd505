//! Large groups: members are added in several transactions, invisibly to clients; read positions
//! stay right while others write.

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    harness::{
        server::TestServer,
        user::{TestUser, ids, nothing, stream},
    },
    realtime::delivery::of_stream,
};

async fn sign_up_users(server: &TestServer, count: usize) -> Vec<TestUser> {
    let names: Vec<String> = (0..count).map(|n| format!("member-{n}")).collect();
    let mut people = Vec::new();
    for some in names.chunks(8) {
        people.extend(join_all(some.iter().map(|name| server.user(name))).await);
    }
    people
}

#[tokio::test]
async fn everybody_added_to_a_large_group_becomes_a_member() {
    let server = TestServer::with_config(|config| config.limits = false);
    let ada = server.user("ada").await;
    let people = sign_up_users(&server, 90).await;
    let (first, rest) = people.split_at(50);
    let group = ada.create_group("Lecture", &first.iter().collect::<Vec<_>>()).await;
    ada.post(&group, "before").await;
    let (mut hers, mut last) = (ada.connect().await, rest[39].connect().await);
    // If one person does not exist, nobody is added.
    let wrong = [ids(&rest.iter().collect::<Vec<_>>()), vec![nothing()]].concat();
    assert_eq!(
        ada.call("add_members", json!({ "conversation": group, "people": wrong })).await.status,
        404
    );
    let before = ada.find_summary(&group).await.unwrap();
    assert_eq!(before["members"].as_array().unwrap().len(), 51);
    assert_eq!(ada.add_members(&group, &rest.iter().collect::<Vec<_>>()).await.status, 200);
    ada.post(&group, "after").await;
    let received = hers.recv_until_message("after").await;
    let added = of_stream(&received, &stream(&group))
        .iter()
        .filter(|frame| frame["change"]["kind"] == "member_added")
        .count();
    assert_eq!(added, 40, "each once");
    let received = last.recv_until_message("after").await;
    let summary = received
        .iter()
        .find(|frame| frame["change"]["kind"] == "conversation_added")
        .expect("receives the group");
    assert_eq!(summary["change"]["summary"]["conversation"]["id"], group.as_str());
    for member in [&people[0], &rest[0], &rest[16], &rest[39]] {
        let seen = member.find_summary(&group).await.unwrap();
        assert_eq!(seen["members"].as_array().unwrap().len(), 91, "{}", member.name);
        assert_eq!(member.message_bodies(&group).await, ["before", "after"], "{}", member.name);
        assert_eq!(
            seen["unread"]["seqs"].as_array().unwrap().len(),
            if member.id == people[0].id { 2 } else { 1 },
            "{}",
            member.name
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_counts_are_exact_under_concurrent_edits() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace] = crate::harness::server::users(&server).await;
    let direct = ada.open_direct(&grace).await;
    for n in 0..300 {
        ada.post(&direct, &format!("@grace message {n}")).await;
    }
    let mut socket = grace.connect().await;
    let writing = async {
        for n in 0..60_u64 {
            ada.post(&direct, &format!("@grace more {n}")).await;
            let (function, more) = if n % 2 == 0 {
                ("edit_message", json!("said otherwise"))
            } else {
                ("delete_message", json!(null))
            };
            let arguments = json!({ "conversation": direct, "seq": 200 + n, "body": more });
            assert_eq!(ada.call(function, arguments).await.status, 200);
        }
    };
    let reading = async {
        for upto in (0..60_u64).map(|n| n * 3) {
            grace.call_ok("mark_read", json!({ "conversation": direct, "upto": upto })).await;
        }
    };
    futures_util::join!(writing, reading);
    grace.call_ok("mark_unread", json!({ "conversation": direct, "from": 100 })).await;
    grace.post(&direct, "the marker").await;
    let received = socket.recv_until_message("the marker").await;
    let moves: Vec<_> = received
        .iter()
        .filter(|frame| frame["change"]["kind"] == "read_moved")
        .map(|frame| frame["change"].clone())
        .collect();
    let last = moves.last().expect("it moved");
    let now = grace.find_summary(&direct).await.unwrap();
    assert_eq!(
        (&last["upto"], &last["unread"]),
        (&json!(99), &now["unread"]),
        "the event equals the state after a reload"
    );
    assert!(moves.len() > 30, "{}", moves.len());
}
