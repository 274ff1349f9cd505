//! The search field and its suggestions.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{FIELD, focus};
use crate::{
    client::{
        search::suggestions::{Suggestion, suggestions},
        use_app_state,
    },
    ui::{
        kit::icon::{Icon, Shape},
        search, text,
        workspace::shortcuts::SEARCH,
    },
};

/// The field.
#[component]
pub(super) fn Field(
    /// What is typed.
    typed: RwSignal<String>,
    /// Whether suggestions are shown.
    open: RwSignal<bool>,
) -> impl IntoView {
    let app = use_app_state();
    let go = use_navigate();
    let search = move || {
        let query = typed.get_untracked();
        open.set(false);
        app.run_search(query.trim(), true);
        go(
            &search::address(query.trim()),
            NavigateOptions { scroll: false, ..NavigateOptions::default() },
        );
    };
    let press = move |event: web_sys::KeyboardEvent| {
        let taken = match event.key().as_str() {
            "ArrowDown" => focus(".offers button") || focus(".hits a"),
            "Escape" if open.get_untracked() => {
                open.set(false);
                focus(FIELD)
            }
            _ => false,
        };
        if taken {
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let options = move || {
        let offered = if open.get() {
            app.conversations.with(|conversations| {
                app.roster
                    .with(|roster| typed.with(|text| suggestions(text, conversations, roster)))
            })
        } else {
            Vec::new()
        };
        let option = |Suggestion { name, about, text }| {
            let take = move |_| {
                typed.set(text.clone());
                focus(FIELD);
            };
            view! {
                <li>
                    <button type="button" on:click=take>
                        <span dir="auto">{name}</span>
                        " "
                        <span class="quiet">{about}</span>
                    </button>
                </li>
            }
            .into_any()
        };
        offered.into_iter().map(option).collect::<Vec<_>>()
    };
    view! {
        // A plain form, so that it works before hydration.
        <form
            class="search-form"
            method="get"
            action="/search"
            on:submit=move |event| {
                event.prevent_default();
                search();
            }
            on:keydown=press
        >
            <div class="search-field">
                <Icon shape=Shape::Search />
                <input
                    id=SEARCH
                    name="q"
                    type="search"
                    placeholder=text::search::SEARCH_MESSAGES
                    aria-label=text::search::SEARCH_MESSAGES
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    value=typed.get_untracked()
                    prop:value=move || typed.get()
                    on:input=move |event| {
                        typed.set(event_target_value(&event));
                        open.set(true);
                    }
                />
                <ul class="rows menu offers" aria-label=text::search::SUGGESTIONS>
                    {options}
                </ul>
            </div>
            <button type="submit" class="button">
                {text::search::SEARCH}
            </button>
        </form>
    }
}
