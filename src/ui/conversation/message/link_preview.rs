//! The link preview of a message. All of it is served by this server.

use leptos::prelude::*;

use super::actions::MessageRef;
use crate::{
    client::use_app_state,
    domain::link_preview::LinkPreview,
    ui::{
        kit::{button::IconButton, icon::Shape, overlay::confirm::Confirm},
        lazy::{LazyView, lazy_dialog},
        text,
    },
};

/// Largest size of the image, in pixels; reserved before it loads.
const WIDEST: u32 = 120;
const HIGHEST: u32 = 84;

/// The card.
pub(in crate::ui::conversation) fn preview_card(
    message_ref: MessageRef,
    preview: LinkPreview,
) -> AnyView {
    let MessageRef { id, seq, .. } = message_ref;
    let LinkPreview { url, site, title, description, thumbnail } = preview;
    let thumbnail = thumbnail.map(|thumbnail| {
        let (width, height) = thumbnail.fit_within(WIDEST, HIGHEST);
        view! {
            <img
                src=thumbnail.path(id, seq)
                width=width.to_string()
                height=height.to_string()
                alt=""
                loading="lazy"
            />
        }
    });
    let asking = RwSignal::new(false);
    view! {
        <div class="preview">
            <div class="preview-words">
                <p class="preview-site" dir="auto">
                    {site}
                </p>
                <a
                    class="preview-title"
                    dir="auto"
                    href=url.clone()
                    title=url
                    target="_blank"
                    rel="noopener noreferrer nofollow"
                >
                    {title}
                </a>
                <p class="preview-description" dir="auto">
                    {description}
                </p>
            </div>
            {thumbnail}
            {message_ref
                .is_own()
                .then(|| {
                    view! {
                        <IconButton
                            shape=Shape::Cross
                            label=text::message::REMOVE_PREVIEW
                            press=move || asking.set(true)
                        />
                        {lazy_dialog(LazyView::RemovePreview {
                            message_ref,
                            open: asking,
                        })}
                    }
                })}
        </div>
    }
    .into_any()
}

/// Confirms the removal.
#[component]
pub(in crate::ui) fn RemovePreview(message_ref: MessageRef, open: RwSignal<bool>) -> impl IntoView {
    let (app, MessageRef { id, seq, .. }) = (use_app_state(), message_ref);
    view! {
        <Confirm
            open
            title=text::message::REMOVE_PREVIEW_QUESTION
            consequence=text::message::REMOVE_PREVIEW_CONSEQUENCE
            label=text::kit::REMOVE
            act=Callback::new(move |()| app.remove_preview(id, seq))
        />
    }
}
