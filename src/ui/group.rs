//! How a group looks: by its own picture, else by those of up to four of its people.

use leptos::prelude::*;

use super::kit::avatar::GroupAvatar;
use crate::{
    client::use_chat,
    domain::{ConversationId, PersonId},
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
    // The others, in the order in which they came; oneself only beside one other.
    let members = Memo::new(move |_| {
        let me = chat.my_id();
        let members = chat.book.with(|book| book.find(id).map(|summary| summary.members.clone()).unwrap_or_default());
        let (mine, mut others): (Vec<_>, Vec<_>) = members.into_iter().partition(|person| *person == me);
        if others.len() == 1 {
            others.extend(mine);
        }
        others.truncate(SHOWN);
        others
    });
    let people = Memo::new(move |_| {
        let look = |person: PersonId| (person.0, chat.roster.with_untracked(|roster| roster.name(person)), chat.picture(person).get());
        members.get().into_iter().map(look).collect()
    });
    view! { <GroupAvatar id=id.0 name people picture=chat.group_picture(id)/> }
}
