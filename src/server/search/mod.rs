//! How messages are found by what they say. Text is folded (`fold`), cut into short pieces that the store looks up (`cut`), and
//! read itself before it counts as found, which also says how well it fits (`needle`); what is shown of it is its `excerpt`.
//!
//! One scheme for all scripts: of a word that is written between blanks every three letters in a row are a piece, and its first
//! two; where scripts have no blanks, each character is one and every two in a row. So parts of words are found, with three
//! letters or more; two letters find what begins with them, one letter a word of one letter. Signs that count are characters of the
//! second sort. A number inside of a word is also one that begins there: `1.2.3` is found in `v1.2.3-rc.1`.

mod excerpt;
mod fold;
mod matcher;
mod ngrams;

pub use excerpt::excerpt;
pub use fold::{fold, fold_name};
pub use matcher::{Matcher, score};
pub use ngrams::{author_term, conversation_term, index_terms};

/// The marks of what has a link, code or a question. Longer than three letters, as all marks are: no text has such pieces.
pub const LINK: &str = "zqlink";
/// See [`LINK`].
pub const CODE: &str = "zqcode";
/// See [`LINK`].
pub const QUESTION: &str = "zqquestion";

/// Whether a name has what is wanted: each word somewhere, whatever the case and the accents.
#[must_use]
pub fn name_matches(name: &str, wanted: &str) -> bool {
    let (name, wanted) = (fold_name(name), fold_name(wanted));
    !wanted.is_empty() && wanted.split(' ').all(|word| name.contains(word))
}
