//! What people are called on the screen: whoever shows a name hears when it changes, or when somebody else has it, too.

use leptos::prelude::*;

use crate::{client::AppState, domain::PersonId};

impl AppState {
    /// Somebody's display name.
    #[must_use]
    pub fn name(self, person: PersonId) -> String {
        self.track_names();
        self.roster.with_untracked(|roster| roster.name(person))
    }

    /// Their username with its `@`, where the display name alone does not tell who it is.
    #[must_use]
    pub fn handle(self, person: PersonId) -> Option<String> {
        self.track_names();
        self.roster.with_untracked(|roster| roster.handle(person))
    }

    /// Both, for running text.
    #[must_use]
    pub fn label(self, person: PersonId) -> String {
        self.track_names();
        self.roster.with_untracked(|roster| roster.label(person))
    }

    /// By reading, not by `track`: a memo that nobody has read yet has nothing that would wake it.
    fn track_names(self) {
        self.names_version.with(|_| ());
    }
}
