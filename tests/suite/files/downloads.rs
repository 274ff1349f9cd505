//! Downloads: who may read a file, and headers that keep browsers from executing it.

use image::ImageFormat;
use serde_json::{Value, json};

use super::{path, picture};
use crate::harness::{
    server::{TestServer, users},
    user::{TestUser, new_id, nothing},
};

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
        "the uploader can read it before sending"
    );
    for other in [&grace, &mei] {
        is_hidden_from(other).await;
    }
    // Others can neither send nor cancel the upload.
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
        "uploaded for another conversation"
    );
    ada.post_with_files(&group, &new_id(), "", &[&photo]).await.ok();
    assert_eq!(
        ada.post_with_files(&group, &new_id(), "", &[&photo]).await.status,
        404,
        "a file is sent once"
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
async fn downloads_are_never_executed() {
    let server = TestServer::new();
    let [ada] = users(&server).await;
    let all = ada.everyone().await;
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
            "only images have previews"
        );
    }
    // An image is served re-encoded.
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
    // Range and conditional requests.
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
    assert_eq!((status, &whole), (206, &body), "a longer suffix is the whole file");
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
    assert_eq!(head.status(), 200, "ranges apply to GET only");
    let tag = headers["etag"].to_str().unwrap();
    assert_eq!(ada.fetch(&path(&shown), &[("if-none-match", tag)]).await.0, 304);
    let head = ada.client.request("HEAD", &path(&shown)).send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), head.headers()["content-length"].to_str().unwrap()),
        (200, &*body.len().to_string())
    );
}
