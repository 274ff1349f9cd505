//! One browser used by two people in turn: what was loaded for the first never acts for the second.

use serde_json::json;

use crate::harness::{
    server::{PASSWORD, TestServer, users},
    socket::TestSocket,
    user::{TestClient, new_id},
};

#[tokio::test]
async fn sign_in_replaces_the_session_of_the_browser() {
    let server = TestServer::new();
    let [ada, _grace] = users(&server).await;
    let mut socket = ada.connect().await;
    for path in ["/api/sign_in", "/sign-in"] {
        let before = server.second_device("ada").await;
        let mut elsewhere = before.connect().await;
        let answer = match path {
            "/sign-in" => {
                before
                    .client
                    .submit_form(path, &[("username", "grace"), ("password", PASSWORD)])
                    .await
            }
            _ => {
                before
                    .client
                    .call("sign_in", json!({ "username": "grace", "password": PASSWORD }))
                    .await
            }
        };
        assert!(answer.cookie().is_some(), "{}", answer.text);
        assert_eq!(elsewhere.close_code().await, 4401, "{path}");
        assert_eq!(before.call("me", json!({})).await.status, 401, "{path}");
    }
    ada.post(&ada.everyone().await, "other devices stay signed in").await;
    socket.recv_until_message("other devices stay signed in").await;
}

#[tokio::test]
async fn a_request_for_another_person_is_rejected() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let everyone = ada.everyone().await;
    let stale = grace.client.clone().with("chatbox-person", &ada.id);
    for (function, arguments) in [
        (
            "post_message",
            json!({ "conversation": everyone, "client_id": new_id(), "body": "in grace's name" }),
        ),
        ("mark_read", json!({ "conversation": everyone, "upto": 1 })),
        ("snapshot", json!({})),
        ("me", json!({})),
    ] {
        assert_eq!(stale.call(function, arguments).await.error().1, "no_session", "{function}");
    }
    assert_eq!(ada.message_bodies(&everyone).await, [""; 0]);
    let own = grace.client.clone().with("chatbox-person", &grace.id);
    own.call(
        "post_message",
        json!({ "conversation": everyone, "client_id": new_id(), "body": "in my own" }),
    )
    .await
    .ok();
    let odd =
        TestClient { headers: vec![("chatbox-person", "nobody".into())], ..grace.client.clone() };
    assert_eq!(odd.call("me", json!({})).await.status, 401);
}

#[tokio::test]
async fn a_page_of_another_person_gets_no_socket() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let mut socket = TestSocket::open(&grace.client).await.unwrap();
    socket
        .send_json(&json!({
            "type": "hello",
            "v": 1,
            "epoch": "",
            "marks": { format!("p:{}", ada.id): 1 }
        }))
        .await;
    let (received, code) = socket.recv_until_closed().await;
    assert_eq!((received.len(), code), (0, 4401), "{received:?}");
}
