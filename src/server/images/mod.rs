//! Pictures made anew: whatever somebody sends is decoded within bounds and written again by us, without what cameras, programs or
//! attackers have put beside the picture. Pure work on bytes; it takes long and belongs into the workshop.

mod animated;
mod decode;
mod encode;
mod jpeg;
mod orientation;
mod resize;
mod scaled_jpeg;
#[cfg(test)]
mod tests;

use std::io::{BufRead, Seek, Write};

use crate::domain::{ChatError, Code, metadata};
use encode::Variants;
use resize::Downscaled;

/// Longest side of a picture that is taken, in pixels.
pub const MAX_SIDE: u32 = 32_767;
/// Most pixels of a picture that is kept in its own size.
pub const MAX_PIXELS: u64 = 40_000_000;
/// Most pictures in a moving one.
pub const MAX_FRAMES: usize = 1_000;
/// Longest side of a picture that is looked at by itself.
const LARGE_SIDE: u32 = 2_048;
/// Longest side of a picture between messages: twice as large as it is shown.
const SMALL_SIDE: u32 = 720;

/// The kinds of pictures that are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lossless, from drawings and screens.
    Png,
    /// From cameras.
    Jpeg,
    /// Moving, or very old.
    Gif,
    /// Any of these; never written here.
    WebP,
}

impl Format {
    const ALL: [Self; 4] = [Self::Png, Self::Jpeg, Self::Gif, Self::WebP];

    /// The kind that a file begins like, if it is one of the four.
    #[must_use]
    pub fn detect(beginning: &[u8]) -> Option<Self> {
        let media = metadata::image_type(beginning)?;
        Self::ALL.into_iter().find(|format| format.media() == media)
    }

    /// How its name ends.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::WebP => "webp",
        }
    }

    /// The kind of which names end so.
    #[must_use]
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == extension)
    }

    /// Its media type.
    #[must_use]
    pub const fn media(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }
}

/// Why a picture is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageError {
    /// It is none of the four kinds.
    UnsupportedFormat,
    /// It is damaged, cut off, or no picture at all.
    Damaged,
    /// It has too many pixels.
    TooLarge,
    /// It moves for too long.
    TooManyFrames,
}

impl From<ImageError> for ChatError {
    fn from(to_image_error: ImageError) -> Self {
        match to_image_error {
            ImageError::UnsupportedFormat => Self::invalid("file", "Unsupported image format. Use PNG, JPEG, WebP or GIF."),
            ImageError::Damaged => Self::invalid("file", "This image is damaged. Save it again, or send it as a file."),
            ImageError::TooLarge => Self::new(Code::TooLarge, "This image has too many pixels to be displayed. Send it as a file.").at("file"),
            ImageError::TooManyFrames => {
                Self::new(Code::TooLarge, "This animation is too long. The limit is 1,000 frames. Send it as a file or a video.").at("file")
            }
        }
    }
}

/// A picture as it is kept and served.
#[derive(Clone, Debug)]
pub struct EncodedImage {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its kind.
    pub format: Format,
    /// In pixels, as it is looked at.
    pub width: u32,
    /// In pixels, as it is looked at.
    pub height: u32,
}

/// What is made of a picture that was sent, beside the picture itself.
#[derive(Clone, Debug)]
pub struct Reencoded {
    /// The kind of what was written.
    pub format: Format,
    /// In pixels, as it is looked at.
    pub width: u32,
    /// In pixels, as it is looked at.
    pub height: u32,
    /// To be looked at by itself; `None` where the whole is small enough.
    pub large: Option<EncodedImage>,
    /// For between messages, standing still; `None` where the whole is small enough.
    pub small: Option<EncodedImage>,
    /// Twelve colours of it, four by three, from the left above, as hexadecimal digits: what is shown until it has come.
    pub blur: String,
    /// Whether it moves.
    pub moves: bool,
}

/// Makes a picture anew, in all its sizes: in its own it is written `to` where it is to lie, and a moving one moves.
///
/// # Errors
/// Why it is not taken; `Damaged` also where it could not be written.
pub fn reencode<R: BufRead + Seek>(from: R, format: Format, to: impl Write) -> Result<Reencoded, ImageError> {
    if format == Format::Gif {
        return animated::reencode(from, to);
    }
    let image = decode::decode(from, format)?;
    let format = if image.has_alpha() || format == Format::Png { Format::Png } else { Format::Jpeg };
    let (width, height) = encode::write(&image, format, to)?;
    let Variants { large, small, blur } = encode::variants(image)?;
    Ok(Reencoded { format, width, height, large, small, blur, moves: false })
}

/// A picture that stands still and fits into a square of this side, in pixels: of a page that is linked to.
///
/// # Errors
/// Why it is not taken.
pub fn fit<R: BufRead + Seek>(from: R, format: Format, side: u32) -> Result<EncodedImage, ImageError> {
    encode::fit(decode::decode(from, format)?, side)
}

/// A square part of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CropArea {
    /// How far from the left it begins, in pixels.
    pub left: u32,
    /// How far from above it begins, in pixels.
    pub top: u32,
    /// How long its sides are, in pixels.
    pub side: u32,
}

impl CropArea {
    /// The same part of a picture that is so wide, where it was meant for one that is as wide as that.
    fn scaled(self, to: u32, from: u32) -> Self {
        let scaled = |length: u32| u32::try_from(u64::from(length) * u64::from(to) / u64::from(from.max(1))).unwrap_or(u32::MAX);
        Self { left: scaled(self.left), top: scaled(self.top), side: scaled(self.side) }
    }
}

/// Squares of these sides, in pixels, of a picture that was made here: of its middle, or of a part that was chosen where it was so many
/// pixels wide. Somebody's face.
///
/// # Errors
/// Why it is not taken.
pub fn squares<R: BufRead + Seek>(from: R, format: Format, crop: Option<(CropArea, u32)>, sides: &[u32]) -> Result<Vec<EncodedImage>, ImageError> {
    let image = Downscaled::new(decode::decode(from, format)?)?;
    let crop = crop.map(|(crop, width)| crop.scaled(image.size().0, width));
    sides.iter().map(|side| encode::square(&image, crop, *side)).collect()
}
