//! The WebSocket connection: sends the cursors, dispatches events, and reconnects for as long as
//! the page lives.

pub(super) mod event_queue;
pub(super) mod resync;
mod tab_sync;

use futures::{
    FutureExt, SinkExt, StreamExt,
    channel::oneshot,
    future::{Either, select},
};
use gloo_net::websocket::{Message, WebSocketError, futures::WebSocket};
use leptos::{prelude::*, task::spawn_local};

use super::{
    AppState, ConnectionStatus, FatalError, browser,
    state::conversations::Conversations,
    tabs::{idle, leader, tab_message::TabMessage},
};
use crate::{
    api::accounts,
    domain::{Code, ConversationId, Entry},
    protocol::{self, ClientCommand, ServerEvent, Signal, close, codec},
};

/// State of the socket and of the attempts to open it.
#[derive(Default)]
pub(super) struct ConnState {
    /// Identifies the database that the cursors belong to.
    epoch: String,
    /// Reconnect without waiting, also if connected.
    pub(super) reconnect_now: bool,
    /// Sends a command over the open socket.
    outgoing: Option<oneshot::Sender<String>>,
    /// When the socket was opened.
    opened_at: i64,
    /// When the last frame was received.
    received_at: i64,
    /// Failed attempts in a row.
    failed_attempts: u32,
}

impl ConnState {
    /// For the cursors of this database.
    pub(super) fn of(epoch: String) -> Self {
        Self { epoch, ..Self::default() }
    }
}

/// Longest delay between two attempts, in milliseconds.
const LONGEST_WAIT: f64 = 30_000.0;
/// How often a delay checks whether it may end, in milliseconds.
const POLL_INTERVAL: u32 = 250;
/// Failed attempts until the status is offline.
const OFFLINE_AFTER: u32 = 2;

/// Connects, or follows the leader tab, and reconnects when the page wakes up.
pub(super) fn start(app: AppState) {
    browser::on_wake(move || {
        app.update_clock();
        app.conn.update_value(|conn| {
            let silent = browser::now() - conn.received_at
                > i64::try_from(protocol::SILENCE_TIMEOUT_SECONDS * 1000).unwrap_or(i64::MAX);
            if app.connection.get_untracked() != ConnectionStatus::Live || silent {
                conn.reconnect_now = true;
            }
        });
        if !browser::has_network() {
            set_status(app, ConnectionStatus::Offline);
        }
        leader::on_wake();
    });
    leader::join(app, tab_sync::HANDLERS);
}

/// Connects and reconnects for as long as this tab leads.
pub(super) fn run(app: AppState, term: u32) {
    spawn_local(async move {
        while leader::is_current_term(term) {
            let ended = run_once(app, term).await;
            if !leader::is_current_term(term) {
                return;
            }
            if let Some(code) = ended.filter(|code| !close::may_reconnect(*code)) {
                return stop(app, code);
            }
            // A rejected connection looks like any other failure. A request tells whether the
            // session still exists.
            let received_nothing = app.conn.with_value(|conn| conn.received_at < conn.opened_at);
            if received_nothing
                && browser::has_network()
                && accounts::me().await.is_err_and(|error| error.code == Code::NoSession)
            {
                return leader::end_session();
            }
            let failed_attempts = app
                .conn
                .try_update_value(|conn| {
                    conn.failed_attempts += 1;
                    conn.failed_attempts
                })
                .unwrap_or(1);
            set_status(
                app,
                if failed_attempts > OFFLINE_AFTER || !browser::has_network() {
                    ConnectionStatus::Offline
                } else {
                    ConnectionStatus::Connecting
                },
            );
            back_off(app, failed_attempts).await;
        }
    });
}

/// Sets the status here and in the following tabs.
fn set_status(app: AppState, status: ConnectionStatus) {
    app.connection.set(status);
    if leader::is_leader() {
        leader::broadcast(&TabMessage::Status(status));
    }
}

/// Runs one socket until it closes. Returns the close code, if there was one.
async fn run_once(app: AppState, term: u32) -> Option<u16> {
    app.conn.update_value(|conn| (conn.reconnect_now, conn.opened_at) = (false, browser::now()));
    let socket = WebSocket::open(&browser::socket_address()).ok()?;
    let (mut write, mut read) = socket.split();
    let mut idle = idle::is_idle();
    let hello = ClientCommand::Hello {
        v: protocol::VERSION,
        epoch: app.conn.with_value(|conn| conn.epoch.clone()),
        cursors: app.conversations.with_untracked(Conversations::cursors),
        idle,
    };
    write.send(Message::Text(codec::encode_command(&hello))).await.ok()?;
    let mut command_queued = next_outgoing(app);
    loop {
        if idle::is_idle() != idle {
            idle = !idle;
            write
                .send(Message::Text(codec::encode_command(&ClientCommand::Idle { on: idle })))
                .await
                .ok()?;
        }
        let check_due = browser::sleep(1_000).boxed_local();
        match select(read.next(), select(&mut command_queued, check_due)).await {
            Either::Left((Some(Ok(Message::Text(text))), _)) => {
                app.conn.update_value(|conn| conn.received_at = browser::now());
                if let Ok(event) = codec::read(&text) {
                    if !matches!(event, ServerEvent::Heartbeat | ServerEvent::CaughtUp) {
                        leader::broadcast(&TabMessage::Frame(text));
                    }
                    dispatch(app, event);
                }
            }
            Either::Left((Some(Ok(Message::Bytes(_))), _)) => {}
            Either::Left((Some(Err(WebSocketError::ConnectionClose(closed))), _)) => {
                return Some(closed.code);
            }
            Either::Left((Some(Err(_)) | None, _)) => return None,
            Either::Right((Either::Left((command, _)), _)) => {
                command_queued = next_outgoing(app);
                if let Ok(command) = command {
                    write.send(Message::Text(command)).await.ok()?;
                }
            }
            Either::Right(_) => {
                let (silent, reconnect_now) = app.conn.with_value(|conn| {
                    (browser::now() - conn.received_at.max(conn.opened_at), conn.reconnect_now)
                });
                if reconnect_now
                    || !leader::is_current_term(term)
                    || silent
                        > i64::try_from(protocol::SILENCE_TIMEOUT_SECONDS * 1000)
                            .unwrap_or(i64::MAX)
                {
                    return None;
                }
            }
        }
    }
}

/// Sends a typing signal, if the socket is open.
pub(super) fn send_typing(app: AppState, conversation: ConversationId) {
    let command = codec::encode_command(&ClientCommand::Typing { conversation });
    // A lost signal is repaired by the next one.
    if let Some(outgoing) = app.conn.try_update_value(|conn| conn.outgoing.take()).flatten() {
        let _ = outgoing.send(command);
    }
}

/// A channel for the next command to send.
fn next_outgoing(app: AppState) -> oneshot::Receiver<String> {
    let (sender, receiver) = oneshot::channel();
    app.conn.update_value(|conn| conn.outgoing = Some(sender));
    receiver
}

/// Waits before the next attempt: a random delay that grows with the failures, so that clients do
/// not reconnect all at once.
async fn back_off(app: AppState, failed_attempts: u32) {
    let longest =
        (500.0 * f64::from(2_u32.saturating_pow(failed_attempts.min(10)))).min(LONGEST_WAIT);
    let until = browser::now() + i64::from((browser::random() * longest) as u32);
    while browser::now() < until && !app.conn.with_value(|conn| conn.reconnect_now) {
        browser::sleep(POLL_INTERVAL).await;
    }
    while !browser::has_network() {
        browser::sleep(POLL_INTERVAL).await;
    }
}

fn stop(app: AppState, code: u16) {
    set_status(app, ConnectionStatus::Offline);
    let fatal = match code {
        close::SESSION_ENDED | close::DEACTIVATED => return leader::end_session(),
        close::REPLACED => FatalError::Replaced,
        _ => FatalError::Outdated,
    };
    app.fatal.set(Some(fatal));
    leader::broadcast(&TabMessage::Fatal(fatal));
}

/// Dispatches a frame forwarded by the leader tab.
pub(super) fn dispatch_forwarded(app: AppState, text: &str) {
    if let Ok(event) = codec::read(text) {
        dispatch(app, event);
    }
}

fn dispatch(app: AppState, event: ServerEvent) {
    match event {
        ServerEvent::Welcome { mut online, idle, epoch, .. } => {
            // A following tab may have slept while another one resynced.
            if app.conn.with_value(|conn| conn.epoch != epoch) {
                resync::resync_all(app);
            }
            // The server announces this user a moment later, if at all; this client knows already.
            if app.conversations.with_untracked(Conversations::privacy).shows_presence {
                online.push(app.my_id());
            }
            app.roster.update(|roster| roster.set_online(online, idle));
        }
        ServerEvent::CaughtUp => {
            app.conn.update_value(|conn| conn.failed_attempts = 0);
            set_status(app, ConnectionStatus::Live);
            app.on_connected();
        }
        ServerEvent::Change { stream, seq, at, change } => {
            event_queue::enqueue(app, stream, Entry { seq, at, change })
        }
        ServerEvent::Signal(Signal::Typing { conversation, person }) => {
            app.on_typing(conversation, person)
        }
        ServerEvent::Signal(Signal::Seen { conversation, person, upto }) => {
            app.ephemeral.update(|ephemeral| ephemeral.record_read(conversation, person, upto))
        }
        ServerEvent::Signal(Signal::Delivered { conversation, person, upto }) => {
            app.ephemeral
                .update(|ephemeral| ephemeral.record_delivered(conversation, person, upto));
        }
        ServerEvent::Signal(Signal::Presence { online, offline, idle }) => {
            app.roster.update(|roster| roster.shift_online(online, &offline, idle));
        }
        ServerEvent::Resync { .. } => resync::resync_all(app),
        ServerEvent::Heartbeat => {}
    }
}
