//! System messages of the timeline. Consecutive membership changes are one sentence.

use leptos::prelude::*;

use super::timeline_rows::MembershipChange;
use crate::{
    client::use_app_state,
    domain::{Change, Entry, PersonId, Seq},
    ui::text,
};

/// Maximum number of names listed.
const MAX_NAMES: usize = 3;

/// A change of the group.
pub(in crate::ui::conversation) fn group_notice(entry: &Entry) -> AnyView {
    let (by, words) = match &entry.change {
        Change::Created { by } => (*by, text::conversation::CREATED_GROUP.to_owned()),
        Change::Renamed { by, name } => (*by, text::conversation::renamed_group(name)),
        Change::GroupAvatarChanged { by, avatar: Some(_) } => {
            (*by, text::conversation::CHANGED_PICTURE.to_owned())
        }
        Change::GroupAvatarChanged { by, avatar: None } => {
            (*by, text::conversation::REMOVED_PICTURE.to_owned())
        }
        // These have a row of another form (see `build_rows`), or none.
        Change::Posted { .. }
        | Change::Edited { .. }
        | Change::Deleted { .. }
        | Change::Restored { .. }
        | Change::Reacted { .. }
        | Change::Pinned { .. }
        | Change::QuestionResolved { .. }
        | Change::Previewed { .. }
        | Change::MemberAdded { .. }
        | Change::MemberRemoved { .. }
        | Change::MemberLeft { .. }
        | Change::Registered { .. }
        | Change::ProfileUpdated { .. }
        // Only in the stream of a person.
        | Change::ConversationAdded { .. }
        | Change::ConversationRemoved { .. }
        | Change::PrivacySet { .. }
        | Change::DraftSaved { .. }
        | Change::Saved { .. }
        | Change::ManualReadSet { .. }
        | Change::NotificationLevelChanged { .. }
        | Change::ConversationPinned { .. }
        | Change::ReadPositionChanged { .. } => return ().into_any(),
    };
    row(entry.seq, vec![name(by, text::YOU), words.into_any()])
}

/// Membership changes; `seq` is that of the last.
pub(in crate::ui::conversation) fn membership_notice(
    seq: Seq,
    change: MembershipChange,
    people: Vec<PersonId>,
) -> AnyView {
    let open = RwSignal::new(false);
    let count = people.len();
    let many = (count > MAX_NAMES).then_some(count);
    // The sentence starts with the actor, or with the members if they acted themselves.
    let (by, (before, after)) = match change {
        MembershipChange::Registered => (None, text::conversation::joined(many)),
        MembershipChange::Left => (None, text::conversation::left(many)),
        MembershipChange::Added(by) => (Some(by), (text::conversation::added(many), "")),
        MembershipChange::Removed(by) => (Some(by), (text::conversation::removed(many), "")),
    };
    // Capitalised only as the first word of the sentence.
    let first = if by.is_none() && before.is_empty() { text::YOU } else { text::people::YOU };
    let mut parts: Vec<AnyView> = by.map(|by| name(by, text::YOU)).into_iter().collect();
    if !before.is_empty() {
        parts.push(before.into_any());
    }
    let names = move || {
        let shown = if open.get() || count <= MAX_NAMES { count } else { MAX_NAMES };
        let mut parts = Vec::new();
        for (at, person) in people.iter().take(shown).enumerate() {
            if at > 0 {
                parts.push(text::separator(at, count).into_any());
            }
            let me = if at == 0 { first } else { text::people::YOU };
            parts.push(name(*person, me));
        }
        parts.into_any()
    };
    parts.push(names.into_any());
    if !after.is_empty() {
        parts.push(after.into_any());
    }
    if many.is_some() {
        let words = move || {
            if open.get() {
                text::conversation::SHOW_LESS.to_owned()
            } else {
                text::and_more(count - MAX_NAMES)
            }
        };
        parts.push(
            view! {
                " "
                <button
                    type="button"
                    class="notice-more"
                    aria-expanded=move || open.get().to_string()
                    on:click=move |_| open.update(|open| *open = !*open)
                >
                    {words}
                </button>
            }
            .into_any(),
        );
    }
    row(seq, parts)
}

fn row(seq: Seq, parts: Vec<AnyView>) -> AnyView {
    view! {
        <p class="notice" id=format!("m{seq}")>
            {parts}
        </p>
    }
    .into_any()
}

/// Isolated: a right-to-left name must not reorder the sentence.
fn name(person: PersonId, me: &'static str) -> AnyView {
    let app = use_app_state();
    let name = move || if person == app.my_id() { me.to_owned() } else { app.label(person) };
    view! { <bdi>{name}</bdi> }.into_any()
}
