//! The setup of an empty workspace, and its settings.

use chatbox::domain::Registration;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{
    server::{PASSWORD, TestServer, users},
    user::{TestClient, TestResponse, TestUser},
};

const CODE: &str = "0123456789ABCDEFGHJKMNPQ";

/// A server with a known setup code.
fn with_code() -> TestServer {
    TestServer::with_config(|config| config.setup_code = Some(CODE.into()))
}

async fn set_up(by: &TestClient, username: &str, more: Value) -> TestResponse {
    let mut arguments = json!({
        "workspace": "Analytical Society", "username": username, "display_name": username,
        "password": PASSWORD, "registration": "invite_only",
    });
    arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    by.call("setup", arguments).await
}

#[tokio::test]
async fn setup_names_the_workspace_and_registers_its_administrator() {
    let server = TestServer::new();
    for (field, wrong) in [
        ("workspace", json!({ "workspace": "" })),
        ("workspace", json!({ "workspace": "x".repeat(61) })),
        ("username", json!({ "username": "a b" })),
        ("display_name", json!({ "display_name": "Admin" })),
        ("password", json!({ "password": "12345678" })),
        ("registration", json!({ "registration": "closed" })),
    ] {
        let refused = set_up(&server.client(), "ada", wrong).await.error();
        assert_eq!(refused.2, field, "{refused:?}");
    }
    let client = server.client();
    let answer = set_up(&client, "ada", json!({})).await;
    assert_eq!(answer.json()["role"], "administrator");
    let ada = TestUser::of("ada", &answer, client);
    assert_eq!(ada.snapshot().await["workspace"], json!({ "name": "Analytical Society" }));
    let settings = ada.call_ok("workspace_settings", json!({})).await;
    assert_eq!(settings["workspace"]["registration"], "invite_only");
    assert_eq!(settings["workspace"]["next_steps"], true);
    assert_eq!(set_up(&server.client(), "grace", json!({})).await.error().1, "conflict");
    assert_eq!(server.try_sign_up("grace", PASSWORD).await.status, 403, "by invitation only");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_set_up_at_once_one_does() {
    let server = TestServer::new();
    let names: Vec<String> = (0..20).map(|n| format!("person-{n}")).collect();
    let clients: Vec<_> = names.iter().map(|_| server.client()).collect();
    let calls = names.iter().zip(&clients).map(|(name, by)| set_up(by, name, json!({})));
    let answers = join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 409 | 503)));
    let (first, by) = answers.iter().zip(clients).find(|(one, _)| one.status == 200).unwrap();
    let first = TestUser::of("the first", first, by);
    assert_eq!(first.snapshot().await["people"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_stranger_needs_the_setup_code() {
    let server = with_code();
    let proxied = [
        ("x-forwarded-for", "203.0.113.9"),
        ("forwarded", "for=203.0.113.9"),
        ("x-real-ip", "203.0.113.9"),
        ("via", "1.1 proxy"),
    ];
    for (header, value) in proxied {
        let stranger = server.client().with(header, value);
        for code in ["", "x", &"0".repeat(24)] {
            let refused = set_up(&stranger, "mallory", json!({ "code": code })).await.error();
            assert_eq!(refused, (403, "forbidden".into(), "code".into()), "{header} {code:?}");
        }
        let arguments =
            json!({ "username": "mallory", "display_name": "Mallory", "password": PASSWORD });
        assert_eq!(stranger.call("sign_up", arguments).await.status, 403, "{header}");
        let page = stranger.get("/setup").await;
        assert!(page.text.contains("Setup code"), "{header}");
    }
    assert!(!server.client().get("/setup").await.text.contains("Setup code"));
    let typed = "0123-4567 89ab-cdef-ghjk-mnpq";
    let owner = server.client().with("x-forwarded-for", "198.51.100.7");
    assert_eq!(set_up(&owner, "ada", json!({ "code": typed })).await.status, 200);
}

#[tokio::test]
async fn the_setup_page_is_open_while_the_workspace_is_empty() {
    let server = TestServer::new();
    let client = server.client();
    assert_eq!(client.get("/").await.header("location"), "/setup");
    let page = client.get("/setup").await;
    assert_eq!(page.status, 200);
    let fields = |password| {
        [
            ("workspace", "Analytical Society"),
            ("registration", "open"),
            ("username", "ada"),
            ("display_name", "Ada Lovelace"),
            ("password", password),
        ]
    };
    let refused = client.submit_form("/setup", &fields("short")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("Analytical Society") && refused.text.contains("Ada Lovelace"));
    let done = client.submit_form("/setup", &fields(PASSWORD)).await;
    assert_eq!((done.status, done.header("location")), (303, "/admin"));
    let newcomer = server.client();
    assert_eq!(newcomer.get("/").await.header("location"), "/sign-in");
    assert_eq!(newcomer.get("/setup").await.header("location"), "/sign-in");
    assert!(newcomer.get("/sign-in").await.text.contains("Sign in · Analytical Society"));
    assert_eq!(newcomer.submit_form("/setup", &fields(PASSWORD)).await.status, 409);
}

#[tokio::test]
async fn settings_apply_at_once() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    ada.call_ok("set_role", json!({ "person": kofi.id, "role": "moderator" })).await;
    let change = json!({ "registration": "invite_only", "group_creators": "moderator" });
    let settings = ada.call_ok("set_workspace", change).await;
    assert_eq!(settings["workspace"]["name"], "ChatBox", "what is missing stays");
    assert_eq!(server.try_sign_up("mei", PASSWORD).await.status, 403);
    let group = json!({ "name": "Physics", "members": [] });
    assert_eq!(grace.call("create_group", group.clone()).await.error().1, "forbidden");
    assert_eq!(kofi.call("create_group", group.clone()).await.status, 200);
    assert_eq!(grace.snapshot().await["workspace"]["group_creators"], "moderator");
    ada.call_ok("set_workspace", json!({ "registration": "open", "group_creators": "member" }))
        .await;
    assert_eq!(server.try_sign_up("mei", PASSWORD).await.status, 200);
    assert_eq!(grace.call("create_group", group).await.status, 200);
    let log = ada.call_ok("audit_log", json!({ "action": "workspace_changed" })).await;
    let details: Vec<_> = log["entries"].as_array().unwrap().iter().map(|e| &e["detail"]).collect();
    assert_eq!(details, ["registration group_creators"; 2]);
    let (server, mut ada) = (server.restart(), ada);
    ada.switch_to(&server);
    ada.call_ok("set_workspace", json!({ "name": "Optics" })).await;
    assert_eq!(ada.snapshot().await["workspace"]["name"], "Optics");
}

#[tokio::test]
async fn the_command_line_has_precedence_over_the_settings() {
    let server = TestServer::with_config(|config| {
        config.registration = Some(Registration::InviteOnly);
        config.link_previews = Some(false);
    });
    let client = server.client();
    let answer = set_up(&client, "ada", json!({ "registration": "open" })).await;
    let ada = TestUser::of("ada", &answer, client);
    let settings = ada.call_ok("workspace_settings", json!({})).await;
    assert_eq!(settings["workspace"]["registration"], "invite_only");
    assert_eq!(settings["fixed"], json!(["registration", "link_previews"]));
    assert_eq!(server.try_sign_up("grace", PASSWORD).await.status, 403);
    for (field, change) in [
        ("registration", json!({ "registration": "open" })),
        ("link_previews", json!({ "link_previews": true })),
    ] {
        let refused = ada.call("set_workspace", change).await.error();
        assert_eq!(refused, (409, "conflict".into(), field.into()));
    }
    ada.call_ok("set_workspace", json!({ "link_previews": false, "name": "Optics" })).await;
    let log = ada.call_ok("audit_log", json!({ "action": "workspace_changed" })).await;
    assert_eq!(log["entries"][0]["detail"], "name", "the stored settings stay");
}

#[tokio::test]
async fn done_next_steps_are_named_until_they_are_dismissed() {
    let server =
        TestServer::with_config(|config| config.origin = Some("https://chat.example.org".into()));
    let client = server.client();
    let answer = set_up(&client, "ada", json!({ "registration": "open" })).await;
    let ada = TestUser::of("ada", &answer, client);
    let done = async || ada.call_ok("workspace_settings", json!({})).await["done"].clone();
    assert_eq!(done().await, json!(["public_address"]));
    let grace = server.user("grace").await;
    assert_eq!(done().await, json!(["people", "public_address"]));
    ada.create_group("Physics", &[&grace]).await;
    assert_eq!(done().await, json!(["people", "group", "public_address"]));
    ada.call_ok("set_workspace", json!({ "next_steps": false })).await;
    assert_eq!(done().await, Value::Null);
}
