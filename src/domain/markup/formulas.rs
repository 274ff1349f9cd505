//! Detection of formulas between dollar signs: not prices, shell variables or regular expressions.

use crate::domain::script::is_word;

/// Maximum bytes of an inline formula.
const MAX_LENGTH: usize = 2_000;
/// Suffixes that may follow a formula without a space: the `$n$th`.
const ENDINGS: [&str; 10] = ["th", "st", "nd", "rd", "s", "er", "e", "ten", "te", "ème"];

/// The formula at this offset, and whether it is a display formula. Only a display formula may span
/// lines.
pub(super) fn at(text: &str, at: usize, before: Option<char>) -> Option<(&str, bool)> {
    let rest = &text[at..];
    let run = rest.len() - rest.trim_start_matches('$').len();
    let (delimiter, display) = match run {
        1 => ("$", false),
        2 => ("$$", true),
        _ => return None,
    };
    let rest = &rest[run..];
    let near =
        (0..=MAX_LENGTH.min(rest.len())).rev().find(|end| rest.is_char_boundary(*end)).unwrap_or(0);
    let end = rest[..near]
        .match_indices(delimiter)
        .map(|(end, _)| end)
        .find(|end| !rest[..*end].ends_with('\\'))?;
    let (tex, after) = (&rest[..end], &rest[end + run..]);
    if after.starts_with('$') {
        return None;
    }
    let fits =
        if display { is_display(tex) } else { stands(before, after) && is_inline(tex, after) };
    fits.then_some((tex, display))
}

/// Whether this is a display formula.
pub(super) fn is_display(tex: &str) -> bool {
    let trimmed = tex.trim();
    !trimmed.is_empty()
        && !trimmed.starts_with([';', ','])
        && !trimmed.starts_with('$')
        && !trimmed.ends_with('$')
        && !is_prose(tex)
}

/// Whether a formula may be between these texts: at word boundaries, and not at the end of a
/// regular expression (`^a+$`).
fn stands(before: Option<char>, after: &str) -> bool {
    let begins = before.is_none_or(|before| {
        before.is_whitespace()
            || !before.is_ascii() && !is_word(before)
            || "([{\"'<-:,;=/*_~|".contains(before)
    });
    let word = &after[..after.find(|c: char| !c.is_alphanumeric()).unwrap_or(after.len())];
    let ends = !word.starts_with(is_word)
        || ENDINGS.contains(&word) && !after[word.len()..].starts_with('_');
    begins && ends && !after.starts_with(['_', '{', '('])
}

fn is_inline(tex: &str, after: &str) -> bool {
    let (Some(first), Some(last)) = (tex.chars().next(), tex.chars().next_back()) else {
        return false;
    };
    let touches = !first.is_whitespace() && !last.is_whitespace() && !tex.contains('\n');
    // Joined shell variables: a path, a URL, a list.
    let is_joined = "/|,;:.&@#\"'([{-=".contains(last) && after.starts_with(char::is_alphanumeric);
    // A prime follows a letter, a quotation mark follows a blank.
    let is_quoted = last == '\''
        && !tex.trim_end_matches('\'').ends_with(|c: char| c.is_alphanumeric() || c == ')');
    touches
        && !is_quoted
        && tex != "_"
        && tex != "^"
        && !")]},;:!?/&@#\"'".contains(first)
        && !":/,;&@#\"([{".contains(last)
        && !is_joined
        && !is_price(tex)
        && !is_prose(tex)
}

/// Whether it is an amount followed by words or other amounts.
fn is_price(tex: &str) -> bool {
    if !tex.starts_with(|c: char| c.is_ascii_digit()) || tex.contains('\\') {
        return false;
    }
    let is_term = tex.contains(['^', '_', '=', '<', '>', '{']);
    let words = bare_words(tex, 2).next().is_some();
    words
        || tex.contains(';')
        || !is_term && tex.contains(' ') && !tex.contains(char::is_alphabetic)
}

/// Whether it is words without any mathematical sign.
fn is_prose(tex: &str) -> bool {
    let is_math = tex.contains(['\\', '^', '_', '{', '=', '+', '<', '>']);
    !is_math && tex.contains(char::is_whitespace) && bare_words(tex, 3).next().is_some()
        || is_only_word(tex)
}

/// Whether it is a word between blanks: `$$ or $$`.
fn is_only_word(tex: &str) -> bool {
    tex.starts_with(' ') && tex.trim().len() > 1 && tex.trim().chars().all(char::is_alphabetic)
}

fn bare_words(tex: &str, letters: usize) -> impl Iterator<Item = &str> {
    tex.split(|c: char| !c.is_alphabetic()).filter(move |word| word.chars().count() >= letters)
}
