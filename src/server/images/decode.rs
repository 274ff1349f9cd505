//! Reading a picture within bounds: how much memory it takes is known before anything is made room for.

use std::{
    io::{self, BufRead, Seek, SeekFrom},
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use image::{ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, metadata::Orientation};

use super::{Format, LONGEST_SIDE, MOST_PIXELS, Unfit, jpeg, scaled_jpeg};

/// Most bytes that a picture is unpacked to: three for each of the most pixels; and the same where something of it can be seen through,
/// of which smaller ones take more beside it.
const MOST_MADE: u64 = MOST_PIXELS * 3;
const MOST_MADE_OF_GLASS: u64 = 100_000_000;
/// Most bytes of memory that one picture takes while it is read, and all that are read at once: what it is unpacked to, and what its
/// decoder needs beside that.
pub(super) const MOST_MEMORY: u64 = 140_000_000;
/// Most bytes that a decoder may take for what it is told about a picture.
const MOST_BYTES: u64 = 320 * 1024 * 1024;
/// The same of the one for PNG, which needs a few lines of it, but would unpack whatever is said about colours into all it may have.
const MOST_BYTES_PNG: u64 = 8 * 1024 * 1024;
/// Bytes that the tables of a WebP without loss can take for each byte of it: by what it says itself, whatever the size of the picture.
const LOSSLESS: u64 = 350;
/// What a decoder may take for the smallest picture, in bytes.
const LEAST: u64 = 1024 * 1024;
/// Largest JPEG that is decoded in its own size, in bytes: its decoder holds all of it.
const MOST_OF_A_JPEG: u64 = 40 * 1024 * 1024;
/// Longest description of colours that is kept; those of cameras have some hundred bytes.
pub(super) const LONGEST_PROFILE: usize = 4_096;

/// Those that take more than half of the memory go one by one.
static ROOM: RwLock<()> = RwLock::new(());

/// What is held while a picture is in memory.
pub(super) enum Room {
    Shared { _with: RwLockReadGuard<'static, ()> },
    Alone { _all: RwLockWriteGuard<'static, ()> },
}

impl Room {
    /// Waits until there is room for so many bytes. Never while one is held.
    pub(super) fn of(bytes: u64) -> Self {
        if bytes > MOST_MEMORY / 2 {
            return Self::Alone { _all: ROOM.write().unwrap_or_else(PoisonError::into_inner) };
        }
        Self::Shared { _with: ROOM.read().unwrap_or_else(PoisonError::into_inner) }
    }
}

/// A picture: 3 bytes a pixel, or 4 where something of it can be seen through.
pub(super) struct Picture {
    /// Of its pixels as they lie here.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) pixels: Vec<u8>,
    /// How it is to be turned, which is done when it is written: a large one would lie here twice.
    pub(super) turn: Orientation,
    /// What its colours mean, where they do not mean the usual.
    pub(super) profile: Option<Vec<u8>>,
    _room: Option<Room>,
}

impl Picture {
    /// One that needs no room of its own: it is small, or made of another.
    pub(super) const fn small((width, height): (u32, u32), pixels: Vec<u8>, turn: Orientation, profile: Option<Vec<u8>>) -> Self {
        Self { width, height, pixels, turn, profile, _room: None }
    }

    /// One that was decoded elsewhere, in the room that it takes.
    pub(super) const fn large((width, height): (u32, u32), pixels: Vec<u8>, turn: Orientation, profile: Option<Vec<u8>>, room: Room) -> Self {
        Self { width, height, pixels, turn, profile, _room: Some(room) }
    }

    /// Whether something of it can be seen through.
    pub(super) fn has_alpha(&self) -> bool {
        self.pixels.len() as u64 == u64::from(self.width) * u64::from(self.height) * 4
    }
}

/// Reads it; of a moving one the first frame, and of a photo that is too large as much as there is room for.
pub(super) fn decode<R: BufRead + Seek>(mut from: R, format: Format) -> Result<Picture, Unfit> {
    if format != Format::Jpeg {
        return decode_whole(from, format);
    }
    let length = from.seek(SeekFrom::End(0)).map_err(|_| Unfit::Damaged)?;
    from.seek(SeekFrom::Start(0)).map_err(|_| Unfit::Damaged)?;
    let whole = if length > MOST_OF_A_JPEG { Err(Unfit::TooLarge) } else { decode_whole(&mut from, format) };
    match whole {
        Err(Unfit::TooLarge) => {
            from.seek(SeekFrom::Start(0)).map_err(|_| Unfit::Damaged)?;
            scaled_jpeg::decode(from)
        }
        whole => whole,
    }
}

fn decode_whole<R: BufRead + Seek>(mut from: R, format: Format) -> Result<Picture, Unfit> {
    let beside = beside(&mut from, format)?;
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
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(|e| unfit(&e))?;
    let (width, height) = decoder.dimensions();
    within_bounds(width, height)?;
    let all = u64::from(width) * u64::from(height);
    let alpha = decoder.color_type().has_alpha();
    let made = decoder.total_bytes().max(all * if alpha { 4 } else { 3 });
    let takes = made + beside.bytes + (all * beside.of_a_hundred_pixels).div_ceil(100);
    if made > if alpha { MOST_MADE_OF_GLASS } else { MOST_MADE } || takes > MOST_MEMORY {
        return Err(Unfit::TooLarge);
    }
    let room = Room::of(takes);
    if format == ImageFormat::Gif {
        // A frame may be said to be larger than the picture.
        limits.max_alloc = Some(all * 8 + LEAST);
        decoder.set_limits(limits).map_err(|e| unfit(&e))?;
    }
    let turn = decoder.orientation().map_err(|e| unfit(&e))?;
    let profile = decoder.icc_profile().ok().flatten().filter(|profile| profile.len() <= LONGEST_PROFILE);
    let pixels = unpack(decoder, usize::try_from(made).map_err(|_| Unfit::TooLarge)?)?;
    Ok(Picture { width, height, pixels, turn, profile, _room: Some(room) })
}

/// What a decoder needs beside the picture that it makes, in bytes.
struct Beside {
    /// Whatever its size.
    bytes: u64,
    /// For each hundred pixels.
    of_a_hundred_pixels: u64,
}

/// As the decoders work now: the test of memory in `tests/prove` tells when they no longer do.
fn beside<R: BufRead + Seek>(from: &mut R, format: Format) -> Result<Beside, Unfit> {
    let from_start = |from: &mut R| from.seek(SeekFrom::Start(0)).map_err(|_| Unfit::Damaged);
    Ok(match format {
        Format::Png => Beside { bytes: 0, of_a_hundred_pixels: 0 },
        // Its file, and what has come of all colours where they come one after the other.
        Format::Jpeg => {
            let looked = jpeg::look(from).map_err(|_| Unfit::Damaged)?;
            let bytes = from.seek(SeekFrom::End(0)).map_err(|_| Unfit::Damaged)?;
            from_start(from)?;
            Beside { bytes, of_a_hundred_pixels: looked.ok_or(Unfit::Damaged)?.kept_of_a_hundred_pixels }
        }
        // A canvas for the frame.
        Format::Gif => Beside { bytes: 0, of_a_hundred_pixels: 400 },
        Format::WebP => {
            let beside = webp(from).map_err(|_| Unfit::Damaged)?;
            from_start(from)?;
            beside
        }
    })
}

/// Goes through the parts of a WebP.
fn webp<R: BufRead + Seek>(from: &mut R) -> io::Result<Beside> {
    // Of the simple kind brightness and colours, and its file.
    let (mut each, mut times) = (151, 1);
    let length = from.seek(SeekFrom::End(0))?;
    from.seek(SeekFrom::Start(12))?;
    let mut head = [0; 8];
    while from.read_exact(&mut head).is_ok() {
        let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        match &head[..4] {
            b"VP8L" => (each, times) = (each.max(400), LOSSLESS),
            // With a canvas, and colours that can be seen through apart from the others.
            b"ALPH" | b"ANMF" => (each, times) = (800, LOSSLESS),
            _ => {}
        }
        from.seek_relative(i64::from(size) + i64::from(size % 2))?;
    }
    Ok(Beside { bytes: length * times, of_a_hundred_pixels: each })
}

/// Unpacks it into a place of this length, and makes 3 or 4 bytes of each pixel there: in a second place it would be there twice.
fn unpack(decoder: impl ImageDecoder, length: usize) -> Result<Vec<u8>, Unfit> {
    let colour = decoder.color_type();
    let read = usize::try_from(decoder.total_bytes()).map_err(|_| Unfit::TooLarge)?;
    let mut pixels = vec![0; length.max(read)];
    decoder.read_image(&mut pixels[..read]).map_err(|e| unfit(&e))?;
    let channels = usize::from(colour.channel_count());
    let all = read / usize::from(colour.bytes_per_pixel());
    if usize::from(colour.bytes_per_pixel()) == 2 * channels {
        for n in 0..all * channels {
            let fine = u32::from(u16::from_ne_bytes([pixels[2 * n], pixels[2 * n + 1]]));
            pixels[n] = u8::try_from((fine * 255 + 32_767) / 65_535).unwrap_or(u8::MAX);
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
pub(super) fn within_bounds(width: u32, height: u32) -> Result<(), Unfit> {
    match u64::from(width) * u64::from(height) {
        0 => Err(Unfit::Damaged),
        pixels if pixels > MOST_PIXELS || width.max(height) > LONGEST_SIDE => Err(Unfit::TooLarge),
        _ => Ok(()),
    }
}

fn unfit(error: &ImageError) -> Unfit {
    if matches!(error, ImageError::Limits(_)) { Unfit::TooLarge } else { Unfit::Damaged }
}
