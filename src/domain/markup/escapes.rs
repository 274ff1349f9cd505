//! Backslashes. One before a mark makes it a letter and is not shown; all others are part of paths, expressions and formulas, and stay.

use super::{Inline, addresses, delimiters::Flanks, inlines::Reader};

impl Reader<'_> {
    /// A backslash: not shown where the mark after it would do something without it. Not in the shrug, which has an arm there.
    pub(super) fn escaped(&mut self) -> bool {
        let rest = &self.text[self.at + 1..];
        let Some(next) = rest.chars().next() else { return false };
        if next == '\\' {
            // As of a server's name; the last one is part of it too.
            let run = rest.len() - rest.trim_start_matches('\\').len() + 1;
            self.take(run);
            return true;
        }
        let line_start = self.before().is_none_or(|before| before == '\n');
        let ends_word = |text: &str| text.starts_with(' ');
        let means = match next {
            '*' | '_' | '~' => self.is_mark(next, line_start),
            '`' => self.text[..self.at].contains('`') || rest[1..].contains('`'),
            '$' => rest[1..].starts_with(|c: char| c.is_ascii_digit()) || self.formula_at(self.at + 1, self.before()).is_some(),
            '[' => self.bracketed(self.at + 1).is_some_and(|(_, leads, _)| leads.is_some()),
            '<' => self.angled(self.at + 1).is_some_and(|address| addresses::destination(address).is_some()),
            '#' => line_start && ends_word(rest.trim_start_matches('#')),
            '>' | '-' | '+' => line_start && ends_word(&rest[1..]),
            '.' | ')' => self.is_after_number() && ends_word(&rest[1..]),
            _ => false,
        };
        if !means {
            return false;
        }
        self.at += 1;
        self.take(next.len_utf8());
        if matches!(next, '*' | '_' | '~') {
            self.escapes.push(next);
        }
        true
    }

    /// Whether the marks after the backslash could begin something, or end what was begun.
    fn is_mark(&self, mark: char, line_start: bool) -> bool {
        let rest = &self.text[self.at + 1..];
        let length = rest.len() - rest.trim_start_matches(mark).len();
        let flanks = Flanks::between(self.before(), mark, length, &rest[length..]);
        let more = rest[length..].contains(mark);
        let begun = self.escapes.contains(&mark) || self.open.iter().any(|open| open.mark.starts_with(mark));
        flanks.opens && (more || line_start) || flanks.closes && begun
    }

    /// Whether only digits stand before this place on its line.
    fn is_after_number(&self) -> bool {
        let line = self.text[..self.at].rsplit('\n').next().unwrap_or_default();
        (1..=9).contains(&line.len()) && line.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// So many bytes are words.
    pub(super) fn take(&mut self, bytes: usize) {
        self.words.push_str(&self.text[self.at..self.at + bytes]);
        self.at += bytes;
    }
}

/// Whether something stands there that is worth a mark: not only other marks, and for a single mark not only signs.
pub(super) fn is_content(words: &str, inside: &[Inline], mark: &str) -> bool {
    let is_one = |text: &str| text.chars().any(|c| if mark.len() > 1 { !"*_~".contains(c) && !c.is_whitespace() } else { c.is_alphanumeric() });
    is_one(words) || inside.iter().any(|inline| if let Inline::Text(text) = inline { is_one(text) } else { true })
}
