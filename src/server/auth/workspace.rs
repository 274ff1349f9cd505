//! Setting up the workspace, and changing its settings.

use super::{
    Token, code_hash,
    current_user::{ClientInfo, CurrentUser},
    local_request::is_loopback_host,
};
use crate::{
    domain::{
        ChatError, Code, Person, Registration, Right, Workspace, person,
        workspace::{self, WorkspaceChange, WorkspaceSettings},
    },
    server::{
        App,
        error::AppError,
        store::{NewWorkspace, already_set_up},
    },
};

/// What somebody typed to set up the workspace.
#[derive(Clone, Debug, Default)]
pub struct SetupForm {
    /// The name of the workspace.
    pub workspace: String,
    /// The administrator's username.
    pub username: String,
    /// The administrator's display name.
    pub display_name: String,
    /// The administrator's password.
    pub password: String,
    /// Who can register.
    pub registration: String,
    /// The setup code.
    pub code: String,
}

/// While the workspace is empty, only a browser on this machine signs up without the setup code.
pub(super) fn not_set_up() -> ChatError {
    ChatError::forbidden(
        "This workspace is not set up yet. Open /setup, and enter the setup code that the server \
         wrote to its log.",
    )
}

impl App {
    /// Sets up the empty workspace and signs its administrator in.
    ///
    /// # Errors
    /// `conflict` when it is not empty; `invalid` or `conflict` at the field at fault; `forbidden`
    /// at `code` when a setup code is needed and this is not it.
    pub async fn set_up(
        &self,
        form: SetupForm,
        client: &ClientInfo,
    ) -> Result<(Person, Token), AppError> {
        if !self.store.is_empty().await? {
            return Err(already_set_up().into());
        }
        if !client.is_local && !self.is_setup_code(&form.code) {
            let words = if form.code.trim().is_empty() {
                "Enter the setup code that the server wrote to its log."
            } else {
                "This is not the setup code. The server writes it to its log when it starts."
            };
            return Err(ChatError::new(Code::Forbidden, words).at("code").into());
        }
        let name = workspace::name_of("workspace", &form.workspace)?;
        let username = person::username(&form.username)?;
        let display_name = person::display_name(&form.display_name)?;
        let chosen = Registration::of(&form.registration)?;
        let registration = self.config.registration.unwrap_or(chosen);
        let administrator = self.new_person(username, display_name, form.password, None).await?;
        let new = NewWorkspace { name, registration, administrator };
        let person = self.store.set_up(new).await?;
        let token = self.start_session(&person, None, client).await?;
        Ok((person, token))
    }

    /// Compares hashes, so that the time tells nothing of the code.
    fn is_setup_code(&self, typed: &str) -> bool {
        let code = self.setup_code.as_deref().and_then(code_hash);
        code.is_some() && code_hash(typed) == code
    }

    /// The settings of the workspace that apply, for an administrator.
    ///
    /// # Errors
    /// `forbidden` for everyone else.
    pub async fn workspace_settings(
        &self,
        user: &CurrentUser,
    ) -> Result<WorkspaceSettings, AppError> {
        user.person.require(Right::ManageWorkspace)?;
        let stored = self.store.workspace().await?;
        let (mut fixed, mut done) = (Vec::new(), Vec::new());
        if self.config.registration.is_some() {
            fixed.push("registration".to_owned());
        }
        if self.config.link_previews.is_some() {
            fixed.push("link_previews".to_owned());
        }
        if stored.next_steps {
            let (has_people, has_group) = self.store.next_steps().await?;
            let is_public = self.config.origin.as_deref().is_some_and(|ours| {
                !ours.split_once("://").is_some_and(|(_, authority)| is_loopback_host(authority))
            });
            for (step, is_done) in
                [("people", has_people), ("group", has_group), ("public_address", is_public)]
            {
                if is_done {
                    done.push(step.to_owned());
                }
            }
        }
        let workspace = Workspace {
            registration: self.config.registration.unwrap_or(stored.registration),
            link_previews: self.config.link_previews.unwrap_or(stored.link_previews),
            ..stored
        };
        Ok(WorkspaceSettings { workspace, fixed, done })
    }

    /// Changes the settings of the workspace. They apply at once.
    ///
    /// # Errors
    /// `forbidden` for everyone but administrators; `conflict` at a setting that the command line
    /// sets to something else.
    pub async fn set_workspace(
        &self,
        user: &CurrentUser,
        mut change: WorkspaceChange,
    ) -> Result<WorkspaceSettings, AppError> {
        user.person.require(Right::ManageWorkspace)?;
        for (field, is_other) in [
            ("registration", is_other(self.config.registration, change.registration)),
            ("link_previews", is_other(self.config.link_previews, change.link_previews)),
        ] {
            if is_other {
                return Err(ChatError::conflict(
                    "The configuration of the server sets this. Change it there.",
                )
                .at(field)
                .into());
            }
        }
        // What is stored applies again when the server no longer sets it.
        if self.config.registration.is_some() {
            change.registration = None;
        }
        if self.config.link_previews.is_some() {
            change.link_previews = None;
        }
        let now = self.store.change_workspace(user.actor(), change).await?;
        self.link_previews.set_enabled(self.config.link_previews.unwrap_or(now.link_previews));
        self.workspace_settings(user).await
    }
}

/// Whether a setting would be other than what the configuration sets.
fn is_other<T: PartialEq>(fixed: Option<T>, to: Option<T>) -> bool {
    fixed.zip(to).is_some_and(|(fixed, to)| fixed != to)
}
