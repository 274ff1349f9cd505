//! What is typed ahead. While what was asked for is on its way, what had the focus before would hear it: who goes to somebody by
//! Ctrl+K, a name and Enter would send that name to the conversation that is open. So a field that nobody sees has the focus as long,
//! where all ways of writing work, and what was written there goes where it was meant.

mod replay;

use std::cell::RefCell;

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, Event, HtmlElement, HtmlTextAreaElement, KeyboardEvent};

use crate::client::browser;
use replay::{queue, schedule_replay};

/// What one presses, by its selector.
const PRESSABLE: &str = "a, button, input, textarea, [role=option]";
/// The keys that end what was written before them.
const ENDING_KEYS: [&str; 4] = ["Enter", "Tab", "ArrowDown", "ArrowUp"];

/// Whether something is on its way.
#[derive(Clone, Copy)]
pub(in crate::ui) struct TypeAhead(RwSignal<bool>);

/// Something that was asked for.
#[derive(Clone, Copy)]
pub(in crate::ui) struct PendingTarget {
    type_ahead: TypeAhead,
    id: u32,
    /// What is unset when it is no longer wanted.
    open: Option<RwSignal<bool>>,
}

/// What waits in this page.
#[derive(Default)]
struct State {
    /// What was asked for last, if it is on its way.
    target: Option<PendingTarget>,
    last: u32,
    /// The field; it is in the page while something is on its way.
    field: Option<HtmlTextAreaElement>,
    /// What had the focus before.
    previous_focus: Option<HtmlElement>,
    /// What was written, and the key by which that ended, if it did.
    steps: Vec<(String, Option<&'static str>)>,
    /// They are being handed over.
    replaying: bool,
}

thread_local! {
    // Not to be held while the focus moves: who hears of that asks here, too.
    static STATE: RefCell<State> = RefCell::default();
}

fn with<T>(ask: impl FnOnce(&mut State) -> T) -> T {
    STATE.with_borrow_mut(ask)
}

/// What waits in this page.
pub(in crate::ui) fn use_type_ahead() -> TypeAhead {
    expect_context::<TypeAhead>()
}

impl PendingTarget {
    /// What is written from now on is meant for this. Escape, a press elsewhere and whatever else takes the focus unset `open`.
    pub(in crate::ui) fn new(type_ahead: TypeAhead, open: Option<RwSignal<bool>>) -> Self {
        let (target, before, field) = with(|state| {
            // By the rest of a row it is meant, too.
            if !state.replaying {
                state.steps.clear();
            }
            state.last += 1;
            let target = Self { type_ahead, id: state.last, open };
            (target, state.target.replace(target), state.field.clone().filter(|_| !state.replaying))
        });
        // What was written for what was asked for before.
        if let Some(field) = field {
            field.set_value("");
        }
        if let Some(open) = before.and_then(|before| before.open) {
            let _ = open.try_set(false);
        }
        type_ahead.0.set(true);
        // A dialog that closes in this moment gives it to what had it first.
        spawn_local(async { capture_focus() });
        target
    }

    /// Whether it is still waited for.
    pub(in crate::ui) fn is_wanted(self) -> bool {
        with(|state| state.target.is_some_and(|target| target.id == self.id))
    }

    /// It is here and shown by `show`, which gives it the focus: what was written goes there, if it is still wanted.
    pub(in crate::ui) fn arrive(self, show: impl FnOnce()) {
        let is_wanted = self.is_wanted();
        if is_wanted {
            finish_step(None);
            self.leave();
            // A dialog gives the focus back to what has it when it opens.
            if self.open.is_some() {
                restore_focus();
            }
        }
        show();
        if is_wanted && with(|state| !state.steps.is_empty() && !std::mem::replace(&mut state.replaying, true)) {
            schedule_replay();
        }
    }

    /// It does not come, or nobody waits for it any more.
    pub(in crate::ui) fn cancel(self) {
        if self.is_wanted() {
            with(|state| state.steps.clear());
            self.leave();
            restore_focus();
        }
    }

    fn leave(self) {
        let field = with(|state| {
            state.target = None;
            state.field.clone()
        });
        self.type_ahead.0.set(false);
        if let Some(field) = field {
            field.set_value("");
            field.remove();
        }
    }
}

/// Nobody waits any more for what is on its way; whether somebody did.
fn abandon() -> bool {
    let Some(target) = with(|state| state.target) else { return false };
    with(|state| state.steps.clear());
    target.leave();
    if let Some(open) = target.open {
        let _ = open.try_set(false);
    }
    true
}

fn restore_focus() {
    if let Some(previous_focus) = with(|state| state.previous_focus.take()) {
        let _ = previous_focus.focus();
    }
}

fn is_own(target: Option<&impl AsRef<JsValue>>) -> bool {
    with(|state| state.field.as_ref().is_some_and(|field| target.is_some_and(|element| element.as_ref() == AsRef::<JsValue>::as_ref(field))))
}

fn capture_focus() {
    let now = document().active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
    // Where one touches, a keyboard would jump up, and Enter sends nothing.
    if browser::is_touch() || is_own(now.as_ref()) || with(|state| state.target.is_none()) {
        return;
    }
    let field = with(|state| {
        state.previous_focus = now;
        state.field = state.field.take().or_else(make);
        state.field.clone()
    });
    let place = document().query_selector(".toasts").ok().flatten();
    if let Some((place, field)) = place.zip(field) {
        let _ = place.append_child(&field);
        let _ = field.focus();
    }
}

fn make() -> Option<HtmlTextAreaElement> {
    let field: HtmlTextAreaElement = document().create_element("textarea").ok()?.dyn_into().ok()?;
    field.set_class_name("hidden");
    field.set_attribute("aria-label", "Please wait…").ok().map(|()| field)
}

/// What was written ends here.
fn finish_step(key: Option<&'static str>) {
    with(|state| {
        let Some(field) = &state.field else { return };
        let text = field.value();
        field.set_value("");
        if key.is_some() || !text.is_empty() {
            state.steps.push((text, key));
        }
    });
}

/// Listens, for as long as the page lives, before all others.
fn listen() {
    let listener = Closure::<dyn Fn(Event)>::new(|event: Event| {
        let is_taken = match (event.dyn_ref::<KeyboardEvent>(), event.type_().as_str()) {
            // What is handed over comes by here, too.
            (Some(key), _) => key.is_trusted() && if is_own(key.target().as_ref()) { handle_key(key) } else { queue(key) },
            (None, "pointerdown") => {
                // Not by scrolling.
                let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
                if target.is_some_and(|target| target.closest(PRESSABLE).is_ok_and(|pressed| pressed.is_some())) && abandon() {
                    restore_focus();
                }
                false
            }
            (None, _) => {
                // Not when the whole window is left. What else took the focus keeps it.
                if is_own(event.target().as_ref()) && document().has_focus().unwrap_or(true) {
                    abandon();
                }
                false
            }
        };
        if is_taken {
            event.prevent_default();
            event.stop_immediate_propagation();
        }
    });
    let listener = listener.into_js_value();
    for name in ["keydown", "pointerdown", "focusout"] {
        let _ = window().add_event_listener_with_callback_and_bool(name, listener.unchecked_ref(), true);
    }
}

/// Whether a key in the field was taken.
fn handle_key(event: &KeyboardEvent) -> bool {
    let key = event.key();
    if browser::is_composing(event) || event.alt_key() || key == "Enter" && event.shift_key() {
        return false;
    }
    if key == "Escape" {
        abandon();
        restore_focus();
        return true;
    }
    let ending = ENDING_KEYS.into_iter().find(|ending| *ending == key);
    // One that is held down is one.
    if ending.is_some() && !(event.repeat() && key == "Enter") {
        finish_step(ending);
    }
    ending.is_some()
}

/// Lets what is in this part of the page wait.
pub(in crate::ui) fn provide() {
    provide_context(TypeAhead(RwSignal::new(false)));
    Effect::new(listen);
}

/// That something is on its way, where that takes a while.
#[component]
pub(in crate::ui) fn PendingNotice() -> impl IntoView {
    let TypeAhead(awaited) = use_type_ahead();
    let shown = move || awaited.get().then(|| view! { <p class="toast soon">"Please wait…" <span class="by-keys">"Press Esc to cancel"</span></p> });
    view! { <div role="status">{shown}</div> }
}
