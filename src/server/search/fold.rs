//! Text as it is compared: without case, accents and width, and with one blank for all that is no part of a word.

use unicode_normalization::char::{compose, decompose_compatible, is_combining_mark};

use crate::domain::text::is_invisible;

/// A folded text, with where each of its characters came from.
pub(super) struct Mapped {
    pub(super) text: String,
    /// For each character: where it begins, and where in the original what it came from begins and ends; all in bytes.
    origins: Vec<(usize, usize, usize)>,
}

/// Folds a text: only its words are left, a blank between them.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    walk(text, |c, _, _| folded.push(c));
    folded
}

/// Folds a text, and remembers.
pub(super) fn fold_mapped(text: &str) -> Mapped {
    let mut mapped = Mapped { text: String::with_capacity(text.len()), origins: Vec::with_capacity(text.len()) };
    walk(text, |c, from, to| {
        mapped.origins.push((mapped.text.len(), from, to));
        mapped.text.push(c);
    });
    mapped
}

impl Mapped {
    /// From where to where in the original a part of the folded text stands.
    pub(super) fn origin(&self, start: usize, end: usize) -> (usize, usize) {
        let first = self.origins.partition_point(|(at, ..)| *at < start);
        let last = self.origins.partition_point(|(at, ..)| *at < end).saturating_sub(1);
        (self.origins.get(first).map_or(0, |(_, from, _)| *from), self.origins.get(last).map_or(0, |(.., to)| *to))
    }
}

/// Says each character of the folded text, and from where to where in the original it came from.
fn walk(text: &str, mut say: impl FnMut(char, usize, usize)) {
    let mut folder = Folder { say: &mut say, held: None, begun: false, parted: false };
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        if c.is_ascii_alphanumeric() {
            folder.letter(c.to_ascii_lowercase(), at, end);
        } else if c.is_ascii() || c.is_whitespace() {
            folder.part();
        } else {
            // Letters without an accent of their own: no table of Unicode takes them apart.
            decompose_compatible(c, |part| part.to_lowercase().for_each(|lower| folder.any(lower, at, end)));
        }
    }
    folder.flush();
}

struct Folder<'s, S> {
    say: &'s mut S,
    /// The last letter: what comes may belong to it.
    held: Option<(char, usize, usize)>,
    begun: bool,
    parted: bool,
}

impl<S: FnMut(char, usize, usize)> Folder<'_, S> {
    fn any(&mut self, c: char, at: usize, end: usize) {
        if is_dropped(c) {
            if let Some((_, _, to)) = &mut self.held {
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
            c if is_word(c) => match self.held.and_then(|(before, from, _)| Some((compose(before, c)?, from))) {
                // Syllables and letters that are written in parts: the accents among the parts are gone by now.
                Some((whole, from)) if !self.parted => self.held = Some((whole, from, end)),
                _ => self.letter(c, at, end),
            },
            _ => self.part(),
        }
    }

    fn letters(&mut self, letters: &str, at: usize, end: usize) {
        letters.chars().for_each(|c| self.letter(c, at, end));
    }

    fn letter(&mut self, c: char, at: usize, end: usize) {
        self.flush();
        if self.parted && self.begun {
            (self.say)(' ', at, at);
        }
        (self.parted, self.begun) = (false, true);
        self.held = Some((c, at, end));
    }

    fn part(&mut self) {
        self.flush();
        self.parted = true;
    }

    fn flush(&mut self) {
        if let Some((c, from, to)) = self.held.take() {
            (self.say)(c, from, to);
        }
    }
}

/// Whether words are made of it. Symbols and emoji are words of their own, because people look for them.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c) || is_symbol(c)
}

const fn is_symbol(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{23ff}' | '\u{25a0}'..='\u{27bf}' | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Accents and points that people leave out when they look for something; the vowels of Indic and Thai scripts are none.
fn is_dropped(c: char) -> bool {
    is_invisible(c)
        || matches!(c,
            '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}' | '\u{5c7}'
            | '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e8}' | '\u{6ea}'..='\u{6ed}'
            | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

/// Whether it is of a script that is written without blanks between words, or where a part of a word is a word.
pub(super) const fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{2fdf}'
        | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3041}'..='\u{318f}' | '\u{31a0}'..='\u{31bf}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{1b000}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}')
        || is_symbol(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_width_do_not_matter() {
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
    fn scripts_keep_what_makes_their_words() {
        assert_eq!(fold("नमस्ते"), "नमस्ते");
        assert_eq!(fold("ภาษาไทยที่"), fold("ภาษาไทยที่"));
        assert!(fold("ที่").contains('\u{e48}'), "a tone is no accent");
        assert_eq!(fold("한국어"), "한국어");
        assert_eq!(fold("\u{1112}\u{1161}\u{11ab}국"), "한국", "syllables that were written in parts");
        assert_eq!(fold("ガ カ\u{3099} ｶﾞ"), "ガ ガ ガ");
        assert_eq!(fold("👍🏽 ok ❤️"), "👍🏽 ok ❤");
    }

    #[test]
    fn all_between_words_is_one_blank() {
        assert_eq!(fold("  don’t -- foo_bar\n\tx.y  "), "don t foo bar x y");
        assert_eq!(fold("\u{200b}a\u{ad}b\u{200d}c"), "abc");
        for nothing in ["", " ", "...", "\u{200b}", "\u{301}", "\0"] {
            assert_eq!(fold(nothing), "", "{nothing:?}");
        }
    }

    #[test]
    fn each_character_knows_where_it_came_from() {
        for text in ["Straße", "E\u{301}lan vital", "  a -- b ", "가\u{11a8}x", "\u{301}a\u{301}\u{301}b"] {
            let mapped = fold_mapped(text);
            assert_eq!(mapped.text, fold(text));
            for (at, c) in mapped.text.char_indices().filter(|(_, c)| *c != ' ') {
                let (from, to) = mapped.origin(at, at + c.len_utf8());
                assert!(text.is_char_boundary(from) && text.is_char_boundary(to) && fold(&text[from..to]).contains(c), "{text} {c}");
            }
        }
        let mapped = fold_mapped("an E\u{301}lan");
        assert_eq!(mapped.origin(3, 4), (3, 6), "with its accent");
    }
}
