//! The current state of messages: adds link previews, reactions and replies to the messages that
//! were read.

use std::collections::HashMap;

use super::link_previews;
use crate::{
    domain::{Change, ConversationId, Entry, PersonId, Seq, message::State},
    server::store::{Result, engine::Connection},
};

/// Adds link previews, reactions and replies to messages of one conversation.
pub(in crate::server::store) async fn attach_state(
    from: &mut Connection,
    conversation: ConversationId,
    entries: &mut [Entry],
) -> Result<()> {
    link_previews::attach_previews(from, conversation, entries).await?;
    let (Some(first), Some(last)) =
        (entries.first().map(|entry| entry.seq), entries.last().map(|entry| entry.seq))
    else {
        return Ok(());
    };
    let reactions: Vec<(Seq, String, PersonId)> = sqlx::query_as(
        "select message, emoji, person from reactions where stream = $1 \
         and message between $2 and $3 order by message, since",
    )
    .bind(conversation)
    .bind(first)
    .bind(last)
    .fetch_all(&mut *from)
    .await?;
    let replies: Vec<(Seq, Seq)> = sqlx::query_as(
        "select target, seq from changes where stream = $1 and kind = 'posted' \
         and target is not null and target between $2 and $3 order by target, seq",
    )
    .bind(conversation)
    .bind(first)
    .bind(last)
    .fetch_all(from)
    .await?;
    if reactions.is_empty() && replies.is_empty() {
        return Ok(());
    }
    let mut states: HashMap<Seq, &mut State> = HashMap::new();
    for entry in entries {
        if let Change::Posted { state, .. } = &mut entry.change {
            states.insert(entry.seq, state);
        }
    }
    for (message, emoji, person) in reactions {
        if let Some(state) = states.get_mut(&message) {
            state.react(person, &emoji, true);
        }
    }
    for (message, reply) in replies {
        if let Some(state) = states.get_mut(&message) {
            state.add_reply(reply);
        }
    }
    Ok(())
}
