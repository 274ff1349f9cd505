//! What is not there, or not yours: said the same way, with a way home.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::kit::icon::{Icon, Shape};

/// A page of its own.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <main class="alone"><NotFoundMessage/></main>
    }
}

/// The words, for a page or a pane.
#[component]
pub fn NotFoundMessage() -> impl IntoView {
    view! {
        <Title text="Not found · ChatBox"/>
        <div class="blank">
            <Icon shape=Shape::Search/>
            <h1>"Not found"</h1>
            <p>"This conversation does not exist, or you are not a member."</p>
            // A full load: the page behind it starts from a snapshot of its own.
            <a class="button" href="/" rel="external">"Go to your conversations"</a>
        </div>
    }
}
