//! Conversations: the rules of Everyone, of two people and of groups.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{
    server::{TestServer, users},
    user::{TestUser, id_of, ids, nothing},
};

fn kinds(entries: &Value) -> Vec<String> {
    let entries = entries["entries"].as_array().unwrap().iter();
    entries.map(|entry| entry["change"]["kind"].as_str().unwrap().to_owned()).collect()
}

fn conflict() -> (u16, String, String) {
    (409, "conflict".into(), String::new())
}

fn forbidden() -> (u16, String, String) {
    (403, "forbidden".into(), String::new())
}

fn not_found() -> (u16, String, String) {
    (404, "not_found".into(), String::new())
}

async fn members(of: &TestUser, conversation: &str) -> Vec<String> {
    let mut members: Vec<String> =
        serde_json::from_value(of.find_summary(conversation).await.unwrap()["members"].clone())
            .unwrap();
    members.sort();
    members
}

fn sorted(people: &[&TestUser]) -> Vec<String> {
    let mut ids = ids(people);
    ids.sort();
    ids
}

#[tokio::test]
async fn new_people_join_everyone_and_see_its_history() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let everyone = ada.everyone().await;
    ada.post(&everyone, "the first word").await;
    let grace = server.user("grace").await;
    assert_eq!(grace.everyone().await, everyone);
    assert_eq!(grace.message_bodies(&everyone).await, ["the first word"]);
    let seen = grace.find_summary(&everyone).await.unwrap();
    assert_eq!(
        (&seen["unread"]["seqs"], &seen["last"]["excerpt"]),
        (&json!([]), &json!("the first word")),
        "earlier messages are not unread"
    );
    assert_eq!(
        kinds(&grace.history(&everyone, json!({})).await.ok()),
        ["registered", "posted", "registered"]
    );
}

#[tokio::test]
async fn everyone_cannot_be_left_or_changed() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let everyone = ada.everyone().await;
    for refused in [
        ada.leave_group(&everyone).await,
        ada.add_members(&everyone, &[&grace]).await,
        ada.remove_member(&everyone, &grace).await,
        ada.remove_member(&everyone, &ada).await,
        ada.rename_group(&everyone, "Mine").await,
    ] {
        assert_eq!(refused.error(), conflict());
    }
    assert!(grace.find_summary(&everyone).await.is_some());
}

#[tokio::test]
async fn two_people_have_one_direct_conversation() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let opened =
        join_all((0..20).flat_map(|_| [ada.open_direct(&grace), grace.open_direct(&ada)])).await;
    assert!(opened.iter().all(|id| *id == opened[0]), "forty at once");
    assert_ne!(ada.open_direct(&kofi).await, opened[0]);
    for person in [&ada, &grace] {
        assert_eq!(members(person, &opened[0]).await, sorted(&[&ada, &grace]));
    }
    assert!(kofi.find_summary(&opened[0]).await.is_none());
}

#[tokio::test]
async fn a_new_direct_conversation_shows_both_members() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let mut sockets = [ada.connect().await, grace.connect().await];
    let direct = ada.open_direct(&grace).await;
    for socket in &mut sockets {
        let event = socket.recv_change("conversation_added").await;
        let summary = &event["change"]["summary"];
        assert_eq!(id_of(summary), direct);
        let mut members: Vec<String> = serde_json::from_value(summary["members"].clone()).unwrap();
        members.sort();
        assert_eq!(members, sorted(&[&ada, &grace]));
    }
}

#[tokio::test]
async fn a_direct_conversation_never_becomes_a_group() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    for refused in [
        ada.add_members(&direct, &[&kofi]).await,
        ada.remove_member(&direct, &grace).await,
        ada.rename_group(&direct, "Us").await,
        ada.leave_group(&direct).await,
        grace.leave_group(&direct).await,
    ] {
        assert_eq!(refused.error(), conflict());
    }
    assert_eq!(
        ada.call("open_direct", json!({ "person": ada.id })).await.error(),
        (422, "invalid".into(), "person".into())
    );
    assert_eq!(ada.call("open_direct", json!({ "person": nothing() })).await.error(), not_found());
    assert_eq!(
        ada.call("open_direct", json!({ "person": "grace" })).await.error(),
        (422, "invalid".into(), "person".into())
    );
}

#[tokio::test]
async fn only_the_creator_manages_a_group() {
    let server = TestServer::new();
    let [ada, grace, kofi, mei] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    assert_eq!(members(&grace, &group).await, sorted(&[&ada, &grace, &kofi]));
    for refused in [
        grace.add_members(&group, &[&mei]).await,
        grace.remove_member(&group, &kofi).await,
        grace.remove_member(&group, &grace).await,
        grace.rename_group(&group, "X").await,
    ] {
        assert_eq!(refused.error(), forbidden());
    }
    for refused in [
        mei.add_members(&group, &[&mei]).await,
        mei.remove_member(&group, &grace).await,
        mei.rename_group(&group, "X").await,
        mei.leave_group(&group).await,
    ] {
        assert_eq!(refused.error(), not_found());
    }
    ada.add_members(&group, &[&mei]).await.ok();
    ada.remove_member(&group, &kofi).await.ok();
    ada.rename_group(&group, "  Physics   2 ").await.ok();
    let seen = mei.find_summary(&group).await.unwrap();
    assert_eq!(
        (&seen["conversation"]["name"], &seen["conversation"]["creator"]),
        (&json!("Physics 2"), &json!(ada.id))
    );
    assert_eq!(members(&mei, &group).await, sorted(&[&ada, &grace, &mei]));
    assert!(kofi.find_summary(&group).await.is_none());
    let recorded = kinds(&ada.history(&group, json!({})).await.ok());
    assert_eq!(
        recorded,
        ["created", "member_added", "member_added", "member_added", "member_removed", "renamed"]
    );
}

#[tokio::test]
async fn members_can_leave_and_the_creator_cannot() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace]).await;
    assert_eq!(ada.leave_group(&group).await.error(), conflict());
    assert_eq!(ada.remove_member(&group, &ada).await.error(), conflict());
    grace.leave_group(&group).await.ok();
    assert!(grace.find_summary(&group).await.is_none());
    assert_eq!(grace.leave_group(&group).await.error(), not_found());
    assert_eq!(ada.remove_member(&group, &grace).await.error(), not_found());
    ada.add_members(&group, &[&grace]).await.ok();
    assert!(grace.find_summary(&group).await.is_some(), "members who left can be added again");
}

#[tokio::test]
async fn a_new_member_sees_the_history() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace]).await;
    ada.post(&group, "before").await;
    assert_eq!(kofi.history(&group, json!({})).await.error(), not_found());
    ada.add_members(&group, &[&kofi]).await.ok();
    assert_eq!(kofi.message_bodies(&group).await, ["before"]);
    assert_eq!(kofi.find_summary(&group).await.unwrap()["unread"]["seqs"], json!([]));
}

#[tokio::test]
async fn adding_a_member_twice_changes_nothing() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &grace, &ada]).await;
    let before = ada.find_summary(&group).await;
    ada.add_members(&group, &[&grace, &ada]).await.ok();
    assert_eq!(ada.find_summary(&group).await, before);
}

#[tokio::test]
async fn a_group_with_an_unknown_person_is_not_created() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let count = ada.snapshot().await["conversations"].as_array().unwrap().len();
    let with = |members: Value| json!({ "name": "Physics", "members": members });
    assert_eq!(
        ada.call("create_group", with(json!([grace.id, nothing()]))).await.error(),
        not_found()
    );
    assert_eq!(
        ada.call("create_group", with(json!(["x"]))).await.error(),
        (422, "invalid".into(), "members".into())
    );
    let crowd: Vec<_> = (0..501).map(|_| nothing()).collect();
    assert_eq!(
        ada.call("create_group", with(json!(crowd))).await.error(),
        (422, "invalid".into(), "members".into())
    );
    for name in ["", "   ", "\u{200b}", "a\u{202e}b", "---", &"x".repeat(61)] {
        let refused = ada.call("create_group", json!({ "name": name, "members": [] })).await;
        assert_eq!(refused.error(), (422, "invalid".into(), "name".into()), "{name:?}");
    }
    let group = ada.create_group("Physics", &[]).await;
    assert_eq!(
        ada.call("add_members", json!({ "conversation": group, "people": [grace.id, nothing()] }))
            .await
            .error(),
        not_found()
    );
    assert_eq!(members(&ada, &group).await, sorted(&[&ada]), "all or none");
    assert_eq!(ada.snapshot().await["conversations"].as_array().unwrap().len(), count + 1);
}

#[tokio::test]
async fn read_positions_only_grow_up_to_the_head() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    for n in 1..=5 {
        ada.post(&direct, &n.to_string()).await;
    }
    let unread = async || grace.find_summary(&direct).await.unwrap()["unread"]["seqs"].clone();
    assert_eq!(unread().await, json!([1, 2, 3, 4, 5]));
    for (upto, left) in [(3_u64, json!([4, 5])), (1, json!([4, 5])), (u64::MAX, json!([]))] {
        grace.call_ok("mark_read", json!({ "conversation": direct, "upto": upto })).await;
        assert_eq!(unread().await, left);
    }
    assert_eq!(grace.find_summary(&direct).await.unwrap()["read_upto"], 5);
    assert_eq!(
        ada.find_summary(&direct).await.unwrap()["unread"]["seqs"],
        json!([]),
        "own messages are never unread"
    );
}

#[tokio::test]
async fn history_pages_have_no_gaps_in_either_direction() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    join_all((1..=250).map(|n| ada.post(&direct, if n % 2 == 0 { "even" } else { "odd" }))).await;
    let seqs = |page: &Value| -> Vec<u64> {
        page["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["seq"].as_u64().unwrap())
            .collect()
    };
    let newest = grace.history(&direct, json!({ "limit": 1_000_000_000 })).await.ok();
    assert_eq!(seqs(&newest), (151..=250).collect::<Vec<_>>(), "at most a hundred");
    assert_eq!(seqs(&grace.history(&direct, json!({})).await.ok()).len(), 60);
    let mut page = newest;
    let mut all = seqs(&page);
    while page["more_before"] == true {
        page =
            grace.history(&direct, json!({ "before": all[0], "limit": 1_000_000_000 })).await.ok();
        all.splice(0..0, seqs(&page));
    }
    assert_eq!(all, (1..=250).collect::<Vec<_>>());
    let (mut up, mut more) = (Vec::new(), true);
    while more {
        let page = grace
            .call_ok(
                "changes_after",
                json!({ "conversation": direct, "seq": up.last().copied().unwrap_or(0) }),
            )
            .await;
        up.extend(seqs(&page));
        more = page["more_after"] == true;
    }
    assert_eq!(up, all);
    let around = grace.history(&direct, json!({ "around": 100, "limit": 11 })).await.ok();
    assert_eq!(
        (seqs(&around), &around["more_before"], &around["more_after"]),
        ((95..=105).collect(), &json!(true), &json!(true))
    );
    for (how, expected) in [
        (json!({ "limit": 0 }), vec![250]),
        (json!({ "before": 0 }), vec![]),
        (json!({ "before": 1 }), vec![]),
        (json!({ "after": 250 }), vec![]),
        (json!({ "after": u64::MAX }), vec![]),
        (json!({ "before": u64::MAX, "limit": 1 }), vec![250]),
        (json!({ "around": 0, "limit": 4 }), vec![1, 2]),
    ] {
        assert_eq!(seqs(&grace.history(&direct, how.clone()).await.ok()), expected, "{how}");
    }
    assert_eq!(
        grace.history(&direct, json!({ "before": 5, "after": 1 })).await.error(),
        (422, "invalid".into(), "before".into())
    );
    for wrong in [
        json!({ "before": -1 }),
        json!({ "before": 1.5 }),
        json!({ "before": "1" }),
        json!({ "limit": -1 }),
        json!({ "limit": 4_294_967_296_u64 }),
    ] {
        assert_eq!(grace.history(&direct, wrong.clone()).await.status, 400, "{wrong}");
    }
}
