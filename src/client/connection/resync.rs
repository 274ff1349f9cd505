//! What is fetched because the stream alone does not tell it: a gap, or everything anew.

use leptos::{prelude::*, task::spawn_local};

use super::event_queue;
use crate::{
    api::conversations as ask,
    client::{
        Chat,
        state::{self, reducer::Held, timelines::Timelines},
    },
    domain::{ConversationId, Seq},
    protocol::StreamId,
};

/// Asks for what is missing after a mark.
pub(in crate::client) fn fill_gap(chat: Chat, stream: StreamId, mark: Seq) {
    let StreamId::Conversation(conversation) = stream else { return everything(chat) };
    spawn_local(async move {
        let mut after = Some(mark);
        // An answer holds a hundred changes; more may be missing.
        while let Some(mark) = after.take() {
            match ask::changes_after(conversation.to_string(), mark).await {
                Ok(page) => {
                    after = page.entries.last().map(|last| last.seq).filter(|_| page.more_after);
                    page.entries.into_iter().for_each(|entry| event_queue::take_in(chat, stream, entry));
                }
                // The socket begins anew and says its marks: then the server tells what is missing.
                Err(_) => chat.wires.update_value(|wires| wires.hurry = true),
            }
        }
    });
}

/// Begins anew from a snapshot. What is told meanwhile waits, and is applied to what the snapshot holds.
pub(in crate::client) fn everything(chat: Chat) {
    let begun = chat.wires.try_update_value(|wires| !std::mem::replace(&mut wires.renewing, true));
    if begun != Some(true) {
        return;
    }
    spawn_local(async move {
        match ask::snapshot().await {
            Ok(snapshot) => {
                chat.wires.update_value(|wires| {
                    wires.epoch.clone_from(&snapshot.epoch);
                    wires.held = Held::default();
                });
                let open: Option<ConversationId> = chat.wires.with_value(|wires| wires.open);
                let (roster, book) = state::slices(snapshot);
                chat.roster.set(roster);
                chat.book.set(book);
                chat.timelines.update(Timelines::forget_all);
                open.into_iter().for_each(|conversation| chat.open(conversation, None));
                chat.forget_told();
            }
            Err(_) => chat.wires.update_value(|wires| wires.hurry = true),
        }
        event_queue::go_on(chat);
    });
}
