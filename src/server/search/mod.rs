//! Full-text search. Text is folded (`fold`) and split into n-grams, which the store looks up
//! (`ngrams`); candidates are read and scored (`matcher`), and hits are shown as excerpts
//! (`excerpt`).
//!
//! One scheme for all scripts: a spaced word has its trigrams and its first two letters as terms;
//! in scripts without spaces each character and each bigram is a term. So three letters or more
//! match inside of words, two match prefixes, and one matches a word of one letter. Significant
//! signs are treated like unspaced characters. A number inside of a word also begins a word:
//! `1.2.3` matches `v1.2.3-rc.1`.

mod excerpt;
mod fold;
mod matcher;
mod ngrams;

pub use excerpt::excerpt;
pub use fold::{fold, fold_name};
pub use matcher::{Matcher, score};
pub use ngrams::{author_term, conversation_term, index_terms};

/// The flag terms of messages with a link, code or a question. They are longer than three letters,
/// so no text has such terms.
pub const LINK: &str = "zqlink";
/// See [`LINK`].
pub const CODE: &str = "zqcode";
/// See [`LINK`].
pub const QUESTION: &str = "zqquestion";

/// Whether a name contains each word of a query, ignoring case and accents.
#[must_use]
pub fn name_matches(name: &str, wanted: &str) -> bool {
    let (name, wanted) = (fold_name(name), fold_name(wanted));
    !wanted.is_empty() && wanted.split(' ').all(|word| name.contains(word))
}
