//! Message text: normalization, limits and excerpts.

pub mod emoji;
pub mod emoji_only;
pub mod script;

use super::{ChatError, Code, markup};
pub use script::is_invisible;

/// Maximum characters of a message.
pub const BODY_LENGTH: usize = 10_000;
/// Maximum UTF-8 bytes of a message.
pub const BODY_BYTES: usize = 40 * 1024;
/// Maximum characters of an excerpt.
pub const EXCERPT_LENGTH: usize = 120;
/// Characters of a message from which an excerpt is made. The store reads no more for a list.
pub const EXCERPT_SOURCE_LENGTH: usize = 400;

/// Normalizes a message's text: line ends become `\n`, control characters and blank lines around it
/// are removed.
///
/// # Errors
/// `invalid` at `body` if nothing is left; `too_large` above 10,000 characters or 40 KiB.
pub fn body(typed: &str) -> Result<String, ChatError> {
    if typed.len() > BODY_BYTES || typed.chars().count() > BODY_LENGTH {
        return Err(ChatError::new(
            Code::TooLarge,
            "A message can have up to 10,000 characters. Split it into several messages.",
        )
        .at("body"));
    }
    let text = typed.replace("\r\n", "\n").replace(is_line_end, "\n");
    let text: String =
        text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
    let text = text.trim_start_matches('\n').trim_end();
    if text.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
        return Err(ChatError::invalid("body", "Enter a message."));
    }
    Ok(text.to_owned())
}

/// Whether a character ends a line: others than `\n` come from word processors and old files.
const fn is_line_end(c: char) -> bool {
    matches!(c, '\r' | '\u{b}' | '\u{c}' | '\u{85}')
}

/// Like [`body`], for a message with attachments: with at least one the text may be empty.
///
/// # Errors
/// As [`body`].
pub fn body_with_files(typed: &str, files: usize) -> Result<String, ChatError> {
    match body(typed) {
        Err(error) if error.code == Code::Invalid && files > 0 => Ok(String::new()),
        other => other,
    }
}

/// The excerpt of a message: one line without markup. Made from its first 400 characters, so that
/// the server, which reads no more, and a browser, which has all of it, agree.
#[must_use]
pub fn excerpt(body: &str) -> String {
    let end = body.char_indices().nth(EXCERPT_SOURCE_LENGTH - 1).map(|(at, c)| at + c.len_utf8());
    let line = end.map_or_else(|| markup::plain(body), |end| markup::plain_beginning(&body[..end]));
    match line.char_indices().nth(EXCERPT_LENGTH) {
        Some((end, _)) => line[..end].trim_end().to_owned() + "…",
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_keep_lines_and_lose_control_characters() {
        assert_eq!(body("\n one\r\n  two\0 \n\n").unwrap(), " one\n  two");
        assert_eq!(
            body("a\u{b}b\u{85}c\u{c}d\re\r\nf").unwrap(),
            "a\nb\nc\nd\ne\nf",
            "soft line breaks are line breaks"
        );
        assert_eq!(body(" \u{200b}\n ").unwrap_err().code, Code::Invalid);
    }

    #[test]
    fn bodies_have_up_to_ten_thousand_characters() {
        assert!(body(&"字".repeat(10_000)).is_ok());
        assert_eq!(body(&"x".repeat(10_001)).unwrap_err().code, Code::TooLarge);
    }

    #[test]
    fn excerpts_are_one_short_line() {
        assert_eq!(excerpt("a\n\n  b"), "a b");
        assert_eq!(excerpt(&"x".repeat(500)).chars().count(), EXCERPT_LENGTH + 1);
        assert_eq!(excerpt(&format!("a{}b", "\n".repeat(398))), "a b");
        assert_eq!(excerpt(&format!("a{}b", "\n".repeat(399))), "a", "as the store sees it");
        let long = format!("**{}** `x", "word ".repeat(100));
        assert_eq!(
            excerpt(&long),
            excerpt(&long.chars().take(EXCERPT_SOURCE_LENGTH).collect::<String>()),
            "as the store sees it"
        );
        for (body, line) in [
            ("**Bold** and\n`code`", "Bold and code"),
            ("```\nlet x = 1;", "let x = 1;"),
            ("```", "```"),
            ("```rust", "```rust"),
            ("```\n```", "``` ```"),
            ("***", "***"),
            ("~~~", "~~~"),
            ("---", "---"),
            ("12. März\n3. April", "12. März 3. April"),
            ("# Plan\n- one\n- two", "Plan • one • two"),
            ("+ Ada\n- Kofi", "+ Ada - Kofi"),
            ("- [x] done\n- [ ] open", "☑ done ☐ open"),
        ] {
            assert_eq!(excerpt(body), line, "{body}");
        }
    }
}
