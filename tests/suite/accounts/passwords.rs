//! Changing a password, recovery codes, password resets, and what they do to sessions.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{
    server::{PASSWORD, TestServer, users},
    user::{TestResponse, TestUser},
};

const NEW_PASSWORD: &str = "lamp-tree-14";

async fn change(user: &TestUser, current: &str, new: &str) -> TestResponse {
    user.call("change_password", json!({ "current": current, "new": new })).await
}

async fn recover(server: &TestServer, username: &str, code: &Value, new: &str) -> TestResponse {
    let arguments = json!({ "username": username, "code": code, "new": new });
    server.client().call("recover", arguments).await
}

async fn reset(server: &TestServer, code: &Value, new: &str) -> TestResponse {
    server.client().call("reset_password", json!({ "code": code, "new": new })).await
}

/// Somebody who registers by an invitation of another person.
async fn invited_by(server: &TestServer, by: &TestUser, username: &str) -> TestUser {
    let invitation = by.call_ok("create_invitation", json!({})).await;
    let arguments = json!({
        "username": username, "display_name": username, "password": PASSWORD,
        "invitation": invitation["code"],
    });
    let answer = server.client().call("sign_up", arguments).await;
    TestUser::of(username, &answer, server.client())
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let phone = server.second_device("ada").await;
    let (mut ada_socket, mut phone_socket) = (ada.connect().await, phone.connect().await);
    assert_eq!(change(&ada, PASSWORD, NEW_PASSWORD).await.status, 200);
    assert_eq!(phone_socket.close_code().await, 4401);
    assert_eq!(phone.call("me", json!({})).await.status, 401);
    assert_eq!(ada.call("me", json!({})).await.status, 200, "this session stays");
    let everyone = ada.everyone().await;
    ada.post(&everyone, "still connected").await;
    ada_socket.recv_until_message("still connected").await;
    assert_eq!(server.try_sign_in("ada", PASSWORD).await.status, 401);
    assert_eq!(server.try_sign_in("ada", NEW_PASSWORD).await.status, 200);
}

#[tokio::test]
async fn a_password_change_needs_the_old_one_and_a_good_new_one() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    for (current, new, field) in [
        ("wrong", NEW_PASSWORD, "current"),
        ("", NEW_PASSWORD, "current"),
        (&"x".repeat(129), NEW_PASSWORD, "current"),
        (PASSWORD, "", "new"),
        (PASSWORD, "password", "new"),
        (PASSWORD, "adaadaada", "new"),
        (PASSWORD, PASSWORD, "new"),
    ] {
        assert_eq!(
            change(&ada, current, new).await.error(),
            (422, "invalid".into(), field.into()),
            "{current:?} to {new:?}"
        );
    }
    assert_eq!(server.try_sign_in("ada", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn guesses_of_the_old_password_lock_the_account() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    for _ in 0..5 {
        assert_eq!(change(&ada, "wrong", NEW_PASSWORD).await.status, 422);
    }
    assert_eq!(change(&ada, PASSWORD, NEW_PASSWORD).await.status, 429);
    assert_eq!(ada.call("recovery_codes", json!({ "password": PASSWORD })).await.status, 429);
}

#[tokio::test]
async fn of_two_changes_from_the_same_password_one_holds() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let phone = server.second_device("ada").await;
    let [one, other] = ["river-stone-52", "cloud-pencil-63"];
    let answers = join_all([change(&ada, PASSWORD, one), change(&phone, PASSWORD, other)]).await;
    let changed: Vec<bool> = answers.iter().map(|answer| answer.status == 200).collect();
    assert_eq!(changed.iter().filter(|changed| **changed).count(), 1, "{answers:?}");
    let holds = if changed[0] { one } else { other };
    assert_eq!(server.try_sign_in("ada", holds).await.status, 200);
}

#[tokio::test]
async fn each_recovery_code_sets_a_new_password_once() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let answer = ada.call_ok("recovery_codes", json!({ "password": PASSWORD })).await;
    let codes = answer["codes"].as_array().unwrap();
    assert_eq!(codes.len(), 10);
    let mut socket = ada.connect().await;
    let typed = json!(codes[0].as_str().unwrap().to_lowercase().replace('-', " "));
    let answer = recover(&server, " ADA ", &typed, NEW_PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.cookie().is_some(), "signed in");
    assert_eq!(socket.close_code().await, 4401);
    assert_eq!(ada.call("me", json!({})).await.status, 401);
    assert_eq!(server.try_sign_in("ada", NEW_PASSWORD).await.status, 200);
    let again = TestUser::of("ada", &answer, server.client());
    assert_eq!(again.call_ok("recovery_codes_left", json!({})).await, 9);
    let wrong = (401, "wrong_credentials".to_owned(), String::new());
    assert_eq!(recover(&server, "ada", &codes[0], PASSWORD).await.error(), wrong, "used");
    assert_eq!(recover(&server, "grace", &codes[1], PASSWORD).await.error(), wrong, "unknown");
    assert_eq!(recover(&server, "ada", &json!(""), PASSWORD).await.error(), wrong, "empty");
    let ada = TestUser::of("ada", &answer, server.client());
    let new = ada.call_ok("recovery_codes", json!({ "password": NEW_PASSWORD })).await;
    assert_eq!(recover(&server, "ada", &codes[1], PASSWORD).await.error(), wrong, "replaced");
    assert_eq!(
        recover(&server, "ada", &new["codes"][0], "password").await.error(),
        (422, "invalid".into(), "new".into())
    );
}

#[tokio::test]
async fn guesses_of_recovery_codes_tell_nothing_and_keep_nobody_out() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let codes = ada.call_ok("recovery_codes", json!({ "password": PASSWORD })).await;
    let mut answers = Vec::new();
    for username in ["ada", "no-account", &"x".repeat(65)] {
        for code in ["x", "", "000000000000000000000000"] {
            for _ in 0..3 {
                let answer = recover(&server, username, &json!(code), NEW_PASSWORD).await;
                answers.push((answer.status, answer.text));
            }
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers[0].0, 401);
    // Nor do guesses of the password.
    for _ in 0..6 {
        server.try_sign_in("ada", "wrong").await;
    }
    assert_eq!(server.try_sign_in("ada", PASSWORD).await.status, 429);
    assert_eq!(recover(&server, "ada", &codes["codes"][0], NEW_PASSWORD).await.status, 200);
    assert_eq!(server.try_sign_in("ada", NEW_PASSWORD).await.status, 200);
}

#[tokio::test]
async fn one_of_many_concurrent_uses_of_a_code_gets_it() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let answer = grace.call_ok("recovery_codes", json!({ "password": PASSWORD })).await;
    let uses = (0..20).map(|_| recover(&server, "grace", &answer["codes"][0], NEW_PASSWORD));
    let won = join_all(uses).await.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1, "a recovery code");
    let issued = ada.call_ok("issue_reset", json!({ "person": grace.id })).await;
    let uses = (0..20).map(|_| reset(&server, &issued["code"], PASSWORD));
    let won = join_all(uses).await.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1, "a reset");
}

#[tokio::test]
async fn a_reset_works_once_within_30_minutes() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let issue = async || ada.call_ok("issue_reset", json!({ "person": grace.id })).await;
    let void = issue().await["code"].clone();
    let code = issue().await["code"].clone();
    let gone = (404, "not_found".to_owned(), String::new());
    assert_eq!(reset(&server, &void, NEW_PASSWORD).await.error(), gone, "replaced by the second");
    assert_eq!(reset(&server, &code, "12345678").await.error().2, "new");
    let mut socket = grace.connect().await;
    let answer = reset(&server, &code, NEW_PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["username"], "grace");
    assert!(answer.cookie().is_some(), "signed in");
    assert_eq!(socket.close_code().await, 4401);
    let used = reset(&server, &code, PASSWORD).await;
    assert_eq!(used.error(), gone);
    let expired = issue().await["code"].clone();
    server.advance_clock(Duration::from_secs(30 * 60));
    assert_eq!(reset(&server, &expired, PASSWORD).await.text, used.text, "the same words");
    for forged in [json!(""), json!("x"), json!("0".repeat(24)), json!("\0")] {
        assert_eq!(reset(&server, &forged, PASSWORD).await.text, used.text, "{forged}");
    }
}

#[tokio::test]
async fn a_changed_password_voids_a_reset() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let issued = ada.call_ok("issue_reset", json!({ "person": grace.id })).await;
    assert_eq!(change(&grace, PASSWORD, NEW_PASSWORD).await.status, 200);
    assert_eq!(reset(&server, &issued["code"], PASSWORD).await.status, 404);
}

#[tokio::test]
async fn resets_are_issued_by_administrators_and_by_moderators_for_whom_they_invited() {
    let server = TestServer::new();
    let [ada, grace, kofi, mei] = users(&server).await;
    let issue = async |by: &TestUser, of: &TestUser| -> u16 {
        by.call("issue_reset", json!({ "person": of.id })).await.status
    };
    assert_eq!(issue(&grace, &kofi).await, 403);
    ada.call_ok("set_role", json!({ "person": grace.id, "role": "moderator" })).await;
    grace.create_group("Physics", &[&kofi, &mei, &ada]).await;
    assert_eq!(issue(&grace, &mei).await, 403, "anybody can be put into a group");
    let noor = invited_by(&server, &grace, "noor").await;
    assert_eq!(issue(&grace, &noor).await, 200);
    assert_eq!(issue(&noor, &grace).await, 403, "not the other way round");
    assert_eq!(issue(&kofi, &noor).await, 403, "by somebody else");
    assert_eq!(issue(&grace, &ada).await, 403, "an administrator");
    assert_eq!(issue(&ada, &mei).await, 200);
    assert_eq!(issue(&ada, &ada).await, 409, "oneself");
    ada.call_ok("set_role", json!({ "person": noor.id, "role": "moderator" })).await;
    assert_eq!(issue(&grace, &noor).await, 403, "a moderator");
    ada.call_ok("deactivate", json!({ "person": mei.id })).await;
    assert_eq!(issue(&ada, &mei).await, 409);
}

#[tokio::test]
async fn a_reset_ends_with_the_rights_of_both() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let role = async |of: &TestUser, role: &str| {
        ada.call_ok("set_role", json!({ "person": of.id, "role": role })).await;
    };
    role(&grace, "moderator").await;
    let kofi = invited_by(&server, &grace, "kofi").await;
    let issue =
        async || grace.call_ok("issue_reset", json!({ "person": kofi.id })).await["code"].clone();
    let before_promotion = issue().await;
    role(&kofi, "administrator").await;
    assert_eq!(reset(&server, &before_promotion, NEW_PASSWORD).await.status, 404);
    role(&kofi, "member").await;
    let before_demotion = issue().await;
    role(&grace, "member").await;
    assert_eq!(reset(&server, &before_demotion, NEW_PASSWORD).await.status, 404);
}

#[tokio::test]
async fn a_reset_voids_recovery_codes() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let codes = grace.call_ok("recovery_codes", json!({ "password": PASSWORD })).await;
    let issued = ada.call_ok("issue_reset", json!({ "person": grace.id })).await;
    assert_eq!(reset(&server, &issued["code"], NEW_PASSWORD).await.status, 200);
    assert_eq!(recover(&server, "grace", &codes["codes"][0], PASSWORD).await.status, 401);
}

#[tokio::test]
async fn renaming_oneself_gives_no_more_guesses_of_the_password() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let mut statuses = Vec::new();
    for n in 0..6 {
        ada.call_ok("set_profile", json!({ "username": format!("ada-{n}x") })).await;
        statuses.push(change(&ada, "wrong", NEW_PASSWORD).await.status);
    }
    assert_eq!(statuses, [422, 422, 422, 422, 422, 429]);
}

#[tokio::test]
async fn a_deactivated_account_has_no_way_back() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let codes = grace.call_ok("recovery_codes", json!({ "password": PASSWORD })).await;
    let issued = ada.call_ok("issue_reset", json!({ "person": grace.id })).await;
    ada.call_ok("deactivate", json!({ "person": grace.id })).await;
    assert_eq!(reset(&server, &issued["code"], NEW_PASSWORD).await.status, 404);
    assert_eq!(recover(&server, "grace", &codes["codes"][0], NEW_PASSWORD).await.status, 401);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let mut phone = server.client();
    phone.headers.push((
        "user-agent",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
         Gecko) Version/26.0 Mobile/15E148 Safari/604.1"
            .into(),
    ));
    let answer = phone.call("sign_in", json!({ "username": "ada", "password": PASSWORD })).await;
    let phone = TestUser::of("ada", &answer, phone);
    let mut socket = phone.connect().await;
    let sessions = ada.call_ok("sessions", json!({})).await;
    let row = |current: bool| {
        let rows = sessions.as_array().unwrap();
        assert_eq!(rows.len(), 2);
        rows.iter().find(|row| row["current"] == current).unwrap().clone()
    };
    assert_eq!(row(true)["device"], "Unknown device");
    assert_eq!(row(false)["device"], "Safari on iPhone");
    assert!(!sessions.to_string().contains(&phone.client.cookie.clone().unwrap()[8..]));
    let end = json!({ "session": row(false)["id"] });
    let foreign = grace.call("end_session", end.clone()).await;
    let missing = grace.call("end_session", json!({ "session": "x" })).await;
    assert_eq!((foreign.status, &foreign.text), (404, &missing.text));
    assert_eq!(phone.call("me", json!({})).await.status, 200);
    ada.call_ok("end_session", end).await;
    assert_eq!(socket.close_code().await, 4401);
    assert_eq!(phone.call("me", json!({})).await.status, 401);
    let phone = server.second_device("ada").await;
    ada.call_ok("end_other_sessions", json!({})).await;
    assert_eq!(phone.call("me", json!({})).await.status, 401);
    assert_eq!(ada.call_ok("sessions", json!({})).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn codes_and_passwords_are_stored_as_hashes() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let codes = grace.call_ok("recovery_codes", json!({ "password": PASSWORD })).await;
    let issued = ada.call_ok("issue_reset", json!({ "person": grace.id })).await;
    let files = std::fs::read_dir(server.data_folder()).unwrap().map(|entry| entry.unwrap().path());
    let stored: Vec<u8> =
        files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect();
    let is_stored = |text: &str| stored.windows(text.len()).any(|window| window == text.as_bytes());
    let code = codes["codes"][0].as_str().unwrap();
    assert!(!is_stored(code) && !is_stored(&code.replace('-', "")));
    assert!(!is_stored(issued["code"].as_str().unwrap()));
    assert!(is_stored("reset_issued"), "the log is there");
}

#[tokio::test]
async fn names_can_be_corrected() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let mut socket = grace.connect().await;
    let set = async |arguments: Value| ada.call("set_profile", arguments).await;
    let changed =
        set(json!({ "display_name": " Augusta  Ada ", "username": "Augusta" })).await.ok();
    assert_eq!(
        (&changed["display_name"], &changed["username"]),
        (&json!("Augusta Ada"), &json!("augusta"))
    );
    let event = socket.recv_change("person_changed").await;
    assert_eq!(event["change"]["profile"], changed);
    assert_eq!(server.try_sign_in("ada", PASSWORD).await.status, 401);
    assert_eq!(server.try_sign_in("augusta", PASSWORD).await.status, 200);
    // One's own earlier name does not stand in the way of one that looks like it.
    assert_eq!(set(json!({ "display_name": "AUGUSTA ADA" })).await.status, 200);
    for (arguments, status, field) in [
        (json!({ "username": "grace" }), 409, "username"),
        (json!({ "username": "admin" }), 409, "username"),
        (json!({ "username": "a b" }), 422, "username"),
        (json!({ "display_name": "Grаce" }), 409, "display_name"),
        (json!({ "display_name": "Everyone" }), 409, "display_name"),
        (json!({ "display_name": "" }), 422, "display_name"),
        (json!({ "title": "x".repeat(81) }), 422, "title"),
        (json!({ "time_zone": "<script>" }), 422, "time_zone"),
    ] {
        let answer = set(arguments.clone()).await;
        let (found, _, at) = answer.error();
        assert_eq!((found, at.as_str()), (status, field), "{arguments}");
    }
    assert_eq!(server.user("ada").await.call_ok("me", json!({})).await["username"], "ada");
}
