//! Uploaded files, and the messages they are attached to.

mod attachments;
pub(super) mod uploads;
