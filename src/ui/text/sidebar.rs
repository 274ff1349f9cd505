//! Texts of the sidebar: the lists of conversations and people, and the dialog for a new group.

pub const SIDEBAR: &str = "Sidebar";
pub const HEADING: &str = "Conversations and people";
pub const SEARCH_MESSAGES: &str = "Search messages";
pub const SAVED: &str = "Saved";
pub const SAVED_MESSAGES: &str = "Saved messages";
pub const FINDER: &str = "Find a conversation or person";

// The conversations.
pub const CONVERSATIONS: &str = "Conversations";
pub const DRAFT: &str = "Draft";
/// Between the author and the excerpt.
pub const AUTHOR_SEPARATOR: &str = ": ";
pub const NO_MESSAGES_YET: &str = "No messages yet";
pub const PINNED: &str = "Pinned";
/// For screen readers, inside the row's name.
pub const PINNED_HIDDEN: &str = " pinned ";
/// For screen readers, after the unread count.
pub const UNREAD: &str = " unread";
/// For screen readers, after the unread count.
pub const UNREAD_WITH_MENTION: &str = " unread, one mentions you";

/// A button that shows more of the `n` remaining conversations.
pub fn show_more(n: usize) -> String {
    format!("Show more ({n})")
}

/// A button that shows the hidden conversations.
pub fn hidden(n: usize) -> String {
    format!("Hidden ({n})")
}

// The notification badge.
pub const BADGE_HIDDEN: &str = "hidden";
pub const BADGE_MUTED: &str = "muted";
pub const BADGE_MENTIONS: &str = "mentions only";

// The people.
pub const PEOPLE: &str = "People";
pub const NO_ONE_ELSE: &str = "No one else has joined yet. Share the address of this site.";

/// A link that shows the `n` remaining people.
pub fn show_people(n: usize) -> String {
    format!("Show {n} more")
}

// A new group.
pub const NEW_GROUP: &str = "New group";
pub const GROUP_NAME: &str = "Group name";
pub const CREATE_GROUP: &str = "Create group";
