//! Texts for people that the client words itself, in English: errors and notices that begin in the
//! browser. They stand here and not in the catalogue of the interface, because `client` does not
//! use `ui`.

use crate::domain::file;

/// The name of a person who is not in the roster.
pub(in crate::client) const UNKNOWN_PERSON: &str = "Unknown person";
pub(in crate::client) const NO_MESSAGES: &str = "There are no messages yet.";
pub(in crate::client) const UNREACHABLE: &str = "The server cannot be reached.";
pub(in crate::client) const FILE_EMPTY: &str = "This file is empty.";

/// A file is larger than the limit; both are in bytes.
pub(in crate::client) fn file_too_large(size: u64, limit: u64) -> String {
    format!("This file is {}. The limit is {}.", file::format_size(size), file::format_size(limit))
}

pub(in crate::client) fn too_many_files(most: usize) -> String {
    format!("A message can have up to {most} files. Send these first.")
}

pub(in crate::client) fn upload_cancelled(name: &str) -> String {
    format!("The upload of “{name}” was cancelled.")
}

pub(in crate::client) fn file_gone(name: &str) -> String {
    format!("“{name}” is no longer available. Choose it again.")
}

pub(in crate::client) fn file_unreadable(name: &str) -> String {
    format!("“{name}” cannot be read. Choose it again. For a folder, choose the files in it.")
}

/// A message failed after the user left the conversation, so it cannot be shown there.
pub(in crate::client) fn not_sent_after_leaving(excerpt: &str) -> String {
    format!("Not sent, because you are no longer in the conversation: “{excerpt}”")
}

/// A group was created without all of its people.
pub(in crate::client) fn people_not_added(reason: &str) -> String {
    format!("Some people could not be added. {reason}")
}
