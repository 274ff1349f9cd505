//! A conversation: header, message list, composer, and side panel.

mod attachments;
mod composer;
mod details;
mod go_to_date;
mod header_subtitle;
mod message;
mod message_list;
mod side_panel;
mod thread;

use attachments::lightbox;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map, use_query_map},
};

use super::{
    kit::{
        button::IconButton,
        icon::{Icon, Shape},
    },
    lazy::{LazyView, lazy, lazy_dialog},
    pages::not_found::NotFoundMessage,
    people::person_name::PersonName,
    sidebar::notification_badge::conversation_badge,
    workspace::page_title,
};
use crate::{
    client::{AppState, use_app_state},
    domain::{ConversationId, Kind, Seq},
    ui::text,
};
pub(super) use attachments::attachment_tray::{AttachmentTray, has_files};
use attachments::attachment_tray::{is_drag_leave, transferred_files};
pub(super) use attachments::lightbox::Lightbox;
use composer::Composer;
pub(super) use composer::mention_everyone::ConfirmMentionEveryone;
pub(super) use details::Details;
pub(super) use go_to_date::GoToDate;
use header_subtitle::HeaderSubtitle;
pub(super) use header_subtitle::PresenceText;
pub(super) use message::actions::{MessageActions, MessageRef};
pub(super) use message::edit_history::EditHistory;
pub(super) use message::link_preview::RemovePreview;
pub(super) use message::read_receipts::ReadBy;
use message_list::MessageList;
use message_list::typing_indicator::TypingIndicator;
pub(super) use thread::Thread;

/// `/`: the list and the last visited conversation.
#[component]
pub fn FirstConversation() -> impl IntoView {
    let first = untrack(|| use_app_state().home_conversation());
    view! { {first.map(|id| view! { <Conversation id /> })} }
}

/// `/c/{id}`.
#[component]
pub fn OpenConversation() -> impl IntoView {
    let app = use_app_state();
    let params = use_params_map();
    let mine = Memo::new(move |_| {
        let id = params.with(|params| params.get("id"))?.parse::<ConversationId>().ok()?;
        app.conversations.with(|conversations| conversations.find(id).is_some()).then_some(id)
    });
    move || match mine.get() {
        Some(id) => view! { <Conversation id /> }.into_any(),
        None => view! {
            <section class="pane">
                <header class="pane-head">
                    <BackLink />
                </header>
                <NotFoundMessage />
            </section>
        }
        .into_any(),
    }
}

/// Title of a conversation.
pub fn title(app: AppState, id: ConversationId) -> Memo<String> {
    Memo::new(move |_| {
        app.conversations.with(|conversations| {
            conversations
                .find(id)
                .map(|summary| {
                    app.roster.with(|roster| {
                        conversations.label(&summary.conversation, &summary.members, roster)
                    })
                })
                .unwrap_or_default()
        })
    })
}

#[component]
fn Conversation(id: ConversationId) -> impl IntoView {
    let app = use_app_state();
    let title = title(app, id);
    // The other member of a direct conversation never changes.
    let other = app.conversations.with_untracked(|conversations| {
        conversations
            .find(id)
            .filter(|it| it.conversation.kind == Kind::Direct)
            .and_then(|it| conversations.other(&it.members))
    });
    let query = use_query_map();
    let detailed = Memo::new(move |_| query.with(|query| query.get("details").is_some()));
    let thread = Memo::new(move |_| query.with(|query| query.get("thread")?.parse().ok().map(Seq)));
    let at = Memo::new(move |_| {
        query.with(|query| query.get("at").and_then(|at| at.parse().ok().map(Seq)))
    });
    let dropping = RwSignal::new(false);
    // The initial state contains the first conversation; others are loaded when opened.
    Effect::new(move |before: Option<Option<Seq>>| {
        let at = at.get();
        if before.is_none() || at.is_some() {
            app.open_conversation(id, at);
        }
        at
    });
    view! {
        <Title text=page_title(app, move || title.try_get()) />
        <section
            class="conversation"
            class:detailed=move || detailed.get() || thread.get().is_some()
            aria-label=text::conversation::CONVERSATION
        >
            <div
                class="pane"
                class:dropping=move || dropping.get()
                on:dragover=move |event| {
                    if has_files(event.data_transfer()) {
                        event.prevent_default();
                        dropping.set(true);
                    }
                }
                on:dragleave=move |event| {
                    if is_drag_leave(&event) {
                        dropping.set(false)
                    }
                }
                on:drop=move |event| {
                    dropping.set(false);
                    let files = transferred_files(event.data_transfer());
                    if !files.is_empty() {
                        event.prevent_default();
                        app.attach(id, files);
                    }
                }
            >
                <header class="pane-head">
                    <BackLink />
                    <div class="pane-title">
                        // Isolated, so that a right-to-left name starts where all names do.
                        <h1>
                            {move || match other {
                                Some(person) => {
                                    view! { <PersonName person opens=true /> }.into_any()
                                }
                                None => {
                                    view! {
                                        <bdi title=move || title.get()>{move || title.get()}</bdi>
                                    }
                                        .into_any()
                                }
                            }}
                        </h1>
                        <p class="quiet">{conversation_badge(id)} <HeaderSubtitle id /></p>
                    </div>
                    <DetailsButton id detailed />
                </header>
                <MessageList id />
                <TypingIndicator id />
                <Composer id title />
            </div>
            <Show when=move || detailed.get()>{lazy(LazyView::Details { id })}</Show>
            {move || thread.get().map(|of| lazy(LazyView::Thread { id, of }))}
            {lazy_dialog(LazyView::GoToDate { id })}
            {lazy_dialog(LazyView::Lightbox {
                open: lightbox::is_open(app),
            })}
        </section>
    }
}

/// Back to the list, on a phone.
#[component]
pub fn BackLink() -> impl IntoView {
    view! {
        <a class="icon-button back" href="/" aria-label=text::conversation::BACK>
            <Icon shape=Shape::Back />
        </a>
    }
}

/// Selector of the button that opens the details.
fn details_button_selector() -> String {
    format!("[aria-label={}]", text::details::DETAILS)
}

/// Details have a URL, so that back closes them on a phone.
#[component]
fn DetailsButton(id: ConversationId, detailed: Memo<bool>) -> impl IntoView {
    let go = use_navigate();
    let toggle = move || {
        let there = if detailed.get_untracked() {
            format!("/c/{id}")
        } else {
            format!("/c/{id}?details=1")
        };
        go(&there, NavigateOptions { scroll: false, ..NavigateOptions::default() });
    };
    view! {
        <IconButton
            shape=Shape::Info
            label=text::details::DETAILS
            press=toggle
            expanded=detailed
        />
    }
}
