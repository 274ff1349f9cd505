//! User activity in this browser: the last input in any of its tabs. The leader tab reports
//! idleness.

use std::cell::Cell;

use leptos::prelude::window_event_listener_untyped;

use super::{leader, tab_message::TabMessage};
use crate::{client::browser, domain::Millis};

/// Time without input after which the user is idle, in milliseconds.
const IDLE_AFTER: Millis = 5 * 60 * 1000;
/// How often other tabs are told of input, in milliseconds; much less than [`IDLE_AFTER`].
const BROADCAST_INTERVAL: Millis = 20 * 1000;

thread_local! {
    static LAST_ACTIVITY: Cell<Millis> = const { Cell::new(0) };
    static LAST_BROADCAST: Cell<Millis> = const { Cell::new(0) };
}

/// Watches for input while the page lives.
pub(in crate::client) fn watch_activity() {
    record_activity();
    for event in ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"] {
        let _ = window_event_listener_untyped(event, |_| {
            record_activity();
            let now = browser::now();
            if now - LAST_BROADCAST.get() > BROADCAST_INTERVAL {
                LAST_BROADCAST.set(now);
                leader::broadcast(&TabMessage::Activity);
            }
        });
    }
}

/// Records input in some tab.
pub(in crate::client) fn record_activity() {
    LAST_ACTIVITY.set(browser::now());
}

/// Whether no tab had input for five minutes.
pub(in crate::client) fn is_idle() -> bool {
    browser::now() - LAST_ACTIVITY.get() >= IDLE_AFTER
}
