//! Texts of attachments: the tray of files to send, pictures, the lightbox.

// Files to send.
pub const ATTACH: &str = "Attach files";
pub const FILES_TO_SEND: &str = "Files to send";
pub const SEND_ANYWAY: &str = "Send anyway";
pub const SEND_AS_FILE: &str = "Send as file";
pub const MAY_CONTAIN_LOCATION: &str = "May contain the location where it was taken.";

/// What differs when an image is sent as a file.
const AS_FILE: &str = "As a file it stays as it is, with hidden details such as its location.";

pub fn move_earlier(name: &str) -> String {
    format!("Move {name} earlier")
}

pub fn upload_progress(name: &str) -> String {
    format!("Upload progress of {name}")
}

pub fn send_anyway(name: &str) -> String {
    format!("Send {name} anyway")
}

pub fn send_as_file(name: &str) -> String {
    format!("Send {name} as a file")
}

/// Why an image failed, and that it can be sent as a file.
pub fn failed_as_image(reason: &str) -> String {
    format!("{reason} {AS_FILE}")
}

pub fn without_animation() -> String {
    failed_as_image("Shown without its animation.")
}

// The state of an upload: beside the size, and for screen readers.
pub const STATUS_WAITING: &str = "waiting";
pub const STATUS_LOCATION: &str = "may contain a location";
pub const STATUS_FAILED: &str = "failed";
pub const STATUS_UPLOADED: &str = "uploaded";
pub const STATUS_UPLOADING: &str = "uploading";

/// A size and a state, or a type and a size.
pub fn joined(one: &str, other: &str) -> String {
    format!("{one} · {other}")
}

/// The state of a file for screen readers.
pub fn status(name: &str, status: &str) -> String {
    format!("{name}: {status}")
}

pub fn percent(percent: u64) -> String {
    format!("{percent} %")
}

/// The progress, with the size that is uploaded per second.
pub fn percent_at(percent: u64, size: &str) -> String {
    format!("{percent} % · {size}/s")
}

// Pictures.
pub const PICTURE: &str = "Picture";
pub const PREVIOUS_PICTURE: &str = "Previous picture";
pub const NEXT_PICTURE: &str = "Next picture";
pub const ACTUAL_SIZE: &str = "Actual size";
pub const ACTUAL_SIZE_TITLE: &str = "Actual size (Z)";
pub const ACTUAL_SIZE_FACE: &str = "1:1";
pub const DOWNLOAD: &str = "Download";

pub fn picture(name: &str) -> String {
    format!("Picture {name}")
}

/// Follows the name of a picture; empty if it is the only one. `at` counts from 0.
pub fn position(at: usize, count: usize) -> String {
    if count > 1 { format!(" · {} of {count}", at + 1) } else { String::new() }
}
