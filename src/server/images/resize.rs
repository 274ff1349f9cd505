//! A picture made ready to be drawn smaller, in the memory where it lies: one that is much larger than anything that is drawn of it is
//! cut down by a whole number first, because scaling it at once would take a third as much memory again.

use fast_image_resize::{
    MulDiv, PixelType, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};

use super::{LARGE, Part, Unfit, decode::Picture, encode::longest_side};

/// A picture of which smaller ones are drawn. What can be seen through counts as much as it is seen.
pub(super) struct Reduced(Picture);

impl Reduced {
    pub(super) fn of(mut picture: Picture) -> Result<Self, Unfit> {
        let times = picture.width.max(picture.height) / longest_side((picture.width, picture.height), LARGE);
        if times > 1 {
            cut_down(&mut picture, times);
        }
        if picture.has_alpha() {
            let mut lies = Image::from_slice_u8(picture.width, picture.height, &mut picture.pixels, PixelType::U8x4).map_err(|_| Unfit::Damaged)?;
            MulDiv::new().multiply_alpha_inplace(&mut lies).map_err(|_| Unfit::Damaged)?;
        }
        Ok(Self(picture))
    }

    /// In pixels, as they lie here.
    pub(super) const fn size(&self) -> (u32, u32) {
        (self.0.width, self.0.height)
    }

    /// Whether something of it can be seen through.
    pub(super) fn has_alpha(&self) -> bool {
        self.0.has_alpha()
    }

    /// Whether its rows are the columns of what lies here.
    pub(super) fn lies(&self) -> bool {
        super::orientation::Turned::of(&self.0).lies()
    }

    /// All of it, or a part, in another size.
    pub(super) fn resized(&self, width: u32, height: u32, part: Option<Part>) -> Result<Picture, Unfit> {
        let Picture { width: from_width, height: from_height, pixels, turn, profile, .. } = &self.0;
        let kind = if self.0.has_alpha() { PixelType::U8x4 } else { PixelType::U8x3 };
        let from = ImageRef::new(*from_width, *from_height, pixels, kind).map_err(|_| Unfit::Damaged)?;
        let mut to = Image::new(width, height, kind);
        let mut options = ResizeOptions::new().use_alpha(false);
        if let Some(Part { left, top, side }) = part {
            options = options.crop(left.into(), top.into(), side.into(), side.into());
        }
        Resizer::new().resize(&from, &mut to, &options).map_err(|_| Unfit::Damaged)?;
        if self.0.has_alpha() {
            MulDiv::new().divide_alpha_inplace(&mut to).map_err(|_| Unfit::Damaged)?;
        }
        Ok(Picture::small((width, height), to.into_vec(), *turn, profile.clone()))
    }
}

/// Makes one pixel of so many beside and so many below each other. What is left over at the edges is left out. The memory is not given
/// back, because for that all would be copied.
fn cut_down(picture: &mut Picture, times: u32) {
    let each = if picture.has_alpha() { 4 } else { 3 };
    let (from, times) = (picture.width as usize, times as usize);
    let (across, down) = (times.min(from), times.min(picture.height as usize));
    let (width, height) = (from / across, picture.height as usize / down);
    let pixels = &mut picture.pixels;
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        // Colours as much as they are seen, and how much that is.
        let mut sums = [0_u32; 4];
        for row in y * down..(y + 1) * down {
            let at = (row * from + x * across) * each;
            for pixel in pixels[at..at + across * each].chunks_exact(each) {
                let seen = if each == 4 { u32::from(pixel[3]) } else { 1 };
                (0..3).for_each(|part| sums[part] += u32::from(pixel[part]) * seen);
                sums[3] += seen;
            }
        }
        let whole = |sum: u32, of: u32| u8::try_from((sum + of / 2).checked_div(of).unwrap_or(0)).unwrap_or(u8::MAX);
        let [red, green, blue, seen] = sums;
        let pixel = [whole(red, seen), whole(green, seen), whole(blue, seen), whole(seen, u32::try_from(across * down).unwrap_or(1))];
        // Everything up to here was read.
        let to = (y * width + x) * each;
        pixels[to..to + each].copy_from_slice(&pixel[..each]);
    }
    pixels.truncate(width * height * each);
    let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    (picture.width, picture.height) = (side(width), side(height));
}

#[cfg(test)]
mod tests {
    use image::metadata::Orientation;

    use super::*;

    fn cut(width: u32, pixels: &[u8], each: usize, times: u32) -> Vec<u8> {
        let height = u32::try_from(pixels.len() / each).unwrap() / width;
        let mut picture = Picture::small((width, height), pixels.to_vec(), Orientation::NoTransforms, None);
        cut_down(&mut picture, times);
        picture.pixels
    }

    #[test]
    fn of_many_pixels_one_is_made_that_is_between_them() {
        assert_eq!(cut(2, &[10, 0, 0, 20, 0, 0, 30, 0, 0, 40, 0, 255], 3, 2), [25, 0, 64]);
        assert_eq!(cut(5, &[7; 5 * 3 * 3], 3, 2), [7; 2 * 3], "what is odd is left out");
        assert_eq!(cut(7, &[7; 7 * 6 * 3], 3, 3), [7; 2 * 2 * 3]);
        assert_eq!(cut(4, &[9, 0, 0, 9, 0, 0, 1, 0, 0, 3, 0, 0], 3, 2), [9, 0, 0, 2, 0, 0], "a line stays one");
        let glass = [100, 0, 0, 255, 200, 0, 0, 0, 100, 0, 0, 255, 50, 60, 70, 0];
        assert_eq!(cut(2, &glass, 4, 2), [100, 0, 0, 128], "what is not seen has no colour");
    }
}
