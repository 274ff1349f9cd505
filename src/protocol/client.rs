//! Frames from the client. There is none to subscribe: the server sends every stream of the person.

use serde::{Deserialize, Serialize};

use super::Cursors;
use crate::domain::ConversationId;

/// A frame from the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientCommand {
    /// The first frame, sent once: what this client already has.
    Hello {
        /// Protocol version.
        v: u32,
        /// Epoch of the database that the cursors belong to.
        epoch: String,
        /// Cursor of each known stream.
        #[serde(rename = "marks")]
        cursors: Cursors,
        /// Whether this client had no input for five minutes.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        idle: bool,
    },
    /// The person is typing in a conversation. Repeated every few seconds while it goes on.
    Typing {
        /// The conversation.
        conversation: ConversationId,
    },
    /// The client became idle (no input for five minutes) or active again.
    Idle {
        /// Whether it is idle.
        on: bool,
    },
}
