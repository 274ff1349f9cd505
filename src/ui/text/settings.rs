//! Texts of the settings: profile, status, privacy, reading, appearance, password, sessions,
//! recovery codes, account.

pub const SETTINGS: &str = "Settings";
pub const SECTIONS: &str = "Sections of the settings";
pub const GENERAL: &str = "General";
pub const ACCOUNT: &str = "Account";

// The profile.
pub const PROFILE: &str = "You";
pub const YOUR_PICTURE: &str = "Your picture";

pub const TITLE: &str = "Title";
pub const TITLE_HINT: &str = "What you do, such as “Head of Physics”. Shown to everyone.";
pub const TIME_ZONE: &str = "Time zone";
pub const TIME_ZONE_HINT: &str = "Such as Africa/Accra. Shown to everyone.";
pub const USE_THIS_TIME_ZONE: &str = "Use time zone of this device";
pub const SAVE_CHANGES: &str = "Save changes";

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

// The password.
pub const PASSWORD: &str = "Password";
pub const PASSWORD_LEAD: &str =
    "A new password signs you out on all other devices and makes reset links invalid.";
pub const CURRENT_PASSWORD: &str = "Current password";
pub const CHANGE_PASSWORD: &str = "Change password";
pub const PASSWORD_CHANGED: &str = "Password changed. You are signed out on all other devices. If \
                                    somebody else knew it, generate new recovery codes too.";

// The sessions.
pub const SESSIONS: &str = "Sessions";
pub const SESSIONS_LEAD: &str = "The browsers in which you are signed in.";
pub const THIS_DEVICE: &str = "This device";
/// Around the time of the sign-in; then follows when it was last used.
pub const SIGNED_IN: (&str, &str) = ("Signed in ", ", last used ");
pub const END_SESSION: &str = "End session";
pub const END_OTHER_SESSIONS: &str = "End all other sessions";

// The recovery codes.
pub const RECOVERY: &str = "Recovery codes";
pub const RECOVERY_LEAD: &str = "If you forget your password, a recovery code lets you choose a \
                                 new one. Print the codes or keep them in a password manager.";
pub const RECOVERY_HINT: &str = "New codes make the earlier ones invalid.";
pub const GENERATE_CODES: &str = "Generate recovery codes";
pub const NEW_CODES: &str = "New recovery codes";
pub const NEW_CODES_LEAD: &str = "Save these codes now. They are not shown again.";
pub const COPY: &str = "Copy";
pub const COPIED: &str = "Copied";
pub const PRINT: &str = "Print";

pub fn codes_left(left: usize) -> String {
    match left {
        0 => "You have no recovery codes.".to_owned(),
        1 => "You have 1 recovery code left.".to_owned(),
        _ => format!("You have {left} recovery codes left."),
    }
}

/// Above the codes on paper.
pub fn codes_of(username: &str) -> String {
    format!("ChatBox recovery codes of @{username}. Each works once.")
}

// Deactivation.
pub const DEACTIVATE_ACCOUNT: &str = "Deactivate your account";
pub const DEACTIVATE_LEAD: &str = "You are signed out everywhere, and nobody can start a conversation with you. Your messages and \
     files stay. Only an administrator can reactivate the account.";
pub const DEACTIVATE: &str = "Deactivate account…";
pub const DEACTIVATE_QUESTION: &str = "Deactivate your account?";
pub const DEACTIVATE_CONFIRM: &str = "Deactivate";

// The session.
pub const SESSION: &str = "Session";
pub const SIGN_OUT: &str = "Sign out of this browser";
