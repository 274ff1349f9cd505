//! The conversation on the screen. Not reactive: the address decides which one is open, and views
//! follow the address.

use leptos::prelude::*;

use crate::{
    client::AppState,
    domain::{ConversationId, Millis},
};

/// The open conversation and what lasts until another one is opened.
#[derive(Default)]
pub(in crate::client) struct OpenConversation {
    id: Option<ConversationId>,
    /// It was marked unread and stays so until the user comes back to it.
    pub(in crate::client) marked_unread: Option<ConversationId>,
    /// When the last typing signal was sent.
    pub(in crate::client) typing_sent_at: Millis,
}

impl AppState {
    /// Whether a conversation is open in this tab.
    #[must_use]
    pub fn is_open(self, conversation: ConversationId) -> bool {
        self.open_conversation_id() == Some(conversation)
    }

    /// The conversation that is open in this tab.
    pub(in crate::client) fn open_conversation_id(self) -> Option<ConversationId> {
        self.open.with_value(|open| open.id)
    }

    /// Records that a conversation is open from now on.
    pub(in crate::client) fn set_open_conversation(self, conversation: ConversationId) {
        self.open.update_value(|open| (open.id, open.marked_unread) = (Some(conversation), None));
    }
}
