//! The conversation that was open last: the next visit to `/` opens it. Kept in a cookie, so that the server renders it.

use leptos::prelude::*;

use crate::{
    api::conversations::LAST_VISITED,
    client::{AppState, browser},
    domain::ConversationId,
};

/// How long it is kept, in seconds: a year.
const KEPT: u32 = 31_536_000;

impl AppState {
    /// What `/` shows beside the list: the conversation that was open last, or Everyone.
    #[must_use]
    pub fn home_conversation(self) -> Option<ConversationId> {
        let last = self.home.get();
        self.conversations.with(|conversations| last.filter(|last| conversations.find(*last).is_some()).or_else(|| conversations.everyone()))
    }

    /// The next page begins with this conversation.
    pub(in crate::client) fn remember_visited(conversation: ConversationId) {
        browser::set_cookie(&format!("{LAST_VISITED}{conversation}; Path=/; SameSite=Lax; Max-Age={KEPT}"));
    }

    /// On a page without a conversation nothing has said which one it was.
    pub(in crate::client) fn restore_visited(self) {
        if self.home.with_untracked(Option::is_none) {
            self.home.set(browser::cookie(LAST_VISITED).and_then(|id| id.parse().ok()));
        }
    }
}
