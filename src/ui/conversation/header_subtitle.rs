//! Who is in a conversation, in a few words; of two, whether the other one is there, or when they last were.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    client::{state::roster::Presence, use_chat},
    domain::{ConversationId, Kind, Millis, PersonId},
    ui::{
        kit::{text::plural::counted, time::Clock},
        people::person_status::StatusOf,
    },
};

/// The words.
#[component]
pub(super) fn Subtitle(id: ConversationId) -> impl IntoView {
    let chat = use_chat();
    let other = move || {
        chat.book.with(|book| {
            let summary = book.find(id).filter(|summary| summary.conversation.kind == Kind::Direct)?;
            book.other(&summary.members)
        })
    };
    let other = Memo::new(move |_| other());
    move || match other.get() {
        Some(person) => view! { <PresenceOf person/><StatusOf person/> }.into_any(),
        None => (move || many(id)).into_any(),
    }
}

fn many(id: ConversationId) -> Option<String> {
    let chat = use_chat();
    chat.book.with(|book| {
        let summary = book.find(id)?;
        chat.roster.with(|roster| {
            Some(if summary.conversation.kind == Kind::Everyone {
                let online = roster.all().filter(|person| roster.is_online(person.id)).count();
                format!("{}, {online} online", counted(roster.len(), "person", "people"))
            } else {
                let online = summary.members.iter().filter(|id| roster.is_online(**id)).count();
                format!("{}, {online} online", counted(summary.members.len(), "member", "members"))
            })
        })
    })
}

/// Whether somebody is there, or when they last were.
#[component]
pub(in crate::ui) fn PresenceOf(
    /// Who.
    person: PersonId,
) -> impl IntoView {
    let chat = use_chat();
    let presence = Memo::new(move |_| chat.roster.with(|roster| roster.presence(person)));
    move || view! { <LastSeen person presence=presence.get()/> }
}

#[component]
fn LastSeen(person: PersonId, presence: Presence) -> impl IntoView {
    let chat = use_chat();
    let clock = expect_context::<Clock>();
    let last_seen = RwSignal::new(None::<Millis>);
    if presence == Presence::Offline {
        Effect::new(move || {
            spawn_local(async move {
                let at = chat.last_seen(person).await;
                // It may be another conversation by now.
                last_seen.try_set(at);
            });
        });
    }
    view! {
        {presence.words()}
        {move || last_seen.get().map(|at| format!(" · last seen {}", clock.ago(at)))}
    }
}
