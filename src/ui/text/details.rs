//! Texts of the details of a conversation: members, notifications, pins, questions, files.

pub const DETAILS: &str = "Details";

// The name and the picture.
pub const NAME: &str = "Name";
pub const RENAME: &str = "Rename";
pub const PICTURE: &str = "Picture";
pub const GROUP_PICTURE: &str = "Group picture";

// The members.
pub const MEMBERS: &str = "Members";
pub const ADD_PEOPLE: &str = "Add people";
pub const ADD: &str = "Add";
pub const CHOOSE_PEOPLE: &str = "Choose at least one person.";
/// Follows the username.
pub const CREATOR_SUFFIX: &str = " · creator";
pub const REMOVE_QUESTION: &str = "Remove from group?";
pub const LEAVE_GROUP: &str = "Leave group";
pub const LEAVE_QUESTION: &str = "Leave this group?";
pub const LEAVE: &str = "Leave";

pub fn after_removal(name: &str) -> String {
    format!(
        "{name} will no longer see this group’s messages and files. You can add them again later."
    )
}

pub fn after_leaving(creator: &str) -> String {
    format!(
        "You will no longer see this group’s messages and files. Only {creator} can add you again."
    )
}

// The notifications.
pub const NOTIFICATIONS: &str = "Notifications";
pub const NOTIFY_ABOUT: &str = "Notify me about";
pub const LEVEL_EVERYTHING: &str = "Everything";
pub const LEVEL_MENTIONS: &str = "Mentions";
pub const LEVEL_NOTHING: &str = "Nothing";
pub const LEVEL_HIDDEN: &str = "Nothing, and hide the conversation";
/// Around the time.
pub const MUTED_UNTIL: (&str, &str) = ("Muted until ", ".");
pub const MUTE_HOUR: &str = "Mute for an hour";
pub const MUTE_TOMORROW: &str = "Mute until tomorrow";
pub const UNMUTE: &str = "Unmute";

// The position in the list of conversations.
pub const PIN: &str = "Pin to top";
pub const UNPIN: &str = "Unpin";

// Lists of messages and files.
pub const PINNED: &str = "Pinned";
pub const OPEN_QUESTIONS: &str = "Open questions";
pub const FILES: &str = "Files";
pub const OLDER_FILES: &str = "Older files";
