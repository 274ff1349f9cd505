//! In the details of a conversation: the files that were shared in it, the newest first.

use leptos::{prelude::*, task::spawn_local};

use super::files;
use crate::{
    client::use_chat,
    domain::{ConversationId, Seq, file::SharedFile},
    ui::kit::{
        fresh::{Answer, keep_fresh, take},
        hit::hit,
    },
};

/// The list; not there while it is empty.
#[component]
pub(super) fn SharedFiles(id: ConversationId) -> impl IntoView {
    let chat = use_chat();
    let head = Memo::new(move |_| chat.book.with(|book| book.find(id).map(|summary| summary.head)));
    let listed: Answer<SharedFile> = RwSignal::new(None);
    // What was asked for beyond the newest.
    let (older, ended) = (RwSignal::new(Vec::<SharedFile>::new()), RwSignal::new(false));
    keep_fresh(head, move || Box::pin(async move { take(listed, chat.files(id, None).await) }));
    let newest = move || listed.get().and_then(Result::ok).unwrap_or_default();
    let more = move |_| {
        let last = older.with_untracked(|older| older.last().map(|shared| shared.seq)).or_else(|| untrack(newest).last().map(|shared| shared.seq));
        spawn_local(async move {
            match chat.files(id, last).await {
                Ok(found) => {
                    ended.set(found.is_empty());
                    older.update(|older| older.extend(found));
                }
                Err(error) => chat.tell_trouble(error.message),
            }
        });
    };
    let row = move |SharedFile { seq, at, author, file }: SharedFile| {
        view! { <li>{files::card(&file)}{hit(id, seq, at, author, None, Vec::new())}</li> }.into_any()
    };
    move || {
        let mut rows = newest();
        let oldest = rows.last().map_or(Seq(0), |shared| shared.seq);
        rows.extend(older.get().into_iter().filter(|shared| shared.seq < oldest));
        // The server answers the files of 30 messages.
        let whole = ended.get() || rows.len() < 30;
        (!rows.is_empty()).then(|| {
            view! {
                <section aria-label="Files" class="shared-files">
                    <div class="members-head"><h3>"Files"</h3></div>
                    <ul>{rows.into_iter().map(row).collect::<Vec<_>>()}</ul>
                    {(!whole).then(|| view! { <button type="button" class="button quiet small" on:click=more>"Older files"</button> })}
                </section>
            }
        })
    }
}
