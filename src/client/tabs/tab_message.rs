//! Messages between the tabs of a browser, and their encoding: one letter and its arguments.

use std::str::FromStr;

use crate::{
    client::{ConnectionStatus, FatalError},
    domain::{ConversationId, PersonId, Seq},
    protocol::StreamId,
};

/// A message to the other tabs.
#[derive(Debug, PartialEq, Eq)]
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
    match message {
        TabMessage::Frame(text) => format!("f{text}"),
        TabMessage::Status(status) => format!("l{}", status.as_str()),
        TabMessage::Join => "j".into(),
        TabMessage::State(status, online, idle, cursors) => {
            let online = online.iter().map(|person| format!("\n{person}"));
            let idle = idle.iter().map(|person| format!("\n~{person}"));
            let cursors = cursors.iter().map(|(stream, seq)| format!("\n{stream} {seq}"));
            format!("s{}{}", status.as_str(), online.chain(idle).chain(cursors).collect::<String>())
        }
        TabMessage::Ping => "p".into(),
        TabMessage::Pong => "a".into(),
        TabMessage::Outbox => "o".into(),
        TabMessage::Draft(conversation, text) => format!("d{conversation} {text}"),
        TabMessage::DraftSync(conversation, text) => format!("D{conversation} {text}"),
        TabMessage::Typing(conversation) => format!("t{conversation}"),
        TabMessage::Activity => "u".into(),
        TabMessage::SessionEnded => "x".into(),
        TabMessage::Fatal(FatalError::Outdated) => "ho".into(),
        TabMessage::Fatal(FatalError::Replaced) => "hr".into(),
    }
}

/// Decodes a message; `None` if a tab of another version sent it.
pub(in crate::client) fn read(text: &str) -> Option<TabMessage> {
    let (kind, rest) = text.split_at_checked(1)?;
    Some(match kind {
        "f" => TabMessage::Frame(rest.into()),
        "l" => TabMessage::Status(parse_status(rest)?),
        "j" => TabMessage::Join,
        "s" => {
            let mut lines = rest.split('\n');
            let status = parse_status(lines.next()?)?;
            let (mut online, mut idle, mut cursors) = (Vec::new(), Vec::new(), Vec::new());
            for line in lines {
                match line.split_once(' ') {
                    None => match line.strip_prefix('~') {
                        Some(line) => idle.push(PersonId::from_str(line).ok()?),
                        None => online.push(PersonId::from_str(line).ok()?),
                    },
                    Some((stream, seq)) => {
                        cursors.push((stream.parse().ok()?, Seq(seq.parse().ok()?)))
                    }
                }
            }
            TabMessage::State(status, online, idle, cursors)
        }
        "p" => TabMessage::Ping,
        "a" => TabMessage::Pong,
        "o" => TabMessage::Outbox,
        "d" | "D" => {
            let (conversation, text) = rest.split_once(' ')?;
            let (conversation, text) = (conversation.parse().ok()?, text.into());
            if kind == "d" {
                TabMessage::Draft(conversation, text)
            } else {
                TabMessage::DraftSync(conversation, text)
            }
        }
        "t" => TabMessage::Typing(rest.parse().ok()?),
        "u" => TabMessage::Activity,
        "x" => TabMessage::SessionEnded,
        "h" => {
            TabMessage::Fatal(if rest == "o" { FatalError::Outdated } else { FatalError::Replaced })
        }
        _ => return None,
    })
}

fn parse_status(word: &str) -> Option<ConnectionStatus> {
    [ConnectionStatus::Connecting, ConnectionStatus::Live, ConnectionStatus::Offline]
        .into_iter()
        .find(|status| status.as_str() == word)
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
        for odd in ["", "?", "l", "sx", "d", "slive\nx y", "ä"] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }
}
