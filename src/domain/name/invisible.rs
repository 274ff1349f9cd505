//! Invisible characters, and the contexts in which they are visible: joiners in scripts and emoji
//! that need them, variation selectors after characters with variants, tags in flags. Elsewhere two
//! names could differ and look the same.

use unicode_normalization::char::canonical_combining_class;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::{is_emoji, is_nonspacing};
use crate::domain::emoji::TONES;

const NON_JOINER: char = '\u{200c}';
const JOINER: char = '\u{200d}';
/// Zero-width space: keyboards of some scripts put it between words.
const WORD_SEPARATOR: char = '\u{200b}';
const KEYCAP: char = '\u{20e3}';
/// Maximum number of joiners in an emoji: families of four and kissing couples have as many.
const MAX_JOINERS: usize = 3;
/// Flags written with tags after a black flag: England, Scotland, Wales.
const TAGGED_FLAGS: [&str; 3] = ["gbeng", "gbsct", "gbwls"];
const BLACK_FLAG: char = '\u{1f3f4}';

/// Whether a character is allowed in its context.
pub(super) fn is_in_place(chars: &[char], at: usize) -> bool {
    let (c, before, after) = (chars[at], &chars[..at], &chars[at + 1..]);
    let (last, next) =
        (before.last().copied().unwrap_or(' '), after.first().copied().unwrap_or(' '));
    match c {
        JOINER => joins(before, last, next),
        NON_JOINER => non_joiner_has_effect(before, last, next),
        '\u{fe0e}' | '\u{fe0f}' => is_emoji(last) || is_keycap_base(last) && next == KEYCAP,
        '\u{fe00}'..='\u{fe02}' => {
            is_ideograph(last)
                || matches!(last,
                    '\u{1000}'..='\u{109f}' | '\u{a840}'..='\u{a877}' | '\u{aa60}'..='\u{aa7f}'
                )
        }
        '\u{e0100}'..='\u{e01ef}' => is_ideograph(last),
        '\u{180b}'..='\u{180d}' | '\u{180f}' => is_mongolian(last),
        '\u{180e}' => is_mongolian(last) && is_mongolian(next),
        '\u{e0020}'..='\u{e007f}' => is_in_flag(before, after, c),
        c => !is_hidden(c),
    }
}

/// Whether a character only changes the appearance of its neighbours.
pub(super) const fn is_selector_or_joiner(c: char) -> bool {
    matches!(c,
        NON_JOINER | JOINER | '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}'
    )
}

/// The characters of a name, without invisible word separators of Khmer, Lao, Myanmar and Thai.
pub(super) fn without_word_separators(name: &str) -> Vec<char> {
    let unspaced = |c: Option<&char>| {
        c.is_some_and(|c| {
            matches!(c,
                '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
            )
        })
    };
    let chars: Vec<char> = name.chars().collect();
    let is_between_words =
        |at: usize| at > 0 && unspaced(chars.get(at - 1)) && unspaced(chars.get(at + 1));
    chars
        .iter()
        .enumerate()
        .filter(|(at, c)| **c != WORD_SEPARATOR || !is_between_words(*at))
        .map(|(_, c)| *c)
        .collect()
}

/// Whether a joiner has an effect: next to a virama, after a cursive letter, between two emoji (UAX
/// #31, UTS #51).
fn joins(before: &[char], last: char, next: char) -> bool {
    let in_conjunct = is_virama(last) || is_virama(next) && last.is_alphabetic();
    in_conjunct
        || ends_cursive(before)
        || is_emoji(next) && joiners_in_emoji(before).is_some_and(|joins| joins < MAX_JOINERS)
}

/// Whether a non-joiner has an effect: after a virama, between cursive letters, after a Khmer
/// register shifter.
fn non_joiner_has_effect(before: &[char], last: char, next: char) -> bool {
    let shifts = matches!(last, '\u{17c9}' | '\u{17ca}') && is_nonspacing(next);
    is_virama(last) && next.is_alphabetic() || ends_cursive(before) && is_cursive(next) || shifts
}

fn is_virama(c: char) -> bool {
    const VIRAMA: u8 = 9;
    canonical_combining_class(c) == VIRAMA
}

fn ends_cursive(before: &[char]) -> bool {
    before.iter().rev().find(|c| !is_nonspacing(**c)).is_some_and(|c| is_cursive(*c))
}

/// Whether a letter belongs to a cursive script: Arabic, Syriac, N'Ko, Mandaic, Mongolian,
/// Phags-pa, Manichaean, Psalter Pahlavi, Hanifi Rohingya, Sogdian, Old Uyghur, Chorasmian, Adlam.
fn is_cursive(c: char) -> bool {
    let joins = matches!(c,
        '\u{600}'..='\u{7ff}' | '\u{840}'..='\u{8ff}' | '\u{1807}' | '\u{180a}'
        | '\u{1820}'..='\u{18aa}' | '\u{a840}'..='\u{a872}'
        | '\u{10ac0}'..='\u{10aff}' | '\u{10b80}'..='\u{10baf}' | '\u{10d00}'..='\u{10d3f}'
        | '\u{10f30}'..='\u{10fdf}' | '\u{1e900}'..='\u{1e95f}');
    joins && c.is_alphabetic()
}

/// Number of joiners of the emoji that ends here, if one does.
fn joiners_in_emoji(before: &[char]) -> Option<usize> {
    let (mut rest, mut joins) = (before, 0);
    loop {
        while let [earlier @ .., '\u{fe0f}' | '\u{fe0e}'] = rest {
            rest = earlier;
        }
        if let [earlier @ .., tone] = rest
            && TONES.contains(tone)
        {
            rest = earlier;
        }
        match rest {
            [earlier @ .., JOINER, last] if is_emoji(*last) => (rest, joins) = (earlier, joins + 1),
            [.., last] if is_emoji(*last) => return Some(joins),
            _ => return None,
        }
    }
}

fn is_keycap_base(c: char) -> bool {
    matches!(c, '0'..='9' | '#' | '*')
}

const fn is_ideograph(c: char) -> bool {
    matches!(c,
        '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
    )
}

const fn is_mongolian(c: char) -> bool {
    matches!(c, '\u{1820}'..='\u{18aa}' | '\u{180b}'..='\u{180d}' | '\u{180f}')
}

/// Whether a tag belongs to one of the [`TAGGED_FLAGS`].
fn is_in_flag(before: &[char], after: &[char], c: char) -> bool {
    let is_tag = |c: &&char| matches!(**c, '\u{e0020}'..='\u{e007f}');
    let earlier = before.iter().rev().take_while(is_tag).count();
    let (flag, tags) = before.split_at(before.len() - earlier);
    let plain = |c: &char| char::from_u32(u32::from(*c) - 0xe_0000);
    let run: Option<String> =
        tags.iter().chain([&c]).chain(after.iter().take_while(is_tag)).map(plain).collect();
    flag.last() == Some(&BLACK_FLAG)
        && run
            .as_deref()
            .and_then(|run| run.strip_suffix('\u{7f}'))
            .is_some_and(|tags| TAGGED_FLAGS.contains(&tags))
}

/// Whether a character is always invisible, a bidi control, unassigned or for private use.
fn is_hidden(c: char) -> bool {
    use GeneralCategory::{Control, Format, PrivateUse, Surrogate, Unassigned};
    // Visible signs before a number, although their category is `Format`.
    let is_number_sign = matches!(
        c,
        '\u{600}'
            ..='\u{605}'
                | '\u{6dd}'
                | '\u{890}'
                | '\u{891}'
                | '\u{8e2}'
                | '\u{110bd}'
                | '\u{110cd}'
    );
    let is_filler = matches!(
        c,
        '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe03}'..='\u{fe0d}' | '\u{ffa0}' | '\u{fffc}' | '\u{16fe4}' | '\u{1d159}'
    );
    let is_nothing =
        matches!(c.general_category(), Control | Format | PrivateUse | Surrogate | Unassigned);
    is_filler || is_nothing && !is_number_sign && !is_emoji(c)
}
