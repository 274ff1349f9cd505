//! Replays type-ahead step by step, each where the previous one led.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlTextAreaElement, KeyboardEvent, KeyboardEventInit};

use super::{ENDING_KEYS, with};
use crate::client::browser;

/// Queues keys typed during a replay. Returns whether the key was taken.
pub(super) fn queue(event: &KeyboardEvent) -> bool {
    let key = event.key();
    let is_letter =
        key.chars().count() == 1 && !(event.ctrl_key() || event.meta_key() || event.alt_key());
    let is_enter = key == "Enter" && !event.shift_key();
    let is_composing = browser::is_composing(event);
    with(|state| {
        let is_taken = state.replaying && !is_composing && (is_letter || is_enter);
        if is_taken {
            state.steps.push(if is_enter {
                (String::new(), Some(ENDING_KEYS[0]))
            } else {
                (key, None)
            });
        }
        is_taken
    })
}

/// The new view has the focus after all effects have run; some take it in the next frame.
pub(super) fn schedule_replay() {
    request_animation_frame(|| set_timeout(replay_step, Duration::ZERO));
}

fn replay_step() {
    let step = with(|state| {
        // The last key may have opened another pending view: the rest waits for that.
        state.replaying = state.target.is_none() && !state.steps.is_empty();
        state.replaying.then(|| state.steps.remove(0))
    });
    let Some((text, key)) = step else { return };
    let at = document().active_element().filter(is_field);
    if at.is_some() && !text.is_empty() {
        browser::insert_text(&text);
    }
    match (at, key) {
        // Without a field the text is dropped: elsewhere letters are shortcuts. And only the
        // browser can do what Tab does.
        (None, _) | (_, Some("Tab")) => with(|state| state.steps.clear()),
        (Some(at), Some(key)) => dispatch_key(&at, key),
        (Some(_), None) => {}
    }
    schedule_replay();
}

fn is_field(element: &Element) -> bool {
    element.has_type::<HtmlInputElement>() || element.has_type::<HtmlTextAreaElement>()
}

/// Dispatches a key in a field and does its default action.
fn dispatch_key(field: &Element, key: &str) {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_bubbles(true);
    init.set_cancelable(true);
    let untaken = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init)
        .and_then(|event| field.dispatch_event(&event));
    match (untaken, key, field.dyn_ref::<HtmlInputElement>()) {
        (Ok(true), "Enter", None) => browser::insert_text("\n"),
        (Ok(true), "Enter", Some(field)) => drop(field.form().map(|form| form.request_submit())),
        _ => {}
    }
}
