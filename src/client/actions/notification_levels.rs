//! Notification level, mute and pin of a conversation, and the clock that ends a mute.

use std::time::Duration;

use leptos::prelude::*;

use crate::{
    api::conversations as ask,
    client::{AppState, browser},
    domain::{
        ChatError, ConversationId, Millis, NotificationLevel,
        time::{DAY, HOUR, MINUTE, day_of},
    },
};

/// Eight o'clock tomorrow, local time. `ahead` is the offset from UTC at a given time, in
/// milliseconds.
fn tomorrow_at_eight(now: Millis, ahead: impl Fn(Millis) -> Millis) -> Millis {
    let there = (day_of(now + ahead(now)) + 1) * DAY + 8 * HOUR;
    // Daylight saving may change during the night.
    there - ahead(there - ahead(now))
}

impl AppState {
    /// Sets the notification level of a conversation, and until when it is muted.
    ///
    /// # Errors
    /// What the server said.
    pub async fn set_notification_level(
        self,
        conversation: ConversationId,
        level: NotificationLevel,
        muted_until: Option<Millis>,
    ) -> Result<(), ChatError> {
        ask::set_notification_level(conversation.to_string(), level, muted_until).await
    }

    /// Pins a conversation to the top of the list, or unpins it.
    pub fn pin_conversation(self, conversation: ConversationId, on: bool) {
        self.run_action(async move { ask::pin_conversation(conversation.to_string(), on).await });
    }

    /// One hour from now.
    #[must_use]
    pub fn in_an_hour(self) -> Millis {
        browser::now() + HOUR
    }

    /// Eight o'clock tomorrow, local time.
    #[must_use]
    pub fn tomorrow_morning(self) -> Millis {
        tomorrow_at_eight(browser::now(), browser::utc_offset)
    }

    /// Updates [`AppState::now`] every minute while the page lives.
    pub(in crate::client) fn start_clock(self) {
        self.update_clock();
        // Browsers cut timers of several days short, and they stop while the machine sleeps. So no
        // timer is longer than a minute.
        let _ = set_interval_with_handle(
            move || self.update_clock(),
            Duration::from_millis(MINUTE.unsigned_abs()),
        );
    }

    /// Sets the current time, and again when the next mute ends.
    pub(in crate::client) fn update_clock(self) {
        let now = browser::now();
        self.now.set(now);
        let next = self.conversations.with_untracked(|conversations| {
            conversations
                .all()
                .filter_map(|summary| summary.muted_until)
                .filter(|until| *until > now)
                .min()
        });
        if let Some(rest) = next.map(|until| until - now).filter(|rest| *rest < MINUTE) {
            set_timeout(move || self.update_clock(), Duration::from_millis(rest.unsigned_abs()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tomorrow_at_eight_is_local_time_across_daylight_saving_changes() {
        let eight = |hours_ahead: i64, now: Millis| tomorrow_at_eight(now, |_| hours_ahead * HOUR);
        assert_eq!(eight(0, 10 * DAY), 11 * DAY + 8 * HOUR);
        assert_eq!(eight(0, 11 * DAY - 1), 11 * DAY + 8 * HOUR);
        assert_eq!(eight(2, 11 * DAY - HOUR), 12 * DAY + 6 * HOUR, "it is tomorrow there already");
        assert_eq!(
            eight(-5, 10 * DAY + 3 * HOUR),
            10 * DAY + 13 * HOUR,
            "it is yesterday there still"
        );
        let set_at = 11 * DAY + HOUR;
        assert_eq!(
            tomorrow_at_eight(10 * DAY + 12 * HOUR, |at| if at < set_at { HOUR } else { 2 * HOUR }),
            11 * DAY + 6 * HOUR
        );
    }
}
