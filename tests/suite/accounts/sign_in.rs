//! Signing in: passwords, lockout, forms, and redirects.

use futures_util::future::join_all;
use serde_json::json;

use crate::harness::{
    server::{PASSWORD, TestServer, users},
    user::TestClient,
};

#[tokio::test]
async fn wrong_password_and_unknown_username_are_indistinguishable() {
    let server = TestServer::new();
    server.user("ada").await;
    let (wrong, unknown) = (
        server.try_sign_in("ada", "tree-lamp-42").await,
        server.try_sign_in("nobody-here", "tree-lamp-42").await,
    );
    assert_eq!(wrong.error(), (401, "wrong_credentials".into(), String::new()));
    assert_eq!((wrong.status, &wrong.text), (unknown.status, &unknown.text));
    for (name, password) in [
        ("", ""),
        ("ada", ""),
        ("ada", "x".repeat(129).as_str()),
        ("x".repeat(65).as_str(), PASSWORD),
    ] {
        let answer = server.try_sign_in(name, password).await;
        assert_eq!((answer.status, &answer.text), (401, &wrong.text), "{name} {password}");
    }
}

#[tokio::test]
async fn only_the_whole_password_signs_in() {
    let server = TestServer::new();
    let long = format!("{}Q", "violet-harbour-".repeat(8));
    assert_eq!(server.try_sign_up("ada", &long).await.status, 200);
    assert_eq!(server.try_sign_in("ada", &long[..72]).await.status, 401);
    assert_eq!(server.try_sign_in("ada", &long.to_lowercase()).await.status, 401);
    assert_eq!(server.try_sign_in("ada", &long).await.status, 200);
}

#[tokio::test]
async fn five_failures_lock_one_account_for_a_while() {
    let server = TestServer::new();
    let [_ada, _grace] = users(&server).await;
    for _ in 0..5 {
        assert_eq!(server.try_sign_in("ada", "wrong-lamp-41").await.status, 401);
        assert_eq!(server.try_sign_in("nobody-here", "wrong-lamp-41").await.status, 401);
    }
    let closed = server.try_sign_in("ada", PASSWORD).await;
    assert_eq!(
        closed.error(),
        (429, "too_many".into(), String::new()),
        "even with the right password"
    );
    let seconds: u32 = closed.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds) && closed.json()["retry_after"] == seconds);
    assert_eq!(server.try_sign_in("ADA", PASSWORD).await.status, 429, "the lockout ignores case");
    assert_eq!(
        server.try_sign_in("nobody-here", PASSWORD).await.status,
        429,
        "unknown accounts are locked too"
    );
    assert_eq!(server.try_sign_in("grace", PASSWORD).await.status, 200);
    let forged = server.client().with("x-forwarded-for", "203.0.113.9");
    assert_eq!(
        forged.call("sign_in", json!({ "username": "ada", "password": PASSWORD })).await.status,
        429
    );
}

#[tokio::test]
async fn concurrent_attempts_do_not_bypass_the_lockout() {
    let server = TestServer::new();
    server.user("ada").await;
    let tries = join_all((0..100).map(|_| server.try_sign_in("ada", "wrong-lamp-41"))).await;
    let tried = tries.iter().filter(|answer| answer.status == 401).count();
    // Two passwords are checked at once: both may be answered before either is counted.
    assert!((5..=6).contains(&tried), "{tried}");
    assert!(tries.iter().all(|answer| matches!(answer.status, 401 | 429)));
}

#[tokio::test]
async fn plain_forms_sign_up_in_and_out() {
    let server = TestServer::new();
    let client = server.client();
    let fields = [("username", "ada"), ("display_name", "Ada"), ("password", PASSWORD)];
    for (path, fields) in
        [("/sign-up", &fields[..]), ("/sign-in", &fields[..]), ("/api/sign_in", &fields[..])]
    {
        let answer = client.submit_form(path, fields).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, "/"),
            "{path}: {}",
            answer.text
        );
        let browser = TestClient { cookie: answer.cookie(), ..server.client() };
        assert_eq!(browser.call("me", json!({})).await.status, 200, "{path}");
        assert_eq!(
            browser.get("/sign-in").await.status,
            303,
            "redirected, because already signed in"
        );
        let out = browser.submit_form("/sign-out", &[]).await;
        assert_eq!((out.status, out.header("location")), (303, "/sign-in"));
        assert_eq!(browser.call("me", json!({})).await.status, 401, "{path}");
    }
    for (path, name, password, status) in [
        ("/sign-up", "ada", PASSWORD, 409),
        ("/sign-up", "grace", "short", 422),
        ("/sign-in", "ada", "wrong", 401),
        ("/api/sign_in", "ada", "", 401),
    ] {
        let answer = client
            .submit_form(path, &[("username", name), ("display_name", "A"), ("password", password)])
            .await;
        assert_eq!((answer.status, answer.cookie()), (status, None), "{path}");
        assert!(answer.header("content-type").starts_with("text/html"), "the form with the error");
    }
}

#[tokio::test]
async fn sign_in_redirects_to_local_paths_only() {
    let server = TestServer::new();
    server.user("ada").await;
    for (next, goes) in [
        ("/settings", "/settings"),
        ("/c/01?x=1", "/c/01?x=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("https:evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("/\r\nset-cookie: a=b", "/"),
        ("", "/"),
    ] {
        let answer = server
            .client()
            .submit_form("/sign-in", &[("username", "ada"), ("password", PASSWORD), ("next", next)])
            .await;
        assert_eq!((answer.status, answer.header("location")), (303, goes), "{next:?}");
    }
}

#[tokio::test]
async fn pages_require_a_session() {
    let server = TestServer::new();
    server.user("ada").await;
    for (path, goes) in [
        ("/", "/sign-in"),
        ("/settings", "/sign-in?next=%2Fsettings"),
        ("/c/x", "/sign-in?next=%2Fc%2Fx"),
        ("//evil.example", "/sign-in?next=%2F%2Fevil.example"),
    ] {
        let answer = server.client().get(path).await;
        assert_eq!((answer.status, answer.header("location")), (303, goes), "{path}");
    }
    assert_eq!(server.client().get("/sign-in").await.status, 200);
    assert_eq!(server.client().get("/sign-up").await.status, 200);
}
