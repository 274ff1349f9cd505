//! Authorisation: every server function, called by every kind of user, about own, foreign and
//! missing data.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    harness::{
        server::{PASSWORD, TestServer, users},
        user::{TestClient, TestUser, new_id, nothing},
    },
    http::security::functions,
};

/// The IDs that the requests use.
struct RequestIds<'a> {
    conversation: &'a str,
    /// Another member of the group.
    member: &'a TestUser,
    /// A person outside of the group.
    stranger: &'a TestUser,
}

type Arguments = fn(&RequestIds) -> Value;
/// The statuses for: no session, a stranger, a member, the creator, a removed member.
type Answers = [u16; 5];
const ROLES: [&str; 5] = ["nobody", "a stranger", "a member", "the creator", "a removed member"];

/// Functions about a conversation, called for the own group. For any other and for a missing one,
/// everybody with a session gets the same 404.
const ABOUT_A_CONVERSATION: [(&str, Answers, Arguments); 28] = [
    ("history", [401, 404, 200, 200, 404], |a| json!({ "conversation": a.conversation })),
    (
        "changes_after",
        [401, 404, 200, 200, 404],
        |a| json!({ "conversation": a.conversation, "seq": 0 }),
    ),
    (
        "mark_read",
        [401, 404, 200, 200, 404],
        |a| json!({ "conversation": a.conversation, "upto": 1 }),
    ),
    (
        "post_message",
        [401, 404, 200, 200, 404],
        |a| json!({ "conversation": a.conversation, "client_id": new_id(), "body": "x" }),
    ),
    ("readers", [401, 404, 200, 200, 404], |a| json!({ "conversation": a.conversation })),
    (
        "marked",
        [401, 404, 200, 200, 404],
        |a| json!({ "conversation": a.conversation, "mark": "pinned" }),
    ),
    ("place_at", [401, 404, 200, 200, 404], |a| json!({ "conversation": a.conversation, "at": 0 })),
    (
        "keep_draft",
        [401, 404, 200, 200, 404],
        |a| json!({ "conversation": a.conversation, "body": "x" }),
    ),
    (
        "set_level",
        [401, 404, 200, 200, 404],
        |a| json!({ "conversation": a.conversation, "level": "mentions" }),
    ),
    (
        "pin_conversation",
        [401, 404, 200, 200, 404],
        |a| json!({ "conversation": a.conversation, "on": true }),
    ),
    (
        "start_upload",
        [401, 404, 200, 200, 404],
        |a| json!({ "conversation": a.conversation, "file": new_id(), "name": "x", "size": 1 }),
    ),
    ("files", [401, 404, 200, 200, 404], |a| json!({ "conversation": a.conversation })),
    (
        "mark_unread",
        [401, 404, 200, 200, 404],
        |a| json!({ "conversation": a.conversation, "from": 1 }),
    ),
    // There is no message here, so the response is that of a missing conversation.
    // `tests/suite/messages/edits.rs` and `deletions.rs` cover messages.
    (
        "edit_message",
        [401, 404, 404, 404, 404],
        |a| json!({ "conversation": a.conversation, "seq": 1, "body": "x" }),
    ),
    (
        "delete_message",
        [401, 404, 404, 404, 404],
        |a| json!({ "conversation": a.conversation, "seq": 1 }),
    ),
    (
        "restore_message",
        [401, 404, 404, 404, 404],
        |a| json!({ "conversation": a.conversation, "seq": 1 }),
    ),
    (
        "versions",
        [401, 404, 404, 404, 404],
        |a| json!({ "conversation": a.conversation, "seq": 1 }),
    ),
    (
        "react",
        [401, 404, 404, 404, 404],
        |a| json!({ "conversation": a.conversation, "seq": 1, "emoji": "👍", "on": true }),
    ),
    (
        "pin_message",
        [401, 404, 404, 404, 404],
        |a| json!({ "conversation": a.conversation, "seq": 1, "on": true }),
    ),
    (
        "settle_question",
        [401, 404, 404, 404, 404],
        |a| json!({ "conversation": a.conversation, "seq": 1, "on": true }),
    ),
    (
        "remove_preview",
        [401, 404, 404, 404, 404],
        |a| json!({ "conversation": a.conversation, "seq": 1 }),
    ),
    (
        "save_message",
        [401, 404, 404, 404, 404],
        |a| json!({ "conversation": a.conversation, "seq": 1, "on": true }),
    ),
    ("thread", [401, 404, 404, 404, 404], |a| json!({ "conversation": a.conversation, "seq": 1 })),
    (
        "rename_group",
        [401, 404, 403, 200, 404],
        |a| json!({ "conversation": a.conversation, "name": "X" }),
    ),
    ("set_group_face", [401, 404, 403, 200, 404], |a| json!({ "conversation": a.conversation })),
    (
        "add_members",
        [401, 404, 403, 200, 404],
        |a| json!({ "conversation": a.conversation, "people": [a.stranger.id] }),
    ),
    (
        "remove_member",
        [401, 404, 403, 200, 404],
        |a| json!({ "conversation": a.conversation, "person": a.member.id }),
    ),
    ("leave_group", [401, 404, 200, 409, 404], |a| json!({ "conversation": a.conversation })),
];

/// Functions about oneself or about people. Signing out comes last, because it ends the session.
const ABOUT_OTHER_THINGS: [(&str, Answers, Arguments); 40] = [
    ("me", [401, 200, 200, 200, 200], |_| json!({})),
    ("snapshot", [401, 200, 200, 200, 200], |_| json!({})),
    (
        "set_privacy",
        [401, 200, 200, 200, 200],
        |_| json!({ "shows_reading": true, "shows_typing": true }),
    ),
    ("set_reading", [401, 200, 200, 200, 200], |_| json!({ "by_hand": true })),
    ("saved", [401, 200, 200, 200, 200], |_| json!({})),
    ("set_status", [401, 200, 200, 200, 200], |_| json!({ "text": "x" })),
    ("set_profile", [401, 200, 200, 200, 200], |_| json!({ "title": "x" })),
    (
        "change_password",
        [401, 422, 422, 422, 422],
        |_| json!({ "current": "wrong", "new": "lamp-tree-14" }),
    ),
    ("recovery_codes", [401, 422, 422, 422, 422], |_| json!({ "password": "wrong" })),
    ("recovery_codes_left", [401, 200, 200, 200, 200], |_| json!({})),
    (
        "recover",
        [401, 401, 401, 401, 401],
        |_| json!({ "username": "no-account", "code": "x", "new": PASSWORD }),
    ),
    ("reset_password", [404, 404, 404, 404, 404], |_| json!({ "code": "x", "new": PASSWORD })),
    ("sessions", [401, 200, 200, 200, 200], |_| json!({})),
    ("end_session", [401, 404, 404, 404, 404], |_| json!({ "session": nothing() })),
    ("end_other_sessions", [401, 200, 200, 200, 200], |_| json!({})),
    // The creator of the group is the administrator, too. `tests/suite/accounts/` covers the roles.
    ("issue_reset", [401, 403, 403, 200, 403], |a| json!({ "person": a.stranger.id })),
    ("people", [401, 403, 403, 200, 403], |_| json!({})),
    ("set_role", [401, 403, 403, 200, 403], |a| json!({ "person": a.member.id, "role": "member" })),
    ("deactivate", [401, 403, 403, 404, 403], |_| json!({ "person": nothing() })),
    ("reactivate", [401, 403, 403, 404, 403], |_| json!({ "person": nothing() })),
    ("end_sessions", [401, 403, 403, 404, 403], |_| json!({ "person": nothing() })),
    ("audit_log", [401, 403, 403, 200, 403], |_| json!({})),
    ("workspace_settings", [401, 403, 403, 200, 403], |_| json!({})),
    ("set_workspace", [401, 403, 403, 200, 403], |_| json!({ "name": "Physics" })),
    ("setup", [409, 409, 409, 409, 409], |_| {
        json!({ "workspace": "X", "username": "noor", "display_name": "Noor", "password": PASSWORD,
            "registration": "open" })
    }),
    ("create_invitation", [401, 403, 403, 200, 403], |_| json!({})),
    ("invitations", [401, 200, 200, 200, 200], |_| json!({})),
    ("revoke_invitation", [401, 404, 404, 404, 404], |_| json!({ "invitation": nothing() })),
    ("invitation", [404, 404, 404, 404, 404], |_| json!({ "code": "x" })),
    ("join", [401, 404, 404, 404, 404], |_| json!({ "code": "x" })),
    ("set_face", [401, 404, 404, 404, 404], |_| json!({ "file": nothing() })),
    ("last_seen", [401, 200, 200, 200, 200], |a| json!({ "person": a.member.id })),
    ("search", [401, 200, 200, 200, 200], |_| json!({ "query": "x" })),
    // `tests/suite/files/uploads.rs` covers own files.
    ("cancel_upload", [401, 404, 404, 404, 404], |_| json!({ "file": nothing() })),
    (
        "create_group",
        [401, 200, 200, 200, 200],
        |a| json!({ "name": "X", "members": [a.stranger.id] }),
    ),
    ("open_direct", [401, 200, 200, 200, 200], |a| json!({ "person": a.member.id })),
    (
        "typeset",
        [401, 200, 200, 200, 200],
        |_| json!({ "texts": [{ "matter": "code", "language": "rust", "text": "x" }] }),
    ),
    (
        "sign_up",
        [409, 409, 409, 409, 409],
        |_| json!({ "username": "ada", "display_name": "A", "password": PASSWORD }),
    ),
    ("sign_in", [200, 200, 200, 200, 200], |_| json!({ "username": "ada", "password": PASSWORD })),
    ("sign_out", [401, 200, 200, 200, 200], |_| json!({})),
];

#[test]
fn every_function_is_in_the_authorisation_table() {
    let rows: BTreeSet<_> = ABOUT_A_CONVERSATION
        .iter()
        .chain(&ABOUT_OTHER_THINGS)
        .map(|(function, ..)| *function)
        .collect();
    assert_eq!(rows, functions().into_iter().collect(), "add the new function to the table");
}

#[tokio::test]
async fn every_role_gets_the_documented_response() {
    let server = TestServer::with_config(|config| config.limits = false);
    let [creator, member, removed, stranger, other, far] = users(&server).await;
    let askers: [TestClient; 5] =
        [&server.client(), &stranger.client, &member.client, &creator.client, &removed.client]
            .map(Clone::clone);
    let foreign = far.create_group("Elsewhere", &[&other]).await;
    let missing = nothing();
    for (function, statuses, arguments) in ABOUT_A_CONVERSATION {
        for (n, asker) in askers.iter().enumerate() {
            // A group per function, so that one call does not change the result of the next.
            let own = creator.create_group("Physics", &[&member, &removed, &other]).await;
            creator.remove_member(&own, &removed).await.ok();
            let ask = async |conversation: &str| {
                let answer = asker
                    .call(
                        function,
                        arguments(&RequestIds { conversation, member: &other, stranger: &far }),
                    )
                    .await;
                (answer.status, answer.text)
            };
            let of_nothing = ask(&missing).await;
            assert_eq!(
                of_nothing.0,
                if n == 0 { 401 } else { 404 },
                "{} asks {function} of nothing: {}",
                ROLES[n],
                of_nothing.1
            );
            assert_eq!(
                ask(&foreign).await,
                of_nothing,
                "{} asks {function} of a foreign group",
                ROLES[n]
            );
            let of_own = ask(&own).await;
            assert_eq!(of_own.0, statuses[n], "{} asks {function}: {}", ROLES[n], of_own.1);
            if of_own.0 == 404 {
                assert_eq!(of_own, of_nothing, "{} asks {function}", ROLES[n]);
            }
        }
    }
    for (function, statuses, arguments) in ABOUT_OTHER_THINGS {
        for (n, asker) in askers.iter().enumerate() {
            // Signing in ends the previous session, so these calls use a device of their own.
            let signs_in = matches!(function, "sign_in" | "sign_up") && n > 0;
            let device = if signs_in {
                Some(server.second_device(["", "mei", "grace", "ada", "kofi"][n]).await.client)
            } else {
                None
            };
            let asker = device.as_ref().unwrap_or(asker);
            let answer = asker
                .call(
                    function,
                    arguments(&RequestIds {
                        conversation: &missing,
                        member: &other,
                        stranger: &far,
                    }),
                )
                .await;
            assert_eq!(answer.status, statuses[n], "{} asks {function}: {}", ROLES[n], answer.text);
        }
    }
}

#[tokio::test]
async fn a_rejection_changes_nothing() {
    let server = TestServer::new();
    let [ada, grace, kofi, mei] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    ada.post(&group, "hello").await;
    // With the heads of all streams.
    let snapshots = async || join_all([&ada, &grace, &kofi, &mei].map(TestUser::snapshot)).await;
    let before = snapshots().await;
    for (function, _, arguments) in ABOUT_A_CONVERSATION {
        let ids = RequestIds { conversation: &group, member: &kofi, stranger: &mei };
        assert_eq!(mei.call(function, arguments(&ids)).await.status, 404);
        if matches!(function, "rename_group" | "add_members" | "remove_member") {
            assert_eq!(grace.call(function, arguments(&ids)).await.status, 403);
        }
    }
    assert_eq!(snapshots().await, before);
}
