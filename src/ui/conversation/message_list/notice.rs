//! System messages of the timeline. Consecutive membership changes are one sentence.

use leptos::prelude::*;

use super::timeline_rows::MembershipChange;
use crate::{
    client::use_app_state,
    domain::{Change, Entry, PersonId, Seq},
    ui::kit::text::plural::pluralize,
};

/// Most names listed.
const MAX_NAMES: usize = 3;

/// A change of the group.
pub(in crate::ui::conversation) fn group_notice(entry: &Entry) -> AnyView {
    let (by, words) = match &entry.change {
        Change::Created { by } => (*by, " created the group".to_owned()),
        Change::Renamed { by, name } => (*by, format!(" renamed the group to “{name}”")),
        Change::Pictured { by, face: Some(_) } => (*by, " changed the group picture".to_owned()),
        Change::Pictured { by, face: None } => (*by, " removed the group picture".to_owned()),
        _ => return ().into_any(),
    };
    row(entry.seq, vec![name(by, "You"), words.into_any()])
}

/// Membership changes; `seq` is that of the last.
pub(in crate::ui::conversation) fn membership_notice(seq: Seq, change: MembershipChange, people: Vec<PersonId>) -> AnyView {
    let open = RwSignal::new(false);
    let count = people.len();
    let many = (count > MAX_NAMES).then(|| pluralize(count, "person", "people"));
    // The sentence starts with the actor, or with the members if they acted themselves.
    let (by, verb) = match change {
        MembershipChange::Registered => (None, "joined"),
        MembershipChange::Left => (None, "left"),
        MembershipChange::Added(by) => (Some(by), " added "),
        MembershipChange::Removed(by) => (Some(by), " removed "),
    };
    let me = if by.is_none() { "You" } else { "you" };
    let mut parts: Vec<AnyView> = by.map(|by| vec![name(by, "You"), verb.into_any()]).unwrap_or_default();
    if let Some(many) = &many {
        let verb = by.is_none().then(|| format!(" {verb}"));
        parts.push(format!("{many}{}: ", verb.unwrap_or_default()).into_any());
    }
    let names = move || {
        let shown = if open.get() || count <= MAX_NAMES { count } else { MAX_NAMES };
        let mut parts = Vec::new();
        for (at, person) in people.iter().take(shown).enumerate() {
            if at > 0 {
                parts.push(if at + 1 == count { " and " } else { ", " }.into_any());
            }
            parts.push(name(*person, me));
        }
        parts.into_any()
    };
    parts.push(names.into_any());
    if many.is_none() && by.is_none() {
        parts.push(format!(" {verb}").into_any());
    }
    if many.is_some() {
        let words = move || if open.get() { "Show less".to_owned() } else { format!("and {} more", count - MAX_NAMES) };
        parts.push(
            view! {
                " "
                <button type="button" class="notice-more" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
                    {words}
                </button>
            }
            .into_any(),
        );
    }
    row(seq, parts)
}

fn row(seq: Seq, parts: Vec<AnyView>) -> AnyView {
    view! { <p class="notice" id=format!("m{seq}")>{parts}</p> }.into_any()
}

/// Isolated: a right-to-left name must not reorder the sentence.
fn name(person: PersonId, me: &'static str) -> AnyView {
    let app = use_app_state();
    let name = move || if person == app.my_id() { me.to_owned() } else { app.label(person) };
    view! { <bdi>{name}</bdi> }.into_any()
}
