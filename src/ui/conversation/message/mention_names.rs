//! Who is meant by the names in a message, for the view of its text.

use leptos::prelude::With;

use crate::{
    client::Chat,
    domain::{ConversationId, PersonId, mention},
    ui::markup::{Named, Names},
};

/// The names in what somebody wrote in a conversation.
pub(in crate::ui::conversation) fn of(chat: Chat, id: ConversationId, author: PersonId) -> Names {
    Names::new(move |name| {
        if name == mention::EVERYONE {
            let may_ring = chat.book.with(|book| book.find(id).is_some_and(|summary| summary.conversation.may_ring_everyone(author).is_ok()));
            return may_ring.then(|| Named { name: name.to_owned(), person: None, is_me: author != chat.my_id() });
        }
        chat.roster.with(|roster| {
            let person = roster.by_username(name)?;
            Some(Named { name: roster.label(person.id), person: Some(person.id), is_me: person.id == chat.my_id() })
        })
    })
}
