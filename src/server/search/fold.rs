//! Text folding for search: without case, accents and width, and with one space between words. In
//! messages, signs that distinguish names and amounts (`C++`, `C#`, `+1`, `50%`) are words of their
//! own.

use unicode_normalization::char::{compose, decompose_compatible, is_combining_mark};

use crate::domain::{
    script::{self, is_symbol},
    text::is_invisible,
};

/// Significant signs. Separators (`-`, `.`, `/`, `?`) and Markdown's marks are not.
const SIGNS: &str = "+#$%&@=<>^€£¥¢§°±×÷";
/// Base of the private-use characters for ASCII signs in folded text: no text contains them
/// otherwise, and the index takes them for letters.
const SIGN_BASE: u32 = 0xe000;

/// Folded text with the origin of each character.
pub(super) struct FoldedText {
    pub(super) text: String,
    /// For each character its offset, and the range of its origin; in bytes.
    origins: Vec<(usize, usize, usize)>,
}

/// Folds a message: its words and significant signs, separated by spaces.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for_each_char(text, true, |c, _, _| folded.push(c));
    folded
}

/// Folds a name: its words, separated by spaces.
#[must_use]
pub fn fold_name(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for_each_char(text, false, |c, _, _| folded.push(c));
    folded
}

/// Folds a text with its origins.
pub(super) fn fold_with_origins(text: &str) -> FoldedText {
    let mut mapped = FoldedText {
        text: String::with_capacity(text.len()),
        origins: Vec::with_capacity(text.len()),
    };
    for_each_char(text, true, |c, from, to| {
        mapped.origins.push((mapped.text.len(), from, to));
        mapped.text.push(c);
    });
    mapped
}

impl FoldedText {
    /// The range in the original of a range of the folded text.
    pub(super) fn origin(&self, start: usize, end: usize) -> (usize, usize) {
        let first = self.origins.partition_point(|(at, ..)| *at < start);
        let last = self.origins.partition_point(|(at, ..)| *at < end).saturating_sub(1);
        (
            self.origins.get(first).map_or(0, |(_, from, _)| *from),
            self.origins.get(last).map_or(0, |(.., to)| *to),
        )
    }
}

/// Calls `emit` for each folded character with its range in the original.
fn for_each_char(text: &str, signs: bool, mut emit: impl FnMut(char, usize, usize)) {
    let mut folder =
        Folder { emit: &mut emit, pending: None, has_started: false, is_separated: false, signs };
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        if c.is_ascii_alphanumeric() {
            folder.letter(c.to_ascii_lowercase(), at, end);
        } else if c.is_ascii() || c.is_whitespace() {
            folder.sign(c, at, end);
        } else {
            // Letters without a decomposition.
            decompose_compatible(c, |part| {
                part.to_lowercase().for_each(|lower| folder.any(lower, at, end))
            });
        }
    }
    folder.flush();
}

struct Folder<'s, S> {
    emit: &'s mut S,
    /// The last letter: a combining character may follow.
    pending: Option<(char, usize, usize)>,
    has_started: bool,
    is_separated: bool,
    /// Whether signs are significant.
    signs: bool,
}

impl<S: FnMut(char, usize, usize)> Folder<'_, S> {
    fn any(&mut self, c: char, at: usize, end: usize) {
        if is_ignored_mark(c) {
            if let Some((_, _, to)) = &mut self.pending {
                *to = end;
            }
            return;
        }
        match c {
            'ß' => self.letters("ss", at, end),
            'æ' => self.letters("ae", at, end),
            'œ' => self.letters("oe", at, end),
            'þ' => self.letters("th", at, end),
            'ø' => self.letter('o', at, end),
            'ł' => self.letter('l', at, end),
            'đ' | 'ð' => self.letter('d', at, end),
            'ħ' => self.letter('h', at, end),
            'ı' => self.letter('i', at, end),
            'ŧ' => self.letter('t', at, end),
            'ς' => self.letter('σ', at, end),
            c if is_word(c) => {
                match self.pending.and_then(|(before, from, _)| Some((compose(before, c)?, from))) {
                    // Syllables and letters written in parts: accents among the parts are gone by
                    // now.
                    Some((whole, from)) if !self.is_separated => {
                        self.pending = Some((whole, from, end))
                    }
                    _ => self.letter(c, at, end),
                }
            }
            _ => self.sign(c, at, end),
        }
    }

    /// A significant sign, or a separator.
    fn sign(&mut self, c: char, at: usize, end: usize) {
        let sign = if c.is_ascii() { char::from_u32(SIGN_BASE + u32::from(c)) } else { Some(c) };
        match sign.filter(|_| self.signs && SIGNS.contains(c)) {
            Some(sign) => self.letter(sign, at, end),
            None => self.part(),
        }
    }

    fn letters(&mut self, letters: &str, at: usize, end: usize) {
        letters.chars().for_each(|c| self.letter(c, at, end));
    }

    fn letter(&mut self, c: char, at: usize, end: usize) {
        self.flush();
        if self.is_separated && self.has_started {
            (self.emit)(' ', at, at);
        }
        (self.is_separated, self.has_started) = (false, true);
        self.pending = Some((c, at, end));
    }

    fn part(&mut self) {
        self.flush();
        self.is_separated = true;
    }

    fn flush(&mut self) {
        if let Some((c, from, to)) = self.pending.take() {
            (self.emit)(c, from, to);
        }
    }
}

/// Whether it is part of words. Symbols and emoji are words of their own, because people search for
/// them.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || is_symbol(c)
}

/// Accents and points that people leave out in searches; the vowels of Indic and Thai scripts are
/// not among them.
fn is_ignored_mark(c: char) -> bool {
    is_invisible(c)
        || matches!(c,
            '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'
            | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}' | '\u{5c7}'
            | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}'
            | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e8}' | '\u{6ea}'..='\u{6ed}'
            | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
            | '\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

/// Whether a character belongs to a script without spaces, or is a word by itself.
pub(super) const fn is_unspaced(c: char) -> bool {
    script::is_unspaced(c)
        || is_symbol(c)
        || matches!(
            c,
            '\u{e000}'..='\u{e07f}' | '€' | '£' | '¥' | '¢' | '§' | '°' | '±' | '×' | '÷'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_width_are_folded() {
        for (text, folded) in [
            ("Élan", "elan"),
            ("E\u{301}lan", "elan"),
            ("STRASSE Straße", "strasse strasse"),
            ("Łódź, Ærø; İstanbul ılık", "lodz aero istanbul ilik"),
            ("ΣΊΣΥΦΟΣ ς", "σισυφοσ σ"),
            ("ＡＢＣ１２３", "abc123"),
            ("ё Й", "е и"),
            ("أَحْمَد", "احمد"),
            ("שָׁלוֹם", "שלום"),
            ("ﬁn ℡", "fin tel"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn vowels_and_syllables_of_scripts_are_kept() {
        assert_eq!(fold("नमस्ते"), "नमस्ते");
        assert_eq!(fold("ภาษาไทยที่"), fold("ภาษาไทยที่"));
        assert!(fold("ที่").contains('\u{e48}'), "a tone is no accent");
        assert_eq!(fold("한국어"), "한국어");
        assert_eq!(
            fold("\u{1112}\u{1161}\u{11ab}국"),
            "한국",
            "syllables that were written in parts"
        );
        assert_eq!(fold("ガ カ\u{3099} ｶﾞ"), "ガ ガ ガ");
        assert_eq!(fold("👍🏽 ok ❤️"), "👍🏽 ok ❤");
    }

    #[test]
    fn symbols_are_kept_in_messages_and_dropped_in_names() {
        let shown = |text: &str| -> String {
            fold(text)
                .chars()
                .map(|c| {
                    if ('\u{e000}'..'\u{e080}').contains(&c) {
                        char::from_u32(c as u32 - SIGN_BASE).unwrap()
                    } else {
                        c
                    }
                })
                .collect()
        };
        for (text, folded) in [
            ("C++, C#; F#!", "c++ c# f#"),
            ("(+1) 50% $5 €5 5€", "+1 50% $5 €5 5€"),
            ("@ada #tag a=b & c", "@ada #tag a=b & c"),
            ("-1 x.y a/b \"c\" `d` **e** _f_ g? h!", "1 x y a b c d e f g h"),
            ("５０％ ＋１", "50% +1"),
            ("\u{e02b} x", "x"),
        ] {
            assert_eq!(shown(text), folded, "{text}");
        }
        assert_eq!(fold_name("C++ & R&D: 50%"), "c r d 50");
    }

    #[test]
    fn separators_fold_to_one_space() {
        assert_eq!(fold("  don’t -- foo_bar\n\tx.y  "), "don t foo bar x y");
        assert_eq!(fold("\u{200b}a\u{ad}b\u{200d}c"), "abc");
        for nothing in ["", " ", "...", "\u{200b}", "\u{301}", "\0"] {
            assert_eq!(fold(nothing), "", "{nothing:?}");
        }
    }

    #[test]
    fn folded_characters_know_their_origin() {
        for text in
            ["Straße", "E\u{301}lan vital", "  a -- b ", "가\u{11a8}x", "\u{301}a\u{301}\u{301}b"]
        {
            let mapped = fold_with_origins(text);
            assert_eq!(mapped.text, fold(text));
            for (at, c) in mapped.text.char_indices().filter(|(_, c)| *c != ' ') {
                let (from, to) = mapped.origin(at, at + c.len_utf8());
                assert!(
                    text.is_char_boundary(from)
                        && text.is_char_boundary(to)
                        && fold(&text[from..to]).contains(c),
                    "{text} {c}"
                );
            }
        }
        let mapped = fold_with_origins("an E\u{301}lan");
        assert_eq!(mapped.origin(3, 4), (3, 6), "with its accent");
    }
}
