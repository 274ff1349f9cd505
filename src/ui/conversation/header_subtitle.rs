//! Header subtitle: member and online counts, or presence and last seen of the other user.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    client::{state::roster::Presence, use_app_state},
    domain::{ConversationId, Kind, Millis, PersonId},
    ui::{kit::time::Clock, people::person_status::PersonStatus, text},
};

/// The words.
#[component]
pub(super) fn HeaderSubtitle(id: ConversationId) -> impl IntoView {
    let app = use_app_state();
    let other = move || {
        app.conversations.with(|conversations| {
            let summary = conversations
                .find(id)
                .filter(|summary| summary.conversation.kind == Kind::Direct)?;
            conversations.other(&summary.members)
        })
    };
    let other = Memo::new(move |_| other());
    move || match other.get() {
        Some(person) => view! {
            <PresenceText person />
            <PersonStatus person />
        }
        .into_any(),
        None => (move || member_summary(id)).into_any(),
    }
}

fn member_summary(id: ConversationId) -> Option<String> {
    let app = use_app_state();
    app.conversations.with(|conversations| {
        let summary = conversations.find(id)?;
        app.roster.with(|roster| {
            Some(if summary.conversation.kind == Kind::Everyone {
                let online = roster.all().filter(|person| roster.is_online(person.id)).count();
                text::conversation::people_online(roster.len(), online)
            } else {
                let online = summary.members.iter().filter(|id| roster.is_online(**id)).count();
                text::conversation::members_online(summary.members.len(), online)
            })
        })
    })
}

/// Presence, with the last time online.
#[component]
pub(in crate::ui) fn PresenceText(
    /// The user.
    person: PersonId,
) -> impl IntoView {
    let app = use_app_state();
    let presence = Memo::new(move |_| app.roster.with(|roster| roster.presence(person)));
    move || view! { <LastSeen person presence=presence.get() /> }
}

#[component]
fn LastSeen(person: PersonId, presence: Presence) -> impl IntoView {
    let app = use_app_state();
    let clock = expect_context::<Clock>();
    let last_seen = RwSignal::new(None::<Millis>);
    if presence == Presence::Offline {
        Effect::new(move || {
            spawn_local(async move {
                let at = app.last_seen(person).await;
                // Another conversation may be open by now.
                last_seen.try_set(at);
            });
        });
    }
    view! {
        {text::people::presence(presence)}
        {move || last_seen.get().map(|at| text::people::last_seen(&clock.ago(at)))}
    }
}
