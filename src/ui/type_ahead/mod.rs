//! Type-ahead: keys typed while a requested view is loading go to that view. Otherwise Ctrl+K, a
//! name and Enter would send the name to the open conversation. A hidden field has the focus
//! meanwhile, so that all input methods work.

mod replay;

use std::cell::RefCell;

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, Event, HtmlElement, HtmlTextAreaElement, KeyboardEvent};

use crate::{client::browser, ui::text};
use replay::{queue, schedule_replay};

/// Selector of what can be pressed.
const PRESSABLE: &str = "a, button, input, textarea, [role=option]";
/// Keys that end a step of input.
const ENDING_KEYS: [&str; 4] = ["Enter", "Tab", "ArrowDown", "ArrowUp"];

/// Whether a view is pending.
#[derive(Clone, Copy)]
pub(in crate::ui) struct TypeAhead(RwSignal<bool>);

/// A requested view.
#[derive(Clone, Copy)]
pub(in crate::ui) struct PendingTarget {
    type_ahead: TypeAhead,
    id: u32,
    /// Reset when the view is no longer wanted.
    open: Option<RwSignal<bool>>,
}

/// State of the pending view.
#[derive(Default)]
struct State {
    /// The view requested last, if it is pending.
    target: Option<PendingTarget>,
    last: u32,
    /// The hidden field, in the document while a view is pending.
    field: Option<HtmlTextAreaElement>,
    /// The element that had the focus before.
    previous_focus: Option<HtmlElement>,
    /// Typed texts, each with the key that ended it.
    steps: Vec<(String, Option<&'static str>)>,
    /// Whether the steps are being replayed.
    replaying: bool,
}

thread_local! {
    // Not borrowed while the focus moves: focus handlers borrow it, too.
    static STATE: RefCell<State> = RefCell::default();
}

fn with<T>(ask: impl FnOnce(&mut State) -> T) -> T {
    STATE.with_borrow_mut(ask)
}

/// The type-ahead context.
pub(in crate::ui) fn use_type_ahead() -> TypeAhead {
    expect_context::<TypeAhead>()
}

impl PendingTarget {
    /// Directs further typing to this view. Escape, a press elsewhere and any other focus change
    /// reset `open`.
    pub(in crate::ui) fn new(type_ahead: TypeAhead, open: Option<RwSignal<bool>>) -> Self {
        let (target, before, field) = with(|state| {
            // During a replay the remaining steps are meant for this view, too.
            if !state.replaying {
                state.steps.clear();
            }
            state.last += 1;
            let target = Self { type_ahead, id: state.last, open };
            (target, state.target.replace(target), state.field.clone().filter(|_| !state.replaying))
        });
        // Text typed for the previous view.
        if let Some(field) = field {
            field.set_value("");
        }
        if let Some(open) = before.and_then(|before| before.open) {
            let _ = open.try_set(false);
        }
        type_ahead.0.set(true);
        // A dialog closing right now restores its focus first.
        spawn_local(async { capture_focus() });
        target
    }

    /// Whether the view is still wanted.
    pub(in crate::ui) fn is_wanted(self) -> bool {
        with(|state| state.target.is_some_and(|target| target.id == self.id))
    }

    /// The view is loaded: `show` displays and focuses it, and the steps are replayed there if it
    /// is still wanted.
    pub(in crate::ui) fn arrive(self, show: impl FnOnce()) {
        let is_wanted = self.is_wanted();
        if is_wanted {
            finish_step(None);
            self.leave();
            // A dialog restores the focus to the element that has it on opening.
            if self.open.is_some() {
                restore_focus();
            }
        }
        show();
        if is_wanted
            && with(|state| {
                !state.steps.is_empty() && !std::mem::replace(&mut state.replaying, true)
            })
        {
            schedule_replay();
        }
    }

    /// The view failed to load, or is no longer wanted.
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

/// Gives up the pending view; returns whether there was one.
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
    with(|state| {
        state.field.as_ref().is_some_and(|field| {
            target.is_some_and(|element| element.as_ref() == AsRef::<JsValue>::as_ref(field))
        })
    })
}

fn capture_focus() {
    let now =
        document().active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
    // On touch devices a keyboard would open, and Enter sends nothing.
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
    field.set_attribute("aria-label", text::workspace::PLEASE_WAIT).ok().map(|()| field)
}

/// Ends a step.
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

/// Listens in the capture phase for the life of the page.
fn listen() {
    let listener = Closure::<dyn Fn(Event)>::new(|event: Event| {
        let is_taken = match (event.dyn_ref::<KeyboardEvent>(), event.type_().as_str()) {
            // Replayed keys pass here, too.
            (Some(key), _) => {
                key.is_trusted()
                    && if is_own(key.target().as_ref()) { handle_key(key) } else { queue(key) }
            }
            (None, "pointerdown") => {
                // Not while scrolling.
                let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
                if target.is_some_and(|target| {
                    target.closest(PRESSABLE).is_ok_and(|pressed| pressed.is_some())
                }) && abandon()
                {
                    restore_focus();
                }
                false
            }
            (None, _) => {
                // Not when the window loses the focus. Another element that took the focus keeps
                // it.
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
        let _ = window().add_event_listener_with_callback_and_bool(
            name,
            listener.unchecked_ref(),
            true,
        );
    }
}

/// Returns whether a key in the hidden field was handled.
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
    // A held key counts once.
    if ending.is_some() && !(event.repeat() && key == "Enter") {
        finish_step(ending);
    }
    ending.is_some()
}

/// Provides type-ahead to the page.
pub(in crate::ui) fn provide() {
    provide_context(TypeAhead(RwSignal::new(false)));
    Effect::new(listen);
}

/// The notice that a view is loading.
#[component]
pub(in crate::ui) fn PendingNotice() -> impl IntoView {
    let TypeAhead(awaited) = use_type_ahead();
    let shown = move || {
        awaited.get().then(|| {
            view! {
                <p class="toast soon">
                    {text::workspace::PLEASE_WAIT}
                    <span class="by-keys">{text::workspace::PRESS_ESC}</span>
                </p>
            }
        })
    };
    view! { <div role="status">{shown}</div> }
}
