//! What is typed into the search: words, "exact words", and filters. Read the same way on both sides: by the server to search,
//! by the page to complete what is being typed.

use super::Day;
use crate::domain::ChatError;

/// Most characters of a query.
const LENGTH: usize = 1_000;
/// Most words, and most names of one filter.
const MOST_TERMS: usize = 32;

/// What a filter asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Who wrote it.
    From,
    /// Where it stands.
    In,
    /// Written before a day began.
    Before,
    /// Written on a day or later.
    After,
    /// What it has.
    Has,
    /// What it is.
    Is,
}

impl Key {
    /// All of them, as they are typed, with what they ask for.
    pub const ALL: [(Self, &str, &str); 6] = [
        (Self::From, "from:", "a person"),
        (Self::In, "in:", "a conversation"),
        (Self::Before, "before:", "a day"),
        (Self::After, "after:", "a day"),
        (Self::Has, "has:", "link or code"),
        (Self::Is, "is:", "question"),
    ];
}

/// A piece of what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typed<'t> {
    /// Where it begins, in bytes.
    pub at: usize,
    /// Of a filter: which.
    pub key: Option<Key>,
    /// The words, or the filter's value.
    pub text: &'t str,
    /// Whether quotes stand around it.
    pub quoted: bool,
}

/// Cuts what was typed into its pieces. Blanks part them, but not between quotes; a quote that is never closed goes to the end.
#[must_use]
pub fn typed(query: &str) -> Vec<Typed<'_>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(skipped) = query[at..].find(|c: char| !c.is_whitespace()) {
        at += skipped;
        let rest = &query[at..];
        let key = Key::ALL.iter().find(|(_, name, _)| rest.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name)));
        let value = key.map_or(0, |(_, name, _)| name.len());
        let (text, taken, quoted) = read(&rest[value..]);
        pieces.push(Typed { at, key: key.map(|(key, ..)| *key), text, quoted });
        at += value + taken;
    }
    pieces
}

/// The text at the beginning, how much of it was taken, and whether it was quoted.
fn read(rest: &str) -> (&str, usize, bool) {
    const QUOTES: [char; 3] = ['"', '“', '”'];
    let Some(first) = rest.chars().next().filter(|c| QUOTES.contains(c)) else {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        return (&rest[..end], end, false);
    };
    let inside = &rest[first.len_utf8()..];
    match inside.char_indices().find(|(_, c)| QUOTES.contains(c)) {
        Some((end, quote)) => (&inside[..end], first.len_utf8() + end + quote.len_utf8(), true),
        None => (inside, rest.len(), true),
    }
}

/// Words that a message must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// As they were typed.
    pub text: String,
    /// Just so, from the beginning of a word to the end of one.
    pub exact: bool,
}

/// What is looked for. A message must have all terms; of several `from` or `within` one is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The words.
    pub terms: Vec<Term>,
    /// Usernames or parts of names.
    pub from: Vec<String>,
    /// Names of conversations, or of the other one of two.
    pub within: Vec<String>,
    /// Written before this day began.
    pub before: Option<Day>,
    /// Written on this day or later.
    pub after: Option<Day>,
    /// It has a link.
    pub has_link: bool,
    /// It has code.
    pub has_code: bool,
    /// It asks something.
    pub is_question: bool,
}

impl Query {
    /// Reads what was typed.
    ///
    /// # Errors
    /// `invalid` at `query`, naming the piece that cannot be taken.
    pub fn parse(text: &str) -> Result<Self, ChatError> {
        if text.chars().nth(LENGTH).is_some() {
            return Err(wrong(format!("A search can have up to {LENGTH} characters.")));
        }
        let mut query = Self::default();
        for piece in typed(text) {
            query.take(piece)?;
        }
        if [query.terms.len(), query.from.len(), query.within.len()].iter().any(|count| *count > MOST_TERMS) {
            return Err(wrong(format!("A search can have up to {MOST_TERMS} words.")));
        }
        Ok(query)
    }

    fn take(&mut self, piece: Typed) -> Result<(), ChatError> {
        let value = piece.text.trim();
        let Some(key) = piece.key else {
            if !value.is_empty() {
                self.terms.push(Term { text: value.to_owned(), exact: piece.quoted });
            }
            return Ok(());
        };
        let not = |takes: &str| Err(wrong(if value.is_empty() { format!("{takes}.") } else { format!("{takes}, not “{value}”.") }));
        match key {
            Key::From if value.is_empty() => return not("from: needs a name, such as from:ada"),
            Key::In if value.is_empty() => return not("in: needs the name of a conversation, such as in:everyone"),
            Key::From => self.from.push(value.to_owned()),
            Key::In => self.within.push(value.to_owned()),
            Key::Before | Key::After => {
                let Some(day) = Day::read(value) else {
                    let name = if key == Key::Before { "before:" } else { "after:" };
                    return not(&format!("{name} needs a day, such as 2026-01-31, today, yesterday or 7d"));
                };
                *(if key == Key::Before { &mut self.before } else { &mut self.after }) = Some(day);
            }
            Key::Has => match value.to_ascii_lowercase().as_str() {
                "link" => self.has_link = true,
                "code" => self.has_code = true,
                _ => return not("has: can be link or code"),
            },
            Key::Is if value.eq_ignore_ascii_case("question") => self.is_question = true,
            Key::Is => return not("is: can only be question"),
        }
        Ok(())
    }
}

fn wrong(words: impl Into<String>) -> ChatError {
    ChatError::invalid("query", words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(query: &str) -> Vec<(String, bool)> {
        Query::parse(query).unwrap().terms.into_iter().map(|term| (term.text, term.exact)).collect()
    }

    #[test]
    fn words_phrases_and_filters_are_told_apart() {
        let query =
            Query::parse(r#" rate "the limit" FROM:ada in:"Physics 2" has:link has:CODE is:question before:today after:2026-01-02 "#).unwrap();
        assert_eq!(terms(r#"rate "the limit""#), [("rate".to_owned(), false), ("the limit".to_owned(), true)]);
        assert_eq!((query.terms.len(), query.from, query.within), (2, vec!["ada".to_owned()], vec!["Physics 2".to_owned()]));
        assert!(query.has_link && query.has_code && query.is_question);
        assert_eq!((query.before, query.after), (Some(Day::Ago(0)), Day::read("2026-01-02")));
    }

    #[test]
    fn what_is_no_filter_is_a_word() {
        for word in ["http://x", "12:30", "std::vec", "fromage", "a:b", "*", "NEAR(a,b)", ":", "🎉", "é:"] {
            assert_eq!(terms(word), [(word.to_owned(), false)], "{word}");
        }
        assert_eq!(terms("\"never closed"), [("never closed".to_owned(), true)]);
        assert_eq!(terms("“curly words”x"), [("curly words".to_owned(), true), ("x".to_owned(), false)]);
        assert_eq!(terms("a\0b \"\" \" \""), [("a\0b".to_owned(), false)]);
    }

    #[test]
    fn what_cannot_be_taken_is_named() {
        for (query, named) in [
            ("has:cats", "“cats”"),
            ("is:open", "“open”"),
            ("before:soon", "“soon”"),
            ("after:2026-02-30", "“2026-02-30”"),
            ("from:", "from:"),
            ("in:\"\"", "in:"),
            (&"x".repeat(1_001), "1000 characters"),
            (&"x ".repeat(33), "32 words"),
            (&"from:x ".repeat(33), "32 words"),
        ] {
            let error = Query::parse(query).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("query"));
            assert!(error.message.contains(named), "{query:.40}: {error}");
        }
    }

    #[test]
    fn pieces_know_where_they_begin() {
        let pieces = typed("ä from:\"a b\" in:x");
        assert_eq!(pieces.iter().map(|piece| (piece.at, piece.text)).collect::<Vec<_>>(), [(0, "ä"), (3, "a b"), (14, "x")]);
        for odd in ["\"", "from:\"", "“", "a\"b", "\u{3000}x\u{3000}", "from:from:x"] {
            let _ = Query::parse(odd);
        }
    }
}
