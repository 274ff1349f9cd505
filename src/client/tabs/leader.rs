//! The tabs of one browser: one of them leads, keeps the socket and sends; it tells the others all it hears. Who leads holds
//! a lock that the browser gives to the next when the tab ends. A leader that does not answer loses it.
//!
//! Where a browser has no locks (by plain http on a network), each tab leads for itself.

use std::cell::RefCell;

use js_sys::{Function, Object, Promise, Reflect};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::BroadcastChannel;

use super::{
    session_sync,
    tab_message::{self, Note},
};
use crate::{
    client::{
        Chat, Link,
        browser::{self, idle},
        connection::{self, resync},
        state::conversations::Book,
    },
    domain::{Millis, Seq},
    protocol::{MOST_CAUGHT_UP, StreamId},
};

/// How often a tab that follows asks whether its leader is there, in milliseconds.
const GLANCE: u32 = 1_000;
/// Silence after which a tab takes the lead, in milliseconds.
const SILENCE: Millis = 2_500;

thread_local! {
    static TABS: RefCell<Tabs> = RefCell::new(Tabs::default());
}

#[derive(Default)]
struct Tabs {
    channel: Option<BroadcastChannel>,
    /// Whether this tab leads.
    leads: bool,
    /// How often it has come to lead; a loop of an earlier time must end.
    reign: u32,
    /// When the leader was last heard.
    heard: Millis,
}

/// Whether this tab keeps the socket and sends.
pub(in crate::client) fn leads() -> bool {
    TABS.with_borrow(|tabs| tabs.leads)
}

/// Whether this tab still leads as it did when it had led so often.
pub(in crate::client) fn reigns(reign: u32) -> bool {
    TABS.with_borrow(|tabs| tabs.leads && tabs.reign == reign)
}

/// Tells the other tabs.
pub(in crate::client) fn tell(note: &Note) {
    TABS.with_borrow(|tabs| {
        if let Some(channel) = &tabs.channel {
            browser::post(channel, &tab_message::write(note));
        }
    });
}

/// The session has ended: this tab and all others go to sign in.
pub(in crate::client) fn leave() {
    tell(&Note::Leave);
    session_sync::leave();
}

/// Joins the tabs of this person in this browser. Only in a browser, once.
pub(in crate::client) fn join(chat: Chat) {
    let channel = browser::channel(&name(chat), move |text| {
        if let Some(note) = tab_message::read(text) {
            hear(chat, note);
        }
    });
    let Some(channel) = channel else { return crown(chat) };
    TABS.with_borrow_mut(|tabs| (tabs.channel, tabs.heard) = (Some(channel), browser::now()));
    contend(chat, false);
    tell(&Note::Join);
    spawn_local(watch(chat));
}

/// The page may have slept: asks where the leader stands.
pub(in crate::client) fn wake() {
    TABS.with_borrow_mut(|tabs| tabs.heard = browser::now());
    if !leads() {
        tell(&Note::Join);
    }
}

/// Waits for the lock, or takes it from a leader that does not answer.
fn contend(chat: Chat, steal: bool) {
    let granted = Closure::once_into_js(move |_lock: JsValue| -> Promise {
        crown(chat);
        // Held until the tab ends, or another takes it.
        Promise::new(&mut |_, _| {})
    });
    match request(&name(chat), steal, &granted) {
        None => crown(chat),
        Some(held) => spawn_local(async move {
            let _ = JsFuture::from(held).await;
            TABS.with_borrow_mut(|tabs| tabs.leads = false);
            chat.wires.update_value(|wires| wires.hurry = true);
            chat.link.set(Link::Connecting);
            wake();
            // Not at once: a browser that gives no lock at all would be asked without end.
            browser::sleep(GLANCE).await;
            contend(chat, false);
        }),
    }
}

/// `navigator.locks.request`; the bindings count it as unstable, every browser has it since 2022, but only in safe contexts.
fn request(name: &str, steal: bool, granted: &JsValue) -> Option<Promise> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok().filter(JsValue::is_object)?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"steal".into(), &steal.into()).ok()?;
    request.call3(&locks, &name.into(), &options, granted).ok()?.dyn_into().ok()
}

fn crown(chat: Chat) {
    let reign = TABS.with_borrow_mut(|tabs| {
        if tabs.leads {
            return None;
        }
        (tabs.leads, tabs.reign) = (true, tabs.reign + 1);
        Some(tabs.reign)
    });
    if let Some(reign) = reign {
        connection::run(chat, reign);
        spawn_local(chat.mirror());
    }
}

/// Looks after the leader, as long as somebody looks at this tab.
async fn watch(chat: Chat) {
    let mut last = browser::now();
    loop {
        browser::sleep(GLANCE).await;
        let now = browser::now();
        // Who slept cannot say that the leader was silent; and a hidden tab has no hurry.
        let slept = now - std::mem::replace(&mut last, now) > 2 * i64::from(GLANCE);
        if leads() || slept || !browser::is_visible() {
            TABS.with_borrow_mut(|tabs| tabs.heard = now);
            continue;
        }
        tell(&Note::Ping);
        if TABS.with_borrow(|tabs| now - tabs.heard) > SILENCE {
            TABS.with_borrow_mut(|tabs| tabs.heard = now);
            contend(chat, true);
        }
    }
}

fn hear(chat: Chat, note: Note) {
    let leads = leads();
    if !leads && !matches!(note, Note::Join | Note::Ping) {
        TABS.with_borrow_mut(|tabs| tabs.heard = browser::now());
    }
    match note {
        Note::Frame(text) if !leads => connection::overhear(chat, &text),
        Note::Link(Link::Live) if !leads => tell(&Note::Join),
        Note::Link(link) if !leads => chat.link.set(link),
        Note::Join if leads => tell(&state(chat)),
        Note::State(link, online, idle, marks) if !leads => {
            chat.halt.set(None);
            if link == Link::Live {
                chat.roster.update(|roster| roster.set_online(online, idle));
                catch_up(chat, marks);
            }
            chat.link.set(link);
            if link == Link::Live {
                chat.resume();
            }
        }
        Note::Ping if leads => tell(&Note::Pong),
        Note::Outbox => spawn_local(chat.mirror()),
        Note::Draft(conversation, text) => chat.learn_draft(conversation, text),
        Note::Told(conversation, text) => chat.learn_told(conversation, text),
        Note::Typing(conversation) if leads => connection::say_typing(chat, conversation),
        Note::Touch => idle::happened(),
        Note::Leave => session_sync::leave(),
        Note::Halt(halt) => chat.halt.set(Some(halt)),
        _ => {}
    }
}

fn state(chat: Chat) -> Note {
    let marks = chat.book.with_untracked(Book::marks).into_iter().collect();
    let (online, idle) = chat.roster.with_untracked(|roster| roster.online());
    Note::State(chat.link.get_untracked(), online, idle, marks)
}

/// Asks for what the leader knows and this tab does not.
fn catch_up(chat: Chat, marks: Vec<(StreamId, Seq)>) {
    for (stream, seq) in marks {
        match chat.book.with_untracked(|book| book.mark(stream)) {
            Some(own) if own >= seq => {}
            Some(own) if seq.0 - own.0 <= MOST_CAUGHT_UP => resync::fill_gap(chat, stream, own),
            _ => return resync::everything(chat),
        }
    }
}

fn name(chat: Chat) -> String {
    format!("chatbox-{}", chat.my_id())
}
