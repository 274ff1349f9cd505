//! Files: sent piece by piece, shown to who may read the message and to nobody else, refused where
//! they are not what they say, and forgotten when nobody can have them any more.

use std::fs;

use image::ImageFormat;
use serde_json::{Value, json};

use super::{incompressible_png, path, picture, stored_file_count, with_dimensions};
use crate::harness::{
    server::{TestServer, users},
    user::{TestResponse, TestUser, new_id, nothing, stream},
};

const DAY: i64 = 24 * 3600 * 1000;

#[tokio::test]
async fn attachments_arrive_live_after_reload_and_once() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let (mut hears, mut outside) = (grace.connect().await, kofi.connect().await);
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
        "again is once"
    );
    assert_eq!(
        ada.post_with_files(&direct, &id, "", &[&photo]).await.error(),
        (409, "conflict".into(), "client_id".into())
    );
    assert_eq!(ada.post_with_id(&id, &direct, "text").await.status, 409);
    let received = hears.recv_change("posted").await;
    assert_eq!(
        (&received["change"]["files"], &received["change"]["body"]),
        (&json!([text, photo]), &json!(""))
    );
    let page = grace.history(&direct, json!({})).await.ok();
    assert_eq!(
        page["entries"].as_array().unwrap().last().unwrap()["change"],
        received["change"],
        "as after a reload"
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
    ada.post(&everyone_id(&ada).await, "marker").await;
    let before_the_marker = outside.recv_until_message("marker").await;
    assert!(before_the_marker.iter().all(|frame| frame["stream"] != stream(&direct)));
    // Deleted and brought back: its files as well.
    let seq = &receipt["seq"];
    ada.call_ok("delete_message", json!({ "conversation": direct, "seq": seq })).await;
    assert_eq!(grace.fetch(&path(&text), &[]).await.0, 404);
    assert_eq!(grace.call_ok("files", json!({ "conversation": direct })).await, json!([]));
    assert_eq!(grace.find_summary(&direct).await.unwrap()["last"]["excerpt"], "");
    let gone = hears.recv_change("deleted").await;
    assert!(!gone.to_string().contains("notes"), "{gone}");
    ada.call_ok("restore_message", json!({ "conversation": direct, "seq": seq })).await;
    assert_eq!(hears.recv_change("restored").await["change"]["files"], json!([text, photo]));
    assert_eq!(grace.fetch(&path(&text), &[]).await.2, b"fn main() {}\n");
}

pub(super) async fn everyone_id(person: &TestUser) -> String {
    person.everyone().await
}

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
    // The body is cut off in the middle: what has come stays.
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
        "whoever did not hear it asks again"
    );
    assert_eq!(ada.start_upload(&direct, &file, "data.bin", bytes.len()).await.ok(), done);
    assert_eq!(ada.fetch(&path(&done["file"]), &[]).await.2, bytes);
    ada.post_with_files(&direct, &new_id(), "", &[&done["file"]]).await.ok();
    assert_eq!(
        ada.start_upload(&direct, &file, "data.bin", bytes.len()).await.ok(),
        done,
        "also once it is sent"
    );
    assert_eq!(ada.start_upload(&direct, &file, "data.bin", 1).await.status, 409);
    assert_eq!(grace.start_upload(&direct, &file, "data.bin", bytes.len()).await.status, 404);
}

#[tokio::test]
async fn files_are_readable_by_readers_of_the_message_only() {
    let server = TestServer::new();
    let [ada, grace, kofi, mei] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    let photo = ada.upload(&group, "photo.png", &picture(900, 900, ImageFormat::Png)).await;
    let of_nothing = format!("/files/{}", nothing());
    let none = grace.fetch(&of_nothing, &[]).await;
    assert_eq!((none.0, grace.fetch("/files/x", &[]).await.2), (404, none.2.clone()));
    let is_hidden_from = async |person: &TestUser| {
        let tag = format!("\"{}\"", photo["id"].as_str().unwrap());
        for (way, headers) in [
            ("", vec![]),
            ("/small", vec![]),
            ("/large", vec![]),
            ("", vec![("range", "bytes=0-9")]),
            ("", vec![("if-none-match", &tag[..])]),
        ] {
            let (status, _, body) = person.fetch(&format!("{}{way}", path(&photo)), &headers).await;
            assert_eq!((status, &body), (404, &none.2), "{} {way} {headers:?}", person.name);
        }
        let head = person.client.request("HEAD", &path(&photo)).send().await.unwrap();
        assert_eq!(head.status(), 404);
    };
    assert_eq!(
        ada.fetch(&format!("{}/small", path(&photo)), &[]).await.0,
        200,
        "who is about to send it sees it"
    );
    for other in [&grace, &mei] {
        is_hidden_from(other).await;
    }
    // Nobody sends what another has uploaded, and nobody takes it away.
    assert_eq!(
        grace.post_with_files(&group, &new_id(), "mine", &[&photo]).await.error(),
        (404, "not_found".into(), "files".into())
    );
    assert_eq!(
        grace.start_upload(&group, photo["id"].as_str().unwrap(), "photo.png", 1).await.status,
        404
    );
    assert_eq!(grace.send_chunk(photo["id"].as_str().unwrap(), 0, b"x").await.status, 404);
    assert_eq!(grace.call("cancel_upload", json!({ "file": photo["id"] })).await.status, 404);
    let other = ada.create_group("Chemistry", &[]).await;
    assert_eq!(
        ada.post_with_files(&other, &new_id(), "", &[&photo]).await.status,
        404,
        "it was uploaded for another conversation"
    );
    ada.post_with_files(&group, &new_id(), "", &[&photo]).await.ok();
    assert_eq!(
        ada.post_with_files(&group, &new_id(), "", &[&photo]).await.status,
        404,
        "it is sent once"
    );
    for way in ["", "/small", "/large"] {
        assert_eq!(kofi.fetch(&format!("{}{way}", path(&photo)), &[]).await.0, 200);
    }
    is_hidden_from(&mei).await;
    assert_eq!(server.client().get(&path(&photo)).await.status, 401);
    ada.remove_member(&group, &kofi).await.ok();
    is_hidden_from(&kofi).await;
    assert_eq!(kofi.call("files", json!({ "conversation": group })).await.status, 404);
}

#[tokio::test]
async fn a_complete_upload_finishes_without_more_bytes() {
    let server = TestServer::new();
    let [ada] = users(&server).await;
    let (all, file, bytes) = (ada.everyone().await, new_id(), b"all of it");
    ada.start_upload(&all, &file, "a.txt", bytes.len()).await.ok();
    ada.send_chunk(&file, 0, &bytes[..4]).await.ok();
    // As a kill leaves it between the last byte and the look at the file.
    fs::write(server.data_file().with_file_name("files").join("uploads").join(&file), bytes)
        .unwrap();
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
    let asks = async |person: &TestUser, id: &str| {
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
    // Of a message that was deleted, and shown again when it comes back.
    let sent = ada.upload(&group, "notes.txt", bytes).await;
    let id = sent["id"].as_str().unwrap();
    let seq = ada.post_with_files(&group, &new_id(), "", &[&sent]).await.ok()["seq"].clone();
    ada.call_ok("delete_message", json!({ "conversation": group, "seq": seq })).await;
    assert_hidden(asks(&ada, id).await, "deleted");
    ada.call_ok("restore_message", json!({ "conversation": group, "seq": seq })).await;
    assert_eq!(ada.send_chunk(id, 0, b"x").await.ok()["file"], sent);
    // Of somebody who was removed: what was sent, what was not, and what is on its way.
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
        assert_hidden(asks(&grace, id).await, "removed");
    }
    ada.add_members(&group, &[&grace]).await.ok();
    assert_eq!(
        grace.send_chunk(&unfinished, 5, &bytes[5..]).await.ok()["file"]["beginning"],
        "the beginning of a secret"
    );
}

#[tokio::test]
async fn downloads_are_never_executed() {
    let server = TestServer::new();
    let [ada] = users(&server).await;
    let all = everyone_id(&ada).await;
    let page = b"<!DOCTYPE html><script>alert(1)</script>";
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    let video = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom rest of it";
    let name = "\"\r\nSet-Cookie: a=b; \u{202e}../../x é.html";
    for (name, bytes, kind, media) in [
        (name, &page[..], "text", "application/octet-stream"),
        ("x.svg", svg, "text", "application/octet-stream"),
        ("x.mp4", video, "video", "video/mp4"),
        ("x.pdf", b"%PDF-1.7\n%\xe2\xe3", "other", "application/octet-stream"),
    ] {
        let file = ada.upload(&all, name, bytes).await;
        assert_eq!(file["kind"], kind);
        let (status, headers, body) = ada.fetch(&path(&file), &[]).await;
        assert_eq!((status, &body[..]), (200, bytes));
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        assert_eq!(
            (header("content-type"), header("x-content-type-options")),
            (media.into(), "nosniff".into())
        );
        assert!(header("content-disposition").starts_with("attachment; filename=\""));
        assert!(header("content-security-policy").starts_with("sandbox; default-src 'none'"));
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
        assert!(
            header("cache-control").starts_with("private") && headers.get("set-cookie").is_none()
        );
        assert_eq!(
            ada.fetch(&format!("{}/small", path(&file)), &[]).await.0,
            404,
            "only pictures are shown"
        );
    }
    // A picture is shown as it was drawn here.
    let mut polyglot = picture(20, 20, ImageFormat::Png);
    polyglot.extend(b"<script>alert(1)</script>");
    let shown = ada.upload(&all, "shown.png", &polyglot).await;
    let (_, headers, body) = ada.fetch(&format!("{}/large", path(&shown)), &[]).await;
    assert_eq!(
        (
            headers["content-type"].to_str().unwrap(),
            headers["content-disposition"].to_str().unwrap().starts_with("inline")
        ),
        ("image/png", true)
    );
    assert!(!String::from_utf8_lossy(&body).contains("script"));
    // A part of it, and not again what one has.
    let (status, headers, part) = ada.fetch(&path(&shown), &[("range", "bytes=1-3")]).await;
    assert_eq!(
        (status, &part[..], headers["content-range"].to_str().unwrap()),
        (206, &b"PNG"[..], &*format!("bytes 1-3/{}", body.len()))
    );
    let (status, none, text) = ada.fetch(&path(&shown), &[("range", "bytes=999999-")]).await;
    assert_eq!(
        (status, none["content-range"].to_str().unwrap()),
        (416, &*format!("bytes */{}", body.len()))
    );
    assert_eq!(serde_json::from_slice::<Value>(&text).unwrap()["code"], "range_not_satisfiable");
    let (status, headers, whole) = ada.fetch(&path(&shown), &[("range", "bytes=-99999999")]).await;
    assert_eq!((status, &whole), (206, &body), "more than there is from the end is all");
    assert_eq!(
        headers["content-range"].to_str().unwrap(),
        format!("bytes 0-{}/{}", body.len() - 1, body.len())
    );
    let head = ada
        .client
        .request("HEAD", &path(&shown))
        .header("range", "bytes=1-3")
        .send()
        .await
        .unwrap();
    assert_eq!(head.status(), 200, "ranges are for GET");
    let tag = headers["etag"].to_str().unwrap();
    assert_eq!(ada.fetch(&path(&shown), &[("if-none-match", tag)]).await.0, 304);
    let head = ada.client.request("HEAD", &path(&shown)).send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), head.headers()["content-length"].to_str().unwrap()),
        (200, &*body.len().to_string())
    );
}

#[tokio::test]
async fn misnamed_and_oversized_files_are_rejected_without_residue() {
    let server = TestServer::with_config(|config| (config.file_limit, config.quota) = (1, 2));
    let [ada, grace] = users(&server).await;
    let all = everyone_id(&ada).await;
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
    // More than was announced, and nothing that was not.
    let file = new_id();
    ada.start_upload(&all, &file, "a.bin", 10).await.ok();
    assert_eq!(ada.send_chunk(&file, 0, &[1; 11]).await.error().0, 413);
    assert_eq!(
        ada.start_upload(&all, &file, "a.bin", 11).await.error(),
        (409, "conflict".into(), "file".into())
    );
    assert_eq!(ada.send_chunk(&new_id(), 0, b"x").await.status, 404);
    ada.call_ok("cancel_upload", json!({ "file": file })).await;
    // A picture counts as what it is laid down as.
    let incompressible_png = incompressible_png(1_500);
    assert!(incompressible_png.len() < 900_000, "{}", incompressible_png.len());
    let refused = ada.try_upload(&all, "heavy.png", &incompressible_png).await;
    assert_eq!(refused.error(), (413, "too_large".into(), "file".into()), "{}", refused.text);
    assert_eq!(stored_file_count(&server), 0);
    // One's share of the disk is one's own.
    let half = vec![7; 900_000];
    for name in ["1.bin", "2.bin"] {
        ada.upload(&all, name, &half).await;
    }
    let full = ada.try_upload(&all, "3.bin", &half).await;
    assert_eq!(full.error(), (413, "too_large".into(), "size".into()), "{}", full.text);
    grace.upload(&all, "4.bin", &half).await;
    assert_eq!(stored_file_count(&server), 1, "what is the same lies there once");
    for files in [
        json!(["x"]),
        json!([file]),
        json!([nothing(), nothing()]),
        json!((0..21).map(|_| new_id()).collect::<Vec<_>>()),
    ] {
        let answer = ada.call("post_message", json!({ "conversation": all, "client_id": new_id(), "body": "kept", "files": files })).await;
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
    ada.start_upload(&everyone_id(&ada).await, &file, "a.bin", 3).await.ok();
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
        ada.start_upload(&everyone_id(&ada).await, &file, "a.bin", 3).await.ok(),
        json!({ "received": 0 })
    );
}

#[tokio::test]
async fn unreachable_files_leave_the_disk() {
    let server = TestServer::new();
    let [mut ada, mut grace] = users(&server).await;
    let all = everyone_id(&ada).await;
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
        "half an upload, one that was not sent, one that was, and two sizes of what was deleted"
    );
    // A day passes, then a month; it looks when it starts.
    server.execute(format!("update files set started = started - {DAY} - 1")).await;
    let server = server.restart();
    ada.switch_to(&server);
    grace.switch_to(&server);
    assert_eq!(stored_file_count(&server), 3);
    server
        .execute(format!(
            "update changes set deleted = deleted - 30 * {DAY} - 1 where deleted is not null"
        ))
        .await;
    let server = server.restart();
    grace.switch_to(&server);
    assert_eq!(stored_file_count(&server), 1);
    assert_eq!(grace.fetch(&path(&shared), &[]).await.2, b"\0same");
}
