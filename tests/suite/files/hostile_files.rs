//! Hostile files: by name, by decompressed size, by number, and by endless bodies.

use axum::body::Bytes;
use futures_util::stream;
use image::ImageFormat;
use serde_json::{Value, json};

use crate::{
    files::{path, picture, with_dimensions},
    harness::{
        server::{TestServer, users},
        user::new_id,
    },
};

/// The paths and sizes of all stored files.
fn stored_file_count(server: &TestServer) -> Vec<(String, u64)> {
    fn below(folder: &std::path::Path, all: &mut Vec<(String, u64)>) {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
            let (path, about) = (entry.path(), entry.metadata().unwrap());
            if about.is_dir() {
                below(&path, all);
            } else if !path.ends_with("objects/chatbox") {
                all.push((path.to_str().unwrap().to_owned(), about.len()));
            }
        }
    }
    let mut all = Vec::new();
    below(&server.data_folder().join("files"), &mut all);
    all
}

#[tokio::test]
async fn hostile_file_names_are_harmless() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let long = "ä".repeat(300) + ".txt";
    for (sent, shown) in [
        ("../../etc/passwd", Some("passwd")),
        ("/etc/shadow", Some("shadow")),
        ("C:\\Windows\\win.ini", Some("win.ini")),
        ("a\0b.txt", Some("ab.txt")),
        ("a\r\nSet-Cookie: b=c.txt", None),
        ("say \"hi\".txt", Some("say _hi_.txt")),
        ("bill\u{202e}fdp.exe", Some("billfdp.exe")),
        (".htaccess", Some(".htaccess")),
        ("CON.txt", Some("_CON.txt")),
        ("CONIN$", Some("_CONIN$")),
        ("COM¹.txt", Some("_COM¹.txt")),
        ("...", Some("file")),
        ("Übung 1 – Lösung.pdf", Some("Übung 1 – Lösung.pdf")),
        (&long, None),
    ] {
        let file = ada.upload(&direct, sent, b"words").await;
        ada.post_with_files(&direct, &new_id(), "", &[&file]).await.ok();
        let name = file["name"].as_str().unwrap();
        assert!(shown.is_none_or(|shown| shown == name), "{sent:?} is called {name:?}");
        assert!(
            name.chars().count() <= 120
                && !name.contains(['/', '\\', '"', '\u{202e}'])
                && !name.chars().any(char::is_control),
            "{name:?}"
        );
        let (status, headers, bytes) = grace.fetch(&path(&file), &[]).await;
        assert_eq!((status, &bytes[..]), (200, &b"words"[..]));
        assert!(headers.get("set-cookie").is_none());
        let disposition =
            headers["content-disposition"].to_str().expect("plain letters").to_owned();
        assert!(
            disposition.starts_with("attachment; filename=\"")
                && disposition.matches('"').count() == 2,
            "{disposition}"
        );
        if !name.is_ascii() {
            assert!(disposition.contains("filename*=UTF-8''"), "{disposition}");
        }
    }
    for (lies, _) in stored_file_count(&server) {
        let name = lies.rsplit('/').next().unwrap();
        assert!(
            name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "the path reveals the name: {lies}"
        );
    }
}

#[tokio::test]
async fn archives_are_stored_and_never_unpacked() {
    let server = TestServer::new();
    let [ada] = users(&server).await;
    let all = ada.everyone().await;
    // An archive whose header claims a gigabyte. Archives are not unpacked.
    let mut zip = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\x12\x34\x56\x78".to_vec();
    zip.extend([[0xff, 0xff, 0, 0], [0, 0, 0, 0x40]].concat());
    zip.extend(b"\x05\0\0\0nulls");
    zip.extend([0; 65_535]);
    let gzip =
        [&b"\x1f\x8b\x08\0\0\0\0\0\0\x03"[..], &[0xed, 0xc1, 0x01, 0x0d].repeat(5_000)].concat();
    for (name, bytes) in [("nulls.zip", &zip), ("nulls.gz", &gzip)] {
        let file = ada.upload(&all, name, bytes).await;
        assert_eq!(
            (&file["kind"], &file["size"]),
            (&json!("other"), &json!(bytes.len())),
            "{name}"
        );
        assert_eq!(ada.fetch(&path(&file), &[]).await.2, *bytes, "{name}");
    }
    let mut sizes: Vec<u64> = stored_file_count(&server).iter().map(|(_, size)| *size).collect();
    sizes.sort_unstable();
    let mut sent = [zip.len() as u64, gzip.len() as u64];
    sent.sort_unstable();
    assert_eq!(sizes, sent);
}

#[tokio::test]
async fn an_endless_upload_is_cut_off_without_residue() {
    let server = TestServer::new();
    let [ada] = users(&server).await;
    let all = ada.everyone().await;
    let file = new_id();
    ada.start_upload(&all, &file, "endless.bin", 100_000).await.ok();
    // A body without a length, up to the server's limit.
    let endless = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[7; 16_384])));
    let put = ada
        .client
        .request("PUT", &format!("/files/{file}?at=0"))
        .header("content-type", "application/octet-stream");
    // The response is sent before the body has arrived completely; the client may not read it.
    if let Ok(answer) = put.body(reqwest::Body::wrap_stream(endless)).send().await {
        assert_eq!(answer.status(), 413);
    }
    assert!(
        stored_file_count(&server).iter().all(|(_, size)| *size <= 100_000),
        "{:?}",
        stored_file_count(&server)
    );
    ada.call_ok("cancel_upload", json!({ "file": file })).await;
    assert_eq!(stored_file_count(&server), []);
    // Multipart bodies are not parsed.
    let parts = "--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n\r\n".repeat(100_000);
    ada.start_upload(&all, &file, "parts.bin", parts.len()).await.ok();
    let put = ada
        .client
        .request("PUT", &format!("/files/{file}?at=0"))
        .header("content-type", "multipart/form-data; boundary=x");
    // Forms of other sites can send this: it is rejected before it is parsed.
    if let Ok(answer) = put.body(parts.clone()).send().await {
        assert_eq!(answer.status(), 403);
    }
    assert_eq!(
        ada.start_upload(&all, &file, "parts.bin", parts.len()).await.ok(),
        json!({ "received": 0 })
    );
    assert_eq!(stored_file_count(&server), []);
}

#[tokio::test]
async fn many_tiny_uploads_are_limited_per_person() {
    let server = TestServer::with_config(|config| {
        config.limits = false;
        config.quota = 1;
    });
    let [ada, grace] = users(&server).await;
    let all = ada.everyone().await;
    let mut taken = 0;
    let refused = loop {
        let answer = ada.start_upload(&all, &new_id(), "tiny", 1).await;
        if answer.status != 200 {
            break answer;
        }
        taken += 1;
        assert!(taken < 10_000);
    };
    assert_eq!(
        (taken, refused.error().0, refused.error().1),
        (200, 429, "too_many".into()),
        "{}",
        refused.text
    );
    // Each file counts as one disk block: 250 of them are a megabyte.
    let mut sent = 0;
    let refused = loop {
        let file = grace.try_upload(&all, "tiny", &u32::to_be_bytes(sent)).await;
        if file.status != 200 {
            break file;
        }
        sent += 1;
        assert!(sent < 10_000);
        grace.post_with_files(&all, &new_id(), "", &[&file.json()["file"]]).await.ok();
    };
    assert!((200..=260).contains(&sent), "{sent}: {}", refused.text);
    assert_eq!(refused.error().1, "too_large", "{}", refused.text);
    assert_eq!(stored_file_count(&server).len(), sent as usize);
    assert_eq!(grace.post_with_files(&all, &new_id(), "in words", &[]).await.status, 200);
}

#[tokio::test]
async fn an_undisplayable_image_can_be_sent_as_a_file() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let whole = picture(90, 60, ImageFormat::Png);
    let bomb = with_dimensions(whole.clone(), 30_000, 30_000);
    let page = b"<!DOCTYPE html><script>alert(1)</script>".to_vec();
    for (name, bytes) in [
        ("bomb.png", &bomb),
        ("cut.png", &whole[..whole.len() / 2].to_vec()),
        ("page.png", &page),
        ("whole.png", &whole),
    ] {
        let refused = ada.try_upload(&direct, name, bytes).await;
        assert!(
            matches!(refused.status, 413 | 422) || name == "whole.png",
            "{name}: {}",
            refused.text
        );
        let id = new_id();
        ada.start_upload(&direct, &id, name, bytes.len()).await.ok();
        let put = ada
            .client
            .request("PUT", &format!("/files/{id}?at=0&as=file"))
            .header("content-type", "application/octet-stream");
        let file = ada.client.send(put.body(bytes.clone())).await.ok()["file"].clone();
        assert!(
            file["kind"] != "picture" && file["name"] == name && file["width"].is_null(),
            "{file}"
        );
        ada.post_with_files(&direct, &new_id(), "", &[&file]).await.ok();
        let (status, headers, came) = grace.fetch(&path(&file), &[]).await;
        assert_eq!((status, &came), (200, bytes), "as it came");
        assert!(
            headers["content-disposition"].to_str().unwrap().starts_with("attachment"),
            "{headers:?}"
        );
        assert_eq!(headers["content-type"], "application/octet-stream");
        for form in ["large", "small"] {
            assert_eq!(
                grace.fetch(&format!("{}/{form}", path(&file)), &[]).await.0,
                404,
                "{name} {form}"
            );
        }
    }
    let id = new_id();
    ada.start_upload(&direct, &id, "x.png", 1).await.ok();
    for wrong in ["picture", "", "File"] {
        let put = ada
            .client
            .request("PUT", &format!("/files/{id}?at=0&as={wrong}"))
            .header("content-type", "application/octet-stream");
        assert_eq!(
            ada.client.send(put.body("x")).await.error(),
            (400, "malformed".into(), "as".into()),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn an_incomplete_image_is_rejected_and_can_be_sent_again() {
    let server = TestServer::new();
    let [ada] = users(&server).await;
    let all = ada.everyone().await;
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let whole = picture(90, 60, format);
        for cut in [9, 30, whole.len() / 2] {
            let answer = ada.try_upload(&all, "cut.png", &whole[..cut]).await;
            assert!(matches!(answer.status, 413 | 422), "{format:?} {cut}: {}", answer.text);
        }
        assert_eq!(ada.upload(&all, "whole.png", &whole).await["width"], Value::from(90));
    }
}
