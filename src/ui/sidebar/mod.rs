//! The sidebar: finding, the conversations, the people, and one's own account.

mod account;
mod conversations;
pub mod new_group;
pub mod notification_badge;
pub mod people;

use leptos::prelude::*;

use super::{
    kit::{
        icon::{Icon, Shape},
        shortcut::Keyboard,
    },
    lazy::{Part, once},
    workspace::shortcuts::{FINDER, SEARCH_LINK},
};
use crate::{client::browser, domain::Person};
use account::Account;
use conversations::Conversations;
use people::People;

/// The left pane.
#[component]
pub fn Sidebar() -> impl IntoView {
    let keyboard = expect_context::<Keyboard>();
    let (wanted, grouping) = (RwSignal::new(String::new()), RwSignal::new(false));
    view! {
        <section class="sidebar" aria-label="Sidebar">
            // On a phone the list is a screen of its own, and has a heading.
            <h1 class="list-heading hidden">"Conversations and people"</h1>
            <header class="sidebar-head">
                <p class="brand"><Icon shape=Shape::Logo/> "ChatBox"</p>
                <div>
                    <a id=SEARCH_LINK class="icon-button" href="/search" aria-label="Search messages" title=move || format!("Search messages ({})", keyboard.shortcut("Ctrl Shift F"))><Icon shape=Shape::SearchText/></a>
                    <a class="icon-button" href="/saved" aria-label="Saved" title="Saved messages"><Icon shape=Shape::Bookmark/></a>
                    <button type="button" class="icon-button" aria-label="New group" title="New group" on:click=move |_| grouping.set(true)><Icon shape=Shape::Plus/></button>
                    {once(Part::NewGroup { open: grouping })}
                </div>
            </header>
            <div class="finder">
                <Icon shape=Shape::Search/>
                <input
                    id=FINDER
                    type="search"
                    placeholder="Find a conversation or person"
                    aria-label="Find a conversation or person"
                    autocomplete="off"
                    prop:value=move || wanted.get()
                    on:input=move |event| wanted.set(event_target_value(&event))
                    on:keydown=move |event| match event.key().as_str() {
                        "Escape" if !browser::is_composing(&event) => wanted.set(String::new()),
                        "Enter" if !browser::is_composing(&event) => { open_first(); wanted.set(String::new()); }
                        _ => {}
                    }
                />
                <kbd aria-hidden="true">{move || keyboard.shortcut("Ctrl K")}</kbd>
            </div>
            <div class="rows">
                <Conversations wanted/>
                <People wanted/>
            </div>
            <footer class="sidebar-foot"><Account/></footer>
        </section>
    }
}

/// What Enter in the finder opens: the first row that is left.
fn open_first() {
    use wasm_bindgen::JsCast;
    let first = document().query_selector(".rows a, .rows button").ok().flatten();
    if let Some(first) = first.and_then(|row| row.dyn_into::<web_sys::HtmlElement>().ok()) {
        first.click();
    }
}

/// Whether somebody's name or username has what is wanted; `@` stands before usernames.
pub(super) fn is_named(person: &Person, wanted: &str) -> bool {
    let wanted = wanted.trim_start();
    let username = wanted.strip_prefix('@').unwrap_or(wanted);
    matches(&person.display_name, wanted) || matches(&person.username, username)
}

/// Whether a name has what is wanted: each word somewhere, whatever the case.
#[must_use]
pub fn matches(name: &str, wanted: &str) -> bool {
    if wanted.is_empty() {
        return true;
    }
    let name = name.to_lowercase();
    wanted.to_lowercase().split_whitespace().all(|word| name.contains(word))
}
