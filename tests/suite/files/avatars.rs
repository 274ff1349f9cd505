//! Avatars of people and groups: who may set them, who sees them, and how they are stored.

use image::ImageFormat;
use serde_json::{Value, json};

use super::{path, picture, stored_file_count};
use crate::harness::{
    server::{TestServer, users},
    user::{TestUser, new_id, nothing},
};

#[tokio::test]
async fn a_group_avatar_is_set_by_its_creator_and_seen_by_members() {
    let server = TestServer::new();
    let [ada, grace, kofi, mei] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    let mut socket = grace.connect().await;
    let photo = ada.upload(&group, "we.jpg", &picture(600, 400, ImageFormat::Jpeg)).await;
    ada.call_ok(
        "set_group_face",
        json!({ "conversation": group, "file": photo["id"], "left": 100, "top": 50, "side": 200 }),
    )
    .await;
    let change = socket.recv_change("pictured").await["change"].clone();
    assert_eq!(change["by"], ada.id);
    let avatar_path = format!("/faces/{}/96", change["face"].as_str().unwrap());
    assert_eq!(
        grace.find_summary(&group).await.unwrap()["conversation"]["face"],
        change["face"],
        "equals the state after a reload"
    );
    assert_eq!(grace.fetch(&avatar_path, &[]).await.0, 200);
    let tag = format!("\"{}-96\"", change["face"].as_str().unwrap());
    let none = mei.fetch(&format!("/faces/{}/96", nothing()), &[]).await;
    for headers in [vec![], vec![("if-none-match", &tag[..])], vec![("range", "bytes=0-9")]] {
        let (status, _, body) = mei.fetch(&avatar_path, &headers).await;
        assert_eq!((status, &body), (404, &none.2), "{headers:?}");
    }
    ada.remove_member(&group, &kofi).await.ok();
    assert_eq!(kofi.fetch(&avatar_path, &[]).await.0, 404, "the old avatar is replaced");
    // Only the creator may set it; Everyone and direct conversations have none.
    let hers = grace.upload(&group, "her.png", &picture(50, 50, ImageFormat::Png)).await;
    let refused = |who: &TestUser, conversation: &str, file: &Value| {
        let (client, arguments) =
            (who.client.clone(), json!({ "conversation": conversation, "file": file["id"] }));
        async move { client.call("set_group_face", arguments).await.status }
    };
    assert_eq!(refused(&grace, &group, &hers).await, 403);
    assert_eq!(grace.fetch(&path(&hers), &[]).await.0, 200, "her upload is unchanged");
    let direct = ada.open_direct(&grace).await;
    let other = ada.upload(&direct, "x.png", &picture(50, 50, ImageFormat::Png)).await;
    for (who, conversation, status) in
        [(&ada, &direct, 409), (&ada, &ada.everyone().await, 409), (&mei, &group, 404)]
    {
        assert_eq!(refused(who, conversation, &other).await, status);
    }
    assert_eq!(refused(&ada, &group, &hers).await, 404, "a file of another person");
    let lay = stored_file_count(&server);
    let server = server.restart();
    let (mut ada, mut grace) = (ada, grace);
    ada.switch_to(&server);
    grace.switch_to(&server);
    assert_eq!(
        (stored_file_count(&server), grace.fetch(&avatar_path, &[]).await.0),
        (lay, 200),
        "the clean-up keeps it"
    );
    ada.call_ok("set_group_face", json!({ "conversation": group })).await;
    assert_eq!(grace.fetch(&avatar_path, &[]).await.0, 404);
    assert!(grace.find_summary(&group).await.unwrap()["conversation"].get("face").is_none());
    assert_eq!(stored_file_count(&server), lay - 3);
}

#[tokio::test]
async fn an_avatar_is_cropped_and_seen_by_everybody_at_once() {
    let server = TestServer::new();
    let [ada, mut grace] = users(&server).await;
    let all = ada.everyone().await;
    let mut socket = grace.connect().await;
    let photo = ada.upload(&all, "me.jpg", &picture(600, 400, ImageFormat::Jpeg)).await;
    ada.call_ok("set_face", json!({ "file": photo["id"], "left": 100, "top": 50, "side": 200 }))
        .await;
    let change = socket.recv_change("person_changed").await["change"]["profile"].clone();
    assert_eq!(change["id"], ada.id);
    let avatar_path = format!("/faces/{}", change["face"].as_str().unwrap());
    for side in [256_u32, 96, 48] {
        let (status, headers, bytes) = grace.fetch(&format!("{avatar_path}/{side}"), &[]).await;
        let drawn = image::load_from_memory(&bytes).unwrap();
        assert_eq!(
            (status, drawn.width(), drawn.height(), headers["content-type"].to_str().unwrap()),
            (200, side, side, "image/jpeg")
        );
    }
    assert_eq!(grace.fetch(&format!("{avatar_path}/100"), &[]).await.0, 404);
    assert_eq!(server.client().get(&format!("{avatar_path}/96")).await.status, 401);
    let known = grace.snapshot().await["people"]
        .as_array()
        .unwrap()
        .iter()
        .find(|person| person["id"] == ada.id)
        .unwrap()
        .clone();
    assert_eq!(known, change, "equals the state after a reload");
    assert_eq!(stored_file_count(&server), 3, "the original is deleted");
    // Only an own upload that was not sent.
    let text = ada.upload(&all, "me.txt", b"me").await;
    assert_eq!(
        ada.call("set_face", json!({ "file": text["id"] })).await.error(),
        (422, "invalid".into(), "file".into())
    );
    let other = grace.upload(&all, "her.png", &picture(50, 50, ImageFormat::Png)).await;
    assert_eq!(ada.call("set_face", json!({ "file": other["id"] })).await.status, 404);
    let sent = ada.upload(&all, "sent.png", &picture(50, 50, ImageFormat::Png)).await;
    ada.post_with_files(&all, &new_id(), "", &[&sent]).await.ok();
    assert_eq!(ada.call("set_face", json!({ "file": sent["id"] })).await.status, 404);
    assert_eq!(grace.fetch(&format!("{avatar_path}/96"), &[]).await.0, 200, "unchanged");
    // A set avatar survives a restart and the clean-up; a removed one is deleted.
    let server = server.restart();
    grace.switch_to(&server);
    let mut ada = ada;
    ada.switch_to(&server);
    assert_eq!(grace.fetch(&format!("{avatar_path}/48"), &[]).await.0, 200);
    ada.call_ok("set_face", json!({})).await;
    assert_eq!(grace.fetch(&format!("{avatar_path}/48"), &[]).await.0, 404);
    assert!(
        grace.snapshot().await["people"]
            .as_array()
            .unwrap()
            .iter()
            .all(|person| person.get("face").is_none())
    );
}
