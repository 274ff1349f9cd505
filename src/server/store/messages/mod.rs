//! Messages: posting, editing, reacting and pinning, drafts and saved messages, and reading a
//! conversation page by page.

pub(super) mod drafts;
mod duplicates;
pub(super) mod edits;
pub(super) mod link_previews;
pub(super) mod mentions;
pub(super) mod message_state;
pub(super) mod new_message;
pub(super) mod pagination;
mod pins;
pub(super) mod post;
mod reactions;
pub(super) mod saved_messages;
mod threads;
mod versions;
