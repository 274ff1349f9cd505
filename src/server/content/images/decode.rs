//! Reading a picture within bounds: how much memory it takes is known before anything is made room
//! for.

use std::{
    io::{self, BufRead, Seek, SeekFrom},
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use image::{ImageDecoder, ImageError as DecoderError, ImageReader, Limits, metadata::Orientation};

use super::{ImageError, ImageFormat, MAX_PIXELS, MAX_SIDE, jpeg, scaled_jpeg};

/// Most bytes that a picture is unpacked to: three for each of the most pixels; and the same where
/// something of it can be seen through, of which smaller ones take more beside it.
const MAX_RGB_BYTES: u64 = MAX_PIXELS * 3;
const MAX_RGBA_BYTES: u64 = 100_000_000;
/// Most bytes of memory that one picture takes while it is read, and all that are read at once:
/// what it is unpacked to, and what its decoder needs beside that.
pub(super) const MAX_MEMORY: u64 = 140_000_000;
/// Most bytes that a decoder may take for what it is told about a picture.
const MAX_DECODER_BYTES: u64 = 320 * 1024 * 1024;
/// The same of the one for PNG, which needs a few lines of it, but would unpack whatever is said
/// about colours into all it may have.
const MAX_PNG_DECODER_BYTES: u64 = 8 * 1024 * 1024;
/// Bytes that the tables of a WebP without loss can take for each byte of it: by what it says
/// itself, whatever the size of the picture.
const LOSSLESS_FACTOR: u64 = 350;
/// What a decoder may take for the smallest picture, in bytes.
const MIN_DECODER_BYTES: u64 = 1024 * 1024;
/// Largest JPEG that is decoded in its own size, in bytes: its decoder holds all of it.
const MAX_FULL_SIZE_JPEG: u64 = 40 * 1024 * 1024;
/// Longest description of colours that is kept; those of cameras have some hundred bytes.
pub(super) const MAX_ICC_PROFILE: usize = 4_096;

/// Those that take more than half of the memory go one by one.
static BUDGET: RwLock<()> = RwLock::new(());

/// What is held while a picture is in memory.
pub(super) enum MemoryBudget {
    Shared { _with: RwLockReadGuard<'static, ()> },
    Exclusive { _all: RwLockWriteGuard<'static, ()> },
}

impl MemoryBudget {
    /// Waits until there is room for so many bytes. Never while one is held.
    pub(super) fn acquire(bytes: u64) -> Self {
        if bytes > MAX_MEMORY / 2 {
            return Self::Exclusive {
                _all: BUDGET.write().unwrap_or_else(PoisonError::into_inner),
            };
        }
        Self::Shared { _with: BUDGET.read().unwrap_or_else(PoisonError::into_inner) }
    }
}

/// A picture: 3 bytes a pixel, or 4 where something of it can be seen through.
pub(super) struct DecodedImage {
    /// Of its pixels as they lie here.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) pixels: Vec<u8>,
    /// How it is to be turned, which is done when it is written: a large one would lie here twice.
    pub(super) orientation: Orientation,
    /// What its colours mean, where they do not mean the usual.
    pub(super) profile: Option<Vec<u8>>,
    _budget: Option<MemoryBudget>,
}

impl DecodedImage {
    /// One that needs no room of its own: it is small, or made of another.
    pub(super) const fn unbudgeted(
        (width, height): (u32, u32),
        pixels: Vec<u8>,
        orientation: Orientation,
        profile: Option<Vec<u8>>,
    ) -> Self {
        Self { width, height, pixels, orientation, profile, _budget: None }
    }

    /// One that was decoded elsewhere, in the room that it takes.
    pub(super) const fn budgeted(
        (width, height): (u32, u32),
        pixels: Vec<u8>,
        orientation: Orientation,
        profile: Option<Vec<u8>>,
        budget: MemoryBudget,
    ) -> Self {
        Self { width, height, pixels, orientation, profile, _budget: Some(budget) }
    }

    /// Whether something of it can be seen through.
    pub(super) fn has_alpha(&self) -> bool {
        self.pixels.len() as u64 == u64::from(self.width) * u64::from(self.height) * 4
    }
}

/// Reads it; of a moving one the first frame, and of a photo that is too large as much as there is
/// room for.
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
        // A frame may be said to be larger than the picture.
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

/// What a decoder needs beside the picture that it makes, in bytes.
struct DecoderOverhead {
    /// Whatever its size.
    bytes: u64,
    /// For each hundred pixels.
    per_100_pixels: u64,
}

/// As the decoders work now: the test of memory in `tests/prove` tells when they no longer do.
fn overhead<R: BufRead + Seek>(
    from: &mut R,
    format: ImageFormat,
) -> Result<DecoderOverhead, ImageError> {
    let from_start = |from: &mut R| from.seek(SeekFrom::Start(0)).map_err(|_| ImageError::Damaged);
    Ok(match format {
        ImageFormat::Png => DecoderOverhead { bytes: 0, per_100_pixels: 0 },
        // Its file, and what has come of all colours where they come one after the other.
        ImageFormat::Jpeg => {
            let info = jpeg::inspect(from).map_err(|_| ImageError::Damaged)?;
            let bytes = from.seek(SeekFrom::End(0)).map_err(|_| ImageError::Damaged)?;
            from_start(from)?;
            DecoderOverhead {
                bytes,
                per_100_pixels: info.ok_or(ImageError::Damaged)?.buffered_per_100_pixels,
            }
        }
        // A canvas for the frame.
        ImageFormat::Gif => DecoderOverhead { bytes: 0, per_100_pixels: 400 },
        ImageFormat::WebP => {
            let overhead = webp_overhead(from).map_err(|_| ImageError::Damaged)?;
            from_start(from)?;
            overhead
        }
    })
}

/// Goes through the parts of a WebP.
fn webp_overhead<R: BufRead + Seek>(from: &mut R) -> io::Result<DecoderOverhead> {
    // Of the simple kind brightness and colours, and its file.
    let (mut per_100_pixels, mut factor) = (151, 1);
    let length = from.seek(SeekFrom::End(0))?;
    from.seek(SeekFrom::Start(12))?;
    let mut head = [0; 8];
    while from.read_exact(&mut head).is_ok() {
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        match &head[..4] {
            b"VP8L" => (per_100_pixels, factor) = (per_100_pixels.max(400), LOSSLESS_FACTOR),
            // With a canvas, and colours that can be seen through apart from the others.
            b"ALPH" | b"ANMF" => (per_100_pixels, factor) = (800, LOSSLESS_FACTOR),
            _ => {}
        }
        from.seek_relative(i64::from(size) + i64::from(size % 2))?;
    }
    Ok(DecoderOverhead { bytes: length * factor, per_100_pixels })
}

/// Unpacks it into a place of this length, and makes 3 or 4 bytes of each pixel there: in a second
/// place it would be there twice.
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
    // From the end, so that nothing is overwritten before it is read.
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

/// Whether a picture of this size is taken.
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
