//! Attachments of messages: live and after a reload, and their deletion when nothing refers to
//! them.

use std::time::Duration;

use image::ImageFormat;
use serde_json::json;

use super::{path, picture, stored_file_count};
use crate::harness::{
    server::{TestServer, users},
    user::{new_id, stream},
};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn attachments_arrive_live_after_reload_and_once() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let (mut socket, mut outside) = (grace.connect().await, kofi.connect().await);
    let text = ada.upload(&direct, "notes.rs", b"fn main() {}\n").await;
    let photo = ada.upload(&direct, "photo.jpeg", &picture(1_000, 500, ImageFormat::Jpeg)).await;
    assert_eq!(
        (&text["kind"], &text["beginning"], &text["size"]),
        (&json!("text"), &json!("fn main() {}"), &json!(13))
    );
    assert_eq!(
        (&photo["kind"], &photo["width"], &photo["height"]),
        (&json!("picture"), &json!(1_000), &json!(500))
    );
    let id = new_id();
    let receipt = ada.post_with_files(&direct, &id, "", &[&text, &photo]).await.ok();
    assert_eq!(
        ada.post_with_files(&direct, &id, "", &[&photo, &text]).await.ok(),
        receipt,
        "a retry is stored once"
    );
    assert_eq!(
        ada.post_with_files(&direct, &id, "", &[&photo]).await.error(),
        (409, "conflict".into(), "client_id".into())
    );
    assert_eq!(ada.post_with_id(&id, &direct, "text").await.status, 409);
    let received = socket.recv_change("posted").await;
    assert_eq!(
        (&received["change"]["files"], &received["change"]["body"]),
        (&json!([text, photo]), &json!(""))
    );
    let page = grace.history(&direct, json!({})).await.ok();
    assert_eq!(
        page["entries"].as_array().unwrap().last().unwrap()["change"],
        received["change"],
        "equals the state after a reload"
    );
    assert_eq!(
        grace.find_summary(&direct).await.unwrap()["last"]["excerpt"],
        "notes.rs, photo.jpeg"
    );
    let listed = grace.call_ok("files", json!({ "conversation": direct })).await;
    assert_eq!(
        listed.as_array().unwrap().iter().map(|shared| &shared["file"]).collect::<Vec<_>>(),
        [&text, &photo]
    );
    ada.post(&ada.everyone().await, "marker").await;
    let before_the_marker = outside.recv_until_message("marker").await;
    assert!(before_the_marker.iter().all(|frame| frame["stream"] != stream(&direct)));
    // Files are deleted and restored with their message.
    let seq = &receipt["seq"];
    ada.call_ok("delete_message", json!({ "conversation": direct, "seq": seq })).await;
    assert_eq!(grace.fetch(&path(&text), &[]).await.0, 404);
    assert_eq!(grace.call_ok("files", json!({ "conversation": direct })).await, json!([]));
    assert_eq!(grace.find_summary(&direct).await.unwrap()["last"]["excerpt"], "");
    let gone = socket.recv_change("deleted").await;
    assert!(!gone.to_string().contains("notes"), "{gone}");
    ada.call_ok("restore_message", json!({ "conversation": direct, "seq": seq })).await;
    assert_eq!(socket.recv_change("restored").await["change"]["files"], json!([text, photo]));
    assert_eq!(grace.fetch(&path(&text), &[]).await.2, b"fn main() {}\n");
}

#[tokio::test]
async fn unreferenced_files_are_deleted_from_the_disk() {
    let server = TestServer::new();
    let [mut ada, mut grace] = users(&server).await;
    let all = ada.everyone().await;
    let half = new_id();
    ada.start_upload(&all, &half, "half.bin", 10).await.ok();
    ada.send_chunk(&half, 0, b"12345").await.ok();
    ada.upload(&all, "never sent.bin", b"\0never sent").await;
    let (shared, deleted) = (
        ada.upload(&all, "kept.bin", b"\0same").await,
        ada.upload(&all, "deleted.png", &picture(800, 800, ImageFormat::Png)).await,
    );
    ada.post_with_files(&all, &new_id(), "kept", &[&shared]).await.ok();
    let seq = ada.post_with_files(&all, &new_id(), "gone", &[&deleted]).await.ok()["seq"].clone();
    ada.call_ok("delete_message", json!({ "conversation": all, "seq": seq })).await;
    let twin = grace.upload(&all, "twin.bin", b"\0same").await;
    grace.call_ok("cancel_upload", json!({ "file": twin["id"] })).await;
    assert_eq!(
        stored_file_count(&server),
        5,
        "a partial upload, an unsent one, a sent one, and two sizes of a deleted image"
    );
    // After a day, then after a month; the clean-up runs at start.
    server.advance_clock(DAY + Duration::from_millis(1));
    let server = server.restart();
    ada.switch_to(&server);
    grace.switch_to(&server);
    assert_eq!(stored_file_count(&server), 3);
    server.advance_clock(30 * DAY);
    let server = server.restart();
    let grace = server.second_device("grace").await;
    assert_eq!(stored_file_count(&server), 1);
    assert_eq!(grace.fetch(&path(&shared), &[]).await.2, b"\0same");
}
