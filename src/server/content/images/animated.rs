//! Animations (GIF): each frame is decoded and encoded again with its own palette. Only the frames,
//! their delays and the repeat count are copied.

use std::{
    io::{BufRead, BufWriter, Seek, SeekFrom, Write},
    num::NonZeroU64,
};

use gif::{ColorOutput, DecodeOptions, Decoder, Encoder, MemoryLimit, Repeat};

use super::{
    ImageError, ImageFormat, MAX_FRAMES, Reencoded, SMALL_SIDE,
    decode::{self, check_dimensions},
    encode::{self, Variants},
};

/// Maximum number of pixels of all frames together. Limits the time.
const MAX_TOTAL_PIXELS: u64 = 400_000_000;
/// Maximum number of bytes that one frame takes.
const MAX_FRAME_BYTES: NonZeroU64 = NonZeroU64::new(64 * 1024 * 1024).unwrap();

pub(super) fn reencode<R: BufRead + Seek>(
    mut from: R,
    to: impl Write,
) -> Result<Reencoded, ImageError> {
    let (frames, width, height) = reencode_frames(&mut from, to)?;
    from.seek(SeekFrom::Start(0)).map_err(|_| ImageError::Damaged)?;
    let first = decode::decode(from, ImageFormat::Gif)?;
    let is_animated = frames > 1;
    // Shown in the message list instead of the animation.
    let still = if is_animated && first.width.max(first.height) <= SMALL_SIDE {
        Some(encode::encode(&first)?)
    } else {
        None
    };
    let Variants { large, small, blur } = encode::variants(first)?;
    // A large variant would not be animated, so the viewer shows the original.
    Ok(Reencoded {
        format: ImageFormat::Gif,
        width,
        height,
        large: large.filter(|_| !is_animated),
        small: still.or(small),
        blur,
        is_animated,
    })
}

/// Returns the number of frames, and the width and height in pixels.
fn reencode_frames<R: BufRead>(from: R, to: impl Write) -> Result<(usize, u32, u32), ImageError> {
    let mut decoder = open(from)?;
    let (width, height) = (decoder.width(), decoder.height());
    check_dimensions(width.into(), height.into())?;
    let all = u64::from(width) * u64::from(height);
    // The first frame is decoded afterwards. Reject what would fail then before reading all frames.
    if 8 * all > decode::MAX_MEMORY {
        return Err(ImageError::TooLarge);
    }
    // The decoded frame, its copy, and the encoded frame.
    let _budget = decode::MemoryBudget::acquire(4 * all);
    let palette = decoder.global_palette().map(<[u8]>::to_vec).unwrap_or_default();
    let mut encoder = Encoder::new(BufWriter::new(to), width, height, &palette)
        .map_err(|_| ImageError::Damaged)?;
    let (mut frames, mut pixels, mut repeat) = (0, 0, None);
    while let Some(frame) = decoder.read_next_frame().map_err(|_| ImageError::Damaged)? {
        frames += 1;
        pixels += u64::from(frame.width) * u64::from(frame.height);
        if frames > MAX_FRAMES || pixels > MAX_TOTAL_PIXELS {
            return Err(ImageError::TooManyFrames);
        }
        let mut frame = frame.clone();
        frame.make_lzw_pre_encoded();
        // The decoder knows it after the first frame.
        if frames == 1 {
            repeat = Some(decoder.repeat());
        }
        if let Some(repeat) = repeat.take().filter(|repeat| !matches!(repeat, Repeat::Finite(0))) {
            encoder.set_repeat(repeat).map_err(|_| ImageError::Damaged)?;
        }
        encoder.write_lzw_pre_encoded_frame(&frame).map_err(|_| ImageError::Damaged)?;
    }
    if frames == 0 {
        return Err(ImageError::Damaged);
    }
    // `into_inner` writes the trailer.
    encoder
        .into_inner()
        .map_err(|_| ImageError::Damaged)?
        .flush()
        .map_err(|_| ImageError::Damaged)?;
    Ok((frames, width.into(), height.into()))
}

fn open<R: BufRead>(from: R) -> Result<Decoder<R>, ImageError> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.set_memory_limit(MemoryLimit::Bytes(MAX_FRAME_BYTES));
    options.check_frame_consistency(true);
    options.read_info(from).map_err(|_| ImageError::Damaged)
}
