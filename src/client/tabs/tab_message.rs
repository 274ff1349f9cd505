//! Messages between the tabs of a browser, and their encoding as JSON.

use serde::{Deserialize, Serialize};

use crate::{
    client::{ConnectionStatus, FatalError},
    domain::{ConversationId, PersonId, Seq},
    protocol::{StreamId, codec},
};

/// A message to the other tabs.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::client) enum TabMessage {
    /// The leader received this frame.
    Frame(String),
    /// The leader's connection status.
    Status(ConnectionStatus),
    /// Asks the leader for its state.
    Join,
    /// The leader's status, the online users, the idle ones of them, and its cursors.
    State(ConnectionStatus, Vec<PersonId>, Vec<PersonId>, Vec<(StreamId, Seq)>),
    /// Asks whether the leader is alive.
    Ping,
    /// The leader is alive.
    Pong,
    /// The stored outbox changed.
    Outbox,
    /// A stored draft changed.
    Draft(ConversationId, String),
    /// A draft is being sent to the server.
    DraftSync(ConversationId, String),
    /// The user types in a following tab.
    Typing(ConversationId),
    /// The user was active in a tab.
    Activity,
    /// The session has ended.
    SessionEnded,
    /// The leader stopped for good.
    Fatal(FatalError),
}

/// Encodes a message.
pub(in crate::client) fn write(message: &TabMessage) -> String {
    // Serialization fails only for map keys that are not strings, and no message has one.
    codec::encode_json(message).unwrap_or_default()
}

/// Decodes a message; `None` if a tab of another version sent it.
pub(in crate::client) fn read(text: &str) -> Option<TabMessage> {
    codec::decode_json(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn every_message_survives_encoding_and_decoding() {
        let (person, conversation) =
            (PersonId(Uuid::from_u128(1)), ConversationId(Uuid::from_u128(2)));
        let cursors = vec![
            (StreamId::Person(person), Seq(3)),
            (StreamId::Conversation(conversation), Seq(0)),
        ];
        for message in [
            TabMessage::Frame(r#"{"type":"beat"}"#.into()),
            TabMessage::Status(ConnectionStatus::Live),
            TabMessage::Join,
            TabMessage::State(ConnectionStatus::Offline, vec![person], vec![person], cursors),
            TabMessage::State(ConnectionStatus::Live, Vec::new(), Vec::new(), Vec::new()),
            TabMessage::Ping,
            TabMessage::Pong,
            TabMessage::Outbox,
            TabMessage::Draft(conversation, "two words\nand a line".into()),
            TabMessage::DraftSync(conversation, "two words".into()),
            TabMessage::Typing(conversation),
            TabMessage::Activity,
            TabMessage::SessionEnded,
            TabMessage::Fatal(FatalError::Outdated),
            TabMessage::Fatal(FatalError::Replaced),
        ] {
            assert_eq!(read(&write(&message)), Some(message));
        }
        for odd in
            ["", "?", "l", "\"joined\"", "{}", "{\"status\":\"lost\"}", "{\"typing\":\"x\"}", "ä"]
        {
            assert_eq!(read(odd), None, "{odd}");
        }
    }
}
