//! Delivery receipts in direct conversations, and their privacy setting.

use serde_json::{Value, json};

use crate::harness::{
    server::{TestServer, users},
    socket::TestSocket,
    user::{TestUser, cursors},
};

/// The delivery receipt that `teller` receives while `listener` reads.
async fn delivered(teller: &mut TestSocket, listener: &mut TestSocket) -> Value {
    tokio::select! {
        mut received = teller.recv_until(|frame| frame["signal"] == "delivered") => {
            received.pop().unwrap()
        }
        _ = listener.recv_until(|_| false) => unreachable!(),
    }
}

async fn readers(person: &TestUser, conversation: &str) -> Value {
    person.call_ok("readers", json!({ "conversation": conversation })).await
}

/// Waits until the socket has received and acknowledged everything.
async fn flush(socket: &mut TestSocket, marker: &str) {
    socket.recv_until_message(marker).await;
    // Frames are processed in order: when this one is rejected, all before it were processed.
    socket.send_json(&json!({ "type": "nothing" })).await;
    assert_eq!(socket.close_code().await, 4002);
}

#[tokio::test]
async fn delivery_receipts_reach_the_author_of_a_direct_message_only() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let (direct, everyone) = (ada.open_direct(&grace).await, ada.everyone().await);
    let group = ada.create_group("Physics", &[&grace]).await;
    let (mut socket, mut his, mut hers) =
        (ada.connect().await, kofi.connect().await, grace.connect().await);
    let mut phone = server.second_device("grace").await.connect().await;
    ada.post(&group, "a group is not of two").await;
    let seq = ada.post(&direct, "are you there?").await;
    ada.post(&everyone, "not yet").await;
    socket.recv_until_message("not yet").await;
    assert!(!socket.has_received("delivered"), "written to her socket, but not acknowledged");
    assert_eq!(readers(&ada, &direct).await, json!([]));
    let signal = json!({
        "type": "signal",
        "signal": "delivered",
        "conversation": direct,
        "person": grace.id,
        "upto": seq
    });
    assert_eq!(delivered(&mut socket, &mut hers).await, signal);
    assert_eq!(
        readers(&ada, &direct).await,
        json!([{ "person": grace.id, "upto": 0, "delivered": seq }])
    );
    ada.post(&everyone, "the marker").await;
    flush(&mut phone, "the marker").await;
    ada.post(&everyone, "the end").await;
    for one in [&mut socket, &mut his] {
        one.recv_until_message("the end").await;
    }
    assert_eq!(
        socket.raw.iter().filter(|frame| frame.contains("delivered")).count(),
        1,
        "neither a second device nor a group reports it"
    );
    assert!(!his.has_received("delivered") && !phone.has_received("delivered"));
    assert_eq!(readers(&grace, &direct).await, json!([]), "no receipt for own messages");
    assert_eq!(readers(&ada, &group).await, json!([]));
}

#[tokio::test]
async fn a_message_to_an_absent_person_is_delivered_on_reconnect() {
    let server = TestServer::new();
    let [mut ada, grace] = users(&server).await;
    let (epoch, nothing) = cursors(&grace.snapshot().await);
    let direct = ada.open_direct(&grace).await;
    let (_, known) = cursors(&grace.snapshot().await);
    let mut socket = ada.connect().await;
    let mut upto = 0;
    // From before the conversation existed, and from when it was empty.
    for (message, cursors) in [("first", &nothing), ("second", &known)] {
        upto = ada.post(&direct, message).await;
        let mut hers = grace.connect_from(&epoch, cursors).await;
        let signal = delivered(&mut socket, &mut hers).await;
        assert_eq!(
            (&signal["person"], &signal["upto"]),
            (&json!(grace.id), &json!(upto)),
            "{message}"
        );
    }
    let seen = json!([{ "person": grace.id, "upto": 0, "delivered": upto }]);
    assert_eq!(readers(&ada, &direct).await, seen);
    let server = server.restart();
    ada.switch_to(&server);
    assert_eq!(readers(&ada, &direct).await, seen, "it was stored");
}

#[tokio::test]
async fn hidden_presence_gives_no_delivery_receipts() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let (direct, everyone) = (ada.open_direct(&grace).await, ada.everyone().await);
    let shows = async |presence: bool| {
        grace
            .call_ok(
                "set_privacy",
                json!({ "shows_reading": true, "shows_typing": true, "shows_presence": presence }),
            )
            .await;
    };
    shows(false).await;
    let mut socket = ada.connect().await;
    let seq = ada.post(&direct, "are you there?").await;
    for marker in ["while she comes", "while she is there"] {
        let mut hers = grace.connect().await;
        ada.post(&direct, marker).await;
        ada.post(&everyone, marker).await;
        hers.recv_until(|frame| {
            frame["stream"] == format!("c:{everyone}") && frame["change"]["body"] == marker
        })
        .await;
        hers.send_json(&json!({ "type": "nothing" })).await;
        assert_eq!(hers.close_code().await, 4002);
    }
    ada.post(&everyone, "the marker").await;
    socket.recv_until_message("the marker").await;
    assert!(!socket.has_received("delivered"));
    assert_eq!(readers(&ada, &direct).await, json!([]));
    grace.call_ok("mark_read", json!({ "conversation": direct, "upto": seq })).await;
    socket.recv_until(|frame| frame["signal"] == "seen").await;
    assert_eq!(readers(&ada, &direct).await, json!([{ "person": grace.id, "upto": seq }]));
    shows(true).await;
    let mut hers = grace.connect().await;
    let next = ada.post(&direct, "and now?").await;
    while delivered(&mut socket, &mut hers).await["upto"] != next {}
}
