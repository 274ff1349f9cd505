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
    drafts::{Drafts, composer_mode::ComposerMode},
    search,
    send_queue::{outbox::Outbox, submissions},
    tabs::session_sync,
    uploads,
};
use crate::{
    api::{conversations::InitialState, transport},
    domain::{Attachment, ConversationId, FileId, Millis, Person, PersonId, Seq, Snapshot},
};
use conversations::Conversations;
use ephemeral::Ephemeral;
use reducer::Reducer;

use roster::Roster;
use timelines::Timelines;

/// How the connection is, for the person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectionStatus {
    /// Not yet, or not any more but soon.
    #[default]
    Connecting,
    /// What happens arrives at once.
    Live,
    /// There is no network, or the server has not answered for a while.
    Offline,
}

impl ConnectionStatus {
    /// As it stands in `data-connection`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Offline => "offline",
        }
    }
}

/// A place in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScrollTarget {
    /// This message.
    Message(Seq),
    /// The first unread message.
    FirstUnread,
}

/// Why this tab does not go on by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FatalError {
    /// The server runs a version that this tab's app does not understand.
    Outdated,
    /// So many windows are open that this one gave way.
    Replaced,
}

/// Everything the browser remembers. Copying it is free.
#[derive(Clone, Copy)]
pub struct AppState {
    /// Who is signed in.
    pub me: StoredValue<Person>,
    /// The people.
    pub roster: RwSignal<Roster>,
    /// The pictures that people have; told only when one of them is another.
    pub avatars: Memo<Vec<(PersonId, FileId)>>,
    /// Another number whenever somebody has another name: told apart from who comes and goes.
    pub names_version: Memo<u64>,
    /// The conversations.
    pub conversations: RwSignal<Conversations>,
    /// What `/` shows for as long as this page lives: another one would make going back show what one comes from.
    pub home: RwSignal<Option<ConversationId>>,
    /// What was loaded of their histories.
    pub timelines: RwSignal<Timelines>,
    /// What is not yet known to be sent.
    pub outbox: RwSignal<Outbox>,
    /// Files on their way, and those that are to be sent with the next messages.
    pub uploads: RwSignal<Vec<uploads::UploadItem>>,
    /// Largest file that the server takes, in bytes.
    pub file_limit: u64,
    /// The pictures that are looked at by themselves, and which of them.
    pub lightbox: RwSignal<Option<(Vec<Attachment>, usize)>>,
    /// What was begun and not sent, by conversation.
    pub(crate) drafts: StoredValue<Drafts>,
    /// How often a draft came back that is not what was typed last.
    pub draft_version: RwSignal<u32>,
    /// Sent, and still in the message field.
    pub(in crate::client) submissions: RwSignal<Vec<submissions::Submission>>,
    /// Whether what this browser kept is found: before that nothing can be sent.
    pub storage_ready: RwSignal<bool>,
    /// How the connection is.
    pub connection: RwSignal<ConnectionStatus>,
    /// Why this tab has stopped, if it has.
    pub fatal: RwSignal<Option<FatalError>>,
    /// What was looked for last, and what was found.
    pub search: RwSignal<search::Search>,
    /// Whether the list of keys is open.
    pub show_shortcuts: RwSignal<bool>,
    /// Whether one looks for a place to go to.
    pub show_switcher: RwSignal<bool>,
    /// Whether one looks for a day to go to.
    pub show_go_to_date: RwSignal<bool>,
    /// Whose profile is shown, while `show_profile` is set.
    pub profile: RwSignal<Option<PersonId>>,
    /// Whether somebody's profile is shown.
    pub show_profile: RwSignal<bool>,
    /// What went wrong last, in words, until it is dismissed.
    pub error: RwSignal<Option<String>>,
    /// What time it is, as of the last minute; 0 until the page is awake.
    pub now: RwSignal<Millis>,
    /// Who is typing, and who has seen what.
    pub ephemeral: RwSignal<Ephemeral>,
    /// Where one is led to, until it is on the screen.
    pub scroll_target: RwSignal<Option<(ConversationId, ScrollTarget)>>,
    /// The message that is lit up, because one was led to it.
    pub highlighted: RwSignal<Option<(ConversationId, Seq)>>,
    /// What was done last, for as long as it can be undone.
    pub undo: RwSignal<Option<undo::Undo>>,
    /// What the message field of each conversation is for, where it is not for a new message.
    pub(crate) composer_modes: RwSignal<HashMap<ConversationId, ComposerMode>>,
    /// How the socket and what is fetched are doing; nobody watches it.
    pub(crate) conn: StoredValue<connection::ConnState>,
}

/// The one context of the app.
///
/// # Panics
/// Never in a page: the workspace provides it before it renders anything else.
#[must_use]
pub fn use_app_state() -> AppState {
    expect_context::<AppState>()
}

impl AppState {
    /// From what the page came with.
    #[must_use]
    pub fn new(initial: InitialState) -> Self {
        let InitialState { snapshot, page } = initial;
        let me = StoredValue::new(snapshot.me.clone());
        let (epoch, file_limit) = (snapshot.epoch.clone(), snapshot.file_limit);
        let (roster, conversations) = from_snapshot(snapshot);
        let mut timelines = Timelines::default();
        let home = RwSignal::new(page.as_ref().map(|(conversation, _)| *conversation));
        if let Some((conversation, page)) = page {
            timelines.open(conversation).replace(page);
        }
        let roster = RwSignal::new(roster);
        let avatars = Memo::new(move |_| roster.with(|roster| roster.all().filter_map(|person| Some((person.id, person.face?))).collect()));
        Self {
            me,
            roster,
            avatars,
            names_version: Memo::new(move |_| roster.with(Roster::names)),
            conversations: RwSignal::new(conversations),
            home,
            timelines: RwSignal::new(timelines),
            outbox: RwSignal::new(Outbox::default()),
            uploads: RwSignal::new(Vec::new()),
            file_limit,
            lightbox: RwSignal::new(None),
            drafts: StoredValue::new(Drafts::default()),
            draft_version: RwSignal::new(0),
            submissions: RwSignal::new(Vec::new()),
            storage_ready: RwSignal::new(false),
            connection: RwSignal::new(ConnectionStatus::Connecting),
            fatal: RwSignal::new(None),
            search: RwSignal::new(search::Search::default()),
            show_shortcuts: RwSignal::new(false),
            show_switcher: RwSignal::new(false),
            show_go_to_date: RwSignal::new(false),
            profile: RwSignal::new(None),
            show_profile: RwSignal::new(false),
            error: RwSignal::new(None),
            now: RwSignal::new(0),
            ephemeral: RwSignal::new(Ephemeral::default()),
            scroll_target: RwSignal::new(None),
            highlighted: RwSignal::new(None),
            undo: RwSignal::new(None),
            composer_modes: RwSignal::new(HashMap::new()),
            conn: StoredValue::new(connection::ConnState::of(epoch)),
        }
    }

    /// Finds what was kept, connects, and stays connected. Only in a browser, once.
    pub fn start(self) {
        transport::set_person(self.my_id());
        idle::watch_activity();
        self.restore_visited();
        spawn_local(self.open_storage());
        self.sync_drafts();
        connection::start(self);
        session_sync::announce_session(self);
        self.start_clock();
    }

    /// Who is signed in.
    #[must_use]
    pub fn my_id(self) -> PersonId {
        self.me.with_value(|me| me.id)
    }

    /// Whether the server can be reached, as far as known.
    #[must_use]
    pub fn is_connected(self) -> Signal<bool> {
        Signal::derive(move || self.connection.get() == ConnectionStatus::Live)
    }

    /// Whether a conversation is the one that is shown.
    #[must_use]
    pub fn is_open(self, conversation: ConversationId) -> bool {
        self.conn.with_value(|conn| conn.open_conversation) == Some(conversation)
    }

    /// Says what went wrong, in words.
    pub fn show_error(self, words: impl Into<String>) {
        self.error.set(Some(words.into()));
    }

    /// Lets `change` have the slices, and wakes those who watch the ones it says it touched.
    pub(crate) fn update_state(self, change: impl FnOnce(&mut Reducer<'_>) -> reducer::Changed) {
        let (mut roster, mut conversations, mut timelines) = (self.roster.write(), self.conversations.write(), self.timelines.write());
        let changed = change(&mut Reducer { roster: &mut roster, conversations: &mut conversations, timelines: &mut timelines });
        if !changed.roster {
            roster.untrack();
        }
        if !changed.conversations {
            conversations.untrack();
        }
        if !changed.timelines {
            timelines.untrack();
        }
    }
}

pub(in crate::client) fn from_snapshot(snapshot: Snapshot) -> (Roster, Conversations) {
    let Snapshot { me, privacy, head, people, online, idle, conversations, reads_by_hand, .. } = snapshot;
    (Roster::new(people, online, idle), Conversations::new(&me, privacy, head, conversations).with_manual_read(reads_by_hand))
}
