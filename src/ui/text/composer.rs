//! Texts of the composer: field, formatting, completion, replies, and warnings before sending.

use super::count_of_people;

pub const MESSAGE: &str = "Message";
pub const PREVIEW: &str = "Preview";
pub const SEND: &str = "Send";
pub const SEND_AS_TEXT_FILE: &str = "Send as text file";
pub const EMPTY: &str = "A message cannot be empty. To delete it, use its menu.";

/// The placeholder of the field.
pub fn placeholder(conversation: &str) -> String {
    format!("Message {conversation}")
}

pub fn characters_too_many(n: usize) -> String {
    format!("{n} characters too many")
}

pub fn characters_left(n: usize) -> String {
    format!("{n} characters left")
}

pub fn file_not_sendable(name: &str) -> String {
    format!("“{name}” cannot be sent. Remove it and try again.")
}

pub fn file_with_location(name: &str) -> String {
    format!("“{name}” may contain a location. Choose “Send anyway” or remove it.")
}

// Replies and edits.
pub const REPLY_OR_EDIT: &str = "Reply or edit";
pub const EDITING: &str = "Editing your message";

pub fn replying_to(name: &str) -> String {
    format!("Replying to {name}")
}

// Formatting.
pub const FORMATTING: &str = "Formatting";
pub const FORMATTING_TOOLS: &str = "Formatting tools";
pub const BOLD: &str = "Bold";
pub const ITALIC: &str = "Italic";
pub const STRIKETHROUGH: &str = "Strikethrough";
pub const CODE: &str = "Code";
pub const LINK: &str = "Link";
pub const LIST: &str = "List";
pub const QUOTE: &str = "Quote";

// Completion.
pub const SUGGESTIONS: &str = "Suggestions";
pub const EVERYONE: &str = "Everyone in this group";

// Mentions of everyone.
pub const NOTIFY_QUESTION: &str = "Notify everyone?";
pub const USE_EVERYONE: &str = "Use @everyone to notify everyone in this group.";

pub fn notifies(people: usize) -> String {
    format!("This message notifies everyone in this group: {}.", count_of_people(people))
}

/// The button that sends the message.
pub fn notify(people: usize) -> String {
    format!("Notify {}", count_of_people(people))
}

pub fn everyone_notifies_nobody(reason: &str) -> String {
    format!("{reason} @everyone notifies nobody.")
}

pub fn lookalike_notifies_nobody(name: &str, instead: &str) -> String {
    format!("@{name} notifies nobody. {instead}")
}
