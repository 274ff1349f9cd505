//! What the server tells on the socket.

use serde::{Deserialize, Serialize};

use super::StreamId;
use crate::domain::{Change, ConversationId, Entry, Millis, PersonId, Seq};

/// One frame from the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", try_from = "Parts")]
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
        /// Who of them is idle: nobody touches their browsers.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        idle: Vec<PersonId>,
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
    /// The types, as they are written down.
    pub const TYPES: [&str; 6] = ["welcome", "change", "signal", "resync", "current", "beat"];

    /// Something happened in a stream. Its fields stand in the frame one by one: flattened ones would cost the browser
    /// a reader of their own.
    #[must_use]
    pub fn happened(stream: StreamId, entry: Entry) -> Self {
        let Entry { seq, at, change } = entry;
        Self::Change { stream, seq, at, change }
    }
}

/// What is told but never kept: a lost one heals by the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "signal", rename_all = "snake_case")]
pub enum Signal {
    /// These people came, those went, and others are idle now.
    Presence {
        /// Who is online now and was not, or is idle no more.
        online: Vec<PersonId>,
        /// Who was online and is not now.
        offline: Vec<PersonId>,
        /// Who is online and idle now and was not.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        idle: Vec<PersonId>,
    },
    /// Somebody is typing; without another one it is over after 6 seconds, and with their message at once.
    Typing {
        /// Where.
        conversation: ConversationId,
        /// Who.
        person: PersonId,
    },
    /// Somebody has seen a conversation up to a place.
    Seen {
        /// Which.
        conversation: ConversationId,
        /// Who.
        person: PersonId,
        /// Up to where; the greatest holds.
        upto: Seq,
    },
    /// A conversation of two has reached a device of the other one up to a place.
    Delivered {
        /// Which.
        conversation: ConversationId,
        /// Whom.
        person: PersonId,
        /// Up to where; the greatest holds.
        upto: Seq,
    },
}

impl Signal {
    /// The signals, as they are written down.
    pub const NAMES: [&str; 4] = ["presence", "typing", "seen", "delivered"];
}

/// A frame as it is written down; see the changes' own parts for why it is read so.
#[derive(Deserialize)]
struct Parts {
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

impl TryFrom<Parts> for ServerEvent {
    type Error = &'static str;

    fn try_from(parts: Parts) -> Result<Self, Self::Error> {
        let Parts { r#type, signal, v, epoch, build, online, offline, idle, stream, seq, at, change, conversation, person, upto } = parts;
        let whole = match (r#type.as_str(), signal.as_deref()) {
            ("welcome", _) => (|| Some(Self::Welcome { v: v?, epoch: epoch?, build: build?, online: online?, idle }))(),
            ("change", _) => (|| Some(Self::Change { stream: stream?, seq: seq?, at: at?, change: change? }))(),
            ("signal", Some("presence")) => online.zip(offline).map(|(online, offline)| Self::Signal(Signal::Presence { online, offline, idle })),
            ("signal", Some("typing")) => {
                conversation.zip(person).map(|(conversation, person)| Self::Signal(Signal::Typing { conversation, person }))
            }
            ("signal", Some("seen")) => (|| Some(Self::Signal(Signal::Seen { conversation: conversation?, person: person?, upto: upto? })))(),
            ("signal", Some("delivered")) => {
                (|| Some(Self::Signal(Signal::Delivered { conversation: conversation?, person: person?, upto: upto? })))()
            }
            ("resync", _) => stream.map(|stream| Self::Resync { stream }),
            ("current", _) => Some(Self::Current),
            ("beat", _) => Some(Self::Beat),
            _ => return Err("a frame of an unknown type"),
        };
        whole.ok_or("a frame that lacks a part")
    }
}
