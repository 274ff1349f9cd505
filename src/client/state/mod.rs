//! The client's state. `roster`, `conversations` and `timeline` are plain data with their own
//! rules; only `reducer` changes them from server events. [`AppState`] holds them as signals.

pub mod conversations;
pub mod ephemeral;
mod person_names;
pub mod reducer;
pub mod roster;
pub mod timeline;
pub mod timelines;
pub mod undo;
mod unread_counts;

use std::collections::HashMap;

use leptos::{prelude::*, task::spawn_local};

use super::{
    browser::idle,
    connection,
    drafts::{Drafts, composer_mode::ComposerMode},
    search,
    send_queue::outbox::Outbox,
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

/// Connection status as shown to the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectionStatus {
    /// Not connected yet, or reconnecting.
    #[default]
    Connecting,
    /// Connected; events arrive at once.
    Live,
    /// No network, or no answer from the server for a while.
    Offline,
}

impl ConnectionStatus {
    /// The value of `data-connection`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Live => "live",
            Self::Offline => "offline",
        }
    }
}

/// A place in a conversation to scroll to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScrollTarget {
    /// A message.
    Message(Seq),
    /// The first unread message.
    FirstUnread,
}

/// Why this tab stopped and does not reconnect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FatalError {
    /// The server runs a version that this client does not understand.
    Outdated,
    /// The server closed this connection because the user has too many.
    Replaced,
}

/// The state of the client, in signals. `Copy`.
#[derive(Clone, Copy)]
pub struct AppState {
    /// The current user.
    pub me: StoredValue<Person>,
    /// The users.
    pub roster: RwSignal<Roster>,
    /// Avatars by user; notifies only when one changes.
    pub avatars: Memo<Vec<(PersonId, FileId)>>,
    /// Changes when any name does, but not with presence.
    pub names_version: Memo<u64>,
    /// The conversations.
    pub conversations: RwSignal<Conversations>,
    /// The conversation shown at `/`. Fixed for the life of the page: otherwise going back would
    /// show the conversation one came from.
    pub home: RwSignal<Option<ConversationId>>,
    /// The loaded parts of the histories.
    pub timelines: RwSignal<Timelines>,
    /// Messages that are not known to be stored by the server.
    pub outbox: RwSignal<Outbox>,
    /// Files being uploaded or waiting for the next message.
    pub uploads: RwSignal<Vec<uploads::UploadItem>>,
    /// Largest file that the server accepts, in bytes.
    pub file_limit: u64,
    /// The images in the lightbox, and the index of the current one.
    pub lightbox: RwSignal<Option<(Vec<Attachment>, usize)>>,
    /// Unsent drafts, by conversation.
    pub(crate) drafts: StoredValue<Drafts>,
    /// Increments when a draft changes other than by typing.
    pub draft_version: RwSignal<u32>,
    /// Whether local storage was read. Nothing can be sent before that.
    pub storage_ready: RwSignal<bool>,
    /// The connection status.
    pub connection: RwSignal<ConnectionStatus>,
    /// Why this tab stopped, if it has.
    pub fatal: RwSignal<Option<FatalError>>,
    /// The last search and its results.
    pub search: RwSignal<search::Search>,
    /// Whether the shortcut list is open.
    pub show_shortcuts: RwSignal<bool>,
    /// Whether the quick switcher is open.
    pub show_switcher: RwSignal<bool>,
    /// Whether the date dialog is open.
    pub show_go_to_date: RwSignal<bool>,
    /// The user whose profile is shown while `show_profile` is set.
    pub profile: RwSignal<Option<PersonId>>,
    /// Whether a profile is shown.
    pub show_profile: RwSignal<bool>,
    /// The last error, until it is dismissed.
    pub error: RwSignal<Option<String>>,
    /// The current time, updated every minute; 0 before hydration.
    pub now: RwSignal<Millis>,
    /// Typing indicators and receipts.
    pub ephemeral: RwSignal<Ephemeral>,
    /// The place to scroll to, until it is on the screen.
    pub scroll_target: RwSignal<Option<(ConversationId, ScrollTarget)>>,
    /// The message that is highlighted after navigation.
    pub highlighted: RwSignal<Option<(ConversationId, Seq)>>,
    /// The last action that can be undone.
    pub undo: RwSignal<Option<undo::Undo>>,
    /// What the composer of a conversation does, where it is not a new message.
    pub(crate) composer_modes: RwSignal<HashMap<ConversationId, ComposerMode>>,
    /// State of the connection. Not reactive.
    pub(crate) conn: StoredValue<connection::ConnState>,
}

/// The application's context.
///
/// # Panics
/// Never in a page: the workspace provides it before it renders anything else.
#[must_use]
pub fn use_app_state() -> AppState {
    expect_context::<AppState>()
}

impl AppState {
    /// From the initial state of the page.
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
        let avatars = Memo::new(move |_| {
            roster.with(|roster| {
                roster.all().filter_map(|person| Some((person.id, person.avatar?))).collect()
            })
        });
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

    /// Opens local storage, connects, and stays connected. Call once, in a browser only.
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

    /// Id of the current user.
    #[must_use]
    pub fn my_id(self) -> PersonId {
        self.me.with_value(|me| me.id)
    }

    /// Whether the connection is live. Reactive.
    #[must_use]
    pub fn is_connected(self) -> Signal<bool> {
        Signal::derive(move || self.connection.get() == ConnectionStatus::Live)
    }

    /// Whether a conversation is open in this tab.
    #[must_use]
    pub fn is_open(self, conversation: ConversationId) -> bool {
        self.conn.with_value(|conn| conn.open_conversation) == Some(conversation)
    }

    /// Shows an error message.
    pub fn show_error(self, words: impl Into<String>) {
        self.error.set(Some(words.into()));
    }

    /// Runs `change` on the state, and notifies the subscribers of what it says it changed.
    pub(crate) fn update_state(self, change: impl FnOnce(&mut Reducer<'_>) -> reducer::Changed) {
        let (mut roster, mut conversations, mut timelines) =
            (self.roster.write(), self.conversations.write(), self.timelines.write());
        let changed = change(&mut Reducer {
            roster: &mut roster,
            conversations: &mut conversations,
            timelines: &mut timelines,
        });
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
    let Snapshot { me, privacy, head, people, online, idle, conversations, manual_read, .. } =
        snapshot;
    (
        Roster::new(people, online, idle),
        Conversations::new(&me, privacy, head, conversations).with_manual_read(manual_read),
    )
}
