//! Marking messages as read.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::conversations as ask,
    client::{AppState, state::conversations::Conversations},
    domain::{ConversationId, Seq},
};

impl AppState {
    /// Marks a conversation as read up to a message that was visible.
    pub fn mark_seen(self, conversation: ConversationId, upto: Seq) {
        let is_news = self.conversations.with_untracked(|conversations| {
            conversations
                .find(conversation)
                .is_some_and(|summary| summary.read_upto < upto && summary.unread.count() > 0)
        });
        // A conversation that was marked unread stays so while it is on the screen.
        let manual = self.conversations.with_untracked(Conversations::manual_read);
        if !is_news
            || manual
            || self.open.with_value(|open| open.marked_unread == Some(conversation))
        {
            return;
        }
        self.mark_read(conversation, upto);
    }

    /// Marks a whole conversation as read on request.
    pub fn mark_all_read(self, conversation: ConversationId) {
        let head = self.conversations.with_untracked(|conversations| {
            conversations.find(conversation).map(|summary| summary.head)
        });
        self.open.update_value(|open| open.marked_unread = None);
        head.into_iter().for_each(|head| self.mark_read(conversation, head));
    }

    fn mark_read(self, conversation: ConversationId, upto: Seq) {
        self.conversations.update(|conversations| conversations.mark_read(conversation, upto));
        spawn_local(async move {
            // A lost request is repaired by the next one.
            let _ = ask::mark_read(conversation.to_string(), upto).await;
        });
    }
}
