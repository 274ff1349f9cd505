//! Inline parser: bold, italic, strikethrough, code, formulas, links. One pass with a bounded stack
//! of open delimiters, so that no text takes long. An unclosed delimiter is text.

use super::{Inline, MAX_DEPTH, addresses, delimiters::Flanks, escapes::is_content, formulas};
use crate::domain::script::is_word;

/// Parses inline text.
pub(super) fn read(text: &str) -> Vec<Inline> {
    read_inside(text, true)
}

fn read_inside(text: &str, links: bool) -> Vec<Inline> {
    let mut parser = Parser {
        text,
        at: 0,
        words: String::new(),
        open: vec![OpenDelimiter { delimiter: "", inside: Vec::new() }],
        links,
        escapes: Vec::new(),
    };
    while let Some(c) = text[parser.at..].chars().next() {
        if !parser.parse_markup(c) {
            parser.take(c.len_utf8());
        }
    }
    parser.end()
}

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    /// Text that is not yet an inline.
    pub(super) words: String,
    /// Open delimiters, outermost first; the first entry is the root.
    pub(super) open: Vec<OpenDelimiter>,
    links: bool,
    /// Escaped delimiters.
    pub(super) escapes: Vec<char>,
}

pub(super) struct OpenDelimiter {
    pub(super) delimiter: &'static str,
    inside: Vec<Inline>,
}

impl<'t> Parser<'t> {
    /// Parses the markup that starts here, if any.
    fn parse_markup(&mut self, c: char) -> bool {
        match c {
            '\\' => self.escaped(),
            '`' => self.code(),
            '$' => self.formula(),
            '*' | '_' | '~' => self.delimiter_run(c),
            'h' | 'H' | 'm' | 'M' | 'w' | 'W' if self.links => self.address(),
            '@' if self.links => self.mail(),
            '[' if self.links => self.bracket(self.at),
            '!' if self.links && self.text[self.at + 1..].starts_with('[') => {
                self.bracket(self.at + 1)
            }
            '<' if self.links => self.angled_address(),
            _ => false,
        }
    }

    pub(super) fn before(&self) -> Option<char> {
        self.text[..self.at].chars().next_back()
    }

    fn code(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let length = rest.len() - rest.trim_start_matches('`').len();
        let inside = &rest[length..];
        let mut from = 0;
        // Inside of a word a backtick is an apostrophe.
        let is_letter =
            length == 1 && self.before().is_some_and(is_word) && inside.starts_with(is_word);
        while let Some(found) = inside[from..].find('`').filter(|_| !is_letter) {
            let begin = from + found;
            let run = inside[begin..].len() - inside[begin..].trim_start_matches('`').len();
            let code = &inside[..begin];
            // Opening quotes, as in ``TeX'' or `elsewhere'.
            let is_quote = code.contains('\'')
                && code.ends_with(' ')
                && !code.starts_with(' ')
                && inside[begin + run..].starts_with(is_word);
            if run == length && !is_quote {
                let padded = code
                    .strip_prefix(' ')
                    .and_then(|code| code.strip_suffix(' '))
                    .filter(|code| !code.trim().is_empty());
                self.push(Inline::Code(padded.unwrap_or(code).to_owned()));
                self.at += 2 * length + begin;
                return true;
            }
            from = begin + run;
        }
        self.take(length);
        true
    }

    /// `$x$`, or `$$x$$` for a display formula.
    fn formula(&mut self) -> bool {
        let Some((tex, display)) = self.formula_at(self.at, self.before()) else {
            let rest = &self.text[self.at..];
            self.take(rest.len() - rest.trim_start_matches('$').len());
            return true;
        };
        self.push(Inline::Formula { tex: tex.to_owned(), display });
        self.at += tex.len() + if display { 4 } else { 2 };
        true
    }

    pub(super) fn formula_at(&self, at: usize, before: Option<char>) -> Option<(&'t str, bool)> {
        formulas::at(self.text, at, before)
    }

    /// A delimiter run: closes what it can, else opens, else is text.
    fn delimiter_run(&mut self, c: char) -> bool {
        let rest = &self.text[self.at..];
        let mut left = rest.len() - rest.trim_start_matches(c).len();
        let Flanks { opens, closes } = Flanks::of(self.text, self.at, c, left);
        self.at += left;
        while left > 0 {
            let [two, one] = match c {
                '*' => ["**", "*"],
                '_' => ["", "_"],
                _ => ["~~", ""],
            };
            let fits = |open: &OpenDelimiter| {
                !open.delimiter.is_empty()
                    && (open.delimiter == two && left >= 2 || open.delimiter == one)
            };
            let has_closed = closes && self.open.iter().skip(1).any(fits) && {
                let depth = self.open.iter().rposition(fits).unwrap_or(0);
                let inside = &self.open[depth..];
                let empty = !inside
                    .iter()
                    .any(|open| is_content(&self.words, &open.inside, self.open[depth].delimiter));
                if !empty {
                    left -= self.close(depth);
                }
                !empty
            };
            if has_closed {
                continue;
            }
            let delimiter = if left >= 2 { two } else { one };
            if opens && !delimiter.is_empty() && self.open.len() < MAX_DEPTH {
                self.flush_words();
                self.open.push(OpenDelimiter { delimiter, inside: Vec::new() });
                left -= delimiter.len();
            } else {
                self.words.extend(std::iter::repeat_n(c, left));
                left = 0;
            }
        }
        true
    }

    /// Closes the delimiter at this depth; open ones inside of it become text. Returns its length.
    fn close(&mut self, depth: usize) -> usize {
        self.flush_words();
        self.undo_delimiters(depth + 1);
        let Some(OpenDelimiter { delimiter, inside }) = self.open.pop() else { return 0 };
        self.push(match delimiter {
            "**" => Inline::Strong(inside),
            "~~" => Inline::Strike(inside),
            _ => Inline::Emphasis(inside),
        });
        delimiter.len()
    }

    /// Turns open delimiters from this depth on into text.
    fn undo_delimiters(&mut self, from: usize) {
        while self.open.len() > from.max(1) {
            let Some(OpenDelimiter { delimiter, inside }) = self.open.pop() else { return };
            if let Some(outer) = self.open.last_mut() {
                add(&mut outer.inside, Inline::Text(delimiter.to_owned()));
                inside.into_iter().for_each(|inline| add(&mut outer.inside, inline));
            }
        }
    }

    /// A bare URL. A closing delimiter is not part of it.
    fn address(&mut self) -> bool {
        let Some(mut length) = addresses::at(self.text, self.at) else { return false };
        let address = &self.text[self.at..self.at + length];
        for open in self.open.iter().skip(1).rev() {
            let delimiter = open.delimiter;
            length = match address[..length].find(delimiter) {
                Some(cut) if delimiter.len() > 1 => cut,
                _ => address[..length].trim_end_matches(delimiter).len(),
            };
        }
        let Some(length) = addresses::at(&self.text[..self.at + length], self.at) else {
            return false;
        };
        let Some(leads) = addresses::destination(&address[..length]) else { return false };
        self.link(&leads, vec![Inline::Text(address[..length].to_owned())], self.at + length);
        true
    }

    /// An e-mail address, whose local part is already in the text.
    fn mail(&mut self) -> bool {
        let Some((local, domain)) = addresses::mail_at(self.text, self.at) else { return false };
        let address = &self.text[self.at - local..=self.at + domain];
        if !self.words.ends_with(&address[..local]) {
            return false;
        }
        self.words.truncate(self.words.len() - local);
        self.link(
            &format!("mailto:{address}"),
            vec![Inline::Text(address.to_owned())],
            self.at + 1 + domain,
        );
        true
    }

    /// The link in brackets at this offset: text, destination, end.
    pub(super) fn bracketed(&self, begin: usize) -> Option<(&'t str, Option<String>, usize)> {
        let words = balanced(&self.text[begin..], '[', ']')?;
        let after = begin + words.len() + 2;
        let inside = balanced(&self.text[after..], '(', ')')?;
        Some((words, addresses::in_parentheses(inside), after + inside.len() + 2))
    }

    /// `[text](url)`. An image becomes a link, because clients load nothing from other sites.
    fn bracket(&mut self, begin: usize) -> bool {
        let Some((words, Some(address), end)) = self.bracketed(begin) else { return false };
        let inside = if words.trim().is_empty() {
            vec![Inline::Text(address.clone())]
        } else {
            read_inside(words, false)
        };
        self.link(&address, inside, end);
        true
    }

    /// The URL between angle brackets at this offset.
    pub(super) fn angled(&self, begin: usize) -> Option<&'t str> {
        let rest = &self.text[begin + 1..];
        rest.find('>').filter(|end| *end <= addresses::MAX_LENGTH).map(|end| &rest[..end])
    }

    /// `<url>`
    fn angled_address(&mut self) -> bool {
        let Some((address, leads)) = self
            .angled(self.at)
            .and_then(|address| Some((address, addresses::destination(address)?)))
        else {
            return false;
        };
        self.link(&leads, vec![Inline::Text(address.to_owned())], self.at + address.len() + 2);
        true
    }

    fn link(&mut self, address: &str, inside: Vec<Inline>, end: usize) {
        self.push(Inline::Link { address: address.to_owned(), inside });
        self.at = end;
    }

    fn push(&mut self, inline: Inline) {
        self.flush_words();
        if let Some(open) = self.open.last_mut() {
            add(&mut open.inside, inline);
        }
    }

    /// Appends the pending text as an inline.
    fn flush_words(&mut self) {
        if !self.words.is_empty() {
            let words = std::mem::take(&mut self.words);
            if let Some(open) = self.open.last_mut() {
                add(&mut open.inside, Inline::Text(words));
            }
        }
    }

    fn end(mut self) -> Vec<Inline> {
        self.flush_words();
        self.undo_delimiters(1);
        self.open.pop().map(|open| open.inside).unwrap_or_default()
    }
}

/// Appends an inline; adjacent texts are merged.
fn add(to: &mut Vec<Inline>, inline: Inline) {
    match (to.last_mut(), inline) {
        (Some(Inline::Text(before)), Inline::Text(more)) => before.push_str(&more),
        (_, inline) => to.push(inline),
    }
}

/// The text between the bracket at the start and the matching one, within the maximum length.
fn balanced(text: &str, open: char, close: char) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().take_while(|(at, _)| *at <= addresses::MAX_LENGTH) {
        if c == open {
            depth += 1;
        } else if depth == 0 {
            return None;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some(&text[1..at]);
            }
        }
    }
    None
}
