//! Roles in the workspace: the first administrator, changes of roles, deactivation, the list of
//! people, and the audit log.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{
    server::{PASSWORD, TestServer, users},
    user::{TestUser, nothing},
};

async fn set_role(by: &TestUser, person: &TestUser, role: &str) -> u16 {
    by.call("set_role", json!({ "person": person.id, "role": role })).await.status
}

/// The role of somebody in the snapshot of somebody else.
async fn role_seen(by: &TestUser, person: &TestUser) -> Value {
    let snapshot = by.snapshot().await;
    let people = snapshot["people"].as_array().unwrap();
    people.iter().find(|one| one["id"] == person.id.as_str()).unwrap()["role"].clone()
}

#[tokio::test]
async fn the_first_person_is_the_administrator() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    assert_eq!(ada.call_ok("me", json!({})).await["role"], "administrator");
    assert_eq!(grace.call_ok("me", json!({})).await["role"], "member");
    assert_eq!(role_seen(&grace, &ada).await, "administrator");
}

#[tokio::test]
async fn a_role_holds_at_once_and_is_shown_to_everybody() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let mut socket = kofi.connect().await;
    assert_eq!(grace.call("people", json!({})).await.status, 403);
    assert_eq!(set_role(&ada, &grace, "moderator").await, 200);
    let event = socket.recv_change("person_changed").await;
    assert_eq!(event["change"]["profile"]["role"], "moderator");
    assert_eq!(role_seen(&kofi, &grace).await, "moderator");
    assert_eq!(grace.call_ok("me", json!({})).await["role"], "moderator");
    assert_eq!(grace.call("people", json!({})).await.status, 200);
    assert_eq!(set_role(&grace, &kofi, "moderator").await, 403, "not by moderators");
    assert_eq!(grace.call("audit_log", json!({})).await.status, 403);
    assert_eq!(set_role(&ada, &grace, "administrator").await, 200);
    assert_eq!(set_role(&grace, &kofi, "moderator").await, 200);
    assert_eq!(set_role(&grace, &ada, "member").await, 200);
    assert_eq!(set_role(&ada, &kofi, "member").await, 403, "no longer");
    assert_eq!(
        grace.call("set_role", json!({ "person": kofi.id, "role": "king" })).await.error(),
        (422, "invalid".into(), "role".into())
    );
}

#[tokio::test]
async fn of_two_administrators_who_step_down_at_once_one_stays() {
    for _ in 0..5 {
        let server = TestServer::new();
        let [ada, grace] = users(&server).await;
        assert_eq!(set_role(&ada, &grace, "administrator").await, 200);
        let statuses =
            join_all([set_role(&ada, &ada, "member"), set_role(&grace, &grace, "member")]).await;
        let mut sorted = statuses.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [200, 409], "{statuses:?}");
        let last = if statuses[0] == 409 { &ada } else { &grace };
        assert_eq!(
            last.call("deactivate", json!({ "person": last.id })).await.error(),
            (409, "conflict".into(), String::new())
        );
        assert_eq!(last.call_ok("me", json!({})).await["role"], "administrator");
    }
}

#[tokio::test]
async fn arguments_cannot_raise_ones_own_role() {
    let server = TestServer::new();
    let [_, grace] = users(&server).await;
    for function in ["set_profile", "set_status", "set_privacy"] {
        let arguments = json!({
            "text": "x", "shows_reading": true, "shows_typing": true,
            "role": "administrator", "person": grace.id, "deactivated": false,
        });
        grace.call(function, arguments).await;
    }
    let sneaky = json!({
        "username": "mallory", "display_name": "Mallory", "password": PASSWORD,
        "role": "administrator",
    });
    assert_eq!(server.client().call("sign_up", sneaky).await.json()["role"], "member");
    assert_eq!(grace.call_ok("me", json!({})).await["role"], "member");
}

#[tokio::test]
async fn a_deactivated_account_is_out_at_once_and_its_words_stay() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let everyone = ada.everyone().await;
    grace.post(&everyone, "my words").await;
    let (mut grace_socket, mut kofi_socket) = (grace.connect().await, kofi.connect().await);
    assert_eq!(
        grace.call("deactivate", json!({ "person": kofi.id })).await.error(),
        (403, "forbidden".into(), String::new())
    );
    ada.call_ok("deactivate", json!({ "person": grace.id })).await;
    assert_eq!(grace_socket.close_code().await, 4403);
    let event = kofi_socket.recv_change("person_changed").await;
    assert_eq!(event["change"]["profile"]["deactivated"], true);
    for (function, arguments) in
        [("me", json!({})), ("history", json!({ "conversation": everyone }))]
    {
        assert_eq!(grace.call(function, arguments).await.status, 401, "{function}");
    }
    assert_eq!(server.try_sign_in("grace", PASSWORD).await.status, 401);
    assert_eq!(server.try_sign_up("grace", PASSWORD).await.status, 409, "the name stays taken");
    assert_eq!(kofi.message_bodies(&everyone).await, ["my words"]);
    assert_eq!(kofi.call("open_direct", json!({ "person": grace.id })).await.status, 404);
    // Twice is once.
    ada.call_ok("deactivate", json!({ "person": grace.id })).await;
    ada.call_ok("reactivate", json!({ "person": grace.id })).await;
    assert_eq!(grace.call("me", json!({})).await.status, 401, "the old session has ended");
    let grace = server.second_device("grace").await;
    assert_eq!(grace.call_ok("me", json!({})).await.get("deactivated"), None);
}

#[tokio::test]
async fn people_deactivate_themselves_and_nobody_else() {
    let server = TestServer::new();
    let [_, grace, kofi] = users(&server).await;
    assert_eq!(kofi.call("deactivate", json!({ "person": grace.id })).await.status, 403);
    kofi.call_ok("deactivate", json!({ "person": kofi.id })).await;
    assert_eq!(kofi.call("me", json!({})).await.status, 401);
    assert_eq!(grace.call("reactivate", json!({ "person": kofi.id })).await.status, 403);
}

#[tokio::test]
async fn people_are_listed_by_page_query_and_role() {
    let server = TestServer::with_config(|config| config.limits = false);
    let ada = server.user("ada").await;
    for n in 0..120 {
        server.user(&format!("pupil-{n:03}x")).await;
    }
    let (mut names, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = ada.call_ok("people", json!({ "after": after })).await;
        let people = page["people"].as_array().unwrap();
        assert!(people.len() <= 50);
        names.extend(people.iter().map(|one| one["person"]["username"].clone()));
        after = people.last().unwrap()["person"]["id"].clone();
        if page["more"] == false {
            break;
        }
    }
    let mut sorted = names.clone();
    sorted.sort_by_key(|name| name.as_str().unwrap().to_owned());
    sorted.dedup();
    assert_eq!((names.len(), &names), (121, &sorted));
    let found = async |arguments: Value| {
        let page = ada.call_ok("people", arguments).await;
        page["people"].as_array().unwrap().len()
    };
    assert_eq!(found(json!({ "query": "PUPIL-007" })).await, 1);
    assert_eq!(found(json!({ "query": "100%" })).await, 0);
    assert_eq!(found(json!({ "query": "' or 1=1 --" })).await, 0);
    assert_eq!(found(json!({ "role": "administrator" })).await, 1);
    assert_eq!(found(json!({ "role": "moderator" })).await, 0);
    for (arguments, field) in [
        (json!({ "role": "king" }), "role"),
        (json!({ "query": "x".repeat(101) }), "query"),
        (json!({ "after": "x" }), "after"),
    ] {
        assert_eq!(
            ada.call("people", arguments).await.error(),
            (422, "invalid".into(), field.into())
        );
    }
    assert_eq!(found(json!({ "after": nothing() })).await, 0);
}

#[tokio::test]
async fn the_last_use_of_sessions_is_listed() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let last_used = async || {
        let page = ada.call_ok("people", json!({ "query": "grace" })).await;
        page["people"][0]["last_used"].as_i64().unwrap()
    };
    let before = last_used().await;
    server.advance_clock(Duration::from_secs(3600));
    grace.call_ok("me", json!({})).await;
    // Stored by a write of its own; a later write is committed after it.
    grace.call_ok("set_status", json!({ "text": "back" })).await;
    assert!(last_used().await >= before + 3_600_000);
}

#[tokio::test]
async fn the_audit_log_has_who_did_what_to_whom() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    set_role(&ada, &grace, "moderator").await;
    set_role(&ada, &grace, "moderator").await;
    set_role(&kofi, &grace, "member").await;
    ada.call_ok("deactivate", json!({ "person": kofi.id })).await;
    ada.call_ok("reactivate", json!({ "person": kofi.id })).await;
    ada.call_ok("end_sessions", json!({ "person": grace.id })).await;
    let log = ada.call_ok("audit_log", json!({})).await;
    let entries = log["entries"].as_array().unwrap();
    let rows: Vec<_> = entries
        .iter()
        .map(|entry| {
            let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
            (text("action"), text("actor"), text("person"), text("detail"))
        })
        .collect();
    let row = |action: &str, person: &str, detail: &str| {
        (action.to_owned(), ada.id.clone(), person.to_owned(), detail.to_owned())
    };
    assert_eq!(
        rows,
        [
            row("sessions_ended", &grace.id, ""),
            row("reactivated", &kofi.id, ""),
            row("deactivated", &kofi.id, ""),
            row("role_changed", &grace.id, "moderator"),
            row("workspace_created", "", ""),
        ],
        "without what was refused or changed nothing"
    );
    let session = ada.call_ok("sessions", json!({})).await[0]["id"].clone();
    assert_eq!(entries[0]["session"], session);
    let only = async |arguments: Value| {
        let page = ada.call_ok("audit_log", arguments).await;
        page["entries"].as_array().unwrap().len()
    };
    assert_eq!(only(json!({ "action": "deactivated" })).await, 1);
    assert_eq!(only(json!({ "actor": kofi.id })).await, 0);
    assert_eq!(only(json!({ "actor": ada.id, "action": "reactivated" })).await, 1);
    assert_eq!(only(json!({ "before": entries[1]["id"] })).await, 3);
    assert_eq!(ada.call("audit_log", json!({ "action": "x" })).await.status, 422);
    assert_eq!(grace.call("me", json!({})).await.status, 401, "the sessions have ended");
}
