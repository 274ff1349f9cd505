//! Metadata of a file that its sender should know before sending: location, and animation that will
//! be lost.

use serde::{Deserialize, Serialize};

use super::ImageFormat;

/// Bytes at the start and at the end of a file that are scanned.
pub const SCANNED_BYTES: u64 = 256 * 1024;

/// Notice to the sender of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The file is stored unchanged and may contain a location. The sender must confirm before it
    /// is uploaded.
    #[serde(rename = "place")]
    Location,
    /// Animated image of which only the first frame will be shown.
    #[serde(rename = "still")]
    FirstFrameOnly,
}

/// The notice for a file with this start and end.
#[must_use]
pub fn notice(beginning: &[u8], end: &[u8]) -> Option<Notice> {
    match ImageFormat::detect(beginning) {
        Some(ImageFormat::WebP) => is_animated_webp(beginning).then_some(Notice::FirstFrameOnly),
        Some(ImageFormat::Png) => is_animated_png(beginning).then_some(Notice::FirstFrameOnly),
        Some(ImageFormat::Jpeg | ImageFormat::Gif) => None,
        None => {
            let says = is_recording(beginning) && (says_place(beginning) || says_place(end));
            (is_photo(beginning) || says).then_some(Notice::Location)
        }
    }
}

fn is_animated_webp(beginning: &[u8]) -> bool {
    const ANIMATION: u8 = 0x02;
    beginning.get(12..16) == Some(b"VP8X")
        && beginning.get(20).is_some_and(|flags| flags & ANIMATION != 0)
}

/// The chunk `acTL` of an animated PNG is before the first with pixels.
fn is_animated_png(beginning: &[u8]) -> bool {
    let mut rest = beginning.get(8..).unwrap_or_default();
    while let Some((head, after)) = rest.split_at_checked(8) {
        match &head[4..] {
            b"acTL" => return true,
            b"IDAT" => return false,
            _ => {}
        }
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        // Includes the checksum.
        rest = after.get(length.saturating_add(4)..).unwrap_or_default();
    }
    false
}

/// Photo formats that are stored unchanged: HEIC, HEIF, AVIF, TIFF and raw formats, most of which
/// are TIFF.
fn is_photo(beginning: &[u8]) -> bool {
    const BRANDS: [&[u8; 4]; 12] = [
        b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis",
        b"miaf", b"crx ",
    ];
    const BEGINNINGS: [&[u8]; 13] = [
        b"II*\0",
        b"MM\0*",
        b"II+\0",
        b"MM\0+",
        b"IIRO",
        b"IIRS",
        b"MMOR",
        b"IIU\0",
        b"FUJIFILMCCD-RAW",
        b"FOVb",
        b"\xff\x0a",
        b"\0\0\0\x0cJXL ",
        b"\0\0\0\x0cjP  ",
    ];
    let is_brand = |brand: &[u8]| BRANDS.iter().any(|known| brand == known.as_slice());
    let has_brand = beginning.get(4..8) == Some(b"ftyp") && {
        // The major brand and, after its version, the compatible brands.
        let length =
            u32::from_be_bytes([beginning[0], beginning[1], beginning[2], beginning[3]]) as usize;
        let brands =
            beginning.get(8..length.clamp(12, 256).min(beginning.len())).unwrap_or_default();
        brands.chunks_exact(4).any(is_brand)
    };
    has_brand || BEGINNINGS.iter().any(|known| beginning.starts_with(known))
}

/// Video and audio: MP4 and related formats, AVI, Matroska, MP3.
fn is_recording(beginning: &[u8]) -> bool {
    let is_box = beginning.get(4..8).is_some_and(|name| {
        [b"ftyp", b"moov", b"mdat", b"wide", b"free"].iter().any(|known| name == known.as_slice())
    });
    is_box
        || [&b"RIFF"[..], b"\x1a\x45\xdf\xa3", b"ID3"]
            .iter()
            .any(|known| beginning.starts_with(known))
}

/// Whether video or audio contains a location, by the names of the fields that phones and cameras
/// write.
fn says_place(part: &[u8]) -> bool {
    const FIELDS: [&[u8]; 5] = [
        b"\xa9xyz",
        b"loci\0\0\0\0",
        b"com.apple.quicktime.location",
        b"GPSLatitude",
        b"GPSCoordinates",
    ];
    FIELDS.iter().any(|field| part.windows(field.len()).any(|bytes| bytes == *field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(name: &[u8; 4], length: usize) -> Vec<u8> {
        [&u32::try_from(length).unwrap().to_be_bytes()[..], name, &vec![0; length + 4]].concat()
    }

    fn webp(flags: u8) -> Vec<u8> {
        [&b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0"[..], &[flags], &[0; 9]].concat()
    }

    fn brands(all: &[&[u8; 4]]) -> Vec<u8> {
        let (main, all_in_a_row) = (
            all.first().unwrap().as_slice(),
            all.iter().flat_map(|brand| brand.iter().copied()).collect::<Vec<u8>>(),
        );
        let length = u32::try_from(16 + 4 * all.len()).unwrap().to_be_bytes();
        [&length[..], b"ftyp", main, &[0; 4], &all_in_a_row, b"meta"].concat()
    }

    #[test]
    fn animations_that_will_be_lost_are_reported() {
        let png = |chunks: &[Vec<u8>]| {
            [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", 13), &chunks.concat()].concat()
        };
        for (bytes, said) in [
            (webp(0x02), Some(Notice::FirstFrameOnly)),
            (webp(0x3e), Some(Notice::FirstFrameOnly)),
            (webp(0x10), None),
            (b"RIFF\x20\0\0\0WEBPVP8 ".to_vec(), None),
            (png(&[chunk(b"acTL", 8), chunk(b"IDAT", 9)]), Some(Notice::FirstFrameOnly)),
            (png(&[chunk(b"iCCP", 3_000), chunk(b"acTL", 8)]), Some(Notice::FirstFrameOnly)),
            (png(&[chunk(b"IDAT", 9), chunk(b"acTL", 8)]), None),
            (png(&[]), None),
            (b"GIF89a".to_vec(), None),
        ] {
            assert_eq!(
                notice(&bytes, b""),
                said,
                "{:?}",
                String::from_utf8_lossy(&bytes[..16.min(bytes.len())])
            );
        }
    }

    #[test]
    fn files_that_may_contain_a_location_are_reported() {
        for photo in [
            brands(&[b"heic", b"mif1"]),
            brands(&[b"mif1", b"heic"]),
            brands(&[b"avif"]),
            brands(&[b"crx ", b"isom"]),
            brands(&[b"isom", b"miaf"]),
            b"II*\0\x08\0\0\0".to_vec(),
            b"MM\0*\0\0\0\x08".to_vec(),
            b"FUJIFILMCCD-RAW 0201".to_vec(),
            b"IIU\0".to_vec(),
        ] {
            assert_eq!(
                notice(&photo, b""),
                Some(Notice::Location),
                "{:?}",
                String::from_utf8_lossy(&photo)
            );
        }
        let film = brands(&[b"qt  "]);
        assert_eq!(notice(&film, b"no place"), None);
        assert_eq!(
            notice(&film, b"..moov..udta..\xa9xyz\0\x12\x15\xc7+52.5200+013.4050/"),
            Some(Notice::Location)
        );
        assert_eq!(
            notice(&brands(&[b"mp42"]), b"keys com.apple.quicktime.location.ISO6709"),
            Some(Notice::Location)
        );
        for other in [
            &b""[..],
            b"x",
            b"%PDF-1.7",
            b"PK\x03\x04",
            b"\xff\xd8\xff\xe1 GPSLatitude",
            b"let GPSLatitude = 1;",
            b"\0\0\0\x18ftyp",
            b"\0\0\0\0ftypheix",
        ] {
            let expected = (other == b"\0\0\0\0ftypheix").then_some(Notice::Location);
            assert_eq!(notice(other, b""), expected, "{:?}", String::from_utf8_lossy(other));
        }
    }

    #[test]
    fn truncated_files_do_not_panic() {
        for whole in [
            webp(2),
            brands(&[b"isom", b"heic"]),
            [&b"\x89PNG\r\n\x1a\n\xff\xff\xff\xff"[..], b"abcd"].concat(),
        ] {
            for end in 0..=whole.len() {
                let _ = notice(&whole[..end], &whole[end..]);
            }
        }
    }
}
