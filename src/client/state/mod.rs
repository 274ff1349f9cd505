//! The client's state. `roster`, `conversations` and `timeline` are plain data with their own
//! rules; only `reducer` changes them from server events.

pub mod conversations;
pub mod ephemeral;
pub mod open_conversation;
mod person_names;
pub mod reducer;
pub mod roster;
pub mod timeline;
pub mod timelines;
pub mod undo;
mod unread_counts;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::AppState;
use crate::domain::{Seq, Snapshot};
use conversations::Conversations;
use reducer::{Changed, Reducer};
use roster::Roster;

/// Connection status as shown to the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FatalError {
    /// The server runs a version that this client does not understand.
    Outdated,
    /// The server closed this connection because the user has too many.
    Replaced,
}

impl AppState {
    /// Runs `change` on the state, and notifies the subscribers of what it says it changed.
    pub(crate) fn update_state(self, change: impl FnOnce(&mut Reducer<'_>) -> Changed) {
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
