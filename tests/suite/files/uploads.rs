//! Uploads: in chunks, resumed, rejected and private.

use std::fs;

use image::ImageFormat;
use serde_json::json;

use super::{incompressible_png, path, picture, stored_file_count, with_dimensions};
use crate::harness::{
    server::{TestServer, users},
    user::{TestResponse, TestUser, new_id, nothing},
};

#[tokio::test]
async fn an_upload_resumes_after_a_cut_and_a_restart() {
    let server = TestServer::new();
    let [mut ada, mut grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let bytes: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let file = new_id();
    assert_eq!(
        ada.start_upload(&direct, &file, "data.bin", bytes.len()).await.ok(),
        json!({ "received": 0 })
    );
    assert_eq!(
        ada.send_chunk(&file, 0, &bytes[..400_000]).await.ok(),
        json!({ "received": 400_000 })
    );
    // The body is cut off; the received part is kept.
    let (unfinished, broken) = (
        Ok::<_, std::io::Error>(bytes[400_000..500_000].to_vec()),
        Err(std::io::Error::other("cut")),
    );
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter([unfinished, broken]));
    let request = ada
        .client
        .request("PUT", &format!("/files/{file}?at=400000"))
        .header("content-type", "application/octet-stream");
    assert!(request.body(body).send().await.is_err());
    let server = server.restart();
    ada.switch_to(&server);
    grace.switch_to(&server);
    let received = ada.start_upload(&direct, &file, "data.bin", bytes.len()).await.ok()["received"]
        .as_u64()
        .unwrap() as usize;
    assert!((400_000..=500_000).contains(&received), "{received}");
    for at in [0, received - 1, received + 1] {
        assert_eq!(
            ada.send_chunk(&file, at, b"x").await.error(),
            (409, "conflict".into(), "at".into()),
            "from {at}"
        );
    }
    let done = ada.send_chunk(&file, received, &bytes[received..]).await.ok();
    assert_eq!((&done["received"], &done["file"]["kind"]), (&json!(bytes.len()), &json!("other")));
    assert_eq!(
        ada.send_chunk(&file, received, b"more").await.ok(),
        done,
        "a repeated last chunk gets the same response"
    );
    assert_eq!(ada.start_upload(&direct, &file, "data.bin", bytes.len()).await.ok(), done);
    assert_eq!(ada.fetch(&path(&done["file"]), &[]).await.2, bytes);
    ada.post_with_files(&direct, &new_id(), "", &[&done["file"]]).await.ok();
    assert_eq!(
        ada.start_upload(&direct, &file, "data.bin", bytes.len()).await.ok(),
        done,
        "also after the file was sent"
    );
    assert_eq!(ada.start_upload(&direct, &file, "data.bin", 1).await.status, 409);
    assert_eq!(grace.start_upload(&direct, &file, "data.bin", bytes.len()).await.status, 404);
}

#[tokio::test]
async fn a_complete_upload_finishes_without_more_bytes() {
    let server = TestServer::new();
    let [ada] = users(&server).await;
    let (all, file, bytes) = (ada.everyone().await, new_id(), b"all of it");
    ada.start_upload(&all, &file, "a.txt", bytes.len()).await.ok();
    ada.send_chunk(&file, 0, &bytes[..4]).await.ok();
    // The state after a kill between the last byte and the processing of the file.
    fs::write(server.data_folder().join("files").join("uploads").join(&file), bytes).unwrap();
    assert_eq!(
        ada.start_upload(&all, &file, "a.txt", bytes.len()).await.ok(),
        json!({ "received": bytes.len() })
    );
    let done = ada.send_chunk(&file, bytes.len(), b"").await.ok();
    assert_eq!(
        (&done["received"], &done["file"]["beginning"]),
        (&json!(bytes.len()), &json!("all of it"))
    );
    assert_eq!(ada.start_upload(&all, &file, "a.txt", bytes.len()).await.ok(), done);
}

#[tokio::test]
async fn an_upload_reveals_nothing_after_access_is_lost() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace]).await;
    let bytes = b"the beginning of a secret";
    let requests = async |person: &TestUser, id: &str| {
        let mut responses = Vec::new();
        for at in [0, 5, bytes.len()] {
            responses.push(person.send_chunk(id, at, &bytes[at..]).await);
        }
        for (name, size) in
            [("notes.txt", bytes.len()), ("notes.txt", 7), ("other.txt", bytes.len())]
        {
            responses.push(person.start_upload(&group, id, name, size).await);
        }
        responses
    };
    let none = ada.send_chunk(&nothing(), 0, b"x").await;
    let assert_hidden = |responses: Vec<TestResponse>, what: &str| {
        for answer in responses {
            assert_eq!((answer.status, &answer.text), (404, &none.text), "{what}");
        }
    };
    // A deleted message, and the same message restored.
    let sent = ada.upload(&group, "notes.txt", bytes).await;
    let id = sent["id"].as_str().unwrap();
    let seq = ada.post_with_files(&group, &new_id(), "", &[&sent]).await.ok()["seq"].clone();
    ada.call_ok("delete_message", json!({ "conversation": group, "seq": seq })).await;
    assert_hidden(requests(&ada, id).await, "deleted");
    ada.call_ok("restore_message", json!({ "conversation": group, "seq": seq })).await;
    assert_eq!(ada.send_chunk(id, 0, b"x").await.ok()["file"], sent);
    // Files of a removed member: sent, not sent, and still being uploaded.
    let (sent, waits, unfinished) = (
        grace.upload(&group, "notes.txt", bytes).await,
        grace.upload(&group, "notes.txt", bytes).await,
        new_id(),
    );
    grace.post_with_files(&group, &new_id(), "", &[&sent]).await.ok();
    grace.start_upload(&group, &unfinished, "notes.txt", bytes.len()).await.ok();
    grace.send_chunk(&unfinished, 0, &bytes[..5]).await.ok();
    ada.remove_member(&group, &grace).await.ok();
    for id in [sent["id"].as_str().unwrap(), waits["id"].as_str().unwrap(), &unfinished] {
        assert_hidden(requests(&grace, id).await, "removed");
    }
    ada.add_members(&group, &[&grace]).await.ok();
    assert_eq!(
        grace.send_chunk(&unfinished, 5, &bytes[5..]).await.ok()["file"]["beginning"],
        "the beginning of a secret"
    );
}

#[tokio::test]
async fn misnamed_and_oversized_files_are_rejected_without_residue() {
    let server = TestServer::with_config(|config| (config.file_limit, config.quota) = (1, 2));
    let [ada, grace] = users(&server).await;
    let all = ada.everyone().await;
    let bomb = with_dimensions(picture(1, 1, ImageFormat::Png), 30_000, 30_000);
    let whole = picture(300, 300, ImageFormat::Jpeg);
    for (name, bytes, refused) in [
        ("empty.txt", &b""[..], (422, "invalid", "size")),
        ("large.bin", &vec![7; 1_000_001][..], (413, "too_large", "size")),
        ("page.png", b"<!DOCTYPE html>", (422, "invalid", "file")),
        ("cut.jpg", &whole[..whole.len() / 3], (422, "invalid", "file")),
        ("bomb.png", &bomb, (413, "too_large", "file")),
    ] {
        let answer = ada.try_upload(&all, name, bytes).await;
        assert_eq!(
            answer.error(),
            (refused.0, refused.1.into(), refused.2.into()),
            "{name}: {}",
            answer.text
        );
        assert!(answer.json()["message"].as_str().unwrap().ends_with('.'), "{}", answer.text);
    }
    assert_eq!(stored_file_count(&server), 0);
    // More bytes than announced, and an unannounced file.
    let file = new_id();
    ada.start_upload(&all, &file, "a.bin", 10).await.ok();
    assert_eq!(ada.send_chunk(&file, 0, &[1; 11]).await.error().0, 413);
    assert_eq!(
        ada.start_upload(&all, &file, "a.bin", 11).await.error(),
        (409, "conflict".into(), "file".into())
    );
    assert_eq!(ada.send_chunk(&new_id(), 0, b"x").await.status, 404);
    ada.call_ok("cancel_upload", json!({ "file": file })).await;
    // The re-encoded size of an image counts.
    let incompressible_png = incompressible_png(1_500);
    assert!(incompressible_png.len() < 900_000, "{}", incompressible_png.len());
    let refused = ada.try_upload(&all, "heavy.png", &incompressible_png).await;
    assert_eq!(refused.error(), (413, "too_large".into(), "file".into()), "{}", refused.text);
    assert_eq!(stored_file_count(&server), 0);
    // The quota is per person.
    let half = vec![7; 900_000];
    for name in ["1.bin", "2.bin"] {
        ada.upload(&all, name, &half).await;
    }
    let full = ada.try_upload(&all, "3.bin", &half).await;
    assert_eq!(full.error(), (413, "too_large".into(), "size".into()), "{}", full.text);
    grace.upload(&all, "4.bin", &half).await;
    assert_eq!(stored_file_count(&server), 1, "equal content is stored once");
    for files in [
        json!(["x"]),
        json!([file]),
        json!([nothing(), nothing()]),
        json!((0..21).map(|_| new_id()).collect::<Vec<_>>()),
    ] {
        let answer = ada
            .call(
                "post_message",
                json!({
                    "conversation": all,
                    "client_id": new_id(),
                    "body": "kept",
                    "files": files
                }),
            )
            .await;
        assert!(
            matches!(answer.status, 404 | 422) && answer.error().2 == "files",
            "{files}: {}",
            answer.text
        );
    }
    assert_eq!(
        ada.post_with_files(&all, &new_id(), "  ", &[]).await.error(),
        (422, "invalid".into(), "body".into())
    );
}

#[tokio::test]
async fn cross_site_uploads_are_rejected() {
    let server = TestServer::new();
    let [ada] = users(&server).await;
    let file = new_id();
    ada.start_upload(&ada.everyone().await, &file, "a.bin", 3).await.ok();
    for headers in [
        vec![("sec-fetch-site", "cross-site")],
        vec![("origin", "http://evil.tld")],
        vec![("content-type", "text/plain")],
        vec![("content-type", "application/octet-stream"), ("content-encoding", "gzip")],
    ] {
        let request = headers.iter().fold(
            ada.client.request("PUT", &format!("/files/{file}?at=0")),
            |request, (name, value)| request.header(*name, *value),
        );
        let status = ada.client.send(request.body("abc")).await.status;
        assert!(matches!(status, 403 | 415), "{headers:?}: {status}");
    }
    assert_eq!(
        ada.start_upload(&ada.everyone().await, &file, "a.bin", 3).await.ok(),
        json!({ "received": 0 })
    );
}
