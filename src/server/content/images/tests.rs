//! Tests of re-encoding: accepted formats, variants, and rejected images.

use std::io::Cursor;

use image::{DynamicImage, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

fn file(image: &DynamicImage, format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Red at the top, blue at the bottom.
fn flag(width: u32, height: u32) -> DynamicImage {
    RgbImage::from_fn(width, height, |_, y| {
        if y < height / 2 { Rgb([250, 10, 10]) } else { Rgb([10, 10, 250]) }
    })
    .into()
}

/// The re-encoded image with its variants.
struct Output {
    whole: EncodedImage,
    large: Option<EncodedImage>,
    small: Option<EncodedImage>,
    blur: String,
    is_animated: bool,
}

fn reencode_bytes(bytes: &[u8]) -> Result<Output, ImageError> {
    let mut whole = Vec::new();
    let Reencoded { format, width, height, large, small, blur, is_animated } = reencode(
        Cursor::new(bytes),
        ImageFormat::detect(bytes).ok_or(ImageError::UnsupportedFormat)?,
        &mut whole,
    )?;
    Ok(Output {
        whole: EncodedImage { bytes: whole, format, width, height },
        large,
        small,
        blur,
        is_animated,
    })
}

/// A GIF with this number of frames.
fn animated(frames: usize) -> Vec<u8> {
    let mut encoder = gif::Encoder::new(Vec::new(), 2, 2, &[0, 0, 0, 255, 255, 255]).unwrap();
    encoder.set_repeat(gif::Repeat::Infinite).unwrap();
    for _ in 0..frames {
        encoder
            .write_frame(&gif::Frame {
                width: 2,
                height: 2,
                buffer: vec![1, 0, 0, 1].into(),
                delay: 5,
                ..gif::Frame::default()
            })
            .unwrap();
    }
    encoder.into_inner().unwrap()
}

/// A JPEG with EXIF data: an orientation and a location.
fn jpeg_with_exif(orientation: u8) -> Vec<u8> {
    let jpeg = file(&flag(40, 20), image::ImageFormat::Jpeg);
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif.extend(b"GPS 52.5200 13.4050");
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes
}

#[test]
fn an_image_gets_three_sizes_and_a_placeholder() {
    for (format, written) in [
        (image::ImageFormat::Png, ImageFormat::Png),
        (image::ImageFormat::Jpeg, ImageFormat::Jpeg),
        (image::ImageFormat::WebP, ImageFormat::Jpeg),
    ] {
        let encoded = reencode_bytes(&file(&flag(3_000, 1_500), format)).unwrap();
        assert_eq!(
            (encoded.whole.width, encoded.whole.height, encoded.whole.format),
            (3_000, 1_500, written)
        );
        let (large, small) = (encoded.large.unwrap(), encoded.small.unwrap());
        assert_eq!(
            (large.width, large.height, small.width, small.height),
            (2_048, 1_024, 720, 360)
        );
        for encoded in [&encoded.whole, &large, &small] {
            assert_eq!(ImageFormat::detect(&encoded.bytes), Some(encoded.format));
        }
        assert_eq!(encoded.blur.len(), 72);
        assert!(
            encoded.blur.starts_with('f') && &encoded.blur[70..71] == "f",
            "red at the top, blue at the bottom: {}",
            encoded.blur
        );
    }
}

#[test]
fn transparency_is_preserved() {
    let translucent: DynamicImage = RgbaImage::from_pixel(800, 500, Rgba([0, 200, 0, 100])).into();
    let encoded = reencode_bytes(&file(&translucent, image::ImageFormat::WebP)).unwrap();
    assert_eq!(
        (encoded.whole.format, encoded.small.unwrap().format),
        (ImageFormat::Png, ImageFormat::Png)
    );
    assert_eq!(encoded.blur, "", "no placeholder for a transparent image");
    let wall: DynamicImage = RgbaImage::from_pixel(800, 10, Rgba([0, 200, 0, 255])).into();
    assert_eq!(
        reencode_bytes(&file(&wall, image::ImageFormat::WebP)).unwrap().whole.format,
        ImageFormat::Jpeg,
        "an opaque image"
    );
    let mut logo = RgbaImage::from_pixel(300, 300, Rgba([0, 0, 0, 0]));
    logo.put_pixel(9, 9, Rgba([255, 0, 0, 255]));
    assert_eq!(
        reencode_bytes(&file(&logo.into(), image::ImageFormat::Png)).unwrap().blur,
        "",
        "a mostly transparent image"
    );
}

#[test]
fn all_bit_depths_are_decoded() {
    let (width, height) = (20, 10);
    let grey = image::GrayImage::from_pixel(width, height, image::Luma([77]));
    let fine = image::ImageBuffer::<image::Luma<u16>, _>::from_pixel(
        width,
        height,
        image::Luma([77 * 257]),
    );
    let colours = image::ImageBuffer::<Rgb<u16>, _>::from_pixel(
        width,
        height,
        Rgb([10 * 257, 20 * 257 + 100, 250 * 257]),
    );
    let translucent = image::GrayAlphaImage::from_pixel(width, height, image::LumaA([77, 100]));
    let deep_translucent = image::ImageBuffer::<Rgba<u16>, _>::from_pixel(
        width,
        height,
        Rgba([10 * 257, 20 * 257, 250 * 257, 100 * 257]),
    );
    for (image, pixel) in [
        (DynamicImage::from(grey), [77, 77, 77, 255]),
        (fine.into(), [77, 77, 77, 255]),
        (colours.into(), [10, 20, 250, 255]),
        (translucent.into(), [77, 77, 77, 100]),
        (deep_translucent.into(), [10, 20, 250, 100]),
    ] {
        let encoded = reencode_bytes(&file(&image, image::ImageFormat::Png)).unwrap().whole;
        let again = image::load_from_memory(&encoded.bytes).unwrap().to_rgba8();
        assert!(
            again.pixels().all(|found| found.0 == pixel),
            "{:?} {pixel:?} {:?}",
            image.color(),
            again.get_pixel(3, 3)
        );
    }
}

#[test]
fn metadata_is_removed_and_orientation_applied() {
    let encoded = reencode_bytes(&jpeg_with_exif(6)).unwrap().whole;
    assert_eq!((encoded.width, encoded.height), (20, 40), "rotated");
    for trace in [&b"Exif"[..], b"GPS", b"52.52"] {
        assert!(!encoded.bytes.windows(trace.len()).any(|bytes| bytes == trace));
    }
}

#[test]
fn trailing_data_is_removed() {
    for (mut bytes, tail) in [
        (animated(1), "/*</script>*/=1;alert(1)"),
        (file(&flag(9, 9), image::ImageFormat::Png), "<html><script>"),
        (jpeg_with_exif(1), "PK\u{3}\u{4}"),
    ] {
        bytes.extend(tail.as_bytes());
        let encoded = reencode_bytes(&bytes).unwrap();
        assert!(
            !encoded.whole.bytes.windows(tail.len()).any(|part| part == tail.as_bytes()),
            "{tail}"
        );
    }
}

#[test]
fn an_animation_stays_animated_and_gets_a_still_image() {
    let encoded = reencode_bytes(&animated(7)).unwrap();
    assert!(
        encoded.is_animated
            && encoded.whole.format == ImageFormat::Gif
            && encoded.small.unwrap().format != ImageFormat::Gif
    );
    let mut again = gif::DecodeOptions::new().read_info(&encoded.whole.bytes[..]).unwrap();
    let mut frames = 0;
    while let Some(frame) = again.read_next_frame().unwrap() {
        assert_eq!((frame.delay, &frame.buffer[..]), (5, &[1, 0, 0, 1][..]));
        frames += 1;
    }
    assert_eq!((frames, again.repeat()), (7, gif::Repeat::Infinite));
    assert!(!reencode_bytes(&animated(1)).unwrap().is_animated);
    assert_eq!(reencode_bytes(&animated(MAX_FRAMES + 1)).err(), Some(ImageError::TooManyFrames));
}

#[test]
fn oversized_dimensions_are_rejected_before_decoding() {
    let small = file(&flag(1, 1), image::ImageFormat::Png);
    for (width, height, error) in [
        (30_000_u32, 30_000_u32, ImageError::TooLarge),
        (32_768, 1, ImageError::TooLarge),
        (8_000, 5_001, ImageError::TooLarge),
    ] {
        // The dimensions follow the name of the first chunk; then comes its checksum.
        let mut bytes = small.clone();
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        let sum = crc(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        assert_eq!(reencode_bytes(&bytes).err(), Some(error));
    }
    let mut wide = animated(1);
    wide[6..10].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
    assert_eq!(reencode_bytes(&wide).err(), Some(ImageError::TooLarge));
}

/// A JPEG of a camera that was held upright.
fn photo(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 30);
    image::ImageEncoder::set_exif_metadata(
        &mut encoder,
        b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec(),
    )
    .unwrap();
    image::ImageEncoder::write_image(
        encoder,
        &flag(width, height).into_rgb8(),
        width,
        height,
        image::ExtendedColorType::Rgb8,
    )
    .unwrap();
    bytes
}

#[test]
fn a_large_photo_is_downscaled_and_oriented() {
    // 48 million pixels.
    let encoded = reencode_bytes(&photo(8_064, 6_048)).unwrap();
    assert_eq!(
        (encoded.whole.width, encoded.whole.height, encoded.whole.format),
        (3_024, 4_032, ImageFormat::Jpeg),
        "half the size, rotated"
    );
    let pixels = image::load_from_memory(&encoded.whole.bytes).unwrap().to_rgb8();
    let (right, left) = (pixels.get_pixel(3_000, 2_000).0, pixels.get_pixel(20, 2_000).0);
    assert!(
        right[0] > 200 && right[2] < 60 && left[2] > 200 && left[0] < 60,
        "the top is on the right: {right:?} {left:?}"
    );
    let mut camera = photo(7_000, 6_000);
    let end = camera.len() - 20_000;
    camera.truncate(end);
    assert_eq!(reencode_bytes(&camera).err(), Some(ImageError::Damaged), "truncated");
}

#[test]
fn a_tall_screenshot_stays_readable() {
    let encoded = reencode_bytes(&file(&flag(540, 12_000), image::ImageFormat::Png)).unwrap();
    assert_eq!((encoded.whole.width, encoded.whole.height), (540, 12_000));
    let (large, small) = (encoded.large.unwrap(), encoded.small.unwrap());
    assert!(
        large.width > 300 && large.width * large.height <= 2_048 * 2_048 / 2,
        "{} × {}",
        large.width,
        large.height
    );
    assert!(small.width > 100 && small.height < 3_000, "{} × {}", small.width, small.height);
}

#[test]
fn decompression_bombs_are_rejected() {
    // A frame that is larger than its image, for example in a link preview.
    let mut encoder = gif::Encoder::new(Vec::new(), 1, 1, &[0, 0, 0, 255, 255, 255]).unwrap();
    let frame = gif::Frame {
        width: 3_000,
        height: 3_000,
        buffer: vec![0; 9_000_000].into(),
        ..gif::Frame::default()
    };
    encoder.write_frame(&frame).unwrap();
    let large = encoder.into_inner().unwrap();
    assert_eq!(fit(Cursor::new(&large), ImageFormat::Gif, 240).err(), Some(ImageError::TooLarge));
    assert_eq!(reencode_bytes(&large).err(), Some(ImageError::Damaged));
    // The tables of a lossless WebP can take 350 times the size of the file.
    let mut packed = file(&flag(60, 40), image::ImageFormat::WebP);
    assert!(reencode_bytes(&packed).is_ok());
    packed.extend([&b"more"[..], &500_000_u32.to_le_bytes(), &[0; 500_000]].concat());
    let length = u32::try_from(packed.len() - 8).unwrap();
    packed[4..8].copy_from_slice(&length.to_le_bytes());
    assert_eq!(reencode_bytes(&packed).err(), Some(ImageError::TooLarge));
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 }
        })
    })
}

#[test]
fn truncated_or_corrupt_images_never_panic() {
    let whole = [
        file(&flag(60, 40), image::ImageFormat::Png),
        jpeg_with_exif(3),
        file(&flag(60, 40), image::ImageFormat::WebP),
        animated(5),
    ];
    let mut random = 7_u32;
    for bytes in whole {
        for cut in [12, 30, bytes.len() / 2, bytes.len() - 1] {
            let _ = reencode_bytes(&bytes[..cut]);
        }
        for part in [3, 2] {
            assert_eq!(
                reencode_bytes(&bytes[..bytes.len() * (part - 1) / part]).err(),
                Some(ImageError::Damaged),
                "truncated"
            );
        }
        for _ in 0..300 {
            let mut changed = bytes.clone();
            for _ in 0..4 {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = random as usize % changed.len();
                changed[at] ^= (random >> 24) as u8;
            }
            let _ = reencode_bytes(&changed);
        }
    }
    for other in [
        &b""[..],
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        b"BM",
        b"II*\0",
        b"8BPS",
        b"%PDF-1.7",
        b"\0\0\0\x20ftypheic",
    ] {
        assert_eq!(reencode_bytes(other).err(), Some(ImageError::UnsupportedFormat));
    }
}

#[test]
fn an_avatar_is_the_chosen_or_the_middle_square() {
    let bytes = file(&flag(300, 200), image::ImageFormat::Png);
    for part in [
        None,
        Some(CropArea { left: 200, top: 0, side: 5_000 }),
        Some(CropArea { left: u32::MAX, top: u32::MAX, side: 0 }),
    ] {
        let encoded = squares(
            Cursor::new(&bytes),
            ImageFormat::Png,
            part.map(|part| (part, 300)),
            &[32, 96, 256],
        )
        .unwrap();
        assert_eq!(
            encoded.iter().map(|encoded| (encoded.width, encoded.height)).collect::<Vec<_>>(),
            [(32, 32), (96, 96), (256, 256)]
        );
    }
    // Chosen in an image ten times as large: a part of its lower, blue half.
    let blue = CropArea { left: 0, top: 1_100, side: 800 };
    let encoded =
        squares(Cursor::new(&bytes), ImageFormat::Png, Some((blue, 3_000)), &[32]).unwrap();
    let pixel = image::load_from_memory(&encoded[0].bytes).unwrap().to_rgb8().get_pixel(16, 2).0;
    assert!(pixel[0] < 60 && pixel[2] > 200, "{pixel:?}");
}
