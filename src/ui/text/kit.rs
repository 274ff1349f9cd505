//! Texts of the components in `kit`, and words that any part of the interface uses.

use super::count;

pub const CANCEL: &str = "Cancel";
pub const CLEAR: &str = "Clear";
pub const CLOSE: &str = "Close";
pub const DISMISS: &str = "Dismiss";
pub const LOADING: &str = "Loading…";
pub const NO_MATCHES: &str = "No matches";
pub const REMOVE: &str = "Remove";
pub const TRY_AGAIN: &str = "Try again";

pub const PASSWORD: &str = "Password";

pub fn count_of_suggestions(n: usize) -> String {
    count(n, "suggestion", "suggestions")
}

// The emoji picker.
pub const EMOJI: &str = "Emoji";
pub const EMOJI_SEARCH: &str = "Search emoji";
pub const EMOJI_UNAVAILABLE: &str =
    "The emoji could not be loaded. Check your connection and try again.";
/// The group of recent emoji.
pub const EMOJI_RECENT: &str = "Recent";
pub const EMOJI_GROUPS: &str = "Groups";
pub const EMOJI_SKIN_TONE: &str = "Skin tone";

/// The tooltip of an emoji.
pub fn emoji_title(name: &str, shortcode: &str) -> String {
    format!("{name} :{shortcode}:")
}

// Times.
pub const TODAY: &str = "Today";
pub const YESTERDAY: &str = "Yesterday";
pub const JUST_NOW: &str = "just now";

pub fn minutes_ago(minutes: i64) -> String {
    format!("{minutes} minutes ago")
}

pub fn today_at(time: &str) -> String {
    format!("today at {time}")
}

/// The tooltip of a button with a shortcut.
pub fn with_shortcut(label: &str, shortcut: &str) -> String {
    format!("{label} ({shortcut})")
}
