//! Conversations: snapshot, history, read positions, drafts and notification levels.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::transport::JsonRpc;
use crate::domain::{
    ChatError, ConversationId, HistoryPage, Millis, NotificationLevel, Seq, Snapshot, Summary,
    person::ReadReceipt,
};

/// Name and `=` of the cookie that stores the conversation opened last.
pub const LAST_VISITED: &str = "last-visited=";

/// The state that a rendered page starts from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitialState {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// The first page of the open conversation, read in the same transaction.
    pub page: Option<(ConversationId, HistoryPage)>,
}

/// Returns all state of the current user, with the cursors for the socket.
///
/// # Errors
/// `no_session`.
#[server(name = TakeSnapshot, endpoint = "snapshot", protocol = JsonRpc)]
pub async fn snapshot() -> Result<Snapshot, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.initial_state(user.person, None).await?.snapshot)
}

/// Returns the direct conversation with a person; creates it if there is none.
///
/// # Errors
/// `invalid` for the current user's own id; `not_found` if there is no such person.
#[server(endpoint = "open_direct", protocol = JsonRpc)]
pub async fn open_direct(person: String) -> Result<Summary, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let other = crate::domain::PersonId::parse(&person)?;
    Ok(app.store.open_direct(user.person.id, other).await?)
}

/// Returns a page of history: the newest, or the one before, after or around a position.
///
/// # Errors
/// `not_found` for non-members; `invalid` if more than one position is given.
#[server(endpoint = "history", protocol = JsonRpc)]
pub async fn history(
    conversation: String,
    #[server(default)] before: Option<Seq>,
    #[server(default)] after: Option<Seq>,
    #[server(default)] around: Option<Seq>,
    #[server(default)] limit: Option<u32>,
) -> Result<HistoryPage, ChatError> {
    use crate::server::store::PageQuery;
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = ConversationId::parse(&conversation)?;
    let query = PageQuery::from_params(before, after, around)?;
    let limit = limit.unwrap_or(HistoryPage::SIZE).clamp(1, HistoryPage::MAX_SIZE);
    Ok(app.store.history(user.person.id, conversation, query, limit).await?)
}

/// Returns the changes after a position, ascending. Clients fill gaps with it.
///
/// # Errors
/// `not_found` for non-members.
#[server(endpoint = "changes_after", protocol = JsonRpc)]
pub async fn changes_after(conversation: String, seq: Seq) -> Result<HistoryPage, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = ConversationId::parse(&conversation)?;
    Ok(app.store.changes_after(user.person.id, conversation, seq, HistoryPage::MAX_SIZE).await?)
}

/// Moves the read position forward, on all devices of the current user. It never moves back.
///
/// # Errors
/// `not_found` for non-members.
#[server(endpoint = "mark_read", protocol = JsonRpc)]
pub async fn mark_read(conversation: String, upto: Seq) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = ConversationId::parse(&conversation)?;
    Ok(app.store.mark_read(user.person.id, conversation, upto).await?)
}

/// Returns the read receipts of the members who share them; none in conversations of more than 200
/// members. In a direct conversation also the delivery receipt of the other person.
///
/// # Errors
/// `not_found` for non-members.
#[server(endpoint = "readers", protocol = JsonRpc)]
pub async fn read_receipts(conversation: String) -> Result<Vec<ReadReceipt>, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = ConversationId::parse(&conversation)?;
    // Receipts that are not saved yet are in the hub. Read the hub first: a receipt saved in
    // between would be in neither.
    let mut unsaved = app.hub.unsaved_receipts(Some(conversation));
    unsaved.retain(|(_, person, _)| *person != user.person.id);
    let receipts = app.store.read_receipts(user.person.id, conversation).await?;
    Ok(ReadReceipt::merge_delivered(
        receipts,
        unsaved.into_iter().map(|(_, person, upto)| (person, upto)),
    ))
}

/// Marks everything from a position on as unread, on all devices of the current user.
///
/// # Errors
/// `not_found` for non-members.
#[server(endpoint = "mark_unread", protocol = JsonRpc)]
pub async fn mark_unread(conversation: String, from: Seq) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, from)?;
    Ok(app.store.mark_unread(target.by, target.conversation, from).await?)
}

/// Returns the position of the first message at or after a time, else of the last message before
/// it; `None` without messages.
///
/// # Errors
/// `not_found` for non-members.
#[server(endpoint = "place_at", protocol = JsonRpc)]
pub async fn seek_date(conversation: String, at: Millis) -> Result<Option<Seq>, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = ConversationId::parse(&conversation)?;
    Ok(app.store.seek_date(user.person.id, conversation, at).await?)
}

/// Saves a draft for the current user's other devices. `after` is the position of the draft that it
/// continues, if any. An empty body deletes the draft. Returns the position of the change.
///
/// # Errors
/// `not_found` for non-members; `too_large` at `body`; `conflict` at `after` if another device has
/// saved a newer draft, which arrives on the person's own stream.
#[server(endpoint = "keep_draft", protocol = JsonRpc)]
pub async fn save_draft(
    conversation: String,
    body: String,
    #[server(default)] after: Option<Seq>,
) -> Result<Seq, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = ConversationId::parse(&conversation)?;
    let body = crate::domain::draft::check_length(body)?;
    Ok(app.store.save_draft(user.person.id, conversation, body, after).await?)
}

/// Sets the notification level of a conversation, on all devices of the current user. `muted_until`
/// (milliseconds) mutes it until then; without it the conversation is not muted.
///
/// # Errors
/// `not_found` for non-members; `invalid` at `muted_until` if it is in the past or more than 31
/// days ahead.
#[server(endpoint = "set_level", protocol = JsonRpc)]
pub async fn set_notification_level(
    conversation: String,
    level: NotificationLevel,
    #[server(default)] muted_until: Option<Millis>,
) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = ConversationId::parse(&conversation)?;
    Ok(app.store.set_notification_level(user.person.id, conversation, level, muted_until).await?)
}

/// Pins a conversation to the top of the current user's list, on all devices, or unpins it.
///
/// # Errors
/// `not_found` for non-members.
#[server(endpoint = "pin_conversation", protocol = JsonRpc)]
pub async fn pin_conversation(conversation: String, on: bool) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = ConversationId::parse(&conversation)?;
    Ok(app.store.pin_conversation(user.person.id, conversation, on).await?)
}
