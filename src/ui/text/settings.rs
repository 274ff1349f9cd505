//! Texts of the settings: profile, status, privacy, reading, appearance, session.

pub const SETTINGS: &str = "Settings";

// The profile.
pub const PROFILE: &str = "You";
pub const YOUR_PICTURE: &str = "Your picture";

// The status.
pub const STATUS: &str = "Status";
pub const STATUS_PLACEHOLDER: &str = "On holiday until Monday";
pub const STATUS_SAVE: &str = "Save";
pub const STATUS_UNSAVED: &str = "Not saved yet.";
pub const STATUS_SAVED: &str = "Saved.";
pub const STATUS_HINT: &str = "Shown next to your name, to everyone.";

// Privacy.
pub const PRIVACY: &str = "Privacy";
pub const SHARE_READ_RECEIPTS: &str = "Share read receipts";
pub const SHARE_TYPING: &str = "Share typing indicators";
pub const SHARE_PRESENCE: &str = "Share online status and last seen";
pub const SHARE_PRESENCE_HINT: &str =
    "If this is off, you appear offline to everyone and nobody sees you typing.";

// Reading.
pub const READING: &str = "Reading";
pub const MANUAL_READ: &str = "Mark messages as read manually";

// Appearance.
pub const APPEARANCE: &str = "Appearance";
pub const APPEARANCE_HINT: &str = "Saved in this browser.";
pub const THEME_SYSTEM: &str = "System";
pub const THEME_LIGHT: &str = "Light";
pub const THEME_DARK: &str = "Dark";

// The session.
pub const SESSION: &str = "Session";
pub const SIGN_OUT: &str = "Sign out of this browser";
