//! Which runs of stars, underscores and tildes can open or close. The flanking rules of CommonMark,
//! narrowed so that arithmetic, globs, pointers, censored words and emoticons stay as typed.

use crate::domain::script::{is_unspaced, is_word};

/// What a delimiter run can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flanks {
    pub(super) opens: bool,
    pub(super) closes: bool,
}

impl Flanks {
    /// Of the run of `length` delimiters at `at`.
    pub(super) fn of(text: &str, at: usize, delimiter: char, length: usize) -> Self {
        Self::between(text[..at].chars().next_back(), delimiter, length, &text[at + length..])
    }

    /// Of a run after `before`, with the text that follows it.
    pub(super) fn between(
        before: Option<char>,
        delimiter: char,
        length: usize,
        rest: &str,
    ) -> Self {
        // Double underscores are part of identifiers; other runs of stars and tildes are ornament
        // or censor a word.
        let is_mark = match delimiter {
            '*' => length <= 3,
            '_' => length == 1,
            _ => length == 2,
        };
        if !is_mark {
            return Self::default();
        }
        let mut ahead = rest.chars();
        let (after, then) = (ahead.next(), ahead.next());
        let is_letter = |side: Option<char>| side.is_some_and(char::is_alphanumeric);
        let is_word_at = |side: Option<char>| side.is_some_and(is_word);
        // Inside of a word: before an opening run, after a closing one.
        let in_word = match (delimiter, length) {
            ('_', _) => [is_letter(before), is_letter(after)],
            ('*', 1) => [is_letter(before) && is_letter(after); 2],
            ('*', _) => {
                [is_word_at(before)
                    && is_word_at(after)
                    && !(length == 2 && is_part_of_word(before, rest)); 2]
            }
            _ => [false; 2],
        };
        let beside = |side: Option<char>| delimiter != '_' && is_letter(side);
        let opens = !in_word[0]
            && after.is_some_and(|first| {
                !first.is_whitespace()
                    && begins(first, then, delimiter, length)
                    && !is_face(before, first, length)
            })
            && (beside(after) || may_precede(before, delimiter));
        let closes = !in_word[1]
            && before.is_some_and(|last| !last.is_whitespace() && ends(last, delimiter))
            && (beside(before) || may_follow(after));
        Self { opens, closes }
    }
}

/// Whether `**` encloses a part of a word.
fn is_part_of_word(before: Option<char>, rest: &str) -> bool {
    let inside = rest.split("**").next().unwrap_or_default();
    let opens =
        inside.len() > 1 && inside.len() < rest.len() && inside.chars().all(char::is_alphabetic);
    let closes = inside.len() == rest.len() && rest.starts_with(char::is_alphabetic);
    before.is_some_and(char::is_alphabetic) && (opens || closes)
}

/// Whether formatted text may start with this.
fn begins(first: char, then: Option<char>, delimiter: char, length: usize) -> bool {
    match first {
        ',' | ';' | ')' | ']' | '}' | '>' | '=' | '%' | '|' | '^' => false,
        // The end of a comment in code.
        '/' => then.is_some_and(|then| !then.is_whitespace()),
        // A glob such as `*.rs`.
        '.' => length > 1 || !then.is_some_and(char::is_alphanumeric),
        '-' | '+' => delimiter != '_',
        // Emoticons.
        '(' | ':' if length == 1 => then.is_some_and(char::is_alphanumeric),
        _ => true,
    }
}

/// Whether this is part of an emoticon: `(*´ω`*)`.
fn is_face(before: Option<char>, first: char, length: usize) -> bool {
    length == 1
        && before == Some('(')
        && (!first.is_alphanumeric() || first == 'ﾟ')
        && !"\"'“*_`$[".contains(first)
}

/// Whether formatted text may end with this.
const fn ends(last: char, delimiter: char) -> bool {
    match last {
        '(' | '[' | '{' | '<' | '=' | '|' => false,
        '-' | '+' | '^' | '\\' => delimiter != '_',
        _ => true,
    }
}

/// Whether formatted text that starts with punctuation may follow this.
fn may_precede(before: Option<char>, delimiter: char) -> bool {
    before.is_none_or(|before| {
        before.is_whitespace()
            || is_unspaced(before)
            || !before.is_ascii() && !before.is_alphanumeric() && before != '¯'
            || "([{\"'<*~_|".contains(before)
            || delimiter != '_' && "-:".contains(before)
    })
}

/// Whether formatted text that ends with punctuation may precede this.
fn may_follow(after: Option<char>) -> bool {
    after.is_none_or(|after| {
        after.is_whitespace()
            || is_unspaced(after)
            || !after.is_ascii() && !after.is_alphanumeric()
            || ")]}\"'><*~_|.,:;!?-".contains(after)
    })
}
