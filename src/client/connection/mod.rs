//! The connection: opened, greeted with what is known, listened to, and opened again when it ends, for as long as the page
//! lives. The only file that holds a socket.

mod event_queue;
pub(super) mod resync;

use std::collections::HashSet;

use futures::{
    FutureExt, SinkExt, StreamExt,
    channel::oneshot,
    future::{Either, select},
};
use gloo_net::websocket::{Message, WebSocketError, futures::WebSocket};
use leptos::{prelude::*, task::spawn_local};

use super::{
    AppState, ConnectionStatus, FatalError,
    browser::{self, idle},
    state::{conversations::Conversations, reducer::OutOfOrder},
    tabs::{leader, tab_message::TabMessage},
};
use crate::{
    api::accounts,
    domain::{Code, ConversationId, Entry},
    protocol::{self, ClientCommand, ServerEvent, Signal, StreamId, close, codec},
};

/// How the connection and what is fetched are doing.
#[derive(Default)]
pub(crate) struct ConnState {
    /// The database's life that the marks belong to.
    pub(super) epoch: String,
    /// Changes that came too early.
    pub(super) out_of_order: OutOfOrder,
    /// Changes that came and are not yet applied.
    pub(super) pending_events: Vec<(StreamId, Entry)>,
    /// What was applied is being brought to the screen.
    pub(super) rendering: bool,
    /// When that was last done.
    pub(super) rendered_at: i64,
    /// Everything is being fetched anew: what is told meanwhile stays in the inbox.
    pub(super) resyncing: bool,
    /// The conversation that is on the screen.
    pub(super) open_conversation: Option<ConversationId>,
    /// The conversation on the screen was made unread there: it stays so until one comes back to it.
    pub(super) kept_unread: Option<ConversationId>,
    /// Do not wait for the next try to connect; if connected, begin anew.
    pub(super) reconnect_now: bool,
    /// Conversations whose messages are being sent now.
    pub(super) sending: HashSet<ConversationId>,
    /// What is to be said on the socket that is open.
    outgoing: Option<oneshot::Sender<String>>,
    /// When it was last said that one is typing.
    pub(super) typing_sent_at: i64,
    /// When the socket was last opened.
    opened_at: i64,
    /// When something was last heard.
    received_at: i64,
    /// Tries in a row that led to nothing.
    failed_attempts: u32,
}

impl ConnState {
    /// For marks of this life of the database.
    pub(super) fn of(epoch: String) -> Self {
        Self { epoch, ..Self::default() }
    }
}

/// The longest wait between two tries, in milliseconds.
const LONGEST_WAIT: f64 = 30_000.0;
/// How often a wait looks whether it may end.
const POLL_INTERVAL: u32 = 250;
/// Tries that fail before it is called offline.
const OFFLINE_AFTER: u32 = 2;

/// Connects, or follows the tab that is connected; and comes back whenever the page was away.
pub(super) fn start(app: AppState) {
    browser::on_wake(move || {
        app.update_clock();
        app.conn.update_value(|conn| {
            let silent = browser::now() - conn.received_at > i64::try_from(protocol::SILENCE_SECONDS * 1000).unwrap_or(i64::MAX);
            if app.connection.get_untracked() != ConnectionStatus::Live || silent {
                conn.reconnect_now = true;
            }
        });
        if !browser::has_network() {
            set_status(app, ConnectionStatus::Offline);
        }
        leader::on_wake();
    });
    leader::join(app);
}

/// Connects, and stays connected for as long as this tab leads.
pub(super) fn run(app: AppState, term: u32) {
    spawn_local(async move {
        while leader::is_current_term(term) {
            let ended = run_once(app, term).await;
            if !leader::is_current_term(term) {
                return;
            }
            if let Some(code) = ended.filter(|code| !close::may_return(*code)) {
                return stop(app, code);
            }
            // A refusal to connect looks like any other failure: whether the session is still there, a question tells.
            let heard_nothing = app.conn.with_value(|conn| conn.received_at < conn.opened_at);
            if heard_nothing && browser::has_network() && accounts::me().await.is_err_and(|error| error.code == Code::NoSession) {
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
                if failed_attempts > OFFLINE_AFTER || !browser::has_network() { ConnectionStatus::Offline } else { ConnectionStatus::Connecting },
            );
            back_off(app, failed_attempts).await;
        }
    });
}

/// How the connection is, also for the tabs that follow.
fn set_status(app: AppState, status: ConnectionStatus) {
    app.connection.set(status);
    if leader::is_leader() {
        leader::broadcast(&TabMessage::Status(status));
    }
}

/// One socket's life; the code it was closed with, if it was.
async fn run_once(app: AppState, term: u32) -> Option<u16> {
    app.conn.update_value(|conn| (conn.reconnect_now, conn.opened_at) = (false, browser::now()));
    let socket = WebSocket::open(&browser::socket_address()).ok()?;
    let (mut write, mut read) = socket.split();
    let mut idle = idle::is_idle();
    let hello = ClientCommand::Hello {
        v: protocol::VERSION,
        epoch: app.conn.with_value(|conn| conn.epoch.clone()),
        marks: app.conversations.with_untracked(Conversations::cursors),
        idle,
    };
    write.send(Message::Text(codec::write_command(&hello))).await.ok()?;
    let mut said = next_outgoing(app);
    loop {
        if idle::is_idle() != idle {
            idle = !idle;
            write.send(Message::Text(codec::write_command(&ClientCommand::Idle { on: idle }))).await.ok()?;
        }
        let glance = browser::sleep(1_000).boxed_local();
        match select(read.next(), select(&mut said, glance)).await {
            Either::Left((Some(Ok(Message::Text(text))), _)) => {
                app.conn.update_value(|conn| conn.received_at = browser::now());
                if let Ok(event) = codec::read(&text) {
                    if !matches!(event, ServerEvent::Beat | ServerEvent::Current) {
                        leader::broadcast(&TabMessage::Frame(text));
                    }
                    dispatch(app, event);
                }
            }
            Either::Left((Some(Ok(Message::Bytes(_))), _)) => {}
            Either::Left((Some(Err(WebSocketError::ConnectionClose(closed))), _)) => return Some(closed.code),
            Either::Left((Some(Err(_)) | None, _)) => return None,
            Either::Right((Either::Left((command, _)), _)) => {
                said = next_outgoing(app);
                if let Ok(command) = command {
                    write.send(Message::Text(command)).await.ok()?;
                }
            }
            Either::Right(_) => {
                let (silent, hurry) = app.conn.with_value(|conn| (browser::now() - conn.received_at.max(conn.opened_at), conn.reconnect_now));
                if hurry || !leader::is_current_term(term) || silent > i64::try_from(protocol::SILENCE_SECONDS * 1000).unwrap_or(i64::MAX) {
                    return None;
                }
            }
        }
    }
}

/// Says that one is typing, if the socket is open.
pub(super) fn send_typing(app: AppState, conversation: ConversationId) {
    let command = codec::write_command(&ClientCommand::Typing { conversation });
    // One that is not said heals by the next.
    if let Some(outgoing) = app.conn.try_update_value(|conn| conn.outgoing.take()).flatten() {
        let _ = outgoing.send(command);
    }
}

/// What is to be said next.
fn next_outgoing(app: AppState) -> oneshot::Receiver<String> {
    let (say, said) = oneshot::channel();
    app.conn.update_value(|conn| conn.outgoing = Some(say));
    said
}

/// Waits before the next try: a random while, the longer the more have failed, so that a crowd does not come back at once.
async fn back_off(app: AppState, failed_attempts: u32) {
    let longest = (500.0 * f64::from(2_u32.saturating_pow(failed_attempts.min(10)))).min(LONGEST_WAIT);
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

/// What the leading tab heard.
pub(super) fn dispatch_forwarded(app: AppState, text: &str) {
    if let Ok(event) = codec::read(text) {
        dispatch(app, event);
    }
}

fn dispatch(app: AppState, event: ServerEvent) {
    match event {
        ServerEvent::Welcome { mut online, idle, epoch, .. } => {
            // A tab that only follows may have slept while another one loaded everything anew.
            if app.conn.with_value(|conn| conn.epoch != epoch) {
                resync::resync_all(app);
            }
            // Others are told a moment later, if they are; of this end it is known.
            if app.conversations.with_untracked(Conversations::privacy).shows_presence {
                online.push(app.my_id());
            }
            app.roster.update(|roster| roster.set_online(online, idle));
        }
        ServerEvent::Current => {
            app.conn.update_value(|conn| conn.failed_attempts = 0);
            set_status(app, ConnectionStatus::Live);
            app.on_connected();
        }
        ServerEvent::Change { stream, seq, at, change } => event_queue::enqueue(app, stream, Entry { seq, at, change }),
        ServerEvent::Signal(Signal::Typing { conversation, person }) => app.on_typing(conversation, person),
        ServerEvent::Signal(Signal::Seen { conversation, person, upto }) => {
            app.ephemeral.update(|ephemeral| ephemeral.record_read(conversation, person, upto))
        }
        ServerEvent::Signal(Signal::Delivered { conversation, person, upto }) => {
            app.ephemeral.update(|ephemeral| ephemeral.record_delivered(conversation, person, upto));
        }
        ServerEvent::Signal(Signal::Presence { online, offline, idle }) => {
            app.roster.update(|roster| roster.shift_online(online, &offline, idle));
        }
        ServerEvent::Resync { .. } => resync::resync_all(app),
        ServerEvent::Beat => {}
    }
}
