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
use encode::Smaller;
use resize::Reduced;

/// Longest side of a picture that is taken, in pixels.
pub const LONGEST_SIDE: u32 = 32_767;
/// Most pixels of a picture that is kept in its own size.
pub const MOST_PIXELS: u64 = 40_000_000;
/// Most pictures in a moving one.
pub const MOST_FRAMES: usize = 1_000;
/// Longest side of a picture that is looked at by itself.
const LARGE: u32 = 2_048;
/// Longest side of a picture between messages: twice as large as it is shown.
const SMALL: u32 = 720;

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
    pub fn of(beginning: &[u8]) -> Option<Self> {
        let media = metadata::image_type(beginning)?;
        Self::ALL.into_iter().find(|format| format.media() == media)
    }

    /// How its name ends.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Gif => "gif",
            Self::WebP => "webp",
        }
    }

    /// The kind of which names end so.
    #[must_use]
    pub fn by_ending(ending: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.ending() == ending)
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
pub enum Unfit {
    /// It is none of the four kinds.
    Unknown,
    /// It is damaged, cut off, or no picture at all.
    Damaged,
    /// It has too many pixels.
    TooLarge,
    /// It moves for too long.
    TooLong,
}

impl From<Unfit> for ChatError {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Unknown => Self::invalid("file", "Unsupported image format. Use PNG, JPEG, WebP or GIF."),
            Unfit::Damaged => Self::invalid("file", "This image is damaged. Save it again, or send it as a file."),
            Unfit::TooLarge => Self::new(Code::TooLarge, "This image has too many pixels to be displayed. Send it as a file.").at("file"),
            Unfit::TooLong => {
                Self::new(Code::TooLarge, "This animation is too long. The limit is 1,000 frames. Send it as a file or a video.").at("file")
            }
        }
    }
}

/// A picture as it is kept and served.
#[derive(Clone, Debug)]
pub struct Drawn {
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
pub struct Redrawn {
    /// The kind of what was written.
    pub format: Format,
    /// In pixels, as it is looked at.
    pub width: u32,
    /// In pixels, as it is looked at.
    pub height: u32,
    /// To be looked at by itself; `None` where the whole is small enough.
    pub large: Option<Drawn>,
    /// For between messages, standing still; `None` where the whole is small enough.
    pub small: Option<Drawn>,
    /// Twelve colours of it, four by three, from the left above, as hexadecimal digits: what is shown until it has come.
    pub blur: String,
    /// Whether it moves.
    pub moves: bool,
}

/// Makes a picture anew, in all its sizes: in its own it is written `to` where it is to lie, and a moving one moves.
///
/// # Errors
/// Why it is not taken; `Damaged` also where it could not be written.
pub fn redraw<R: BufRead + Seek>(from: R, format: Format, to: impl Write) -> Result<Redrawn, Unfit> {
    if format == Format::Gif {
        return animated::redraw(from, to);
    }
    let picture = decode::decode(from, format)?;
    let format = if picture.has_alpha() || format == Format::Png { Format::Png } else { Format::Jpeg };
    let (width, height) = encode::write(&picture, format, to)?;
    let Smaller { large, small, blur } = encode::smaller(picture)?;
    Ok(Redrawn { format, width, height, large, small, blur, moves: false })
}

/// A picture that stands still and fits into a square of this side, in pixels: of a page that is linked to.
///
/// # Errors
/// Why it is not taken.
pub fn fit<R: BufRead + Seek>(from: R, format: Format, side: u32) -> Result<Drawn, Unfit> {
    encode::fit(decode::decode(from, format)?, side)
}

/// A square part of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// How far from the left it begins, in pixels.
    pub left: u32,
    /// How far from above it begins, in pixels.
    pub top: u32,
    /// How long its sides are, in pixels.
    pub side: u32,
}

impl Part {
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
pub fn squares<R: BufRead + Seek>(from: R, format: Format, part: Option<(Part, u32)>, sides: &[u32]) -> Result<Vec<Drawn>, Unfit> {
    let picture = Reduced::of(decode::decode(from, format)?)?;
    let part = part.map(|(part, width)| part.scaled(picture.size().0, width));
    sides.iter().map(|side| encode::square(&picture, part, *side)).collect()
}
