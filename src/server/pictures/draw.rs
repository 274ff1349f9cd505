//! Writing a picture: in its own size, smaller, as a square, or as the few colours that stand in its place until it has come.

use fast_image_resize::{PixelType, ResizeOptions, Resizer, images::Image, images::ImageRef};
use image::{
    ExtendedColorType, ImageEncoder,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
    },
};

use super::{Drawn, Format, Part, Unfit, decode::Picture};

/// Of 100; beyond that files grow and eyes see nothing.
const QUALITY: u8 = 88;

/// The same picture with its longer side cut down to this one; `None` where it has no more.
pub(super) fn smaller(picture: &Picture, side: u32) -> Result<Option<Drawn>, Unfit> {
    let longer = picture.width.max(picture.height);
    if longer <= side {
        return Ok(None);
    }
    let scaled = |length: u32| u32::try_from(u64::from(length) * u64::from(side) / u64::from(longer)).unwrap_or(1).max(1);
    let small = resized(picture, scaled(picture.width), scaled(picture.height), &ResizeOptions::new())?;
    write(&small, fitting(&small)).map(Some)
}

/// A square of this side: of a part, or of its middle.
pub(super) fn square(picture: &Picture, part: Option<Part>, side: u32) -> Result<Drawn, Unfit> {
    let shorter = picture.width.min(picture.height);
    let middle = Part { left: (picture.width - shorter) / 2, top: (picture.height - shorter) / 2, side: shorter };
    let Part { left, top, side: cut } = part.unwrap_or(middle);
    // Where the part is not of this picture, as much of it as is.
    let (left, top) = (left.min(picture.width - 1), top.min(picture.height - 1));
    let cut = cut.clamp(1, (picture.width - left).min(picture.height - top));
    let options = ResizeOptions::new().crop(left.into(), top.into(), cut.into(), cut.into());
    let square = resized(picture, side, side, &options)?;
    write(&square, fitting(&square))
}

/// Twelve colours, four by three.
pub(super) fn blur(picture: &Picture) -> Result<String, Unfit> {
    let few = resized(picture, 4, 3, &ResizeOptions::new())?;
    let width = few.pixels.len() / 12;
    Ok(few.pixels.chunks_exact(width).map(|pixel| format!("{:02x}{:02x}{:02x}", pixel[0], pixel[1], pixel[2])).collect())
}

fn fitting(picture: &Picture) -> Format {
    if picture.has_alpha() { Format::Png } else { Format::Jpeg }
}

fn resized(picture: &Picture, width: u32, height: u32, options: &ResizeOptions) -> Result<Picture, Unfit> {
    let kind = if picture.has_alpha() { PixelType::U8x4 } else { PixelType::U8x3 };
    let from = ImageRef::new(picture.width, picture.height, &picture.pixels, kind).map_err(|_| Unfit::Damaged)?;
    let mut to = Image::new(width, height, kind);
    Resizer::new().resize(&from, &mut to, options).map_err(|_| Unfit::Damaged)?;
    Ok(Picture { width, height, pixels: to.into_vec(), profile: picture.profile.clone() })
}

/// The picture as a file of this kind.
pub(super) fn write(picture: &Picture, format: Format) -> Result<Drawn, Unfit> {
    let (width, height) = (picture.width, picture.height);
    let colours = if picture.has_alpha() { ExtendedColorType::Rgba8 } else { ExtendedColorType::Rgb8 };
    let mut bytes = Vec::new();
    if format == Format::Png {
        let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive);
        encode(encoder, picture, colours)?;
    } else {
        encode(JpegEncoder::new_with_quality(&mut bytes, QUALITY), picture, colours)?;
    }
    Ok(Drawn { bytes, format, width, height })
}

fn encode(mut encoder: impl ImageEncoder, picture: &Picture, colours: ExtendedColorType) -> Result<(), Unfit> {
    if let Some(profile) = &picture.profile {
        // One that cannot be kept is a little paler.
        let _ = encoder.set_icc_profile(profile.clone());
    }
    encoder.write_image(&picture.pixels, picture.width, picture.height, colours).map_err(|_| Unfit::Damaged)
}
