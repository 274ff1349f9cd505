//! Fetches what the stream cannot deliver: a gap, or a whole snapshot.

use leptos::{prelude::*, task::spawn_local};

use super::event_queue::{self, EventQueue};
use crate::{
    api::conversations as ask,
    client::{
        AppState, browser,
        state::{self, timelines::Timelines},
        tabs::leader,
    },
    domain::Seq,
    protocol::StreamId,
};

/// Shortest delay of a following tab before it repeats a request, in milliseconds; the longest is
/// twice that.
const RETRY_DELAY: f64 = 2_000.0;

/// What a failed request is followed by. The leader reconnects: the server then delivers what is
/// missing. A following tab has no socket: after a delay, it has to repeat the request.
async fn must_repeat(app: AppState) -> bool {
    if leader::is_leader() {
        app.conn.update_value(|conn| conn.reconnect_now = true);
        return false;
    }
    browser::sleep((RETRY_DELAY * (1.0 + browser::random())) as u32).await;
    true
}

/// Fetches the events after a cursor.
pub(in crate::client) fn fill_gap(app: AppState, stream: StreamId, cursor: Seq) {
    let StreamId::Conversation(conversation) = stream else { return resync_all(app) };
    spawn_local(async move {
        let mut after = Some(cursor);
        // A response has up to a hundred events.
        while let Some(cursor) = after.take() {
            match ask::changes_after(conversation.to_string(), cursor).await {
                Ok(page) => {
                    after = page.entries.last().map(|last| last.seq).filter(|_| page.more_after);
                    page.entries
                        .into_iter()
                        .for_each(|entry| event_queue::enqueue(app, stream, entry));
                }
                Err(_) if must_repeat(app).await => {
                    after = app.conversations.with_untracked(|all| all.cursor(stream));
                }
                Err(_) => {}
            }
        }
    });
}

/// Replaces the state with a snapshot. Events received meanwhile wait and are applied to it.
pub(in crate::client) fn resync_all(app: AppState) {
    if app.event_queue.try_update_value(EventQueue::begin_resync) != Some(true) {
        return;
    }
    spawn_local(async move {
        let snapshot = loop {
            match ask::snapshot().await {
                Ok(snapshot) => break snapshot,
                Err(_) if must_repeat(app).await => {}
                Err(_) => return event_queue::resume(app),
            }
        };
        app.conn.update_value(|conn| conn.epoch.clone_from(&snapshot.epoch));
        app.event_queue.update_value(EventQueue::forget_out_of_order);
        let open = app.open_conversation_id();
        app.workspace.set(snapshot.workspace.clone());
        let (roster, conversations) = state::from_snapshot(snapshot);
        app.roster.set(roster);
        app.conversations.set(conversations);
        app.timelines.update(Timelines::forget_all);
        open.into_iter().for_each(|conversation| app.open_conversation(conversation, None));
        app.complete_acknowledged();
        event_queue::resume(app);
    });
}
