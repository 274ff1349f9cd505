//! Texts around the panes: page titles, notices of the connection and of loading, the switcher,
//! undo, and the page that is not there.

use crate::client::state::undo::Undo;

pub const NO_SCRIPT: &str = "ChatBox needs JavaScript to send and receive messages. Turn it on in \
                             your browser, then reload this page.";
pub const SKIP_TO_MESSAGE_FIELD: &str = "Skip to message field";

/// The page title, with the number of notifications before it.
pub fn page_title(title: &str, workspace: &str, notifications: usize) -> String {
    match notifications {
        0 => format!("{title} · {workspace}"),
        count => format!("({}) {title} · {workspace}", count.min(99)),
    }
}

// The connection.
pub const OUTDATED: &str = "ChatBox was updated. Reload to continue.";
pub const RELOAD: &str = "Reload";
pub const REPLACED: &str = "ChatBox is open in too many windows. This one is paused.";
pub const USE_HERE: &str = "Use here";
pub const OFFLINE: &str = "Offline. Your messages will be sent when you are back.";

// Loading of the app, and of views that are loaded later.
pub const APP_NOT_LOADED: &str = "ChatBox could not be loaded.";
pub const NOT_LOADED: &str = "This could not be loaded. Check your connection and try again.";
pub const PLEASE_WAIT: &str = "Please wait…";
pub const PRESS_ESC: &str = "Press Esc to cancel";

// The switcher.
pub const GO_TO: &str = "Go to";
pub const SWITCHER_FIELD: &str = "Conversation or person";
pub const RESULTS: &str = "Results";

// Undo.
pub const UNDO: &str = "Undo";

/// What was done and can be undone.
pub const fn done(undo: &Undo) -> &'static str {
    match undo {
        Undo::Deleted(..) => "Message deleted.",
        Undo::Discarded(_) => "Message discarded.",
        Undo::Unsaved(..) => "Removed from saved.",
    }
}

// The page that is not there.
pub const NOT_FOUND_TITLE: &str = "Not found";
pub const NOT_FOUND: &str = "Not found";
pub const NOT_FOUND_REASON: &str = "This conversation does not exist, or you are not a member.";
pub const GO_TO_CONVERSATIONS: &str = "Go to your conversations";
