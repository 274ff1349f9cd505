//! Notification level, mute and pin of a conversation.

use leptos::{html, prelude::*, task::spawn_local};

use crate::{
    client::use_app_state,
    domain::{ConversationId, Millis, NotificationLevel},
    ui::{
        kit::{
            icon::{Icon, Shape},
            time::{TimeFormat, Timestamp},
        },
        text,
    },
};

const fn label(level: NotificationLevel) -> &'static str {
    match level {
        NotificationLevel::Everything => text::details::LEVEL_EVERYTHING,
        NotificationLevel::Mentions => text::details::LEVEL_MENTIONS,
        NotificationLevel::Nothing => text::details::LEVEL_NOTHING,
        NotificationLevel::Hidden => text::details::LEVEL_HIDDEN,
    }
}

/// The part of the details.
#[component]
pub(in crate::ui::conversation) fn NotificationSettings(id: ConversationId) -> impl IntoView {
    let app = use_app_state();
    let word = move || {
        app.conversations.with(|conversations| {
            conversations
                .find(id)
                .map(|summary| summary.level)
                .unwrap_or_default()
                .as_str()
                .to_owned()
        })
    };
    let word = Memo::new(move |_| word());
    let muted = move || {
        app.conversations
            .with(|conversations| conversations.find(id)?.muted_until)
            .filter(|until| *until > app.now.get())
    };
    let is_muted = move || muted().is_some();
    let field = NodeRef::<html::Select>::new();
    // Also called by a response after the panel is closed.
    let show = move || {
        if let Some((field, word)) = field.try_get().flatten().zip(word.try_get()) {
            field.set_value(&word);
        }
    };
    Effect::new(show);
    let set = move |word: String, muted_until: Option<Millis>| {
        spawn_local(async move {
            if let Err(error) = app
                .set_notification_level(
                    id,
                    NotificationLevel::parse(&word).unwrap_or_default(),
                    muted_until,
                )
                .await
            {
                app.show_error(error.message);
                untrack(show);
            }
        });
    };
    let first = word.get_untracked();
    view! {
        <section class="levels" aria-labelledby="level-heading">
            <h3 id="level-heading">{text::details::NOTIFICATIONS}</h3>
            <label class="field">
                {text::details::NOTIFY_ABOUT}
                <select
                    node_ref=field
                    on:change=move |event| set(event_target_value(&event), untrack(muted))
                >
                    {NotificationLevel::ALL
                        .into_iter()
                        .map(|level| {
                            view! {
                                <option value=level.as_str() selected=level.as_str() == first>
                                    {label(level)}
                                </option>
                            }
                                .into_any()
                        })
                        .collect_view()}
                </select>
            </label>
            // The buttons stay in place, so that the keyboard focus stays.
            <div class="mutes" hidden=move || matches!(word.get().as_str(), "nothing" | "hidden")>
                <p class="quiet hint" role="status">
                    {move || {
                        muted()
                            .map(|at| {
                                view! {
                                    {text::details::MUTED_UNTIL.0}
                                    <Timestamp at format=TimeFormat::Upcoming />
                                    {text::details::MUTED_UNTIL.1}
                                }
                            })
                    }}
                </p>
                <button
                    type="button"
                    class="button quiet small"
                    on:click=move |_| set(
                        word.get_untracked(),
                        untrack(muted).is_none().then(|| app.in_an_hour()),
                    )
                >
                    {move || {
                        if is_muted() { text::details::UNMUTE } else { text::details::MUTE_HOUR }
                    }}
                </button>
                <button
                    type="button"
                    class="button quiet small"
                    on:click=move |_| set(word.get_untracked(), Some(app.tomorrow_morning()))
                >
                    {text::details::MUTE_TOMORROW}
                </button>
            </div>
        </section>
    }
}

/// Pins the conversation to the top of the list.
#[component]
pub(in crate::ui::conversation) fn PinConversation(id: ConversationId) -> impl IntoView {
    let app = use_app_state();
    let pinned = Memo::new(move |_| {
        app.conversations
            .with(|conversations| conversations.find(id).is_some_and(|summary| summary.pinned))
    });
    let press = move |_| app.pin_conversation(id, !pinned.get_untracked());
    view! {
        <button type="button" class="button quiet" on:click=press>
            <Icon shape=Shape::Pin />
            {move || if pinned.get() { text::details::UNPIN } else { text::details::PIN }}
        </button>
    }
}
