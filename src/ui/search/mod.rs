//! The search page, `/search?q=…`. The server renders the field; the client loads the results.

mod field;
pub mod message_link;
mod results;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::{conversation::BackLink, workspace::page_title};
use crate::{client::use_app_state, domain::search, ui::text};
use field::Field;
use results::SearchResults;

/// The page.
#[component]
pub fn SearchPage() -> impl IntoView {
    let app = use_app_state();
    let query_string = use_location().search;
    let asked = Memo::new(move |_| query_string.with(|query| search::search_query(query)));
    let (typed, open) = (RwSignal::new(asked.get_untracked()), RwSignal::new(false));
    Effect::new(move || {
        let asked = asked.get();
        app.run_search(&asked, false);
        if asked.is_empty() {
            open.set(true);
            // The field is inserted into the document after this effect.
            request_animation_frame(|| {
                focus(FIELD);
            });
        }
        typed.set(asked);
    });
    let title = move || {
        let asked = asked.try_get()?;
        Some(if asked.is_empty() {
            text::search::SEARCH.to_owned()
        } else {
            text::search::title(&asked)
        })
    };
    view! {
        <Title text=page_title(app, title) />
        <section class="pane search" aria-label=text::search::SEARCH>
            <header class="pane-head">
                <BackLink />
                <h1 class="hidden">{text::search::SEARCH}</h1>
                <Field typed open />
            </header>
            <div class="pane-body">
                <SearchResults />
            </div>
        </section>
    }
}

const FIELD: &str = ".search-field input";

fn focus(selector: &str) -> bool {
    let found = document()
        .query_selector(selector)
        .ok()
        .flatten()
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    found.is_some_and(|element| element.focus().is_ok())
}

/// URL of a search.
fn address(query: &str) -> String {
    format!("/search?q={}", String::from(js_sys::encode_uri_component(query)))
}
