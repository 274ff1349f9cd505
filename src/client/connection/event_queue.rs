//! What came and is not yet applied: brought to the screen once a frame.

use std::time::Duration;

use leptos::prelude::*;

use super::resync;
use crate::{
    client::{Chat, browser, state::reducer::Touched},
    domain::{Change, Entry},
    protocol::StreamId,
};

/// Milliseconds within which changes are applied together: one frame.
const FRAME: i64 = 16;

/// Takes one change in, wherever it came from: the first at once, what follows within a frame's time together with it, so
/// that a flood is drawn once a frame and not once a message, and leaves time for who is typing.
pub(in crate::client) fn take_in(chat: Chat, stream: StreamId, entry: Entry) {
    let now = browser::now();
    let due = chat.wires.try_update_value(|wires| {
        wires.inbox.push((stream, entry));
        let first = wires.inbox.len() == 1 && !wires.renewing && !wires.drawing;
        first.then(|| (FRAME - (now - wires.drawn)).max(0))
    });
    match due.flatten() {
        Some(0) => draw(chat),
        Some(wait) => draw_in(chat, wait),
        None => {}
    }
}

fn draw_in(chat: Chat, millis: i64) {
    set_timeout(move || draw(chat), Duration::from_millis(millis.unsigned_abs()));
}

/// Applies all that came. While everything is fetched anew, it waits for that.
fn draw(chat: Chat) {
    let inbox = chat.wires.try_update_value(|wires| if wires.renewing { Vec::new() } else { std::mem::take(&mut wires.inbox) });
    let Some(inbox) = inbox.filter(|inbox| !inbox.is_empty()) else { return };
    let mut gaps = Vec::new();
    settle(chat, &inbox);
    chat.hear_posts(&inbox);
    chat.touch(|slices| {
        let mut touched = Touched::default();
        for (stream, entry) in inbox {
            let outcome = chat.wires.try_update_value(|wires| slices.apply(&mut wires.held, stream, entry)).unwrap_or_default();
            touched.add(outcome.touched);
            gaps.extend(outcome.gap);
        }
        touched
    });
    for (stream, mark) in gaps {
        resync::fill_gap(chat, stream, mark);
    }
    chat.wires.update_value(|wires| wires.drawing = true);
    // Called when the screen has been brought up to date: how long that takes is known only then.
    set_timeout(move || drawn(chat), Duration::ZERO);
}

fn drawn(chat: Chat) {
    let more = chat.wires.try_update_value(|wires| {
        (wires.drawing, wires.drawn) = (false, browser::now());
        !wires.inbox.is_empty()
    });
    if more == Some(true) {
        draw_in(chat, FRAME);
    }
}

/// Everything was fetched anew: what came meanwhile is applied to it.
pub(in crate::client) fn go_on(chat: Chat) {
    chat.wires.update_value(|wires| wires.renewing = false);
    draw(chat);
}

/// Messages of one's own that are in their stream no longer wait.
fn settle(chat: Chat, inbox: &[(StreamId, Entry)]) {
    let me = chat.my_id();
    let own = inbox.iter().filter_map(|(stream, entry)| match (stream, &entry.change) {
        (StreamId::Conversation(conversation), Change::Posted { author, client_id: Some(id), .. }) if *author == me => Some((*conversation, *id)),
        _ => None,
    });
    for (conversation, id) in own {
        if chat.outbox.with_untracked(|outbox| outbox.pending(conversation).iter().any(|pending| pending.id == id)) {
            chat.forget(conversation, id);
        }
    }
}
