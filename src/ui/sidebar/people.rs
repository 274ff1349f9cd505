//! The list of people: who there is, and who is online; one press away from a conversation.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::is_named;
use crate::{
    client::{Chat, use_chat},
    domain::{ConversationId, PersonId},
    ui::{
        kit::avatar::Avatar,
        people::{person_name::PersonName, person_status::StatusOf},
        type_ahead::{Hold, use_ahead},
    },
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
            let found = roster.all().filter(|person| person.id != me && is_named(person, &wanted));
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
                <p class="quiet hint">{move || if wanted.with(String::is_empty) { "No one else has joined yet. Share the address of this site." } else { "No matches" }}</p>
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
            <PersonName person=id class="row-title"/>
            <span class="hidden">", " {move || presence.get().words()} " "</span>
            <StatusOf person=id/>
        </button>
    }
}

/// Opens the conversation with somebody.
pub fn opener(chat: Chat) -> impl Fn(PersonId) + Clone {
    let (go, ahead) = (use_navigate(), use_ahead());
    let go = move |conversation: ConversationId| go(&format!("/c/{conversation}"), NavigateOptions::default());
    move |person| {
        if let Some(known) = chat.book.with_untracked(|book| book.direct_with(person)) {
            return go(known);
        }
        let (go, hold) = (go.clone(), Hold::new(ahead, None));
        spawn_local(async move {
            match chat.direct(person).await {
                Ok(conversation) if hold.is_wanted() => hold.come(|| go(conversation)),
                // It is in the list now.
                Ok(_) => {}
                Err(error) => {
                    hold.end();
                    chat.tell_trouble(error.message);
                }
            }
        });
    }
}
