//! How a conversation looks: by the one other person, by a group's own picture, else by those of up to four of its people.

use leptos::prelude::*;

use crate::{
    client::{actions::avatars, state::roster::Roster, use_chat},
    domain::{ConversationId, Kind, PersonId, Summary},
    ui::kit::avatar::{Face, GroupAvatar, Picture},
};

/// Most people by whom a group is shown.
const SHOWN: usize = 4;

/// The picture of a group.
#[component]
pub(in crate::ui) fn GroupFace(
    /// Of which.
    id: ConversationId,
    /// What it is called.
    name: String,
) -> impl IntoView {
    let chat = use_chat();
    // Apart from how they look: with each message all of this is asked anew.
    let members = Memo::new(move |_| chat.book.with(|book| book.find(id).map(|summary| shown_by(chat.my_id(), summary)).unwrap_or_default()));
    let own = chat.group_picture(id);
    let picture = Memo::new(move |_| {
        let look = |person: PersonId| {
            let name = chat.roster.with_untracked(|roster| roster.name(person));
            Face { id: person.0, name, own: chat.picture(person).get() }
        };
        by_people(Face { id: id.0, name: name.clone(), own: own.get() }, || members.get().into_iter().map(look).collect())
    });
    view! { <GroupAvatar picture/> }
}

/// What stands for somebody now.
pub(in crate::ui) fn person_now(roster: &Roster, person: PersonId) -> Picture {
    Picture::Person(face_of(roster, person))
}

/// What stands for a conversation now.
pub(in crate::ui) fn picture_now(me: PersonId, roster: &Roster, summary: &Summary, title: &str) -> Picture {
    let Summary { conversation, members, .. } = summary;
    let people = || shown_by(me, summary).into_iter().map(|person| face_of(roster, person)).collect();
    match (conversation.kind, members.iter().find(|member| **member != me)) {
        (Kind::Everyone, _) => Picture::Everyone,
        (Kind::Direct, Some(other)) => person_now(roster, *other),
        _ => by_people(Face { id: conversation.id.0, name: title.to_owned(), own: conversation.face.map(avatars::address) }, people),
    }
}

fn face_of(roster: &Roster, person: PersonId) -> Face {
    Face { id: person.0, name: roster.name(person), own: roster.find(person).and_then(|person| person.face).map(avatars::address) }
}

/// The others, in the order in which they came; oneself only beside one other.
fn shown_by(me: PersonId, summary: &Summary) -> Vec<PersonId> {
    let (mine, mut others): (Vec<_>, Vec<_>) = summary.members.iter().partition(|person| **person == me);
    if others.len() == 1 {
        others.extend(mine);
    }
    others.truncate(SHOWN);
    others
}

fn by_people(itself: Face, people: impl FnOnce() -> Vec<Face>) -> Picture {
    if itself.own.is_none() {
        let people = people();
        if people.len() > 1 {
            return Picture::People(people);
        }
    }
    Picture::Group(itself)
}
