//! Groups: create and rename them, set their avatar, manage their members. The rules are in
//! `domain::conversation`.

use leptos::prelude::*;

use super::transport::JsonRpc;
use crate::domain::{ChatError, Summary};

/// Creates a group of these people and the current user, its creator.
///
/// # Errors
/// `invalid` at `name` or `members`; `conflict` at `name` if it is reserved; `not_found` if a
/// person does not exist; `forbidden` if the person's role creates no groups in this workspace.
#[server(endpoint = "create_group", protocol = JsonRpc)]
pub async fn create_group(name: String, members: Vec<String>) -> Result<Summary, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let name = crate::domain::conversation::group_name(&name)?;
    crate::server::names::check_group_name_reserved(&name)?;
    let members = crate::server::auth::current_user::parse_person_ids("members", &members)?;
    Ok(app.store.create_group(user.person.id, name, members).await?)
}

/// Renames a group.
///
/// # Errors
/// `invalid` at `name`, `conflict` if it is reserved; `forbidden` for everyone but its creator;
/// `conflict` if it is not a group.
#[server(endpoint = "rename_group", protocol = JsonRpc)]
pub async fn rename_group(conversation: String, name: String) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = crate::domain::ConversationId::parse(&conversation)?;
    let name = crate::domain::conversation::group_name(&name)?;
    crate::server::names::check_group_name_reserved(&name)?;
    Ok(app.store.rename(user.person.id, conversation, name).await?)
}

/// Sets or, without a file, removes the avatar of a group. The arguments are those of
/// [`set_avatar`](super::people::set_avatar).
///
/// # Errors
/// `forbidden` for everyone but its creator; `conflict` if it is not a group; and those of
/// `set_avatar`.
#[server(endpoint = "set_group_face", protocol = JsonRpc)]
pub async fn set_group_avatar(
    conversation: String,
    #[server(default)] file: Option<String>,
    #[server(default)] left: u32,
    #[server(default)] top: u32,
    #[server(default)] side: Option<u32>,
) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let group = Some(crate::domain::ConversationId::parse(&conversation)?);
    let its = crate::server::store::AvatarOwner { by: user.person.id, group };
    if file.is_some() {
        app.limits.upload(user.person.id)?;
    }
    app.files.set_avatar(its, file, (left, top, side)).await
}

/// Adds people to a group. Members are skipped.
///
/// # Errors
/// `forbidden` for everyone but its creator; `conflict` if it is not a group; `not_found` if a
/// person does not exist.
#[server(endpoint = "add_members", protocol = JsonRpc)]
pub async fn add_members(conversation: String, people: Vec<String>) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = crate::domain::ConversationId::parse(&conversation)?;
    let people = crate::server::auth::current_user::parse_person_ids("people", &people)?;
    Ok(app.store.add_members(user.person.id, conversation, people).await?)
}

/// Removes a member from a group.
///
/// # Errors
/// `forbidden` for everyone but its creator; `conflict` for the creator themself and if it is not a
/// group.
#[server(endpoint = "remove_member", protocol = JsonRpc)]
pub async fn remove_member(conversation: String, person: String) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = crate::domain::ConversationId::parse(&conversation)?;
    let person = crate::domain::PersonId::parse(&person)?;
    Ok(app.store.remove_member(user.person.id, conversation, person).await?)
}

/// Leaves a group.
///
/// # Errors
/// `conflict` for its creator and if it is not a group.
#[server(endpoint = "leave_group", protocol = JsonRpc)]
pub async fn leave_group(conversation: String) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let conversation = crate::domain::ConversationId::parse(&conversation)?;
    Ok(app.store.leave(user.person.id, conversation).await?)
}
