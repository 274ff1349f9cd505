//! Backslash escapes. A backslash before an effective delimiter escapes it; all others stay, as in
//! paths and expressions.

use super::{Inline, addresses, delimiters::Flanks, inlines::Parser};

impl Parser<'_> {
    /// A backslash: removed if the character after it would have an effect without it. Stays in the
    /// shrug `¯\_(ツ)_/¯`.
    pub(super) fn escaped(&mut self) -> bool {
        let rest = &self.text[self.at + 1..];
        let Some(next) = rest.chars().next() else { return false };
        if next == '\\' {
            // A UNC path; the last one is part of it too.
            let run = rest.len() - rest.trim_start_matches('\\').len() + 1;
            self.take(run);
            return true;
        }
        let line_start = self.before().is_none_or(|before| before == '\n');
        let ends_word = |text: &str| text.starts_with(' ');
        let means = match next {
            '*' | '_' | '~' => self.is_mark(next, line_start),
            '`' => self.text[..self.at].contains('`') || rest[1..].contains('`'),
            '$' => {
                rest[1..].starts_with(|c: char| c.is_ascii_digit())
                    || self.formula_at(self.at + 1, self.before()).is_some()
            }
            '[' => self.bracketed(self.at + 1).is_some_and(|(_, leads, _)| leads.is_some()),
            '<' => self
                .angled(self.at + 1)
                .is_some_and(|address| addresses::destination(address).is_some()),
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

    /// Whether the delimiter run after the backslash could open or close something.
    fn is_mark(&self, delimiter: char, line_start: bool) -> bool {
        let rest = &self.text[self.at + 1..];
        let length = rest.len() - rest.trim_start_matches(delimiter).len();
        let flanks = Flanks::between(self.before(), delimiter, length, &rest[length..]);
        let more = rest[length..].contains(delimiter);
        let is_open = self.escapes.contains(&delimiter)
            || self.open.iter().any(|open| open.delimiter.starts_with(delimiter));
        flanks.opens && (more || line_start) || flanks.closes && is_open
    }

    /// Whether only digits precede this offset on its line.
    fn is_after_number(&self) -> bool {
        let line = self.text[..self.at].rsplit('\n').next().unwrap_or_default();
        (1..=9).contains(&line.len()) && line.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Appends bytes to the pending text.
    pub(super) fn take(&mut self, bytes: usize) {
        self.words.push_str(&self.text[self.at..self.at + bytes]);
        self.at += bytes;
    }
}

/// Whether there is content to format: not only delimiters and, for a single delimiter, not only
/// punctuation.
pub(super) fn is_content(words: &str, inside: &[Inline], delimiter: &str) -> bool {
    let is_one = |text: &str| {
        text.chars().any(|c| {
            if delimiter.len() > 1 {
                !"*_~".contains(c) && !c.is_whitespace()
            } else {
                c.is_alphanumeric()
            }
        })
    };
    is_one(words)
        || inside
            .iter()
            .any(|inline| if let Inline::Text(text) = inline { is_one(text) } else { true })
}
