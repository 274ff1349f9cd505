//! Own typing signals.

use leptos::prelude::*;

use crate::{
    client::{
        AppState, ConnectionStatus, browser, connection,
        state::conversations::Conversations,
        tabs::{leader, tab_message::TabMessage},
    },
    domain::{ConversationId, Millis},
};

/// Interval between own typing signals, in milliseconds. The server forwards one per 3 seconds at
/// most.
const TYPING_INTERVAL: Millis = 3_200;

impl AppState {
    /// Sends a typing signal at intervals, unless the user does not share it.
    pub fn notify_typing(self, conversation: ConversationId) {
        let now = browser::now();
        let privacy = self.conversations.with_untracked(Conversations::privacy);
        let silent = self.connection.get_untracked() != ConnectionStatus::Live
            || !privacy.shows_typing
            || !privacy.shows_presence;
        if silent || self.open.with_value(|open| now - open.typing_sent_at < TYPING_INTERVAL) {
            return;
        }
        self.open.update_value(|open| open.typing_sent_at = now);
        if leader::is_leader() {
            connection::send_typing(self, conversation);
        } else {
            leader::broadcast(&TabMessage::Typing(conversation));
        }
    }
}
