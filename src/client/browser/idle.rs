//! Whether somebody is at this browser: when one of its tabs was last touched. The tab that keeps the socket says so.

use std::cell::Cell;

use leptos::prelude::window_event_listener_untyped;

use crate::{
    client::{
        browser,
        tabs::{leader, tab_message::Note},
    },
    domain::Millis,
};

/// After so long without a touch nobody is there, in milliseconds.
const IDLE_AFTER: Millis = 5 * 60 * 1000;
/// How often other tabs are told of touches, in milliseconds: it only has to be often beside [`IDLE_AFTER`].
const TELLS_EVERY: Millis = 20 * 1000;

thread_local! {
    static TOUCHED: Cell<Millis> = const { Cell::new(0) };
    static TOLD: Cell<Millis> = const { Cell::new(0) };
}

/// Looks out for touches, for as long as the page lives.
pub(in crate::client) fn look_out() {
    happened();
    for event in ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"] {
        let _ = window_event_listener_untyped(event, |_| {
            happened();
            let now = browser::now();
            if now - TOLD.get() > TELLS_EVERY {
                TOLD.set(now);
                leader::tell(&Note::Touch);
            }
        });
    }
}

/// Some tab was touched just now.
pub(in crate::client) fn happened() {
    TOUCHED.set(browser::now());
}

/// Whether no tab was touched for five minutes.
pub(in crate::client) fn is_idle() -> bool {
    browser::now() - TOUCHED.get() >= IDLE_AFTER
}
