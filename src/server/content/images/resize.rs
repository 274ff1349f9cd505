//! Downscaling in place: an image much larger than its largest variant is first reduced by a whole
//! factor, because resampling it directly would take a third as much memory again.

use fast_image_resize::{
    MulDiv, PixelType, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};

use super::{CropArea, ImageError, LARGE_SIDE, decode::DecodedImage, encode::longest_side};

/// An image prepared for resizing. Its alpha is premultiplied.
pub(super) struct Downscaled(DecodedImage);

impl Downscaled {
    pub(super) fn new(mut image: DecodedImage) -> Result<Self, ImageError> {
        let factor =
            image.width.max(image.height) / longest_side((image.width, image.height), LARGE_SIDE);
        if factor > 1 {
            box_downscale(&mut image, factor);
        }
        if image.has_alpha() {
            let mut is_transposed =
                Image::from_slice_u8(image.width, image.height, &mut image.pixels, PixelType::U8x4)
                    .map_err(|_| ImageError::Damaged)?;
            MulDiv::new()
                .multiply_alpha_inplace(&mut is_transposed)
                .map_err(|_| ImageError::Damaged)?;
        }
        Ok(Self(image))
    }

    /// Width and height before orientation, in pixels.
    pub(super) const fn size(&self) -> (u32, u32) {
        (self.0.width, self.0.height)
    }

    /// Whether any pixel is transparent.
    pub(super) fn has_alpha(&self) -> bool {
        self.0.has_alpha()
    }

    /// Whether the orientation exchanges rows and columns.
    pub(super) fn is_transposed(&self) -> bool {
        super::orientation::Oriented::new(&self.0).is_transposed()
    }

    /// Resizes the image or a part of it.
    pub(super) fn resize(
        &self,
        width: u32,
        height: u32,
        crop: Option<CropArea>,
    ) -> Result<DecodedImage, ImageError> {
        let DecodedImage {
            width: from_width,
            height: from_height,
            pixels,
            orientation,
            profile,
            ..
        } = &self.0;
        let kind = if self.0.has_alpha() { PixelType::U8x4 } else { PixelType::U8x3 };
        let from = ImageRef::new(*from_width, *from_height, pixels, kind)
            .map_err(|_| ImageError::Damaged)?;
        let mut to = Image::new(width, height, kind);
        let mut options = ResizeOptions::new().use_alpha(false);
        if let Some(CropArea { left, top, side }) = crop {
            options = options.crop(left.into(), top.into(), side.into(), side.into());
        }
        Resizer::new().resize(&from, &mut to, &options).map_err(|_| ImageError::Damaged)?;
        if self.0.has_alpha() {
            MulDiv::new().divide_alpha_inplace(&mut to).map_err(|_| ImageError::Damaged)?;
        }
        Ok(DecodedImage::unbudgeted((width, height), to.into_vec(), *orientation, profile.clone()))
    }
}

/// Averages blocks of `factor` by `factor` pixels; incomplete blocks at the edges are dropped. The
/// buffer keeps its capacity, because shrinking would copy it.
fn box_downscale(image: &mut DecodedImage, factor: u32) {
    let bytes_per_pixel = if image.has_alpha() { 4 } else { 3 };
    let (from, factor) = (image.width as usize, factor as usize);
    let (across, down) = (factor.min(from), factor.min(image.height as usize));
    let (width, height) = (from / across, image.height as usize / down);
    let pixels = &mut image.pixels;
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        // Sums of the colours weighted by alpha, and of alpha.
        let mut sums = [0_u32; 4];
        for row in y * down..(y + 1) * down {
            let at = (row * from + x * across) * bytes_per_pixel;
            for pixel in pixels[at..at + across * bytes_per_pixel].chunks_exact(bytes_per_pixel) {
                let alpha = if bytes_per_pixel == 4 { u32::from(pixel[3]) } else { 1 };
                (0..3).for_each(|crop| sums[crop] += u32::from(pixel[crop]) * alpha);
                sums[3] += alpha;
            }
        }
        let rounded = |sum: u32, of: u32| {
            u8::try_from((sum + of / 2).checked_div(of).unwrap_or(0)).unwrap_or(u8::MAX)
        };
        let [red, green, blue, alpha] = sums;
        let pixel = [
            rounded(red, alpha),
            rounded(green, alpha),
            rounded(blue, alpha),
            rounded(alpha, u32::try_from(across * down).unwrap_or(1)),
        ];
        // Overwrites only pixels that were already read.
        let to = (y * width + x) * bytes_per_pixel;
        pixels[to..to + bytes_per_pixel].copy_from_slice(&pixel[..bytes_per_pixel]);
    }
    pixels.truncate(width * height * bytes_per_pixel);
    let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    (image.width, image.height) = (side(width), side(height));
}

#[cfg(test)]
mod tests {
    use image::metadata::Orientation;

    use super::*;

    fn cut(width: u32, pixels: &[u8], bytes_per_pixel: usize, factor: u32) -> Vec<u8> {
        let height = u32::try_from(pixels.len() / bytes_per_pixel).unwrap() / width;
        let mut image = DecodedImage::unbudgeted(
            (width, height),
            pixels.to_vec(),
            Orientation::NoTransforms,
            None,
        );
        box_downscale(&mut image, factor);
        image.pixels
    }

    #[test]
    fn box_downscale_averages_pixels() {
        assert_eq!(cut(2, &[10, 0, 0, 20, 0, 0, 30, 0, 0, 40, 0, 255], 3, 2), [25, 0, 64]);
        assert_eq!(cut(5, &[7; 5 * 3 * 3], 3, 2), [7; 2 * 3], "what is odd is left out");
        assert_eq!(cut(7, &[7; 7 * 6 * 3], 3, 3), [7; 2 * 2 * 3]);
        assert_eq!(
            cut(4, &[9, 0, 0, 9, 0, 0, 1, 0, 0, 3, 0, 0], 3, 2),
            [9, 0, 0, 2, 0, 0],
            "a line stays one"
        );
        let translucent = [100, 0, 0, 255, 200, 0, 0, 0, 100, 0, 0, 255, 50, 60, 70, 0];
        assert_eq!(cut(2, &translucent, 4, 2), [100, 0, 0, 128], "what is not seen has no colour");
    }
}
