//! Messages that are nothing but a few emoji: they are shown larger.

use std::{iter::Peekable, str::Chars};

use super::emoji::TONES;

/// Most emoji of a message that is shown larger.
pub const MOST: usize = 8;
const JOINER: char = '\u{200d}';
const AS_PICTURE: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';

/// Characters below U+1F000 that are pictures without a sign that says so.
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

/// How many emoji a text is, if it is nothing else and they are at most [`MOST`]. Space between them does not count.
#[must_use]
pub fn count(text: &str) -> Option<usize> {
    let (mut count, mut chars) = (0, text.chars().peekable());
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        count += 1;
        if count > MOST || !one(c, &mut chars) {
            return None;
        }
    }
    (count > 0).then_some(count)
}

/// Whether an emoji begins here; takes the rest of it.
fn one(first: char, rest: &mut Peekable<Chars>) -> bool {
    if is_regional(first) {
        return rest.next_if(|c| is_regional(*c)).is_some();
    }
    let is_marked = rest.next_if_eq(&AS_PICTURE).is_some();
    if first.is_ascii() {
        return matches!(first, '0'..='9' | '#' | '*') && rest.next_if_eq(&KEYCAP).is_some();
    }
    let is_toned = rest.next_if(|c| TONES.contains(c)).is_some();
    if !(is_picture(first) || (is_marked || is_toned) && is_symbol(first)) {
        return false;
    }
    // The flags of parts of countries are spelt in tags.
    while rest.next_if(|c| matches!(c, '\u{e0020}'..='\u{e007f}')).is_some() {}
    match rest.next_if_eq(&JOINER) {
        // In a joined emoji the sign may be left out.
        Some(_) => rest.next().is_some_and(|next| (is_picture(next) || is_symbol(next)) && part(rest)),
        None => true,
    }
}

/// The rest of a part after a joiner.
fn part(rest: &mut Peekable<Chars>) -> bool {
    while rest.next_if(|c| *c == AS_PICTURE || TONES.contains(c)).is_some() {}
    match rest.next_if_eq(&JOINER) {
        Some(_) => rest.next().is_some_and(|next| (is_picture(next) || is_symbol(next)) && part(rest)),
        None => true,
    }
}

const fn is_regional(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

fn is_picture(c: char) -> bool {
    let is_high = matches!(c,
        '\u{1f004}' | '\u{1f0cf}' | '\u{1f18e}' | '\u{1f191}'..='\u{1f19a}' | '\u{1f201}' | '\u{1f21a}' | '\u{1f22f}' | '\u{1f232}'..='\u{1f23a}'
        | '\u{1f250}'..='\u{1f251}' | '\u{1f300}'..='\u{1f64f}' | '\u{1f680}'..='\u{1f6ff}' | '\u{1f7e0}'..='\u{1f7eb}' | '\u{1f7f0}'
        | '\u{1f900}'..='\u{1f9ff}' | '\u{1fa70}'..='\u{1faff}');
    is_high && !TONES.contains(&c) || PICTURES.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

/// Characters that are letters or signs, and pictures where a sign behind them says so.
const fn is_symbol(c: char) -> bool {
    matches!(c, '©' | '®' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{24c2}'
        | '\u{25a0}'..='\u{27bf}' | '\u{2934}'..='\u{2935}' | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{1f170}'..='\u{1f251}')
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn emoji_of_every_build_are_counted_as_one_each() {
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
    fn text_and_what_is_no_emoji_are_not() {
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
