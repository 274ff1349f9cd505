//! Running text read into its parts: strong, stressed and struck out, code, links. One pass, with a bounded stack of marks
//! that are open: no text takes long, and a mark that nothing closes is text.

use linkify::{LinkFinder, LinkKind};

use super::{DEEPEST, Inline};

/// Most bytes of a link's words or address.
const LONGEST_LINK: usize = 2_000;

/// Reads running text.
pub(super) fn read(text: &str) -> Vec<Inline> {
    read_inside(text, true)
}

fn read_inside(text: &str, links: bool) -> Vec<Inline> {
    let addresses = if links { addresses(text) } else { Vec::new() };
    let mut reader = Reader { text, at: 0, words: String::new(), open: vec![Open { mark: "", inside: Vec::new() }], links };
    let mut addresses = addresses.into_iter().peekable();
    while let Some(c) = text[reader.at..].chars().next() {
        while addresses.next_if(|(begin, _)| *begin < reader.at).is_some() {}
        if let Some((begin, end)) = addresses.next_if(|(begin, _)| *begin == reader.at) {
            reader.link(&text[begin..end], vec![Inline::Text(text[begin..end].to_owned())], end);
        } else if !reader.marked(c) {
            reader.words.push(c);
            reader.at += c.len_utf8();
        }
    }
    reader.end()
}

/// Where bare addresses stand.
fn addresses(text: &str) -> Vec<(usize, usize)> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let found = finder.links(text).filter(|link| leads(link.as_str()));
    // Marks that follow an address are not part of it.
    found.map(|link| (link.start(), link.start() + link.as_str().trim_end_matches(['*', '_', '~', '`', '|']).len())).collect()
}

/// Whether an address may be followed: only these kinds do no harm.
fn leads(address: &str) -> bool {
    let lower = address.get(..8).unwrap_or(address).to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")).or_else(|| lower.strip_prefix("mailto:"));
    rest.is_some() && address.chars().all(|c| !c.is_whitespace() && !c.is_control())
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// Words that are not yet a part.
    words: String,
    /// Marks that are open, from the outside in; the first is none.
    open: Vec<Open>,
    links: bool,
}

struct Open {
    mark: &'static str,
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
            '[' if self.links => self.bracket(self.at),
            '!' if self.links && self.text[self.at + 1..].starts_with('[') => self.bracket(self.at + 1),
            '<' if self.links => self.bracketed_address(),
            _ => false,
        }
    }

    fn before(&self) -> Option<char> {
        self.text[..self.at].chars().next_back()
    }

    /// A backslash makes the mark after it a letter. Not in the shrug, which has an arm there.
    fn escaped(&mut self) -> bool {
        let Some(next) = self.text[self.at + 1..].chars().next().filter(|next| "\\`*_~[]()#>|-+.!<$".contains(*next)) else { return false };
        if self.before() == Some('¯') {
            self.words.push('\\');
        }
        self.words.push(next);
        self.at += 1 + next.len_utf8();
        true
    }

    fn code(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let length = rest.len() - rest.trim_start_matches('`').len();
        let inside = &rest[length..];
        let mut from = 0;
        while let Some(found) = inside[from..].find('`') {
            let begin = from + found;
            let run = inside[begin..].len() - inside[begin..].trim_start_matches('`').len();
            if run == length {
                let code = &inside[..begin];
                let padded = code.strip_prefix(' ').and_then(|code| code.strip_suffix(' ')).filter(|code| !code.trim().is_empty());
                self.push(Inline::Code(padded.unwrap_or(code).to_owned()));
                self.at += 2 * length + begin;
                return true;
            }
            from = begin + run;
        }
        self.words.push_str(&rest[..length]);
        self.at += length;
        true
    }

    /// `$x$`, or `$$x$$` for one that is printed large. Prices stay prices: what is a formula touches both its marks, and after
    /// the second no digit follows.
    fn formula(&mut self) -> bool {
        let display = self.text[self.at + 1..].starts_with('$');
        let mark = if display { "$$" } else { "$" };
        let rest = &self.text[self.at + mark.len()..];
        let end = rest.match_indices(mark).map(|(end, _)| end).find(|end| !rest[..*end].ends_with('\\'));
        let Some(tex) = end.map(|end| &rest[..end]).filter(|tex| tex.len() <= LONGEST_LINK && !tex.trim().is_empty()) else { return false };
        let after = rest[tex.len() + mark.len()..].chars().next();
        let in_word = self.before().is_some_and(char::is_alphanumeric);
        let touches = !tex.starts_with(char::is_whitespace) && !tex.ends_with(char::is_whitespace) && !tex.contains('\n');
        if !display && (in_word || !touches || after.is_some_and(|after| after.is_ascii_digit())) {
            return false;
        }
        self.push(Inline::Formula { tex: tex.to_owned(), display });
        self.at += tex.len() + 2 * mark.len();
        true
    }

    /// A run of marks: each closes what it can, or opens, or is text.
    fn mark(&mut self, c: char) -> bool {
        let rest = &self.text[self.at..];
        let mut left = rest.len() - rest.trim_start_matches(c).len();
        let (before, after) = (self.before(), rest[left..].chars().next());
        let in_word = |side: Option<char>| side.is_some_and(char::is_alphanumeric);
        let touches = |side: Option<char>| side.is_some_and(|side| !side.is_whitespace());
        // Inside a word an underscore is a letter, and between two words a star is.
        let is_letter = c == '_' || c == '*' && left == 1;
        let opens = touches(after) && !(is_letter && in_word(before));
        let closes = touches(before) && !(is_letter && in_word(after));
        self.at += left;
        while left > 0 {
            let [two, one] = match c {
                '*' => ["**", "*"],
                // Two underscores are part of many a name, as in `__init__`.
                '_' if left == 1 => ["", "_"],
                '_' => ["", ""],
                _ => ["~~", ""],
            };
            let fits = |open: &Open| !open.mark.is_empty() && (open.mark == two && left >= 2 || open.mark == one);
            let has_closed = closes && self.open.iter().skip(1).any(fits) && {
                let depth = self.open.iter().rposition(fits).unwrap_or(0);
                // Something must stand between the two.
                let empty = depth + 1 == self.open.len() && self.words.is_empty() && self.open[depth].inside.is_empty();
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

    /// `[words](address)`; a picture is a link too, because it would be fetched from elsewhere.
    fn bracket(&mut self, begin: usize) -> bool {
        let Some(words) = balanced(&self.text[begin..], '[', ']') else { return false };
        let after = begin + words.len() + 2;
        let Some(address) = balanced(&self.text[after..], '(', ')') else { return false };
        let end = after + address.len() + 2;
        if leads(address) {
            let inside = read_inside(if words.trim().is_empty() { address } else { words }, false);
            self.link(address, inside, end);
        } else {
            self.words.push_str(&self.text[self.at..end]);
            self.at = end;
        }
        true
    }

    /// `<address>`
    fn bracketed_address(&mut self) -> bool {
        let rest = &self.text[self.at + 1..];
        let Some(address) = rest.find('>').filter(|end| *end <= LONGEST_LINK).map(|end| &rest[..end]).filter(|address| leads(address)) else {
            return false;
        };
        self.link(address, vec![Inline::Text(address.to_owned())], self.at + address.len() + 2);
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
    for (at, c) in text.char_indices().take_while(|(at, _)| *at <= LONGEST_LINK) {
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
