//! Every text of the interface, in English, by part of the interface. Views hold no texts of their
//! own, so that wording is changed, compared and translated here.
//!
//! A fixed text is a constant. A text with values is a function, so that no view joins parts of a
//! sentence. Where an element stands inside a sentence, the constant is a pair: the text before the
//! element and the text after it. Errors of the domain and of the server are worded there, and
//! those of the client in `client::text`.

pub mod account;
pub mod administration;
pub mod composer;
pub mod conversation;
pub mod details;
pub mod files;
pub mod kit;
pub mod message;
pub mod people;
pub mod search;
pub mod settings;
pub mod shortcuts;
pub mod sidebar;
pub mod workspace;

/// A count with its noun.
fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

pub fn count_of_people(n: usize) -> String {
    count(n, "person", "people")
}

pub fn count_of_members(n: usize) -> String {
    count(n, "member", "members")
}

pub fn count_of_groups(n: usize) -> String {
    count(n, "group", "groups")
}

pub fn count_of_messages(n: usize) -> String {
    count(n, "message", "messages")
}

pub fn count_of_replies(n: usize) -> String {
    count(n, "reply", "replies")
}

/// Names or other items, in one line.
pub fn list_of(items: &[String]) -> String {
    items.join(", ")
}

/// The text before an item, except the first, of a list whose items are elements. `count` is the
/// number of all items, also of those that are not shown.
pub const fn separator(at: usize, count: usize) -> &'static str {
    if at + 1 == count { " and " } else { ", " }
}

/// The end of a list of which not all is shown.
pub fn and_more(n: usize) -> String {
    format!("and {n} more")
}

/// The label of a button that removes somebody or something.
pub fn remove(name: &str) -> String {
    format!("Remove {name}")
}

/// The excerpt of a deleted message.
pub const MESSAGE_DELETED: &str = "Message deleted";
/// The current user in a list of names.
pub const YOU: &str = "You";
/// Follows the current user's name.
pub const YOU_SUFFIX: &str = " (you)";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_a_singular_and_a_plural() {
        assert_eq!([0, 1, 2].map(count_of_people), ["0 people", "1 person", "2 people"]);
    }

    #[test]
    fn lists_that_end_have_an_and_before_the_last_item() {
        assert_eq!([1, 2].map(|at| separator(at, 3)), [", ", " and "]);
        assert_eq!([1, 2].map(|at| separator(at, 5)), [", ", ", "]);
    }
}
