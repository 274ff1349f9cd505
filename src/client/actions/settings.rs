//! The current user's status, privacy and reading settings, and the last time somebody else was
//! online.

use leptos::prelude::*;

use crate::{
    api::{accounts, people},
    client::AppState,
    domain::{ChatError, Millis, PersonId, person::Privacy},
};

impl AppState {
    /// Turns manual read marking on or off.
    pub fn set_manual_read(self, manual: bool) {
        self.run_action(async move {
            let done = accounts::set_manual_read(manual).await;
            if done.is_err() {
                // Resets the checkbox to the stored value.
                self.conversations.update(|_| {});
            }
            done
        });
    }

    /// When a user was last online, if that is known and shared.
    pub async fn last_seen(self, person: PersonId) -> Option<Millis> {
        people::last_seen(person.to_string()).await.ok().flatten()
    }

    /// Sets the current user's status. Empty values clear it.
    ///
    /// # Errors
    /// What the server said; `field` names what is to blame.
    pub async fn set_status(self, emoji: String, text: String) -> Result<(), ChatError> {
        people::set_status(Some(emoji), Some(text)).await
    }

    /// Sets what the current user shares with others.
    ///
    /// # Errors
    /// What the server said.
    pub async fn set_privacy(self, privacy: Privacy) -> Result<(), ChatError> {
        accounts::set_privacy(
            privacy.shows_reading,
            privacy.shows_typing,
            Some(privacy.shows_presence),
        )
        .await
    }
}
