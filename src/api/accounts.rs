//! Accounts: sign up, sign in and out, the current user and their settings.

use leptos::prelude::*;

use super::transport::JsonRpc;
use crate::domain::{ChatError, Person};

/// Registers a person and signs them in. The first becomes the administrator; with an invitation,
/// the person gets its role and joins its groups.
///
/// # Errors
/// `invalid` or `conflict` at a field; `forbidden` without an invitation if one is needed;
/// `not_found` if the invitation does not work.
#[server(endpoint = "sign_up", protocol = JsonRpc)]
pub async fn sign_up(
    username: String,
    display_name: String,
    password: String,
    #[server(default)] invitation: Option<String>,
) -> Result<Person, ChatError> {
    use crate::server::auth::current_user::{self, CurrentUser};
    let (app, _) = CurrentUser::from_context()?;
    let client = current_user::ClientInfo::from_context()?;
    let (person, token) =
        app.sign_up(&username, &display_name, password, invitation.as_deref(), &client).await?;
    current_user::set_session_cookie(&app, Some(&token));
    Ok(person)
}

/// Sets up the empty workspace: its name, who can register (`open` or `invite_only`), and its
/// administrator, who is signed in.
///
/// # Errors
/// `conflict` if somebody has registered already; `forbidden` at `code` without the setup code if
/// the request does not come from the server's machine; `invalid` or `conflict` at a field.
#[server(endpoint = "setup", protocol = JsonRpc)]
pub async fn setup(
    workspace: String,
    username: String,
    display_name: String,
    password: String,
    registration: String,
    #[server(default)] code: Option<String>,
) -> Result<Person, ChatError> {
    use crate::server::auth::{
        SetupForm,
        current_user::{self, CurrentUser},
    };
    let (app, _) = CurrentUser::from_context()?;
    let client = current_user::ClientInfo::from_context()?;
    let code = code.unwrap_or_default();
    let form = SetupForm { workspace, username, display_name, password, registration, code };
    let (person, token) = app.set_up(form, &client).await?;
    current_user::set_session_cookie(&app, Some(&token));
    Ok(person)
}

/// Signs a person in. The error does not tell a wrong username from a wrong password.
///
/// # Errors
/// `wrong_credentials`; `too_many` while the account is locked; `busy` if too many sign in at once.
#[server(endpoint = "sign_in", protocol = JsonRpc)]
pub async fn sign_in(username: String, password: String) -> Result<Person, ChatError> {
    use crate::server::auth::current_user::{self, CurrentUser};
    let (app, _) = CurrentUser::from_context()?;
    let (person, token) =
        app.sign_in(&username, password, &current_user::ClientInfo::from_context()?).await?;
    current_user::set_session_cookie(&app, Some(&token));
    Ok(person)
}

/// Ends this session and closes its sockets.
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

/// Returns the current user.
///
/// # Errors
/// `no_session`.
#[server(endpoint = "me", protocol = JsonRpc)]
pub async fn me() -> Result<Person, ChatError> {
    let (_, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(user.person)
}

/// Changes the profile of the current user. What is missing stays as it is; an empty title or time
/// zone is removed.
///
/// # Errors
/// `invalid` or `conflict` at the field.
#[server(endpoint = "set_profile", protocol = JsonRpc)]
pub async fn set_profile(
    #[server(default)] display_name: Option<String>,
    #[server(default)] username: Option<String>,
    #[server(default)] title: Option<String>,
    #[server(default)] time_zone: Option<String>,
) -> Result<Person, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.set_profile(&user, display_name, username, title, time_zone).await?)
}

/// Sets whether others see read receipts, typing and presence of the current user. Without
/// `shows_presence`, presence stays as it is.
///
/// # Errors
/// `no_session`.
#[server(endpoint = "set_privacy", protocol = JsonRpc)]
pub async fn set_privacy(
    shows_reading: bool,
    shows_typing: bool,
    #[server(default)] shows_presence: Option<bool>,
) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.store.set_privacy(user.person.id, shows_reading, shows_typing, shows_presence).await?)
}

/// Sets whether messages are marked as read manually (`by_hand` in the request) or when they are
/// seen.
///
/// # Errors
/// `no_session`.
#[server(endpoint = "set_reading", protocol = JsonRpc)]
pub async fn set_manual_read(#[server(rename = "by_hand")] manual: bool) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.store.set_manual_read(user.person.id, manual).await?)
}
