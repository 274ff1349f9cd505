//! Messages: writing, editing, reacting, pinning, and reading them page by page.

pub(super) mod drafts;
pub(super) mod edits;
pub(super) mod link_previews;
pub(super) mod mentions;
pub(super) mod pagination;
mod pins;
pub(super) mod post;
mod reactions;
mod threads;
