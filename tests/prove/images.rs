//! The largest accepted images: processed one after the other and all at once, the server stays
//! within its memory limit and delivers messages.

use std::{
    borrow::Cow,
    io::Cursor,
    sync::atomic::{AtomicBool, Ordering},
};

use futures_util::future::join_all;
use image::{
    DynamicImage, ExtendedColorType, ImageEncoder, RgbImage,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
        webp::WebPEncoder,
    },
};

use crate::{
    harness::user::{TestUser, new_id},
    measure::{long, report_row},
    program::Program,
    writers::sign_up_ada,
};

/// Maximum number of bytes of memory that images add.
const MAX_GROWTH: u64 = 150 * 1024 * 1024;
/// Size of an upload chunk.
const CHUNK: usize = 4 * 1024 * 1024;

/// Repeating noise.
fn noise(bytes: usize) -> Vec<u8> {
    let mut seed = 1_u32;
    let some: Vec<u8> = (0..4_093)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        })
        .collect();
    let mut all = some.repeat(bytes / some.len() + 1);
    all.truncate(bytes);
    all
}

/// A JPEG with an orientation that rotates it.
fn rotated_jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 15);
    let exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    encoder.set_exif_metadata(exif).unwrap();
    encoder
        .encode(&noise((width * height * 3) as usize), width, height, ExtendedColorType::Rgb8)
        .unwrap();
    bytes
}

/// A PNG that is small when uploaded, and as large as possible after re-encoding.
fn compressed_png(width: u32, height: u32, colours: ExtendedColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    let pixels = noise((width * height) as usize * usize::from(colours.bits_per_pixel() / 8));
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::NoFilter)
        .write_image(&pixels, width, height, colours)
        .unwrap();
    bytes
}

fn lossless_webp(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture =
        DynamicImage::from(RgbImage::from_pixel(width, height, image::Rgb([90, 120, 30])));
    WebPEncoder::new_lossless(&mut bytes)
        .write_image(picture.as_bytes(), width, height, ExtendedColorType::Rgb8)
        .unwrap();
    bytes.into_inner()
}

fn animated_gif(width: u16, height: u16) -> Vec<u8> {
    let mut encoder = gif::Encoder::new(Vec::new(), width, height, &[0; 768]).unwrap();
    for _ in 0..2 {
        let buffer = Cow::from(vec![7; usize::from(width) * usize::from(height)]);
        encoder
            .write_frame(&gif::Frame { width, height, buffer, delay: 5, ..gif::Frame::default() })
            .unwrap();
    }
    encoder.into_inner().unwrap()
}

async fn upload(person: &TestUser, conversation: &str, name: &str, bytes: &[u8]) {
    let file = new_id();
    person.client.start_upload(conversation, &file, name, bytes.len()).await.ok();
    let mut at = 0;
    while at < bytes.len() {
        let chunk = &bytes[at..(at + CHUNK).min(bytes.len())];
        let answer = person.client.send_chunk(&file, at, chunk).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        at += chunk.len();
    }
}

#[tokio::test]
async fn the_largest_images_stay_within_the_memory_limit() {
    let mut files = vec![("rotated.jpg", rotated_jpeg(8_000, 5_000))];
    if long() {
        files.push(("scaled.jpg", rotated_jpeg(8_064, 6_048)));
        files.push(("compressed.png", compressed_png(8_000, 5_000, ExtendedColorType::Rgb8)));
        files.push(("transparent.png", compressed_png(5_000, 5_000, ExtendedColorType::Rgba8)));
        files.push(("16-bit.png", compressed_png(5_000, 4_000, ExtendedColorType::Rgb16)));
        files.push(("lossless.webp", lossless_webp(4_600, 4_000)));
        files.push(("animated.gif", animated_gif(4_100, 4_100)));
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Program::start(&folder.path().join("data"), &[]).await;
    let (ada, everyone) = sign_up_ada(&server).await;
    // The first image allocates tables and a thread, the first messages fill the page caches.
    for n in 0..if long() { 5_000 } else { 200 } {
        assert_eq!(ada.post_with_id(&new_id(), &everyone, &format!("{n}")).await.status, 200);
    }
    upload(&ada, &everyone, "small.png", &compressed_png(64, 64, ExtendedColorType::Rgb8)).await;
    server.reset_peak();
    let before = server.peak();
    let mut figures = Vec::new();
    for (name, bytes) in &files {
        upload(&ada, &everyone, name, bytes).await;
        let grew = server.peak().saturating_sub(before);
        figures.push(format!("{name} {} MiB", grew / 1_048_576));
        assert!(grew <= MAX_GROWTH, "{name}: {} MiB", grew / 1_048_576);
        server.reset_peak();
    }
    let done = AtomicBool::new(false);
    let all = async {
        join_all(files.iter().map(|(name, bytes)| upload(&ada, &everyone, name, bytes))).await;
        done.store(true, Ordering::Relaxed);
    };
    let writes = async {
        let mut sent = 0;
        while !done.load(Ordering::Relaxed) {
            assert_eq!(ada.post_with_id(&new_id(), &everyone, "meanwhile").await.status, 200);
            sent += 1;
        }
        sent
    };
    let ((), sent) = tokio::join!(all, writes);
    let grew = server.peak().saturating_sub(before);
    figures.push(format!("all at once {} MiB, {sent} messages meanwhile", grew / 1_048_576));
    assert!(grew <= MAX_GROWTH, "all at once: {} MiB", grew / 1_048_576);
    assert!(sent > 0);
    report_row("the largest pictures are bounded in memory", &figures.join("; "));
    server.kill();
}
