//! Texts of the conversation pane: header, message list, notices, thread.

use super::{count_of_members, count_of_people};

// The header.
pub const CONVERSATION: &str = "Conversation";
pub const BACK: &str = "Back to the list";

pub fn people_online(people: usize, online: usize) -> String {
    with_online(&count_of_people(people), online)
}

pub fn members_online(members: usize, online: usize) -> String {
    with_online(&count_of_members(members), online)
}

fn with_online(count: &str, online: usize) -> String {
    format!("{count}, {online} online")
}

/// The label of the button that closes a side panel.
pub fn close_panel(title: &str) -> String {
    format!("Close {}", title.to_lowercase())
}

// The message list.
pub const MESSAGES: &str = "Messages";
pub const LATEST: &str = "Latest";
pub const MARK_AS_READ: &str = "Mark as read";
/// The line above the first unread message.
pub const NEW: &str = "New";
pub const LOADING_EARLIER: &str = "Loading earlier messages…";
pub const BEGINNING: &str = "This is the beginning of the conversation.";
pub const EMPTY: &str = "No messages yet";
pub const EMPTY_HINT: &str = "Send the first message.";
pub const LOAD_AGAIN: &str = "Load again";
pub const SEVERAL_TYPING: &str = "Several people are typing…";

/// The number of new messages below the visible ones.
pub fn new_below(n: usize) -> String {
    format!("{n} new")
}

pub fn not_loaded(reason: &str) -> String {
    format!("Earlier messages could not be loaded. {reason}")
}

pub fn one_typing(name: &str) -> String {
    format!("{name} is typing…")
}

pub fn two_typing(one: &str, other: &str) -> String {
    format!("{one} and {other} are typing…")
}

/// A message that is announced to screen readers.
pub fn announcement(author: &str, excerpt: &str) -> String {
    format!("{author}: {excerpt}")
}

// Notices of a group. The name of the actor precedes them.
pub const CREATED_GROUP: &str = " created the group";
pub const CHANGED_PICTURE: &str = " changed the group picture";
pub const REMOVED_PICTURE: &str = " removed the group picture";

pub fn renamed_group(name: &str) -> String {
    format!(" renamed the group to “{name}”")
}

// Notices of memberships. `many` is the number of people if there are so many that not all names
// are shown.
pub const SHOW_LESS: &str = "Show less";

/// The text before and after the names.
pub fn joined(many: Option<usize>) -> (String, &'static str) {
    acted(many, "joined", " joined")
}

/// The text before and after the names.
pub fn left(many: Option<usize>) -> (String, &'static str) {
    acted(many, "left", " left")
}

fn acted(many: Option<usize>, verb: &str, after: &'static str) -> (String, &'static str) {
    match many {
        Some(n) => (format!("{} {verb}: ", count_of_people(n)), ""),
        None => (String::new(), after),
    }
}

/// The text between the actor and the names.
pub fn added(many: Option<usize>) -> String {
    acted_on(" added ", many)
}

/// The text between the actor and the names.
pub fn removed(many: Option<usize>) -> String {
    acted_on(" removed ", many)
}

fn acted_on(verb: &str, many: Option<usize>) -> String {
    match many {
        Some(n) => format!("{verb}{}: ", count_of_people(n)),
        None => verb.to_owned(),
    }
}

// The thread.
pub const THREAD: &str = "Thread";
pub const REPLY_IN_THREAD: &str = "Reply in thread";

// The dialog that goes to a day.
pub const GO_TO_DAY: &str = "Go to a day";
pub const DAY: &str = "Day";
pub const GO: &str = "Go";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn membership_notices_count_people_that_are_not_all_named() {
        assert_eq!(joined(None), (String::new(), " joined"));
        assert_eq!(left(Some(5)), ("5 people left: ".to_owned(), ""));
        assert_eq!(added(None), " added ");
        assert_eq!(removed(Some(5)), " removed 5 people: ");
    }
}
