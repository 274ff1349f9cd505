//! Invitations to the workspace and to groups.

use std::time::Duration;

use chatbox::domain::Registration;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{
    server::{PASSWORD, TestServer, users},
    user::{TestResponse, TestUser, nothing},
};

fn invite_only() -> TestServer {
    TestServer::with_config(|config| config.registration = Some(Registration::InviteOnly))
}

async fn invite(by: &TestUser, arguments: Value) -> Value {
    by.call_ok("create_invitation", arguments).await
}

async fn accept(server: &TestServer, username: &str, code: &Value) -> TestResponse {
    let arguments = json!({
        "username": username, "display_name": username, "password": PASSWORD, "invitation": code,
    });
    server.client().call("sign_up", arguments).await
}

#[tokio::test]
async fn an_invitation_admits_its_number_of_people() {
    let server = invite_only();
    let ada = server.user("ada").await;
    let code = invite(&ada, json!({ "uses": 2 })).await["code"].clone();
    assert_eq!(server.try_sign_up("grace", PASSWORD).await.status, 403, "without it");
    let typed = json!(code.as_str().unwrap().to_lowercase());
    assert_eq!(accept(&server, "grace", &typed).await.status, 200);
    assert_eq!(accept(&server, "grace", &code).await.error().2, "username", "a taken name");
    assert_eq!(accept(&server, "kofi", &code).await.status, 200, "the rejection cost no use");
    let used = accept(&server, "mei", &code).await;
    assert_eq!(used.error(), (404, "not_found".into(), String::new()));
    for code in [json!("0".repeat(24)), json!("x"), json!("' or 1=1 --")] {
        assert_eq!(accept(&server, "mei", &code).await.text, used.text, "{code}");
    }
    assert_eq!(accept(&server, "mei", &json!("")).await.status, 403, "an empty one is none");
    let listed = ada.call_ok("invitations", json!({})).await;
    assert_eq!(listed[0]["accepted"].as_array().unwrap().len(), 2);
    assert_eq!((&listed[0]["uses"], &listed[0]["used"]), (&json!(2), &json!(2)));
}

#[tokio::test]
async fn of_many_who_come_for_the_last_use_one_gets_it() {
    let server = invite_only();
    let ada = server.user("ada").await;
    let code = invite(&ada, json!({ "uses": 1 })).await["code"].clone();
    let names: Vec<String> = (0..50).map(|n| format!("pupil-{n}x")).collect();
    let answers = join_all(names.iter().map(|name| accept(&server, name, &code))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 404 | 503)));
    assert_eq!(ada.snapshot().await["people"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn expired_and_revoked_invitations_admit_nobody() {
    let server = invite_only();
    let ada = server.user("ada").await;
    let short = invite(&ada, json!({ "expires_in": 60_000 })).await;
    let revoked = invite(&ada, json!({})).await;
    let preview =
        async |code: &Value| server.client().call("invitation", json!({ "code": code })).await;
    assert_eq!(preview(&short["code"]).await.ok(), json!({ "groups": [] }));
    server.advance_clock(Duration::from_secs(60));
    ada.call_ok("revoke_invitation", json!({ "invitation": revoked["id"] })).await;
    let unknown = preview(&json!("0".repeat(24))).await;
    assert_eq!(unknown.status, 404);
    for code in [&short["code"], &revoked["code"]] {
        assert_eq!(accept(&server, "grace", code).await.status, 404);
        assert_eq!(preview(code).await.text, unknown.text);
    }
    let listed = ada.call_ok("invitations", json!({})).await;
    assert_eq!(listed[0]["id"], revoked["id"], "the latest first");
    assert!(listed[0]["revoked"].is_number() && listed[1].get("revoked").is_none());
}

#[tokio::test]
async fn people_come_with_the_role_and_into_the_groups() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace]).await;
    let mut socket = grace.connect().await;
    let invitation = invite(&ada, json!({ "role": "moderator", "groups": [group] })).await;
    let preview = server.client().call("invitation", json!({ "code": invitation["code"] })).await;
    assert_eq!(preview.ok(), json!({ "groups": ["Physics"] }));
    let answer = accept(&server, "kofi", &invitation["code"]).await;
    assert_eq!(answer.json()["role"], "moderator");
    let kofi = TestUser::of("kofi", &answer, server.client());
    assert!(kofi.find_summary(&group).await.is_some());
    let event = socket.recv_change("member_added").await;
    assert_eq!(
        (&event["change"]["by"], &event["change"]["person"]),
        (&json!(ada.id), &json!(kofi.id))
    );
}

#[tokio::test]
async fn registered_people_join_the_groups_and_keep_their_role() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = ada.create_group("Physics", &[]).await;
    let code =
        invite(&ada, json!({ "role": "moderator", "uses": 1, "groups": [group] })).await["code"]
            .clone();
    let join = async |user: &TestUser| user.call("join", json!({ "code": code })).await.status;
    assert_eq!(join(&ada).await, 200, "who is in it already uses nothing up");
    assert_eq!(join(&grace).await, 200);
    assert!(grace.find_summary(&group).await.is_some());
    assert_eq!(grace.call_ok("me", json!({})).await["role"], "member");
    assert_eq!(join(&kofi).await, 404, "used up");
    assert!(kofi.find_summary(&group).await.is_none());
}

#[tokio::test]
async fn members_invite_to_groups_that_they_created_only() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let group = grace.create_group("Physics", &[&kofi]).await;
    let foreign = ada.create_group("Staff", &[]).await;
    let create = async |by: &TestUser, arguments: Value| {
        by.call("create_invitation", arguments).await.status
    };
    assert_eq!(create(&grace, json!({ "groups": [group] })).await, 200);
    assert_eq!(create(&grace, json!({})).await, 403, "to the workspace alone");
    assert_eq!(create(&grace, json!({ "groups": [group], "role": "moderator" })).await, 403);
    assert_eq!(create(&kofi, json!({ "groups": [group] })).await, 403, "a member");
    assert_eq!(create(&ada, json!({ "groups": [group] })).await, 404, "not in it");
    assert_eq!(create(&grace, json!({ "groups": [foreign] })).await, 404);
    assert_eq!(create(&grace, json!({ "groups": [ada.everyone().await] })).await, 409);
    ada.call_ok("set_role", json!({ "person": kofi.id, "role": "moderator" })).await;
    assert_eq!(create(&kofi, json!({ "role": "moderator" })).await, 200);
    assert_eq!(create(&kofi, json!({ "role": "administrator" })).await, 403);
    for (arguments, field) in [
        (json!({ "role": "king" }), "role"),
        (json!({ "expires_in": 0 }), "expires_in"),
        (json!({ "uses": 0 }), "uses"),
        (json!({ "groups": ["x"] }), "groups"),
        (json!({ "groups": vec![nothing(); 21] }), "groups"),
    ] {
        assert_eq!(
            ada.call("create_invitation", arguments).await.error(),
            (422, "invalid".into(), field.into())
        );
    }
    // Each sees and revokes their own; moderators and administrators all.
    let listed =
        async |by: &TestUser| by.call_ok("invitations", json!({})).await.as_array().unwrap().len();
    assert_eq!((listed(&ada).await, listed(&kofi).await, listed(&grace).await), (2, 2, 1));
    let own = grace.call_ok("invitations", json!({})).await[0]["id"].clone();
    let others = ada.call_ok("invitations", json!({})).await[0]["id"].clone();
    let revoke = async |by: &TestUser, id: &Value| {
        by.call("revoke_invitation", json!({ "invitation": id })).await.status
    };
    assert_eq!(revoke(&grace, &others).await, 404);
    assert_eq!((revoke(&grace, &own).await, revoke(&kofi, &others).await), (200, 200));
}

#[tokio::test]
async fn an_invitation_works_as_long_as_its_creator_could_create_it() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let role = async |role: &str| {
        ada.call_ok("set_role", json!({ "person": grace.id, "role": role })).await;
    };
    role("administrator").await;
    let code = invite(&grace, json!({ "role": "administrator" })).await["code"].clone();
    role("moderator").await;
    assert_eq!(accept(&server, "kofi", &code).await.status, 404);
    let preview = server.client().call("invitation", json!({ "code": code })).await;
    assert_eq!(preview.status, 404);
    let plain = invite(&grace, json!({})).await["code"].clone();
    role("member").await;
    assert_eq!(accept(&server, "kofi", &plain).await.status, 404);
    role("administrator").await;
    assert_eq!(accept(&server, "kofi", &code).await.json()["role"], "administrator");
}

#[tokio::test]
async fn codes_are_listed_for_those_who_could_create_them() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    ada.call_ok("set_role", json!({ "person": grace.id, "role": "moderator" })).await;
    let group = ada.create_group("Staff", &[]).await;
    for arguments in [json!({}), json!({ "role": "administrator" }), json!({ "groups": [group] })] {
        invite(&ada, arguments).await;
    }
    let codes = async |by: &TestUser| {
        let listed = by.call_ok("invitations", json!({})).await;
        let rows = listed.as_array().unwrap().clone();
        rows.iter().map(|row| row.get("code").is_some()).collect::<Vec<_>>()
    };
    assert_eq!(codes(&ada).await, [true, true, true]);
    assert_eq!(codes(&grace).await, [false, false, true], "the latest first");
}

#[tokio::test]
async fn members_do_not_open_a_closed_workspace() {
    let server = invite_only();
    let ada = server.user("ada").await;
    let admitted = invite(&ada, json!({})).await["code"].clone();
    let answer = accept(&server, "grace", &admitted).await;
    let grace = TestUser::of("grace", &answer, server.client());
    let answer = accept(&server, "kofi", &admitted).await;
    let kofi = TestUser::of("kofi", &answer, server.client());
    let group = grace.create_group("Physics", &[]).await;
    let code = invite(&grace, json!({ "groups": [group] })).await["code"].clone();
    assert_eq!(accept(&server, "mei", &code).await.status, 403);
    assert_eq!(kofi.call("join", json!({ "code": code })).await.status, 200);
    assert!(kofi.find_summary(&group).await.is_some());
}

#[tokio::test]
async fn a_person_has_at_most_a_hundred_invitations() {
    let server = TestServer::with_config(|config| config.limits = false);
    let ada = server.user("ada").await;
    let first = invite(&ada, json!({})).await;
    for _ in 1..100 {
        invite(&ada, json!({})).await;
    }
    assert_eq!(ada.call("create_invitation", json!({})).await.status, 409);
    ada.call_ok("revoke_invitation", json!({ "invitation": first["id"] })).await;
    assert_eq!(ada.call("create_invitation", json!({})).await.status, 200);
}

#[tokio::test]
async fn the_invitations_of_a_deactivated_account_admit_nobody() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let group = grace.create_group("Physics", &[&ada]).await;
    let code = invite(&grace, json!({ "groups": [group] })).await["code"].clone();
    ada.call_ok("deactivate", json!({ "person": grace.id })).await;
    assert_eq!(accept(&server, "kofi", &code).await.status, 404);
    ada.call_ok("reactivate", json!({ "person": grace.id })).await;
    assert_eq!(accept(&server, "kofi", &code).await.status, 200);
}
