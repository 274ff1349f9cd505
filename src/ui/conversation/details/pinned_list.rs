//! Pinned messages and open questions of a conversation.

use leptos::prelude::*;

use crate::{
    client::use_app_state,
    domain::{
        ConversationId,
        message::{MessageExcerpt, MessageFlag},
    },
    ui::{
        kit::{
            field::ErrorText,
            refetch::{Fetched, refetch_on},
        },
        search::message_link::message_link,
        text,
    },
};

/// One of the two lists; absent while it is empty.
#[component]
pub(in crate::ui::conversation) fn PinnedList(
    id: ConversationId,
    flag: MessageFlag,
) -> impl IntoView {
    let app = use_app_state();
    // Any event of the conversation may change the list.
    let head = Memo::new(move |_| {
        app.conversations.with(|conversations| conversations.find(id).map(|summary| summary.head))
    });
    let listed: Fetched<MessageExcerpt> = RwSignal::new(None);
    refetch_on(listed, head, app.is_connected(), move || Box::pin(app.list_pins(id, flag)));
    let title = match flag {
        MessageFlag::Pinned => text::details::PINNED,
        MessageFlag::OpenQuestion => text::details::OPEN_QUESTIONS,
    };
    let row = move |one: MessageExcerpt| {
        let text = vec![one.excerpt.clone().into_any()];
        view! { <li>{message_link(id, one.seq, one.at, one.author, None, text)}</li> }.into_any()
    };
    move || {
        let rows = match listed.get() {
            None => Vec::new(),
            Some(Ok(rows)) => rows,
            Some(Err(error)) => {
                return Some(
                    view! {
                        <section aria-label=title>
                            <h3>{title}</h3>
                            <ErrorText words=error.message />
                        </section>
                    }
                    .into_any(),
                );
            }
        };
        (!rows.is_empty()).then(|| {
            view! {
                <section aria-label=title>
                    <div class="members-head">
                        <h3>{title} " " <span class="quiet">{rows.len()}</span></h3>
                    </div>
                    <ul class="marked">{rows.into_iter().map(row).collect::<Vec<_>>()}</ul>
                </section>
            }
            .into_any()
        })
    }
}
