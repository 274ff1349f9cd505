//! Leader election among the tabs of one browser. The leader owns the socket, sends messages, and
//! forwards what it receives. It holds a Web Lock, which the browser passes on when the tab ends. A
//! leader that does not answer loses it.
//!
//! Without Web Locks (plain HTTP on a network), each tab leads itself.

use std::cell::RefCell;

use js_sys::{Function, Object, Promise, Reflect};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::BroadcastChannel;

use super::{
    session_sync,
    tab_message::{self, TabMessage},
};
use crate::{
    client::{
        AppState, ConnectionStatus,
        browser::{self, idle},
        connection::{self, resync},
        state::conversations::Conversations,
    },
    domain::{Millis, Seq},
    protocol::{MAX_REPLAYED, StreamId},
};

/// How often a following tab pings its leader, in milliseconds.
const POLL_INTERVAL: u32 = 1_000;
/// Silence after which a tab takes over, in milliseconds.
const LEADER_TIMEOUT: Millis = 2_500;

thread_local! {
    static ELECTION: RefCell<Election> = RefCell::new(Election::default());
}

#[derive(Default)]
struct Election {
    channel: Option<BroadcastChannel>,
    /// Whether this tab leads.
    is_leader: bool,
    /// Counts the times this tab became leader. A loop of an earlier term must end.
    term: u32,
    /// When the leader was last heard.
    leader_heard_at: Millis,
}

/// Whether this tab owns the socket and sends.
pub(in crate::client) fn is_leader() -> bool {
    ELECTION.with_borrow(|election| election.is_leader)
}

/// Whether this tab still leads in this term.
pub(in crate::client) fn is_current_term(term: u32) -> bool {
    ELECTION.with_borrow(|election| election.is_leader && election.term == term)
}

/// Sends a message to the other tabs.
pub(in crate::client) fn broadcast(message: &TabMessage) {
    ELECTION.with_borrow(|election| {
        if let Some(channel) = &election.channel {
            browser::post_message(channel, &tab_message::write(message));
        }
    });
}

/// Ends the session in all tabs: they go to the sign-in page.
pub(in crate::client) fn end_session() {
    broadcast(&TabMessage::SessionEnded);
    session_sync::go_to_sign_in();
}

/// Joins the tabs of this user. Call once, in a browser only.
pub(in crate::client) fn join(app: AppState) {
    let channel = browser::open_channel(&lock_name(app), move |text| {
        if let Some(message) = tab_message::read(text) {
            on_message(app, message);
        }
    });
    let Some(channel) = channel else { return become_leader(app) };
    ELECTION.with_borrow_mut(|election| {
        (election.channel, election.leader_heard_at) = (Some(channel), browser::now())
    });
    request_leadership(app, false);
    broadcast(&TabMessage::Join);
    spawn_local(watch_leader(app));
}

/// The page may have slept: asks the leader for its state.
pub(in crate::client) fn on_wake() {
    ELECTION.with_borrow_mut(|election| election.leader_heard_at = browser::now());
    if !is_leader() {
        broadcast(&TabMessage::Join);
    }
}

/// Waits for the lock, or steals it from a leader that does not answer.
fn request_leadership(app: AppState, steal: bool) {
    let granted = Closure::once_into_js(move |_lock: JsValue| -> Promise {
        become_leader(app);
        // Held until the tab ends or another one steals it.
        Promise::new(&mut |_, _| {})
    });
    match request_lock(&lock_name(app), steal, &granted) {
        None => become_leader(app),
        Some(held) => spawn_local(async move {
            let _ = JsFuture::from(held).await;
            ELECTION.with_borrow_mut(|election| election.is_leader = false);
            app.conn.update_value(|conn| conn.reconnect_now = true);
            app.connection.set(ConnectionStatus::Connecting);
            on_wake();
            // A browser that grants no lock must not be asked in a tight loop.
            browser::sleep(POLL_INTERVAL).await;
            request_leadership(app, false);
        }),
    }
}

/// `navigator.locks.request`. The bindings count it as unstable; every browser has had it since
/// 2022, in secure contexts only.
fn request_lock(name: &str, steal: bool, granted: &JsValue) -> Option<Promise> {
    let locks =
        Reflect::get(&window().navigator(), &"locks".into()).ok().filter(JsValue::is_object)?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"steal".into(), &steal.into()).ok()?;
    request.call3(&locks, &name.into(), &options, granted).ok()?.dyn_into().ok()
}

fn become_leader(app: AppState) {
    let term = ELECTION.with_borrow_mut(|election| {
        if election.is_leader {
            return None;
        }
        (election.is_leader, election.term) = (true, election.term + 1);
        Some(election.term)
    });
    if let Some(term) = term {
        connection::run(app, term);
        spawn_local(app.reload_outbox());
    }
}

/// Pings the leader while this tab is visible.
async fn watch_leader(app: AppState) {
    let mut last = browser::now();
    loop {
        browser::sleep(POLL_INTERVAL).await;
        let now = browser::now();
        // A tab that slept cannot tell whether the leader was silent, and a hidden one can wait.
        let slept = now - std::mem::replace(&mut last, now) > 2 * i64::from(POLL_INTERVAL);
        if is_leader() || slept || !browser::is_visible() {
            ELECTION.with_borrow_mut(|election| election.leader_heard_at = now);
            continue;
        }
        broadcast(&TabMessage::Ping);
        if ELECTION.with_borrow(|election| now - election.leader_heard_at) > LEADER_TIMEOUT {
            ELECTION.with_borrow_mut(|election| election.leader_heard_at = now);
            request_leadership(app, true);
        }
    }
}

fn on_message(app: AppState, message: TabMessage) {
    let leads = is_leader();
    if !leads && !matches!(message, TabMessage::Join | TabMessage::Ping) {
        ELECTION.with_borrow_mut(|election| election.leader_heard_at = browser::now());
    }
    match message {
        TabMessage::Frame(text) if !leads => connection::dispatch_forwarded(app, &text),
        TabMessage::Status(ConnectionStatus::Live) if !leads => broadcast(&TabMessage::Join),
        TabMessage::Status(status) if !leads => app.connection.set(status),
        TabMessage::Join if leads => broadcast(&leader_state(app)),
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
        TabMessage::Ping if leads => broadcast(&TabMessage::Pong),
        TabMessage::Outbox => spawn_local(app.reload_outbox()),
        TabMessage::Draft(conversation, text) => app.on_tab_draft(conversation, text),
        TabMessage::DraftSync(conversation, text) => app.on_tab_draft_sync(conversation, text),
        TabMessage::Typing(conversation) if leads => connection::send_typing(app, conversation),
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

fn lock_name(app: AppState) -> String {
    format!("chatbox-{}", app.my_id())
}
