//! Files: start and cancel an upload, list the files of a conversation. The bytes go to `PUT
//! /files/{id}` and come from `GET /files/{id}`.

use leptos::prelude::*;

use super::transport::JsonRpc;
use crate::domain::{
    ChatError, Seq,
    file::{SharedFile, Upload},
};

/// Starts an upload for a conversation, or returns the progress of the one with this id.
///
/// # Errors
/// `not_found` for non-members; `invalid` at `size` for an empty file; `too_large` at `size` above
/// the server's limit or the person's quota; `conflict` if the id was used for another file;
/// `too_many`.
#[server(endpoint = "start_upload", protocol = JsonRpc)]
pub async fn start_upload(
    conversation: String,
    file: String,
    name: String,
    size: u64,
) -> Result<Upload, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = crate::domain::ConversationId::parse(&conversation)?;
    let id = crate::domain::FileId::parse(&file)?;
    app.limits.upload(user.person.id)?;
    Ok(app.files.start_upload(user.person.id, conversation, id, &name, size).await?)
}

/// Cancels an upload and deletes what was stored of it. The file must not be sent yet.
///
/// # Errors
/// `not_found` if the current user has no such file.
#[server(endpoint = "cancel_upload", protocol = JsonRpc)]
pub async fn cancel_upload(file: String) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    app.files.cancel_upload(user.person.id, crate::domain::FileId::parse(&file)?).await
}

/// Lists the files of a conversation, newest first: those of the last 30 messages with files before
/// this position.
///
/// # Errors
/// `not_found` for non-members.
#[server(name = ListFiles, endpoint = "files", protocol = JsonRpc)]
pub async fn files(
    conversation: String,
    #[server(default)] before: Option<Seq>,
) -> Result<Vec<SharedFile>, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = crate::domain::ConversationId::parse(&conversation)?;
    Ok(app.store.files(user.person.id, conversation, before.unwrap_or(Seq(u64::MAX)), 30).await?)
}
