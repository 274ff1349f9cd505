//! Accounts: registering, signing in and out, and who one is.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::transport::JsonRpc;
use crate::domain::{ChatError, Person};

/// A signing page's form, as it is shown again when something was wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignForm {
    /// As it was typed.
    pub username: String,
    /// As it was typed.
    pub display_name: String,
    /// Where to go afterwards.
    pub next: String,
    /// What was wrong.
    pub error: Option<ChatError>,
}

/// Registers somebody and signs them in.
///
/// # Errors
/// `invalid` or `conflict` at the field that is to blame; `forbidden` where registration is closed.
#[server(endpoint = "sign_up", protocol = JsonRpc)]
pub async fn sign_up(username: String, display_name: String, password: String) -> Result<Person, ChatError> {
    use crate::server::auth::current_user::{self, CurrentUser};
    let (app, _) = CurrentUser::from_context()?;
    let (person, token) = app.sign_up(&username, &display_name, password, &current_user::ClientInfo::from_context()?).await?;
    current_user::set_session_cookie(&app, Some(&token));
    Ok(person)
}

/// Signs somebody in. What is wrong is not said.
///
/// # Errors
/// `wrong_credentials`; `too_many` while the account is closed; `busy` when very many sign in at once.
#[server(endpoint = "sign_in", protocol = JsonRpc)]
pub async fn sign_in(username: String, password: String) -> Result<Person, ChatError> {
    use crate::server::auth::current_user::{self, CurrentUser};
    let (app, _) = CurrentUser::from_context()?;
    let (person, token) = app.sign_in(&username, password, &current_user::ClientInfo::from_context()?).await?;
    current_user::set_session_cookie(&app, Some(&token));
    Ok(person)
}

/// Ends this session; its sockets are closed.
///
/// # Errors
/// `no_session`.
#[server(endpoint = "sign_out", protocol = JsonRpc)]
pub async fn sign_out() -> Result<(), ChatError> {
    use crate::server::auth::current_user::{self, CurrentUser};
    let (app, user) = CurrentUser::require_user()?;
    app.sign_out(&user).await?;
    current_user::set_session_cookie(&app, None);
    Ok(())
}

/// Who is signed in.
///
/// # Errors
/// `no_session`.
#[server(endpoint = "me", protocol = JsonRpc)]
pub async fn me() -> Result<Person, ChatError> {
    let (_, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(user.person)
}

/// Lets others know something else from now on: up to where one has read, that one is typing, and, where it is given, that one is
/// online.
///
/// # Errors
/// `no_session`.
#[server(endpoint = "set_privacy", protocol = JsonRpc)]
pub async fn set_privacy(shows_reading: bool, shows_typing: bool, #[server(default)] shows_presence: Option<bool>) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.store.set_privacy(user.person.id, shows_reading, shows_typing, shows_presence).await?)
}

/// From here on what this person has seen is read only when they say so (`by_hand`), or by itself again. Their apps keep to it.
///
/// # Errors
/// `no_session`.
#[server(endpoint = "set_reading", protocol = JsonRpc)]
pub async fn set_reading(by_hand: bool) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.store.set_manual_read(user.person.id, by_hand).await?)
}
