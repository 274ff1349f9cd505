//! The saved messages of all conversations, with links to them.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    client::{state::conversations::Conversations, use_app_state},
    domain::message::MessageExcerpt,
    ui::{
        conversation::{self, BackLink},
        kit::{
            button::IconButton,
            field::ErrorText,
            icon::{Icon, Shape},
            refetch::{Fetched, refetch_on},
        },
        search::message_link::message_link,
        text,
        workspace::page_title,
    },
};

/// The page, in the main pane.
#[component]
pub fn Saved() -> impl IntoView {
    let app = use_app_state();
    let news = Memo::new(move |_| Some(app.conversations.with(Conversations::saved_at)));
    let saved: Fetched<MessageExcerpt> = RwSignal::new(None);
    refetch_on(saved, news, app.is_connected(), move || Box::pin(app.saved_messages()));
    let row = move |one: MessageExcerpt| {
        let MessageExcerpt { conversation: id, seq, at, author, excerpt } = one;
        let title = conversation::title(app, id).get_untracked();
        view! {
            <li>
                {message_link(id, seq, at, author, Some(title), vec![excerpt.into_any()])}
                <IconButton
                    shape=Shape::Cross
                    label=text::message::REMOVE_FROM_SAVED
                    press=move || app.save_message(id, seq, false)
                />
            </li>
        }
        .into_any()
    };
    view! {
        <Title text=page_title(app, || Some(text::message::SAVED.to_owned())) />
        <section class="pane" aria-label=text::message::SAVED>
            <header class="pane-head">
                <BackLink />
                <h1>{text::message::SAVED}</h1>
            </header>
            <div class="pane-body">
                {move || match saved.get() {
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
                    Some(Ok(rows)) if rows.is_empty() => {
                        view! {
                            <div class="blank">
                                <Icon shape=Shape::Bookmark />
                                <h2>{text::message::NO_SAVED}</h2>
                                <p class="quiet">{text::message::NO_SAVED_HINT}</p>
                            </div>
                        }
                            .into_any()
                    }
                    Some(Ok(rows)) => {
                        view! {
                            <ul class="rows hits saved">
                                {rows.into_iter().map(row).collect::<Vec<_>>()}
                            </ul>
                        }
                            .into_any()
                    }
                }}
            </div>
        </section>
    }
}
