//! Sessions: cookies and tokens, their storage, and what ends them.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::harness::{
    server::{PASSWORD, TestServer, users},
    user::{TestClient, TestUser},
};

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
        "a cookie without the __Host- prefix is ignored"
    );
}

#[tokio::test]
async fn only_hashes_of_passwords_and_tokens_are_stored() {
    let server = TestServer::new();
    let ada = server.user("ada").await;
    let token = ada.client.cookie.clone().unwrap().replace("chatbox=", "");
    assert_eq!(token.len(), 64, "256 bits");
    let data = server.data_folder().to_owned();
    let files = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    let stored: Vec<u8> =
        files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect();
    let is_stored = |bytes: &[u8]| stored.windows(bytes.len()).any(|window| window == bytes);
    assert!(is_stored(&Sha256::digest(token.as_bytes())), "the hash of the token");
    assert!(is_stored(b"$argon2id$"), "the hash of the password");
    assert!(!is_stored(token.as_bytes()) && !is_stored(PASSWORD.as_bytes()), "no secret");
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
    assert_eq!(planted.call("me", json!({})).await.status, 401, "a planted token stays invalid");
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
    // One more browser ends the oldest session only.
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
        "the session of the replaced cookie has ended"
    );
    assert_eq!(grace.call("me", json!({})).await.status, 200);
}
