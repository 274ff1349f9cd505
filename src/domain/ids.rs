//! The names of things: ids, sequence numbers and moments, each a type of its own, so that none is taken for another.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ChatError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Reads an id that came from outside.
            ///
            /// # Errors
            /// `invalid`, naming the field, when it is not a UUID.
            pub fn parse(text: &str) -> Result<Self, ChatError> {
                Self::from_str(text).map_err(|_| ChatError::invalid($field, "This is not a valid ID."))
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::try_parse(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
}

id!(
    /// A registered person; also the name of that person's own stream.
    PersonId,
    "person"
);
id!(
    /// A conversation; also the name of its stream.
    ConversationId,
    "conversation"
);
id!(
    /// Made once by the sender when a message is composed: the same id is the same message, for ever.
    ClientId,
    "client_id"
);

id!(
    /// A file that somebody shares; made at random by their browser, so that it tells nothing and can be told to nobody by chance.
    FileId,
    "file"
);

/// A place in a stream: 1, 2, 3 … without a hole. 0 is "before everything".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    /// Before the first change of a stream.
    pub const START: Self = Self(0);

    /// Whether it is before the first change.
    #[must_use]
    pub const fn is_start(self) -> bool {
        self.0 == 0
    }

    /// The place right after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Milliseconds since 1970-01-01 UTC. For showing only: nothing is ordered by it.
pub type Millis = i64;
