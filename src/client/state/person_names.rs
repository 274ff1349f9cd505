//! Reactive names of users: a view is notified when a name changes or becomes ambiguous.

use leptos::prelude::*;

use crate::{client::AppState, domain::PersonId};

impl AppState {
    /// A user's display name.
    #[must_use]
    pub fn name(self, person: PersonId) -> String {
        self.track_names();
        self.roster.with_untracked(|roster| roster.name(person))
    }

    /// `@` and username, if the display name is ambiguous.
    #[must_use]
    pub fn handle(self, person: PersonId) -> Option<String> {
        self.track_names();
        self.roster.with_untracked(|roster| roster.handle(person))
    }

    /// Display name, with the username if it is ambiguous.
    #[must_use]
    pub fn label(self, person: PersonId) -> String {
        self.track_names();
        self.roster.with_untracked(|roster| roster.label(person))
    }

    /// The current user's username.
    #[must_use]
    pub fn my_username(self) -> String {
        self.track_names();
        let me = self.roster.with_untracked(|roster| roster.find(self.my_id()).cloned());
        me.map(|me| me.username).unwrap_or_default()
    }

    /// Reads the memo: `track` does not subscribe to one that was never read.
    fn track_names(self) {
        self.names_version.with(|_| ());
    }
}
