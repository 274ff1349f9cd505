//! Files: beginning to upload one, giving it up, and the list of those of a conversation. The bytes themselves go to `PUT /files/{id}`
//! and come from `GET /files/{id}`.

use leptos::prelude::*;

use super::transport::JsonRpc;
use crate::domain::{
    ChatError, Seq,
    file::{SharedFile, Upload},
};

/// Begins to upload a file for a conversation, or finds how far it has come: the same id again changes nothing.
///
/// # Errors
/// `not_found` for all who are not in the conversation; `invalid` at `size` for an empty file; `too_large` at `size` beyond what this
/// server takes, and where one's share is used up; `conflict` where the id was used for another file; `too_many`.
#[server(endpoint = "start_upload", protocol = JsonRpc)]
pub async fn start_upload(conversation: String, file: String, name: String, size: u64) -> Result<Upload, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = crate::domain::ConversationId::parse(&conversation)?;
    let id = crate::domain::FileId::parse(&file)?;
    app.limits.upload(user.person.id)?;
    Ok(app.files.start_upload(user.person.id, conversation, id, &name, size).await?)
}

/// Gives up a file that is not sent: nothing of it stays.
///
/// # Errors
/// `not_found` where there is no such file of one's own.
#[server(endpoint = "cancel_upload", protocol = JsonRpc)]
pub async fn cancel_upload(file: String) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    app.files.cancel_upload(user.person.id, crate::domain::FileId::parse(&file)?).await
}

/// The files of a conversation, the newest first: of the 30 last messages with files before this one.
///
/// # Errors
/// `not_found` for all who are not in it.
#[server(name = ListFiles, endpoint = "files", protocol = JsonRpc)]
pub async fn files(conversation: String, #[server(default)] before: Option<Seq>) -> Result<Vec<SharedFile>, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = crate::domain::ConversationId::parse(&conversation)?;
    Ok(app.store.files(user.person.id, conversation, before.unwrap_or(Seq(u64::MAX)), 30).await?)
}
