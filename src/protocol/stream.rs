//! The names of streams: one per conversation, one per person.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize, de};
use uuid::Uuid;

use crate::domain::{ConversationId, PersonId, Seq};

/// Which stream; written `c:` or `p:` and the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StreamId {
    /// What happens in a conversation.
    Conversation(ConversationId),
    /// What happens to a person's own account; sent to nobody else.
    Person(PersonId),
}

/// Up to where each stream is known.
pub type Marks = BTreeMap<StreamId, Seq>;

impl StreamId {
    /// The id behind the name: unique over both kinds, so the table needs only this.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Conversation(id) => id.0,
            Self::Person(id) => id.0,
        }
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conversation(id) => write!(f, "c:{id}"),
            Self::Person(id) => write!(f, "p:{id}"),
        }
    }
}

impl FromStr for StreamId {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("not the name of a stream: {}", text.chars().take(50).collect::<String>());
        match text.split_once(':') {
            Some(("c", id)) => id.parse().map(Self::Conversation).map_err(|_| wrong()),
            Some(("p", id)) => id.parse().map(Self::Person).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

impl Serialize for StreamId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StreamId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}
