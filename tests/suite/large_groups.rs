//! Large groups: people are added in several transactions, which nobody sees; read positions are right while others write.

use futures_util::future::join_all;
use serde_json::json;

use crate::{
    delivery::of_stream,
    person::{Person, ids, nothing, stream},
    town::Town,
};

async fn crowd(town: &Town, count: usize) -> Vec<Person> {
    let names: Vec<String> = (0..count).map(|n| format!("member-{n}")).collect();
    let mut people = Vec::new();
    for some in names.chunks(8) {
        people.extend(join_all(some.iter().map(|name| town.person(name))).await);
    }
    people
}

#[tokio::test]
async fn everybody_who_is_added_with_many_others_is_a_member_and_hears_it() {
    let town = Town::with(|config| config.limits = false);
    let ada = town.person("ada").await;
    let people = crowd(&town, 90).await;
    let (first, rest) = people.split_at(50);
    let group = ada.creates_group("Lecture", &first.iter().collect::<Vec<_>>()).await;
    ada.posts(&group, "before").await;
    let (mut hers, mut last) = (ada.listens().await, rest[39].listens().await);
    // With somebody who does not exist nobody is added.
    let wrong = [ids(&rest.iter().collect::<Vec<_>>()), vec![nothing()]].concat();
    assert_eq!(ada.asks("add_members", json!({ "conversation": group, "people": wrong })).await.status, 404);
    let before = ada.sees(&group).await.unwrap();
    assert_eq!(before["members"].as_array().unwrap().len(), 51);
    assert_eq!(ada.adds(&group, &rest.iter().collect::<Vec<_>>()).await.status, 200);
    ada.posts(&group, "after").await;
    let heard = hers.until_message("after").await;
    let added = of_stream(&heard, &stream(&group)).iter().filter(|frame| frame["change"]["kind"] == "member_added").count();
    assert_eq!(added, 40, "each of them, once");
    let heard = last.until_message("after").await;
    let summary = heard.iter().find(|frame| frame["change"]["kind"] == "conversation_added").expect("is told of the group");
    assert_eq!(summary["change"]["summary"]["conversation"]["id"], group.as_str());
    for member in [&people[0], &rest[0], &rest[16], &rest[39]] {
        let seen = member.sees(&group).await.unwrap();
        assert_eq!(seen["members"].as_array().unwrap().len(), 91, "{}", member.name);
        assert_eq!(member.reads(&group).await, ["before", "after"], "{}", member.name);
        assert_eq!(seen["unread"]["seqs"].as_array().unwrap().len(), if member.id == people[0].id { 2 } else { 1 }, "{}", member.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unread_after_reading_is_right_while_others_write_edit_and_delete() {
    let town = Town::with(|config| config.limits = false);
    let [ada, grace] = crate::town::cast(&town).await;
    let direct = ada.opens_direct(&grace).await;
    for n in 0..300 {
        ada.posts(&direct, &format!("@grace message {n}")).await;
    }
    let mut ear = grace.listens().await;
    let writing = async {
        for n in 0..60_u64 {
            ada.posts(&direct, &format!("@grace more {n}")).await;
            let (function, more) = if n % 2 == 0 { ("edit_message", json!("said otherwise")) } else { ("delete_message", json!(null)) };
            let arguments = json!({ "conversation": direct, "seq": 200 + n, "body": more });
            assert_eq!(ada.asks(function, arguments).await.status, 200);
        }
    };
    let reading = async {
        for upto in (0..60_u64).map(|n| n * 3) {
            grace.does("mark_read", json!({ "conversation": direct, "upto": upto })).await;
        }
    };
    futures_util::join!(writing, reading);
    grace.does("mark_unread", json!({ "conversation": direct, "from": 100 })).await;
    grace.posts(&direct, "the marker").await;
    let heard = ear.until_message("the marker").await;
    let moves: Vec<_> = heard.iter().filter(|frame| frame["change"]["kind"] == "read_moved").map(|frame| frame["change"].clone()).collect();
    let last = moves.last().expect("it moved");
    let now = grace.sees(&direct).await.unwrap();
    assert_eq!((&last["upto"], &last["unread"]), (&json!(99), &now["unread"]), "told live as it is after a reload");
    assert!(moves.len() > 30, "{}", moves.len());
}
