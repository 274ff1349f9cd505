//! The emoji under a message: who reacted with what, and the few that are one press away.

use leptos::prelude::*;

use super::actions::About;
use crate::{
    client::{Chat, use_chat},
    domain::{
        PersonId,
        message::{Reaction, State},
    },
    ui::kit::icon::{Icon, Shape},
};

/// The ones that are used most.
const QUICK: [&str; 8] = ["👍", "❤️", "😂", "🎉", "👀", "✅", "🙏", "😕"];
/// Names that are said one by one.
const NAMED: usize = 10;

/// The few to choose from.
#[component]
pub(in crate::ui::conversation) fn Quick(about: About, state: Memo<State>, more: RwSignal<bool>) -> impl IntoView {
    let chat = use_chat();
    let pick = move |emoji: &str| chat.react(about.id, about.seq, emoji.to_owned(), !is_mine(state, chat.my_id(), emoji));
    view! {
        <div class="quick">
            {QUICK.map(|emoji| view! { <button type="button" role="menuitem" class="quick-emoji" on:click=move |_| pick(emoji)>{emoji}</button> }).collect_view()}
            <button type="button" role="menuitem" class="quick-emoji" aria-label="More emoji" title="More emoji" on:click=move |_| more.set(true)>
                <Icon shape=Shape::More/>
            </button>
        </div>
    }
}

fn is_mine(state: Memo<State>, me: PersonId, emoji: &str) -> bool {
    state.with_untracked(|state| state.reactions.iter().any(|reaction| reaction.emoji == emoji && reaction.people.contains(&me)))
}

/// What is there.
#[component]
pub(in crate::ui::conversation) fn Reactions(about: About, state: Memo<State>) -> impl IntoView {
    let emoji = Memo::new(move |_| state.with(|state| state.reactions.iter().map(|reaction| reaction.emoji.clone()).collect::<Vec<_>>()));
    view! {
        <Show when=move || !emoji.with(Vec::is_empty)>
            <div class="reactions" role="group" aria-label="Reactions">
                <For each=move || emoji.get() key=Clone::clone let:emoji><Chip about state emoji/></For>
            </div>
        </Show>
    }
}

#[component]
fn Chip(about: About, state: Memo<State>, emoji: String) -> impl IntoView {
    let chat = use_chat();
    let me = chat.my_id();
    let people = {
        let emoji = emoji.clone();
        Memo::new(move |_| {
            let of = |state: &State| state.reactions.iter().find(|reaction| reaction.emoji == emoji).map(|reaction| reaction.people.clone());
            state.with(of).unwrap_or_default()
        })
    };
    let mine = move || people.with(|people| people.contains(&me));
    let words = {
        let emoji = emoji.clone();
        move || format!("{emoji} {}", people.with(|people| names(chat, people, NAMED)))
    };
    let press = {
        let emoji = emoji.clone();
        move |_| chat.react(about.id, about.seq, emoji.clone(), !mine())
    };
    let title = words.clone();
    view! {
        <button type="button" class="chip" class:mine=mine aria-pressed=move || mine().to_string() aria-label=words title=title on:click=press>
            <span>{emoji}</span>
            <span class="chip-count">{move || people.with(Vec::len)}</span>
        </button>
    }
}

/// Who reacted with what: all of them, also where no pointer can ask.
#[component]
pub(in crate::ui::conversation) fn WhoReacted(state: Memo<State>) -> impl IntoView {
    let chat = use_chat();
    let row = move |reaction: Reaction| {
        let who = names(chat, &reaction.people, usize::MAX);
        view! { <li><span>{reaction.emoji}</span> <span dir="auto">{who}</span></li> }.into_any()
    };
    view! { <ul class="reacted" tabindex="0">{move || state.with(|state| state.reactions.iter().cloned().map(row).collect::<Vec<_>>())}</ul> }
}

/// Who, in words; oneself first.
fn names(chat: Chat, people: &[PersonId], most: usize) -> String {
    let me = chat.my_id();
    let others = people.iter().filter(|person| **person != me).map(|person| chat.label(*person));
    let mut named: Vec<String> = people.contains(&me).then(|| "You".to_owned()).into_iter().chain(others).take(most).collect();
    match people.len().saturating_sub(most) {
        0 => {}
        more => named.push(format!("{more} more")),
    }
    named.join(", ")
}
