//! The sidebar: filter, conversations, people, and the account.

mod account;
mod conversations;
pub mod new_group;
pub mod notification_badge;
pub mod people;

use leptos::prelude::*;

use super::{
    kit::{
        button::IconButton,
        icon::{Icon, Shape},
        shortcut::Keyboard,
    },
    lazy::{LazyView, lazy_dialog},
    workspace::shortcuts::{FINDER, SEARCH_LINK},
};
use crate::{
    client::{browser, use_app_state},
    domain::{Person, workspace},
    ui::text,
};
use account::Account;
use conversations::ConversationList;
use people::PeopleList;

/// The sidebar.
#[component]
pub fn Sidebar() -> impl IntoView {
    let (app, keyboard) = (use_app_state(), expect_context::<Keyboard>());
    let (query, grouping) = (RwSignal::new(String::new()), RwSignal::new(false));
    let may_group = move || {
        let lowest = app.workspace.with(|of| of.group_creators);
        workspace::may_create_groups(lowest, app.my_role()).is_ok()
    };
    view! {
        <section class="sidebar" aria-label=text::sidebar::SIDEBAR>
            // On a phone the list is a page of its own and needs a heading.
            <h1 class="list-heading hidden">{text::sidebar::HEADING}</h1>
            <header class="sidebar-head">
                <p class="brand">
                    <Icon shape=Shape::Logo />
                    <span dir="auto" title=move || app.workspace.with(|of| of.name.clone())>
                        {move || app.workspace.with(|of| of.name.clone())}
                    </span>
                </p>
                <div>
                    <a
                        id=SEARCH_LINK
                        class="icon-button"
                        href="/search"
                        aria-label=text::sidebar::SEARCH_MESSAGES
                        title=move || text::kit::with_shortcut(
                            text::sidebar::SEARCH_MESSAGES,
                            &keyboard.shortcut("Ctrl Shift F"),
                        )
                    >
                        <Icon shape=Shape::SearchText />
                    </a>
                    <a
                        class="icon-button"
                        href="/saved"
                        aria-label=text::sidebar::SAVED
                        title=text::sidebar::SAVED_MESSAGES
                    >
                        <Icon shape=Shape::Bookmark />
                    </a>
                    {move || {
                        may_group()
                            .then(|| {
                                view! {
                                    <IconButton
                                        shape=Shape::Plus
                                        label=text::sidebar::NEW_GROUP
                                        press=move || grouping.set(true)
                                    />
                                }
                            })
                    }}
                    {lazy_dialog(LazyView::NewGroup {
                        open: grouping,
                    })}
                </div>
            </header>
            <div class="finder">
                <Icon shape=Shape::Search />
                <input
                    id=FINDER
                    type="search"
                    placeholder=text::sidebar::FINDER
                    aria-label=text::sidebar::FINDER
                    autocomplete="off"
                    prop:value=move || query.get()
                    on:input=move |event| query.set(event_target_value(&event))
                    on:keydown=move |event| match event.key().as_str() {
                        "Escape" if !browser::is_composing(&event) => query.set(String::new()),
                        "Enter" if !browser::is_composing(&event) => {
                            open_first();
                            query.set(String::new());
                        }
                        _ => {}
                    }
                />
                <kbd aria-hidden="true">{move || keyboard.shortcut("Ctrl K")}</kbd>
            </div>
            <div class="rows">
                <ConversationList query />
                <PeopleList query />
            </div>
            <footer class="sidebar-foot">
                <Account />
            </footer>
        </section>
    }
}

/// Opens the first row on Enter in the filter.
fn open_first() {
    use wasm_bindgen::JsCast;
    let first = document().query_selector(".rows a, .rows button").ok().flatten();
    if let Some(first) = first.and_then(|row| row.dyn_into::<web_sys::HtmlElement>().ok()) {
        first.click();
    }
}

/// Whether a user's name or username matches; `@` restricts it to usernames.
pub(super) fn matches_person(person: &Person, query: &str) -> bool {
    let query = query.trim_start();
    let username = query.strip_prefix('@').unwrap_or(query);
    matches_name(&person.display_name, query) || matches_name(&person.username, username)
}

/// Whether a name contains each word of the query, ignoring case.
#[must_use]
pub fn matches_name(name: &str, query: &str) -> bool {
    if query.is_empty() {
        return true;
    }
    let name = name.to_lowercase();
    query.to_lowercase().split_whitespace().all(|word| name.contains(word))
}
