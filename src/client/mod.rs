//! The client without its views. `state` holds what the client knows, `connection` feeds it with
//! server events, `tabs` elects the tab that owns the socket, and `actions` are what a user can do.
//! `send_queue`, `uploads` and `drafts` hold what the server does not have yet. [`AppState`] holds
//! all of it as signals; there is one context, [`use_app_state`].

pub mod actions;
pub mod browser;
pub mod connection;
pub mod drafts;
pub mod rendering;
pub mod search;
pub mod send_queue;
pub mod state;
pub mod tabs;
mod text;
pub mod uploads;

use std::collections::{HashMap, HashSet};

use leptos::{prelude::*, task::spawn_local};

pub use state::{ConnectionStatus, FatalError, ScrollTarget};

use crate::{
    api::{conversations::InitialState, transport},
    domain::{
        Attachment, ConversationId, FileId, Millis, Person, PersonId, Role, Seq,
        workspace::PublicWorkspace,
    },
};
use connection::{ConnState, event_queue::EventQueue};
use drafts::{Drafts, composer_mode::ComposerMode};
use search::Search;
use send_queue::outbox::Outbox;
use state::{
    conversations::Conversations, ephemeral::Ephemeral, open_conversation::OpenConversation,
    roster::Roster, timelines::Timelines, undo::Undo,
};
use tabs::{idle, session_sync};
use uploads::UploadItem;

/// The state of the client, in signals. `Copy`.
#[derive(Clone, Copy)]
pub struct AppState {
    /// The current user.
    pub me: StoredValue<Person>,
    /// The workspace, as of the last snapshot.
    pub workspace: RwSignal<PublicWorkspace>,
    /// The users.
    pub roster: RwSignal<Roster>,
    /// Avatars by user; notifies only when one changes.
    pub avatars: Memo<Vec<(PersonId, FileId)>>,
    /// Role of the current user in the workspace. A memo: the roster changes with each presence.
    role: Memo<Role>,
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
    pub uploads: RwSignal<Vec<UploadItem>>,
    /// Largest file that the server accepts, in bytes.
    pub file_limit: u64,
    /// The images in the lightbox, and the index of the current one.
    pub lightbox: RwSignal<Option<(Vec<Attachment>, usize)>>,
    /// Unsent drafts, by conversation.
    drafts: StoredValue<Drafts>,
    /// Increments when a draft changes other than by typing.
    pub draft_version: RwSignal<u32>,
    /// Whether local storage was read. Nothing can be sent before that.
    pub storage_ready: RwSignal<bool>,
    /// The connection status.
    pub connection: RwSignal<ConnectionStatus>,
    /// Why this tab stopped, if it has.
    pub fatal: RwSignal<Option<FatalError>>,
    /// The last search and its results.
    pub search: RwSignal<Search>,
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
    pub undo: RwSignal<Option<Undo>>,
    /// What the composer of a conversation does, where it is not a new message.
    composer_modes: RwSignal<HashMap<ConversationId, ComposerMode>>,
    /// The conversation on the screen.
    open: StoredValue<OpenConversation>,
    /// Received events that are not yet applied.
    event_queue: StoredValue<EventQueue>,
    /// Conversations whose send queues are being processed.
    sending: StoredValue<HashSet<ConversationId>>,
    /// State of the connection.
    conn: StoredValue<ConnState>,
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
        let workspace = RwSignal::new(snapshot.workspace.clone());
        let (roster, conversations) = state::from_snapshot(snapshot);
        let mut timelines = Timelines::default();
        let home = RwSignal::new(page.as_ref().map(|(conversation, _)| *conversation));
        if let Some((conversation, page)) = page {
            timelines.open(conversation).replace(page);
        }
        let roster = RwSignal::new(roster);
        let avatars = Memo::new(move |_| {
            roster.with(|roster| {
                roster
                    .with_deactivated()
                    .filter_map(|person| Some((person.id, person.avatar?)))
                    .collect()
            })
        });
        let my_id = me.with_value(|me| me.id);
        let role = Memo::new(move |_| {
            roster.with(|roster| roster.find(my_id).map(|me| me.role)).unwrap_or_default()
        });
        Self {
            me,
            workspace,
            role,
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
            search: RwSignal::new(Search::default()),
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
            open: StoredValue::new(OpenConversation::default()),
            event_queue: StoredValue::new(EventQueue::default()),
            sending: StoredValue::new(HashSet::new()),
            conn: StoredValue::new(ConnState::of(epoch)),
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

    /// Role of the current user in the workspace. Reactive.
    #[must_use]
    pub fn my_role(self) -> Role {
        self.role.get()
    }

    /// Whether the connection is live. Reactive.
    #[must_use]
    pub fn is_connected(self) -> Signal<bool> {
        Signal::derive(move || self.connection.get() == ConnectionStatus::Live)
    }

    /// Shows an error message.
    pub fn show_error(self, words: impl Into<String>) {
        self.error.set(Some(words.into()));
    }
}
