//! Reactions of a message, and the quick reactions.

use leptos::prelude::*;

use super::actions::MessageRef;
use crate::{
    client::{AppState, use_app_state},
    domain::{
        PersonId,
        message::{Reaction, State},
    },
    ui::{
        kit::icon::{Icon, Shape},
        text,
    },
};

/// The quick reactions.
const QUICK_EMOJI: [&str; 8] = ["👍", "❤️", "😂", "🎉", "👀", "✅", "🙏", "😕"];
/// Maximum number of names listed.
const MAX_NAMES: usize = 10;

/// The quick reaction bar.
#[component]
pub(in crate::ui::conversation) fn QuickReactions(
    message_ref: MessageRef,
    state: Memo<State>,
    more: RwSignal<bool>,
) -> impl IntoView {
    let app = use_app_state();
    let pick = move |emoji: &str| {
        app.react(
            message_ref.id,
            message_ref.seq,
            emoji.to_owned(),
            !is_mine(state, app.my_id(), emoji),
        )
    };
    view! {
        <div class="quick">
            {QUICK_EMOJI
                .map(|emoji| {
                    view! {
                        <button
                            type="button"
                            role="menuitem"
                            class="quick-emoji"
                            on:click=move |_| pick(emoji)
                        >
                            {emoji}
                        </button>
                    }
                })
                .collect_view()}
            <button
                type="button"
                role="menuitem"
                class="quick-emoji"
                aria-label=text::message::MORE_EMOJI
                title=text::message::MORE_EMOJI
                on:click=move |_| more.set(true)
            >
                <Icon shape=Shape::More />
            </button>
        </div>
    }
}

fn is_mine(state: Memo<State>, me: PersonId, emoji: &str) -> bool {
    state.with_untracked(|state| {
        state
            .reactions
            .iter()
            .any(|reaction| reaction.emoji == emoji && reaction.people.contains(&me))
    })
}

/// The reactions.
#[component]
pub(in crate::ui::conversation) fn Reactions(
    message_ref: MessageRef,
    state: Memo<State>,
) -> impl IntoView {
    let emoji = Memo::new(move |_| {
        state.with(|state| {
            state.reactions.iter().map(|reaction| reaction.emoji.clone()).collect::<Vec<_>>()
        })
    });
    view! {
        <Show when=move || !emoji.with(Vec::is_empty)>
            <div class="reactions" role="group" aria-label=text::message::REACTIONS>
                <For each=move || emoji.get() key=Clone::clone let:emoji>
                    <ReactionChip message_ref state emoji />
                </For>
            </div>
        </Show>
    }
}

#[component]
fn ReactionChip(message_ref: MessageRef, state: Memo<State>, emoji: String) -> impl IntoView {
    let app = use_app_state();
    let me = app.my_id();
    let people = {
        let emoji = emoji.clone();
        Memo::new(move |_| {
            let of = |state: &State| {
                state
                    .reactions
                    .iter()
                    .find(|reaction| reaction.emoji == emoji)
                    .map(|reaction| reaction.people.clone())
            };
            state.with(of).unwrap_or_default()
        })
    };
    let mine = move || people.with(|people| people.contains(&me));
    let words = {
        let emoji = emoji.clone();
        move || {
            text::message::reaction(&emoji, &people.with(|people| names(app, people, MAX_NAMES)))
        }
    };
    let press = {
        let emoji = emoji.clone();
        move |_| app.react(message_ref.id, message_ref.seq, emoji.clone(), !mine())
    };
    let title = words.clone();
    view! {
        <button
            type="button"
            class="chip"
            class:mine=mine
            aria-pressed=move || mine().to_string()
            aria-label=words
            title=title
            on:click=press
        >
            <span>{emoji}</span>
            <span class="chip-count">{move || people.with(Vec::len)}</span>
        </button>
    }
}

/// All users who reacted, for devices without hover.
#[component]
pub(in crate::ui::conversation) fn ReactionDetails(state: Memo<State>) -> impl IntoView {
    let app = use_app_state();
    let row = move |reaction: Reaction| {
        let who = names(app, &reaction.people, usize::MAX);
        view! {
            <li>
                <span>{reaction.emoji}</span>
                <span dir="auto">{who}</span>
            </li>
        }
        .into_any()
    };
    view! {
        <ul class="reacted" tabindex="0">
            {move || {
                state.with(|state| state.reactions.iter().cloned().map(row).collect::<Vec<_>>())
            }}
        </ul>
    }
}

/// Names, the current user first.
fn names(app: AppState, people: &[PersonId], most: usize) -> String {
    let me = app.my_id();
    let others = people.iter().filter(|person| **person != me).map(|person| app.label(*person));
    let named = people
        .contains(&me)
        .then(|| text::YOU.to_owned())
        .into_iter()
        .chain(others)
        .take(most)
        .collect();
    text::message::names_and_more(named, people.len().saturating_sub(most))
}
