//! The one place where failures are logged, hidden from people, and given an HTTP status.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::domain::{ChatError, Code};

/// A failure inside the server.
#[derive(Debug)]
pub enum Failure {
    /// Told to the person as it is.
    Refused(ChatError),
    /// Logged here, and hidden.
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

impl From<ChatError> for Failure {
    fn from(error: ChatError) -> Self {
        Self::Refused(error)
    }
}

impl From<Failure> for ChatError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(error) => error,
            Failure::Broken(cause) => {
                tracing::error!(%cause, "a request failed");
                Self::internal()
            }
        }
    }
}

impl Code {
    /// The HTTP status of this kind of failure.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::NoSession | Self::WrongCredentials => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::Internal | Self::Unreachable => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for ChatError {
    fn into_response(self) -> Response {
        let (status, wait) = (self.code.status(), self.retry_after);
        let mut response = (status, Json(self)).into_response();
        if let Some(seconds) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
