//! The conversation that was open last: the next visit to `/` opens it. Kept in a cookie, so that the server renders it.

use leptos::prelude::*;

use crate::{
    api::conversations::LAST_VISITED,
    client::{Chat, browser},
    domain::ConversationId,
};

/// How long it is kept, in seconds: a year.
const KEPT: u32 = 31_536_000;

impl Chat {
    /// What `/` shows beside the list: the conversation that was open last, or Everyone.
    #[must_use]
    pub fn first_conversation(self) -> Option<ConversationId> {
        let last = self.first.get();
        self.book.with(|book| last.filter(|last| book.find(*last).is_some()).or_else(|| book.everyone()))
    }

    /// The next page begins with this conversation.
    pub(in crate::client) fn keep_visit(conversation: ConversationId) {
        browser::keep_cookie(&format!("{LAST_VISITED}{conversation}; Path=/; SameSite=Lax; Max-Age={KEPT}"));
    }

    /// On a page without a conversation nothing has said which one it was.
    pub(in crate::client) fn recall_visit(self) {
        if self.first.with_untracked(Option::is_none) {
            self.first.set(browser::cookie(LAST_VISITED).and_then(|id| id.parse().ok()));
        }
    }
}
