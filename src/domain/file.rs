//! Files: what a message carries beside its text, as it is shown before it is fetched; and what a file may be called.

use serde::{Deserialize, Serialize};

use super::{FileId, Millis, PersonId, Seq, text};

/// Most files of one message.
pub const MOST_FILES: usize = 20;
/// Most characters of a file's name.
pub const NAME_LENGTH: usize = 120;
/// Most characters of a text file that are shown before it is fetched.
pub const BEGINNING_LENGTH: usize = 1_000;
/// Most lines of it.
pub const BEGINNING_LINES: usize = 12;
/// Most bytes that are sent of a file in one request.
pub const PIECE: u64 = 8 * 1024 * 1024;

/// What can be done with a file where it is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// Looked at: made anew by the server, in several sizes.
    Picture,
    /// Listened to.
    Audio,
    /// Watched.
    Video,
    /// Read: its beginning comes along.
    Text,
    /// Fetched.
    #[default]
    Other,
}

/// A file, as a message carries it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Under this id it is fetched.
    pub id: FileId,
    /// What it is called.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// What can be done with it.
    pub kind: FileKind,
    /// Of a picture: in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Of a picture: in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Of a picture: twelve of its colours, four by three from the left above, six hexadecimal digits each. None where
    /// something of it can be seen through.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub blur: String,
    /// Of a picture: whether it moves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub moves: bool,
    /// Of a text: its first lines.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub beginning: String,
}

/// How far a file has come on its way to the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// So many bytes are there; from here it goes on.
    pub received: u64,
    /// The file, once it is there whole and was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Attachment>,
}

/// A file in the list of those of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedFile {
    /// The message that it came with.
    pub seq: Seq,
    /// When that was.
    pub at: Millis,
    /// Who sent it.
    pub author: PersonId,
    /// The file.
    pub file: Attachment,
}

/// What a file is called here, whatever it was called there: one line without folders and without what cannot be seen, not too long,
/// its ending and a dot at its beginning kept.
#[must_use]
pub fn name(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String =
        last.chars().filter(|c| c.is_whitespace() || !text::is_invisible(*c)).map(|c| if "<>:\"|?*".contains(c) { '_' } else { c }).collect();
    let seen = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    // Windows takes dots and spaces at the end away.
    let seen = seen.trim_end_matches(['.', ' ']).trim_start();
    if seen.is_empty() {
        return "file".to_owned();
    }
    let (stem, ending) = match seen.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.chars().count() <= 12 => (stem, format!(".{ending}")),
        _ => (seen, String::new()),
    };
    let room = NAME_LENGTH - ending.chars().count();
    let mut stem: String = stem.chars().take(room).collect();
    if is_device(&stem) {
        stem.insert(0, '_');
    }
    stem + &ending
}

/// Whether Windows takes a file of this name for a device, whatever ending it has. It reads superscripts as digits.
fn is_device(name: &str) -> bool {
    let word = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let port = word.strip_prefix("COM").or_else(|| word.strip_prefix("LPT"));
    let is_number = |rest: &str| matches!(rest.chars().collect::<Vec<_>>()[..], ['0'..='9' | '¹' | '²' | '³']);
    port.is_some_and(is_number) || matches!(word.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$")
}

/// What follows the last dot of a name, in small letters; nothing where there is none.
#[must_use]
pub fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

/// What stands for a message that has files and no text.
#[must_use]
pub fn names(files: &[Attachment]) -> String {
    files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// The beginning of a message on one line, for a list: of its text, else what its files are called.
#[must_use]
pub fn excerpt(body: &str, files: &[Attachment]) -> String {
    if body.is_empty() { text::excerpt(&names(files)) } else { text::excerpt(body) }
}

/// A size in words: "1.4 MB".
#[must_use]
pub fn size(bytes: u64) -> String {
    const STEPS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return format!("{bytes} B");
    }
    let (mut tenths, mut step) = (bytes / 100, 0);
    while tenths >= 10_000 && step + 1 < STEPS.len() {
        (tenths, step) = (tenths / 1_000, step + 1);
    }
    if tenths < 100 { format!("{}.{} {}", tenths / 10, tenths % 10, STEPS[step]) } else { format!("{} {}", tenths / 10, STEPS[step]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_without_folders_or_tricks_and_keeps_its_ending() {
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
        ] {
            assert_eq!(name(given), kept, "{given:?}");
        }
        let long = name(&format!("{}.jpeg", "字".repeat(300)));
        assert!(long.chars().count() == NAME_LENGTH && long.ends_with("字.jpeg"));
        assert_eq!(name(&"x".repeat(300)).len(), NAME_LENGTH);
    }

    #[test]
    fn a_size_is_said_in_two_or_three_digits() {
        for (bytes, said) in
            [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (9_950, "9.9 kB"), (10_000, "10 kB"), (104_857_600, "104 MB"), (5_300_000_000, "5.3 GB")]
        {
            assert_eq!(size(bytes), said);
        }
    }
}
