//! JPEGs over the pixel limit: decoded at a half, a quarter or an eighth of their size, which needs
//! no more memory than a smaller image.

use std::{
    io::{BufRead, Seek, SeekFrom},
    panic::{AssertUnwindSafe, catch_unwind},
};

use image::metadata::Orientation;
use jpeg_decoder::{Decoder, Error, PixelFormat};

use super::{
    ImageError,
    decode::{DecodedImage, MAX_ICC_PROFILE, MAX_MEMORY, MemoryBudget},
    jpeg,
};

/// Maximum number of pixels before scaling. Limits the time. Phones take photos with up to 200
/// million.
const MAX_SOURCE_PIXELS: u64 = 220_000_000;
/// Maximum number of pixels after scaling.
const MAX_SCALED_PIXELS: u64 = 20_000_000;
/// Bytes per pixel after scaling: the separate components and the interleaved output.
const BYTES_PER_PIXEL: u64 = 6;

/// Decodes a JPEG at the largest fraction of its size that is within the limits.
pub(super) fn decode<R: BufRead + Seek>(from: R) -> Result<DecodedImage, ImageError> {
    // The decoder panics at some unsupported kinds of JPEG.
    catch_unwind(AssertUnwindSafe(|| decode_scaled(from))).unwrap_or(Err(ImageError::Damaged))
}

fn decode_scaled<R: BufRead + Seek>(mut from: R) -> Result<DecodedImage, ImageError> {
    let header =
        jpeg::inspect(&mut from).map_err(|_| ImageError::Damaged)?.ok_or(ImageError::Damaged)?;
    from.seek(SeekFrom::Start(0)).map_err(|_| ImageError::Damaged)?;
    let mut decoder = Decoder::new(from);
    decoder.read_info().map_err(|e| to_image_error(&e))?;
    let info = decoder.info().ok_or(ImageError::Damaged)?;
    let all = u64::from(info.width) * u64::from(info.height);
    let divisor = [2_u16, 4, 8]
        .into_iter()
        .find(|divisor| all / u64::from(divisor * divisor) <= MAX_SCALED_PIXELS);
    let divisor = divisor.filter(|_| all <= MAX_SOURCE_PIXELS).ok_or(ImageError::TooLarge)?;
    let output_bytes = (all / u64::from(divisor * divisor)).max(1) * BYTES_PER_PIXEL;
    let total_bytes = output_bytes + all * header.buffered_per_100_pixels / 100;
    if total_bytes > MAX_MEMORY {
        return Err(ImageError::TooLarge);
    }
    let budget = MemoryBudget::acquire(total_bytes);
    let (width, height) = decoder
        .scale(info.width.div_ceil(divisor), info.height.div_ceil(divisor))
        .map_err(|e| to_image_error(&e))?;
    decoder.set_max_decoding_buffer_size(
        usize::try_from(MAX_MEMORY).map_err(|_| ImageError::TooLarge)?,
    );
    let pixels = decoder.decode().map_err(|e| to_image_error(&e))?;
    let pixels = match info.pixel_format {
        PixelFormat::RGB24 => pixels,
        PixelFormat::L8 => pixels.into_iter().flat_map(|grey| [grey; 3]).collect(),
        // Images of printers and scanners are rarely this large.
        PixelFormat::L16 | PixelFormat::CMYK32 => return Err(ImageError::TooLarge),
    };
    if pixels.len() as u64 != u64::from(width) * u64::from(height) * 3 {
        return Err(ImageError::Damaged);
    }
    let orientation = decoder
        .exif_data()
        .and_then(Orientation::from_exif_chunk)
        .unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().filter(|profile| profile.len() <= MAX_ICC_PROFILE);
    Ok(DecodedImage::budgeted((width.into(), height.into()), pixels, orientation, profile, budget))
}

fn to_image_error(error: &Error) -> ImageError {
    if matches!(error, Error::Unsupported(_)) { ImageError::TooLarge } else { ImageError::Damaged }
}
