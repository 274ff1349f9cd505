//! Received events that are not yet applied. They are applied once per frame.

use std::time::Duration;

use leptos::prelude::*;

use super::resync;
use crate::{
    client::{
        AppState, browser,
        state::reducer::{Changed, OutOfOrder},
    },
    domain::{Change, Entry, Millis},
    protocol::StreamId,
};

/// Milliseconds of a frame.
const FRAME_MILLIS: Millis = 16;

/// Events between their arrival and the screen.
#[derive(Default)]
pub(in crate::client) struct EventQueue {
    /// Events that are not yet applied.
    pending: Vec<(StreamId, Entry)>,
    /// Events that arrived before their predecessors.
    out_of_order: OutOfOrder,
    /// The effects of applied events are running.
    is_rendering: bool,
    /// When they last finished.
    rendered_at: Millis,
    /// A snapshot is being fetched; events wait.
    is_resyncing: bool,
}

impl EventQueue {
    /// Makes events wait for a snapshot. `false` if they do already.
    pub(super) fn begin_resync(&mut self) -> bool {
        !std::mem::replace(&mut self.is_resyncing, true)
    }

    /// A snapshot has arrived: events held for their predecessors are part of it.
    pub(super) fn forget_out_of_order(&mut self) {
        self.out_of_order = OutOfOrder::default();
    }
}

/// Queues an event. The first is applied at once, later ones together per frame, so that a burst
/// renders once per frame and typing stays responsive.
pub(super) fn enqueue(app: AppState, stream: StreamId, entry: Entry) {
    let now = browser::now();
    let due = app.event_queue.try_update_value(|queue| {
        queue.pending.push((stream, entry));
        let first = queue.pending.len() == 1 && !queue.is_resyncing && !queue.is_rendering;
        first.then(|| (FRAME_MILLIS - (now - queue.rendered_at)).max(0))
    });
    match due.flatten() {
        Some(0) => flush(app),
        Some(wait) => flush_in(app, wait),
        None => {}
    }
}

fn flush_in(app: AppState, millis: Millis) {
    set_timeout(move || flush(app), Duration::from_millis(millis.unsigned_abs()));
}

/// Applies all queued events. During a resync they wait.
fn flush(app: AppState) {
    let events = app.event_queue.try_update_value(|queue| {
        if queue.is_resyncing { Vec::new() } else { std::mem::take(&mut queue.pending) }
    });
    let Some(events) = events.filter(|events| !events.is_empty()) else { return };
    let (mut gaps, mut posted) = (Vec::new(), Vec::new());
    app.update_state(|reducer| {
        let mut changed = Changed::default();
        for (stream, entry) in events {
            if let (
                StreamId::Conversation(conversation),
                Change::Posted { author, client_id, .. },
            ) = (stream, &entry.change)
            {
                posted.push((conversation, *author, *client_id));
            }
            let outcome = app
                .event_queue
                .try_update_value(|queue| reducer.apply(&mut queue.out_of_order, stream, entry))
                .unwrap_or_default();
            changed.add(outcome.changed);
            gaps.extend(outcome.gap);
        }
        changed
    });
    // The effects run later: the screen changes once.
    for (conversation, author, client_id) in posted {
        app.clear_typing(conversation, author);
        if let Some(id) = client_id.filter(|_| author == app.my_id()) {
            app.confirm_sent(conversation, id);
        }
    }
    for (stream, cursor) in gaps {
        resync::fill_gap(app, stream, cursor);
    }
    app.event_queue.update_value(|queue| queue.is_rendering = true);
    // Runs after the effects have updated the screen, and so measures how long that took.
    set_timeout(move || flushed(app), Duration::ZERO);
}

fn flushed(app: AppState) {
    let more = app.event_queue.try_update_value(|queue| {
        (queue.is_rendering, queue.rendered_at) = (false, browser::now());
        !queue.pending.is_empty()
    });
    if more == Some(true) {
        flush_in(app, FRAME_MILLIS);
    }
}

/// Ends a resync: applies the events received meanwhile.
pub(super) fn resume(app: AppState) {
    app.event_queue.update_value(|queue| queue.is_resyncing = false);
    flush(app);
}
