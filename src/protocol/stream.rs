//! Stream ids and cursors. There is one stream per conversation and one per person.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize, de};
use uuid::Uuid;

use crate::domain::{ConversationId, PersonId, Seq};

/// A stream. Written as `c:` or `p:` and the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StreamId {
    /// The stream of a conversation.
    Conversation(ConversationId),
    /// The stream of a person's account; sent to nobody else.
    Person(PersonId),
}

/// The position up to which a client knows each stream.
pub type Cursors = BTreeMap<StreamId, Seq>;

impl StreamId {
    /// The id without its kind. Ids are unique over both kinds, so tables store only this.
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
        let wrong =
            || format!("not the name of a stream: {}", text.chars().take(50).collect::<String>());
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
