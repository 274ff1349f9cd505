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
    Chat, Halt, Link,
    browser::{self, idle},
    state::{conversations::Book, reducer::Held},
    tabs::{leader, tab_message::Note},
};
use crate::{
    api::accounts,
    domain::{Code, ConversationId, Entry},
    protocol::{self, ClientCommand, ServerEvent, Signal, StreamId, close, codec},
};

/// How the connection and what is fetched are doing.
#[derive(Default)]
pub(crate) struct Wires {
    /// The database's life that the marks belong to.
    pub(super) epoch: String,
    /// Changes that came too early.
    pub(super) held: Held,
    /// Changes that came and are not yet applied.
    pub(super) inbox: Vec<(StreamId, Entry)>,
    /// What was applied is being brought to the screen.
    pub(super) drawing: bool,
    /// When that was last done.
    pub(super) drawn: i64,
    /// Everything is being fetched anew: what is told meanwhile stays in the inbox.
    pub(super) renewing: bool,
    /// The conversation that is on the screen.
    pub(super) open: Option<ConversationId>,
    /// The conversation on the screen was made unread there: it stays so until one comes back to it.
    pub(super) unread_on_purpose: Option<ConversationId>,
    /// Do not wait for the next try to connect; if connected, begin anew.
    pub(super) hurry: bool,
    /// Conversations whose messages are being sent now.
    pub(super) pumping: HashSet<ConversationId>,
    /// What is to be said on the socket that is open.
    outgoing: Option<oneshot::Sender<String>>,
    /// When it was last said that one is typing.
    pub(super) typed: i64,
    /// When the socket was last opened.
    opened: i64,
    /// When something was last heard.
    heard: i64,
    /// Tries in a row that led to nothing.
    misses: u32,
}

impl Wires {
    /// For marks of this life of the database.
    pub(super) fn of(epoch: String) -> Self {
        Self { epoch, ..Self::default() }
    }
}

/// The longest wait between two tries, in milliseconds.
const LONGEST_WAIT: f64 = 30_000.0;
/// How often a wait looks whether it may end.
const GLANCE: u32 = 250;
/// Tries that fail before it is called offline.
const OFFLINE_AFTER: u32 = 2;

/// Connects, or follows the tab that is connected; and comes back whenever the page was away.
pub(super) fn keep(chat: Chat) {
    browser::on_wake(move || {
        chat.look_at_time();
        chat.wires.update_value(|wires| {
            let silent = browser::now() - wires.heard > i64::try_from(protocol::SILENCE_SECONDS * 1000).unwrap_or(i64::MAX);
            if chat.link.get_untracked() != Link::Live || silent {
                wires.hurry = true;
            }
        });
        if !browser::has_network() {
            link(chat, Link::Offline);
        }
        leader::wake();
    });
    leader::join(chat);
}

/// Connects, and stays connected for as long as this tab leads.
pub(super) fn run(chat: Chat, reign: u32) {
    spawn_local(async move {
        while leader::reigns(reign) {
            let ended = once(chat, reign).await;
            if !leader::reigns(reign) {
                return;
            }
            if let Some(code) = ended.filter(|code| !close::may_return(*code)) {
                return stop(chat, code);
            }
            // A refusal to connect looks like any other failure: whether the session is still there, a question tells.
            let heard_nothing = chat.wires.with_value(|wires| wires.heard < wires.opened);
            if heard_nothing && browser::has_network() && accounts::me().await.is_err_and(|error| error.code == Code::NoSession) {
                return leader::leave();
            }
            let misses = chat
                .wires
                .try_update_value(|wires| {
                    wires.misses += 1;
                    wires.misses
                })
                .unwrap_or(1);
            link(chat, if misses > OFFLINE_AFTER || !browser::has_network() { Link::Offline } else { Link::Connecting });
            pause(chat, misses).await;
        }
    });
}

/// How the connection is, also for the tabs that follow.
fn link(chat: Chat, link: Link) {
    chat.link.set(link);
    if leader::leads() {
        leader::tell(&Note::Link(link));
    }
}

/// One socket's life; the code it was closed with, if it was.
async fn once(chat: Chat, reign: u32) -> Option<u16> {
    chat.wires.update_value(|wires| (wires.hurry, wires.opened) = (false, browser::now()));
    let socket = WebSocket::open(&browser::socket_address()).ok()?;
    let (mut write, mut read) = socket.split();
    let mut idle = idle::is_idle();
    let hello = ClientCommand::Hello {
        v: protocol::VERSION,
        epoch: chat.wires.with_value(|wires| wires.epoch.clone()),
        marks: chat.book.with_untracked(Book::marks),
        idle,
    };
    write.send(Message::Text(codec::write_command(&hello))).await.ok()?;
    let mut said = outgoing(chat);
    loop {
        if idle::is_idle() != idle {
            idle = !idle;
            write.send(Message::Text(codec::write_command(&ClientCommand::Idle { on: idle }))).await.ok()?;
        }
        let glance = browser::sleep(1_000).boxed_local();
        match select(read.next(), select(&mut said, glance)).await {
            Either::Left((Some(Ok(Message::Text(text))), _)) => {
                chat.wires.update_value(|wires| wires.heard = browser::now());
                if let Ok(event) = codec::read(&text) {
                    if !matches!(event, ServerEvent::Beat | ServerEvent::Current) {
                        leader::tell(&Note::Frame(text));
                    }
                    hear(chat, event);
                }
            }
            Either::Left((Some(Ok(Message::Bytes(_))), _)) => {}
            Either::Left((Some(Err(WebSocketError::ConnectionClose(closed))), _)) => return Some(closed.code),
            Either::Left((Some(Err(_)) | None, _)) => return None,
            Either::Right((Either::Left((command, _)), _)) => {
                said = outgoing(chat);
                if let Ok(command) = command {
                    write.send(Message::Text(command)).await.ok()?;
                }
            }
            Either::Right(_) => {
                let (silent, hurry) = chat.wires.with_value(|wires| (browser::now() - wires.heard.max(wires.opened), wires.hurry));
                if hurry || !leader::reigns(reign) || silent > i64::try_from(protocol::SILENCE_SECONDS * 1000).unwrap_or(i64::MAX) {
                    return None;
                }
            }
        }
    }
}

/// Says that one is typing, if the socket is open.
pub(super) fn say_typing(chat: Chat, conversation: ConversationId) {
    let command = codec::write_command(&ClientCommand::Typing { conversation });
    // One that is not said heals by the next.
    if let Some(outgoing) = chat.wires.try_update_value(|wires| wires.outgoing.take()).flatten() {
        let _ = outgoing.send(command);
    }
}

/// What is to be said next.
fn outgoing(chat: Chat) -> oneshot::Receiver<String> {
    let (say, said) = oneshot::channel();
    chat.wires.update_value(|wires| wires.outgoing = Some(say));
    said
}

/// Waits before the next try: a random while, the longer the more have failed, so that a crowd does not come back at once.
async fn pause(chat: Chat, misses: u32) {
    let longest = (500.0 * f64::from(2_u32.saturating_pow(misses.min(10)))).min(LONGEST_WAIT);
    let until = browser::now() + i64::from((browser::chance() * longest) as u32);
    while browser::now() < until && !chat.wires.with_value(|wires| wires.hurry) {
        browser::sleep(GLANCE).await;
    }
    while !browser::has_network() {
        browser::sleep(GLANCE).await;
    }
}

fn stop(chat: Chat, code: u16) {
    link(chat, Link::Offline);
    let halt = match code {
        close::SESSION_ENDED | close::DEACTIVATED => return leader::leave(),
        close::REPLACED => Halt::Replaced,
        _ => Halt::Outdated,
    };
    chat.halt.set(Some(halt));
    leader::tell(&Note::Halt(halt));
}

/// What the leading tab heard.
pub(super) fn overhear(chat: Chat, text: &str) {
    if let Ok(event) = codec::read(text) {
        hear(chat, event);
    }
}

fn hear(chat: Chat, event: ServerEvent) {
    match event {
        ServerEvent::Welcome { mut online, idle, epoch, .. } => {
            // A tab that only follows may have slept while another one loaded everything anew.
            if chat.wires.with_value(|wires| wires.epoch != epoch) {
                resync::everything(chat);
            }
            // Others are told a moment later, if they are; of this end it is known.
            if chat.book.with_untracked(Book::privacy).shows_presence {
                online.push(chat.my_id());
            }
            chat.roster.update(|roster| roster.set_online(online, idle));
        }
        ServerEvent::Current => {
            chat.wires.update_value(|wires| wires.misses = 0);
            link(chat, Link::Live);
            chat.resume();
        }
        ServerEvent::Change { stream, seq, at, change } => event_queue::take_in(chat, stream, Entry { seq, at, change }),
        ServerEvent::Signal(Signal::Typing { conversation, person }) => chat.hears_typing(conversation, person),
        ServerEvent::Signal(Signal::Seen { conversation, person, upto }) => chat.knowing.update(|knowing| knowing.sees(conversation, person, upto)),
        ServerEvent::Signal(Signal::Delivered { conversation, person, upto }) => {
            chat.knowing.update(|knowing| knowing.reaches(conversation, person, upto));
        }
        ServerEvent::Signal(Signal::Presence { online, offline, idle }) => {
            chat.roster.update(|roster| roster.shift_online(online, &offline, idle));
        }
        ServerEvent::Resync { .. } => resync::everything(chat),
        ServerEvent::Beat => {}
    }
}
