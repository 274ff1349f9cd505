//! People, as others see them: what they say of themselves, and when they were last there.

use leptos::prelude::*;

use super::transport::JsonRpc;
use crate::domain::{ChatError, Millis};

/// When somebody was last online, to the minute; nothing while they are, of who would rather not tell, and of who never was.
///
/// # Errors
/// `not_found` when there is nobody.
#[server(endpoint = "last_seen", protocol = JsonRpc)]
pub async fn last_seen(person: String) -> Result<Option<Millis>, ChatError> {
    let (app, _) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let person = crate::domain::PersonId::parse(&person)?;
    let last_seen = app.store.last_seen(person).await?;
    Ok(last_seen.filter(|_| !app.hub.is_online(person)))
}

/// Has another picture from now on: of a [file](super::files) that is uploaded and not sent, the square that begins `left` and `top` and has this
/// `side`, in pixels, or its middle. Without a file, none.
///
/// # Errors
/// `not_found` where there is no such file of one's own that is not sent; `invalid` at `file` where it is no picture; `busy`.
#[server(endpoint = "set_face", protocol = JsonRpc)]
pub async fn set_face(
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

/// Says something else of oneself beside one's name: an emoji, a few words on one line, or both. Neither is nothing any more.
///
/// # Errors
/// `invalid` at `emoji` or `text`.
#[server(endpoint = "set_status", protocol = JsonRpc)]
pub async fn set_status(#[server(default)] emoji: Option<String>, #[server(default)] text: Option<String>) -> Result<(), ChatError> {
    use crate::domain::person::{self, Status};
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let emoji = emoji.filter(|emoji| !emoji.is_empty()).map(|emoji| crate::server::emoji::normalize(&emoji)).transpose()?;
    let text = person::status_text(&text.unwrap_or_default())?;
    Ok(app.store.set_status(user.person.id, Status::of(emoji, text)).await?)
}
