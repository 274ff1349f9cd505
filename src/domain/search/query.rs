//! Query syntax: words, "exact phrases" and filters. The server parses it to search, the client to
//! complete it.

use super::Day;
use crate::domain::ChatError;

/// Maximum characters of a query.
const MAX_LENGTH: usize = 1_000;
/// Maximum number of words, and of values of a filter.
const MAX_TERMS: usize = 32;

/// Key of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterKey {
    /// The author.
    From,
    /// The conversation.
    In,
    /// Before a day.
    Before,
    /// On a day or later.
    After,
    /// Its content.
    Has,
    /// Its type.
    Is,
}

impl FilterKey {
    /// All keys with their syntax and a description of the value.
    pub const ALL: [(Self, &str, &str); 6] = [
        (Self::From, "from:", "a person"),
        (Self::In, "in:", "a conversation"),
        (Self::Before, "before:", "a day"),
        (Self::After, "after:", "a day"),
        (Self::Has, "has:", "link or code"),
        (Self::Is, "is:", "question"),
    ];
}

/// A token of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryToken<'t> {
    /// Start, in bytes.
    pub at: usize,
    /// Of a filter: its key.
    pub key: Option<FilterKey>,
    /// The words, or the value of the filter.
    pub text: &'t str,
    /// Whether it is quoted.
    pub quoted: bool,
}

/// Splits a query into tokens at blanks outside of quotes. An unclosed quote extends to the end.
#[must_use]
pub fn tokenize(query: &str) -> Vec<QueryToken<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(skipped) = query[at..].find(|c: char| !c.is_whitespace()) {
        at += skipped;
        let rest = &query[at..];
        let key = FilterKey::ALL.iter().find(|(_, name, _)| {
            rest.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name))
        });
        let value = key.map_or(0, |(_, name, _)| name.len());
        let (text, taken, quoted) = read(&rest[value..]);
        tokens.push(QueryToken { at, key: key.map(|(key, ..)| *key), text, quoted });
        at += value + taken;
    }
    tokens
}

/// The first text, the number of bytes consumed, and whether it is quoted.
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

/// Words that a message must contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// As typed.
    pub text: String,
    /// Whether they must match exactly, at word boundaries.
    pub exact: bool,
}

/// A parsed query. A message must match all terms, and one of `from` and of `within` each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The words.
    pub terms: Vec<Term>,
    /// Usernames, or parts of display names.
    pub from: Vec<String>,
    /// Titles of conversations, or the name of the other person of a direct one.
    pub within: Vec<String>,
    /// Before this day.
    pub before: Option<Day>,
    /// On this day or later.
    pub after: Option<Day>,
    /// It contains a link.
    pub has_link: bool,
    /// It contains code.
    pub has_code: bool,
    /// It is a question.
    pub is_question: bool,
}

impl Query {
    /// Parses a query.
    ///
    /// # Errors
    /// `invalid` at `query`, naming the token at fault.
    pub fn parse(text: &str) -> Result<Self, ChatError> {
        if text.chars().nth(MAX_LENGTH).is_some() {
            return Err(wrong(format!("A search can have up to {MAX_LENGTH} characters.")));
        }
        let mut query = Self::default();
        for token in tokenize(text) {
            query.take(token)?;
        }
        if [query.terms.len(), query.from.len(), query.within.len()]
            .iter()
            .any(|count| *count > MAX_TERMS)
        {
            return Err(wrong(format!("A search can have up to {MAX_TERMS} words.")));
        }
        Ok(query)
    }

    fn take(&mut self, token: QueryToken) -> Result<(), ChatError> {
        let value = token.text.trim();
        let Some(key) = token.key else {
            if !value.is_empty() {
                self.terms.push(Term { text: value.to_owned(), exact: token.quoted });
            }
            return Ok(());
        };
        let not = |takes: &str| {
            Err(wrong(if value.is_empty() {
                format!("{takes}.")
            } else {
                format!("{takes}, not “{value}”.")
            }))
        };
        match key {
            FilterKey::From if value.is_empty() => {
                return not("from: needs a name, such as from:ada");
            }
            FilterKey::In if value.is_empty() => {
                return not("in: needs the name of a conversation, such as in:everyone");
            }
            FilterKey::From => self.from.push(value.to_owned()),
            FilterKey::In => self.within.push(value.to_owned()),
            FilterKey::Before | FilterKey::After => {
                let Some(day) = Day::parse(value) else {
                    let name = if key == FilterKey::Before { "before:" } else { "after:" };
                    return not(&format!(
                        "{name} needs a day, such as 2026-01-31, today, yesterday or 7d"
                    ));
                };
                *(if key == FilterKey::Before { &mut self.before } else { &mut self.after }) =
                    Some(day);
            }
            FilterKey::Has => match value.to_ascii_lowercase().as_str() {
                "link" => self.has_link = true,
                "code" => self.has_code = true,
                _ => return not("has: can be link or code"),
            },
            FilterKey::Is if value.eq_ignore_ascii_case("question") => self.is_question = true,
            FilterKey::Is => return not("is: can only be question"),
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
    fn words_phrases_and_filters_are_parsed() {
        let query = Query::parse(
            " rate \"the limit\" FROM:ada in:\"Physics 2\" has:link has:CODE is:question \
             before:today after:2026-01-02 ",
        )
        .unwrap();
        assert_eq!(
            terms(r#"rate "the limit""#),
            [("rate".to_owned(), false), ("the limit".to_owned(), true)]
        );
        assert_eq!(
            (query.terms.len(), query.from, query.within),
            (2, vec!["ada".to_owned()], vec!["Physics 2".to_owned()])
        );
        assert!(query.has_link && query.has_code && query.is_question);
        assert_eq!((query.before, query.after), (Some(Day::Ago(0)), Day::parse("2026-01-02")));
    }

    #[test]
    fn unknown_filters_are_words() {
        for word in
            ["http://x", "12:30", "std::vec", "fromage", "a:b", "*", "NEAR(a,b)", ":", "🎉", "é:"]
        {
            assert_eq!(terms(word), [(word.to_owned(), false)], "{word}");
        }
        assert_eq!(terms("\"never closed"), [("never closed".to_owned(), true)]);
        assert_eq!(
            terms("“curly words”x"),
            [("curly words".to_owned(), true), ("x".to_owned(), false)]
        );
        assert_eq!(terms("a\0b \"\" \" \""), [("a\0b".to_owned(), false)]);
    }

    #[test]
    fn errors_name_the_token() {
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
    fn tokens_have_offsets() {
        let tokens = tokenize("ä from:\"a b\" in:x");
        assert_eq!(
            tokens.iter().map(|token| (token.at, token.text)).collect::<Vec<_>>(),
            [(0, "ä"), (3, "a b"), (14, "x")]
        );
        for odd in ["\"", "from:\"", "“", "a\"b", "\u{3000}x\u{3000}", "from:from:x"] {
            let _ = Query::parse(odd);
        }
    }
}
