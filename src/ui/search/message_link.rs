//! A message in a list, as a link to its place: what was found, saved, or stands out.

use leptos::prelude::*;

use crate::{
    client::use_chat,
    domain::{ConversationId, Millis, PersonId, Seq},
    ui::kit::time::{Form, Moment},
};

/// The link. `place` is what its conversation is called, where that is not plain; `text` is what it says.
pub fn hit(id: ConversationId, seq: Seq, at: Millis, author: PersonId, place: Option<String>, text: Vec<AnyView>) -> AnyView {
    let chat = use_chat();
    let place = place.map(|place| view! { " in "<span dir="auto">{place}</span> }.into_any());
    view! {
        <a class="hit" href=format!("/c/{id}?at={seq}")>
            <span class="hit-head"><strong dir="auto">{move || chat.label(author)}</strong>{place}" "<Moment at form=Form::Short/></span>
            <span class="hit-text" dir="auto">{text}</span>
        </a>
    }
    .into_any()
}
