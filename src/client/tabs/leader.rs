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
    client::{AppState, ConnectionStatus, browser},
    domain::Millis,
};

/// How often a following tab pings its leader, in milliseconds.
const POLL_INTERVAL: u32 = 1_000;
/// Silence after which a tab takes over, in milliseconds.
const LEADER_TIMEOUT: Millis = 2_500;

/// What this tab does besides the election.
#[derive(Clone, Copy)]
pub(in crate::client) struct Handlers {
    /// Runs when this tab becomes leader, with the number of its term.
    pub on_elected: fn(AppState, u32),
    /// Handles a message of another tab.
    pub on_message: fn(AppState, TabMessage),
}

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
pub(in crate::client) fn join(app: AppState, handlers: Handlers) {
    let channel = browser::open_channel(&lock_name(app), move |text| {
        if let Some(message) = tab_message::read(text) {
            note_leader(&message);
            (handlers.on_message)(app, message);
        }
    });
    let Some(channel) = channel else { return become_leader(app, handlers) };
    ELECTION.with_borrow_mut(|election| {
        (election.channel, election.leader_heard_at) = (Some(channel), browser::now())
    });
    request_leadership(app, handlers, false);
    broadcast(&TabMessage::Join);
    spawn_local(watch_leader(app, handlers));
}

/// The page may have slept: asks the leader for its state.
pub(in crate::client) fn on_wake() {
    ELECTION.with_borrow_mut(|election| election.leader_heard_at = browser::now());
    if !is_leader() {
        broadcast(&TabMessage::Join);
    }
}

/// Waits for the lock, or steals it from a leader that does not answer.
fn request_leadership(app: AppState, handlers: Handlers, steal: bool) {
    let granted = Closure::once_into_js(move |_lock: JsValue| -> Promise {
        become_leader(app, handlers);
        // Held until the tab ends or another one steals it.
        Promise::new(&mut |_, _| {})
    });
    match request_lock(&lock_name(app), steal, &granted) {
        None => become_leader(app, handlers),
        Some(held) => spawn_local(async move {
            let _ = JsFuture::from(held).await;
            ELECTION.with_borrow_mut(|election| election.is_leader = false);
            app.conn.update_value(|conn| conn.reconnect_now = true);
            app.connection.set(ConnectionStatus::Connecting);
            on_wake();
            // A browser that grants no lock must not be asked in a tight loop.
            browser::sleep(POLL_INTERVAL).await;
            request_leadership(app, handlers, false);
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

fn become_leader(app: AppState, handlers: Handlers) {
    let term = ELECTION.with_borrow_mut(|election| {
        if election.is_leader {
            return None;
        }
        (election.is_leader, election.term) = (true, election.term + 1);
        Some(election.term)
    });
    if let Some(term) = term {
        (handlers.on_elected)(app, term);
    }
}

/// Pings the leader while this tab is visible.
async fn watch_leader(app: AppState, handlers: Handlers) {
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
            request_leadership(app, handlers, true);
        }
    }
}

/// Records that the leader is alive; only following tabs send the other messages.
fn note_leader(message: &TabMessage) {
    if !is_leader() && !matches!(message, TabMessage::Join | TabMessage::Ping) {
        ELECTION.with_borrow_mut(|election| election.leader_heard_at = browser::now());
    }
}

fn lock_name(app: AppState) -> String {
    format!("chatbox-{}", app.my_id())
}
