//! The error type of the API, with a message for people. Its HTTP status and logging are in
//! `server/error.rs`.

use serde::{Deserialize, Serialize};

/// Error code; stable, for programs to match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The arguments are missing or malformed.
    Malformed,
    /// Nobody is signed in.
    NoSession,
    /// The username or the password is wrong; the error does not say which.
    WrongCredentials,
    /// A member without the right to do this.
    Forbidden,
    /// Does not exist, or no access: deliberately the same.
    NotFound,
    /// Conflicts with the current state.
    Conflict,
    /// The path does not support this method.
    MethodNotAllowed,
    /// Above a size limit.
    TooLarge,
    /// The media type of the body is not supported.
    UnsupportedMediaType,
    /// The requested range has no byte of the file.
    RangeNotSatisfiable,
    /// The host of the request is not this server.
    Misdirected,
    /// A field is invalid; `field` names it.
    Invalid,
    /// Rate limit exceeded; `retry_after` says when to retry.
    TooMany,
    /// The server is overloaded; retry.
    Busy,
    /// The server's disk is full: writes fail until there is space.
    StorageFull,
    /// The server failed; the cause is only in its log.
    Internal,
    /// The server was not reached. Made by the client, never sent.
    Unreachable,
}

/// An error for people (`message`) and programs (`code`, `field`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ChatError {
    /// Error code.
    pub code: Code,
    /// One or two sentences: what happened and what to do.
    pub message: String,
    /// The argument at fault, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Seconds to wait before a retry, if that helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl ChatError {
    /// An error with a code and a message.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, retry_after: None }
    }

    /// The value of `field` is invalid.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new(Code::Invalid, message) }
    }

    /// The one error for what does not exist and for what is somebody else's.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "This does not exist, or you do not have access to it.")
    }

    /// A member without the right to do this.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(Code::Forbidden, message)
    }

    /// Conflicts with the current state.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(Code::Conflict, message)
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn no_session() -> Self {
        Self::new(Code::NoSession, "Sign in to continue.")
    }

    /// The server failed; the cause is only in its log.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(Code::Internal, "Something went wrong on the server. Try again in a moment.")
    }

    /// Rate limit exceeded: retry after so many seconds.
    #[must_use]
    pub fn too_many(message: impl Into<String>, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(Code::TooMany, message) }
    }

    /// The same error, at a field.
    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// Message for [`Code::Unreachable`].
    pub const UNREACHABLE: &str =
        "The server cannot be reached. Check your connection and try again.";

    /// Whether the same request may succeed later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self.code,
            Code::TooMany | Code::Busy | Code::StorageFull | Code::Internal | Code::Unreachable
        )
    }
}
