//! The last visited conversation, which `/` opens. A cookie, so that the server can render it.

use leptos::prelude::*;

use crate::{
    api::conversations::LAST_VISITED,
    client::{AppState, browser},
    domain::ConversationId,
};

/// Lifetime of the cookie, in seconds: one year.
const KEPT: u32 = 31_536_000;

impl AppState {
    /// The conversation that `/` shows beside the list: the last visited one, or Everyone.
    #[must_use]
    pub fn home_conversation(self) -> Option<ConversationId> {
        let last = self.home.get();
        self.conversations.with(|conversations| {
            last.filter(|last| conversations.find(*last).is_some())
                .or_else(|| conversations.everyone())
        })
    }

    /// Remembers the visited conversation for the next page load.
    pub(in crate::client) fn remember_visited(conversation: ConversationId) {
        browser::set_cookie(&format!(
            "{LAST_VISITED}{conversation}; Path=/; SameSite=Lax; Max-Age={KEPT}"
        ));
    }

    /// A page without a conversation did not receive it from the server.
    pub(in crate::client) fn restore_visited(self) {
        if self.home.with_untracked(Option::is_none) {
            self.home.set(browser::cookie(LAST_VISITED).and_then(|id| id.parse().ok()));
        }
    }
}
