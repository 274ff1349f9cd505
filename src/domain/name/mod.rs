//! One rule for names in any script: display names, group names and status texts. It rejects only
//! what deceives: invisible and unassigned characters, and combining marks that overlap other
//! lines. Confusables need tables of the server: `server/names`.

mod invisible;
pub mod list;
#[cfg(test)]
mod tests;

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeEmoji, UnicodeGeneralCategory};

use super::ChatError;

/// Maximum number of combining marks on a character: the bound of UTS #39 (5.4); no orthography
/// needs more.
const MAX_MARKS: usize = 4;
/// Viramas that stack the next consonant below, so that their marks add up (Khmer, Myanmar, Tai
/// Tham).
const STACKERS: [char; 3] = ['\u{17d2}', '\u{1039}', '\u{1a60}'];

/// Rule for one kind of name.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Field of errors.
    pub field: &'static str,
    /// Noun in messages.
    pub noun: &'static str,
    /// Maximum characters.
    pub longest: usize,
    /// Whether it needs a letter, digit or emoji.
    pub names: bool,
}

impl Rule {
    /// Normalizes and checks a name: one line, runs of blanks collapsed, NFC.
    ///
    /// # Errors
    /// `invalid` at the field.
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
            return blame(format!(
                "A {noun} cannot contain invisible or unsupported characters (U+{:04X}).",
                u32::from(chars[at])
            ));
        }
        if has_lone_mark(&chars) {
            return blame(format!("A {noun} cannot contain accents without a letter."));
        }
        if has_mark_pile(&chars) {
            return blame(format!(
                "A {noun} can have up to {MAX_MARKS} different accents on one letter."
            ));
        }
        if names && !chars.iter().any(|c| c.is_alphanumeric() || is_emoji(*c)) {
            return blame(format!("A {noun} needs at least one letter, digit or emoji."));
        }
        Ok(chars.into_iter().collect())
    }
}

/// Whether a character is or can be an emoji. ASCII digits, the base of keycaps, are not.
fn is_emoji(c: char) -> bool {
    let reserved = matches!(c, '\u{1f000}'..='\u{1faff}')
        && c.general_category() == GeneralCategory::Unassigned;
    reserved || !c.is_ascii() && c.is_emoji_char()
}

/// Whether a character is drawn over, under or around the one before it.
fn is_nonspacing(c: char) -> bool {
    matches!(c.general_category(), GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark)
}

/// Whether a combining mark has no base character: it would be drawn on the text before the name.
fn has_lone_mark(chars: &[char]) -> bool {
    let is_mark =
        |c: char| is_nonspacing(c) || c.general_category() == GeneralCategory::SpacingMark;
    let before = std::iter::once(&' ').chain(chars);
    before.zip(chars).any(|(before, c)| *before == ' ' && is_mark(*c))
}

/// Whether a character has too many combining marks, or one of them twice.
fn has_mark_pile(chars: &[char]) -> bool {
    let (mut pile, mut before) = (0, ' ');
    chars.iter().filter(|c| !invisible::is_selector_or_joiner(**c)).any(|c| {
        let is_twice = *c == before;
        if is_nonspacing(*c) {
            pile += 1;
        } else if c.general_category() != GeneralCategory::SpacingMark
            && !STACKERS.contains(&before)
        {
            pile = 0;
        }
        before = *c;
        pile > MAX_MARKS || is_twice && is_nonspacing(*c)
    })
}
