//! One's password and sessions, and the ways back into an account.

use leptos::prelude::*;

use super::transport::JsonRpc;
use crate::domain::{
    ChatError, Person,
    account::{self, PasswordReset, Session},
};

/// Changes the password of the current user. All their other sessions end.
///
/// # Errors
/// `invalid` at `current` if it is wrong, and at `new` if it is too easy to guess; `too_many` after
/// several wrong passwords.
#[server(endpoint = "change_password", protocol = JsonRpc)]
pub async fn change_password(current: String, new: String) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.change_password(&user, current, new).await?)
}

/// Returns the sessions of the current user, the one used last first.
///
/// # Errors
/// `no_session`.
#[server(endpoint = "sessions", protocol = JsonRpc)]
pub async fn sessions() -> Result<Vec<Session>, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.store.sessions(user.person.id, &user.session).await?)
}

/// Ends a session of the current user and closes its sockets.
///
/// # Errors
/// `not_found` if it is not theirs.
#[server(endpoint = "end_session", protocol = JsonRpc)]
pub async fn end_session(session: String) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.store.end_session_of(user.person.id, session).await?)
}

/// Ends all sessions of the current user but this one.
///
/// # Errors
/// `no_session`.
#[server(endpoint = "end_other_sessions", protocol = JsonRpc)]
pub async fn end_other_sessions() -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.store.end_other_sessions(user.actor()).await?)
}

/// Replaces the recovery codes of the current user. They are shown this once.
///
/// # Errors
/// `invalid` at `password` if it is wrong; `too_many` after several wrong passwords.
#[server(endpoint = "recovery_codes", protocol = JsonRpc)]
pub async fn recovery_codes(password: String) -> Result<account::RecoveryCodes, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.recovery_codes(&user, password).await?)
}

/// Returns how many recovery codes the current user has left.
///
/// # Errors
/// `no_session`.
#[server(endpoint = "recovery_codes_left", protocol = JsonRpc)]
pub async fn recovery_codes_left() -> Result<usize, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.store.unused_recovery_codes(user.person.id).await?)
}

/// Sets a new password with a recovery code, ends all sessions, and signs the person in.
///
/// # Errors
/// `wrong_credentials` if the username or the code is wrong or the code was used; `invalid` at
/// `new`.
#[server(endpoint = "recover", protocol = JsonRpc)]
pub async fn recover(username: String, code: String, new: String) -> Result<Person, ChatError> {
    use crate::server::auth::current_user::{self, CurrentUser};
    let (app, _) = CurrentUser::from_context()?;
    let client = current_user::ClientInfo::from_context()?;
    let (person, token) = app.recover(&username, &code, new, &client).await?;
    current_user::set_session_cookie(&app, Some(&token));
    Ok(person)
}

/// Issues a password reset for another person: a link that works once, within 30 minutes, and lets
/// them choose a new password. Earlier ones are void.
///
/// # Errors
/// `forbidden` for everyone but administrators, and moderators for people without a role whom they
/// invited; `not_found`; `conflict` for oneself and for deactivated accounts.
#[server(endpoint = "issue_reset", protocol = JsonRpc)]
pub async fn issue_reset(person: String) -> Result<PasswordReset, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let person = crate::domain::PersonId::parse(&person)?;
    Ok(app.issue_reset(&user, person).await?)
}

/// Sets a new password with a password reset, ends all sessions, and signs the person in.
///
/// # Errors
/// `invalid` at `new`; `not_found` if the reset has expired or was used.
#[server(endpoint = "reset_password", protocol = JsonRpc)]
pub async fn reset_password(code: String, new: String) -> Result<Person, ChatError> {
    use crate::server::auth::current_user::{self, CurrentUser};
    let (app, _) = CurrentUser::from_context()?;
    let client = current_user::ClientInfo::from_context()?;
    let (person, token) = app.reset_password(&code, new, &client).await?;
    current_user::set_session_cookie(&app, Some(&token));
    Ok(person)
}
