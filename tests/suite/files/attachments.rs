//! Files: sent piece by piece, shown to who may read the message and to nobody else, refused where they are not what they say, and
//! forgotten when nobody can have them any more.

use std::{fs, io::Cursor};

use image::{
    DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use serde_json::{Value, json};

use crate::harness::{
    server::{TestServer, users},
    user::{TestResponse, TestUser, new_id, nothing, stream},
};

const DAY: i64 = 24 * 3600 * 1000;

/// A picture that is as large as this.
pub(crate) fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 90]))).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// The same picture (PNG), which says that it is as large as this.
pub(crate) fn said_to_be(mut png: Vec<u8>, width: u32, height: u32) -> Vec<u8> {
    let head = png.windows(4).position(|four| four == b"IHDR").unwrap();
    png[head + 4..head + 8].copy_from_slice(&width.to_be_bytes());
    png[head + 8..head + 12].copy_from_slice(&height.to_be_bytes());
    // Its sum must be right, or it would be refused for that.
    let bits = |sum: u32| (0..8).fold(sum, |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 });
    let sum = !png[head..head + 17].iter().fold(!0_u32, |sum, byte| bits(sum ^ u32::from(*byte)));
    png[head + 17..head + 21].copy_from_slice(&sum.to_be_bytes());
    png
}

/// A picture (PNG) that weighs little as it is sent, and much as it is laid down: lines of noise, each of one piece over and over.
fn heavy(side: u32) -> Vec<u8> {
    let noise = |x: u32, y: u32, part: u32| {
        (x % 64).wrapping_mul(2_654_435_761).wrapping_add(y.wrapping_mul(40_503)).wrapping_mul(part + 7) as u8 ^ (y.wrapping_mul(x % 64) >> 3) as u8
    };
    let picture = RgbImage::from_fn(side, side, |x, y| Rgb([noise(x, y, 1), noise(x, y, 2), noise(x, y, 3)]));
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::NoFilter);
    encoder.write_image(&picture, side, side, ExtendedColorType::Rgb8).unwrap();
    bytes
}

impl TestUser {
    pub(crate) async fn starts(&self, conversation: &str, file: &str, name: &str, size: usize) -> TestResponse {
        self.call("start_upload", json!({ "conversation": conversation, "file": file, "name": name, "size": size })).await
    }

    pub(crate) async fn sends_piece(&self, file: &str, at: usize, bytes: &[u8]) -> TestResponse {
        let request = self.client.request("PUT", &format!("/files/{file}?at={at}")).header("content-type", "application/octet-stream");
        self.client.send(request.body(bytes.to_vec())).await
    }

    /// Uploads a whole file; the last answer.
    pub(crate) async fn tries_to_upload(&self, conversation: &str, name: &str, bytes: &[u8]) -> TestResponse {
        let file = uuid::Uuid::new_v4().to_string();
        let begun = self.starts(conversation, &file, name, bytes.len()).await;
        if begun.status == 200 { self.sends_piece(&file, 0, bytes).await } else { begun }
    }

    /// Uploads a whole file; what is shown of it.
    pub(crate) async fn uploads(&self, conversation: &str, name: &str, bytes: &[u8]) -> Value {
        self.tries_to_upload(conversation, name, bytes).await.ok()["file"].clone()
    }

    pub(crate) async fn posts_with(&self, conversation: &str, client_id: &str, body: &str, files: &[&Value]) -> TestResponse {
        let files: Vec<_> = files.iter().map(|file| file["id"].clone()).collect();
        self.call("post_message", json!({ "conversation": conversation, "client_id": client_id, "body": body, "files": files })).await
    }

    /// The status, the headers that matter, and the bytes.
    pub(crate) async fn fetches(&self, path: &str, headers: &[(&str, &str)]) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
        let request = headers.iter().fold(self.client.request("GET", path), |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.bytes().await.unwrap().to_vec())
    }
}

pub(crate) fn path(file: &Value) -> String {
    format!("/files/{}", file["id"].as_str().unwrap())
}

/// How many files lie in the folder of files.
fn lying(server: &TestServer) -> usize {
    fn below(folder: &std::path::Path) -> usize {
        let count = |path: std::path::PathBuf| if path.is_dir() { below(&path) } else { usize::from(!path.ends_with("objects/chatbox")) };
        fs::read_dir(folder).unwrap().map(|entry| count(entry.unwrap().path())).sum()
    }
    below(&server.data_file().with_file_name("files"))
}

#[tokio::test]
async fn attachments_arrive_live_after_reload_and_once() {
    let server = TestServer::new();
    let [ada, grace, kofi] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let (mut hears, mut outside) = (grace.connect().await, kofi.connect().await);
    let text = ada.uploads(&direct, "notes.rs", b"fn main() {}\n").await;
    let photo = ada.uploads(&direct, "photo.jpeg", &picture(1_000, 500, ImageFormat::Jpeg)).await;
    assert_eq!((&text["kind"], &text["beginning"], &text["size"]), (&json!("text"), &json!("fn main() {}"), &json!(13)));
    assert_eq!((&photo["kind"], &photo["width"], &photo["height"]), (&json!("picture"), &json!(1_000), &json!(500)));
    let id = new_id();
    let receipt = ada.posts_with(&direct, &id, "", &[&text, &photo]).await.ok();
    assert_eq!(ada.posts_with(&direct, &id, "", &[&photo, &text]).await.ok(), receipt, "again is once");
    assert_eq!(ada.posts_with(&direct, &id, "", &[&photo]).await.error(), (409, "conflict".into(), "client_id".into()));
    assert_eq!(ada.post_with_id(&id, &direct, "text").await.status, 409);
    let heard = hears.recv_change("posted").await;
    assert_eq!((&heard["change"]["files"], &heard["change"]["body"]), (&json!([text, photo]), &json!("")));
    let page = grace.history(&direct, json!({})).await.ok();
    assert_eq!(page["entries"].as_array().unwrap().last().unwrap()["change"], heard["change"], "as after a reload");
    assert_eq!(grace.find_summary(&direct).await.unwrap()["last"]["excerpt"], "notes.rs, photo.jpeg");
    let listed = grace.call_ok("files", json!({ "conversation": direct })).await;
    assert_eq!(listed.as_array().unwrap().iter().map(|shared| &shared["file"]).collect::<Vec<_>>(), [&text, &photo]);
    ada.post(&town_hall(&ada).await, "marker").await;
    let before_the_marker = outside.recv_until_message("marker").await;
    assert!(before_the_marker.iter().all(|frame| frame["stream"] != stream(&direct)));
    // Deleted and brought back: its files as well.
    let seq = &receipt["seq"];
    ada.call_ok("delete_message", json!({ "conversation": direct, "seq": seq })).await;
    assert_eq!(grace.fetches(&path(&text), &[]).await.0, 404);
    assert_eq!(grace.call_ok("files", json!({ "conversation": direct })).await, json!([]));
    assert_eq!(grace.find_summary(&direct).await.unwrap()["last"]["excerpt"], "");
    let gone = hears.recv_change("deleted").await;
    assert!(!gone.to_string().contains("notes"), "{gone}");
    ada.call_ok("restore_message", json!({ "conversation": direct, "seq": seq })).await;
    assert_eq!(hears.recv_change("restored").await["change"]["files"], json!([text, photo]));
    assert_eq!(grace.fetches(&path(&text), &[]).await.2, b"fn main() {}\n");
}

async fn town_hall(person: &TestUser) -> String {
    person.everyone().await
}

#[tokio::test]
async fn an_upload_resumes_after_a_cut_and_a_restart() {
    let server = TestServer::new();
    let [mut ada, mut grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let bytes: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let file = new_id();
    assert_eq!(ada.starts(&direct, &file, "data.bin", bytes.len()).await.ok(), json!({ "received": 0 }));
    assert_eq!(ada.sends_piece(&file, 0, &bytes[..400_000]).await.ok(), json!({ "received": 400_000 }));
    // The body is cut off in the middle: what has come stays.
    let (begun, broken) = (Ok::<_, std::io::Error>(bytes[400_000..500_000].to_vec()), Err(std::io::Error::other("cut")));
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter([begun, broken]));
    let request = ada.client.request("PUT", &format!("/files/{file}?at=400000")).header("content-type", "application/octet-stream");
    assert!(request.body(body).send().await.is_err());
    let server = server.restart();
    ada.switch_to(&server);
    grace.switch_to(&server);
    let received = ada.starts(&direct, &file, "data.bin", bytes.len()).await.ok()["received"].as_u64().unwrap() as usize;
    assert!((400_000..=500_000).contains(&received), "{received}");
    for at in [0, received - 1, received + 1] {
        assert_eq!(ada.sends_piece(&file, at, b"x").await.error(), (409, "conflict".into(), "at".into()), "from {at}");
    }
    let done = ada.sends_piece(&file, received, &bytes[received..]).await.ok();
    assert_eq!((&done["received"], &done["file"]["kind"]), (&json!(bytes.len()), &json!("other")));
    assert_eq!(ada.sends_piece(&file, received, b"more").await.ok(), done, "whoever did not hear it asks again");
    assert_eq!(ada.starts(&direct, &file, "data.bin", bytes.len()).await.ok(), done);
    assert_eq!(ada.fetches(&path(&done["file"]), &[]).await.2, bytes);
    ada.posts_with(&direct, &new_id(), "", &[&done["file"]]).await.ok();
    assert_eq!(ada.starts(&direct, &file, "data.bin", bytes.len()).await.ok(), done, "also once it is sent");
    assert_eq!(ada.starts(&direct, &file, "data.bin", 1).await.status, 409);
    assert_eq!(grace.starts(&direct, &file, "data.bin", bytes.len()).await.status, 404);
}

#[tokio::test]
async fn files_are_readable_by_readers_of_the_message_only() {
    let server = TestServer::new();
    let [ada, grace, kofi, mei] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    let photo = ada.uploads(&group, "photo.png", &picture(900, 900, ImageFormat::Png)).await;
    let of_nothing = format!("/files/{}", nothing());
    let none = grace.fetches(&of_nothing, &[]).await;
    assert_eq!((none.0, grace.fetches("/files/x", &[]).await.2), (404, none.2.clone()));
    let is_hidden_from = async |person: &TestUser| {
        let tag = format!("\"{}\"", photo["id"].as_str().unwrap());
        for (way, headers) in
            [("", vec![]), ("/small", vec![]), ("/large", vec![]), ("", vec![("range", "bytes=0-9")]), ("", vec![("if-none-match", &tag[..])])]
        {
            let (status, _, body) = person.fetches(&format!("{}{way}", path(&photo)), &headers).await;
            assert_eq!((status, &body), (404, &none.2), "{} {way} {headers:?}", person.name);
        }
        let head = person.client.request("HEAD", &path(&photo)).send().await.unwrap();
        assert_eq!(head.status(), 404);
    };
    assert_eq!(ada.fetches(&format!("{}/small", path(&photo)), &[]).await.0, 200, "who is about to send it sees it");
    for other in [&grace, &mei] {
        is_hidden_from(other).await;
    }
    // Nobody sends what another has uploaded, and nobody takes it away.
    assert_eq!(grace.posts_with(&group, &new_id(), "mine", &[&photo]).await.error(), (404, "not_found".into(), "files".into()));
    assert_eq!(grace.starts(&group, photo["id"].as_str().unwrap(), "photo.png", 1).await.status, 404);
    assert_eq!(grace.sends_piece(photo["id"].as_str().unwrap(), 0, b"x").await.status, 404);
    assert_eq!(grace.call("cancel_upload", json!({ "file": photo["id"] })).await.status, 404);
    let other = ada.create_group("Chemistry", &[]).await;
    assert_eq!(ada.posts_with(&other, &new_id(), "", &[&photo]).await.status, 404, "it was uploaded for another conversation");
    ada.posts_with(&group, &new_id(), "", &[&photo]).await.ok();
    assert_eq!(ada.posts_with(&group, &new_id(), "", &[&photo]).await.status, 404, "it is sent once");
    for way in ["", "/small", "/large"] {
        assert_eq!(kofi.fetches(&format!("{}{way}", path(&photo)), &[]).await.0, 200);
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
    ada.starts(&all, &file, "a.txt", bytes.len()).await.ok();
    ada.sends_piece(&file, 0, &bytes[..4]).await.ok();
    // As a kill leaves it between the last byte and the look at the file.
    fs::write(server.data_file().with_file_name("files").join("uploads").join(&file), bytes).unwrap();
    assert_eq!(ada.starts(&all, &file, "a.txt", bytes.len()).await.ok(), json!({ "received": bytes.len() }));
    let done = ada.sends_piece(&file, bytes.len(), b"").await.ok();
    assert_eq!((&done["received"], &done["file"]["beginning"]), (&json!(bytes.len()), &json!("all of it")));
    assert_eq!(ada.starts(&all, &file, "a.txt", bytes.len()).await.ok(), done);
}

#[tokio::test]
async fn an_upload_reveals_nothing_after_access_is_lost() {
    let server = TestServer::new();
    let [ada, grace] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace]).await;
    let bytes = b"the beginning of a secret";
    let asks = async |person: &TestUser, id: &str| {
        let mut answers = Vec::new();
        for at in [0, 5, bytes.len()] {
            answers.push(person.sends_piece(id, at, &bytes[at..]).await);
        }
        for (name, size) in [("notes.txt", bytes.len()), ("notes.txt", 7), ("other.txt", bytes.len())] {
            answers.push(person.starts(&group, id, name, size).await);
        }
        answers
    };
    let none = ada.sends_piece(&nothing(), 0, b"x").await;
    let assert_hidden = |answers: Vec<TestResponse>, what: &str| {
        for answer in answers {
            assert_eq!((answer.status, &answer.text), (404, &none.text), "{what}");
        }
    };
    // Of a message that was deleted, and shown again when it comes back.
    let sent = ada.uploads(&group, "notes.txt", bytes).await;
    let id = sent["id"].as_str().unwrap();
    let seq = ada.posts_with(&group, &new_id(), "", &[&sent]).await.ok()["seq"].clone();
    ada.call_ok("delete_message", json!({ "conversation": group, "seq": seq })).await;
    assert_hidden(asks(&ada, id).await, "deleted");
    ada.call_ok("restore_message", json!({ "conversation": group, "seq": seq })).await;
    assert_eq!(ada.sends_piece(id, 0, b"x").await.ok()["file"], sent);
    // Of somebody who was removed: what was sent, what was not, and what is on its way.
    let (sent, waits, begun) = (grace.uploads(&group, "notes.txt", bytes).await, grace.uploads(&group, "notes.txt", bytes).await, new_id());
    grace.posts_with(&group, &new_id(), "", &[&sent]).await.ok();
    grace.starts(&group, &begun, "notes.txt", bytes.len()).await.ok();
    grace.sends_piece(&begun, 0, &bytes[..5]).await.ok();
    ada.remove_member(&group, &grace).await.ok();
    for id in [sent["id"].as_str().unwrap(), waits["id"].as_str().unwrap(), &begun] {
        assert_hidden(asks(&grace, id).await, "removed");
    }
    ada.add_members(&group, &[&grace]).await.ok();
    assert_eq!(grace.sends_piece(&begun, 5, &bytes[5..]).await.ok()["file"]["beginning"], "the beginning of a secret");
}

#[tokio::test]
async fn downloads_are_never_executed() {
    let server = TestServer::new();
    let [ada] = users(&server).await;
    let all = town_hall(&ada).await;
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
        let file = ada.uploads(&all, name, bytes).await;
        assert_eq!(file["kind"], kind);
        let (status, headers, body) = ada.fetches(&path(&file), &[]).await;
        assert_eq!((status, &body[..]), (200, bytes));
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        assert_eq!((header("content-type"), header("x-content-type-options")), (media.into(), "nosniff".into()));
        assert!(header("content-disposition").starts_with("attachment; filename=\""));
        assert!(header("content-security-policy").starts_with("sandbox; default-src 'none'"));
        assert_eq!(header("cross-origin-resource-policy"), "same-origin");
        assert!(header("cache-control").starts_with("private") && headers.get("set-cookie").is_none());
        assert_eq!(ada.fetches(&format!("{}/small", path(&file)), &[]).await.0, 404, "only pictures are shown");
    }
    // A picture is shown as it was drawn here.
    let mut polyglot = picture(20, 20, ImageFormat::Png);
    polyglot.extend(b"<script>alert(1)</script>");
    let shown = ada.uploads(&all, "shown.png", &polyglot).await;
    let (_, headers, body) = ada.fetches(&format!("{}/large", path(&shown)), &[]).await;
    assert_eq!(
        (headers["content-type"].to_str().unwrap(), headers["content-disposition"].to_str().unwrap().starts_with("inline")),
        ("image/png", true)
    );
    assert!(!String::from_utf8_lossy(&body).contains("script"));
    // A part of it, and not again what one has.
    let (status, headers, part) = ada.fetches(&path(&shown), &[("range", "bytes=1-3")]).await;
    assert_eq!((status, &part[..], headers["content-range"].to_str().unwrap()), (206, &b"PNG"[..], &*format!("bytes 1-3/{}", body.len())));
    let (status, none, text) = ada.fetches(&path(&shown), &[("range", "bytes=999999-")]).await;
    assert_eq!((status, none["content-range"].to_str().unwrap()), (416, &*format!("bytes */{}", body.len())));
    assert_eq!(serde_json::from_slice::<Value>(&text).unwrap()["code"], "range_not_satisfiable");
    let (status, headers, whole) = ada.fetches(&path(&shown), &[("range", "bytes=-99999999")]).await;
    assert_eq!((status, &whole), (206, &body), "more than there is from the end is all");
    assert_eq!(headers["content-range"].to_str().unwrap(), format!("bytes 0-{}/{}", body.len() - 1, body.len()));
    let head = ada.client.request("HEAD", &path(&shown)).header("range", "bytes=1-3").send().await.unwrap();
    assert_eq!(head.status(), 200, "ranges are for GET");
    let tag = headers["etag"].to_str().unwrap();
    assert_eq!(ada.fetches(&path(&shown), &[("if-none-match", tag)]).await.0, 304);
    let head = ada.client.request("HEAD", &path(&shown)).send().await.unwrap();
    assert_eq!((head.status().as_u16(), head.headers()["content-length"].to_str().unwrap()), (200, &*body.len().to_string()));
}

#[tokio::test]
async fn misnamed_and_oversized_files_are_rejected_without_residue() {
    let server = TestServer::with_config(|config| (config.file_limit, config.quota) = (1, 2));
    let [ada, grace] = users(&server).await;
    let all = town_hall(&ada).await;
    let bomb = said_to_be(picture(1, 1, ImageFormat::Png), 30_000, 30_000);
    let whole = picture(300, 300, ImageFormat::Jpeg);
    for (name, bytes, refused) in [
        ("empty.txt", &b""[..], (422, "invalid", "size")),
        ("large.bin", &vec![7; 1_000_001][..], (413, "too_large", "size")),
        ("page.png", b"<!DOCTYPE html>", (422, "invalid", "file")),
        ("cut.jpg", &whole[..whole.len() / 3], (422, "invalid", "file")),
        ("bomb.png", &bomb, (413, "too_large", "file")),
    ] {
        let answer = ada.tries_to_upload(&all, name, bytes).await;
        assert_eq!(answer.error(), (refused.0, refused.1.into(), refused.2.into()), "{name}: {}", answer.text);
        assert!(answer.json()["message"].as_str().unwrap().ends_with('.'), "{}", answer.text);
    }
    assert_eq!(lying(&server), 0);
    // More than was announced, and nothing that was not.
    let file = new_id();
    ada.starts(&all, &file, "a.bin", 10).await.ok();
    assert_eq!(ada.sends_piece(&file, 0, &[1; 11]).await.error().0, 413);
    assert_eq!(ada.starts(&all, &file, "a.bin", 11).await.error(), (409, "conflict".into(), "file".into()));
    assert_eq!(ada.sends_piece(&new_id(), 0, b"x").await.status, 404);
    ada.call_ok("cancel_upload", json!({ "file": file })).await;
    // A picture counts as what it is laid down as.
    let heavy = heavy(1_500);
    assert!(heavy.len() < 900_000, "{}", heavy.len());
    let refused = ada.tries_to_upload(&all, "heavy.png", &heavy).await;
    assert_eq!(refused.error(), (413, "too_large".into(), "file".into()), "{}", refused.text);
    assert_eq!(lying(&server), 0);
    // One's share of the disk is one's own.
    let half = vec![7; 900_000];
    for name in ["1.bin", "2.bin"] {
        ada.uploads(&all, name, &half).await;
    }
    let full = ada.tries_to_upload(&all, "3.bin", &half).await;
    assert_eq!(full.error(), (413, "too_large".into(), "size".into()), "{}", full.text);
    grace.uploads(&all, "4.bin", &half).await;
    assert_eq!(lying(&server), 1, "what is the same lies there once");
    for files in [json!(["x"]), json!([file]), json!([nothing(), nothing()]), json!((0..21).map(|_| new_id()).collect::<Vec<_>>())] {
        let answer = ada.call("post_message", json!({ "conversation": all, "client_id": new_id(), "body": "kept", "files": files })).await;
        assert!(matches!(answer.status, 404 | 422) && answer.error().2 == "files", "{files}: {}", answer.text);
    }
    assert_eq!(ada.posts_with(&all, &new_id(), "  ", &[]).await.error(), (422, "invalid".into(), "body".into()));
}

#[tokio::test]
async fn cross_site_uploads_are_rejected() {
    let server = TestServer::new();
    let [ada] = users(&server).await;
    let file = new_id();
    ada.starts(&town_hall(&ada).await, &file, "a.bin", 3).await.ok();
    for headers in [
        vec![("sec-fetch-site", "cross-site")],
        vec![("origin", "http://evil.tld")],
        vec![("content-type", "text/plain")],
        vec![("content-type", "application/octet-stream"), ("content-encoding", "gzip")],
    ] {
        let request =
            headers.iter().fold(ada.client.request("PUT", &format!("/files/{file}?at=0")), |request, (name, value)| request.header(*name, *value));
        let status = ada.client.send(request.body("abc")).await.status;
        assert!(matches!(status, 403 | 415), "{headers:?}: {status}");
    }
    assert_eq!(ada.starts(&town_hall(&ada).await, &file, "a.bin", 3).await.ok(), json!({ "received": 0 }));
}

#[tokio::test]
async fn unreachable_files_leave_the_disk() {
    let server = TestServer::new();
    let [mut ada, mut grace] = users(&server).await;
    let all = town_hall(&ada).await;
    let half = new_id();
    ada.starts(&all, &half, "half.bin", 10).await.ok();
    ada.sends_piece(&half, 0, b"12345").await.ok();
    ada.uploads(&all, "never sent.bin", b"\0never sent").await;
    let (kept, deleted) =
        (ada.uploads(&all, "kept.bin", b"\0same").await, ada.uploads(&all, "deleted.png", &picture(800, 800, ImageFormat::Png)).await);
    ada.posts_with(&all, &new_id(), "kept", &[&kept]).await.ok();
    let seq = ada.posts_with(&all, &new_id(), "gone", &[&deleted]).await.ok()["seq"].clone();
    ada.call_ok("delete_message", json!({ "conversation": all, "seq": seq })).await;
    let twin = grace.uploads(&all, "twin.bin", b"\0same").await;
    grace.call_ok("cancel_upload", json!({ "file": twin["id"] })).await;
    assert_eq!(lying(&server), 5, "half an upload, one that was not sent, one that was, and two sizes of what was deleted");
    // A day passes, then a month; it looks when it starts.
    server.execute(format!("update files set started = started - {DAY} - 1")).await;
    let server = server.restart();
    ada.switch_to(&server);
    grace.switch_to(&server);
    assert_eq!(lying(&server), 3);
    server.execute(format!("update changes set deleted = deleted - 30 * {DAY} - 1 where deleted is not null")).await;
    let server = server.restart();
    grace.switch_to(&server);
    assert_eq!(lying(&server), 1);
    assert_eq!(grace.fetches(&path(&kept), &[]).await.2, b"\0same");
}

#[tokio::test]
async fn a_group_avatar_is_set_by_its_creator_and_seen_by_members() {
    let server = TestServer::new();
    let [ada, grace, kofi, mei] = users(&server).await;
    let group = ada.create_group("Physics", &[&grace, &kofi]).await;
    let mut hears = grace.connect().await;
    let photo = ada.uploads(&group, "we.jpg", &picture(600, 400, ImageFormat::Jpeg)).await;
    ada.call_ok("set_group_face", json!({ "conversation": group, "file": photo["id"], "left": 100, "top": 50, "side": 200 })).await;
    let told = hears.recv_change("pictured").await["change"].clone();
    assert_eq!(told["by"], ada.id);
    let face = format!("/faces/{}/96", told["face"].as_str().unwrap());
    assert_eq!(grace.find_summary(&group).await.unwrap()["conversation"]["face"], told["face"], "as after a reload");
    assert_eq!(grace.fetches(&face, &[]).await.0, 200);
    let tag = format!("\"{}-96\"", told["face"].as_str().unwrap());
    let none = mei.fetches(&format!("/faces/{}/96", nothing()), &[]).await;
    for headers in [vec![], vec![("if-none-match", &tag[..])], vec![("range", "bytes=0-9")]] {
        let (status, _, body) = mei.fetches(&face, &headers).await;
        assert_eq!((status, &body), (404, &none.2), "{headers:?}");
    }
    ada.remove_member(&group, &kofi).await.ok();
    assert_eq!(kofi.fetches(&face, &[]).await.0, 404, "who was in it is in it no more");
    // Only its creator; and neither Everyone nor two people have one.
    let hers = grace.uploads(&group, "her.png", &picture(50, 50, ImageFormat::Png)).await;
    let refused = |who: &TestUser, conversation: &str, file: &Value| {
        let (client, arguments) = (who.client.clone(), json!({ "conversation": conversation, "file": file["id"] }));
        async move { client.call("set_group_face", arguments).await.status }
    };
    assert_eq!(refused(&grace, &group, &hers).await, 403);
    assert_eq!(grace.fetches(&path(&hers), &[]).await.0, 200, "her file is still hers");
    let direct = ada.open_direct(&grace).await;
    let other = ada.uploads(&direct, "x.png", &picture(50, 50, ImageFormat::Png)).await;
    for (who, conversation, status) in [(&ada, &direct, 409), (&ada, &ada.everyone().await, 409), (&mei, &group, 404)] {
        assert_eq!(refused(who, conversation, &other).await, status);
    }
    assert_eq!(refused(&ada, &group, &hers).await, 404, "another's file");
    let lay = lying(&server);
    let server = server.restart();
    let (mut ada, mut grace) = (ada, grace);
    ada.switch_to(&server);
    grace.switch_to(&server);
    assert_eq!((lying(&server), grace.fetches(&face, &[]).await.0), (lay, 200), "who tidies leaves it");
    ada.call_ok("set_group_face", json!({ "conversation": group })).await;
    assert_eq!(grace.fetches(&face, &[]).await.0, 404);
    assert!(grace.find_summary(&group).await.unwrap()["conversation"].get("face").is_none());
    assert_eq!(lying(&server), lay - 3);
}

#[tokio::test]
async fn an_avatar_is_cropped_and_seen_by_everybody_at_once() {
    let server = TestServer::new();
    let [ada, mut grace] = users(&server).await;
    let all = town_hall(&ada).await;
    let mut hears = grace.connect().await;
    let photo = ada.uploads(&all, "me.jpg", &picture(600, 400, ImageFormat::Jpeg)).await;
    ada.call_ok("set_face", json!({ "file": photo["id"], "left": 100, "top": 50, "side": 200 })).await;
    let told = hears.recv_change("person_changed").await["change"]["profile"].clone();
    assert_eq!(told["id"], ada.id);
    let face = format!("/faces/{}", told["face"].as_str().unwrap());
    for side in [256_u32, 96, 48] {
        let (status, headers, bytes) = grace.fetches(&format!("{face}/{side}"), &[]).await;
        let drawn = image::load_from_memory(&bytes).unwrap();
        assert_eq!((status, drawn.width(), drawn.height(), headers["content-type"].to_str().unwrap()), (200, side, side, "image/jpeg"));
    }
    assert_eq!(grace.fetches(&format!("{face}/100"), &[]).await.0, 404);
    assert_eq!(server.client().get(&format!("{face}/96")).await.status, 401);
    let known = grace.snapshot().await["people"].as_array().unwrap().iter().find(|person| person["id"] == ada.id).unwrap().clone();
    assert_eq!(known, told, "as after a reload");
    assert_eq!(lying(&server), 3, "the picture itself is not kept");
    // Only a picture of one's own, that is not sent.
    let text = ada.uploads(&all, "me.txt", b"me").await;
    assert_eq!(ada.call("set_face", json!({ "file": text["id"] })).await.error(), (422, "invalid".into(), "file".into()));
    let other = grace.uploads(&all, "her.png", &picture(50, 50, ImageFormat::Png)).await;
    assert_eq!(ada.call("set_face", json!({ "file": other["id"] })).await.status, 404);
    let sent = ada.uploads(&all, "sent.png", &picture(50, 50, ImageFormat::Png)).await;
    ada.posts_with(&all, &new_id(), "", &[&sent]).await.ok();
    assert_eq!(ada.call("set_face", json!({ "file": sent["id"] })).await.status, 404);
    assert_eq!(grace.fetches(&format!("{face}/96"), &[]).await.0, 200, "it is as it was");
    // What everybody sees survives a restart, also of the one who tidies; without one it is gone.
    let server = server.restart();
    grace.switch_to(&server);
    let mut ada = ada;
    ada.switch_to(&server);
    assert_eq!(grace.fetches(&format!("{face}/48"), &[]).await.0, 200);
    ada.call_ok("set_face", json!({})).await;
    assert_eq!(grace.fetches(&format!("{face}/48"), &[]).await.0, 404);
    assert!(grace.snapshot().await["people"].as_array().unwrap().iter().all(|person| person.get("face").is_none()));
}
