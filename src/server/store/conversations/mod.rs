//! Conversations: their members, and what each member has read and set.

pub(super) mod create;
pub(super) mod members;
mod notification_levels;
mod read_positions;
pub(super) mod receipts;
pub(super) mod snapshot;
