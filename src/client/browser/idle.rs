//! Whether somebody is at this browser: when one of its tabs was last touched. The tab that keeps the socket says so.

use std::cell::Cell;

use leptos::prelude::window_event_listener_untyped;

use crate::{
    client::{
        browser,
        tabs::{leader, tab_message::TabMessage},
    },
    domain::Millis,
};

/// After so long without a touch nobody is there, in milliseconds.
const IDLE_AFTER: Millis = 5 * 60 * 1000;
/// How often other tabs are told of touches, in milliseconds: it only has to be often beside [`IDLE_AFTER`].
const BROADCAST_INTERVAL: Millis = 20 * 1000;

thread_local! {
    static LAST_ACTIVITY: Cell<Millis> = const { Cell::new(0) };
    static LAST_BROADCAST: Cell<Millis> = const { Cell::new(0) };
}

/// Looks out for touches, for as long as the page lives.
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

/// Some tab was touched just now.
pub(in crate::client) fn record_activity() {
    LAST_ACTIVITY.set(browser::now());
}

/// Whether no tab was touched for five minutes.
pub(in crate::client) fn is_idle() -> bool {
    browser::now() - LAST_ACTIVITY.get() >= IDLE_AFTER
}
