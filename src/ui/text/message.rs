//! Texts of a message: state, actions, reactions, receipts, edits.

use super::list_of;

/// The name of a message for screen readers.
pub fn label(author: &str, time: &str) -> String {
    format!("{author}, {time}")
}

pub const GO_TO_MESSAGE: &str = "Go to the message";

// Badges.
pub const EDITED: &str = "(edited)";

/// Whether it is pinned, and whether its question is answered.
pub const fn badges(pinned: bool, answered: bool) -> &'static str {
    match (pinned, answered) {
        (true, true) => "Pinned · Answered",
        (true, false) => "Pinned",
        (false, true) => "Answered",
        (false, false) => "",
    }
}

// Sending.
pub const WAITING: &str = "Waiting";
pub const SENT: &str = "Sent";
pub const NOT_SENT: &str = "Not sent";
/// Before the reason or the progress.
pub const STATE_SEPARATOR: &str = "· ";
pub const DISCARD: &str = "Discard";

// Receipts.
pub const DELIVERED: &str = "Delivered";
pub const SEEN_BY: &str = "Seen by";

pub fn seen_by(n: usize) -> String {
    format!("Seen by {n}")
}

// Actions.
pub const ACTIONS: &str = "Actions";
pub const RESTORE: &str = "Restore";
pub const REACT: &str = "React";
pub const REPLY: &str = "Reply";
pub const MORE: &str = "More";
pub const EDIT: &str = "Edit";
pub const COPY_TEXT: &str = "Copy text";
pub const COPY_LINK: &str = "Copy link";
pub const COPY_FAILED: &str = "Copying failed. Try again.";
pub const VIEW_REACTIONS: &str = "View reactions";
pub const SHOW_THREAD: &str = "Show thread";
pub const VIEW_PROFILE: &str = "View profile";
pub const SAVE: &str = "Save";
pub const MARK_UNREAD: &str = "Mark unread from here";
pub const PIN: &str = "Pin";
pub const UNPIN: &str = "Unpin";
pub const MARK_OPEN: &str = "Mark as open again";
pub const MARK_ANSWERED: &str = "Mark as answered";
pub const DELETE: &str = "Delete";

// Reactions.
pub const REACTIONS: &str = "Reactions";
pub const MORE_EMOJI: &str = "More emoji";

/// A reaction and who reacted.
pub fn reaction(emoji: &str, names: &str) -> String {
    format!("{emoji} {names}")
}

/// Names, and the number of people who are not named.
pub fn names_and_more(mut names: Vec<String>, more: usize) -> String {
    if more > 0 {
        names.push(format!("{more} more"));
    }
    list_of(&names)
}

// Edits and link previews.
pub const EARLIER_VERSIONS: &str = "Earlier versions";
pub const REMOVE_PREVIEW: &str = "Remove preview";
pub const REMOVE_PREVIEW_QUESTION: &str = "Remove preview?";
pub const REMOVE_PREVIEW_CONSEQUENCE: &str =
    "It will be removed for everyone. The link stays in the message.";

// The text.
pub const DONE: &str = "Done";
pub const NOT_DONE: &str = "Not done";
pub const TABLE: &str = "Table";
pub const CODE: &str = "Code";
pub const COPY: &str = "Copy";
pub const COPIED: &str = "Copied";

// The saved messages.
pub const SAVED: &str = "Saved";
pub const REMOVE_FROM_SAVED: &str = "Remove from saved";
pub const NO_SAVED: &str = "No saved messages";
pub const NO_SAVED_HINT: &str =
    "To save a message, open its menu and choose Save. Only you see your saved messages.";
