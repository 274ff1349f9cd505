//! Full-text search.

mod cursor;
mod filters;
pub(super) mod index;
pub(super) mod query;
