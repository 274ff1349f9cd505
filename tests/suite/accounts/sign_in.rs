//! Accounts: registering, signing in and out, and what is kept of it.

use chatbox::server::config::Registration;
use futures_util::future::join_all;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::Row;

use crate::harness::{
    server::{PASSWORD, TestServer, users},
    user::{TestClient, TestUser},
};

#[tokio::test]
async fn sign_up_signs_in_and_allows_signing_in_again() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    assert_eq!(
        ada.call_ok("me", json!({})).await,
        json!({ "id": ada.id, "username": "ada", "display_name": "Ada" })
    );
    for typed in ["ada", "ADA", " ada "] {
        assert_eq!(
            server.try_sign_in(typed, PASSWORD).await.ok()["id"],
            ada.id.as_str(),
            "{typed:?}"
        );
    }
}

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
async fn cookie_attributes_match_the_connection() {
    let server = TestServer::new();
    let plain = server.try_sign_up("ada", PASSWORD).await.header("set-cookie").to_owned();
    assert!(
        plain.starts_with("chatbox=")
            && plain.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"),
        "{plain}"
    );
    let server =
        TestServer::with_config(|config| config.origin = Some("https://chat.example.org".into()));
    let answer = server.try_sign_up("ada", PASSWORD).await;
    let safe = answer.header("set-cookie").to_owned();
    assert!(
        safe.starts_with("__Host-chatbox=")
            && safe.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000; Secure"),
        "{safe}"
    );
    assert!(!safe.contains("Domain"));
    let ada = TestUser::of("ada", &answer, server.client());
    assert_eq!(ada.call_ok("me", json!({})).await["username"], "ada");
    let unbound = TestClient {
        cookie: ada.client.cookie.clone().map(|cookie| cookie.replace("__Host-", "")),
        ..server.client()
    };
    assert_eq!(
        unbound.call("me", json!({})).await.status,
        401,
        "a cookie that is not bound to this host is none"
    );
}

#[tokio::test]
async fn only_hashes_of_passwords_and_tokens_are_stored() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let token = ada.client.cookie.clone().unwrap().replace("chatbox=", "");
    assert_eq!(token.len(), 64, "256 bits");
    let stored: Vec<u8> = server.query("select token_hash from sessions").await[0].get(0);
    assert_eq!(stored, Sha256::digest(token.as_bytes()).to_vec());
    let hash: String = server.query("select password_hash from people").await[0].get(0);
    assert!(hash.starts_with("$argon2id$"), "{hash}");
    let there = std::fs::read_dir(server.data_file().parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    for file in there.filter(|path| path.is_file()) {
        let bytes = std::fs::read(file).unwrap();
        for secret in [&token, PASSWORD] {
            assert!(
                !bytes.windows(secret.len()).any(|window| window == secret.as_bytes()),
                "a secret stands in a file"
            );
        }
    }
}

#[tokio::test]
async fn sign_in_issues_a_new_token() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let planted =
        TestClient { cookie: Some(format!("chatbox={}", "a".repeat(64))), ..server.client() };
    assert_eq!(planted.call("me", json!({})).await.status, 401);
    let answer = planted.call("sign_in", json!({ "username": "ada", "password": PASSWORD })).await;
    let given = answer.cookie().unwrap();
    assert!(Some(&given) != planted.cookie.as_ref() && Some(&given) != ada.client.cookie.as_ref());
    assert_eq!(
        planted.call("me", json!({})).await.status,
        401,
        "what was planted opens nothing afterwards either"
    );
}

#[tokio::test]
async fn a_cookie_ends_with_its_session() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let phone = server.second_device("ada").await;
    let answer = ada.sign_out().await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "null"));
    assert!(
        answer.header("set-cookie").starts_with("chatbox=; ")
            && answer.header("set-cookie").contains("Max-Age=0")
    );
    assert_eq!(ada.call("me", json!({})).await.error(), (401, "no_session".into(), String::new()));
    assert_eq!(phone.call("me", json!({})).await.status, 200, "other devices stay");
    assert_eq!(server.query("select 1 from sessions").await.len(), 1, "the row is gone");
}

#[tokio::test]
async fn forged_cookies_are_rejected() {
    let server = TestServer::new();
    server.user("ada").await;
    for value in
        ["", "x", "null", "00", &"0".repeat(64), &"g".repeat(64), &"f".repeat(65), "' or 1=1 --"]
    {
        let client = TestClient { cookie: Some(format!("chatbox={value}")), ..server.client() };
        assert_eq!(
            client.call("me", json!({})).await.error(),
            (401, "no_session".into(), String::new()),
            "{value}"
        );
    }
}

#[tokio::test]
async fn confusable_usernames_are_rejected() {
    let server = TestServer::new();
    for name in ["kofi1", "modern", "bob0", "ali", "lan", "ian", "mila"] {
        server.user(name).await;
    }
    for name in [
        "kofi1",
        "KOFI1",
        "kofil",
        "Kofil",
        "rnodern",
        "bobo",
        "admin",
        "Admin",
        "adrnin",
        "everyone",
        "All",
        "root",
        "anonymous",
    ] {
        assert_eq!(
            server.try_sign_up(name, PASSWORD).await.error(),
            (409, "conflict".into(), "username".into()),
            "{name}"
        );
    }
    for name in [
        "a",
        "",
        "Ада",
        "a b",
        ".ada",
        "ada-",
        "ad\u{200b}a",
        &"x".repeat(33),
        "<b>ada</b>",
        "ada\n",
    ] {
        let refused = server.try_sign_up(name, PASSWORD).await.error();
        let fine = name.trim() == "ada" && refused.0 == 200;
        assert!(
            fine || refused == (422, "invalid".into(), "username".into()),
            "{name:?} {refused:?}"
        );
    }
}

#[tokio::test]
async fn concurrent_sign_ups_with_one_username_create_one_account() {
    let server = TestServer::new();
    let tries =
        futures_util::future::join_all((0..50).map(|_| server.try_sign_up("ada", PASSWORD))).await;
    let won = tries.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1);
    assert!(tries.iter().all(|answer| matches!(answer.status, 200 | 409)));
    assert_eq!(server.query("select 1 from people").await.len(), 1);
}

#[tokio::test]
async fn weak_passwords_are_rejected_at_their_field() {
    let server = TestServer::new();
    for weak in [
        "",
        "short-1",
        "password",
        "12345678",
        "qwertyuiop",
        "iloveyou",
        "grace",
        "gracegrace",
        &"x".repeat(129),
    ] {
        assert_eq!(
            server.try_sign_up("grace", weak).await.error(),
            (422, "invalid".into(), "password".into()),
            "{weak}"
        );
    }
    assert_eq!(server.try_sign_up("grace", "пароль-река-7").await.status, 200);
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
    assert_eq!(
        server.try_sign_in("ADA", PASSWORD).await.status,
        429,
        "written otherwise it is the same account"
    );
    assert_eq!(
        server.try_sign_in("nobody-here", PASSWORD).await.status,
        429,
        "an account that does not exist is closed as well"
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
    let tries = futures_util::future::join_all(
        (0..100).map(|_| server.try_sign_in("ada", "wrong-lamp-41")),
    )
    .await;
    let tried = tries.iter().filter(|answer| answer.status == 401).count();
    // Two are checked at once: both may be told before either is counted.
    assert!((5..=6).contains(&tried), "{tried}");
    assert!(tries.iter().all(|answer| matches!(answer.status, 401 | 429)));
}

#[tokio::test]
async fn the_twenty_first_session_ends_the_oldest() {
    let server = TestServer::new();
    let first = server.user("ada").await;
    let mut socket = first.connect().await;
    let mut devices = Vec::new();
    for _ in 0..19 {
        devices.push(server.second_device("ada").await);
    }
    assert_eq!(first.call("me", json!({})).await.status, 200);
    devices.push(server.second_device("ada").await);
    assert_eq!(first.call("me", json!({})).await.status, 401);
    assert_eq!(socket.close_code().await, 4401);
    for device in devices {
        assert_eq!(device.call("me", json!({})).await.status, 200);
    }
}

#[tokio::test]
async fn a_school_signs_in_at_once_from_one_address() {
    let server = TestServer::new();
    let names: Vec<String> = (0..300).map(|n| format!("pupil-{n}z")).collect();
    for class in names.chunks(50) {
        let responses = futures_util::future::join_all(
            class.iter().map(|name| server.try_sign_up(name, PASSWORD)),
        )
        .await;
        assert!(
            responses.iter().all(|answer| answer.status == 200),
            "{:?}",
            responses.iter().find(|answer| answer.status != 200)
        );
    }
    let responses =
        futures_util::future::join_all(names.iter().map(|name| server.try_sign_in(name, PASSWORD)))
            .await;
    assert!(
        responses.iter().all(|answer| answer.status == 200),
        "{:?}",
        responses.iter().find(|answer| answer.status != 200)
    );
}

#[tokio::test]
async fn invite_only_registers_the_first_person_only() {
    let server = TestServer::with_config(|config| config.registration = Registration::InviteOnly);
    server.user("ada").await;
    assert_eq!(
        server.try_sign_up("grace", PASSWORD).await.error(),
        (403, "forbidden".into(), String::new())
    );
    assert_eq!(server.try_sign_in("ada", PASSWORD).await.status, 200);
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
            "who is signed in needs no such page"
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
        assert!(
            answer.header("content-type").starts_with("text/html"),
            "the page comes back, with what was wrong"
        );
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

#[tokio::test(flavor = "multi_thread")]
async fn invite_only_admits_one_of_many_concurrent_first_people() {
    let server = TestServer::with_config(|config| config.registration = Registration::InviteOnly);
    let names: Vec<String> = (0..40).map(|n| format!("person-{n}")).collect();
    let responses = join_all(names.iter().map(|name| server.try_sign_up(name, PASSWORD))).await;
    let mut statuses: Vec<u16> = responses.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    // Some may be told that too many passwords are hashed at once.
    let (first, others) = (statuses.remove(0), statuses);
    assert_eq!(first, 200);
    assert!(others.iter().all(|status| matches!(status, 403 | 503)), "{others:?}");
    assert_eq!(server.query("select id from people").await.len(), 1);
}

#[tokio::test]
async fn signing_in_again_ends_no_other_device() {
    let server = TestServer::new();
    let mut devices = vec![server.user("ada").await];
    for _ in 1..20 {
        devices.push(server.second_device("ada").await);
    }
    let again =
        devices[7].client.call("sign_in", json!({ "username": "ada", "password": PASSWORD })).await;
    let renewed = TestUser::of("ada", &again, server.client());
    for (n, device) in devices.iter().enumerate() {
        assert_eq!(
            device.call("me", json!({})).await.status,
            if n == 7 { 401 } else { 200 },
            "device {n}"
        );
    }
    assert_eq!(renewed.call("me", json!({})).await.status, 200);
    // A browser more ends the oldest, and only that.
    let more = server.second_device("ada").await;
    assert_eq!(
        [
            devices[0].call("me", json!({})).await.status,
            devices[1].call("me", json!({})).await.status
        ],
        [401, 200]
    );
    assert_eq!(more.call("me", json!({})).await.status, 200);
}

#[tokio::test]
async fn signing_in_from_another_users_page_ends_that_session() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let page_of_grace = ada.client.clone().with("chatbox-person", &grace.id);
    let answer =
        page_of_grace.call("sign_in", json!({ "username": "grace", "password": PASSWORD })).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        ada.call("me", json!({})).await.status,
        401,
        "the cookie was replaced, so its session has ended"
    );
    assert_eq!(grace.call("me", json!({})).await.status, 200);
}
