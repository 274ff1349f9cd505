//! The people picker: chips of the selected, a filter field that accepts a pasted list, and matches
//! with checkboxes.

mod chips;
mod pasted;

use std::collections::HashSet;

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{
    ClipboardEvent, Element, HtmlInputElement, KeyboardEvent, ScrollIntoViewOptions,
    ScrollLogicalPosition,
};

use crate::{
    client::{browser, state::roster::Roster, use_app_state},
    domain::{PersonId, name_list},
    ui::{
        kit::{avatar::Avatar, fuzzy_match},
        text,
    },
};

use chips::Chips;
use pasted::{PasteReport, PasteResult};

/// Maximum number of matches shown.
const MAX_SHOWN: usize = 100;

/// Shared state of the picker.
#[derive(Clone, Copy)]
struct Picker {
    chosen: RwSignal<Vec<PersonId>>,
    query: RwSignal<String>,
    /// Index of the match that the keys act on.
    at: RwSignal<Option<usize>>,
    field: NodeRef<html::Input>,
    report: RwSignal<Option<PasteResult>>,
}

impl Picker {
    /// Selects or deselects a user and clears the filter.
    fn set(self, person: PersonId, on: bool) {
        self.chosen.update(|chosen| {
            chosen.retain(|other| *other != person);
            if on {
                chosen.push(person);
            }
        });
        if on && !self.query.with_untracked(String::is_empty) {
            self.reset_query();
        }
    }

    fn is_chosen(self, person: PersonId) -> bool {
        self.chosen.with(|chosen| chosen.contains(&person))
    }

    fn add_all(self, people: impl IntoIterator<Item = PersonId>) {
        self.chosen.update(|chosen| {
            for person in people {
                if !chosen.contains(&person) {
                    chosen.push(person);
                }
            }
        });
    }

    /// Clears the filter and focuses it.
    fn reset_query(self) {
        self.query.set(String::new());
        self.at.set(None);
        self.focus();
    }

    fn focus(self) {
        if let Some(field) = self.field.get_untracked() {
            let _ = field.focus();
        }
    }
}

/// The picker.
#[component]
pub(in crate::ui) fn PeoplePicker(
    /// The selected users, in order of selection.
    chosen: RwSignal<Vec<PersonId>>,
    /// Users that are not offered.
    #[prop(into)]
    without: Signal<Vec<PersonId>>,
    /// Whether the field has the initial focus.
    #[prop(default = false)]
    focus: bool,
) -> impl IntoView {
    let app = use_app_state();
    let picker = Picker {
        chosen,
        query: RwSignal::new(String::new()),
        at: RwSignal::new(None),
        field: NodeRef::new(),
        report: RwSignal::new(None),
    };
    // Folding thousands of names is slow: not with each key or presence change.
    let people = Memo::new(move |_| {
        app.names_version.with(|_| ());
        let folded = |roster: &Roster| {
            roster
                .all()
                .map(|person| {
                    (person.id, browser::fold_name(&person.display_name), person.username.clone())
                })
                .collect::<Vec<_>>()
        };
        app.roster.with_untracked(folded)
    });
    let matches = Memo::new(move |_| {
        let query = browser::fold_name(picker.query.get().trim());
        let username = query.strip_prefix('@');
        let score = |name: &str, of: &str| match username {
            Some(username) => fuzzy_match::score(of, username),
            None => fuzzy_match::score(name, &query)
                .into_iter()
                .chain(fuzzy_match::score(of, &query))
                .min(),
        };
        let mut found: Vec<(usize, PersonId)> = without.with(|without| {
            let mut excluded: Vec<PersonId> = without.clone();
            excluded.sort_unstable();
            let offered = |id: &PersonId| excluded.binary_search(id).is_err();
            people.with(|people| {
                people
                    .iter()
                    .filter(|(id, ..)| offered(id))
                    .filter_map(|(id, name, of)| Some((score(name, of)?, *id)))
                    .collect()
            })
        });
        // Equal scores stay in order of names.
        found.sort_by_key(|(score, _)| *score);
        found.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
    });
    let is_filtered = move || !picker.query.with(|query| query.trim().is_empty());
    let shown = Memo::new(move |_| {
        let filtered = is_filtered();
        matches.with(|matches| {
            let mut shown: Vec<PersonId> = matches.iter().take(MAX_SHOWN).copied().collect();
            if !filtered {
                // Recently selected users stay visible and can be deselected.
                let late = matches.iter().skip(MAX_SHOWN).filter(|id| {
                    chosen.with(|chosen| chosen.iter().rev().take(MAX_SHOWN).any(|one| one == *id))
                });
                shown.extend(late);
            }
            shown
        })
    });
    let more = move || matches.with(Vec::len) - shown.with(Vec::len);
    let left = Memo::new(move |_| {
        let chosen = chosen.with(|chosen| chosen.iter().copied().collect::<HashSet<_>>());
        matches.with(|matches| matches.iter().filter(|id| !chosen.contains(id)).count())
    });
    let current = Memo::new(move |_| shown.with(|shown| shown.get(picker.at.get()?).copied()));
    let take_list = move |list: &str| {
        let report = app
            .roster
            .with_untracked(|roster| PasteResult::of(list, roster, &without.get_untracked()));
        picker.add_all(report.people.iter().copied());
        picker.report.set(Some(report));
        picker.reset_query();
    };
    let paste = move |event: ClipboardEvent| {
        let text = event
            .clipboard_data()
            .and_then(|data| data.get_data("text/plain").ok())
            .unwrap_or_default();
        if name_list::is_list(&text) {
            event.prevent_default();
            take_list(&text);
        }
    };
    let walk = move |by: isize| {
        let count = shown.with_untracked(Vec::len);
        let from = picker
            .at
            .get_untracked()
            .map_or(if by > 0 { -1 } else { 0 }, |at| isize::try_from(at).unwrap_or(0));
        let to = isize::try_from(count)
            .ok()
            .filter(|count| *count > 0)
            .map(|count| (from + by).rem_euclid(count));
        picker.at.set(to.and_then(|to| usize::try_from(to).ok()));
        if let Some(row) =
            current.get_untracked().and_then(|person| document().get_element_by_id(&row_id(person)))
        {
            let into = ScrollIntoViewOptions::new();
            into.set_block(ScrollLogicalPosition::Nearest);
            row.scroll_into_view_with_scroll_into_view_options(&into);
        }
    };
    let keys = move |event: KeyboardEvent| {
        let is_command = event.ctrl_key() || event.meta_key() || event.alt_key();
        if browser::is_composing(&event) || is_command && event.key() != "Enter" {
            return;
        }
        let typed = picker.query.get_untracked();
        match event.key().as_str() {
            "ArrowDown" => walk(1),
            "ArrowUp" => walk(-1),
            // Enter never submits the form.
            "Enter" => match current.get_untracked() {
                _ if name_list::is_list(&typed) => take_list(&typed),
                Some(person) => picker.set(person, !untrack(|| picker.is_chosen(person))),
                None => {}
            },
            // Not while the key is held.
            "Backspace" if typed.is_empty() && !event.repeat() => drop(chosen.try_update(Vec::pop)),
            "ArrowLeft" if typed.is_empty() => chips::focus_last(),
            // Escape clears the filter first, then closes the dialog.
            "Escape" if !typed.is_empty() => picker.reset_query(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let select_all = move |_| {
        picker.add_all(matches.get_untracked());
        picker.reset_query();
    };
    view! {
        // No fieldset: browsers do not shrink its content, and the list would cover the buttons.
        <div class="choice" role="group" aria-labelledby="choice-label">
            <div class="choice-head">
                <p id="choice-label">
                    {move || text::people::people_chosen(chosen.with(Vec::len))}
                </p>
                <Show when=move || { chosen.with(Vec::len) > 1 }>
                    <button
                        type="button"
                        class="choice-action"
                        on:click=move |_| {
                            chosen.set(Vec::new());
                            picker.focus();
                        }
                    >
                        {text::kit::CLEAR}
                    </button>
                </Show>
            </div>
            <Chips picker />
            <input
                node_ref=picker.field
                type="search"
                placeholder=text::people::FIND_PEOPLE_PLACEHOLDER
                aria-label=text::people::FIND_PEOPLE
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                enterkeyhint="done"
                autofocus=focus
                aria-controls="choice-list"
                aria-activedescendant=move || current.get().map(row_id)
                prop:value=move || picker.query.get()
                on:input=move |event| {
                    picker.query.set(event_target_value(&event));
                    picker.at.set(untrack(is_filtered).then_some(0));
                }
                on:paste=paste
                on:keydown=keys
            />
            <PasteReport picker />
            <ul id="choice-list" on:keydown=move |event| on_row(picker, &event)>
                <For each=move || shown.get() key=|id| *id let:id>
                    <li>
                        <Choice id picker current />
                    </li>
                </For>
            </ul>
            <div class="choice-foot">
                <p class="quiet hint" role="status">
                    {move || match (shown.with(Vec::len), more()) {
                        (0, _) if is_filtered() => Some(text::kit::NO_MATCHES.to_owned()),
                        (0, _) => Some(text::people::NO_ONE_TO_CHOOSE.to_owned()),
                        (_, 0) => None,
                        (_, more) => Some(text::people::more_to_narrow(more)),
                    }}
                </p>
                <Show when=move || { left.get() > 1 }>
                    <button type="button" class="choice-action" on:click=select_all>
                        {move || {
                            if is_filtered() {
                                text::people::select_all_matching(left.get())
                            } else {
                                text::people::select_all(left.get())
                            }
                        }}
                    </button>
                </Show>
            </div>
        </div>
    }
}

fn row_id(person: PersonId) -> String {
    format!("choice-{person}")
}

/// Arrow keys move between the checkboxes.
fn on_row(picker: Picker, event: &KeyboardEvent) {
    let Some(field) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
    else {
        return;
    };
    match event.key().as_str() {
        key @ ("ArrowDown" | "ArrowUp") => {
            let row = field.closest("li").ok().flatten();
            let next = row.and_then(|row| {
                if key == "ArrowDown" {
                    row.next_element_sibling()
                } else {
                    row.previous_element_sibling()
                }
            });
            match next.and_then(|row| {
                row.query_selector("input").ok().flatten()?.dyn_into::<HtmlInputElement>().ok()
            }) {
                Some(next) => drop(next.focus()),
                None if key == "ArrowUp" => picker.focus(),
                None => {}
            }
        }
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

#[component]
fn Choice(id: PersonId, picker: Picker, current: Memo<Option<PersonId>>) -> impl IntoView {
    let app = use_app_state();
    let username = app
        .roster
        .with_untracked(|roster| roster.find(id).map(|person| person.username.clone()))
        .unwrap_or_default();
    let handle = format!("@{username}");
    view! {
        <label class="check" class:current=move || current.get() == Some(id)>
            <input
                id=row_id(id)
                type="checkbox"
                prop:checked=move || picker.is_chosen(id)
                on:change=move |event| picker.set(id, event_target_checked(&event))
            />
            <Avatar id=id.0 name=app.name(id) picture=app.avatar_url(id) />
            <span class="person-name">
                <span dir="auto" title=move || app.name(id)>
                    {move || app.name(id)}
                </span>
                // Announced only where the name is ambiguous.
                <span class="handle" aria-hidden=move || app.handle(id).is_none().to_string()>
                    {handle}
                </span>
            </span>
        </label>
    }
}

/// Gives an element that was found the focus.
fn focus(found: Option<Element>) {
    if let Some(element) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}
