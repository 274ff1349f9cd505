//! What the browser says on the socket. There is no verb to join or subscribe: what one hears follows from who one is.

use serde::{Deserialize, Serialize};

use super::Marks;
use crate::domain::ConversationId;

/// One frame from the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientCommand {
    /// The first frame, once: what this browser already knows.
    Hello {
        /// The protocol's version.
        v: u32,
        /// The database's life the marks belong to.
        epoch: String,
        /// Up to where each stream is known; a stream that is not named is not known.
        marks: Marks,
        /// Whether nobody has touched this browser for five minutes.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        idle: bool,
    },
    /// This person is typing in a conversation; to be said again every few seconds for as long as it goes on.
    Typing {
        /// Where.
        conversation: ConversationId,
    },
    /// Nobody has touched this browser for five minutes, or somebody does again.
    Idle {
        /// Whether it is so now.
        on: bool,
    },
}
