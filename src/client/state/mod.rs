//! What the browser remembers: slices of state, and what feeds them. The slices (`roster`, `book`, `timeline`, `outbox`) are
//! plain data with rules of their own; `apply` is the only one that changes them by what the server tells; `intents` is what
//! a person can do; `socket` keeps the connection. There is one context, [`use_chat`], and no view in here.

pub mod conversations;
pub mod ephemeral;
mod person_names;
pub mod reducer;
pub mod roster;
pub mod timeline;
pub mod timelines;
pub mod undo;

use std::collections::HashMap;

use leptos::{prelude::*, task::spawn_local};

use super::{
    browser::idle,
    connection,
    drafts::{Drafts, composer_mode::Purpose},
    search,
    send_queue::{outbox::Outbox, submissions},
    tabs::session_sync,
    uploads,
};
use crate::{
    api::{conversations::Boot, transport},
    domain::{Attachment, ConversationId, FileId, Millis, Person, PersonId, Seq, Snapshot},
};
use conversations::Book;
use ephemeral::Knowing;
use reducer::Slices;

use roster::Roster;
use timelines::Timelines;

/// How the connection is, for the person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Not yet, or not any more but soon.
    #[default]
    Connecting,
    /// What happens arrives at once.
    Live,
    /// There is no network, or the server has not answered for a while.
    Offline,
}

impl Link {
    /// As it stands in `data-connection`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Offline => "offline",
        }
    }
}

/// A place in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// This message.
    Message(Seq),
    /// Where what is new begins.
    New,
}

/// Why this tab does not go on by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The server runs a version that this tab's app does not understand.
    Outdated,
    /// So many windows are open that this one gave way.
    Replaced,
}

/// Everything the browser remembers. Copying it is free.
#[derive(Clone, Copy)]
pub struct Chat {
    /// Who is signed in.
    pub me: StoredValue<Person>,
    /// The people.
    pub roster: RwSignal<Roster>,
    /// The pictures that people have; told only when one of them is another.
    pub faces: Memo<Vec<(PersonId, FileId)>>,
    /// Another number whenever somebody has another name: told apart from who comes and goes.
    pub names: Memo<u64>,
    /// The conversations.
    pub book: RwSignal<Book>,
    /// What `/` shows for as long as this page lives: another one would make going back show what one comes from.
    pub first: RwSignal<Option<ConversationId>>,
    /// What was loaded of their histories.
    pub timelines: RwSignal<Timelines>,
    /// What is not yet known to be sent.
    pub outbox: RwSignal<Outbox>,
    /// Files on their way, and those that are to be sent with the next messages.
    pub sharing: RwSignal<Vec<uploads::Sharing>>,
    /// Largest file that the server takes, in bytes.
    pub file_limit: u64,
    /// The pictures that are looked at by themselves, and which of them.
    pub gallery: RwSignal<Option<(Vec<Attachment>, usize)>>,
    /// What was begun and not sent, by conversation.
    pub(crate) drafts: StoredValue<Drafts>,
    /// How often a draft came back that is not what was typed last.
    pub recalled: RwSignal<u32>,
    /// Sent, and still in the message field.
    pub(in crate::client) submissions: RwSignal<Vec<submissions::Submission>>,
    /// Whether what this browser kept is found: before that nothing can be sent.
    pub unpacked: RwSignal<bool>,
    /// How the connection is.
    pub link: RwSignal<Link>,
    /// Why this tab has stopped, if it has.
    pub halt: RwSignal<Option<Halt>>,
    /// What was looked for last, and what was found.
    pub search: RwSignal<search::Search>,
    /// Whether the list of keys is open.
    pub show_keys: RwSignal<bool>,
    /// Whether one looks for a place to go to.
    pub show_switcher: RwSignal<bool>,
    /// Whether one looks for a day to go to.
    pub show_days: RwSignal<bool>,
    /// Whose profile is shown, while `show_profile` is set.
    pub profile: RwSignal<Option<PersonId>>,
    /// Whether somebody's profile is shown.
    pub show_profile: RwSignal<bool>,
    /// What went wrong last, in words, until it is dismissed.
    pub trouble: RwSignal<Option<String>>,
    /// What time it is, as of the last minute; 0 until the page is awake.
    pub now: RwSignal<Millis>,
    /// Who is typing, and who has seen what.
    pub knowing: RwSignal<Knowing>,
    /// Where one is led to, until it is on the screen.
    pub place: RwSignal<Option<(ConversationId, Place)>>,
    /// The message that is lit up, because one was led to it.
    pub lit: RwSignal<Option<(ConversationId, Seq)>>,
    /// What was done last, for as long as it can be undone.
    pub undo: RwSignal<Option<undo::Undo>>,
    /// What the message field of each conversation is for, where it is not for a new message.
    pub(crate) purposes: RwSignal<HashMap<ConversationId, Purpose>>,
    /// How the socket and what is fetched are doing; nobody watches it.
    pub(crate) wires: StoredValue<connection::Wires>,
}

/// The one context of the app.
///
/// # Panics
/// Never in a page: the workspace provides it before it renders anything else.
#[must_use]
pub fn use_chat() -> Chat {
    expect_context::<Chat>()
}

impl Chat {
    /// From what the page came with.
    #[must_use]
    pub fn new(boot: Boot) -> Self {
        let Boot { snapshot, page } = boot;
        let me = StoredValue::new(snapshot.me.clone());
        let (epoch, file_limit) = (snapshot.epoch.clone(), snapshot.file_limit);
        let (roster, book) = slices(snapshot);
        let mut timelines = Timelines::default();
        let first = RwSignal::new(page.as_ref().map(|(conversation, _)| *conversation));
        if let Some((conversation, page)) = page {
            timelines.open(conversation).show(page);
        }
        let roster = RwSignal::new(roster);
        let faces = Memo::new(move |_| roster.with(|roster| roster.all().filter_map(|person| Some((person.id, person.face?))).collect()));
        Self {
            me,
            roster,
            faces,
            names: Memo::new(move |_| roster.with(Roster::names)),
            book: RwSignal::new(book),
            first,
            timelines: RwSignal::new(timelines),
            outbox: RwSignal::new(Outbox::default()),
            sharing: RwSignal::new(Vec::new()),
            file_limit,
            gallery: RwSignal::new(None),
            drafts: StoredValue::new(Drafts::default()),
            recalled: RwSignal::new(0),
            submissions: RwSignal::new(Vec::new()),
            unpacked: RwSignal::new(false),
            link: RwSignal::new(Link::Connecting),
            halt: RwSignal::new(None),
            search: RwSignal::new(search::Search::default()),
            show_keys: RwSignal::new(false),
            show_switcher: RwSignal::new(false),
            show_days: RwSignal::new(false),
            profile: RwSignal::new(None),
            show_profile: RwSignal::new(false),
            trouble: RwSignal::new(None),
            now: RwSignal::new(0),
            knowing: RwSignal::new(Knowing::default()),
            place: RwSignal::new(None),
            lit: RwSignal::new(None),
            undo: RwSignal::new(None),
            purposes: RwSignal::new(HashMap::new()),
            wires: StoredValue::new(connection::Wires::of(epoch)),
        }
    }

    /// Finds what was kept, connects, and stays connected. Only in a browser, once.
    pub fn start(self) {
        transport::speak_for(self.my_id());
        idle::look_out();
        self.recall_visit();
        spawn_local(self.unpack());
        self.share_drafts();
        connection::keep(self);
        session_sync::announce(self);
        self.watch_time();
    }

    /// Who is signed in.
    #[must_use]
    pub fn my_id(self) -> PersonId {
        self.me.with_value(|me| me.id)
    }

    /// Whether the server can be reached, as far as known.
    #[must_use]
    pub fn reached(self) -> Signal<bool> {
        Signal::derive(move || self.link.get() == Link::Live)
    }

    /// Whether a conversation is the one that is shown.
    #[must_use]
    pub fn is_open(self, conversation: ConversationId) -> bool {
        self.wires.with_value(|wires| wires.open) == Some(conversation)
    }

    /// Says what went wrong, in words.
    pub fn tell_trouble(self, words: impl Into<String>) {
        self.trouble.set(Some(words.into()));
    }

    /// Lets `change` have the slices, and wakes those who watch the ones it says it touched.
    pub(crate) fn touch(self, change: impl FnOnce(&mut Slices<'_>) -> reducer::Touched) {
        let (mut roster, mut book, mut timelines) = (self.roster.write(), self.book.write(), self.timelines.write());
        let touched = change(&mut Slices { roster: &mut roster, book: &mut book, timelines: &mut timelines });
        if !touched.roster {
            roster.untrack();
        }
        if !touched.book {
            book.untrack();
        }
        if !touched.timelines {
            timelines.untrack();
        }
    }
}

pub(in crate::client) fn slices(snapshot: Snapshot) -> (Roster, Book) {
    let Snapshot { me, privacy, head, people, online, idle, conversations, reads_by_hand, .. } = snapshot;
    (Roster::new(people, online, idle), Book::new(&me, privacy, head, conversations).read_by_hand(reads_by_hand))
}
