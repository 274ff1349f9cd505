//! Inspection of a JPEG before it is decoded: whether it is complete, and how much of it a decoder
//! must buffer.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// Markers of frame headers: baseline, extended and progressive.
const FRAMES: std::ops::RangeInclusive<u8> = 0xc0..=0xc2;
/// Marker of a progressive frame.
const PROGRESSIVE: u8 = 0xc2;
/// Marker of a scan, where the image data begins.
const SCAN: u8 = 0xda;
/// Bytes of a frame header with four components.
const MAX_FRAME_HEADER: usize = 6 + 4 * 3;
/// Ends the file.
const END_MARKER: [u8; 2] = [0xff, 0xd9];

/// Result of an inspection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct JpegInfo {
    /// Bytes that a decoder buffers until the end, per hundred pixels; 0 if it can emit each row
    /// immediately.
    pub(super) buffered_per_100_pixels: u64,
}

/// Inspects a JPEG. `None` if its end is missing, because decoders fill the missing part with grey.
/// Reads segment by segment: metadata may contain further JPEGs with markers of their own.
///
/// # Errors
/// An I/O error.
pub(super) fn inspect<R: BufRead + Seek>(from: &mut R) -> io::Result<Option<JpegInfo>> {
    from.seek(SeekFrom::Start(2))?;
    let mut frame = Frame::default();
    loop {
        let mut head = [0; 4];
        if !read_fully(from, &mut head)? || head[0] != 0xff {
            return Ok(None);
        }
        let [_, marker, high, low] = head;
        if marker == 0 {
            // Decoders skip this marker and would read its segment as something else.
            return Ok(None);
        }
        if marker == 0xff {
            // Fill bytes may precede a marker.
            from.seek_relative(-3)?;
            continue;
        }
        let length = i64::from(u16::from_be_bytes([high, low])) - 2;
        if length < 0 {
            return Ok(None);
        }
        let mut left = length;
        if FRAMES.contains(&marker) {
            let mut header = vec![0; usize::try_from(length).unwrap_or(0).min(MAX_FRAME_HEADER)];
            if !read_fully(from, &mut header)? {
                return Ok(None);
            }
            left -= i64::try_from(header.len()).unwrap_or(0);
            frame = Frame::of(&header, marker);
        } else if marker == SCAN {
            let mut colours = [0; 1];
            if !read_fully(from, &mut colours)? {
                return Ok(None);
            }
            let info =
                JpegInfo { buffered_per_100_pixels: frame.buffered(usize::from(colours[0])) };
            return Ok(has_end_marker(from)?.then_some(info));
        }
        // Relative, so that the reader keeps its buffer: a file may have many small segments.
        from.seek_relative(left)?;
    }
}

/// A frame header.
#[derive(Default)]
struct Frame {
    progressive: bool,
    /// Horizontal and vertical sampling factor of each component.
    colours: Vec<(u64, u64)>,
}

impl Frame {
    fn of(header: &[u8], marker: u8) -> Self {
        let colours = header.get(6..).unwrap_or_default().chunks_exact(3);
        let often = |colour: &[u8]| (u64::from(colour[1] >> 4), u64::from(colour[1] & 0x0f));
        Self {
            progressive: marker == PROGRESSIVE,
            colours: colours
                .take(usize::from(header.get(5).copied().unwrap_or(0)))
                .map(often)
                .collect(),
        }
    }

    fn buffered(&self, in_first_scan: usize) -> u64 {
        if !self.progressive && in_first_scan == self.colours.len() {
            return 0;
        }
        let most =
            |side: fn(&(u64, u64)) -> u64| self.colours.iter().map(side).max().unwrap_or(1).max(1);
        let all: u64 = self.colours.iter().map(|(across, down)| across * down).sum();
        // Two bytes per coefficient.
        (200 * all).div_ceil(most(|(across, _)| *across) * most(|(_, down)| *down))
    }
}

fn has_end_marker(from: &mut impl BufRead) -> io::Result<bool> {
    let mut before = 0;
    loop {
        let some = from.fill_buf()?;
        if some.is_empty() {
            return Ok(false);
        }
        for byte in some {
            if [before, *byte] == END_MARKER {
                return Ok(true);
            }
            before = *byte;
        }
        let read = some.len();
        from.consume(read);
    }
}

/// Fills the buffer; `false` at the end of the file.
fn read_fully(from: &mut impl Read, place: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(place) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A JPEG with three components; `first` has the sampling factors of the first one.
    fn jpeg(frame: u8, first: u8, in_first_scan: u8) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe1, 0, 6, 0xff, 0xd9, 0xff, 0xd9];
        bytes.extend([
            0xff, 0xff, frame, 0, 17, 8, 0, 16, 0, 16, 3, 1, first, 0, 2, 0x11, 0, 3, 0x11, 0,
        ]);
        bytes.extend([0xff, SCAN, 0, 3, in_first_scan, 1, 2, 3, 0xff, 0, 0xff, 0xd9]);
        bytes
    }

    #[test]
    fn invalid_markers_are_rejected_and_many_small_segments_are_read() {
        let mut hides = jpeg(0xc0, 0x11, 3);
        hides.splice(2..2, [0xff, 0, 0, 2]);
        assert_eq!(inspect(&mut Cursor::new(&hides)).unwrap(), None);
        let mut small = jpeg(0xc0, 0x11, 3);
        small.splice(2..2, [0xff, 0xfe, 0, 2].repeat(1_000_000));
        let mut from = std::io::BufReader::with_capacity(256 * 1024, Cursor::new(&small));
        assert!(inspect(&mut from).unwrap().is_some());
    }

    #[test]
    fn progressive_and_non_interleaved_jpegs_are_buffered() {
        for (frame, first, in_first_scan, buffered) in [
            (0xc0, 0x22, 3, 0),
            (0xc1, 0x11, 3, 0),
            (0xc2, 0x11, 3, 600),
            (0xc2, 0x22, 3, 300),
            (0xc0, 0x21, 1, 400),
        ] {
            let whole = jpeg(frame, first, in_first_scan);
            let info = inspect(&mut Cursor::new(&whole)).unwrap();
            assert_eq!(
                info,
                Some(JpegInfo { buffered_per_100_pixels: buffered }),
                "{frame:x} {first:x} {in_first_scan}"
            );
            for cut in 2..whole.len() {
                assert_eq!(
                    inspect(&mut Cursor::new(&whole[..cut])).unwrap(),
                    None,
                    "its first {cut} bytes"
                );
            }
        }
    }
}
