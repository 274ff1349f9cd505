//! The selected people as removable chips: one tab stop, arrows move inside.

use leptos::prelude::*;
use web_sys::{Element, KeyboardEvent};

use super::{Picker, focus};
use crate::{
    client::use_app_state,
    domain::PersonId,
    ui::{
        kit::{
            avatar::Avatar,
            icon::{Icon, Shape},
        },
        text,
    },
};

/// Maximum number of chips shown, the latest.
const MAX_SHOWN: usize = 60;

/// The chips.
#[component]
pub(super) fn Chips(picker: Picker) -> impl IntoView {
    let shown = Memo::new(move |_| {
        picker.chosen.with(|chosen| chosen[chosen.len().saturating_sub(MAX_SHOWN)..].to_vec())
    });
    let hidden = move || picker.chosen.with(Vec::len) - shown.with(Vec::len);
    // Scroll to the latest chip.
    Effect::new(move |before: Option<usize>| {
        let count = picker.chosen.with(Vec::len);
        if before.is_some_and(|before| before < count) {
            request_animation_frame(|| {
                if let Some(list) = document().query_selector(".chosen").ok().flatten() {
                    list.set_scroll_top(list.scroll_height());
                }
            });
        }
        count
    });
    let keys = move |event: KeyboardEvent| {
        let chip = event
            .target()
            .and_then(|target| wasm_bindgen::JsCast::dyn_into::<Element>(target).ok())
            .and_then(|target| target.closest("li").ok()?);
        let beside = |chip: Option<&Element>| chip?.query_selector("button").ok().flatten();
        match event.key().as_str() {
            "ArrowLeft" => {
                focus(beside(chip.and_then(|chip| chip.previous_element_sibling()).as_ref()))
            }
            "ArrowRight" => match chip.and_then(|chip| chip.next_element_sibling()) {
                Some(next) => focus(beside(Some(&next))),
                None => picker.focus(),
            },
            "Backspace" | "Delete" => {
                if let Some(button) = beside(chip.as_ref()).and_then(|button| {
                    wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(button).ok()
                }) {
                    button.click();
                }
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    view! {
        <Show when=move || !shown.with(Vec::is_empty)>
            <ul class="chosen" aria-label=text::people::CHOSEN on:keydown=keys>
                {move || {
                    (hidden() > 0)
                        .then(|| {
                            view! { <li class="quiet">{text::people::more_before(hidden())}</li> }
                        })
                }}
                <For each=move || shown.get() key=|id| *id let:id>
                    <li>
                        <Chosen id picker shown />
                    </li>
                </For>
            </ul>
        </Show>
    }
}

#[component]
fn Chosen(id: PersonId, picker: Picker, shown: Memo<Vec<PersonId>>) -> impl IntoView {
    let app = use_app_state();
    let label = move || text::remove(&app.label(id));
    let remove = move |_| {
        picker.set(id, false);
        picker.focus();
    };
    view! {
        <span class="chosen-person">
            <Avatar id=id.0 name=app.name(id) picture=app.avatar_url(id) />
            <span dir="auto" title=move || app.label(id)>
                {move || app.label(id)}
            </span>
            <button
                type="button"
                aria-label=label
                title=text::kit::REMOVE
                tabindex=move || {
                    if shown.with(|shown| shown.last() == Some(&id)) { "0" } else { "-1" }
                }
                on:click=remove
            >
                <Icon shape=Shape::Cross />
            </button>
        </span>
    }
}

/// Moves the focus from the field to the last chip.
pub(super) fn focus_last() {
    focus(document().query_selector(".chosen li:last-child button").ok().flatten());
}
