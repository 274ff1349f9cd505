//! What a message's link leads to, as a card below it: all of it comes from this server.

use leptos::prelude::*;

use super::actions::About;
use crate::{
    client::use_chat,
    domain::preview::Preview,
    ui::{
        kit::{
            icon::{Icon, Shape},
            overlay::confirm::Confirm,
        },
        lazy::{Part, once},
    },
};

/// The largest that a picture is shown, in pixels: its room is kept before it comes.
const WIDEST: u32 = 120;
const HIGHEST: u32 = 84;

/// The card.
pub(in crate::ui::conversation) fn card(about: About, preview: Preview) -> AnyView {
    let About { id, seq, .. } = about;
    let Preview { url, site, title, description, picture } = preview;
    let picture = picture.map(|picture| {
        let (width, height) = picture.shown(WIDEST, HIGHEST);
        view! { <img src=picture.path(id, seq) width=width.to_string() height=height.to_string() alt="" loading="lazy"/> }
    });
    let asking = RwSignal::new(false);
    view! {
        <div class="preview">
            <div class="preview-words">
                <p class="preview-site" dir="auto">{site}</p>
                <a class="preview-title" dir="auto" href=url.clone() title=url target="_blank" rel="noopener noreferrer nofollow">{title}</a>
                <p class="preview-description" dir="auto">{description}</p>
            </div>
            {picture}
            {about.is_own().then(|| view! {
                <button type="button" class="icon-button" aria-label="Remove preview" title="Remove preview" on:click=move |_| asking.set(true)><Icon shape=Shape::Cross/></button>
                {once(Part::RemovePreview { about, open: asking })}
            })}
        </div>
    }
    .into_any()
}

/// Asks before a preview is removed.
#[component]
pub(in crate::ui) fn RemovePreview(about: About, open: RwSignal<bool>) -> impl IntoView {
    let (chat, About { id, seq, .. }) = (use_chat(), about);
    view! {
        <Confirm
            open
            title="Remove preview?"
            consequence="It will be removed for everyone. The link stays in the message."
            label="Remove"
            act=Callback::new(move |()| chat.remove_preview(id, seq))
        />
    }
}
