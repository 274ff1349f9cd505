//! Texts of the saved messages.

pub const SAVED: &str = "Saved";
pub const REMOVE_FROM_SAVED: &str = "Remove from saved";
pub const NONE: &str = "No saved messages";
pub const NONE_HINT: &str =
    "To save a message, open its menu and choose Save. Only you see your saved messages.";
