//! Global keyboard shortcuts, and the dialog that lists them.

use std::cell::Cell;

use leptos::{ev, leptos_dom::helpers::window_event_listener, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, Node};

use crate::{
    client::{AppState, browser},
    ui::{
        kit::{dom::elements, overlay::dialog::Dialog, shortcut::Keyboard},
        text,
    },
};

/// Id of the field that filters the sidebar.
pub const FINDER: &str = "finder";
/// Id of the search field.
pub const SEARCH: &str = "search";
/// Id of the link to the search page.
pub const SEARCH_LINK: &str = "search-link";

thread_local! {
    /// Whether the last input was a key, not a pointer.
    static KEYBOARD_USED: Cell<bool> = const { Cell::new(false) };
}

/// Whether an element receives the focus from the keyboard. Evaluated on focus: a later key press
/// makes browsers show the focus ring after a click, too.
pub(in crate::ui) fn is_keyboard_focus(element: &Element) -> bool {
    KEYBOARD_USED.get() || element.matches(":focus-visible").unwrap_or(false)
}

/// Listens for the life of the page.
pub fn listen(app: AppState) {
    let _ = window_event_listener(ev::pointerdown, |_| KEYBOARD_USED.set(false));
    let _ = window_event_listener(ev::keydown, move |event| {
        KEYBOARD_USED.set(true);
        if handle_key(app, &event) {
            event.prevent_default();
        }
    });
}

/// Returns whether the key was handled.
fn handle_key(app: AppState, event: &KeyboardEvent) -> bool {
    let command = event.ctrl_key() || event.meta_key();
    match event.key().as_str() {
        "k" if command && !event.shift_key() => toggle_switcher(app),
        "F" | "f" if command && event.shift_key() => {
            focus(&format!("#{SEARCH}")) || click(SEARCH_LINK)
        }
        "F6" => focus_next_pane(if event.shift_key() { -1 } else { 1 }),
        "Tab" if !command && !event.alt_key() && !event.default_prevented() => {
            tab_out_of_list(event.shift_key())
        }
        "ArrowDown" if event.alt_key() => open_next_conversation(1, event.shift_key()),
        "ArrowUp" if event.alt_key() => open_next_conversation(-1, event.shift_key()),
        "ArrowDown" if !command => move_row_focus(1),
        "ArrowUp" if !command => move_row_focus(-1),
        "?" if !command && !is_typing() => open_help(app),
        _ => {
            // The browser inserts the character at the focus after this handler.
            if is_text_input(event) {
                to_message_field();
            }
            false
        }
    }
}

/// Whether a key inserts or pastes text and no field, dialog or menu takes it. Space is excluded:
/// it presses buttons and scrolls.
fn is_text_input(event: &KeyboardEvent) -> bool {
    let (key, command) = (event.key(), event.ctrl_key() || event.meta_key());
    // AltGr sets both modifiers on Windows.
    let plain = !(command || event.alt_key()) || event.get_modifier_state("AltGraph");
    let is_character = plain && key != " " && key.chars().count() == 1;
    let is_paste = command && !event.alt_key() && key.eq_ignore_ascii_case("v");
    (is_character || is_paste)
        && !event.default_prevented()
        && !browser::is_composing(event)
        && !is_typing()
        && find_all("dialog[open], .popover, [role=menu]").is_empty()
}

fn open_help(app: AppState) -> bool {
    app.show_shortcuts.set(true);
    true
}

fn toggle_switcher(app: AppState) -> bool {
    // Beside another dialog it would be unreachable, or cover unsaved input.
    if app.show_switcher.get_untracked() || find_all("dialog[open]").is_empty() {
        app.show_switcher.update(|shown| *shown = !*shown);
    }
    true
}

fn is_typing() -> bool {
    active().is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
    })
}

fn active() -> Option<HtmlElement> {
    document().active_element()?.dyn_into().ok()
}

fn find_all(selector: &str) -> Vec<HtmlElement> {
    elements(document().query_selector_all(selector))
        .into_iter()
        .filter(|element| element.offset_width() > 0)
        .collect()
}

fn focus(selector: &str) -> bool {
    find_all(selector).first().is_some_and(|element| element.focus().is_ok())
}

fn click(id: &str) -> bool {
    // Also while the sidebar is hidden.
    let link =
        document().get_element_by_id(id).and_then(|link| link.dyn_into::<HtmlElement>().ok());
    link.is_some_and(|link| {
        link.click();
        true
    })
}

/// Focuses the composer.
pub(in crate::ui) fn to_message_field() -> bool {
    focus(".composer textarea")
}

/// Focuses the next pane: list, messages, composer, details.
fn focus_next_pane(by: isize) -> bool {
    let panes = find_all("#finder, #search, .log, .composer textarea, .details");
    let here =
        panes.iter().position(|pane| active().is_some_and(|element| pane.contains(Some(&element))));
    let count = isize::try_from(panes.len()).unwrap_or(0);
    if count == 0 {
        return false;
    }
    let next = here.map_or(0, |here| (isize::try_from(here).unwrap_or(0) + by).rem_euclid(count));
    usize::try_from(next)
        .ok()
        .and_then(|next| panes.get(next))
        .is_some_and(|pane| pane.focus().is_ok())
}

/// Opens the next conversation of the list, or the next unread one.
fn open_next_conversation(by: isize, unread: bool) -> bool {
    let rows = find_all(".conversations a");
    let here = rows
        .iter()
        .position(|row| row.get_attribute("aria-current").is_some_and(|current| current == "page"));
    let count = isize::try_from(rows.len()).unwrap_or(0);
    let mut at =
        here.map_or(if by > 0 { -1 } else { count }, |here| isize::try_from(here).unwrap_or(0));
    loop {
        at += by;
        let Some(row) = usize::try_from(at).ok().and_then(|at| rows.get(at)) else { return true };
        if !unread || row.class_list().contains("unread") {
            row.click();
            return true;
        }
    }
}

/// Moves the focus between rows.
fn move_row_focus(by: isize) -> bool {
    let Some(element) = active() else { return false };
    if element.class_list().contains("log") {
        return find_all(".log article").last().is_some_and(|last| last.focus().is_ok());
    }
    let rows = if element.class_list().contains("message") {
        find_all(".log article")
    } else if let Some(list) = element.closest(".rows").ok().flatten() {
        elements(list.query_selector_all("a, button"))
    } else {
        return false;
    };
    let Some(here) = rows.iter().position(|row| row == &element) else { return false };
    // Visibility is checked lazily: each check can force a layout.
    let mut on: Box<dyn Iterator<Item = &HtmlElement>> = if by > 0 {
        Box::new(rows[here + 1..].iter())
    } else {
        Box::new(rows[..here].iter().rev())
    };
    on.find(|row| row.offset_width() > 0).is_some_and(|row| row.focus().is_ok())
}

/// Focusable elements.
const FOCUSABLE: &str =
    ":is(a[href], button, input, textarea, summary, [tabindex]):not([tabindex=\"-1\"], :disabled)";

/// Tab leaves a list, which is one tab stop; arrows move inside. In the message list Tab first
/// visits the controls of the focused message.
fn tab_out_of_list(back: bool) -> bool {
    let Some(here) = active() else { return false };
    let inside = here.closest(".log, .sidebar nav ul").ok().flatten();
    // Shift+Tab from below enters the message list as one stop.
    let below = || here.closest(".log-place, .composer").ok().flatten().filter(|_| back);
    let Some(list) =
        inside.or_else(|| below().and_then(|_| document().query_selector(".log").ok().flatten()))
    else {
        return false;
    };
    if back && here == *list.unchecked_ref() {
        return false;
    }
    let all = elements(document().query_selector_all(FOCUSABLE));
    // Visibility is checked lazily.
    let mut on: Box<dyn Iterator<Item = &HtmlElement>> =
        if back { Box::new(all.iter().rev()) } else { Box::new(all.iter()) };
    let message = here.closest("article").ok().flatten();
    let follows = |stop: &HtmlElement| {
        here.compare_document_position(stop)
            & if back {
                Node::DOCUMENT_POSITION_PRECEDING
            } else {
                Node::DOCUMENT_POSITION_FOLLOWING
            }
            != 0
    };
    let is_next = |stop: &&HtmlElement| {
        let in_message = message.as_ref().is_some_and(|message| message.contains(Some(stop)));
        follows(stop)
            && (in_message || !list.contains(Some(stop)) || back && **stop == *list.unchecked_ref())
            && stop.offset_width() > 0
    };
    on.find(is_next).is_some_and(|next| next.focus().is_ok())
}

/// The list of shortcuts.
#[component]
pub fn ShortcutHelp() -> impl IntoView {
    let (app, keyboard) = (expect_context::<AppState>(), expect_context::<Keyboard>());
    view! {
        <Dialog open=app.show_shortcuts title=text::shortcuts::KEYBOARD_SHORTCUTS>
            <dl class="keys" tabindex="0">
                {text::shortcuts::SHORTCUTS
                    .iter()
                    .map(|(key, action)| {
                        view! {
                            <div>
                                <dt>
                                    <kbd>{keyboard.shortcut(key)}</kbd>
                                </dt>
                                <dd>{*action}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
        </Dialog>
    }
}
