//! Running text read into its parts: strong, stressed and struck out, code, links. One pass, with a bounded stack of marks
//! that are open: no text takes long, and a mark that nothing closes is text.

use super::{DEEPEST, Inline, addresses, delimiters::Flanks, escapes::is_content, formulas};
use crate::domain::script::is_word;

/// Reads running text.
pub(super) fn read(text: &str) -> Vec<Inline> {
    read_inside(text, true)
}

fn read_inside(text: &str, links: bool) -> Vec<Inline> {
    let mut reader = Reader { text, at: 0, words: String::new(), open: vec![Open { mark: "", inside: Vec::new() }], links, escapes: Vec::new() };
    while let Some(c) = text[reader.at..].chars().next() {
        if !reader.marked(c) {
            reader.take(c.len_utf8());
        }
    }
    reader.end()
}

pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    /// Words that are not yet a part.
    pub(super) words: String,
    /// Marks that are open, from the outside in; the first is none.
    pub(super) open: Vec<Open>,
    links: bool,
    /// Marks that a backslash made letters.
    pub(super) escapes: Vec<char>,
}

pub(super) struct Open {
    pub(super) mark: &'static str,
    inside: Vec<Inline>,
}

impl<'t> Reader<'t> {
    /// Reads what begins here, if it is more than a letter.
    fn marked(&mut self, c: char) -> bool {
        match c {
            '\\' => self.escaped(),
            '`' => self.code(),
            '$' => self.formula(),
            '*' | '_' | '~' => self.mark(c),
            'h' | 'H' | 'm' | 'M' | 'w' | 'W' if self.links => self.address(),
            '@' if self.links => self.mail(),
            '[' if self.links => self.bracket(self.at),
            '!' if self.links && self.text[self.at + 1..].starts_with('[') => self.bracket(self.at + 1),
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
        // In a word a backtick is an apostrophe.
        let is_letter = length == 1 && self.before().is_some_and(is_word) && inside.starts_with(is_word);
        while let Some(found) = inside[from..].find('`').filter(|_| !is_letter) {
            let begin = from + found;
            let run = inside[begin..].len() - inside[begin..].trim_start_matches('`').len();
            let code = &inside[..begin];
            // Two that open, as in ``TeX'' or `elsewhere'.
            let is_quote = code.contains('\'') && code.ends_with(' ') && !code.starts_with(' ') && inside[begin + run..].starts_with(is_word);
            if run == length && !is_quote {
                let padded = code.strip_prefix(' ').and_then(|code| code.strip_suffix(' ')).filter(|code| !code.trim().is_empty());
                self.push(Inline::Code(padded.unwrap_or(code).to_owned()));
                self.at += 2 * length + begin;
                return true;
            }
            from = begin + run;
        }
        self.take(length);
        true
    }

    /// `$x$`, or `$$x$$` for one that is printed large.
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

    /// A run of marks: each closes what it can, or opens, or is text.
    fn mark(&mut self, c: char) -> bool {
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
            let fits = |open: &Open| !open.mark.is_empty() && (open.mark == two && left >= 2 || open.mark == one);
            let has_closed = closes && self.open.iter().skip(1).any(fits) && {
                let depth = self.open.iter().rposition(fits).unwrap_or(0);
                let inside = &self.open[depth..];
                let empty = !inside.iter().any(|open| is_content(&self.words, &open.inside, self.open[depth].mark));
                if !empty {
                    left -= self.close(depth);
                }
                !empty
            };
            if has_closed {
                continue;
            }
            let mark = if left >= 2 { two } else { one };
            if opens && !mark.is_empty() && self.open.len() < DEEPEST {
                self.settle();
                self.open.push(Open { mark, inside: Vec::new() });
                left -= mark.len();
            } else {
                self.words.extend(std::iter::repeat_n(c, left));
                left = 0;
            }
        }
        true
    }

    /// Closes the mark at this depth; those inside it that are still open were text. Answers the mark's length.
    fn close(&mut self, depth: usize) -> usize {
        self.settle();
        self.unmark(depth + 1);
        let Some(Open { mark, inside }) = self.open.pop() else { return 0 };
        self.push(match mark {
            "**" => Inline::Strong(inside),
            "~~" => Inline::Strike(inside),
            _ => Inline::Emphasis(inside),
        });
        mark.len()
    }

    /// Makes open marks from this depth on text again.
    fn unmark(&mut self, from: usize) {
        while self.open.len() > from.max(1) {
            let Some(Open { mark, inside }) = self.open.pop() else { return };
            if let Some(outer) = self.open.last_mut() {
                add(&mut outer.inside, Inline::Text(mark.to_owned()));
                inside.into_iter().for_each(|inline| add(&mut outer.inside, inline));
            }
        }
    }

    /// An address as it stands. What closes a mark that is open is not part of it.
    fn address(&mut self) -> bool {
        let Some(mut length) = addresses::at(self.text, self.at) else { return false };
        let address = &self.text[self.at..self.at + length];
        for open in self.open.iter().skip(1).rev() {
            let marks = open.mark;
            length = match address[..length].find(marks) {
                Some(cut) if marks.len() > 1 => cut,
                _ => address[..length].trim_end_matches(marks).len(),
            };
        }
        let Some(length) = addresses::at(&self.text[..self.at + length], self.at) else { return false };
        let Some(leads) = addresses::destination(&address[..length]) else { return false };
        self.link(&leads, vec![Inline::Text(address[..length].to_owned())], self.at + length);
        true
    }

    /// An e-mail address, whose first part was taken for words.
    fn mail(&mut self) -> bool {
        let Some((local, domain)) = addresses::mail_at(self.text, self.at) else { return false };
        let address = &self.text[self.at - local..=self.at + domain];
        if !self.words.ends_with(&address[..local]) {
            return false;
        }
        self.words.truncate(self.words.len() - local);
        self.link(&format!("mailto:{address}"), vec![Inline::Text(address.to_owned())], self.at + 1 + domain);
        true
    }

    /// The link in brackets at this place: its words, where it leads, and where it ends.
    pub(super) fn bracketed(&self, begin: usize) -> Option<(&'t str, Option<String>, usize)> {
        let words = balanced(&self.text[begin..], '[', ']')?;
        let after = begin + words.len() + 2;
        let inside = balanced(&self.text[after..], '(', ')')?;
        Some((words, addresses::in_parentheses(inside), after + inside.len() + 2))
    }

    /// `[words](address)`; a picture is a link too, because it would be fetched from elsewhere.
    fn bracket(&mut self, begin: usize) -> bool {
        let Some((words, Some(address), end)) = self.bracketed(begin) else { return false };
        let inside = if words.trim().is_empty() { vec![Inline::Text(address.clone())] } else { read_inside(words, false) };
        self.link(&address, inside, end);
        true
    }

    /// The address between angle brackets at this place.
    pub(super) fn angled(&self, begin: usize) -> Option<&'t str> {
        let rest = &self.text[begin + 1..];
        rest.find('>').filter(|end| *end <= addresses::LONGEST).map(|end| &rest[..end])
    }

    /// `<address>`
    fn angled_address(&mut self) -> bool {
        let Some((address, leads)) = self.angled(self.at).and_then(|address| Some((address, addresses::destination(address)?))) else { return false };
        self.link(&leads, vec![Inline::Text(address.to_owned())], self.at + address.len() + 2);
        true
    }

    fn link(&mut self, address: &str, inside: Vec<Inline>, end: usize) {
        self.push(Inline::Link { address: address.to_owned(), inside });
        self.at = end;
    }

    fn push(&mut self, inline: Inline) {
        self.settle();
        if let Some(open) = self.open.last_mut() {
            add(&mut open.inside, inline);
        }
    }

    /// The words so far are a part.
    fn settle(&mut self) {
        if !self.words.is_empty() {
            let words = std::mem::take(&mut self.words);
            if let Some(open) = self.open.last_mut() {
                add(&mut open.inside, Inline::Text(words));
            }
        }
    }

    fn end(mut self) -> Vec<Inline> {
        self.settle();
        self.unmark(1);
        self.open.pop().map(|open| open.inside).unwrap_or_default()
    }
}

/// Text beside text is one text.
fn add(to: &mut Vec<Inline>, inline: Inline) {
    match (to.last_mut(), inline) {
        (Some(Inline::Text(before)), Inline::Text(more)) => before.push_str(&more),
        (_, inline) => to.push(inline),
    }
}

/// What stands between a bracket that begins here and the one that closes it, not too far away.
fn balanced(text: &str, open: char, close: char) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().take_while(|(at, _)| *at <= addresses::LONGEST) {
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
