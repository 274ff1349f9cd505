//! What was found, as links to the messages; or what to type, what went wrong, that there is nothing.

use leptos::prelude::*;

use super::message_link::hit;
use crate::{
    client::{Chat, search::Search, state::conversations::Book, use_chat},
    domain::{
        ConversationId,
        search::{Hit, Piece},
    },
    ui::kit::{
        field::Wrong,
        icon::{Icon, Shape},
        text::plural::counted,
    },
};

/// All of it.
#[component]
pub(super) fn Hits() -> impl IntoView {
    let chat = use_chat();
    view! {
        <ul class="rows hits">{move || chat.search.with(|search| search.hits.iter().map(|hit| hit_view(chat, hit)).collect::<Vec<_>>())}</ul>
        <p role="status" class="quiet found">{move || chat.search.with(said)}</p>
        {move || chat.search.with(|search| below(chat, search))}
    }
}

/// What is said about what was found.
fn said(search: &Search) -> Option<String> {
    let more = search.before.is_some();
    match search.hits.len() {
        _ if search.asking || search.failed.is_some() || search.query.is_empty() => None,
        0 if more => Some("No matches among the newest messages.".to_owned()),
        0 => Some(format!("No matches for “{}”. Try fewer words or filters. Parts of words match from three letters.", search.query)),
        count if more => Some(format!("{} so far", counted(count, "message", "messages"))),
        count => Some(counted(count, "message", "messages")),
    }
}

fn below(chat: Chat, search: &Search) -> AnyView {
    if search.query.is_empty() {
        return help();
    }
    if search.asking {
        return view! { <div class="skeleton soon" aria-hidden="true"><i></i><i></i><i></i></div> }.into_any();
    }
    let further = search.before.is_some();
    let (wrong, label) = match &search.failed {
        Some(error) => (Some(error.message.clone()), error.is_passing().then_some("Try again")),
        None => (None, further.then_some("Show more")),
    };
    let query = search.query.clone();
    let press = move |_| if further { chat.look_further() } else { chat.look_for(&query, true) };
    let button = label.map(|label| view! { <button type="button" class="button quiet" on:click=press>{label}</button> });
    view! { <div class="search-below">{wrong.map(|words| view! { <Wrong words/> })} {button}</div> }.into_any()
}

fn hit_view(chat: Chat, found: &Hit) -> AnyView {
    let piece = |piece: &Piece| {
        let text = piece.text.clone();
        if piece.hit { view! { <mark>{text}</mark> }.into_any() } else { text.into_any() }
    };
    let text = found.excerpt.iter().map(piece).collect();
    view! { <li>{hit(found.conversation, found.seq, found.at, found.author, Some(title(chat, found.conversation)), text)}</li> }.into_any()
}

fn title(chat: Chat, id: ConversationId) -> String {
    let title = |book: &Book| {
        let summary = book.find(id)?;
        Some(chat.roster.with_untracked(|roster| book.label(&summary.conversation, &summary.members, roster)))
    };
    chat.book.with_untracked(title).unwrap_or_default()
}

/// What can be typed.
fn help() -> AnyView {
    view! {
        <div class="blank">
            <Icon shape=Shape::Search/>
            <h2>"Search all your conversations"</h2>
            <p class="quiet">"Enter words or parts of words in any order. Use “quotes” for an exact phrase, and filters such as from: or in: to narrow the results."</p>
        </div>
    }
    .into_any()
}
