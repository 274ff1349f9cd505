//! Files in a bucket: the same behaviour as in a folder, with a store that may be unreachable.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Query, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use image::ImageFormat;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    data::backup,
    files::{path, picture},
    harness::{
        server::{TestServer, users},
        user::new_id,
    },
};

const DATE: &str = "Wed, 21 Oct 2020 07:28:00 GMT";

type Kept<K> = Arc<Mutex<BTreeMap<K, Vec<u8>>>>;

/// The part of an S3 server that the blob store uses.
#[derive(Clone, Default)]
struct Bucket {
    objects: Kept<String>,
    /// By upload and part number.
    parts: Kept<(String, u32)>,
    away: Arc<AtomicBool>,
    endpoint: Arc<Mutex<String>>,
}

impl Bucket {
    /// Starts a bucket, and a server that stores its files there.
    async fn start() -> (Self, TestServer) {
        let bucket = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        bucket.endpoint.lock().unwrap().clone_from(&endpoint);
        tokio::spawn(
            axum::serve(
                listener,
                Router::new()
                    .fallback(answer)
                    .layer(DefaultBodyLimit::disable())
                    .with_state(bucket.clone()),
            )
            .into_future(),
        );
        let server = TestServer::with_config(|config| {
            config.storage.files = Some("s3://chat/of us".parse().unwrap());
            config.storage.s3_endpoint = Some(endpoint);
            config.storage.s3_key = "the-key".into();
            config.storage.s3_secret = "the-secret".parse().unwrap();
        });
        (bucket, server)
    }

    fn endpoint(&self) -> String {
        self.endpoint.lock().unwrap().clone()
    }

    fn has(&self) -> Vec<String> {
        self.objects.lock().unwrap().keys().cloned().collect()
    }

    fn put_object(&self, key: &str) {
        self.objects.lock().unwrap().insert(key.into(), b"x".to_vec());
    }
}

async fn answer(
    State(bucket): State<Bucket>,
    method: Method,
    uri: Uri,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let signed = headers
        .get(header::AUTHORIZATION)
        .and_then(|signed| signed.to_str().ok())
        .unwrap_or_default();
    if !signed.starts_with("AWS4-HMAC-SHA256 Credential=the-key/") || !signed.contains("/here/s3/")
    {
        return StatusCode::FORBIDDEN.into_response();
    }
    if bucket.away.load(Ordering::Relaxed) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let key = uri.path().replace("%20", " ");
    let tag = [(header::ETAG, "\"tag\"")];
    let upload = query.get("uploadId").cloned();
    let mut objects = bucket.objects.lock().unwrap();
    match (method, upload) {
        (Method::GET, _) if query.contains_key("list-type") => {
            let below = format!("/chat/{}", query.get("prefix").cloned().unwrap_or_default());
            let row = |(key, bytes): (&String, &Vec<u8>)| {
                let (key, size) = (key.trim_start_matches("/chat/"), bytes.len());
                format!(
                    "<Contents><Key>{key}</Key>\
                     <LastModified>2020-10-21T07:28:00.000Z</LastModified>\
                     <Size>{size}</Size><ETag>tag</ETag></Contents>"
                )
            };
            let rows: String =
                objects.iter().filter(|(key, _)| key.starts_with(&below)).map(row).collect();
            format!("<ListBucketResult>{rows}</ListBucketResult>").into_response()
        }
        (method @ (Method::GET | Method::HEAD), _) => {
            let Some(bytes) = objects.get(&key) else {
                return StatusCode::NOT_FOUND.into_response();
            };
            let common = [(header::ETAG, "\"tag\""), (header::LAST_MODIFIED, DATE)];
            let part = headers.get(header::RANGE).and_then(|range| {
                let (first, last) = range.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
                Some((
                    first.parse::<usize>().ok()?,
                    last.parse::<usize>().ok()?.min(bytes.len() - 1),
                ))
            });
            match part {
                Some((first, last)) => {
                    let range =
                        [(header::CONTENT_RANGE, format!("bytes {first}-{last}/{}", bytes.len()))];
                    (StatusCode::PARTIAL_CONTENT, common, range, bytes[first..=last].to_vec())
                        .into_response()
                }
                None if method == Method::HEAD => {
                    (common, [(header::CONTENT_LENGTH, bytes.len().to_string())]).into_response()
                }
                None => (common, bytes.clone()).into_response(),
            }
        }
        (Method::PUT, Some(upload)) => {
            bucket
                .parts
                .lock()
                .unwrap()
                .insert((upload, query["partNumber"].parse().unwrap()), body.to_vec());
            tag.into_response()
        }
        (Method::PUT, None) => {
            objects.insert(key, body.to_vec());
            tag.into_response()
        }
        (Method::POST, None) => {
            let upload = new_id();
            format!(
                "<InitiateMultipartUploadResult><UploadId>{upload}</UploadId>\
                 </InitiateMultipartUploadResult>"
            )
            .into_response()
        }
        (Method::POST, Some(upload)) => {
            let parts = bucket.parts.lock().unwrap();
            let whole: Vec<u8> = parts
                .iter()
                .filter(|((of, _), _)| *of == upload)
                .flat_map(|(_, bytes)| bytes.clone())
                .collect();
            objects.insert(key, whole);
            "<CompleteMultipartUploadResult><ETag>tag</ETag></CompleteMultipartUploadResult>"
                .into_response()
        }
        (Method::DELETE, None) => {
            objects.remove(&key);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_behaves_like_a_folder() {
    let (bucket, server) = Bucket::start().await;
    let [mut ada, mut grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    // Larger than one part of a multipart upload.
    let large: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let file = new_id();
    ada.start_upload(&direct, &file, "data.bin", large.len()).await.ok();
    ada.send_chunk(&file, 0, &large[..8_000_000]).await.ok();
    let sent = ada.send_chunk(&file, 8_000_000, &large[8_000_000..]).await.ok()["file"].clone();
    let photo = ada.upload(&direct, "photo.jpg", &picture(800, 500, ImageFormat::Jpeg)).await;
    ada.post_with_files(&direct, &new_id(), "", &[&sent, &photo]).await.ok();
    assert_eq!(grace.fetch(&path(&sent), &[]).await.2, large);
    let (status, headers, part) =
        grace.fetch(&path(&sent), &[("range", "bytes=5000000-5000099")]).await;
    assert_eq!(
        (status, &part[..], headers["content-range"].to_str().unwrap()),
        (206, &large[5_000_000..5_000_100], "bytes 5000000-5000099/12000000")
    );
    for way in ["", "/small", "/large"] {
        let (status, _, bytes) = grace.fetch(&format!("{}{way}", path(&photo)), &[]).await;
        assert_eq!((status, image::load_from_memory(&bytes).is_ok()), (200, true), "{way}");
    }
    let stored = bucket.has();
    // Two sizes of the image, the file, and the owner marker.
    assert!(
        stored.len() == 4 && stored.iter().all(|key| key.starts_with("/chat/of us/")),
        "{stored:?}"
    );
    let folder = server.data_folder().join("files");
    let lie = std::fs::read_dir(folder.join("uploads")).unwrap().count();
    assert_eq!(
        (lie, folder.join("objects").exists()),
        (0, false),
        "nothing remains on the local disk"
    );
    // Objects that a crash left behind are deleted; objects of others are not.
    let stray = format!("/chat/of us/ab/ab{}", "0".repeat(62));
    let others = [
        "/chat/of us/readme.txt".to_owned(),
        format!("/chat/of us/xy/{}", "a".repeat(64)),
        format!("/chat/ab/ab{}", "0".repeat(62)),
    ];
    others.iter().chain([&stray]).for_each(|key| bucket.put_object(key));
    let server = server.restart();
    ada.switch_to(&server);
    grace.switch_to(&server);
    while bucket.has().contains(&stray) {
        tokio::task::yield_now().await;
    }
    let never_sent = grace.upload(&direct, "x.bin", b"\0never sent").await;
    assert_eq!(bucket.has().len(), 8);
    grace.call_ok("cancel_upload", json!({ "file": never_sent["id"] })).await;
    let now = bucket.has();
    assert!(now.len() == 7 && stored.iter().chain(&others).all(|key| now.contains(key)), "{now:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unavailable_bucket_delays_files_only() {
    let (bucket, server) = Bucket::start().await;
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let known = ada.upload(&direct, "a.bin", b"\0known").await;
    ada.post_with_files(&direct, &new_id(), "", &[&known]).await.ok();
    bucket.away.store(true, Ordering::Relaxed);
    let file = new_id();
    ada.start_upload(&direct, &file, "b.bin", 4).await.ok();
    let refused = ada.send_chunk(&file, 0, b"\0new").await;
    assert_eq!(
        (refused.status, refused.json()["code"].clone()),
        (503, json!("busy")),
        "{}",
        refused.text
    );
    assert!(
        refused.json()["message"].as_str().unwrap().contains("Messages are not affected"),
        "{}",
        refused.text
    );
    assert_eq!(grace.fetch(&path(&known), &[]).await.0, 503);
    ada.post(&direct, "without files").await;
    bucket.away.store(false, Ordering::Relaxed);
    assert_eq!(grace.fetch(&path(&known), &[]).await.2, b"\0known");
    // The object is stored already and not uploaded again.
    assert_eq!(ada.start_upload(&direct, &file, "b.bin", 4).await.ok(), json!({ "received": 4 }));
    let done: Value = ada.send_chunk(&file, 4, b"").await.ok();
    ada.post_with_files(&direct, &new_id(), "", &[&done["file"]]).await.ok();
    assert_eq!(grace.fetch(&path(&done["file"]), &[]).await.2, b"\0new");
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_and_restore_include_the_bucket() {
    let folder = tempfile::tempdir().unwrap();
    let [backup, restored] =
        ["backup", "restored"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    let (from, server) = Bucket::start().await;
    let [ada, grace] = users(&server).await;
    let direct = ada.open_direct(&grace).await;
    let note = ada.upload(&direct, "a.bin", b"\0known").await;
    ada.post_with_files(&direct, &new_id(), "", &[&note]).await.ok();
    let data = server.data_folder().to_str().unwrap().to_owned();
    let (to, other) = Bucket::start().await;
    // Nothing refers to it.
    drop(other);
    to.objects.lock().unwrap().clear();
    let run = |arguments: Vec<String>, endpoint: String| async move {
        let program = move || {
            let keys = [
                ("CHATBOX_S3_KEY", "the-key"),
                ("CHATBOX_S3_SECRET", "the-secret"),
                ("CHATBOX_S3_REGION", "here"),
            ];
            let storage = ["--files", "s3://chat/of us", "--s3-endpoint", &endpoint];
            backup::run(
                &arguments.iter().map(String::as_str).chain(storage).collect::<Vec<_>>(),
                &keys,
            )
        };
        tokio::task::spawn_blocking(program).await.unwrap()
    };
    let arguments = |list: [&str; 5]| list.map(str::to_owned).to_vec();
    let output = run(arguments(["backup", "--data", &data, "--to", &backup]), from.endpoint())
        .await
        .expect_success();
    assert!(output.contains("1 attachment (1 new"), "{output}");
    assert!(
        run(vec!["verify".into(), backup.clone()], from.endpoint())
            .await
            .expect_success()
            .contains("1 of 1 attachment intact"),
        "its own bucket, whatever the settings"
    );
    assert!(
        run(vec!["verify".into(), data.clone()], from.endpoint())
            .await
            .expect_success()
            .contains("1 of 1 attachment intact"),
        "of the bucket"
    );
    from.away.store(true, Ordering::Relaxed);
    let output =
        run(arguments(["backup", "--data", &data, "--to", &backup]), from.endpoint()).await;
    assert!(
        !output.succeeded && output.text.contains("File storage is unavailable"),
        "{}",
        output.text
    );
    run(arguments(["restore", "--from", &backup, "--data", &restored]), to.endpoint())
        .await
        .expect_success();
    assert_eq!(to.has().iter().filter(|key| !key.ends_with("/chatbox")).count(), 1);
}
