//! The list of people: who there is, and who is online; one press away from a conversation.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;

use super::matches;
use crate::{
    client::{Chat, use_chat},
    domain::{ChatError, ConversationId, PersonId},
    ui::{ahead::Hold, kit::avatar::Avatar, status::StatusOf},
};

/// Rows shown at first: with thousands of people, the finder is the way.
const SHOWN: usize = 100;

/// The navigation.
#[component]
pub(super) fn People(
    /// Who is looked for.
    wanted: RwSignal<String>,
) -> impl IntoView {
    let chat = use_chat();
    let all = RwSignal::new(false);
    let listed = Memo::new(move |_| {
        let (wanted, me) = (wanted.get(), chat.my_id());
        chat.roster.with(|roster| {
            let found =
                roster.all().filter(|person| person.id != me && (matches(&person.display_name, &wanted) || matches(&person.username, &wanted)));
            found.map(|person| person.id).collect::<Vec<_>>()
        })
    });
    let rows = Memo::new(move |_| {
        let listed = listed.get();
        let shown = if all.get() { listed.len() } else { SHOWN };
        listed.into_iter().take(shown).collect::<Vec<_>>()
    });
    let more = Memo::new(move |_| listed.with(Vec::len) - rows.with(Vec::len));
    view! {
        <nav class="people" aria-label="People">
            <h2>"People"</h2>
            <ul>
                <For each=move || rows.get() key=|id| *id let:id>
                    <li><Row id/></li>
                </For>
            </ul>
            <Show when=move || listed.with(Vec::is_empty)>
                <p class="quiet hint">{move || if wanted.with(String::is_empty) { "Nobody else has registered yet. Share this site's address." } else { "Nobody has this name." }}</p>
            </Show>
            <Show when=move || { more.get() > 0 }>
                <p class="more"><a href="#" on:click=move |event| { event.prevent_default(); all.set(true); }>"Show " {move || more.get()} " more"</a></p>
            </Show>
        </nav>
    }
}

#[component]
fn Row(id: PersonId) -> impl IntoView {
    let chat = use_chat();
    let open = opener(chat);
    let presence = Memo::new(move |_| chat.roster.with(|roster| roster.presence(id)));
    let name = chat.roster.with_untracked(|roster| roster.name(id));
    view! {
        <button type="button" class="row person" on:click=move |_| open(id)>
            <Avatar id=id.0 name=name.clone() picture=chat.picture(id) dot=Signal::derive(move || presence.get().dot())/>
            <span class="row-title" dir="auto">{name}</span>
            <span class="hidden">", " {move || presence.get().words()} " "</span>
            <StatusOf person=id/>
        </button>
    }
}

/// Opens the conversation with somebody.
pub fn opener(chat: Chat) -> impl Fn(PersonId) + Clone {
    let go = use_navigate();
    move |person| {
        let (go, hold) = (go.clone(), Hold::new(chat, None));
        spawn_local(async move {
            let opened: Result<ConversationId, ChatError> = chat.direct(person).await;
            match opened {
                Ok(conversation) => {
                    go(&format!("/c/{conversation}"), leptos_router::NavigateOptions::default());
                    hold.hand_over();
                }
                Err(error) => chat.tell_trouble(error.message),
            }
        });
    }
}
