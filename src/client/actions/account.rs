//! The current user's account: profile, password, sessions, recovery codes, deactivation.

use crate::{
    api::{accounts, administration, credentials},
    client::AppState,
    domain::{
        ChatError,
        account::{RecoveryCodes, Session},
    },
};

/// What a user can change in their profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileFields {
    /// Display name.
    pub display_name: String,
    /// Username.
    pub username: String,
    /// Title; empty for none.
    pub title: String,
    /// Time zone; empty for none.
    pub time_zone: String,
}

impl AppState {
    /// Changes the current user's profile. The result arrives as an event.
    ///
    /// # Errors
    /// What the server said; `field` names what is to blame.
    pub async fn set_profile(self, to: ProfileFields) -> Result<(), ChatError> {
        let ProfileFields { display_name, username, title, time_zone } = to;
        accounts::set_profile(Some(display_name), Some(username), Some(title), Some(time_zone))
            .await?;
        Ok(())
    }

    /// Changes the current user's password, which ends their other sessions.
    ///
    /// # Errors
    /// What the server said; `field` names what is to blame.
    pub async fn change_password(self, current: String, new: String) -> Result<(), ChatError> {
        credentials::change_password(current, new).await
    }

    /// The current user's sessions, the one used last first.
    ///
    /// # Errors
    /// What the server said.
    pub async fn sessions(self) -> Result<Vec<Session>, ChatError> {
        credentials::sessions().await
    }

    /// Ends one of the current user's sessions, or all but this one.
    ///
    /// # Errors
    /// What the server said.
    pub async fn end_sessions(self, only: Option<String>) -> Result<(), ChatError> {
        match only {
            Some(session) => credentials::end_session(session).await,
            None => credentials::end_other_sessions().await,
        }
    }

    /// Replaces the current user's recovery codes.
    ///
    /// # Errors
    /// What the server said; `field` names what is to blame.
    pub async fn recovery_codes(self, password: String) -> Result<RecoveryCodes, ChatError> {
        credentials::recovery_codes(password).await
    }

    /// How many recovery codes the current user has left.
    ///
    /// # Errors
    /// What the server said.
    pub async fn recovery_codes_left(self) -> Result<usize, ChatError> {
        credentials::recovery_codes_left().await
    }

    /// Deactivates the current user's account, which ends this session.
    ///
    /// # Errors
    /// What the server said.
    pub async fn deactivate_account(self) -> Result<(), ChatError> {
        administration::deactivate(self.my_id().to_string()).await
    }
}
