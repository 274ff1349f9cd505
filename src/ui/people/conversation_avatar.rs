//! Avatar of a conversation: the other user, the group's own image, or up to four members.

use leptos::prelude::*;

use crate::{
    client::{actions::avatars, state::roster::Roster, use_app_state},
    domain::{ConversationId, Kind, PersonId, Summary},
    ui::kit::avatar::{AvatarKind, AvatarSource, GroupAvatar},
};

/// Maximum number of members in a group's avatar.
const MAX_SHOWN: usize = 4;

/// A group's avatar.
#[component]
pub(in crate::ui) fn ConversationAvatar(
    /// Of which.
    id: ConversationId,
    /// What it is called.
    name: String,
) -> impl IntoView {
    let app = use_app_state();
    // Separate memo: all of this runs with each message.
    let members = Memo::new(move |_| {
        app.conversations.with(|conversations| {
            conversations
                .find(id)
                .map(|summary| representatives(app.my_id(), summary))
                .unwrap_or_default()
        })
    });
    let own = app.group_avatar_url(id);
    let picture = Memo::new(move |_| {
        let source = |person: PersonId| {
            let name = app.roster.with_untracked(|roster| roster.name(person));
            AvatarSource { id: person.0, name, image_url: app.avatar_url(person).get() }
        };
        group_avatar(AvatarSource { id: id.0, name: name.clone(), image_url: own.get() }, || {
            members.get().into_iter().map(source).collect()
        })
    });
    view! { <GroupAvatar picture /> }
}

/// Avatar of a user, not reactive.
pub(in crate::ui) fn person_avatar(roster: &Roster, person: PersonId) -> AvatarKind {
    AvatarKind::Person(avatar_source(roster, person))
}

/// Avatar of a conversation, not reactive.
pub(in crate::ui) fn conversation_avatar(
    me: PersonId,
    roster: &Roster,
    summary: &Summary,
    title: &str,
) -> AvatarKind {
    let Summary { conversation, members, .. } = summary;
    let people = || {
        representatives(me, summary)
            .into_iter()
            .map(|person| avatar_source(roster, person))
            .collect()
    };
    match (conversation.kind, members.iter().find(|member| **member != me)) {
        (Kind::Everyone, _) => AvatarKind::Everyone,
        (Kind::Direct, Some(other)) => person_avatar(roster, *other),
        _ => group_avatar(
            AvatarSource {
                id: conversation.id.0,
                name: title.to_owned(),
                image_url: conversation.avatar.map(avatars::avatar_url),
            },
            people,
        ),
    }
}

fn avatar_source(roster: &Roster, person: PersonId) -> AvatarSource {
    AvatarSource {
        id: person.0,
        name: roster.name(person),
        image_url: roster.find(person).and_then(|person| person.avatar).map(avatars::avatar_url),
    }
}

/// The other members in order; the current user only beside a single other.
fn representatives(me: PersonId, summary: &Summary) -> Vec<PersonId> {
    let (mine, mut others): (Vec<_>, Vec<_>) =
        summary.members.iter().partition(|person| **person == me);
    if others.len() == 1 {
        others.extend(mine);
    }
    others.truncate(MAX_SHOWN);
    others
}

fn group_avatar(itself: AvatarSource, people: impl FnOnce() -> Vec<AvatarSource>) -> AvatarKind {
    if itself.image_url.is_none() {
        let people = people();
        if people.len() > 1 {
            return AvatarKind::People(people);
        }
    }
    AvatarKind::Group(itself)
}
