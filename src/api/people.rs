//! People as others see them: avatar, status, last seen.

use leptos::prelude::*;

use super::transport::JsonRpc;
use crate::domain::{ChatError, Millis};

/// Returns when a person was last online, to the minute; `None` while they are online, if they hide
/// their presence, and if they were never online.
///
/// # Errors
/// `not_found` if there is no such person.
#[server(endpoint = "last_seen", protocol = JsonRpc)]
pub async fn last_seen(person: String) -> Result<Option<Millis>, ChatError> {
    let (app, _) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let person = crate::domain::PersonId::parse(&person)?;
    let last_seen = app.store.last_seen(person).await?;
    Ok(last_seen.filter(|_| !app.hub.is_online(person)))
}

/// Sets or, without a file, removes the current user's avatar. The [file](super::files) is uploaded
/// and not sent. The avatar is its square at `left` and `top` with this `side`, in pixels; without
/// `side`, its centre.
///
/// # Errors
/// `not_found` if the current user has no such unsent file; `invalid` at `file` if it is not an
/// image; `busy`.
#[server(endpoint = "set_face", protocol = JsonRpc)]
pub async fn set_avatar(
    #[server(default)] file: Option<String>,
    #[server(default)] left: u32,
    #[server(default)] top: u32,
    #[server(default)] side: Option<u32>,
) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let mine = crate::server::store::AvatarOwner { by: user.person.id, group: None };
    if file.is_some() {
        app.limits.upload(user.person.id)?;
    }
    app.files.set_avatar(mine, file, (left, top, side)).await
}

/// Sets the current user's status: an emoji, a line of text, or both. Without either it is removed.
///
/// # Errors
/// `invalid` at `emoji` or `text`.
#[server(endpoint = "set_status", protocol = JsonRpc)]
pub async fn set_status(
    #[server(default)] emoji: Option<String>,
    #[server(default)] text: Option<String>,
) -> Result<(), ChatError> {
    use crate::domain::person::{self, Status};
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let emoji = emoji
        .filter(|emoji| !emoji.is_empty())
        .map(|emoji| crate::server::content::emoji::normalize(&emoji))
        .transpose()?;
    let text = person::status_text(&text.unwrap_or_default())?;
    Ok(app.store.set_status(user.person.id, Status::of(emoji, text)).await?)
}
