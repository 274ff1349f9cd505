//! `chatbox admin`: accounts on the machine.

use serde_json::json;

use crate::{
    data::backup::{ProgramOutput, run},
    harness::{
        server::{PASSWORD, TestServer, users},
        user::TestUser,
    },
};

fn admin(server: &TestServer, arguments: &[&str]) -> ProgramOutput {
    let data = server.data_folder().to_str().unwrap();
    run(&[&["admin"], arguments, &["--data", data]].concat(), &[])
}

/// Restarts the server, with the command in between. Returns what it printed.
fn stopped(server: TestServer, arguments: &[&str]) -> (TestServer, ProgramOutput) {
    let mut output = None;
    let server = server.restart_after(|data| {
        let data = data.to_str().unwrap();
        output = Some(run(&[&["admin"], arguments, &["--data", data]].concat(), &[]));
    });
    (server, output.unwrap())
}

#[tokio::test]
async fn a_locked_out_administrator_gets_back_in() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let running = admin(&server, &["reset-link", "ada"]);
    assert!(!running.succeeded && running.text.contains("is in use"), "{}", running.text);
    let (server, output) =
        stopped(server, &["reset-link", "ADA", "--origin", "https://chat.example.org"]);
    let text = output.expect_success();
    let link = text.lines().find(|line| line.contains("/reset/")).unwrap();
    let code = link.strip_prefix("https://chat.example.org/reset/").unwrap();
    let answer = server
        .client()
        .call("reset_password", json!({ "code": code, "new": "lamp-tree-14" }))
        .await;
    let again = TestUser::of("ada", &answer, server.client());
    let log = again.call_ok("audit_log", json!({ "action": "reset_issued" })).await;
    let entry = &log["entries"][0];
    assert_eq!((&entry["person"], entry.get("actor")), (&json!(ada.id), None));
}

#[tokio::test]
async fn the_operator_creates_and_promotes_administrators() {
    let server = TestServer::new();
    let [ada, mut grace] = users(&server).await;
    let issued = ada.call_ok("issue_reset", json!({ "person": grace.id })).await;
    let (server, output) = stopped(server, &["promote", "grace"]);
    output.expect_success();
    let arguments = json!({ "code": issued["code"], "new": "lamp-tree-14" });
    let answer = server.client().call("reset_password", arguments).await;
    assert_eq!(answer.status, 404, "a reset from before is void");
    let grace_again = server.second_device("grace").await;
    assert_eq!(grace_again.call_ok("me", json!({})).await["role"], "administrator");
    let (server, output) = stopped(server, &["create", "kofi", "--name", "Kofi Mensah"]);
    let text = output.expect_success();
    let code = text.trim().rsplit('/').next().unwrap();
    for guess in ["", "!", PASSWORD] {
        assert_eq!(server.try_sign_in("kofi", guess).await.status, 401, "no password yet");
    }
    let answer =
        server.client().call("reset_password", json!({ "code": code, "new": PASSWORD })).await;
    assert_eq!(answer.json()["role"], "administrator");
    assert_eq!(answer.json()["display_name"], "Kofi Mensah");
    let (server, output) = stopped(server, &["sessions", "kofi"]);
    output.expect_success();
    let kofi = TestUser::of("kofi", &answer, server.client());
    assert_eq!(kofi.call("me", json!({})).await.status, 401);
    grace.switch_to(&server);
    assert_eq!(grace.call("me", json!({})).await.status, 200, "others stay signed in");
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    let server = TestServer::new();
    server.user("ada").await;
    let (server, output) = stopped(server, &["promote", "nobody"]);
    assert!(output.text.contains("Nobody has the username nobody."), "{}", output.text);
    let (server, output) = stopped(server, &["create", "ada"]);
    assert!(output.text.contains("This username is taken"), "{}", output.text);
    let (server, output) = stopped(server, &["create", "a b"]);
    assert!(output.text.contains("A username can contain only"), "{}", output.text);
    let elsewhere = server.data_folder().join("elsewhere");
    let output = run(&["admin", "promote", "ada", "--data", elsewhere.to_str().unwrap()], &[]);
    assert!(output.text.contains("contains no ChatBox data"), "{}", output.text);
    assert!(!elsewhere.exists(), "nothing is created");
}
