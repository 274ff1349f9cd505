//! Which stars, underscores and tildes can begin or end something marked. The rules of CommonMark for what stands on both sides,
//! narrowed so that arithmetic, globs, pointers, censored words and faces stay as they were typed.

use crate::domain::script::{is_unspaced, is_word};

/// What a run of marks can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flanks {
    pub(super) opens: bool,
    pub(super) closes: bool,
}

impl Flanks {
    /// Of the run of `length` marks that begins at `at`.
    pub(super) fn of(text: &str, at: usize, mark: char, length: usize) -> Self {
        Self::between(text[..at].chars().next_back(), mark, length, &text[at + length..])
    }

    /// Of a run after `before`, with the text that follows it.
    pub(super) fn between(before: Option<char>, mark: char, length: usize, rest: &str) -> Self {
        // Two underscores are part of many a name; tildes and stars in a row are ornament or hide something.
        let is_mark = match mark {
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
        // Inside of a word: before an opening mark, and after a closing one.
        let in_word = match (mark, length) {
            ('_', _) => [is_letter(before), is_letter(after)],
            ('*', 1) => [is_letter(before) && is_letter(after); 2],
            ('*', _) => [is_word_at(before) && is_word_at(after) && !(length == 2 && is_part_of_word(before, rest)); 2],
            _ => [false; 2],
        };
        let beside = |side: Option<char>| mark != '_' && is_letter(side);
        let opens = !in_word[0]
            && after.is_some_and(|first| !first.is_whitespace() && begins(first, then, mark, length) && !is_face(before, first, length))
            && (beside(after) || may_precede(before, mark));
        let closes = !in_word[1] && before.is_some_and(|last| !last.is_whitespace() && ends(last, mark)) && (beside(before) || may_follow(after));
        Self { opens, closes }
    }
}

/// Whether what follows `**` inside of a word is a part of it that ends in `**` inside of the word too, and the same before it.
fn is_part_of_word(before: Option<char>, rest: &str) -> bool {
    let inside = rest.split("**").next().unwrap_or_default();
    let opens = inside.len() > 1 && inside.len() < rest.len() && inside.chars().all(char::is_alphabetic);
    let closes = inside.len() == rest.len() && rest.starts_with(char::is_alphabetic);
    before.is_some_and(char::is_alphabetic) && (opens || closes)
}

/// Whether something marked may begin with this.
fn begins(first: char, then: Option<char>, mark: char, length: usize) -> bool {
    match first {
        ',' | ';' | ')' | ']' | '}' | '>' | '=' | '%' | '|' | '^' => false,
        // The end of a comment in code.
        '/' => then.is_some_and(|then| !then.is_whitespace()),
        // A file's ending after a star that stands for its name.
        '.' => length > 1 || !then.is_some_and(char::is_alphanumeric),
        '-' | '+' => mark != '_',
        // Eyes and cheeks of faces.
        '(' | ':' if length == 1 => then.is_some_and(char::is_alphanumeric),
        _ => true,
    }
}

/// Whether this is the cheek of a face: `(*´ω`*)`.
fn is_face(before: Option<char>, first: char, length: usize) -> bool {
    length == 1 && before == Some('(') && (!first.is_alphanumeric() || first == 'ﾟ') && !"\"'“*_`$[".contains(first)
}

/// Whether something marked may end in this.
const fn ends(last: char, mark: char) -> bool {
    match last {
        '(' | '[' | '{' | '<' | '=' | '|' => false,
        '-' | '+' | '^' | '\\' => mark != '_',
        _ => true,
    }
}

/// Whether something marked may begin after this, if it begins with a sign.
fn may_precede(before: Option<char>, mark: char) -> bool {
    before.is_none_or(|before| {
        before.is_whitespace()
            || is_unspaced(before)
            || !before.is_ascii() && !before.is_alphanumeric() && before != '¯'
            || "([{\"'<*~_|".contains(before)
            || mark != '_' && "-:".contains(before)
    })
}

/// Whether something marked may end before this, if it ends in a sign.
fn may_follow(after: Option<char>) -> bool {
    after.is_none_or(|after| {
        after.is_whitespace() || is_unspaced(after) || !after.is_ascii() && !after.is_alphanumeric() || ")]}\"'><*~_|.,:;!?-".contains(after)
    })
}
