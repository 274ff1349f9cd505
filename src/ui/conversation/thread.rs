//! The thread panel: a message and its replies. They stay in the timeline, too.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{attachments, message::mention_names, side_panel::SidePanel};
use crate::{
    client::{drafts::composer_mode::ComposerMode, use_app_state},
    domain::{Change, ConversationId, Entry, Seq, file, message::Quote},
    ui::{
        kit::{
            avatar::Avatar,
            field::ErrorText,
            icon::{Icon, Shape},
            refetch::{Fetched, refetch_on},
            time::{TimeFormat, Timestamp},
        },
        markup::RichText,
        people::person_name::PersonName,
        text,
    },
};

/// The panel.
#[component]
pub(in crate::ui) fn Thread(id: ConversationId, of: Seq) -> impl IntoView {
    let app = use_app_state();
    let go = StoredValue::new(use_navigate());
    let head = Memo::new(move |_| {
        app.conversations.with(|conversations| conversations.find(id).map(|summary| summary.head))
    });
    let thread: Fetched<Entry> = RwSignal::new(None);
    refetch_on(thread, head, app.is_connected(), move || Box::pin(app.thread(id, of)));
    let close = move || {
        go.with_value(|go| {
            go(&format!("/c/{id}"), NavigateOptions { scroll: false, ..NavigateOptions::default() })
        })
    };
    // Replies to the first message belong to the thread.
    let first = move || {
        let entries = thread.get()?.ok()?;
        let entry = entries.first()?;
        let Change::Posted { author, body, files, state, .. } = &entry.change else { return None };
        state.deleted.is_none().then(|| Quote {
            message: entry.seq,
            author: *author,
            excerpt: file::excerpt(body, files),
        })
    };
    let reply = move |_| {
        if let Some(quote) = untrack(first) {
            close();
            app.set_composer_mode(id, ComposerMode::Reply(quote));
        }
    };
    view! {
        <SidePanel
            id
            title=text::conversation::THREAD
            opener=format!("a.thread-link[href$=\"thread={of}\"]")
        >
            {move || match thread.get() {
                None => {
                    view! {
                        <div class="skeleton soon" aria-hidden="true">
                            <i></i>
                            <i></i>
                            <i></i>
                        </div>
                    }
                        .into_any()
                }
                Some(Err(error)) => view! { <ErrorText words=error.message /> }.into_any(),
                Some(Ok(entries)) => {
                    let rows: Vec<_> = entries.into_iter().map(|entry| row(id, entry)).collect();
                    view! { <ol class="thread">{rows}</ol> }.into_any()
                }
            }}
            <Show when=move || first().is_some()>
                <button type="button" class="button quiet" on:click=reply>
                    <Icon shape=Shape::Reply />
                    {text::conversation::REPLY_IN_THREAD}
                </button>
            </Show>
        </SidePanel>
    }
}

fn row(id: ConversationId, entry: Entry) -> AnyView {
    let Entry { seq, at, change: Change::Posted { author, body, files, state, .. } } = entry else {
        return ().into_any();
    };
    let app = use_app_state();
    let name = app.roster.with_untracked(|roster| roster.name(author));
    let says = if state.deleted.is_some() {
        view! { <p class="gone">{text::MESSAGE_DELETED}</p> }.into_any()
    } else {
        view! {
            <RichText text=body names=mention_names::resolver(app, id, author) />
            {attachments::attachments_view(files, true)}
        }
        .into_any()
    };
    view! {
        <li>
            <span data-person=author.to_string()>
                <Avatar id=author.0 name picture=app.avatar_url(author) />
            </span>
            <div>
                <p class="message-head">
                    <strong>
                        <PersonName person=author opens=true />
                    </strong>
                    <a
                        href=format!("/c/{id}?thread={seq}&at={seq}")
                        title=text::message::GO_TO_MESSAGE
                    >
                        <Timestamp at format=TimeFormat::Short />
                    </a>
                </p>
                {says}
            </div>
        </li>
    }
    .into_any()
}

/// The link to the thread, with the number of replies.
pub(super) fn link(id: ConversationId, seq: Seq, reply_count: usize) -> AnyView {
    view! {
        <a class="thread-link" href=format!("/c/{id}?thread={seq}")>
            {text::count_of_replies(reply_count)}
        </a>
    }
    .into_any()
}
