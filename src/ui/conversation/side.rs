//! The pane beside a conversation, whatever it shows: its head, and the way back.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use crate::{
    domain::ConversationId,
    ui::kit::{button::IconButton, handmade::focus_instead, icon::Shape},
};

/// The pane.
#[component]
pub(super) fn Side(
    /// Beside which conversation.
    id: ConversationId,
    /// What it is called.
    title: &'static str,
    /// What opens it, by its selector: that has the focus when it is closed.
    #[prop(into)]
    opener: String,
    children: Children,
) -> impl IntoView {
    let go = use_navigate();
    let close = move || {
        // In its place: the way back does not lead into it again.
        go(&format!("/c/{id}"), NavigateOptions { scroll: false, replace: true, ..NavigateOptions::default() });
        focus_instead(opener.clone());
    };
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
