//! Photos that are larger than what is kept: decoded at a half, a quarter or an eighth of their size, which takes no more memory
//! than a smaller photo.

use std::{
    io::{BufRead, Seek, SeekFrom},
    panic::{AssertUnwindSafe, catch_unwind},
};

use image::metadata::Orientation;
use jpeg_decoder::{Decoder, Error, PixelFormat};

use super::{
    Unfit,
    decode::{LONGEST_PROFILE, MOST_MEMORY, Picture, Room},
    jpeg,
};

/// Most pixels of a photo before it is scaled: bounds the time. Phones take up to 200 million.
const MOST_BEFORE: u64 = 220_000_000;
/// Most pixels of what is made of it.
const MOST_AFTER: u64 = 20_000_000;
/// Bytes for each pixel of what is made: its colours apart and together.
const EACH: u64 = 6;

/// Reads a JPEG at as large a part of its size as there is room for.
pub(super) fn decode<R: BufRead + Seek>(from: R) -> Result<Picture, Unfit> {
    // The decoder panics at kinds of JPEG that it does not know.
    catch_unwind(AssertUnwindSafe(|| decode_part(from))).unwrap_or(Err(Unfit::Damaged))
}

fn decode_part<R: BufRead + Seek>(mut from: R) -> Result<Picture, Unfit> {
    let looked = jpeg::look(&mut from).map_err(|_| Unfit::Damaged)?.ok_or(Unfit::Damaged)?;
    from.seek(SeekFrom::Start(0)).map_err(|_| Unfit::Damaged)?;
    let mut decoder = Decoder::new(from);
    decoder.read_info().map_err(|e| unfit(&e))?;
    let info = decoder.info().ok_or(Unfit::Damaged)?;
    let all = u64::from(info.width) * u64::from(info.height);
    let part = [2_u16, 4, 8].into_iter().find(|part| all / u64::from(part * part) <= MOST_AFTER);
    let part = part.filter(|_| all <= MOST_BEFORE).ok_or(Unfit::TooLarge)?;
    let made = (all / u64::from(part * part)).max(1) * EACH;
    let takes = made + all * looked.kept_of_a_hundred_pixels / 100;
    if takes > MOST_MEMORY {
        return Err(Unfit::TooLarge);
    }
    let room = Room::of(takes);
    let (width, height) = decoder.scale(info.width.div_ceil(part), info.height.div_ceil(part)).map_err(|e| unfit(&e))?;
    decoder.set_max_decoding_buffer_size(usize::try_from(MOST_MEMORY).map_err(|_| Unfit::TooLarge)?);
    let pixels = decoder.decode().map_err(|e| unfit(&e))?;
    let pixels = match info.pixel_format {
        PixelFormat::RGB24 => pixels,
        PixelFormat::L8 => pixels.into_iter().flat_map(|grey| [grey; 3]).collect(),
        // What printers and scanners make is seldom this large.
        PixelFormat::L16 | PixelFormat::CMYK32 => return Err(Unfit::TooLarge),
    };
    if pixels.len() as u64 != u64::from(width) * u64::from(height) * 3 {
        return Err(Unfit::Damaged);
    }
    let turn = decoder.exif_data().and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().filter(|profile| profile.len() <= LONGEST_PROFILE);
    Ok(Picture::large((width.into(), height.into()), pixels, turn, profile, room))
}

fn unfit(error: &Error) -> Unfit {
    if matches!(error, Error::Unsupported(_)) { Unfit::TooLarge } else { Unfit::Damaged }
}
