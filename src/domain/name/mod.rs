//! One rule for names in any script: display names, group names and status texts. Only what deceives is refused: what is invisible
//! or has no meaning, and marks that paint over other lines. Look-alikes need tables that only the server has: see `server/auth`.

mod invisible;
#[cfg(test)]
mod tests;

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeEmoji, UnicodeGeneralCategory};

use super::ChatError;

/// Most marks on one character: UTS #39 (5.4) gives this bound, and no orthography needs more.
const MOST_MARKS: usize = 4;
/// Viramas that put the next consonant below this one: its marks pile up with those before (Khmer, Myanmar, Tai Tham).
const STACKERS: [char; 3] = ['\u{17d2}', '\u{1039}', '\u{1a60}'];

/// What a name of one kind may be.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The argument to blame.
    pub field: &'static str,
    /// What messages call it.
    pub noun: &'static str,
    /// Most characters.
    pub longest: usize,
    /// Whether it names something: signs alone are no name.
    pub names: bool,
}

impl Rule {
    /// The name as it is kept: on one line, runs of spaces made one, composed (NFC).
    ///
    /// # Errors
    /// `invalid` at the field, in words that say what to change.
    pub fn check(&self, typed: &str) -> Result<String, ChatError> {
        let Self { field, noun, longest, names } = *self;
        let blame = |message: String| Err(ChatError::invalid(field, message));
        let name: String = typed.split_whitespace().collect::<Vec<_>>().join(" ").nfc().collect();
        let chars = invisible::without_word_separators(&name);
        if chars.is_empty() {
            return blame(format!("Enter a {noun}."));
        }
        if chars.len() > longest {
            return blame(format!("A {noun} can have up to {longest} characters."));
        }
        if let Some(at) = (0..chars.len()).find(|at| !invisible::is_in_place(&chars, *at)) {
            return blame(format!("A {noun} cannot contain invisible or unsupported characters (U+{:04X}).", u32::from(chars[at])));
        }
        if has_lone_mark(&chars) {
            return blame(format!("A {noun} cannot contain accents without a letter."));
        }
        if has_mark_pile(&chars) {
            return blame(format!("A {noun} can have up to {MOST_MARKS} different accents on one letter."));
        }
        if names && !chars.iter().any(|c| c.is_alphanumeric() || is_emoji(*c)) {
            return blame(format!("A {noun} needs at least one letter, digit or emoji."));
        }
        Ok(chars.into_iter().collect())
    }
}

/// Whether a character is drawn as a picture, or can be. ASCII digits, which can be in a keycap, are digits here.
fn is_emoji(c: char) -> bool {
    let reserved = matches!(c, '\u{1f000}'..='\u{1faff}') && c.general_category() == GeneralCategory::Unassigned;
    reserved || !c.is_ascii() && c.is_emoji_char()
}

/// Whether a character is drawn over, under or around the one before it.
fn is_nonspacing(c: char) -> bool {
    matches!(c.general_category(), GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark)
}

/// Whether a mark has no character of this name to stand on: it would be drawn on what stands before the name.
fn has_lone_mark(chars: &[char]) -> bool {
    let is_mark = |c: char| is_nonspacing(c) || c.general_category() == GeneralCategory::SpacingMark;
    let before = std::iter::once(&' ').chain(chars);
    before.zip(chars).any(|(before, c)| *before == ' ' && is_mark(*c))
}

/// Whether more marks stand on one character than a line has room for, or the same one twice.
fn has_mark_pile(chars: &[char]) -> bool {
    let (mut pile, mut before) = (0, ' ');
    chars.iter().filter(|c| !invisible::is_selector_or_joiner(**c)).any(|c| {
        let is_twice = *c == before;
        if is_nonspacing(*c) {
            pile += 1;
        } else if c.general_category() != GeneralCategory::SpacingMark && !STACKERS.contains(&before) {
            pile = 0;
        }
        before = *c;
        pile > MOST_MARKS || is_twice && is_nonspacing(*c)
    })
}
