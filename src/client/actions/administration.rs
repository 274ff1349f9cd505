//! Administration: people, invitations, the settings of the workspace, and the audit log.

use leptos::prelude::Set;

use crate::{
    api::{administration, credentials, invitations},
    client::AppState,
    domain::{
        ChatError, Millis, PersonId, Role,
        account::{AuditAction, AuditPage, Invitation, PasswordReset, PeoplePage},
        workspace::{WorkspaceChange, WorkspaceSettings},
    },
};

impl AppState {
    /// A page of people: those that match, with this role, after a person.
    ///
    /// # Errors
    /// What the server said.
    pub async fn managed_people(
        self,
        query: String,
        role: Option<Role>,
        after: Option<PersonId>,
    ) -> Result<PeoplePage, ChatError> {
        let role = role.map(|role| role.as_str().to_owned());
        administration::people(Some(query), role, after.map(|id| id.to_string())).await
    }

    /// Changes the role of a person.
    ///
    /// # Errors
    /// What the server said.
    pub async fn set_role(self, person: PersonId, role: Role) -> Result<(), ChatError> {
        administration::set_role(person.to_string(), role.as_str().to_owned()).await
    }

    /// Deactivates or reactivates an account.
    ///
    /// # Errors
    /// What the server said.
    pub async fn set_active(self, person: PersonId, active: bool) -> Result<(), ChatError> {
        if active {
            administration::reactivate(person.to_string()).await
        } else {
            administration::deactivate(person.to_string()).await
        }
    }

    /// Ends all sessions of a person.
    ///
    /// # Errors
    /// What the server said.
    pub async fn end_sessions_of(self, person: PersonId) -> Result<(), ChatError> {
        administration::end_sessions(person.to_string()).await
    }

    /// Issues a password reset for a person.
    ///
    /// # Errors
    /// What the server said.
    pub async fn issue_reset(self, person: PersonId) -> Result<PasswordReset, ChatError> {
        credentials::issue_reset(person.to_string()).await
    }

    /// Creates an invitation to the workspace.
    ///
    /// # Errors
    /// What the server said; `field` names what is to blame.
    pub async fn create_invitation(
        self,
        expires_in: Option<Millis>,
        uses: Option<u32>,
        role: Role,
    ) -> Result<Invitation, ChatError> {
        let role = Some(role.as_str().to_owned());
        invitations::create_invitation(expires_in, uses, role, Vec::new()).await
    }

    /// The invitations, the latest first.
    ///
    /// # Errors
    /// What the server said.
    pub async fn invitations(self) -> Result<Vec<Invitation>, ChatError> {
        invitations::invitations().await
    }

    /// Revokes an invitation.
    ///
    /// # Errors
    /// What the server said.
    pub async fn revoke_invitation(self, id: String) -> Result<(), ChatError> {
        invitations::revoke_invitation(id).await
    }

    /// Entries of the audit log before one, the latest first, of all kinds or of one.
    ///
    /// # Errors
    /// What the server said.
    pub async fn audit_log(
        self,
        before: Option<u64>,
        action: Option<AuditAction>,
    ) -> Result<AuditPage, ChatError> {
        let action = action.map(|action| action.as_str().to_owned());
        administration::audit_log(before, None, action).await
    }

    /// The settings of the workspace.
    ///
    /// # Errors
    /// What the server said.
    pub async fn workspace_settings(self) -> Result<WorkspaceSettings, ChatError> {
        administration::workspace_settings().await
    }

    /// Changes the settings of the workspace.
    ///
    /// # Errors
    /// What the server said; `field` names what is to blame.
    pub async fn set_workspace(self, to: WorkspaceChange) -> Result<WorkspaceSettings, ChatError> {
        let now = administration::set_workspace(
            to.name,
            to.registration.map(|mode| mode.as_str().to_owned()),
            to.link_previews,
            to.group_creators.map(|role| role.as_str().to_owned()),
            to.next_steps,
        )
        .await?;
        self.workspace.set(now.workspace.clone().into());
        Ok(now)
    }

    /// Hides the list of next steps, for all administrators.
    ///
    /// # Errors
    /// What the server said.
    pub async fn dismiss_next_steps(self) -> Result<(), ChatError> {
        let to = WorkspaceChange { next_steps: Some(false), ..WorkspaceChange::default() };
        self.set_workspace(to).await?;
        Ok(())
    }
}
