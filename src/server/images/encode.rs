//! Writing a picture: in its own size, smaller, as a square, or as the few colours that stand in its place until it has come.

use std::{
    borrow::Cow,
    io::{BufWriter, Write},
};

use image::{GenericImageView, ImageEncoder, Rgb, codecs::jpeg::JpegEncoder};

use super::{Drawn, Format, LARGE, Part, SMALL, Unfit, decode::Picture, orientation::Turned, resize::Reduced};

/// Of 100; beyond that files grow and eyes see nothing.
const QUALITY: u8 = 88;
/// So much is gathered before it is written, in bytes.
const GATHERED: usize = 256 * 1024;

/// What is drawn of a picture beside itself.
pub(super) struct Smaller {
    /// With its longer side cut down to so many pixels; `None` where it has no more.
    pub(super) large: Option<Drawn>,
    pub(super) small: Option<Drawn>,
    pub(super) blur: String,
}

/// Draws them, each of the one before: the picture itself is let go of as early as can be.
pub(super) fn smaller(picture: Picture) -> Result<Smaller, Unfit> {
    let large = cut(picture, LARGE)?;
    let drawn_large = if large.is_cut { Some(drawn(&large.picture)?) } else { None };
    let small = cut(large.picture, SMALL)?;
    let drawn_small = if small.is_cut { Some(drawn(&small.picture)?) } else { None };
    Ok(Smaller { large: drawn_large, small: drawn_small, blur: blur(&Reduced::of(small.picture)?)? })
}

/// A picture with its longer side cut down to this one; the same where it has no more.
pub(super) fn fit(picture: Picture, side: u32) -> Result<Drawn, Unfit> {
    drawn(&cut(picture, side)?.picture)
}

/// The longer side of what is drawn of a picture, in pixels: one that is more than twice as long as wide (a screenshot of a whole page)
/// has as many pixels as one that is twice as long, or nothing in it could be read.
pub(super) fn longest_side((width, height): (u32, u32), side: u32) -> u32 {
    let (longer, shorter) = (u64::from(width.max(height)), u64::from(width.min(height).max(1)));
    let squared = u64::from(side).pow(2) / 2 * longer / shorter;
    if longer <= 2 * shorter { side } else { u32::try_from(squared.isqrt()).unwrap_or(u32::MAX) }
}

struct Cut {
    picture: Picture,
    is_cut: bool,
}

fn cut(picture: Picture, side: u32) -> Result<Cut, Unfit> {
    let longest = longest_side((picture.width, picture.height), side);
    if picture.width.max(picture.height) <= longest {
        return Ok(Cut { picture, is_cut: false });
    }
    let picture = Reduced::of(picture)?;
    let (width, height) = picture.size();
    let longer = width.max(height);
    let scaled = |length: u32| u32::try_from(u64::from(length) * u64::from(longest) / u64::from(longer)).unwrap_or(1).max(1);
    Ok(Cut { picture: picture.resized(scaled(width), scaled(height), None)?, is_cut: true })
}

/// A square of this side: of a part, or of its middle. Of a picture that lies as it is looked at.
pub(super) fn square(picture: &Reduced, part: Option<Part>, side: u32) -> Result<Drawn, Unfit> {
    let (width, height) = picture.size();
    let shorter = width.min(height);
    let Part { left, top, side: cut } = part.unwrap_or(Part { left: (width - shorter) / 2, top: (height - shorter) / 2, side: shorter });
    // Where the part is not of this picture, as much of it as is.
    let (left, top) = (left.min(width - 1), top.min(height - 1));
    let cut = cut.clamp(1, (width - left).min(height - top));
    drawn(&picture.resized(side, side, Some(Part { left, top, side: cut }))?)
}

/// Twelve colours, four by three; none of what can be seen through, whose colours mean nothing where nothing is seen.
fn blur(picture: &Reduced) -> Result<String, Unfit> {
    if picture.has_alpha() {
        return Ok(String::new());
    }
    let (across, down) = if picture.lies() { (3, 4) } else { (4, 3) };
    let few = picture.resized(across, down, None)?;
    let (few, mut colours) = (Turned::of(&few), String::new());
    for (y, x) in (0..3).flat_map(|y| (0..4).map(move |x| (y, x))) {
        for part in few.pixel(x, y).iter().take(3) {
            colours += &format!("{part:02x}");
        }
    }
    Ok(colours)
}

/// The picture as a file of the kind that fits it.
pub(super) fn drawn(picture: &Picture) -> Result<Drawn, Unfit> {
    let (mut bytes, format) = (Vec::new(), if picture.has_alpha() { Format::Png } else { Format::Jpeg });
    let (width, height) = write(picture, format, &mut bytes)?;
    Ok(Drawn { bytes, format, width, height })
}

/// Writes it as a file of this kind, the right way up, row by row: of a large one the file would be as large again. Answers how large it
/// is, in pixels.
pub(super) fn write(picture: &Picture, format: Format, to: impl Write) -> Result<(u32, u32), Unfit> {
    let mut to = BufWriter::with_capacity(GATHERED, to);
    let turned = Turned::of(picture);
    let (width, height) = turned.size();
    if format == Format::Png {
        png(picture, &turned, &mut to)?
    } else {
        jpeg(picture, &turned, &mut to)?
    }
    to.flush().map_err(|_| Unfit::Damaged)?;
    Ok((width, height))
}

fn jpeg(picture: &Picture, turned: &Turned, to: impl Write) -> Result<(), Unfit> {
    let mut encoder = JpegEncoder::new_with_quality(to, QUALITY);
    if let Some(profile) = &picture.profile {
        // One that cannot be kept is a little paler.
        let _ = encoder.set_icc_profile(profile.clone());
    }
    encoder.encode_image(turned).map_err(|_| Unfit::Damaged)
}

fn png(picture: &Picture, turned: &Turned, to: impl Write) -> Result<(), Unfit> {
    let (width, height) = turned.size();
    let mut info = png::Info::with_size(width, height);
    info.bit_depth = png::BitDepth::Eight;
    info.color_type = if picture.has_alpha() { png::ColorType::Rgba } else { png::ColorType::Rgb };
    info.icc_profile = picture.profile.as_deref().map(Cow::Borrowed);
    let written = || -> Result<(), png::EncodingError> {
        let mut encoder = png::Encoder::with_info(to, info)?;
        encoder.set_compression(png::Compression::Fast);
        encoder.set_filter(png::Filter::Adaptive);
        let mut writer = encoder.write_header()?;
        let mut rows = writer.stream_writer_with_size(GATHERED)?;
        let mut row = Vec::new();
        for y in 0..height {
            rows.write_all(turned.row(y, &mut row))?;
        }
        rows.finish()?;
        writer.finish()
    };
    written().map_err(|_| Unfit::Damaged)
}

/// For the one who writes JPEG, who takes no other kind.
impl GenericImageView for Turned<'_> {
    type Pixel = Rgb<u8>;

    fn dimensions(&self) -> (u32, u32) {
        self.size()
    }

    fn get_pixel(&self, x: u32, y: u32) -> Rgb<u8> {
        let pixel = self.pixel(x, y);
        Rgb([pixel[0], pixel[1], pixel[2]])
    }
}
