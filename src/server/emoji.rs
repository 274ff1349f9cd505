//! Which strings are one emoji: those of the table that the browsers have as well.

use std::{collections::HashMap, sync::LazyLock};

use crate::domain::{ChatError, emoji, message::EMOJI_BYTES};

/// Each without tones and signs, and whether it comes in tones.
static KNOWN: LazyLock<HashMap<String, bool>> = LazyLock::new(|| {
    let all = emoji::all(include_str!("../../public/emoji.txt"));
    all.filter_map(|emoji| Some((emoji::plain(emoji.glyph)?.0, emoji.has_tones))).collect()
});

/// An emoji that came from outside.
///
/// # Errors
/// `invalid` at `emoji`.
pub fn checked(emoji: String) -> Result<String, ChatError> {
    if is_emoji(&emoji) { Ok(emoji) } else { Err(ChatError::invalid("emoji", "This is not an emoji.")) }
}

/// Whether this is one known emoji, in whatever skin tone, and nothing else.
#[must_use]
pub fn is_emoji(text: &str) -> bool {
    text.len() <= EMOJI_BYTES && emoji::plain(text).is_some_and(|(plain, toned)| KNOWN.get(&plain).is_some_and(|has_tones| *has_tones || !toned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_emoji_is_one_in_every_tone() {
        for good in ["👍", "👍🏽", "❤️", "❤", "🇫🇷", "👩🏽‍❤️‍👨🏿", "🧑🏻‍🤝‍🧑🏿", "1️⃣", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "😀"]
        {
            assert!(is_emoji(good), "{good}");
        }
    }

    #[test]
    fn nothing_else_is_one() {
        let long = "👍".repeat(17);
        for bad in
            ["", "a", "1", "👍👍", "👍 ", " 👍", "<b>", "🇫", "🏽", "❤️🏽", "👍\u{200d}", "\u{fe0f}", "\u{202e}👍", ":heart:", "👍\0", &long, "😀🏽"]
        {
            assert!(!is_emoji(bad), "{bad:?}");
        }
    }

    #[test]
    fn every_emoji_of_the_table_is_one_and_no_name_stands_for_two() {
        let table = include_str!("../../public/emoji.txt");
        let mut names = std::collections::HashSet::new();
        for emoji in emoji::all(table) {
            assert!(is_emoji(emoji.glyph) && is_emoji(&emoji.toned(Some(emoji::TONES[4]))), "{}", emoji.name);
            assert!(!emoji.name.is_empty() && emoji.glyph.len() <= EMOJI_BYTES, "{emoji:?}");
            assert!(emoji.short.split(' ').all(|short| names.insert(short)), "{emoji:?}");
        }
        assert!(names.len() > 1_800);
    }
}
