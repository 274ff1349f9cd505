//! Tokenizer for TeX: commands, groups and arguments.

/// A position in a formula.
#[derive(Clone, Copy)]
pub(super) struct TexReader<'a> {
    /// The unread text.
    pub(super) rest: &'a str,
}

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A command of letters, without its backslash.
    Command(&'a str),
    /// A backslash and one non-letter.
    Symbol(char),
    /// The text between two braces.
    Group(&'a str),
    /// Any other character.
    Char(char),
}

impl<'a> TexReader<'a> {
    pub(super) const fn new(tex: &'a str) -> Self {
        Self { rest: tex }
    }

    /// The next token; `None` at the end or at an unbalanced brace.
    pub(super) fn token(&mut self) -> Option<Token<'a>> {
        let first = self.rest.chars().next()?;
        match first {
            '\\' => {
                let after = &self.rest[1..];
                let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
                if letters > 0 {
                    self.rest = &after[letters..];
                    return Some(Token::Command(&after[..letters]));
                }
                let symbol = after.chars().next()?;
                self.rest = &after[symbol.len_utf8()..];
                Some(Token::Symbol(symbol))
            }
            '{' => self.enclosed('{', '}').map(Token::Group),
            '}' => None,
            other => {
                self.rest = &self.rest[other.len_utf8()..];
                Some(Token::Char(other))
            }
        }
    }

    /// An argument: a group without its braces, a command or a character.
    pub(super) fn argument(&mut self) -> Option<&'a str> {
        self.skip_space();
        let before = self.rest;
        Some(match self.token()? {
            Token::Group(inside) => inside,
            _ => &before[..before.len() - self.rest.len()],
        })
    }

    /// An argument in brackets, if there is one.
    pub(super) fn optional(&mut self) -> Option<&'a str> {
        let mut ahead = *self;
        ahead.skip_space();
        let inside = ahead.rest.starts_with('[').then(|| ahead.enclosed('[', ']')).flatten()?;
        *self = ahead;
        Some(inside)
    }

    /// Whether a group comes next.
    pub(super) fn is_at_group(&self) -> bool {
        self.rest.trim_start().starts_with('{')
    }

    /// The text up to the matching `close` command, which is consumed.
    pub(super) fn until(&mut self, open: &str, close: &str) -> Option<&'a str> {
        let (start, mut depth) = (self.rest, 1);
        loop {
            let before = self.rest;
            match self.token()? {
                Token::Command(name) if name == open => depth += 1,
                Token::Command(name) if name == close => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(&start[..start.len() - before.len()]);
            }
        }
    }

    pub(super) fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn enclosed(&mut self, open: char, close: char) -> Option<&'a str> {
        let (mut depth, mut escaped) = (0, false);
        for (at, c) in self.rest.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                _ if c == open => depth += 1,
                _ if c == close => {
                    depth -= 1;
                    if depth == 0 {
                        let inside = &self.rest[1..at];
                        self.rest = &self.rest[at + 1..];
                        return Some(inside);
                    }
                }
                _ => {}
            }
        }
        None
    }
}
