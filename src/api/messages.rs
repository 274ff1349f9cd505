//! Messages: writing one, and what becomes of it.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::transport::JsonRpc;
use crate::domain::{
    ChatError, Entry, Millis, Seq,
    message::{Mark, MarkedMessage, Version},
};

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
/// `not_found` for all who are not in the conversation; `invalid` or `too_large` at `body`; `invalid` at `answers` where that is
/// no message; `not_found` at `files` where one of them is not there whole, not one's own or sent before; `invalid` there beyond 20; `conflict` when the id was used for another message; `too_many` for who writes too fast.
#[server(endpoint = "post_message", protocol = JsonRpc)]
pub async fn post_message(
    conversation: String,
    client_id: String,
    body: String,
    #[server(default)] answers: Option<Seq>,
    #[server(default)] files: Vec<String>,
) -> Result<Receipt, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = crate::domain::ConversationId::parse(&conversation)?;
    let client_id = crate::domain::ClientId::parse(&client_id)?;
    let files = crate::server::auth::current_user::parse_file_ids(&files)?;
    let body = crate::domain::text::beside(&body, files.len())?;
    app.limits.post(user.person.id)?;
    let author = user.person.id;
    let message = crate::server::store::NewMessage { author, conversation, client_id, body, answers, files: Vec::new() };
    let (seq, at) = if files.is_empty() { app.store.post(message).await? } else { app.store.post_with_files(message, files).await? };
    Ok(Receipt { seq, at })
}

/// Changes the text of a message of one's own. What it said before stays to be seen.
///
/// # Errors
/// `not_found` for all who are not in the conversation, and where there is no message; `forbidden` for all but its author;
/// `conflict` when it is deleted; `invalid` or `too_large` at `body`.
#[server(endpoint = "edit_message", protocol = JsonRpc)]
pub async fn edit_message(conversation: String, seq: Seq, body: String) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    let body = crate::domain::text::body(&body)?;
    app.limits.post(target.by)?;
    Ok(app.store.edit(target, body).await?)
}

/// Deletes a message: it is gone for everybody.
///
/// # Errors
/// `not_found`; `forbidden` for all but its author and the creator of the group.
#[server(endpoint = "delete_message", protocol = JsonRpc)]
pub async fn delete_message(conversation: String, seq: Seq) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    Ok(app.store.delete(target).await?)
}

/// Brings back a message that was deleted: its author for a moment, the creator of the group for 30 days.
///
/// # Errors
/// `not_found`; `forbidden` for all others; `conflict` when it is too late.
#[server(endpoint = "restore_message", protocol = JsonRpc)]
pub async fn restore_message(conversation: String, seq: Seq) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    Ok(app.store.restore(target).await?)
}

/// What a message said before it was edited, the oldest first.
///
/// # Errors
/// `not_found`, also when it is deleted.
#[server(endpoint = "versions", protocol = JsonRpc)]
pub async fn versions(conversation: String, seq: Seq) -> Result<Vec<Version>, ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    Ok(app.store.versions(target.by, target.conversation, target.message).await?)
}

/// Reacts to a message with an emoji, or takes that back.
///
/// # Errors
/// `not_found`; `invalid` at `emoji` when it is none; `conflict` when the message is deleted or has as many as it can hold.
#[server(endpoint = "react", protocol = JsonRpc)]
pub async fn react(conversation: String, seq: Seq, emoji: String, on: bool) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    let emoji = crate::server::emoji::normalize(&emoji)?;
    app.limits.post(target.by)?;
    Ok(app.store.react(target, emoji, on).await?)
}

/// Pins a message in its conversation, or takes the pin away.
///
/// # Errors
/// `not_found`; `conflict` in Everyone and when it is deleted.
#[server(endpoint = "pin_message", protocol = JsonRpc)]
pub async fn pin_message(conversation: String, seq: Seq, on: bool) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    Ok(app.store.pin(target, on).await?)
}

/// Says that a question is answered, or that it is open again.
///
/// # Errors
/// `not_found`; `forbidden` for all but who asked, the creator of the group, and both of two; `conflict` when it is deleted.
#[server(endpoint = "settle_question", protocol = JsonRpc)]
pub async fn settle_question(conversation: String, seq: Seq, on: bool) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    Ok(app.store.resolve_question(target, on).await?)
}

/// Takes the preview of a link away from a message of one's own. For none of its links it comes back.
///
/// # Errors
/// `not_found`; `forbidden` for all but its author; `conflict` when it is deleted.
#[server(endpoint = "remove_preview", protocol = JsonRpc)]
pub async fn remove_preview(conversation: String, seq: Seq) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    Ok(app.store.remove_preview(target).await?)
}

/// The messages of a conversation that stand out: its pins, or its open questions; the newest first, at most 100.
///
/// # Errors
/// `not_found` for all who are not in it.
#[server(endpoint = "marked", protocol = JsonRpc)]
pub async fn marked(conversation: String, mark: Mark) -> Result<Vec<MarkedMessage>, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = crate::domain::ConversationId::parse(&conversation)?;
    Ok(app.store.messages_with_mark(user.person.id, conversation, mark).await?)
}

/// Saves a message for oneself, or lets go of it. Nobody else is told.
///
/// # Errors
/// `not_found`; `conflict` when it is deleted, and for who has saved 500.
#[server(endpoint = "save_message", protocol = JsonRpc)]
pub async fn save_message(conversation: String, seq: Seq, on: bool) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    Ok(app.store.save(target, on).await?)
}

/// What this person has saved and may still read, what was saved last first.
///
/// # Errors
/// `no_session`.
#[server(name = ListSaved, endpoint = "saved", protocol = JsonRpc)]
pub async fn saved() -> Result<Vec<MarkedMessage>, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.store.saved(user.person.id).await?)
}

/// The messages that answer each other around this one, in their order; the first 200.
///
/// # Errors
/// `not_found`.
#[server(name = ReadThread, endpoint = "thread", protocol = JsonRpc)]
pub async fn thread(conversation: String, seq: Seq) -> Result<Vec<Entry>, ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    Ok(app.store.thread(target.by, target.conversation, target.message).await?)
}
