//! What a person can do, by noun: each action asks the server and leaves the result to the event stream, unless it says otherwise.

pub mod avatars;
pub mod groups;
pub mod history;
mod last_visited;
pub mod messages;
mod notification_levels;
mod read_state;
mod settings;

use leptos::task::spawn_local;

use super::AppState;
use crate::domain::ChatError;

impl AppState {
    /// Does something whose success the stream tells, and says what went wrong.
    pub(in crate::client) fn run_action(self, deed: impl Future<Output = Result<(), ChatError>> + 'static) {
        spawn_local(async move {
            if let Err(error) = deed.await {
                self.show_error(error.message);
            }
        });
    }
}
