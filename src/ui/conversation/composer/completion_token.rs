//! Finds the token before the caret that can be completed.

use crate::domain::mention;

/// Kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui::conversation) enum TokenKind {
    /// A user, after `@`.
    Person,
    /// An emoji, after `:`.
    Emoji,
    /// A complete shortcode between two colons.
    Shortcode,
}

/// A token that can be completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui::conversation) struct Token<'t> {
    pub kind: TokenKind,
    /// Start of the token with its sign, in bytes.
    pub begin: usize,
    /// The text after the sign.
    pub word: &'t str,
}

/// Fewest letters after a colon, so that `:)` and `:p` stay.
const MIN_LETTERS: usize = 2;
/// Longest token, in bytes.
const MAX_WORD: usize = 60;

/// The token that ends here, unless it is in code.
pub(in crate::ui::conversation) fn token_before(text: &str) -> Option<Token<'_>> {
    let line = &text[text.rfind('\n').map_or(0, |at| at + 1)..];
    let fences = text.lines().filter(|line| line.trim_start().starts_with("```")).count();
    if fences % 2 == 1 || line.matches('`').count() % 2 == 1 {
        return None;
    }
    person(text).or_else(|| emoji(text))
}

fn person(text: &str) -> Option<Token<'_>> {
    let begin = text.rfind('@')?;
    let word = &text[begin + 1..];
    let is_one = word.len() <= MAX_WORD
        && !word.contains(char::is_whitespace)
        && mention::may_begin(text, begin);
    is_one.then_some(Token { kind: TokenKind::Person, begin, word })
}

fn emoji(text: &str) -> Option<Token<'_>> {
    let whole = text.strip_suffix(':');
    let open = whole.unwrap_or(text);
    let begin = open.rfind(':')?;
    let word = &open[begin + 1..];
    let is_name =
        word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+'));
    let begins = open[..begin]
        .chars()
        .next_back()
        .is_none_or(|c| !c.is_ascii_alphanumeric() && !matches!(c, ':' | '/' | '\\'));
    let kind = if whole.is_some() { TokenKind::Shortcode } else { TokenKind::Emoji };
    let fewest = if whole.is_some() { 1 } else { MIN_LETTERS };
    (is_name && begins && (fewest..=MAX_WORD).contains(&word.len())).then_some(Token {
        kind,
        begin,
        word,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_complete_after_an_at_sign_that_begins_a_word() {
        for (text, word) in [
            ("@", ""),
            ("hello @ad", "ad"),
            ("@李", "李"),
            ("你好@ada", "ada"),
            ("(@نور", "نور"),
            ("a@b @c.d", "c.d"),
            ("x\n@love", "love"),
        ] {
            let token = token_before(text).unwrap();
            assert_eq!((token.kind, token.word), (TokenKind::Person, word), "{text}");
        }
        for text in [
            "",
            "ada@exam",
            "@ada ",
            "@ada hello",
            "`@ada",
            "```\n@prop",
            "\\@ada",
            "@@a",
            "/@x",
            &format!("@{}", "x".repeat(61)),
        ] {
            assert_eq!(token_before(text), None, "{text}");
        }
        assert!(token_before("```\ncode\n```\n@a").is_some() && token_before("`a` @b").is_some());
    }

    #[test]
    fn emoji_complete_after_a_colon_and_two_letters() {
        assert_eq!(
            token_before("so :smi"),
            Some(Token { kind: TokenKind::Emoji, begin: 3, word: "smi" })
        );
        assert_eq!(
            token_before("so :smile:"),
            Some(Token { kind: TokenKind::Shortcode, begin: 3, word: "smile" })
        );
        assert_eq!(token_before("😀:+1:").map(|token| token.word), Some("+1"));
        for text in [
            ":",
            ":p",
            ":)",
            "https://x",
            "10:30",
            "10:30:",
            "a:bc",
            "::",
            ":::",
            ": smile",
            ":a b",
            "`:smile",
            "std::vec",
            "x::ab:",
        ] {
            assert_eq!(token_before(text), None, "{text}");
        }
    }
}
