//! The current user's status, privacy and reading settings, and the last time somebody else was online.

use leptos::prelude::*;

use crate::{
    api::{accounts, people},
    client::AppState,
    domain::{ChatError, Millis, PersonId, person::Privacy},
};

impl AppState {
    /// From here on what is seen is read only when one says so, or by itself again.
    pub fn set_manual_read(self, by_hand: bool) {
        self.run_action(async move {
            let done = accounts::set_reading(by_hand).await;
            if done.is_err() {
                // The box goes back to what holds.
                self.conversations.update(|_| {});
            }
            done
        });
    }

    /// When somebody was last online, as far as it is known and told.
    pub async fn last_seen(self, person: PersonId) -> Option<Millis> {
        people::last_seen(person.to_string()).await.ok().flatten()
    }

    /// Says something else of oneself; nothing by empty ones.
    ///
    /// # Errors
    /// What the server said; `field` names what is to blame.
    pub async fn set_status(self, emoji: String, text: String) -> Result<(), ChatError> {
        people::set_status(Some(emoji), Some(text)).await
    }

    /// Lets others know something else.
    ///
    /// # Errors
    /// What the server said.
    pub async fn set_privacy(self, privacy: Privacy) -> Result<(), ChatError> {
        accounts::set_privacy(privacy.shows_reading, privacy.shows_typing, Some(privacy.shows_presence)).await
    }
}
