//! Images: uploaded images are decoded within limits and re-encoded, without metadata of cameras
//! and programs. Pure CPU work, run in the background pool.

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

use crate::domain::{ChatError, Code, file::ImageFormat};
use encode::Variants;
use resize::Downscaled;

/// Longest side of an image, in pixels.
pub const MAX_SIDE: u32 = 32_767;
/// Maximum number of pixels of an image that keeps its size.
pub const MAX_PIXELS: u64 = 40_000_000;
/// Maximum number of frames of an animation.
pub const MAX_FRAMES: usize = 1_000;
/// Longest side of an image in the viewer.
const LARGE_SIDE: u32 = 2_048;
/// Longest side of an image in the message list: twice its size on the screen.
const SMALL_SIDE: u32 = 720;

/// Why an image is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageError {
    /// None of the four formats.
    UnsupportedFormat,
    /// Damaged, truncated, or not an image.
    Damaged,
    /// Too many pixels.
    TooLarge,
    /// Too many frames.
    TooManyFrames,
}

impl From<ImageError> for ChatError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::UnsupportedFormat => {
                Self::invalid("file", "Unsupported image format. Use PNG, JPEG, WebP or GIF.")
            }
            ImageError::Damaged => {
                Self::invalid("file", "This image is damaged. Save it again, or send it as a file.")
            }
            ImageError::TooLarge => Self::new(
                Code::TooLarge,
                "This image has too many pixels to be displayed. Send it as a file.",
            )
            .at("file"),
            ImageError::TooManyFrames => Self::new(
                Code::TooLarge,
                "This animation is too long. The limit is 1,000 frames. \
                 Send it as a file or a video.",
            )
            .at("file"),
        }
    }
}

/// An encoded image.
#[derive(Clone, Debug)]
pub struct EncodedImage {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its format.
    pub format: ImageFormat,
    /// In pixels, after orientation.
    pub width: u32,
    /// In pixels, after orientation.
    pub height: u32,
}

/// The variants of a re-encoded image.
#[derive(Clone, Debug)]
pub struct Reencoded {
    /// The format that was written.
    pub format: ImageFormat,
    /// In pixels, after orientation.
    pub width: u32,
    /// In pixels, after orientation.
    pub height: u32,
    /// For the viewer; `None` if the original is small enough.
    pub large: Option<EncodedImage>,
    /// For the message list, not animated; `None` if the original is small enough.
    pub small: Option<EncodedImage>,
    /// Twelve colours, four by three, from the top left, as hexadecimal digits: a placeholder until
    /// the image has loaded.
    pub blur: String,
    /// Whether it is animated.
    pub is_animated: bool,
}

/// Re-encodes an image and its variants. The original size is written `to`; an animation stays
/// animated.
///
/// # Errors
/// Why it is rejected; `Damaged` also if writing fails.
pub fn reencode<R: BufRead + Seek>(
    from: R,
    format: ImageFormat,
    to: impl Write,
) -> Result<Reencoded, ImageError> {
    if format == ImageFormat::Gif {
        return animated::reencode(from, to);
    }
    let image = decode::decode(from, format)?;
    let format = if image.has_alpha() || format == ImageFormat::Png {
        ImageFormat::Png
    } else {
        ImageFormat::Jpeg
    };
    let (width, height) = encode::write(&image, format, to)?;
    let Variants { large, small, blur } = encode::variants(image)?;
    Ok(Reencoded { format, width, height, large, small, blur, is_animated: false })
}

/// A still image that fits into a square of this side, in pixels: for link previews.
///
/// # Errors
/// Why it is rejected.
pub fn fit<R: BufRead + Seek>(
    from: R,
    format: ImageFormat,
    side: u32,
) -> Result<EncodedImage, ImageError> {
    encode::fit(decode::decode(from, format)?, side)
}

/// A square part of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CropArea {
    /// Offset from the left, in pixels.
    pub left: u32,
    /// Offset from the top, in pixels.
    pub top: u32,
    /// Length of a side, in pixels.
    pub side: u32,
}

impl CropArea {
    /// The same part, scaled from one width to another.
    fn scaled(self, to: u32, from: u32) -> Self {
        let scaled = |length: u32| {
            u32::try_from(u64::from(length) * u64::from(to) / u64::from(from.max(1)))
                .unwrap_or(u32::MAX)
        };
        Self { left: scaled(self.left), top: scaled(self.top), side: scaled(self.side) }
    }
}

/// Squares of these sides, in pixels, of a re-encoded image: of its middle, or of a part that was
/// chosen at this width. For avatars.
///
/// # Errors
/// Why it is rejected.
pub fn squares<R: BufRead + Seek>(
    from: R,
    format: ImageFormat,
    crop: Option<(CropArea, u32)>,
    sides: &[u32],
) -> Result<Vec<EncodedImage>, ImageError> {
    let image = Downscaled::new(decode::decode(from, format)?)?;
    let crop = crop.map(|(crop, width)| crop.scaled(image.size().0, width));
    sides.iter().map(|side| encode::square(&image, crop, *side)).collect()
}
