//! Received events that are not yet applied. They are applied once per frame.

use std::time::Duration;

use leptos::prelude::*;

use super::resync;
use crate::{
    client::{AppState, browser, state::reducer::Changed},
    domain::{Change, Entry},
    protocol::StreamId,
};

/// Milliseconds of a frame.
const FRAME_MILLIS: i64 = 16;

/// Queues an event. The first is applied at once, later ones together per frame, so that a burst
/// renders once per frame and typing stays responsive.
pub(in crate::client) fn enqueue(app: AppState, stream: StreamId, entry: Entry) {
    let now = browser::now();
    let due = app.conn.try_update_value(|conn| {
        conn.pending_events.push((stream, entry));
        let first = conn.pending_events.len() == 1 && !conn.resyncing && !conn.rendering;
        first.then(|| (FRAME_MILLIS - (now - conn.rendered_at)).max(0))
    });
    match due.flatten() {
        Some(0) => flush(app),
        Some(wait) => flush_in(app, wait),
        None => {}
    }
}

fn flush_in(app: AppState, millis: i64) {
    set_timeout(move || flush(app), Duration::from_millis(millis.unsigned_abs()));
}

/// Applies all queued events. During a resync they wait.
fn flush(app: AppState) {
    let events = app.conn.try_update_value(|conn| {
        if conn.resyncing { Vec::new() } else { std::mem::take(&mut conn.pending_events) }
    });
    let Some(events) = events.filter(|events| !events.is_empty()) else { return };
    let mut gaps = Vec::new();
    confirm_sent(app, &events);
    app.clear_typing(&events);
    app.update_state(|reducer| {
        let mut changed = Changed::default();
        for (stream, entry) in events {
            let outcome = app
                .conn
                .try_update_value(|conn| reducer.apply(&mut conn.out_of_order, stream, entry))
                .unwrap_or_default();
            changed.add(outcome.changed);
            gaps.extend(outcome.gap);
        }
        changed
    });
    for (stream, cursor) in gaps {
        resync::fill_gap(app, stream, cursor);
    }
    app.conn.update_value(|conn| conn.rendering = true);
    // Runs after the effects have updated the screen, and so measures how long that took.
    set_timeout(move || flushed(app), Duration::ZERO);
}

fn flushed(app: AppState) {
    let more = app.conn.try_update_value(|conn| {
        (conn.rendering, conn.rendered_at) = (false, browser::now());
        !conn.pending_events.is_empty()
    });
    if more == Some(true) {
        flush_in(app, FRAME_MILLIS);
    }
}

/// Ends a resync: applies the events received meanwhile.
pub(in crate::client) fn resume(app: AppState) {
    app.conn.update_value(|conn| conn.resyncing = false);
    flush(app);
}

/// Removes own messages from the send queue whose events arrived.
fn confirm_sent(app: AppState, events: &[(StreamId, Entry)]) {
    let me = app.my_id();
    let own = events.iter().filter_map(|(stream, entry)| match (stream, &entry.change) {
        (
            StreamId::Conversation(conversation),
            Change::Posted { author, client_id: Some(id), .. },
        ) if *author == me => Some((*conversation, *id)),
        _ => None,
    });
    for (conversation, id) in own {
        if app.outbox.with_untracked(|outbox| {
            outbox.pending(conversation).iter().any(|pending| pending.id == id)
        }) {
            app.complete_message(conversation, id);
        }
    }
}
