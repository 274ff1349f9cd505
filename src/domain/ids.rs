//! Ids, sequence numbers and times. Each id has a type of its own.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ChatError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Parses an id from a request.
            ///
            /// # Errors
            /// `invalid` at the field if it is not a UUID.
            pub fn parse(text: &str) -> Result<Self, ChatError> {
                Self::from_str(text)
                    .map_err(|_| ChatError::invalid($field, "This is not a valid ID."))
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
    /// Id of a person, and of the person's own stream.
    PersonId,
    "person"
);
id!(
    /// Id of a conversation, and of its stream.
    ConversationId,
    "conversation"
);
id!(
    /// Id given to a message by its client when it is composed. The same id is the same message,
    /// for ever.
    ClientId,
    "client_id"
);

id!(
    /// Id of a file. A random UUID from the uploader's browser, so that it cannot be guessed and
    /// reveals nothing.
    FileId,
    "file"
);

/// Position in a stream: 1, 2, 3 … without gaps. 0 is before the first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl Seq {
    /// Position before the first change of a stream.
    pub const START: Self = Self(0);

    /// Whether it is before the first change.
    #[must_use]
    pub const fn is_start(self) -> bool {
        self.0 == 0
    }

    /// The next position.
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
