//! The side panel: its header and the ways to close it.

use leptos::{ev, html, leptos_dom::helpers::window_event_listener, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use crate::{
    client::browser,
    domain::ConversationId,
    ui::{
        kit::{button::IconButton, dom::focus_instead, icon::Shape},
        text,
    },
};

/// Up to this width it overlays the conversation, as in the style sheet.
const OVERLAY_MAX_WIDTH: f64 = 1000.0;

/// The panel.
#[component]
pub(super) fn SidePanel(
    /// The conversation.
    id: ConversationId,
    /// What it is called.
    title: &'static str,
    /// Selector of the opener, which gets the focus on close.
    #[prop(into)]
    opener: String,
    children: Children,
) -> impl IntoView {
    let go = use_navigate();
    let close = move || {
        // Replaces the history entry, so that back does not reopen it.
        go(
            &format!("/c/{id}"),
            NavigateOptions { scroll: false, replace: true, ..NavigateOptions::default() },
        );
        focus_instead(opener.clone());
    };
    let pane = NodeRef::<html::Section>::new();
    Effect::new(move || {
        let width = window().inner_width().ok().and_then(|width| width.as_f64());
        if let Some(pane) =
            pane.get().filter(|_| width.is_some_and(|width| width <= OVERLAY_MAX_WIDTH))
        {
            let _ = pane.focus();
        }
    });
    let by_key = close.clone();
    let keys = StoredValue::new(None::<leptos::leptos_dom::helpers::WindowListenerHandle>);
    Effect::new(move || {
        let close = by_key.clone();
        let listener = window_event_listener(ev::keydown, move |event| {
            // Escape first closes overlays and cancels composer modes.
            let is_free =
                !event.default_prevented() && !browser::is_composing(&event) && is_outermost();
            if event.key() == "Escape" && is_free {
                close();
            }
        });
        keys.set_value(Some(listener));
    });
    on_cleanup(move || {
        if let Some(Some(listener)) = keys.try_update_value(Option::take) {
            listener.remove();
        }
    });
    let beside = close.clone();
    view! {
        <div class="details-scrim" on:click=move |_| beside()></div>
        <section class="details" aria-label=title tabindex="-1" node_ref=pane>
            <header class="pane-head">
                <h2>{title}</h2>
                <IconButton
                    shape=Shape::Cross
                    label=text::conversation::close_panel(title)
                    press=close
                />
            </header>
            <div class="details-body">{children()}</div>
        </section>
    }
}

/// Whether no overlay is open and the focus is outside of the fields that Escape clears.
fn is_outermost() -> bool {
    let is_there = document()
        .active_element()
        .and_then(|active| active.closest(".sidebar input").ok().flatten())
        .is_some();
    !is_there
        && document().query_selector("dialog[open], :popover-open, .menu").ok().flatten().is_none()
}
