//! What is typed ahead. While what was asked for is on its way, keys would reach what has the focus still: who goes to somebody by
//! Ctrl+K, a name and Enter would send that name to the conversation that is open. They wait, and go where they were meant.

use std::{cell::RefCell, collections::VecDeque, time::Duration};

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, Event, HtmlFormElement, HtmlInputElement, HtmlTextAreaElement, KeyboardEvent};

use crate::client::{Chat, browser};

/// While one is kept, keys wait. One that is dropped forgets them, unless another is kept.
pub(in crate::ui) struct Hold {
    chat: Chat,
    id: u32,
}

#[derive(Default)]
struct Ahead {
    last: u32,
    /// What is on its way, and what is to be unset by who no longer wants it.
    holds: Vec<(u32, Option<RwSignal<bool>>)>,
    keys: VecDeque<KeyboardEvent>,
    /// They are being handed over.
    handing: bool,
}

thread_local! {
    static AHEAD: RefCell<Ahead> = RefCell::default();
}

impl Hold {
    /// Keys wait from now on for what is opened; Escape and any press unset `open`.
    pub(in crate::ui) fn new(chat: Chat, open: Option<RwSignal<bool>>) -> Self {
        let id = AHEAD.with_borrow_mut(|ahead| {
            ahead.last += 1;
            ahead.holds.push((ahead.last, open));
            ahead.last
        });
        chat.awaited.set(true);
        Self { chat, id }
    }

    /// It is here: keys go to what has the focus now.
    pub(in crate::ui) fn hand_over(self) {
        let begins = AHEAD.with_borrow_mut(|ahead| {
            let was_wanted = ahead.let_go(self.id);
            was_wanted && ahead.holds.is_empty() && !std::mem::replace(&mut ahead.handing, true)
        });
        if begins {
            hand_soon();
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let waits = AHEAD.with_borrow_mut(|ahead| {
            if ahead.let_go(self.id) && ahead.holds.is_empty() {
                ahead.keys.clear();
            }
            !ahead.holds.is_empty()
        });
        let _ = self.chat.awaited.try_set(waits);
    }
}

impl Ahead {
    /// Whether it was still wanted.
    fn let_go(&mut self, id: u32) -> bool {
        let before = self.holds.len();
        self.holds.retain(|(kept, _)| *kept != id);
        self.holds.len() < before
    }
}

/// Listens, for as long as the page lives. Before all others: the key is not to reach what has the focus.
pub(in crate::ui) fn listen(chat: Chat) {
    let key = Closure::<dyn Fn(KeyboardEvent)>::new(move |event: KeyboardEvent| {
        // What is handed over comes by here, too.
        if event.is_trusted() && keep(chat, &event) {
            event.prevent_default();
            event.stop_immediate_propagation();
        }
    });
    let press = Closure::<dyn Fn(Event)>::new(move |_: Event| {
        give_up(chat);
    });
    for (name, listener) in [("keydown", key.into_js_value()), ("pointerdown", press.into_js_value())] {
        let _ = window().add_event_listener_with_callback_and_bool(name, listener.unchecked_ref(), true);
    }
}

/// Whether the key was taken.
fn keep(chat: Chat, event: &KeyboardEvent) -> bool {
    if !AHEAD.with_borrow(|ahead| ahead.handing || !ahead.holds.is_empty()) {
        return false;
    }
    match event.key().as_str() {
        "Escape" => return give_up(chat),
        // With Control or without, it would send.
        "Enter" | "Tab" | "Backspace" | "Delete" | "Home" | "End" | "ArrowDown" | "ArrowUp" | "ArrowLeft" | "ArrowRight" => {}
        _ if letter(event).is_some() => {}
        _ => return false,
    }
    AHEAD.with_borrow_mut(|ahead| ahead.keys.push_back(event.clone()));
    true
}

/// Nobody waits any more for what is on its way; whether somebody did.
fn give_up(chat: Chat) -> bool {
    let holds = AHEAD.with_borrow_mut(|ahead| {
        ahead.keys.clear();
        std::mem::take(&mut ahead.holds)
    });
    if holds.is_empty() {
        return false;
    }
    chat.awaited.set(false);
    for open in holds.iter().filter_map(|(_, open)| *open) {
        let _ = open.try_set(false);
    }
    true
}

/// What came has the focus only when all effects have run, and some take it in the next frame.
fn hand_soon() {
    request_animation_frame(|| set_timeout(hand_some, Duration::ZERO));
}

fn hand_some() {
    loop {
        let key = AHEAD.with_borrow_mut(|ahead| {
            // Something may be on its way that the last key asked for.
            let next = if ahead.holds.is_empty() { ahead.keys.pop_front() } else { None };
            ahead.handing = next.is_some();
            next
        });
        let Some(key) = key else { return };
        hand(&key);
        if letter(&key).is_none() {
            return hand_soon();
        }
    }
}

/// Does what the browser does with a key.
fn hand(key: &KeyboardEvent) {
    let Some(at) = document().active_element() else { return };
    if let (Some(letter), true) = (letter(key), is_field(&at)) {
        return browser::put_in(&letter);
    }
    // An event has all that is asked for to make another.
    let Ok(again) = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", key.unchecked_ref()) else { return };
    if at.dispatch_event(&again) != Ok(true) || !is_field(&at) {
        return;
    }
    match (key.key().as_str(), at.dyn_ref::<HtmlInputElement>().and_then(HtmlInputElement::form)) {
        ("Backspace", _) => browser::put_in(""),
        ("Enter", Some(form)) => drop(HtmlFormElement::request_submit(&form)),
        ("Enter", None) if at.has_type::<HtmlTextAreaElement>() => browser::put_in("\n"),
        _ => {}
    }
}

fn is_field(element: &Element) -> bool {
    element.has_type::<HtmlInputElement>() || element.has_type::<HtmlTextAreaElement>()
}

/// What the key writes, if it does.
fn letter(event: &KeyboardEvent) -> Option<String> {
    // With AltGr some keyboards say that Control and Alt are held.
    let command = (event.ctrl_key() || event.meta_key()) && !event.get_modifier_state("AltGraph");
    let key = event.key();
    (!command && !event.is_composing() && key.chars().count() == 1).then_some(key)
}
