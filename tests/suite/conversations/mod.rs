//! Conversations: groups, notification levels, and pinned conversations.

pub(crate) mod groups;
pub(crate) mod large_groups;
pub(crate) mod notification_levels;
pub(crate) mod pinned_conversations;
