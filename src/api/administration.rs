//! Administration: people with their activity, roles, deactivation, the settings of the workspace,
//! and the audit log.

use leptos::prelude::*;

use super::transport::JsonRpc;
use crate::domain::{
    ChatError,
    account::{AuditPage, PeoplePage},
    workspace,
};

/// Returns a page of 50 people by display name: those whose name contains `query`, with this role,
/// after a person.
///
/// # Errors
/// `forbidden` for everyone but administrators and moderators; `invalid` at `role`.
#[server(endpoint = "people", protocol = JsonRpc)]
pub async fn people(
    #[server(default)] query: Option<String>,
    #[server(default)] role: Option<String>,
    #[server(default)] after: Option<String>,
) -> Result<PeoplePage, ChatError> {
    use crate::{
        domain::{PersonId, Right, account, role as roles},
        server::store::PeopleQuery,
    };
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    user.person.require(Right::ViewAdministration)?;
    let text = query.unwrap_or_default().trim().to_owned();
    if text.chars().count() > account::MAX_PEOPLE_QUERY {
        return Err(ChatError::invalid("query", "Search for a shorter name."));
    }
    let role = role.filter(|role| !role.is_empty()).map(|role| roles::of(&role)).transpose()?;
    let after = after.map(|id| PersonId::parse(&id).map_err(|e| e.at("after"))).transpose()?;
    Ok(app.store.managed_people(PeopleQuery { text, role, after }).await?)
}

/// Changes the role of a person in the workspace: `administrator`, `moderator` or `member`.
///
/// # Errors
/// `forbidden` for everyone but administrators; `invalid` at `role`; `not_found`; `conflict` for
/// the last administrator.
#[server(endpoint = "set_role", protocol = JsonRpc)]
pub async fn set_role(person: String, role: String) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let person = crate::domain::PersonId::parse(&person)?;
    let role = crate::domain::role::of(&role)?;
    Ok(app.store.set_role(user.actor(), person, role).await?)
}

/// Deactivates an account: its sessions end and it cannot be signed in to. What the person wrote
/// stays.
///
/// # Errors
/// `forbidden` for everyone but administrators and the person; `not_found`; `conflict` for the last
/// administrator.
#[server(endpoint = "deactivate", protocol = JsonRpc)]
pub async fn deactivate(person: String) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let person = crate::domain::PersonId::parse(&person)?;
    Ok(app.store.deactivate(user.actor(), person).await?)
}

/// Reactivates an account.
///
/// # Errors
/// `forbidden` for everyone but administrators; `not_found`.
#[server(endpoint = "reactivate", protocol = JsonRpc)]
pub async fn reactivate(person: String) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let person = crate::domain::PersonId::parse(&person)?;
    Ok(app.store.reactivate(user.actor(), person).await?)
}

/// Ends all sessions of a person and closes their sockets.
///
/// # Errors
/// `forbidden` for everyone but administrators; `not_found`.
#[server(endpoint = "end_sessions", protocol = JsonRpc)]
pub async fn end_sessions(person: String) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let person = crate::domain::PersonId::parse(&person)?;
    Ok(app.store.end_sessions(user.actor(), person).await?)
}

/// Returns 50 entries of the audit log, the latest first: those before an entry, by one person, and
/// of one kind.
///
/// # Errors
/// `forbidden` for everyone but administrators; `invalid` at `actor` or `action`.
#[server(endpoint = "audit_log", protocol = JsonRpc)]
pub async fn audit_log(
    #[server(default)] before: Option<u64>,
    #[server(default)] actor: Option<String>,
    #[server(default)] action: Option<String>,
) -> Result<AuditPage, ChatError> {
    use crate::domain::{PersonId, Right, account::AuditAction};
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    user.person.require(Right::ReadAuditLog)?;
    let actor = actor.map(|id| PersonId::parse(&id).map_err(|e| e.at("actor"))).transpose()?;
    let action = action
        .filter(|action| !action.is_empty())
        .map(|name| {
            AuditAction::parse(&name)
                .ok_or_else(|| ChatError::invalid("action", "This is not an action of the log."))
        })
        .transpose()?;
    Ok(app.store.audit_log(before, actor, action).await?)
}

/// Returns the settings of the workspace, which of them the command line sets, and which of the next
/// steps are done.
///
/// # Errors
/// `forbidden` for everyone but administrators.
#[server(endpoint = "workspace_settings", protocol = JsonRpc)]
pub async fn workspace_settings() -> Result<workspace::WorkspaceSettings, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.workspace_settings(&user).await?)
}

/// Changes settings of the workspace; what is missing stays as it is. They apply at once. Returns
/// them like `workspace_settings`. `registration` is `open` or `invite_only`; `group_creators` is
/// the lowest role that creates groups.
///
/// # Errors
/// `forbidden` for everyone but administrators; `invalid` at a field; `conflict` at a field that the
/// command line sets to something else.
#[server(endpoint = "set_workspace", protocol = JsonRpc)]
pub async fn set_workspace(
    #[server(default)] name: Option<String>,
    #[server(default)] registration: Option<String>,
    #[server(default)] link_previews: Option<bool>,
    #[server(default)] group_creators: Option<String>,
    #[server(default)] next_steps: Option<bool>,
) -> Result<workspace::WorkspaceSettings, ChatError> {
    use crate::domain::{Registration, role};
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let change = workspace::WorkspaceChange {
        name: name.map(|typed| workspace::name_of("name", &typed)).transpose()?,
        registration: registration.map(|mode| Registration::of(&mode)).transpose()?,
        link_previews,
        group_creators: group_creators
            .map(|name| role::of(&name).map_err(|e| e.at("group_creators")))
            .transpose()?,
        next_steps,
    };
    Ok(app.set_workspace(&user, change).await?)
}
