//! In the details of a conversation: what is pinned in it, and which of its questions are open. Each leads to its place.

use leptos::prelude::*;

use crate::{
    client::use_chat,
    domain::{
        ConversationId,
        message::{Mark, MarkedMessage},
    },
    ui::{
        kit::{
            field::Wrong,
            refetch::{Answer, keep_fresh},
        },
        search::message_link::hit,
    },
};

/// One of the two lists; not there while it is empty.
#[component]
pub(in crate::ui::conversation) fn MarkedList(id: ConversationId, mark: Mark) -> impl IntoView {
    let chat = use_chat();
    // Anything that happens in the conversation may change what stands in the list.
    let head = Memo::new(move |_| chat.book.with(|book| book.find(id).map(|summary| summary.head)));
    let listed: Answer<MarkedMessage> = RwSignal::new(None);
    keep_fresh(listed, head, chat.reached(), move || Box::pin(chat.marked(id, mark)));
    let title = match mark {
        Mark::Pinned => "Pinned",
        Mark::OpenQuestion => "Open questions",
    };
    let row = move |one: MarkedMessage| {
        let text = vec![one.excerpt.clone().into_any()];
        view! { <li>{hit(id, one.seq, one.at, one.author, None, text)}</li> }.into_any()
    };
    move || {
        let rows = match listed.get() {
            None => Vec::new(),
            Some(Ok(rows)) => rows,
            Some(Err(error)) => return Some(view! { <section aria-label=title><h3>{title}</h3><Wrong words=error.message/></section> }.into_any()),
        };
        (!rows.is_empty()).then(|| {
            view! {
                <section aria-label=title>
                    <div class="members-head"><h3>{title} " " <span class="quiet">{rows.len()}</span></h3></div>
                    <ul class="marked">{rows.into_iter().map(row).collect::<Vec<_>>()}</ul>
                </section>
            }
            .into_any()
        })
    }
}
