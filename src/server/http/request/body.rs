//! Reading a request body, up to a limit.

use axum::body::{Body, Bytes};
use futures_util::StreamExt;

use crate::domain::{ChatError, Code};

/// Largest request body: a message of 40 KiB as JSON with every character escaped, and some room.
pub(in crate::server::http) const MAX_BODY: usize = 512 * 1024;
/// How much more is read and discarded: a client that is still sending does not see its response.
const MAX_DISCARDED: usize = 4 * 1024 * 1024;

/// Reads the whole body.
///
/// # Errors
/// `too_large`; `malformed` when it ends too early.
pub(in crate::server::http) async fn read_body(body: Body) -> Result<Bytes, ChatError> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut size = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| {
            ChatError::new(Code::Malformed, "The request is incomplete. Try again.")
        })?;
        size += chunk.len();
        if size <= MAX_BODY {
            bytes.extend_from_slice(&chunk);
        } else if size > MAX_BODY + MAX_DISCARDED {
            break;
        }
    }
    if size > MAX_BODY {
        return Err(ChatError::new(
            Code::TooLarge,
            "The request is too large. The limit is 512 KiB.",
        ));
    }
    Ok(bytes.into())
}
