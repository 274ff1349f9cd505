//! Rules of text that need no view.

pub(in crate::ui) mod fuzzy_match;
pub mod plural;
