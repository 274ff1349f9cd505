//! Conversations: their members, and what each member has read and set.

mod create;
pub(super) mod members;
pub(super) mod membership;
mod notification_levels;
mod read_positions;
mod receipts;
pub(super) mod snapshot;
mod summaries;
mod unread;
