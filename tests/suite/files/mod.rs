//! Files: uploads, downloads, attachments and avatars, hostile files, and buckets.

pub(crate) mod attachments;
mod avatars;
pub(crate) mod bucket;
mod downloads;
pub(crate) mod hostile_files;
mod uploads;

use std::{fs, io::Cursor};

use image::{
    DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use serde_json::{Value, json};

use crate::harness::{
    server::TestServer,
    user::{TestResponse, TestUser},
};

/// An image of this size.
pub(crate) fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 90])))
        .write_to(&mut bytes, format)
        .unwrap();
    bytes.into_inner()
}

/// A PNG with other dimensions in its header.
pub(crate) fn with_dimensions(mut png: Vec<u8>, width: u32, height: u32) -> Vec<u8> {
    let head = png.windows(4).position(|four| four == b"IHDR").unwrap();
    png[head + 4..head + 8].copy_from_slice(&width.to_be_bytes());
    png[head + 8..head + 12].copy_from_slice(&height.to_be_bytes());
    // The checksum must be valid; otherwise the image is rejected for that.
    let bits = |sum: u32| {
        (0..8).fold(sum, |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    };
    let sum = !png[head..head + 17].iter().fold(!0_u32, |sum, byte| bits(sum ^ u32::from(*byte)));
    png[head + 17..head + 21].copy_from_slice(&sum.to_be_bytes());
    png
}

/// A PNG that is small when uploaded and large when re-encoded: repeated lines of noise.
pub(crate) fn incompressible_png(side: u32) -> Vec<u8> {
    let noise = |x: u32, y: u32, part: u32| {
        (x % 64)
            .wrapping_mul(2_654_435_761)
            .wrapping_add(y.wrapping_mul(40_503))
            .wrapping_mul(part + 7) as u8
            ^ (y.wrapping_mul(x % 64) >> 3) as u8
    };
    let picture =
        RgbImage::from_fn(side, side, |x, y| Rgb([noise(x, y, 1), noise(x, y, 2), noise(x, y, 3)]));
    let mut bytes = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::NoFilter);
    encoder.write_image(&picture, side, side, ExtendedColorType::Rgb8).unwrap();
    bytes
}

impl TestUser {
    pub(crate) async fn start_upload(
        &self,
        conversation: &str,
        file: &str,
        name: &str,
        size: usize,
    ) -> TestResponse {
        self.client.start_upload(conversation, file, name, size).await
    }

    pub(crate) async fn send_chunk(&self, file: &str, at: usize, bytes: &[u8]) -> TestResponse {
        self.client.send_chunk(file, at, bytes).await
    }

    /// Uploads a file. Returns the last response.
    pub(crate) async fn try_upload(
        &self,
        conversation: &str,
        name: &str,
        bytes: &[u8],
    ) -> TestResponse {
        let file = uuid::Uuid::new_v4().to_string();
        let started = self.start_upload(conversation, &file, name, bytes.len()).await;
        if started.status == 200 { self.send_chunk(&file, 0, bytes).await } else { started }
    }

    /// Uploads a file. Returns its metadata.
    pub(crate) async fn upload(&self, conversation: &str, name: &str, bytes: &[u8]) -> Value {
        self.try_upload(conversation, name, bytes).await.ok()["file"].clone()
    }

    pub(crate) async fn post_with_files(
        &self,
        conversation: &str,
        client_id: &str,
        body: &str,
        files: &[&Value],
    ) -> TestResponse {
        let files: Vec<_> = files.iter().map(|file| file["id"].clone()).collect();
        self.call(
            "post_message",
            json!({
                "conversation": conversation,
                "client_id": client_id,
                "body": body,
                "files": files
            }),
        )
        .await
    }

    /// The status, the headers and the bytes.
    pub(crate) async fn fetch(
        &self,
        path: &str,
        headers: &[(&str, &str)],
    ) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
        let request =
            headers.iter().fold(self.client.request("GET", path), |request, (name, value)| {
                request.header(*name, *value)
            });
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, response.bytes().await.unwrap().to_vec())
    }
}

pub(crate) fn path(file: &Value) -> String {
    format!("/files/{}", file["id"].as_str().unwrap())
}

/// The number of stored files.
pub(crate) fn stored_file_count(server: &TestServer) -> usize {
    fn below(folder: &std::path::Path) -> usize {
        let count = |path: std::path::PathBuf| {
            if path.is_dir() {
                below(&path)
            } else {
                usize::from(!path.ends_with("objects/chatbox"))
            }
        };
        fs::read_dir(folder).unwrap().map(|entry| count(entry.unwrap().path())).sum()
    }
    below(&server.data_folder().join("files"))
}
