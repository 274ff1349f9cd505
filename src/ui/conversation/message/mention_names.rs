//! Resolves the mentions of a message.

use leptos::prelude::With;

use crate::{
    client::AppState,
    domain::{ConversationId, PersonId, mention},
    ui::markup::{Mention, MentionResolver},
};

/// Resolver for messages of an author in a conversation.
pub(in crate::ui::conversation) fn resolver(
    app: AppState,
    id: ConversationId,
    author: PersonId,
) -> MentionResolver {
    MentionResolver::new(move |name| {
        if name == mention::EVERYONE {
            let may_mention_everyone = app.conversations.with(|conversations| {
                conversations.find(id).is_some_and(|summary| {
                    summary.conversation.may_mention_everyone(author).is_ok()
                })
            });
            return may_mention_everyone.then(|| Mention {
                name: name.to_owned(),
                person: None,
                is_me: author != app.my_id(),
            });
        }
        app.roster.with(|roster| {
            let person = roster.by_username(name)?;
            Some(Mention {
                name: roster.label(person.id),
                person: Some(person.id),
                is_me: person.id == app.my_id(),
            })
        })
    })
}
