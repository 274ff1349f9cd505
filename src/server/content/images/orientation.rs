//! An image in its orientation, while its pixels stay as the camera wrote them: it is rotated pixel
//! by pixel as it is written, so that a large one is never in memory twice.

use image::metadata::Orientation;

use super::decode::DecodedImage;

/// An image as it is displayed.
pub(super) struct Oriented<'p> {
    image: &'p DecodedImage,
    /// Bytes of a pixel.
    bytes_per_pixel: usize,
}

impl<'p> Oriented<'p> {
    pub(super) fn new(image: &'p DecodedImage) -> Self {
        Self { image, bytes_per_pixel: if image.has_alpha() { 4 } else { 3 } }
    }

    /// Whether the orientation exchanges rows and columns.
    pub(super) const fn is_transposed(&self) -> bool {
        matches!(
            self.image.orientation,
            Orientation::Rotate90
                | Orientation::Rotate270
                | Orientation::Rotate90FlipH
                | Orientation::Rotate270FlipH
        )
    }

    /// Width and height after orientation, in pixels.
    pub(super) const fn size(&self) -> (u32, u32) {
        let DecodedImage { width, height, .. } = self.image;
        if self.is_transposed() { (*height, *width) } else { (*width, *height) }
    }

    /// The pixel at a position after orientation.
    pub(super) fn pixel(&self, x: u32, y: u32) -> &'p [u8] {
        let DecodedImage { width, height, pixels, orientation, .. } = self.image;
        let (right, bottom) = (width - 1, height - 1);
        let (left, top) = match orientation {
            Orientation::NoTransforms => (x, y),
            Orientation::FlipHorizontal => (right - x, y),
            Orientation::Rotate180 => (right - x, bottom - y),
            Orientation::FlipVertical => (x, bottom - y),
            Orientation::Rotate90FlipH => (y, x),
            Orientation::Rotate90 => (y, bottom - x),
            Orientation::Rotate270FlipH => (right - y, bottom - x),
            Orientation::Rotate270 => (right - y, x),
        };
        let at = (top as usize * *width as usize + left as usize) * self.bytes_per_pixel;
        &pixels[at..at + self.bytes_per_pixel]
    }

    /// A row after orientation. Assembled in `buffer` unless the image has it as such.
    pub(super) fn row<'r>(&self, y: u32, buffer: &'r mut Vec<u8>) -> &'r [u8]
    where
        'p: 'r,
    {
        let across = self.size().0;
        if self.image.orientation == Orientation::NoTransforms {
            let length = across as usize * self.bytes_per_pixel;
            return &self.image.pixels[y as usize * length..][..length];
        }
        buffer.clear();
        (0..across).for_each(|x| buffer.extend_from_slice(self.pixel(x, y)));
        buffer
    }
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, RgbImage};

    use super::*;

    #[test]
    fn orientation_matches_exif() {
        let pixels: Vec<u8> = (0..2 * 3 * 3).collect();
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let mut expected =
                DynamicImage::from(RgbImage::from_raw(2, 3, pixels.clone()).unwrap());
            expected.apply_orientation(orientation);
            let image = DecodedImage::unbudgeted((2, 3), pixels.clone(), orientation, None);
            let oriented = Oriented::new(&image);
            assert_eq!(oriented.size(), (expected.width(), expected.height()), "{exif}");
            let mut buffer = Vec::new();
            let rows: Vec<u8> = (0..oriented.size().1)
                .flat_map(|y| oriented.row(y, &mut buffer).to_vec())
                .collect();
            assert_eq!(rows, expected.into_bytes(), "{exif}");
        }
    }
}
