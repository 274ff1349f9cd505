//! The pane beside a conversation, whatever it shows: its head, and the way back.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use crate::{
    domain::ConversationId,
    ui::kit::{button::IconButton, icon::Shape},
};

/// The pane.
#[component]
pub(super) fn Side(
    /// Beside which conversation.
    id: ConversationId,
    /// What it is called.
    title: &'static str,
    children: Children,
) -> impl IntoView {
    let go = use_navigate();
    let close = move || go(&format!("/c/{id}"), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    view! {
        <section class="details" aria-label=title tabindex="-1">
            <header class="pane-head">
                <h2>{title}</h2>
                <IconButton shape=Shape::Cross label=format!("Close {}", title.to_lowercase()) press=close/>
            </header>
            <div class="details-body">{children()}</div>
        </section>
    }
}
