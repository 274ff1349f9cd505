//! Messages of only a few emoji, which are shown larger.

use std::{iter::Peekable, str::Chars};

use crate::domain::emoji::TONES;

/// Maximum number of emoji of a message that is shown larger.
pub const MAX_EMOJI: usize = 8;
const JOINER: char = '\u{200d}';
const EMOJI_PRESENTATION: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';

/// Characters below U+1F000 with emoji presentation by default.
const PICTURES: [(char, char); 34] = [
    ('⌚', '⌛'),
    ('⏩', '⏬'),
    ('⏰', '⏰'),
    ('⏳', '⏳'),
    ('◽', '◾'),
    ('☔', '☕'),
    ('♈', '♓'),
    ('♿', '♿'),
    ('⚓', '⚓'),
    ('⚡', '⚡'),
    ('⚪', '⚫'),
    ('⚽', '⚾'),
    ('⛄', '⛅'),
    ('⛎', '⛎'),
    ('⛔', '⛔'),
    ('⛪', '⛪'),
    ('⛲', '⛳'),
    ('⛵', '⛵'),
    ('⛺', '⛺'),
    ('⛽', '⛽'),
    ('✅', '✅'),
    ('✊', '✋'),
    ('✨', '✨'),
    ('❌', '❌'),
    ('❎', '❎'),
    ('❓', '❕'),
    ('❗', '❗'),
    ('❤', '❤'),
    ('➕', '➗'),
    ('➰', '➰'),
    ('➿', '➿'),
    ('⬛', '⬜'),
    ('⭐', '⭐'),
    ('⭕', '⭕'),
];

/// The number of emoji of a text of only emoji and blanks, up to [`MAX_EMOJI`].
#[must_use]
pub fn count(text: &str) -> Option<usize> {
    let (mut count, mut chars) = (0, text.chars().peekable());
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        count += 1;
        if count > MAX_EMOJI || !take_emoji(c, &mut chars) {
            return None;
        }
    }
    (count > 0).then_some(count)
}

/// Whether an emoji starts here; consumes the rest of it.
fn take_emoji(first: char, rest: &mut Peekable<Chars>) -> bool {
    if is_regional(first) {
        return rest.next_if(|c| is_regional(*c)).is_some();
    }
    let is_marked = rest.next_if_eq(&EMOJI_PRESENTATION).is_some();
    if first.is_ascii() {
        return matches!(first, '0'..='9' | '#' | '*') && rest.next_if_eq(&KEYCAP).is_some();
    }
    let is_toned = rest.next_if(|c| TONES.contains(c)).is_some();
    if !(is_picture(first) || (is_marked || is_toned) && is_symbol(first)) {
        return false;
    }
    // Flags of subdivisions are written with tags.
    while rest.next_if(|c| matches!(c, '\u{e0020}'..='\u{e007f}')).is_some() {}
    match rest.next_if_eq(&JOINER) {
        // In a joined emoji the variation selector is optional.
        Some(_) => rest
            .next()
            .is_some_and(|next| (is_picture(next) || is_symbol(next)) && take_joined(rest)),
        None => true,
    }
}

/// Consumes the rest of a part after a joiner.
fn take_joined(rest: &mut Peekable<Chars>) -> bool {
    while rest.next_if(|c| *c == EMOJI_PRESENTATION || TONES.contains(c)).is_some() {}
    match rest.next_if_eq(&JOINER) {
        Some(_) => rest
            .next()
            .is_some_and(|next| (is_picture(next) || is_symbol(next)) && take_joined(rest)),
        None => true,
    }
}

const fn is_regional(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

fn is_picture(c: char) -> bool {
    let is_high = matches!(c,
        '\u{1f004}' | '\u{1f0cf}' | '\u{1f18e}' | '\u{1f191}'..='\u{1f19a}' | '\u{1f201}'
        | '\u{1f21a}' | '\u{1f22f}' | '\u{1f232}'..='\u{1f23a}'
        | '\u{1f250}'..='\u{1f251}' | '\u{1f300}'..='\u{1f64f}' | '\u{1f680}'..='\u{1f6ff}'
        | '\u{1f7e0}'..='\u{1f7eb}' | '\u{1f7f0}'
        | '\u{1f900}'..='\u{1f9ff}' | '\u{1fa70}'..='\u{1faff}');
    is_high && !TONES.contains(&c)
        || PICTURES.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// Characters that are emoji only with a variation selector.
const fn is_symbol(c: char) -> bool {
    matches!(c,
        '©' | '®' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{21ff}'
        | '\u{2300}'..='\u{23ff}' | '\u{24c2}'
        | '\u{25a0}'..='\u{27bf}' | '\u{2934}'..='\u{2935}' | '\u{2b00}'..='\u{2bff}' | '\u{3030}'
        | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{1f170}'..='\u{1f251}')
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn emoji_sequences_count_as_one() {
        for (text, expected) in [
            ("🎉", 1),
            ("❤️", 1),
            ("❤", 1),
            ("👍🏽", 1),
            ("☝🏽", 1),
            ("👩‍💻", 1),
            ("👨‍👩‍👧‍👦", 1),
            ("👩🏽‍❤️‍👨🏿", 1),
            ("🏳️‍🌈", 1),
            ("🏳‍🌈", 1),
            ("🏴󠁧󠁢󠁳󠁣󠁴󠁿", 1),
            ("🇩🇪", 1),
            ("🇩🇪🇫🇷", 2),
            ("1️⃣", 1),
            ("#⃣", 1),
            ("🅰️", 1),
            ("©️", 1),
            ("🎉 🎉\n🎉", 3),
            ("😀😀😀😀😀😀😀😀", 8),
        ] {
            assert_eq!(count(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn text_is_not_emoji_only() {
        for text in [
            "",
            " \n",
            "1",
            "12",
            "#",
            "🎉!",
            "a🎉",
            "🎉 ok",
            "©",
            "→",
            "♥",
            "🇩",
            "🏽",
            "👍\u{200d}",
            "\u{fe0f}",
            "字",
            "مرحبا",
            "😀😀😀😀😀😀😀😀😀",
            "1\u{fe0f}",
            ":)",
        ] {
            assert_eq!(count(text), None, "{text:?}");
        }
    }
}
