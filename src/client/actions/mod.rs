//! What a user can do, by noun. An action asks the server; its result arrives as an event unless
//! its comment says otherwise.

pub mod account;
mod administration;
pub mod avatars;
pub mod groups;
pub mod history;
mod last_visited;
pub mod messages;
mod notification_levels;
mod read_state;
mod settings;
mod typing;

use leptos::task::spawn_local;

use super::AppState;
use crate::domain::ChatError;

impl AppState {
    /// Runs an action whose success arrives as an event, and shows its error.
    pub(in crate::client) fn run_action(
        self,
        action: impl Future<Output = Result<(), ChatError>> + 'static,
    ) {
        spawn_local(async move {
            if let Err(error) = action.await {
                self.show_error(error.message);
            }
        });
    }
}
