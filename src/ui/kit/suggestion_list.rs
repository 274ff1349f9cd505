//! A suggestion list for a text field: the field keeps the focus, arrows move, Enter accepts.
//!
//! Rows are created without the framework: there are many, they change with every key, and only the
//! current one changes afterwards.

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, ScrollIntoViewOptions, ScrollLogicalPosition};

use super::{
    avatar::{AvatarKind, add_picture},
    dom::add,
};
use crate::{client::browser, ui::text};

/// A suggestion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// Its avatar.
    pub picture: AvatarKind,
    /// What it is called.
    pub title: String,
    /// Tells it from others of the same title.
    pub hint: String,
    /// Whether it has unread messages.
    pub unread: bool,
}

/// Effect of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOutcome {
    /// Not handled.
    Ignored,
    /// Another row is current.
    Moved,
    /// This row was accepted.
    Accepted(usize),
    /// The list was dismissed.
    Dismissed,
}

/// The suggestions of a field.
#[derive(Clone, Copy)]
pub struct Suggestions {
    /// Id of the list; the row ids start with it.
    pub id: &'static str,
    list: NodeRef<html::Div>,
    /// The suggestions shown.
    shown: StoredValue<Vec<Suggestion>>,
    count: RwSignal<usize>,
    at: RwSignal<usize>,
}

impl Suggestions {
    /// An empty list.
    #[must_use]
    pub fn new(id: &'static str) -> Self {
        Self {
            id,
            list: NodeRef::new(),
            shown: StoredValue::new(Vec::new()),
            count: RwSignal::new(0),
            at: RwSignal::new(0),
        }
    }

    /// Shows suggestions and makes the first one current. Unchanged ones keep their rows, because a
    /// new image would flicker.
    pub fn show(self, suggestions: Vec<Suggestion>) {
        let Some(list) = self.list.try_get_untracked().flatten() else { return };
        let children = list.children();
        // Each row is reused once: two suggestions may be equal.
        let mut rows: Vec<_> = (0..children.length()).map(|at| children.item(at)).collect();
        list.set_text_content(None);
        self.shown.update_value(|shown| {
            for (at, suggestion) in suggestions.iter().enumerate() {
                let reused = shown
                    .iter()
                    .zip(&mut rows)
                    .find(|(shown, row)| *shown == suggestion && row.is_some());
                let row = reused.and_then(|(_, row)| row.take()).or_else(|| row(suggestion));
                if let Some(row) = row.filter(|row| list.append_child(row).is_ok()) {
                    row.set_id(&format!("{}-{at}", self.id));
                    let _ =
                        row.set_attribute("aria-selected", if at == 0 { "true" } else { "false" });
                }
            }
            self.at.set(0);
            self.count.set(suggestions.len());
            *shown = suggestions;
        });
    }

    /// Clears the list. A removed field loses the focus after its list is gone.
    pub fn clear(self) {
        if self.count.try_get_untracked().unwrap_or(0) > 0 {
            self.show(Vec::new());
        }
    }

    /// Id of the current row, for `aria-activedescendant`.
    #[must_use]
    pub fn active(self) -> Option<String> {
        (self.count.get() > 0).then(|| format!("{}-{}", self.id, self.at.get()))
    }

    /// Handles a key of the field.
    #[must_use]
    pub fn handle_key(self, event: &KeyboardEvent, tab_accepts: bool) -> KeyOutcome {
        let (count, at) = (self.count.get_untracked(), self.at.get_untracked());
        if count == 0
            || browser::is_composing(event)
            || event.ctrl_key()
            || event.meta_key()
            || event.alt_key()
            || event.shift_key()
        {
            return KeyOutcome::Ignored;
        }
        match event.key().as_str() {
            "ArrowDown" => self.move_to((at + 1) % count),
            "ArrowUp" => self.move_to((at + count - 1) % count),
            "Enter" => KeyOutcome::Accepted(at),
            "Tab" if tab_accepts => KeyOutcome::Accepted(at),
            "Escape" => KeyOutcome::Dismissed,
            _ => KeyOutcome::Ignored,
        }
    }

    fn move_to(self, to: usize) -> KeyOutcome {
        let before = self.at.get_untracked();
        self.at.set(to);
        for (at, selected) in [(before, "false"), (to, "true")] {
            if let Some(row) = document().get_element_by_id(&format!("{}-{at}", self.id)) {
                let _ = row.set_attribute("aria-selected", selected);
                let into = ScrollIntoViewOptions::new();
                into.set_block(ScrollLogicalPosition::Nearest);
                row.scroll_into_view_with_scroll_into_view_options(&into);
            }
        }
        KeyOutcome::Moved
    }
}

/// The list; hidden while it is empty.
#[component]
pub fn SuggestionList(
    /// The suggestions.
    suggestions: Suggestions,
    /// Its accessible name.
    label: &'static str,
    /// Called with the index of the accepted row.
    accept: Callback<usize>,
    /// Whether Tab reaches it, where it stays open and scrolls.
    #[prop(default = false)]
    focusable: bool,
) -> impl IntoView {
    let press = move |event: leptos::ev::MouseEvent| {
        let row = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .and_then(|target| target.closest("[role=option]").ok()?);
        let at = row.and_then(|row| row.id().rsplit('-').next()?.parse().ok());
        if let Some(at) = at {
            accept.run(at);
        }
    };
    view! {
        // A press on a row leaves the focus in the field.
        <div
            class="offers"
            role="listbox"
            id=suggestions.id
            aria-label=label
            tabindex=focusable.then_some("0")
            aria-activedescendant=move || if focusable { suggestions.active() } else { None }
            node_ref=suggestions.list
            on:mousedown=|event| event.prevent_default()
            on:click=press
        ></div>
        <p class="hidden" aria-live="polite">
            {move || {
                Some(suggestions.count.get())
                    .filter(|count| *count > 0)
                    .map(text::kit::count_of_suggestions)
            }}
        </p>
    }
}

fn row(suggestion: &Suggestion) -> Option<Element> {
    let row = document().create_element("div").ok()?;
    row.set_class_name(if suggestion.unread { "offer unread" } else { "offer" });
    row.set_attribute("role", "option").ok()?;
    add_picture(&row, &suggestion.picture);
    let title = add(&row, "span", "row-title", &suggestion.title)?;
    title.set_attribute("dir", "auto").ok()?;
    title.set_attribute("title", &suggestion.title).ok()?;
    add(&row, "span", "offer-hint", &suggestion.hint)?;
    if suggestion.unread {
        add(&add(&row, "span", "badge", "")?, "span", "hidden", "unread")?;
    }
    Some(row)
}
