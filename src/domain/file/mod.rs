//! Attachments, uploads, and names of files.

mod image_format;
pub mod metadata;

pub use image_format::ImageFormat;

use serde::{Deserialize, Serialize};

use super::{FileId, Millis, PersonId, Seq, text};

/// Maximum number of files of a message.
pub const MAX_FILES: usize = 20;
/// Maximum characters of a file's name.
pub const MAX_NAME_LENGTH: usize = 120;
/// Maximum characters of the preview of a text file.
pub const TEXT_PREVIEW_LENGTH: usize = 1_000;
/// Maximum lines of the preview of a text file.
pub const TEXT_PREVIEW_LINES: usize = 12;
/// Maximum bytes of an upload request.
pub const MAX_CHUNK_BYTES: u64 = 8 * 1024 * 1024;

/// Kind of a file: how it is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// Image: re-encoded by the server in several sizes.
    #[serde(rename = "picture")]
    Image,
    /// Audio.
    Audio,
    /// Video.
    Video,
    /// Text: the attachment has its first lines.
    Text,
    /// Download only.
    #[default]
    Other,
}

/// A file of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id.
    pub id: FileId,
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Its kind.
    pub kind: FileKind,
    /// Of an image: pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Of an image: pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Of an image: twelve colours, four by three from the top left, six hexadecimal digits each.
    /// Empty if it has transparency.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub blur: String,
    /// Of an image: whether it is animated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", rename = "moves")]
    pub animated: bool,
    /// Of a text file: its first lines.
    #[serde(default, skip_serializing_if = "String::is_empty", rename = "beginning")]
    pub text_preview: String,
}

/// Progress of an upload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Number of received bytes: the offset of the next chunk.
    pub received: u64,
    /// The file, once it is complete and processed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Attachment>,
}

/// A file in the list of a conversation's files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedFile {
    /// Position of its message.
    pub seq: Seq,
    /// Time of its message.
    pub at: Millis,
    /// Author of its message.
    pub author: PersonId,
    /// The file.
    pub file: Attachment,
}

/// Sanitizes the name of a file: one line without folders and invisible characters, truncated. The
/// extension, a leading dot, and the joiners that scripts and emoji need stay.
#[must_use]
pub fn sanitize_name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut seen = String::with_capacity(last.len());
    let mut chars = last.chars().peekable();
    while let Some(c) = chars.next() {
        if "<>:\"|?*".contains(c) {
            seen.push('_');
        } else if c.is_whitespace()
            || !text::is_invisible(c)
            || is_joiner(c)
                && seen.chars().next_back().is_some_and(is_joined)
                && chars.peek().copied().is_some_and(is_joined)
        {
            seen.push(c);
        }
    }
    let seen = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    // Windows strips trailing dots and spaces.
    let seen = seen.trim_end_matches(['.', ' ']).trim_start();
    if seen.is_empty() {
        return "file".to_owned();
    }
    let (stem, extension) = match seen.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.chars().count() <= 12 => {
            (stem, format!(".{extension}"))
        }
        _ => (seen, String::new()),
    };
    let room = MAX_NAME_LENGTH - extension.chars().count();
    let mut stem: String = stem.chars().take(room).collect();
    if is_device(&stem) {
        stem.insert(0, '_');
    }
    stem + &extension
}

/// Whether a character joins its neighbours or keeps them apart, as in Persian, Sinhala and emoji.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Whether joiners may stand next to a character. Between others they could forge an extension.
fn is_joined(c: char) -> bool {
    !c.is_ascii() && !c.is_whitespace() && !text::is_invisible(c)
}

/// Whether Windows treats a name as a device, whatever its extension. It reads superscripts as
/// digits.
fn is_device(name: &str) -> bool {
    let word = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let port = word.strip_prefix("COM").or_else(|| word.strip_prefix("LPT"));
    let is_number =
        |rest: &str| matches!(rest.chars().collect::<Vec<_>>()[..], ['0'..='9' | '¹' | '²' | '³']);
    port.is_some_and(is_number)
        || matches!(word.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$")
}

/// The extension of a name in lower case; empty if there is none.
#[must_use]
pub fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// The names of files, for a message without text.
#[must_use]
pub fn joined_names(files: &[Attachment]) -> String {
    files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The excerpt of a message: of its text, else the names of its files.
#[must_use]
pub fn excerpt(body: &str, files: &[Attachment]) -> String {
    if body.is_empty() { text::excerpt(&joined_names(files)) } else { text::excerpt(body) }
}

/// Formats a size: "1.4 MB".
#[must_use]
pub fn format_size(bytes: u64) -> String {
    const STEPS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return format!("{bytes} B");
    }
    let (mut tenths, mut step) = (bytes / 100, 0);
    while tenths >= 10_000 && step + 1 < STEPS.len() {
        (tenths, step) = (tenths / 1_000, step + 1);
    }
    if tenths < 100 {
        format!("{}.{} {}", tenths / 10, tenths % 10, STEPS[step])
    } else {
        format!("{} {}", tenths / 10, STEPS[step])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_sanitized_and_keep_their_extension() {
        for (given, kept) in [
            ("report.pdf", "report.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\fakepath\\a b.txt", "a b.txt"),
            ("two\r\nlines: x\0.txt", "two lines_ x.txt"),
            ("\u{202e}gpj.exe", "gpj.exe"),
            (".htaccess", ".htaccess"),
            (" .env.local", ".env.local"),
            ("..profile", "..profile"),
            ("a/.gitignore ", ".gitignore"),
            ("notes. . .", "notes"),
            ("..", "file"),
            ("CON", "_CON"),
            ("CONIN$", "_CONIN$"),
            ("conout$.log", "_conout$.log"),
            ("Clock$", "_Clock$"),
            ("COM¹", "_COM¹"),
            ("lpt².txt", "_lpt².txt"),
            ("LPT³ .a.b", "_LPT³ .a.b"),
            ("COM⁴", "COM⁴"),
            ("COM10", "COM10"),
            ("CONIN", "CONIN"),
            (".con", ".con"),
            ("aux .h", "_aux .h"),
            ("con.txt", "_con.txt"),
            ("COM7.tar.gz", "_COM7.tar.gz"),
            ("content.txt", "content.txt"),
            ("…/", "file"),
            (" . ", "file"),
            ("Prüfung 数学.pdf", "Prüfung 数学.pdf"),
            ("نامه\u{200c}ها.pdf", "نامه\u{200c}ها.pdf"),
            ("ශ්\u{200d}රී ලංකා.jpg", "ශ්\u{200d}රී ලංකා.jpg"),
            ("👩\u{200d}💻.png", "👩\u{200d}💻.png"),
            ("\u{200d}a\u{200c}b.e\u{200d}xe", "ab.exe"),
            ("字\u{200d}\u{200d}\u{202e}字.e\u{200c}", "字字.e"),
        ] {
            assert_eq!(sanitize_name(given), kept, "{given:?}");
        }
        let long = sanitize_name(&format!("{}.jpeg", "字".repeat(300)));
        assert!(long.chars().count() == MAX_NAME_LENGTH && long.ends_with("字.jpeg"));
        assert_eq!(sanitize_name(&"x".repeat(300)).len(), MAX_NAME_LENGTH);
    }

    #[test]
    fn sizes_have_two_or_three_digits() {
        for (bytes, said) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (9_950, "9.9 kB"),
            (10_000, "10 kB"),
            (104_857_600, "104 MB"),
            (5_300_000_000, "5.3 GB"),
        ] {
            assert_eq!(format_size(bytes), said);
        }
    }
}
