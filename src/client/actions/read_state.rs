//! Marking messages as read.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::conversations as ask,
    client::{AppState, state::conversations::Conversations},
    domain::{ConversationId, Seq},
};

impl AppState {
    /// Everything up to here was really seen.
    pub fn mark_seen(self, conversation: ConversationId, upto: Seq) {
        let is_news = self.conversations.with_untracked(|conversations| {
            conversations.find(conversation).is_some_and(|summary| summary.read_upto < upto && summary.unread.count() > 0)
        });
        // What was made unread on purpose is not read by still being on the screen.
        let by_hand = self.conversations.with_untracked(Conversations::manual_read);
        if !is_news || by_hand || self.conn.with_value(|conn| conn.kept_unread == Some(conversation)) {
            return;
        }
        self.mark_read(conversation, upto);
    }

    /// Everything of a conversation is read: somebody says so.
    pub fn mark_all_read(self, conversation: ConversationId) {
        let head = self.conversations.with_untracked(|conversations| conversations.find(conversation).map(|summary| summary.head));
        self.conn.update_value(|conn| conn.kept_unread = None);
        head.into_iter().for_each(|head| self.mark_read(conversation, head));
    }

    fn mark_read(self, conversation: ConversationId, upto: Seq) {
        self.conversations.update(|conversations| conversations.mark_read(conversation, upto));
        spawn_local(async move {
            // One that is lost heals by the next.
            let _ = ask::mark_read(conversation.to_string(), upto).await;
        });
    }
}
