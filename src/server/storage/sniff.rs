//! Detects the kind of a file by its first bytes: its name and its declared type do not count.

use crate::domain::file::{FileKind, ImageFormat, TEXT_PREVIEW_LENGTH, TEXT_PREVIEW_LINES};

/// Bytes that are examined.
pub(super) const SNIFF_LENGTH: usize = 64 * 1024;

/// Formats that browsers play; everything else is only a download.
const PLAYABLE: [(&str, &str, FileKind); 11] = [
    ("video/mp4", "video/mp4", FileKind::Video),
    ("video/x-m4v", "video/mp4", FileKind::Video),
    ("video/quicktime", "video/mp4", FileKind::Video),
    ("video/webm", "video/webm", FileKind::Video),
    ("audio/mpeg", "audio/mpeg", FileKind::Audio),
    ("audio/m4a", "audio/mp4", FileKind::Audio),
    ("audio/aac", "audio/aac", FileKind::Audio),
    ("audio/ogg", "audio/ogg", FileKind::Audio),
    ("audio/opus", "audio/ogg", FileKind::Audio),
    ("audio/x-flac", "audio/flac", FileKind::Audio),
    ("audio/x-wav", "audio/wav", FileKind::Audio),
];

/// The kind of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Detected {
    /// An image in one of the four formats.
    Image(ImageFormat),
    /// Audio or video with this media type.
    Media(FileKind, &'static str),
    /// Text; its first lines.
    Text(String),
    /// Anything else.
    Other,
}

/// Detects the kind of a file by its beginning; `whole` says that there is no more.
pub(super) fn detect(beginning: &[u8], whole: bool) -> Detected {
    if let Some(format) = ImageFormat::detect(beginning) {
        return Detected::Image(format);
    }
    if let Some(known) = infer::get(beginning) {
        let playable = PLAYABLE.iter().find(|(begins, ..)| *begins == known.mime_type());
        // A known format that is also text (a page, a script) is text.
        if playable.is_some() || text(beginning, whole).is_none() {
            return playable
                .map_or(Detected::Other, |(_, media, kind)| Detected::Media(*kind, media));
        }
    }
    text(beginning, whole).map_or(Detected::Other, |text| Detected::Text(first_lines(text)))
}

/// The beginning as text: UTF-8 without control characters.
fn text(beginning: &[u8], whole: bool) -> Option<&str> {
    let text = match std::str::from_utf8(beginning) {
        Ok(text) => text,
        // The last character may be cut off.
        Err(e) if !whole && e.error_len().is_none() => {
            std::str::from_utf8(&beginning[..e.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let has_controls = text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{1b}'));
    (!has_controls && !text.trim().is_empty()).then_some(text)
}

fn first_lines(text: &str) -> String {
    let mut lines = String::new();
    for line in text.trim_start_matches('\u{feff}').lines().take(TEXT_PREVIEW_LINES) {
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    let cut = lines.char_indices().nth(TEXT_PREVIEW_LENGTH).map_or(lines.len(), |(at, _)| at);
    lines.truncate(cut);
    lines.retain(|c| matches!(c, '\n' | '\t') || !c.is_control());
    lines.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_detected_by_content_alone() {
        let mp4 = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";
        for (beginning, kind) in [
            (&b"\xff\xd8\xff\xe0"[..], Detected::Image(ImageFormat::Jpeg)),
            (mp4, Detected::Media(FileKind::Video, "video/mp4")),
            (b"ID3\x04\0\0\0\0\0\0", Detected::Media(FileKind::Audio, "audio/mpeg")),
            (b"fn main() {}\n", Detected::Text("fn main() {}".into())),
            (
                b"<!DOCTYPE html><script>alert(1)</script>",
                Detected::Text("<!DOCTYPE html><script>alert(1)</script>".into()),
            ),
            (b"<svg onload=alert(1)>", Detected::Text("<svg onload=alert(1)>".into())),
            ("für alle".as_bytes(), Detected::Text("für alle".into())),
            (b"PK\x03\x04\x14\0", Detected::Other),
            (b"%PDF-1.7\n%\xe2\xe3", Detected::Other),
            (b"\0asm\x01\0\0\0", Detected::Other),
            (b"a\0b", Detected::Other),
            (b"\xff\xfe\xfd", Detected::Other),
        ] {
            assert_eq!(detect(beginning, true), kind, "{}", String::from_utf8_lossy(beginning));
        }
        assert_eq!(detect(&"ä".as_bytes()[..1], true), Detected::Other);
        assert_eq!(detect(&"aä".as_bytes()[..2], false), Detected::Text("a".into()));
    }

    #[test]
    fn a_text_includes_its_first_lines() {
        let text = "line\r\n".repeat(40);
        assert_eq!(
            detect(text.as_bytes(), true),
            Detected::Text(["line"; TEXT_PREVIEW_LINES].join("\n"))
        );
        let Detected::Text(long) = detect("字".repeat(5_000).as_bytes(), true) else { panic!() };
        assert_eq!(long.chars().count(), TEXT_PREVIEW_LENGTH);
    }
}
