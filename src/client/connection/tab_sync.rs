//! Keeps the tabs of a browser in step: the leader tab connects and tells its state, the others
//! apply what it forwards and fetch what they missed.

use leptos::{prelude::*, task::spawn_local};

use super::resync;
use crate::{
    client::{
        AppState, ConnectionStatus,
        state::conversations::Conversations,
        tabs::{
            idle,
            leader::{self, Handlers},
            session_sync,
            tab_message::TabMessage,
        },
    },
    domain::Seq,
    protocol::{MAX_REPLAYED, StreamId},
};

/// What a tab does besides the election.
pub(super) const HANDLERS: Handlers = Handlers { on_elected, on_message };

fn on_elected(app: AppState, term: u32) {
    super::run(app, term);
    spawn_local(app.reload_outbox());
}

fn on_message(app: AppState, message: TabMessage) {
    let leads = leader::is_leader();
    match message {
        TabMessage::Frame(text) if !leads => super::dispatch_forwarded(app, &text),
        TabMessage::Status(ConnectionStatus::Live) if !leads => {
            leader::broadcast(&TabMessage::Join)
        }
        TabMessage::Status(status) if !leads => app.connection.set(status),
        TabMessage::Join if leads => leader::broadcast(&leader_state(app)),
        TabMessage::State(status, online, idle, cursors) if !leads => {
            app.fatal.set(None);
            if status == ConnectionStatus::Live {
                app.roster.update(|roster| roster.set_online(online, idle));
                catch_up(app, cursors);
            }
            app.connection.set(status);
            if status == ConnectionStatus::Live {
                app.on_connected();
            }
        }
        TabMessage::Ping if leads => leader::broadcast(&TabMessage::Pong),
        TabMessage::Outbox => spawn_local(app.reload_outbox()),
        TabMessage::Draft(conversation, text) => app.on_tab_draft(conversation, text),
        TabMessage::DraftSync(conversation, text) => app.on_tab_draft_sync(conversation, text),
        TabMessage::Typing(conversation) if leads => super::send_typing(app, conversation),
        TabMessage::Activity => idle::record_activity(),
        TabMessage::SessionEnded => session_sync::go_to_sign_in(),
        TabMessage::Fatal(fatal) => app.fatal.set(Some(fatal)),
        _ => {}
    }
}

fn leader_state(app: AppState) -> TabMessage {
    let cursors = app.conversations.with_untracked(Conversations::cursors).into_iter().collect();
    let (online, idle) = app.roster.with_untracked(|roster| roster.online());
    TabMessage::State(app.connection.get_untracked(), online, idle, cursors)
}

/// Fetches what the leader has and this tab does not.
fn catch_up(app: AppState, cursors: Vec<(StreamId, Seq)>) {
    for (stream, seq) in cursors {
        match app.conversations.with_untracked(|conversations| conversations.cursor(stream)) {
            Some(own) if own >= seq => {}
            Some(own) if seq.0 - own.0 <= MAX_REPLAYED => resync::fill_gap(app, stream, own),
            _ => return resync::resync_all(app),
        }
    }
}
