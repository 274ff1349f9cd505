//! Encoding: the original size, smaller variants, squares, and the placeholder colours.

use std::{
    borrow::Cow,
    io::{BufWriter, Write},
};

use image::{GenericImageView, ImageEncoder, Rgb, codecs::jpeg::JpegEncoder};

use super::{
    CropArea, EncodedImage, ImageError, ImageFormat, LARGE_SIDE, SMALL_SIDE, decode::DecodedImage,
    orientation::Oriented, resize::Downscaled,
};

/// JPEG quality, of 100. Higher values grow the file without a visible difference.
const QUALITY: u8 = 88;
/// Size of the write buffer, in bytes.
const BUFFER_SIZE: usize = 256 * 1024;

/// The smaller variants of an image.
pub(super) struct Variants {
    /// `None` if the original is small enough.
    pub(super) large: Option<EncodedImage>,
    pub(super) small: Option<EncodedImage>,
    pub(super) blur: String,
}

/// Encodes the variants, each from the one before, so that the full image is freed as early as
/// possible.
pub(super) fn variants(image: DecodedImage) -> Result<Variants, ImageError> {
    let large = shrink(image, LARGE_SIDE)?;
    let drawn_large = if large.is_shrunk { Some(encode(&large.image)?) } else { None };
    let small = shrink(large.image, SMALL_SIDE)?;
    let drawn_small = if small.is_shrunk { Some(encode(&small.image)?) } else { None };
    Ok(Variants {
        large: drawn_large,
        small: drawn_small,
        blur: blur(&Downscaled::new(small.image)?)?,
    })
}

/// Encodes an image whose longer side is at most `side`.
pub(super) fn fit(image: DecodedImage, side: u32) -> Result<EncodedImage, ImageError> {
    encode(&shrink(image, side)?.image)
}

/// Length of the longer side of a variant, in pixels. An image more than twice as long as wide (a
/// screenshot of a whole page) gets as many pixels as one that is twice as long; otherwise its text
/// would be unreadable.
pub(super) fn longest_side((width, height): (u32, u32), side: u32) -> u32 {
    let (longer, shorter) = (u64::from(width.max(height)), u64::from(width.min(height).max(1)));
    let squared = u64::from(side).pow(2) / 2 * longer / shorter;
    if longer <= 2 * shorter { side } else { u32::try_from(squared.isqrt()).unwrap_or(u32::MAX) }
}

struct Shrunk {
    image: DecodedImage,
    is_shrunk: bool,
}

fn shrink(image: DecodedImage, side: u32) -> Result<Shrunk, ImageError> {
    let longest = longest_side((image.width, image.height), side);
    if image.width.max(image.height) <= longest {
        return Ok(Shrunk { image, is_shrunk: false });
    }
    let image = Downscaled::new(image)?;
    let (width, height) = image.size();
    let longer = width.max(height);
    let scaled = |length: u32| {
        u32::try_from(u64::from(length) * u64::from(longest) / u64::from(longer))
            .unwrap_or(1)
            .max(1)
    };
    Ok(Shrunk { image: image.resize(scaled(width), scaled(height), None)?, is_shrunk: true })
}

/// A square: of a part of the image, or of its middle.
pub(super) fn square(
    image: &Downscaled,
    part: Option<CropArea>,
    side: u32,
) -> Result<EncodedImage, ImageError> {
    let (width, height) = image.size();
    let shorter = width.min(height);
    let CropArea { left, top, side: cut } = part.unwrap_or(CropArea {
        left: (width - shorter) / 2,
        top: (height - shorter) / 2,
        side: shorter,
    });
    // Clamp a part that exceeds the image.
    let (left, top) = (left.min(width - 1), top.min(height - 1));
    let cut = cut.clamp(1, (width - left).min(height - top));
    encode(&image.resize(side, side, Some(CropArea { left, top, side: cut }))?)
}

/// Twelve colours, four by three. Empty for images with transparency, whose invisible pixels have
/// meaningless colours.
fn blur(image: &Downscaled) -> Result<String, ImageError> {
    if image.has_alpha() {
        return Ok(String::new());
    }
    let (across, down) = if image.is_transposed() { (3, 4) } else { (4, 3) };
    let thumbnail = image.resize(across, down, None)?;
    let (thumbnail, mut colours) = (Oriented::new(&thumbnail), String::new());
    for (y, x) in (0..3).flat_map(|y| (0..4).map(move |x| (y, x))) {
        for part in thumbnail.pixel(x, y).iter().take(3) {
            colours += &format!("{part:02x}");
        }
    }
    Ok(colours)
}

/// Encodes as PNG if any pixel is transparent, otherwise as JPEG.
pub(super) fn encode(image: &DecodedImage) -> Result<EncodedImage, ImageError> {
    let (mut bytes, format) =
        (Vec::new(), if image.has_alpha() { ImageFormat::Png } else { ImageFormat::Jpeg });
    let (width, height) = write(image, format, &mut bytes)?;
    Ok(EncodedImage { bytes, format, width, height })
}

/// Writes the oriented image row by row, because a buffer for a large file would be as large again.
/// Returns its width and height in pixels.
pub(super) fn write(
    image: &DecodedImage,
    format: ImageFormat,
    to: impl Write,
) -> Result<(u32, u32), ImageError> {
    let mut to = BufWriter::with_capacity(BUFFER_SIZE, to);
    let oriented = Oriented::new(image);
    let (width, height) = oriented.size();
    if format == ImageFormat::Png {
        png(image, &oriented, &mut to)?
    } else {
        jpeg(image, &oriented, &mut to)?
    }
    to.flush().map_err(|_| ImageError::Damaged)?;
    Ok((width, height))
}

fn jpeg(image: &DecodedImage, oriented: &Oriented, to: impl Write) -> Result<(), ImageError> {
    let mut encoder = JpegEncoder::new_with_quality(to, QUALITY);
    if let Some(profile) = &image.profile {
        // Without the profile the colours are slightly off.
        let _ = encoder.set_icc_profile(profile.clone());
    }
    encoder.encode_image(oriented).map_err(|_| ImageError::Damaged)
}

fn png(image: &DecodedImage, oriented: &Oriented, to: impl Write) -> Result<(), ImageError> {
    let (width, height) = oriented.size();
    let mut info = png::Info::with_size(width, height);
    info.bit_depth = png::BitDepth::Eight;
    info.color_type = if image.has_alpha() { png::ColorType::Rgba } else { png::ColorType::Rgb };
    info.icc_profile = image.profile.as_deref().map(Cow::Borrowed);
    let written = || -> Result<(), png::EncodingError> {
        let mut encoder = png::Encoder::with_info(to, info)?;
        encoder.set_compression(png::Compression::Fast);
        encoder.set_filter(png::Filter::Adaptive);
        let mut writer = encoder.write_header()?;
        let mut rows = writer.stream_writer_with_size(BUFFER_SIZE)?;
        let mut row = Vec::new();
        for y in 0..height {
            rows.write_all(oriented.row(y, &mut row))?;
        }
        rows.finish()?;
        writer.finish()
    };
    written().map_err(|_| ImageError::Damaged)
}

/// The JPEG encoder reads its input through this trait only.
impl GenericImageView for Oriented<'_> {
    type Pixel = Rgb<u8>;

    fn dimensions(&self) -> (u32, u32) {
        self.size()
    }

    fn get_pixel(&self, x: u32, y: u32) -> Rgb<u8> {
        let pixel = self.pixel(x, y);
        Rgb([pixel[0], pixel[1], pixel[2]])
    }
}
