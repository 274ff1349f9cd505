//! Texts about people: presence, profile, avatar and the people picker.

use super::{count_of_groups, count_of_people, list_of};
use crate::client::state::roster::Presence;

/// The presence in words; always with `online` or `offline`.
pub const fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Offline => "offline",
        Presence::Online => "online",
        Presence::Idle => "online, idle",
    }
}

/// Follows the presence.
pub fn last_seen(ago: &str) -> String {
    format!(" · last seen {ago}")
}

// The profile.
pub const EDIT_PROFILE: &str = "Edit profile";
pub const MESSAGE: &str = "Message";
pub const GROUPS_IN_COMMON: &str = "Groups in common";

pub fn count_in_common(n: usize) -> String {
    format!("{} in common", count_of_groups(n))
}

// The avatar editor.
pub const CHOOSE_PICTURE: &str = "Choose a picture";
pub const REMOVE_PICTURE: &str = "Remove picture";
pub const REMOVE_PICTURE_QUESTION: &str = "Remove picture?";
pub const REMOVE_PICTURE_CONSEQUENCE: &str = "Everyone will see the default picture instead.";
pub const SAVE_PICTURE: &str = "Save picture";
pub const UNSUPPORTED_IMAGE: &str = "Unsupported image format. Use PNG, JPEG, WebP or GIF.";
pub const CROP_AREA: &str = "Crop area. Use the arrow keys to move it.";
pub const ZOOM: &str = "Zoom";
/// Before the name of the file.
pub const CONTINUE_WITH: &str = "Continue with ";

// The people picker.
pub const FIND_PEOPLE: &str = "Find people";
pub const FIND_PEOPLE_PLACEHOLDER: &str = "Name or username, or paste a list";
pub const NO_ONE_TO_CHOOSE: &str = "There is no one else to choose.";
pub const CHOSEN: &str = "Chosen";

/// The label of the picker.
pub fn people_chosen(n: usize) -> String {
    if n == 0 { "People".to_owned() } else { format!("People ({n} chosen)") }
}

/// Before the chosen people that are shown.
pub fn more_before(n: usize) -> String {
    format!("{n} more, and")
}

pub fn more_to_narrow(n: usize) -> String {
    format!("{n} more. Type to narrow the list.")
}

pub fn select_all(n: usize) -> String {
    format!("Select all {n}")
}

pub fn select_all_matching(n: usize) -> String {
    format!("Select all {n} that match")
}

// A pasted list.
/// The current user among the names.
pub const YOU: &str = "you";
/// Around the entry.
pub const WHICH: (&str, &str) = ("Which “", "”?");

pub fn selected_from_list(n: usize) -> String {
    format!("{} selected from the list.", count_of_people(n))
}

pub fn already_in_group(names: &[String]) -> String {
    format!("Already in the group: {}", list_of(names))
}

pub fn not_found(entries: &[String]) -> String {
    format!("Not found: {}", list_of(entries))
}

/// A username that follows a name.
pub fn username_suffix(username: &str) -> String {
    format!(" (@{username})")
}
