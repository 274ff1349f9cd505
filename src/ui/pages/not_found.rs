//! The page for an address that does not exist or that the user may not open, with a link home.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::{
    kit::icon::{Icon, Shape},
    text,
};

/// A page of its own.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <main class="alone">
            <NotFoundMessage />
        </main>
    }
}

/// The words, for a page or a pane.
#[component]
pub fn NotFoundMessage() -> impl IntoView {
    view! {
        <Title text=text::workspace::NOT_FOUND_TITLE />
        <div class="blank">
            <Icon shape=Shape::Search />
            <h1>{text::workspace::NOT_FOUND}</h1>
            <p>{text::workspace::NOT_FOUND_REASON}</p>
            // A full load: the page behind it starts from a snapshot of its own.
            <a class="button" href="/" rel="external">
                {text::workspace::GO_TO_CONVERSATIONS}
            </a>
        </div>
    }
}
