//! What this person chooses for a conversation. One that is muted rings again by itself as time goes on.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    api::conversations as ask,
    client::{AppState, browser},
    domain::{ChatError, ConversationId, Level, Millis},
};

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

/// Tomorrow at eight, by a clock that is so far ahead of UTC at a moment.
fn tomorrow_at_eight(now: Millis, ahead: impl Fn(Millis) -> Millis) -> Millis {
    let there = ((now + ahead(now)).div_euclid(DAY) + 1) * DAY + 8 * HOUR;
    // In the night the clock may be set.
    there - ahead(there - ahead(now))
}

impl AppState {
    /// What of a conversation rings for one from here on, and until when nothing of it does.
    ///
    /// # Errors
    /// What the server said.
    pub async fn set_notification_level(self, conversation: ConversationId, level: Level, muted_until: Option<Millis>) -> Result<(), ChatError> {
        ask::set_level(conversation.to_string(), level, muted_until).await
    }

    /// Pins a conversation to the top of one's list, or takes the pin away.
    pub fn pin_conversation(self, conversation: ConversationId, on: bool) {
        self.run_action(async move { ask::pin_conversation(conversation.to_string(), on).await });
    }

    /// In an hour.
    #[must_use]
    pub fn in_an_hour(self) -> Millis {
        browser::now() + HOUR
    }

    /// Tomorrow at eight, where one is.
    #[must_use]
    pub fn tomorrow_morning(self) -> Millis {
        tomorrow_at_eight(browser::now(), browser::utc_offset)
    }

    /// Looks at the time for as long as the page lives.
    pub(in crate::client) fn start_clock(self) {
        self.update_clock();
        // No wait is longer: one of days would be cut short by the browser, or stand still while the machine sleeps.
        let _ = set_interval_with_handle(move || self.update_clock(), Duration::from_millis(MINUTE.unsigned_abs()));
    }

    /// What time it is, now and when the next mute ends.
    pub(in crate::client) fn update_clock(self) {
        let now = browser::now();
        self.now.set(now);
        let next = self
            .conversations
            .with_untracked(|conversations| conversations.all().filter_map(|summary| summary.muted_until).filter(|until| *until > now).min());
        if let Some(rest) = next.map(|until| until - now).filter(|rest| *rest < MINUTE) {
            set_timeout(move || self.update_clock(), Duration::from_millis(rest.unsigned_abs()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tomorrow_begins_at_eight_where_one_is_also_when_the_clock_is_set_in_the_night() {
        let eight = |hours_ahead: i64, now: Millis| tomorrow_at_eight(now, |_| hours_ahead * HOUR);
        assert_eq!(eight(0, 10 * DAY), 11 * DAY + 8 * HOUR);
        assert_eq!(eight(0, 11 * DAY - 1), 11 * DAY + 8 * HOUR);
        assert_eq!(eight(2, 11 * DAY - HOUR), 12 * DAY + 6 * HOUR, "it is tomorrow there already");
        assert_eq!(eight(-5, 10 * DAY + 3 * HOUR), 10 * DAY + 13 * HOUR, "it is yesterday there still");
        let set_at = 11 * DAY + HOUR;
        assert_eq!(tomorrow_at_eight(10 * DAY + 12 * HOUR, |at| if at < set_at { HOUR } else { 2 * HOUR }), 11 * DAY + 6 * HOUR);
    }
}
