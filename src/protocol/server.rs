//! What the server tells on the socket.

use serde::{Deserialize, Serialize};

use super::StreamId;
use crate::domain::{Change, Entry, Millis, PersonId, Seq};

/// One frame from the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerEvent {
    /// The answer to `hello`; what was missed follows, then `current`.
    Welcome {
        /// The protocol's version.
        v: u32,
        /// The database's life.
        epoch: String,
        /// Which build serves; a browser that runs another may offer to reload.
        build: String,
        /// Everybody who is online now.
        online: Vec<PersonId>,
    },
    /// Something happened in a stream and is kept.
    Change {
        /// Which stream.
        stream: StreamId,
        /// Its place there.
        seq: Seq,
        /// When it was committed.
        at: Millis,
        /// What happened.
        change: Change,
    },
    /// Something that is not kept and may be lost.
    Signal(Signal),
    /// Too much was missed in this stream, or the mark is not of this life: fetch that part anew.
    Resync {
        /// Which stream.
        stream: StreamId,
    },
    /// All that was missed has been told; from here on it is live.
    Current,
    /// The connection is alive.
    Beat,
}

impl ServerEvent {
    /// Something happened in a stream. Its fields stand in the frame one by one: flattened ones would cost the browser
    /// a reader of their own.
    #[must_use]
    pub fn happened(stream: StreamId, entry: Entry) -> Self {
        let Entry { seq, at, change } = entry;
        Self::Change { stream, seq, at, change }
    }
}

/// What is told but never kept: a lost one heals by the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "signal", rename_all = "snake_case")]
pub enum Signal {
    /// These people came and those went.
    Presence {
        /// Who is online now and was not.
        online: Vec<PersonId>,
        /// Who was online and is not now.
        offline: Vec<PersonId>,
    },
}
