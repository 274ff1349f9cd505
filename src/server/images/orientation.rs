//! A picture as it is looked at, while its pixels lie as the camera was held: turned pixel by pixel as it is written, so that a large
//! one is never in memory twice.

use image::metadata::Orientation;

use super::decode::Picture;

/// A picture, the right way up.
pub(super) struct Turned<'p> {
    picture: &'p Picture,
    /// Bytes of a pixel.
    each: usize,
}

impl<'p> Turned<'p> {
    pub(super) fn of(picture: &'p Picture) -> Self {
        Self { picture, each: if picture.has_alpha() { 4 } else { 3 } }
    }

    /// Whether its rows are the columns of what lies there.
    pub(super) const fn lies(&self) -> bool {
        matches!(self.picture.turn, Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH)
    }

    /// In pixels, as it is looked at.
    pub(super) const fn size(&self) -> (u32, u32) {
        let Picture { width, height, .. } = self.picture;
        if self.lies() { (*height, *width) } else { (*width, *height) }
    }

    /// The pixel so far from the left and from above, of what is looked at.
    pub(super) fn pixel(&self, x: u32, y: u32) -> &'p [u8] {
        let Picture { width, height, pixels, turn, .. } = self.picture;
        let (right, bottom) = (width - 1, height - 1);
        let (left, top) = match turn {
            Orientation::NoTransforms => (x, y),
            Orientation::FlipHorizontal => (right - x, y),
            Orientation::Rotate180 => (right - x, bottom - y),
            Orientation::FlipVertical => (x, bottom - y),
            Orientation::Rotate90FlipH => (y, x),
            Orientation::Rotate90 => (y, bottom - x),
            Orientation::Rotate270FlipH => (right - y, bottom - x),
            Orientation::Rotate270 => (right - y, x),
        };
        let at = (top as usize * *width as usize + left as usize) * self.each;
        &pixels[at..at + self.each]
    }

    /// A row of what is looked at, put together here where it lies nowhere as such.
    pub(super) fn row<'r>(&self, y: u32, place: &'r mut Vec<u8>) -> &'r [u8]
    where
        'p: 'r,
    {
        let across = self.size().0;
        if self.picture.turn == Orientation::NoTransforms {
            let length = across as usize * self.each;
            return &self.picture.pixels[y as usize * length..][..length];
        }
        place.clear();
        (0..across).for_each(|x| place.extend_from_slice(self.pixel(x, y)));
        place
    }
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, RgbImage};

    use super::*;

    #[test]
    fn a_picture_is_turned_as_its_camera_says() {
        let pixels: Vec<u8> = (0..2 * 3 * 3).collect();
        for exif in 1..=8 {
            let turn = Orientation::from_exif(exif).unwrap();
            let mut expected = DynamicImage::from(RgbImage::from_raw(2, 3, pixels.clone()).unwrap());
            expected.apply_orientation(turn);
            let picture = Picture::small((2, 3), pixels.clone(), turn, None);
            let turned = Turned::of(&picture);
            assert_eq!(turned.size(), (expected.width(), expected.height()), "{exif}");
            let mut place = Vec::new();
            let rows: Vec<u8> = (0..turned.size().1).flat_map(|y| turned.row(y, &mut place).to_vec()).collect();
            assert_eq!(rows, expected.into_bytes(), "{exif}");
        }
    }
}
