//! Text rules without views.

pub(in crate::ui) mod fuzzy_match;
pub mod plural;
