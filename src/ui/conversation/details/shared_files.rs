//! Files shared in a conversation, newest first.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    client::use_app_state,
    domain::{ConversationId, Seq, file::SharedFile},
    ui::{
        conversation::attachments,
        kit::{
            field::ErrorText,
            refetch::{Fetched, refetch_on},
        },
        search::message_link::message_link,
        text,
    },
};

/// The list; absent while it is empty.
#[component]
pub(in crate::ui::conversation) fn SharedFiles(id: ConversationId) -> impl IntoView {
    let app = use_app_state();
    let head = Memo::new(move |_| {
        app.conversations.with(|conversations| conversations.find(id).map(|summary| summary.head))
    });
    let listed: Fetched<SharedFile> = RwSignal::new(None);
    // The newest files, and the pages loaded after them.
    let (known, ended, busy) =
        (RwSignal::new(Vec::<SharedFile>::new()), RwSignal::new(false), RwSignal::new(false));
    refetch_on(listed, head, app.is_connected(), move || Box::pin(app.shared_files(id, None)));
    Effect::new(move || {
        let Some(Ok(newest)) = listed.get() else { return };
        let oldest = newest.last().map_or(Seq(0), |shared| shared.seq);
        known.update(|known| {
            known.retain(|shared| shared.seq < oldest);
            known.splice(0..0, newest);
        });
    });
    let more = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let last = known.with_untracked(|known| known.last().map(|shared| shared.seq));
        spawn_local(async move {
            match app.shared_files(id, last).await {
                Ok(found) => {
                    ended.set(found.is_empty());
                    known.update(|known| known.extend(found));
                }
                Err(error) => app.show_error(error.message),
            }
            busy.set(false);
        });
    };
    let row = move |SharedFile { seq, at, author, file }: SharedFile| {
        view! {
            <li>
                {attachments::list_row(&file)}{message_link(id, seq, at, author, None, Vec::new())}
            </li>
        }
        .into_any()
    };
    move || {
        if let Some(Err(error)) = listed.get() {
            return Some(
                view! {
                    <section aria-label=text::details::FILES>
                        <h3>{text::details::FILES}</h3>
                        <ErrorText words=error.message />
                    </section>
                }
                .into_any(),
            );
        }
        let rows = known.get();
        // The server returns the files of 30 messages per page.
        let whole = ended.get() || rows.len() < 30;
        (!rows.is_empty()).then(|| {
            view! {
                <section aria-label=text::details::FILES class="shared-files">
                    <div class="members-head">
                        <h3>{text::details::FILES}</h3>
                    </div>
                    <ul>{rows.into_iter().map(row).collect::<Vec<_>>()}</ul>
                    {(!whole)
                        .then(|| {
                            view! {
                                <button
                                    type="button"
                                    class="button quiet small"
                                    aria-busy=move || busy.get().to_string()
                                    on:click=more
                                >
                                    {text::details::OLDER_FILES}
                                </button>
                            }
                        })}
                </section>
            }
            .into_any()
        })
    }
}
