//! Messages: writing one.

use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use super::personal::Personal;
use crate::domain::{ChatError, Millis, Seq};

/// Where a message stands, now that it is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its place in the conversation.
    pub seq: Seq,
    /// When it was committed.
    pub at: Millis,
}

/// Keeps a message, then tells it. The same `client_id` again answers the same receipt and changes nothing.
///
/// # Errors
/// `not_found` for all who are not in the conversation; `invalid` or `too_large` at `body`; `conflict` when the id was used
/// for another message; `too_many` for who writes too fast.
#[server(endpoint = "post_message", input = Json, output = Json, client = Personal)]
pub async fn post_message(conversation: String, client_id: String, body: String) -> Result<Receipt, ChatError> {
    let (app, caller) = crate::server::caller::Caller::required()?;
    let conversation = crate::domain::ConversationId::parse(&conversation)?;
    let client_id = crate::domain::ClientId::parse(&client_id)?;
    let body = crate::domain::text::body(&body)?;
    app.limits.post(caller.person.id)?;
    let author = caller.person.id;
    let (seq, at) = app.store.post(crate::server::store::Draft { author, conversation, client_id, body }).await?;
    Ok(Receipt { seq, at })
}
