//! Messages: post, edit, delete, react, pin, save, list.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::transport::JsonRpc;
use crate::domain::{
    ChatError, Entry, Millis, Seq,
    message::{MessageExcerpt, MessageFlag, Version},
};

/// Position and time of a committed message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its position in the conversation.
    pub seq: Seq,
    /// When it was committed.
    pub at: Millis,
}

/// Posts a message. Returns after the commit. The same `client_id` again returns the same receipt
/// and changes nothing.
///
/// # Errors
/// `not_found` for non-members; `invalid` or `too_large` at `body`; `invalid` at `answers` if that
/// is not a message; `not_found` at `files` if one is incomplete, not the author's or sent before,
/// `invalid` above 20 files; `conflict` if the id was used for another message; `too_many`.
#[server(endpoint = "post_message", protocol = JsonRpc)]
pub async fn post_message(
    conversation: String,
    client_id: String,
    body: String,
    #[server(default)]
    #[server(rename = "answers")]
    reply_to: Option<Seq>,
    #[server(default)] files: Vec<String>,
) -> Result<Receipt, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = crate::domain::ConversationId::parse(&conversation)?;
    let client_id = crate::domain::ClientId::parse(&client_id)?;
    let files = crate::server::auth::current_user::parse_file_ids(&files)?;
    let body = crate::domain::text::body_with_files(&body, files.len())?;
    app.limits.post(user.person.id)?;
    let author = user.person.id;
    let message = crate::server::store::NewMessage {
        author,
        conversation,
        client_id,
        body,
        reply_to,
        files: Vec::new(),
    };
    let (seq, at) = if files.is_empty() {
        app.store.post(message).await?
    } else {
        app.store.post_with_files(message, files).await?
    };
    Ok(Receipt { seq, at })
}

/// Edits the current user's message. Earlier versions stay readable.
///
/// # Errors
/// `not_found` for non-members and if there is no such message; `forbidden` for everyone but its
/// author; `conflict` if it is deleted; `invalid` or `too_large` at `body`.
#[server(endpoint = "edit_message", protocol = JsonRpc)]
pub async fn edit_message(conversation: String, seq: Seq, body: String) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    let body = crate::domain::text::body(&body)?;
    app.limits.post(target.by)?;
    Ok(app.store.edit(target, body).await?)
}

/// Deletes a message for everyone.
///
/// # Errors
/// `not_found`; `forbidden` for everyone but its author, the creator of the group and
/// moderators.
#[server(endpoint = "delete_message", protocol = JsonRpc)]
pub async fn delete_message(conversation: String, seq: Seq) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    Ok(app.store.delete(target).await?)
}

/// Restores a deleted message: its author within 30 seconds; within 30 days the creator of the group,
/// and moderators what somebody else than its author deleted.
///
/// # Errors
/// `not_found`; `forbidden` for everyone else; `conflict` if it is too late.
#[server(endpoint = "restore_message", protocol = JsonRpc)]
pub async fn restore_message(conversation: String, seq: Seq) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    Ok(app.store.restore(target).await?)
}

/// Lists the earlier versions of an edited message, oldest first.
///
/// # Errors
/// `not_found`, also for a deleted message.
#[server(endpoint = "versions", protocol = JsonRpc)]
pub async fn versions(conversation: String, seq: Seq) -> Result<Vec<Version>, ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    Ok(app.store.versions(target.by, target.conversation, target.message).await?)
}

/// Adds or removes a reaction.
///
/// # Errors
/// `not_found`; `invalid` at `emoji` if it is not an emoji; `conflict` if the message is deleted or
/// has the maximum number of reactions.
#[server(endpoint = "react", protocol = JsonRpc)]
pub async fn react(
    conversation: String,
    seq: Seq,
    emoji: String,
    on: bool,
) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    let emoji = crate::server::content::emoji::normalize(&emoji)?;
    app.limits.post(target.by)?;
    Ok(app.store.react(target, emoji, on).await?)
}

/// Pins or unpins a message in its conversation.
///
/// # Errors
/// `not_found`; `conflict` in Everyone and if it is deleted.
#[server(endpoint = "pin_message", protocol = JsonRpc)]
pub async fn pin_message(conversation: String, seq: Seq, on: bool) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    Ok(app.store.pin(target, on).await?)
}

/// Marks a question as answered or as open.
///
/// # Errors
/// `not_found`; `forbidden` for everyone but its author, the creator of the group and both people
/// of a direct conversation; `conflict` if it is deleted.
#[server(endpoint = "settle_question", protocol = JsonRpc)]
pub async fn resolve_question(conversation: String, seq: Seq, on: bool) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    Ok(app.store.resolve_question(target, on).await?)
}

/// Removes the link preview of the current user's message, for all of its links and for good.
///
/// # Errors
/// `not_found`; `forbidden` for everyone but its author; `conflict` if it is deleted.
#[server(endpoint = "remove_preview", protocol = JsonRpc)]
pub async fn remove_preview(conversation: String, seq: Seq) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    Ok(app.store.remove_preview(target).await?)
}

/// Lists the pinned messages or the open questions of a conversation, newest first, at most 100.
///
/// # Errors
/// `not_found` for non-members.
#[server(endpoint = "marked", protocol = JsonRpc)]
pub async fn list_flagged(
    conversation: String,
    #[server(rename = "mark")] flag: MessageFlag,
) -> Result<Vec<MessageExcerpt>, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = crate::domain::ConversationId::parse(&conversation)?;
    Ok(app.store.messages_with_flag(user.person.id, conversation, flag).await?)
}

/// Saves a message for the current user, or removes it from the saved messages. Nobody else is
/// notified.
///
/// # Errors
/// `not_found`; `conflict` if it is deleted or 500 messages are saved.
#[server(endpoint = "save_message", protocol = JsonRpc)]
pub async fn save_message(conversation: String, seq: Seq, on: bool) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    Ok(app.store.save(target, on).await?)
}

/// Lists the saved messages that the current user may still read, last saved first.
///
/// # Errors
/// `no_session`.
#[server(name = ListSaved, endpoint = "saved", protocol = JsonRpc)]
pub async fn saved() -> Result<Vec<MessageExcerpt>, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.store.saved(user.person.id).await?)
}

/// Returns the thread of a message: replies and what they reply to, ascending, the first 200.
///
/// # Errors
/// `not_found`.
#[server(name = ReadThread, endpoint = "thread", protocol = JsonRpc)]
pub async fn thread(conversation: String, seq: Seq) -> Result<Vec<Entry>, ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, seq)?;
    Ok(app.store.thread(target.by, target.conversation, target.message).await?)
}
