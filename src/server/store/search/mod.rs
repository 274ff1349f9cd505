//! Full-text search: the index of n-grams, and queries within the reader's memberships.

mod cursor;
mod filters;
pub(super) mod index;
pub(super) mod query;
