//! Decoding within limits: the memory that an image needs is computed before anything is allocated.

use std::{
    io::{self, BufRead, Seek, SeekFrom},
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use image::{ImageDecoder, ImageError as DecoderError, ImageReader, Limits, metadata::Orientation};

use super::{ImageError, ImageFormat, MAX_PIXELS, MAX_SIDE, jpeg, scaled_jpeg};

/// Maximum number of bytes of a decoded image: three per pixel at the pixel limit. Images with
/// transparency have a lower limit, because their variants need memory too.
const MAX_RGB_BYTES: u64 = MAX_PIXELS * 3;
const MAX_RGBA_BYTES: u64 = 100_000_000;
/// Maximum number of bytes of memory of one image while it is decoded, and of all images that are
/// decoded at once: the output and what the decoder needs beside it.
pub(super) const MAX_MEMORY: u64 = 140_000_000;
/// Maximum number of bytes that a decoder may allocate.
const MAX_DECODER_BYTES: u64 = 320 * 1024 * 1024;
/// The same for PNG. Its decoder needs a few rows only, but would decompress a colour profile up to
/// this limit.
const MAX_PNG_DECODER_BYTES: u64 = 8 * 1024 * 1024;
/// Bytes of tables per byte of a lossless WebP file, whatever the dimensions of the image.
const LOSSLESS_FACTOR: u64 = 350;
/// Bytes that a decoder may allocate for the smallest image.
const MIN_DECODER_BYTES: u64 = 1024 * 1024;
/// Largest JPEG that is decoded at full size, in bytes: the decoder holds the whole file.
const MAX_FULL_SIZE_JPEG: u64 = 40 * 1024 * 1024;
/// Longest colour profile that is kept, in bytes; those of cameras have some hundred.
pub(super) const MAX_ICC_PROFILE: usize = 4_096;

/// Images that need more than half of the memory are decoded one at a time.
static BUDGET: RwLock<()> = RwLock::new(());

/// Held while an image is in memory.
pub(super) enum MemoryBudget {
    Shared { _with: RwLockReadGuard<'static, ()> },
    Exclusive { _all: RwLockWriteGuard<'static, ()> },
}

impl MemoryBudget {
    /// Waits until this many bytes are available. Deadlocks if this thread already holds a budget.
    pub(super) fn acquire(bytes: u64) -> Self {
        if bytes > MAX_MEMORY / 2 {
            return Self::Exclusive {
                _all: BUDGET.write().unwrap_or_else(PoisonError::into_inner),
            };
        }
        Self::Shared { _with: BUDGET.read().unwrap_or_else(PoisonError::into_inner) }
    }
}

/// A decoded image: 3 bytes per pixel, or 4 if any pixel is transparent.
pub(super) struct DecodedImage {
    /// Before orientation, in pixels.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) pixels: Vec<u8>,
    /// Applied while the image is written: rotating in memory would need a second buffer.
    pub(super) orientation: Orientation,
    /// The colour profile, unless it is sRGB.
    pub(super) profile: Option<Vec<u8>>,
    _budget: Option<MemoryBudget>,
}

impl DecodedImage {
    /// An image without a budget of its own: it is small, or derived from another image.
    pub(super) const fn unbudgeted(
        (width, height): (u32, u32),
        pixels: Vec<u8>,
        orientation: Orientation,
        profile: Option<Vec<u8>>,
    ) -> Self {
        Self { width, height, pixels, orientation, profile, _budget: None }
    }

    /// An image that another decoder made, with the budget that it holds.
    pub(super) const fn budgeted(
        (width, height): (u32, u32),
        pixels: Vec<u8>,
        orientation: Orientation,
        profile: Option<Vec<u8>>,
        budget: MemoryBudget,
    ) -> Self {
        Self { width, height, pixels, orientation, profile, _budget: Some(budget) }
    }

    /// Whether any pixel is transparent.
    pub(super) fn has_alpha(&self) -> bool {
        self.pixels.len() as u64 == u64::from(self.width) * u64::from(self.height) * 4
    }
}

/// Decodes an image: the first frame of an animation, and a JPEG that is too large at a fraction of
/// its size.
pub(super) fn decode<R: BufRead + Seek>(
    mut from: R,
    format: ImageFormat,
) -> Result<DecodedImage, ImageError> {
    if format != ImageFormat::Jpeg {
        return decode_whole(from, format);
    }
    let length = from.seek(SeekFrom::End(0)).map_err(|_| ImageError::Damaged)?;
    from.seek(SeekFrom::Start(0)).map_err(|_| ImageError::Damaged)?;
    let full_size = if length > MAX_FULL_SIZE_JPEG {
        Err(ImageError::TooLarge)
    } else {
        decode_whole(&mut from, format)
    };
    match full_size {
        Err(ImageError::TooLarge) => {
            from.seek(SeekFrom::Start(0)).map_err(|_| ImageError::Damaged)?;
            scaled_jpeg::decode(from)
        }
        full_size => full_size,
    }
}

fn decode_whole<R: BufRead + Seek>(
    mut from: R,
    format: ImageFormat,
) -> Result<DecodedImage, ImageError> {
    let overhead = overhead(&mut from, format)?;
    let format = match format {
        ImageFormat::Png => image::ImageFormat::Png,
        ImageFormat::Jpeg => image::ImageFormat::Jpeg,
        ImageFormat::Gif => image::ImageFormat::Gif,
        ImageFormat::WebP => image::ImageFormat::WebP,
    };
    let mut reader = ImageReader::with_format(from, format);
    let mut limits = Limits::default();
    let max_alloc =
        if format == image::ImageFormat::Png { MAX_PNG_DECODER_BYTES } else { MAX_DECODER_BYTES };
    (limits.max_image_width, limits.max_image_height, limits.max_alloc) =
        (Some(MAX_SIDE), Some(MAX_SIDE), Some(max_alloc));
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(|e| to_image_error(&e))?;
    let (width, height) = decoder.dimensions();
    check_dimensions(width, height)?;
    let all = u64::from(width) * u64::from(height);
    let alpha = decoder.color_type().has_alpha();
    let output_bytes = decoder.total_bytes().max(all * if alpha { 4 } else { 3 });
    let total_bytes = output_bytes + overhead.bytes + (all * overhead.per_100_pixels).div_ceil(100);
    if output_bytes > if alpha { MAX_RGBA_BYTES } else { MAX_RGB_BYTES } || total_bytes > MAX_MEMORY
    {
        return Err(ImageError::TooLarge);
    }
    let budget = MemoryBudget::acquire(total_bytes);
    if format == image::ImageFormat::Gif {
        // A frame may claim to be larger than the image.
        limits.max_alloc = Some(all * 8 + MIN_DECODER_BYTES);
        decoder.set_limits(limits).map_err(|e| to_image_error(&e))?;
    }
    let orientation = decoder.orientation().map_err(|e| to_image_error(&e))?;
    let profile =
        decoder.icc_profile().ok().flatten().filter(|profile| profile.len() <= MAX_ICC_PROFILE);
    let pixels =
        read_pixels(decoder, usize::try_from(output_bytes).map_err(|_| ImageError::TooLarge)?)?;
    Ok(DecodedImage { width, height, pixels, orientation, profile, _budget: Some(budget) })
}

/// Memory that a decoder needs beside its output, in bytes.
struct DecoderOverhead {
    /// Independent of the dimensions.
    bytes: u64,
    /// Per hundred pixels.
    per_100_pixels: u64,
}

/// Measured for the current decoders; the memory test in `tests/prove` fails when they change.
fn overhead<R: BufRead + Seek>(
    from: &mut R,
    format: ImageFormat,
) -> Result<DecoderOverhead, ImageError> {
    let from_start = |from: &mut R| from.seek(SeekFrom::Start(0)).map_err(|_| ImageError::Damaged);
    Ok(match format {
        ImageFormat::Png => DecoderOverhead { bytes: 0, per_100_pixels: 0 },
        // The file, and the coefficients of a progressive image.
        ImageFormat::Jpeg => {
            let info = jpeg::inspect(from).map_err(|_| ImageError::Damaged)?;
            let bytes = from.seek(SeekFrom::End(0)).map_err(|_| ImageError::Damaged)?;
            from_start(from)?;
            DecoderOverhead {
                bytes,
                per_100_pixels: info.ok_or(ImageError::Damaged)?.buffered_per_100_pixels,
            }
        }
        // A canvas of 4 bytes per pixel.
        ImageFormat::Gif => DecoderOverhead { bytes: 0, per_100_pixels: 400 },
        ImageFormat::WebP => {
            let overhead = webp_overhead(from).map_err(|_| ImageError::Damaged)?;
            from_start(from)?;
            overhead
        }
    })
}

/// Reads the chunks of a WebP file.
fn webp_overhead<R: BufRead + Seek>(from: &mut R) -> io::Result<DecoderOverhead> {
    // Lossy: the YUV planes and the file.
    let (mut per_100_pixels, mut factor) = (151, 1);
    let length = from.seek(SeekFrom::End(0))?;
    from.seek(SeekFrom::Start(12))?;
    let mut head = [0; 8];
    while from.read_exact(&mut head).is_ok() {
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        match &head[..4] {
            b"VP8L" => (per_100_pixels, factor) = (per_100_pixels.max(400), LOSSLESS_FACTOR),
            // Transparency or animation: a canvas and a separate alpha plane.
            b"ALPH" | b"ANMF" => (per_100_pixels, factor) = (800, LOSSLESS_FACTOR),
            _ => {}
        }
        from.seek_relative(i64::from(size) + i64::from(size % 2))?;
    }
    Ok(DecoderOverhead { bytes: length * factor, per_100_pixels })
}

/// Decodes into one buffer and converts each pixel to 3 or 4 bytes in place. A second buffer would
/// double the memory.
fn read_pixels(decoder: impl ImageDecoder, length: usize) -> Result<Vec<u8>, ImageError> {
    let colour = decoder.color_type();
    let read = usize::try_from(decoder.total_bytes()).map_err(|_| ImageError::TooLarge)?;
    let mut pixels = vec![0; length.max(read)];
    decoder.read_image(&mut pixels[..read]).map_err(|e| to_image_error(&e))?;
    let channels = usize::from(colour.channel_count());
    let all = read / usize::from(colour.bytes_per_pixel());
    if usize::from(colour.bytes_per_pixel()) == 2 * channels {
        for n in 0..all * channels {
            let sample = u32::from(u16::from_ne_bytes([pixels[2 * n], pixels[2 * n + 1]]));
            pixels[n] = u8::try_from((sample * 255 + 32_767) / 65_535).unwrap_or(u8::MAX);
        }
    }
    // From the end: the expanded pixels overwrite only pixels that were already read.
    match channels {
        1 => (0..all).rev().for_each(|n| {
            let grey = pixels[n];
            pixels[3 * n..3 * n + 3].fill(grey);
        }),
        2 => (0..all).rev().for_each(|n| {
            let (grey, alpha) = (pixels[2 * n], pixels[2 * n + 1]);
            pixels[4 * n..4 * n + 4].copy_from_slice(&[grey, grey, grey, alpha]);
        }),
        _ => {}
    }
    pixels.truncate(all * if colour.has_alpha() { 4 } else { 3 });
    if colour.has_alpha() && pixels.chunks_exact(4).all(|pixel| pixel[3] == u8::MAX) {
        (0..all).for_each(|n| pixels.copy_within(n * 4..n * 4 + 3, n * 3));
        pixels.truncate(all * 3);
    }
    Ok(pixels)
}

/// Checks the dimensions of an image.
pub(super) fn check_dimensions(width: u32, height: u32) -> Result<(), ImageError> {
    match u64::from(width) * u64::from(height) {
        0 => Err(ImageError::Damaged),
        pixels if pixels > MAX_PIXELS || width.max(height) > MAX_SIDE => Err(ImageError::TooLarge),
        _ => Ok(()),
    }
}

fn to_image_error(error: &DecoderError) -> ImageError {
    if matches!(error, DecoderError::Limits(_)) {
        ImageError::TooLarge
    } else {
        ImageError::Damaged
    }
}
