//! Frames from the server.

use serde::{Deserialize, Serialize};

use super::StreamId;
use crate::domain::{Change, ConversationId, Entry, Millis, PersonId, Seq};

/// A frame from the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", try_from = "RawEvent")]
pub enum ServerEvent {
    /// Reply to `hello`. The missed changes follow, then `current`.
    Welcome {
        /// Protocol version.
        v: u32,
        /// Epoch of the database. A restored backup starts a new one.
        epoch: String,
        /// Build of the server. A client of another build may offer to reload.
        build: String,
        /// The people who are online.
        online: Vec<PersonId>,
        /// Those of them who are idle.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        idle: Vec<PersonId>,
    },
    /// A stored change of a stream.
    Change {
        /// The stream.
        stream: StreamId,
        /// Position in the stream.
        seq: Seq,
        /// Time of the commit.
        at: Millis,
        /// The change.
        change: Change,
    },
    /// An ephemeral event: never stored, may be lost.
    Signal(Signal),
    /// Too many changes were missed in this stream, or the cursor is of another epoch: the client
    /// must fetch the stream anew.
    Resync {
        /// The stream.
        stream: StreamId,
    },
    /// All missed changes were sent; live events follow.
    #[serde(rename = "current")]
    CaughtUp,
    /// Shows that the connection is alive.
    #[serde(rename = "beat")]
    Heartbeat,
}

impl ServerEvent {
    /// Type names on the wire.
    pub const TYPES: [&str; 6] = ["welcome", "change", "signal", "resync", "current", "beat"];

    /// The frame of a journal entry. Its fields are listed one by one: `serde(flatten)` would add a
    /// deserializer to the Wasm.
    #[must_use]
    pub fn from_entry(stream: StreamId, entry: Entry) -> Self {
        let Entry { seq, at, change } = entry;
        Self::Change { stream, seq, at, change }
    }
}

/// An ephemeral event. It is never stored; the next one makes up for a lost one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "signal", rename_all = "snake_case")]
pub enum Signal {
    /// Changes of presence.
    Presence {
        /// People who came online or are no longer idle.
        online: Vec<PersonId>,
        /// People who went offline.
        offline: Vec<PersonId>,
        /// People who became idle.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        idle: Vec<PersonId>,
    },
    /// A person is typing. Ends with their message, or after 6 seconds without another signal.
    Typing {
        /// The conversation.
        conversation: ConversationId,
        /// The person.
        person: PersonId,
    },
    /// Read receipt.
    Seen {
        /// The conversation.
        conversation: ConversationId,
        /// The person.
        person: PersonId,
        /// Position; the greatest counts.
        upto: Seq,
    },
    /// Delivery receipt of a direct conversation: the changes reached a device of the person.
    Delivered {
        /// The conversation.
        conversation: ConversationId,
        /// The person.
        person: PersonId,
        /// Position; the greatest counts.
        upto: Seq,
    },
}

impl Signal {
    /// Signal names on the wire.
    pub const NAMES: [&str; 4] = ["presence", "typing", "seen", "delivered"];
}

/// A frame with the fields of all types. Deserializing through it keeps the Wasm small; see
/// `domain::entry`.
#[derive(Deserialize)]
struct RawEvent {
    r#type: String,
    signal: Option<String>,
    v: Option<u32>,
    epoch: Option<String>,
    build: Option<String>,
    online: Option<Vec<PersonId>>,
    offline: Option<Vec<PersonId>>,
    #[serde(default)]
    idle: Vec<PersonId>,
    stream: Option<StreamId>,
    seq: Option<Seq>,
    at: Option<Millis>,
    change: Option<Change>,
    conversation: Option<ConversationId>,
    person: Option<PersonId>,
    upto: Option<Seq>,
}

impl TryFrom<RawEvent> for ServerEvent {
    type Error = &'static str;

    fn try_from(raw: RawEvent) -> Result<Self, Self::Error> {
        let RawEvent {
            r#type,
            signal,
            v,
            epoch,
            build,
            online,
            offline,
            idle,
            stream,
            seq,
            at,
            change,
            conversation,
            person,
            upto,
        } = raw;
        let whole = match (r#type.as_str(), signal.as_deref()) {
            ("welcome", _) => (|| {
                Some(Self::Welcome { v: v?, epoch: epoch?, build: build?, online: online?, idle })
            })(),
            ("change", _) => {
                (|| Some(Self::Change { stream: stream?, seq: seq?, at: at?, change: change? }))()
            }
            ("signal", Some("presence")) => online
                .zip(offline)
                .map(|(online, offline)| Self::Signal(Signal::Presence { online, offline, idle })),
            ("signal", Some("typing")) => conversation.zip(person).map(|(conversation, person)| {
                Self::Signal(Signal::Typing { conversation, person })
            }),
            ("signal", Some("seen")) => (|| {
                Some(Self::Signal(Signal::Seen {
                    conversation: conversation?,
                    person: person?,
                    upto: upto?,
                }))
            })(),
            ("signal", Some("delivered")) => (|| {
                Some(Self::Signal(Signal::Delivered {
                    conversation: conversation?,
                    person: person?,
                    upto: upto?,
                }))
            })(),
            ("resync", _) => stream.map(|stream| Self::Resync { stream }),
            ("current", _) => Some(Self::CaughtUp),
            ("beat", _) => Some(Self::Heartbeat),
            _ => return Err("a frame of an unknown type"),
        };
        whole.ok_or("a frame that lacks a part")
    }
}
