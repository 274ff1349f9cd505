//! The scenarios, one per file.

pub mod deliver;
pub mod long;
pub mod open;
pub mod search;
pub mod share;
pub mod standing;
