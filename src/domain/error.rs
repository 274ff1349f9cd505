//! What can go wrong between a person and ChatBox: one type crosses the wire, with words a person can act on.
//! Its HTTP status and its logging stand in `server/error.rs`.

use serde::{Deserialize, Serialize};

/// The kind of a failure; stable, for programs to match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The request is not what the function takes.
    Malformed,
    /// Nobody is signed in.
    NoSession,
    /// The username or the password is wrong; which one is not said.
    WrongCredentials,
    /// A member, but without the right to do this.
    Forbidden,
    /// Not there, or not yours: deliberately the same.
    NotFound,
    /// It clashes with what is already there.
    Conflict,
    /// The address does not take this method.
    MethodNotAllowed,
    /// Larger than what is taken.
    TooLarge,
    /// The body is not of a type that is taken.
    UnsupportedMediaType,
    /// No byte of the requested range exists.
    RangeNotSatisfiable,
    /// The request names a host that is not this server.
    Misdirected,
    /// A field holds what it may not; `field` names it.
    Invalid,
    /// Too often; `retry_after` says when to come again.
    TooMany,
    /// Too much is going on right now; try again.
    Busy,
    /// The server's disk is full: nothing is kept until there is room.
    StorageFull,
    /// The server failed; nothing is said about why.
    Internal,
    /// The server was not reached. Made by the browser, never sent.
    Unreachable,
}

/// A failure, as it is told to people (`message`) and to programs (`code`, `field`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ChatError {
    /// What kind of failure it is.
    pub code: Code,
    /// One or two sentences for a person: what happened and what to do.
    pub message: String,
    /// The argument that is to blame, where one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Seconds to wait before trying again, where that helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl ChatError {
    /// A failure of some kind, in words.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, retry_after: None }
    }

    /// What was given for `field` cannot be taken.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new(Code::Invalid, message) }
    }

    /// The one answer for what is not there and for what is somebody else's.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "This does not exist, or you do not have access to it.")
    }

    /// A member without the right to do this.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(Code::Forbidden, message)
    }

    /// It clashes with what is already there.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(Code::Conflict, message)
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn no_session() -> Self {
        Self::new(Code::NoSession, "Sign in to continue.")
    }

    /// The server failed; the cause stays in its log.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(Code::Internal, "Something went wrong on the server. Try again in a moment.")
    }

    /// Too often: come again after so many seconds.
    #[must_use]
    pub fn too_many(message: impl Into<String>, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(Code::TooMany, message) }
    }

    /// The same failure, blamed on a field.
    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// What is said where the server could not be reached.
    pub const UNREACHED: &str = "The server cannot be reached. Check your connection and try again.";

    /// Whether the same request may succeed a little later, unchanged.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self.code, Code::TooMany | Code::Busy | Code::StorageFull | Code::Internal | Code::Unreachable)
    }
}
