//! What is fetched because the stream alone does not tell it: a gap, or everything anew.

use leptos::{prelude::*, task::spawn_local};

use super::event_queue;
use crate::{
    api::conversations as ask,
    client::{
        AppState,
        state::{self, reducer::OutOfOrder, timelines::Timelines},
    },
    domain::{ConversationId, Seq},
    protocol::StreamId,
};

/// Asks for what is missing after a mark.
pub(in crate::client) fn fill_gap(app: AppState, stream: StreamId, mark: Seq) {
    let StreamId::Conversation(conversation) = stream else { return resync_all(app) };
    spawn_local(async move {
        let mut after = Some(mark);
        // An answer holds a hundred changes; more may be missing.
        while let Some(mark) = after.take() {
            match ask::changes_after(conversation.to_string(), mark).await {
                Ok(page) => {
                    after = page.entries.last().map(|last| last.seq).filter(|_| page.more_after);
                    page.entries.into_iter().for_each(|entry| event_queue::enqueue(app, stream, entry));
                }
                // The socket begins anew and says its marks: then the server tells what is missing.
                Err(_) => app.conn.update_value(|conn| conn.reconnect_now = true),
            }
        }
    });
}

/// Begins anew from a snapshot. What is told meanwhile waits, and is applied to what the snapshot holds.
pub(in crate::client) fn resync_all(app: AppState) {
    let begun = app.conn.try_update_value(|conn| !std::mem::replace(&mut conn.resyncing, true));
    if begun != Some(true) {
        return;
    }
    spawn_local(async move {
        match ask::snapshot().await {
            Ok(snapshot) => {
                app.conn.update_value(|conn| {
                    conn.epoch.clone_from(&snapshot.epoch);
                    conn.out_of_order = OutOfOrder::default();
                });
                let open: Option<ConversationId> = app.conn.with_value(|conn| conn.open_conversation);
                let (roster, conversations) = state::from_snapshot(snapshot);
                app.roster.set(roster);
                app.conversations.set(conversations);
                app.timelines.update(Timelines::forget_all);
                open.into_iter().for_each(|conversation| app.open_conversation(conversation, None));
                app.complete_acknowledged();
            }
            Err(_) => app.conn.update_value(|conn| conn.reconnect_now = true),
        }
        event_queue::resume(app);
    });
}
