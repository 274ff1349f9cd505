//! Reading a picture within bounds: its size is known before anything is made room for.

use std::io::{BufRead, Cursor, Seek};

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::{Format, LONGEST_SIDE, MOST_PIXELS, Unfit};

/// Most bytes that a decoder may take for itself.
const MOST_BYTES: u64 = 320 * 1024 * 1024;
/// The same of the one for PNG, which needs a few lines of it, but would unpack whatever is said about colours into all it may have.
const MOST_BYTES_PNG: u64 = 8 * 1024 * 1024;
/// Most bytes of what it makes: the most pixels with four bytes each.
const MOST_MADE: u64 = MOST_PIXELS * 4;
/// Longest description of colours that is kept; those of cameras have some hundred bytes.
const LONGEST_PROFILE: usize = 4_096;

/// A picture, the right way up: 3 bytes a pixel, or 4 where something of it can be seen through.
pub(super) struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) pixels: Vec<u8>,
    /// What its colours mean, where they do not mean the usual.
    pub(super) profile: Option<Vec<u8>>,
}

impl Picture {
    /// Whether something of it can be seen through.
    pub(super) fn has_alpha(&self) -> bool {
        self.pixels.len() as u64 == u64::from(self.width) * u64::from(self.height) * 4
    }
}

/// Reads it; of a moving one the first frame.
pub(super) fn decode<R: BufRead + Seek>(mut from: R, format: Format) -> Result<Picture, Unfit> {
    if format == Format::Jpeg {
        // The decoder reads it whole as well, and paints grey what is missing.
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).map_err(|_| Unfit::Damaged)?;
        return if is_whole_jpeg(&bytes) { read(Cursor::new(bytes), format) } else { Err(Unfit::Damaged) };
    }
    read(from, format)
}

/// Whether the mark of the end comes after the mark where the picture itself begins. What cameras write before that may hold pictures
/// of its own, so it is gone through part by part.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    const PICTURE: u8 = 0xda;
    let mut at = 2;
    while let Some([0xff, mark, high, low]) = bytes.get(at..at + 4) {
        if *mark == PICTURE {
            return bytes[at..].windows(2).any(|pair| pair == [0xff, 0xd9]);
        }
        // Between parts there may be more of the first byte.
        at += if *mark == 0xff { 1 } else { 2 + usize::from(u16::from_be_bytes([*high, *low])) };
    }
    false
}

fn read<R: BufRead + Seek>(from: R, format: Format) -> Result<Picture, Unfit> {
    let format = match format {
        Format::Png => ImageFormat::Png,
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Gif => ImageFormat::Gif,
        Format::WebP => ImageFormat::WebP,
    };
    let mut reader = ImageReader::with_format(from, format);
    let mut limits = Limits::default();
    let most = if format == ImageFormat::Png { MOST_BYTES_PNG } else { MOST_BYTES };
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) = (Some(LONGEST_SIDE), Some(LONGEST_SIDE), Some(most));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|e| unfit(&e))?;
    let (width, height) = decoder.dimensions();
    within_bounds(width, height)?;
    if decoder.total_bytes() > MOST_MADE {
        return Err(Unfit::TooLarge);
    }
    let orientation = decoder.orientation().map_err(|e| unfit(&e))?;
    let profile = decoder.icc_profile().ok().flatten().filter(|profile| profile.len() <= LONGEST_PROFILE);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|e| unfit(&e))?;
    picture.apply_orientation(orientation);
    let (width, height) = (picture.width(), picture.height());
    let pixels = if picture.color().has_alpha() {
        let pixels = picture.into_rgba8().into_raw();
        if pixels.chunks_exact(4).all(|pixel| pixel[3] == u8::MAX) { without_alpha(pixels) } else { pixels }
    } else {
        picture.into_rgb8().into_raw()
    };
    Ok(Picture { width, height, pixels, profile })
}

/// Whether a picture of this size is taken.
pub(super) fn within_bounds(width: u32, height: u32) -> Result<(), Unfit> {
    match u64::from(width) * u64::from(height) {
        0 => Err(Unfit::Damaged),
        pixels if pixels > MOST_PIXELS || width.max(height) > LONGEST_SIDE => Err(Unfit::TooLarge),
        _ => Ok(()),
    }
}

/// In place: a second copy of a large picture would be the largest thing in the server's memory.
fn without_alpha(mut pixels: Vec<u8>) -> Vec<u8> {
    let all = pixels.len() / 4;
    for n in 0..all {
        pixels.copy_within(n * 4..n * 4 + 3, n * 3);
    }
    pixels.truncate(all * 3);
    pixels
}

fn unfit(error: &ImageError) -> Unfit {
    if matches!(error, ImageError::Limits(_)) { Unfit::TooLarge } else { Unfit::Damaged }
}
