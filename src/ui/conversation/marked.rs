//! In the details of a conversation: what is pinned in it, and which of its questions are open. Each leads to its place.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    client::use_chat,
    domain::{
        ConversationId,
        message::{Mark, MarkedMessage},
    },
    ui::kit::{
        markup,
        time::{Form, Moment},
    },
};

/// One of the two lists; not there while it is empty.
#[component]
pub(super) fn MarkedList(id: ConversationId, mark: Mark) -> impl IntoView {
    let chat = use_chat();
    let listed = RwSignal::new(Vec::<MarkedMessage>::new());
    // Anything that happens in the conversation may change what stands in the list. One question at a time.
    let (asking, again) = (StoredValue::new(false), StoredValue::new(false));
    let ask = move || {
        if asking.get_value() {
            return again.set_value(true);
        }
        asking.set_value(true);
        spawn_local(async move {
            loop {
                // Without an answer the list stays as it was.
                if let Ok(now) = chat.marked(id, mark).await {
                    listed.try_set(now);
                }
                if again.try_update_value(std::mem::take) != Some(true) {
                    break;
                }
            }
            asking.try_set_value(false);
        });
    };
    let head = Memo::new(move |_| chat.book.with(|book| book.find(id).map(|summary| summary.head)));
    Effect::new(move || {
        // Read, not only tracked: a memo that nobody reads knows of no changes.
        if head.get().is_some() {
            ask();
        }
    });
    let title = match mark {
        Mark::Pinned => "Pinned",
        Mark::OpenQuestion => "Open questions",
    };
    let row = move |one: MarkedMessage| {
        let author = chat.roster.with_untracked(|roster| roster.name(one.author));
        view! {
            <li>
                <a class="hit" href=format!("/c/{id}?at={}", one.seq)>
                    <span class="hit-head"><strong dir="auto">{author}</strong> " " <Moment at=one.at form=Form::Short/></span>
                    <span class="hit-text" dir="auto">{markup::plain(&one.excerpt)}</span>
                </a>
            </li>
        }
        .into_any()
    };
    move || {
        let rows = listed.get();
        (!rows.is_empty()).then(|| {
            view! {
                <section aria-label=title>
                    <div class="members-head"><h3>{title} " " <span class="quiet">{rows.len()}</span></h3></div>
                    <ul class="marked">{rows.into_iter().map(row).collect::<Vec<_>>()}</ul>
                </section>
            }
        })
    }
}
