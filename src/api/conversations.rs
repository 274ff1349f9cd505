//! Conversations: everything at once, one's history, and what one missed.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::transport::JsonRpc;
use crate::domain::{ChatError, ConversationId, HistoryPage, Level, Millis, Seq, Snapshot, Summary, person::Reader};

/// Entries on a page of history, unless it is said otherwise.
pub const PAGE: u32 = 60;
/// Most entries on a page.
pub const LARGEST_PAGE: u32 = 100;

/// The beginning of the cookie in which a browser keeps the conversation that was open last.
pub const LAST_VISITED: &str = "last-visited=";

/// What a rendered page starts from: the snapshot, and the newest query of the conversation it opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitialState {
    /// Everything the screen starts from.
    pub snapshot: Snapshot,
    /// The open conversation's newest entries, read in the same transaction.
    pub page: Option<(ConversationId, HistoryPage)>,
}

/// Everything this person's screen starts from, with the marks for the socket.
///
/// # Errors
/// `no_session`.
#[server(name = TakeSnapshot, endpoint = "snapshot", protocol = JsonRpc)]
pub async fn snapshot() -> Result<Snapshot, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.initial_state(user.person, None).await?.snapshot)
}

/// The conversation with one other person, made now if there was none.
///
/// # Errors
/// `invalid` for oneself; `not_found` when there is no such person.
#[server(endpoint = "open_direct", protocol = JsonRpc)]
pub async fn open_direct(person: String) -> Result<Summary, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let other = crate::domain::PersonId::parse(&person)?;
    Ok(app.store.open_direct(user.person.id, other).await?)
}

/// A page of a conversation's history: the newest, or before, after or around a place.
///
/// # Errors
/// `not_found` for all who are not in it; `invalid` when more than one place is given.
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
    let limit = limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    Ok(app.store.history(user.person.id, conversation, query, limit).await?)
}

/// What came after a place, ascending: to fill a gap.
///
/// # Errors
/// `not_found` for all who are not in the conversation.
#[server(endpoint = "changes_after", protocol = JsonRpc)]
pub async fn changes_after(conversation: String, seq: Seq) -> Result<HistoryPage, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = ConversationId::parse(&conversation)?;
    Ok(app.store.changes_after(user.person.id, conversation, seq, LARGEST_PAGE).await?)
}

/// Everything up to here is read, on all devices of this person. It only ever grows.
///
/// # Errors
/// `not_found` for all who are not in the conversation.
#[server(endpoint = "mark_read", protocol = JsonRpc)]
pub async fn mark_read(conversation: String, upto: Seq) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = ConversationId::parse(&conversation)?;
    Ok(app.store.mark_read(user.person.id, conversation, upto).await?)
}

/// Who has seen a conversation up to where, of those who let others know; of one with more than 200 members nobody. Of one of two
/// also up to where it has reached the other one.
///
/// # Errors
/// `not_found` for all who are not in it.
#[server(endpoint = "readers", protocol = JsonRpc)]
pub async fn readers(conversation: String) -> Result<Vec<Reader>, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = ConversationId::parse(&conversation)?;
    // What is not yet kept is known to the hub; asked first, so that nothing can be kept in between and be in neither.
    let mut lately = app.hub.unsaved_receipts(Some(conversation));
    lately.retain(|(_, person, _)| *person != user.person.id);
    let readers = app.store.read_receipts(user.person.id, conversation).await?;
    Ok(Reader::heard(readers, lately.into_iter().map(|(_, person, upto)| (person, upto))))
}

/// Everything from this place on is unread again, on all devices of this person.
///
/// # Errors
/// `not_found` for all who are not in the conversation.
#[server(endpoint = "mark_unread", protocol = JsonRpc)]
pub async fn mark_unread(conversation: String, from: Seq) -> Result<(), ChatError> {
    let (app, target) = crate::server::auth::current_user::message_target(&conversation, from)?;
    Ok(app.store.mark_unread(target.by, target.conversation, from).await?)
}

/// Where a conversation stood at a moment: its first message from then on, else the last before it; nothing where nobody wrote.
///
/// # Errors
/// `not_found` for all who are not in it.
#[server(endpoint = "place_at", protocol = JsonRpc)]
pub async fn place_at(conversation: String, at: Millis) -> Result<Option<Seq>, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = ConversationId::parse(&conversation)?;
    Ok(app.store.seek_date(user.person.id, conversation, at).await?)
}

/// Keeps what this person began in a conversation, for their other devices. `after` is the place of the draft that it goes on
/// from, where there was one. An empty text is no draft. Answers the place of the change that made it so.
///
/// # Errors
/// `not_found` for all who are not in it; `too_large` at `body`; `conflict` at `after` where another device has kept something
/// else since: what that is, is told by one's own stream.
#[server(endpoint = "keep_draft", protocol = JsonRpc)]
pub async fn keep_draft(conversation: String, body: String, #[server(default)] after: Option<Seq>) -> Result<Seq, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = ConversationId::parse(&conversation)?;
    let body = crate::domain::draft::checked(body)?;
    Ok(app.store.save_draft(user.person.id, conversation, body, after).await?)
}

/// What of a conversation rings for this person from here on, on all their devices; and until a moment nothing of it
/// (`muted_until`, in milliseconds; without it, it is not muted).
///
/// # Errors
/// `not_found` for all who are not in the conversation; `invalid` at `muted_until`, when it has passed or is more than 31 days
/// ahead.
#[server(endpoint = "set_level", protocol = JsonRpc)]
pub async fn set_level(conversation: String, level: Level, #[server(default)] muted_until: Option<Millis>) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = ConversationId::parse(&conversation)?;
    Ok(app.store.set_notification_level(user.person.id, conversation, level, muted_until).await?)
}

/// Pins a conversation to the top of this person's list, on all their devices, or takes the pin away.
///
/// # Errors
/// `not_found` for all who are not in the conversation.
#[server(endpoint = "pin_conversation", protocol = JsonRpc)]
pub async fn pin_conversation(conversation: String, on: bool) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = ConversationId::parse(&conversation)?;
    Ok(app.store.pin_conversation(user.person.id, conversation, on).await?)
}
