//! JSON encoding of frames and other values. Everything is decoded from bytes, here and in the
//! server functions: one kind of source means one deserializer per type in the Wasm.

use serde::{Serialize, de::DeserializeOwned};

use super::{ClientCommand, ServerEvent};

/// Encodes a value as JSON.
///
/// # Errors
/// The serializer's message.
pub fn encode_json<T: Serialize>(value: &T) -> Result<String, String> {
    serde_json::to_string(value).map_err(|e| e.to_string())
}

/// Decodes JSON.
///
/// # Errors
/// The parser's message.
pub fn decode_json<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_slice(text.as_bytes()).map_err(|e| e.to_string())
}

/// Encodes a server frame.
#[must_use]
pub fn write(event: &ServerEvent) -> String {
    // Serialization fails only for map keys that are not strings, and no event has one.
    serde_json::to_string(event).unwrap_or_default()
}

/// Encodes a client frame.
#[must_use]
pub fn encode_command(command: &ClientCommand) -> String {
    serde_json::to_string(command).unwrap_or_default()
}

/// Decodes a server frame.
///
/// # Errors
/// The parser's message, for a log.
pub fn read(text: &str) -> Result<ServerEvent, String> {
    decode_json(text)
}

/// Decodes a client frame.
///
/// # Errors
/// The parser's message, for a log.
pub fn decode_command(text: &str) -> Result<ClientCommand, String> {
    decode_json(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            Attachment, Change, ClientId, Conversation, ConversationId, Entry, EventKind, Kind,
            NotificationLevel, Person, PersonId, Seq, Summary, Unread,
            draft::Draft,
            file::FileKind,
            message::{Quote, State},
            person::Privacy,
        },
        protocol::{Signal, StreamId},
    };
    use uuid::Uuid;

    #[test]
    fn every_frame_round_trips() {
        let stream = StreamId::Conversation(ConversationId(Uuid::from_u128(7)));
        let person = PersonId(Uuid::from_u128(9));
        let change = Change::Posted {
            author: person,
            body: "a </script> \u{2028} 🦀".into(),
            client_id: None,
            reply_to: None,
            files: Vec::new(),
            state: State::default(),
        };
        let events = [
            ServerEvent::Welcome {
                v: 1,
                epoch: "e".into(),
                build: "b".into(),
                online: vec![person],
                idle: vec![person],
            },
            ServerEvent::from_entry(stream, Entry { seq: Seq(3), at: 1, change }),
            ServerEvent::Signal(Signal::Presence {
                online: vec![person],
                offline: vec![],
                idle: vec![],
            }),
            ServerEvent::Resync { stream },
            ServerEvent::CaughtUp,
            ServerEvent::Heartbeat,
        ];
        let kind = |event: &ServerEvent| {
            serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned()
        };
        assert_eq!(
            events.iter().map(kind).collect::<Vec<_>>(),
            ServerEvent::TYPES,
            "one of each, in this order"
        );
        for event in events {
            assert_eq!(read(&write(&event)).unwrap(), event);
        }
        for signal in [
            Signal::Typing { conversation: ConversationId(Uuid::from_u128(7)), person },
            Signal::Seen { conversation: ConversationId(Uuid::from_u128(7)), person, upto: Seq(4) },
            Signal::Delivered {
                conversation: ConversationId(Uuid::from_u128(7)),
                person,
                upto: Seq(4),
            },
        ] {
            let event = ServerEvent::Signal(signal);
            assert_eq!(read(&write(&event)).unwrap(), event);
        }
        let typing = ClientCommand::Typing { conversation: ConversationId(Uuid::from_u128(7)) };
        assert_eq!(decode_command(&encode_command(&typing)).unwrap(), typing);
        for idle in [false, true] {
            let hello = ClientCommand::Hello {
                v: 1,
                epoch: "e".into(),
                cursors: [(stream, Seq(2))].into(),
                idle,
            };
            assert_eq!(decode_command(&encode_command(&hello)).unwrap(), hello);
            assert_eq!(
                decode_command(&encode_command(&ClientCommand::Idle { on: idle })).unwrap(),
                ClientCommand::Idle { on: idle }
            );
        }
    }

    #[test]
    fn every_change_round_trips_and_is_listed() {
        let (by, person) = (PersonId(Uuid::from_u128(1)), PersonId(Uuid::from_u128(2)));
        let conversation = ConversationId(Uuid::from_u128(3));
        let everyone = Conversation {
            id: conversation,
            kind: Kind::Everyone,
            name: None,
            creator: None,
            created: 5,
            avatar: None,
        };
        let (last, read_upto, unread) =
            (None, Seq(2), Unread { seqs: vec![Seq(3)], more: 1, mentions: vec![Seq(3)] });
        let summary = Summary {
            conversation: everyone,
            members: vec![by],
            head: Seq(3),
            last,
            read_upto,
            unread,
            draft: Some(Draft { body: "so".into(), seq: Seq(4) }),
            saved: vec![Seq(2)],
            level: NotificationLevel::Mentions,
            muted_until: Some(6),
            pinned: true,
        };
        let file_id = crate::domain::FileId(Uuid::from_u128(9));
        let newcomer = Person::named(person, "kofi", "Kofi");
        let status = crate::domain::person::Status::of(Some("🎉".into()), Some("done".into()));
        let message = Seq(2);
        let file = Attachment {
            name: "a.png".into(),
            size: 3,
            kind: FileKind::Image,
            width: Some(4),
            height: Some(5),
            animated: true,
            ..Attachment::default()
        };
        let quote = Quote { message, author: person, excerpt: "why?".into() };
        let mut state = State {
            edited: Some(1),
            deleted: Some(2),
            pinned: true,
            resolved: true,
            ..State::default()
        };
        state.react(by, "👍", true);
        state.add_reply(Seq(6));
        state.preview = crate::domain::link_preview::PageMetadata {
            title: "Ducks".into(),
            ..Default::default()
        }
        .to_preview("https://ducks.example/", "ducks.example")
        .map(Box::new);
        let changes = [
            Change::Posted {
                author: by,
                body: "hello".into(),
                client_id: Some(ClientId(Uuid::from_u128(4))),
                reply_to: Some(quote),
                files: vec![file.clone()],
                state: state.clone(),
            },
            Change::Edited { by, message, body: "hi".into() },
            Change::Deleted { by, author: person, message },
            Change::Restored { by, author: person, message, body: "hi".into(), files: vec![file] },
            Change::Reacted { by, message, emoji: "👍".into(), on: true },
            Change::Pinned { by, message, on: false },
            Change::QuestionResolved { by, message, on: true },
            Change::Previewed { message, preview: state.preview.clone() },
            Change::Created { by },
            Change::Renamed { by, name: "Chemistry".into() },
            Change::GroupAvatarChanged { by, avatar: Some(file_id) },
            Change::MemberAdded { by, person },
            Change::MemberRemoved { by, person },
            Change::MemberLeft { person },
            Change::Registered { newcomer: newcomer.clone() },
            Change::ProfileUpdated {
                profile: crate::domain::Person { status, avatar: Some(file_id), ..newcomer },
            },
            Change::ConversationAdded { summary: Box::new(summary) },
            Change::ConversationRemoved { conversation },
            Change::PrivacySet {
                privacy: Privacy { shows_reading: true, shows_typing: false, shows_presence: true },
            },
            Change::DraftSaved { conversation, body: "so far".into() },
            Change::Saved { conversation, message, on: true },
            Change::ManualReadSet { on: true },
            Change::NotificationLevelChanged {
                conversation,
                level: NotificationLevel::Hidden,
                muted_until: Some(7),
            },
            Change::ConversationPinned { conversation, on: true },
            Change::ReadPositionChanged {
                conversation,
                upto: Seq(7),
                unread: Unread::default(),
                head: Seq(9),
            },
        ];
        let kind = |change: &Change| {
            serde_json::to_value(change).unwrap()["kind"].as_str().unwrap().to_owned()
        };
        assert!(
            changes.iter().map(Change::kind).eq(EventKind::ALL.iter().copied()),
            "one of each, in this order"
        );
        for change in &changes {
            assert_eq!(kind(change), change.kind().name());
            assert_eq!(EventKind::parse(change.kind().name()), Some(change.kind()));
        }
        for change in changes {
            let written = encode_json(&change).unwrap();
            assert_eq!(decode_json::<Change>(&written).unwrap(), change);
        }
        for wrong in [
            r#"{"kind":"posted","body":"nobody's"}"#,
            r#"{"kind":"none"}"#,
            r#"{"body":"no kind"}"#,
        ] {
            assert!(decode_json::<Change>(wrong).is_err(), "{wrong}");
        }
    }
}
