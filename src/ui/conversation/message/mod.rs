//! One row of the timeline: a message, sent or pending, or another row.

pub(super) mod actions;
pub(super) mod edit_history;
pub(super) mod link_preview;
pub(super) mod mention_names;
mod pending;
mod reactions;
pub(super) mod read_receipts;

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusEvent, KeyboardEvent};

use super::{
    attachments,
    message_list::{notice, timeline_rows::Row},
    thread,
};
use crate::{
    client::use_app_state,
    domain::{
        Change, ConversationId, Entry, Millis, PersonId, Seq,
        message::{Quote, State},
    },
    ui::{
        kit::{
            avatar::Avatar,
            icon::{Icon, Shape},
            time::{Clock, TimeFormat, Timestamp},
        },
        lazy::{LazyView, lazy},
        markup::RichText,
        people::person_name::PersonName,
        text,
        workspace::shortcuts::is_keyboard_focus,
    },
};
use actions::MessageRef;
use reactions::Reactions;
use read_receipts::ReadReceipts;

/// A row of the timeline.
pub(super) fn row(id: ConversationId, row: Row, last_own: Memo<Option<Seq>>) -> AnyView {
    match row {
        Row::Day(at) => {
            let app = use_app_state();
            let press = move |_| app.show_go_to_date.set(true);
            view! {
                <p class="day">
                    <button type="button" title=text::conversation::GO_TO_DAY on:click=press>
                        <Timestamp at format=TimeFormat::Day />
                    </button>
                </p>
            }
            .into_any()
        }
        Row::NewLine(_) => view! {
            <p class="new-line">
                <span>{text::conversation::NEW}</span>
            </p>
        }
        .into_any(),
        Row::Notice(entry) => notice::group_notice(&entry),
        Row::Membership { seq, change, people, .. } => {
            notice::membership_notice(seq, change, people)
        }
        Row::Message { entry, author, lead } => {
            view! { <MessageView id entry author lead last_own /> }.into_any()
        }
        Row::Pending { pending, lead } => pending::pending_message(id, pending, lead),
    }
}

/// A sent message. Updated in place, so that focus and screen readers stay on it.
#[component]
fn MessageView(
    id: ConversationId,
    entry: Arc<Entry>,
    author: PersonId,
    lead: bool,
    last_own: Memo<Option<Seq>>,
) -> impl IntoView {
    let app = use_app_state();
    let (seq, at) = (entry.seq, entry.at);
    let message_ref = MessageRef { id, seq, author };
    let now = Memo::new(move |before: Option<&Arc<Entry>>| {
        let found = app.timelines.with(|timelines| timelines.find(id)?.message(seq).cloned());
        found.or_else(|| before.cloned()).unwrap_or_else(|| Arc::clone(&entry))
    });
    let said = Memo::new(move |_| {
        now.with(|entry| {
            if let Change::Posted { body, .. } = &entry.change {
                body.clone()
            } else {
                String::new()
            }
        })
    });
    let state = Memo::new(move |_| {
        now.with(|entry| {
            if let Change::Posted { state, .. } = &entry.change {
                state.clone()
            } else {
                State::default()
            }
        })
    });
    let quote = Memo::new(move |_| {
        now.with(|entry| {
            if let Change::Posted { reply_to, .. } = &entry.change {
                reply_to.clone()
            } else {
                None
            }
        })
    });
    let carries = Memo::new(move |_| {
        now.with(|entry| {
            if let Change::Posted { files, .. } = &entry.change {
                files.clone()
            } else {
                Vec::new()
            }
        })
    });
    let reply_count = Memo::new(move |_| state.with(|state| state.replies.len()));
    let leads = Memo::new(move |_| state.with(|state| state.preview.clone()));
    let gone = Memo::new(move |_| state.with(|state| state.deleted.is_some()));
    let (hovered, focused) = (RwSignal::new(false), RwSignal::new(false));
    // Letters are shortcuts only after keyboard focus: after a click they are text.
    let by_keys = StoredValue::new(false);
    let (held, showing_history) = (RwSignal::new(false), RwSignal::new(false));
    let on_focus = move |event: FocusEvent| {
        focused.set(true);
        let on_itself = event.target().filter(|_| event.target() == event.current_target());
        let article = on_itself.and_then(|target| target.dyn_into::<Element>().ok());
        by_keys.set_value(article.is_some_and(|article| is_keyboard_focus(&article)));
    };
    let on_blur = move |event: FocusEvent| {
        let inside = |to: Element| {
            to.closest("article")
                .ok()
                .flatten()
                .is_some_and(|article| article.id() == format!("m{seq}"))
        };
        if !event.related_target().and_then(|to| to.dyn_into().ok()).is_some_and(inside) {
            focused.set(false);
        }
    };
    let keys = move |event: KeyboardEvent| {
        let on_itself = event.target() == event.current_target();
        let plain = !(event.ctrl_key() || event.meta_key() || event.alt_key());
        if on_itself
            && plain
            && by_keys.get_value()
            && !gone.get_untracked()
            && message_ref.handle_key(app, &event.key())
        {
            event.prevent_default();
        }
    };
    let is_shown = move || !gone.get();
    let has_badges =
        move || state.with(|state| state.pinned || state.resolved || state.edited.is_some());
    let has_actions = move || hovered.get() || focused.get() || held.get();
    let class = move || {
        let lit = app.highlighted.get() == Some((id, seq));
        classes(&[("lead", lead), ("own", author == app.my_id()), ("lit", lit)])
    };
    view! {
        <article
            id=format!("m{seq}")
            class=class
            aria-label=label(author, at)
            tabindex=move || if focused.get() { "0" } else { "-1" }
            on:mouseenter=move |_| hovered.set(true)
            on:mouseleave=move |_| hovered.set(false)
            on:focusin=on_focus
            on:focusout=on_blur
            on:keydown=keys
        >
            {avatar_column(author, at, lead)}
            <div class="message-main">
                {lead.then(|| header(author, at))}
                {move || quote.get().map(|quote| view! { <QuotedMessage id quote /> })}
                {move || {
                    if gone.get() {
                        view! { <p class="gone">{text::MESSAGE_DELETED}</p> }.into_any()
                    } else {
                        view! {
                            <RichText
                                text=said.get()
                                names=mention_names::resolver(app, id, author)
                            />
                        }
                            .into_any()
                    }
                }}
                {move || attachments::attachments_view(carries.get(), true)}
                <Show when=is_shown>
                    {move || {
                        leads.get().map(|leads| link_preview::preview_card(message_ref, *leads))
                    }}
                    <Show when=has_badges>
                        <p class="marks">
                            {move || badges(state)}
                            <Show when=move || state.with(|state| state.edited.is_some())>
                                <button
                                    type="button"
                                    class="edited"
                                    on:click=move |_| showing_history.set(true)
                                >
                                    {text::message::EDITED}
                                </button>
                            </Show>
                        </p>
                    </Show>
                    <Reactions message_ref state />
                    {move || {
                        Some(reply_count.get())
                            .filter(|count| *count > 0)
                            .map(|count| thread::link(id, seq, count))
                    }}
                </Show>
                {(author == app.my_id())
                    .then(|| {
                        view! {
                            <Show when=move || last_own.get() == Some(seq)>
                                <ReadReceipts id seq />
                            </Show>
                        }
                    })}
            </div>
            <Show when=has_actions>
                {lazy(LazyView::MessageActions {
                    message_ref,
                    state,
                    said,
                    held,
                })}
            </Show>
            <Show when=move || showing_history.get()>
                {lazy(LazyView::EditHistory {
                    message_ref,
                    open: showing_history,
                })}
            </Show>
        </article>
    }
}

/// One attribute: each `class:` directive would add a view type.
fn classes(of: &[(&str, bool)]) -> String {
    of.iter()
        .filter(|(_, on)| *on)
        .fold("message".to_owned(), |classes, (class, _)| classes + " " + class)
}

/// Badges below the text.
fn badges(state: Memo<State>) -> &'static str {
    let (pinned, resolved) = state.with(|state| (state.pinned, state.resolved));
    text::message::badges(pinned, resolved)
}

fn label(author: PersonId, at: Millis) -> impl Fn() -> String {
    let (app, clock) = (use_app_state(), expect_context::<Clock>());
    move || text::message::label(&app.label(author), &clock.words(at, TimeFormat::Time))
}

/// The author's avatar, or the time.
fn avatar_column(author: PersonId, at: Millis, lead: bool) -> impl IntoView {
    let name = use_app_state().roster.with_untracked(|roster| roster.name(author));
    view! {
        <div class="message-side" aria-hidden="true" data-person=lead.then(|| author.to_string())>
            {if lead {
                view! { <Avatar id=author.0 name picture=use_app_state().avatar_url(author) /> }
                    .into_any()
            } else {
                view! { <Timestamp at format=TimeFormat::Time /> }.into_any()
            }}
        </div>
    }
}

fn header(author: PersonId, at: Millis) -> impl IntoView {
    // The article's label has both.
    view! {
        <p class="message-head" aria-hidden="true">
            <strong>
                <PersonName person=author opens=true />
            </strong>
            <Timestamp at format=TimeFormat::Time />
        </p>
    }
}

/// The quoted message of a reply; a press goes there.
#[component]
fn QuotedMessage(id: ConversationId, quote: Quote) -> impl IntoView {
    let app = use_app_state();
    let Quote { message, author, excerpt } = quote;
    let says = if excerpt.is_empty() { text::MESSAGE_DELETED.to_owned() } else { excerpt };
    view! {
        <button
            type="button"
            class="quoted"
            title=text::message::GO_TO_MESSAGE
            on:click=move |_| app.go_to_message(id, message)
        >
            <Icon shape=Shape::Reply />
            <strong dir="auto">{move || app.label(author)}</strong>
            <span dir="auto">{says}</span>
        </button>
    }
}
