//! Validates and normalises emoji against the table that the browsers use, too.

use std::{collections::HashMap, sync::LazyLock};

use crate::domain::{ChatError, emoji, message::EMOJI_BYTES};

/// By the emoji without skin tone and variation selector: its spelling in the table, and whether it
/// has skin tones.
static KNOWN: LazyLock<HashMap<String, (&str, bool)>> = LazyLock::new(|| {
    let all = emoji::all(include_str!("../../../public/emoji.txt"));
    all.filter_map(|emoji| Some((emoji::plain(emoji.glyph)?.0, (emoji.glyph, emoji.has_tones))))
        .collect()
});

/// An emoji that came from outside, spelled as the table does: keyboards differ in whether `❤` has
/// a variation selector.
///
/// # Errors
/// `invalid` at `emoji`.
pub fn normalize(emoji: &str) -> Result<String, ChatError> {
    lookup(emoji)
        .map(|of_table| emoji::respelled(of_table, emoji))
        .ok_or_else(|| ChatError::invalid("emoji", "This is not an emoji."))
}

/// Whether this is one known emoji, in whatever skin tone, and nothing else.
#[must_use]
pub fn is_emoji(text: &str) -> bool {
    lookup(text).is_some()
}

/// How the table spells this emoji.
fn lookup(text: &str) -> Option<&'static str> {
    let (plain, toned) = emoji::plain(text).filter(|_| text.len() <= EMOJI_BYTES)?;
    KNOWN.get(&plain).filter(|(_, has_tones)| *has_tones || !toned).map(|(glyph, _)| *glyph)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emoji_are_accepted_in_every_skin_tone() {
        for good in ["👍", "👍🏽", "❤️", "❤", "🇫🇷", "👩🏽‍❤️‍👨🏿", "🧑🏻‍🤝‍🧑🏿", "1️⃣", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "😀"]
        {
            assert!(is_emoji(good), "{good}");
        }
    }

    #[test]
    fn other_strings_are_not_emoji() {
        let long = "👍".repeat(17);
        for bad in [
            "",
            "a",
            "1",
            "👍👍",
            "👍 ",
            " 👍",
            "<b>",
            "🇫",
            "🏽",
            "❤️🏽",
            "👍\u{200d}",
            "\u{fe0f}",
            "\u{202e}👍",
            ":heart:",
            "👍\0",
            &long,
            "😀🏽",
        ] {
            assert!(!is_emoji(bad), "{bad:?}");
        }
    }

    #[test]
    fn every_emoji_of_the_table_is_valid_and_shortcodes_are_unique() {
        let table = include_str!("../../../public/emoji.txt");
        let mut names = std::collections::HashSet::new();
        for emoji in emoji::all(table) {
            for spelled in [emoji.glyph.to_owned(), emoji::spelling(emoji.glyph)] {
                assert_eq!(normalize(&spelled).unwrap(), emoji.glyph);
            }
            let toned = emoji.toned(Some(emoji::TONES[2]));
            assert_eq!(normalize(&emoji::spelling(&toned)).unwrap(), toned);
            assert!(
                is_emoji(emoji.glyph) && is_emoji(&emoji.toned(Some(emoji::TONES[4]))),
                "{}",
                emoji.name
            );
            assert!(!emoji.name.is_empty() && emoji.glyph.len() <= EMOJI_BYTES, "{emoji:?}");
            assert!(emoji.short.split(' ').all(|short| names.insert(short)), "{emoji:?}");
        }
        assert!(names.len() > 1_800);
    }
}
