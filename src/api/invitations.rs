//! Invitations: links by which people come into the workspace and into groups.

use leptos::prelude::*;

use super::transport::JsonRpc;
use crate::domain::{
    ChatError, Millis,
    account::{self, InvitationPreview},
};

/// Creates an invitation. `expires_in` is in milliseconds; without it, it does not expire. `uses`
/// limits how many people can accept it. They get the role, and join the groups.
///
/// # Errors
/// `invalid` at `expires_in`, `uses`, `role` or `groups`; `forbidden` for members without a group
/// of their own, and for the role of an administrator for everyone else; `not_found`, `forbidden`
/// or `conflict` for groups to which the current user may not add people.
#[server(endpoint = "create_invitation", protocol = JsonRpc)]
pub async fn create_invitation(
    #[server(default)] expires_in: Option<Millis>,
    #[server(default)] uses: Option<u32>,
    #[server(default)] role: Option<String>,
    #[server(default)] groups: Vec<String>,
) -> Result<account::Invitation, ChatError> {
    use crate::{
        domain::{ConversationId, account::MAX_INVITATION_GROUPS, role as roles},
        server::{auth, store::NewInvitation},
    };
    let (app, user) = auth::current_user::CurrentUser::require_user()?;
    account::check_invitation(expires_in, uses)?;
    let role = role.map(|role| roles::of(&role)).transpose()?.unwrap_or_default();
    if groups.len() > MAX_INVITATION_GROUPS {
        return Err(ChatError::invalid(
            "groups",
            format!("An invitation can include up to {MAX_INVITATION_GROUPS} groups."),
        ));
    }
    let groups = groups
        .iter()
        .map(|id| ConversationId::parse(id).map_err(|error| error.at("groups")))
        .collect::<Result<_, _>>()?;
    let code = auth::random_code()?;
    let new = NewInvitation { code, expires_in, uses, role, groups };
    Ok(app.store.create_invitation(user.actor(), new).await?)
}

/// Returns the invitations, the latest first: all for administrators and moderators, their own for
/// everyone else.
///
/// # Errors
/// `no_session`.
#[server(endpoint = "invitations", protocol = JsonRpc)]
pub async fn invitations() -> Result<Vec<account::Invitation>, ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    Ok(app.store.invitations(&user.person).await?)
}

/// Revokes an invitation. People who accepted it stay.
///
/// # Errors
/// `not_found` for invitations that are not listed.
#[server(endpoint = "revoke_invitation", protocol = JsonRpc)]
pub async fn revoke_invitation(invitation: String) -> Result<(), ChatError> {
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let id = invitation.parse().map_err(|_| ChatError::not_found())?;
    Ok(app.store.revoke_invitation(user.actor(), id).await?)
}

/// Returns what an invitation offers, also without a session.
///
/// # Errors
/// `not_found` if it does not work.
#[server(endpoint = "invitation", protocol = JsonRpc)]
pub async fn invitation(code: String) -> Result<InvitationPreview, ChatError> {
    use crate::domain::secret_code;
    let (app, _) = crate::server::auth::current_user::CurrentUser::from_context()?;
    let code = secret_code::normalize(&code).ok_or_else(account::invalid_link)?;
    Ok(app.store.invitation_preview(&code).await?)
}

/// Joins the groups of an invitation as the current user.
///
/// # Errors
/// `not_found` if it does not work.
#[server(endpoint = "join", protocol = JsonRpc)]
pub async fn join(code: String) -> Result<(), ChatError> {
    use crate::domain::secret_code;
    let (app, user) = crate::server::auth::current_user::CurrentUser::require_user()?;
    let code = secret_code::normalize(&code).ok_or_else(account::invalid_link)?;
    Ok(app.store.join_by_invitation(user.person.id, code).await?)
}
