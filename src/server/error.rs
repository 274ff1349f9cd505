//! The error type of the server. The only place where errors are logged, hidden from clients, and
//! given an HTTP status.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::domain::{ChatError, Code};

/// An error inside the server.
#[derive(Debug)]
pub enum AppError {
    /// Sent to the client as it is.
    Client(ChatError),
    /// Logged, and hidden from the client.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// The result of an operation inside the server.
pub type Result<T, E = AppError> = std::result::Result<T, E>;

impl From<ChatError> for AppError {
    fn from(error: ChatError) -> Self {
        Self::Client(error)
    }
}

impl From<AppError> for ChatError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Client(error) => error,
            AppError::Internal(cause) => {
                tracing::error!(%cause, "request failed");
                Self::internal()
            }
        }
    }
}

impl Code {
    /// The HTTP status of this error code.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::NoSession | Self::WrongCredentials => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::RangeNotSatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::Internal | Self::Unreachable => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// The error body for a status that the framework returned without one.
#[must_use]
pub fn error_for(status: StatusCode) -> ChatError {
    let (code, message) = match status {
        StatusCode::UNAUTHORIZED => return ChatError::no_session(),
        StatusCode::FORBIDDEN => (Code::Forbidden, "You do not have permission to do this."),
        StatusCode::NOT_FOUND => return ChatError::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => {
            (Code::MethodNotAllowed, "This method is not allowed at this address.")
        }
        StatusCode::CONFLICT => {
            (Code::Conflict, "This conflicts with a recent change. Reload and try again.")
        }
        StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::URI_TOO_LONG
        | StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            (Code::TooLarge, "The request is too large.")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            (Code::UnsupportedMediaType, "This content type is not supported at this address.")
        }
        StatusCode::RANGE_NOT_SATISFIABLE => {
            (Code::RangeNotSatisfiable, "The requested range is outside the file.")
        }
        StatusCode::MISDIRECTED_REQUEST => (
            Code::Misdirected,
            "This server accepts requests for localhost only. To use another host name, start it \
             with --origin.",
        ),
        StatusCode::TOO_MANY_REQUESTS => {
            (Code::TooMany, "Too many requests. Try again in a moment.")
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            (Code::Busy, "The server is busy. Try again in a moment.")
        }
        status if status.is_client_error() => (Code::Malformed, "The request is malformed."),
        _ => return ChatError::internal(),
    };
    ChatError::new(code, message)
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
