//! A message as a link in search results, saved messages, pins and files.

use leptos::prelude::*;

use crate::{
    client::use_app_state,
    domain::{ConversationId, Millis, PersonId, Seq},
    ui::{
        kit::time::{TimeFormat, Timestamp},
        text,
    },
};

/// The link. `place` is the conversation's title where it is not obvious.
pub fn message_link(
    id: ConversationId,
    seq: Seq,
    at: Millis,
    author: PersonId,
    place: Option<String>,
    text: Vec<AnyView>,
) -> AnyView {
    let app = use_app_state();
    let place = place.map(|place| {
        view! {
            {text::search::IN}
            <span dir="auto">{place}</span>
        }
        .into_any()
    });
    view! {
        <a class="hit" href=format!("/c/{id}?at={seq}")>
            <span class="hit-head">
                <strong dir="auto">{move || app.label(author)}</strong>
                {place}
                " "
                <Timestamp at format=TimeFormat::Short />
            </span>
            <span class="hit-text" dir="auto">
                {text}
            </span>
        </a>
    }
    .into_any()
}
