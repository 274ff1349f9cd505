//! How frames are written: JSON text, one object a frame. Everything is read from bytes, here and in the server functions:
//! so the browser carries one reader for each type, and not one for each kind of source.

use serde::{Serialize, de::DeserializeOwned};

use super::{ClientCommand, ServerEvent};

/// What a page carries along for its own awakening.
///
/// # Errors
/// The writer's words.
pub fn write_any<T: Serialize>(value: &T) -> Result<String, String> {
    serde_json::to_string(value).map_err(|e| e.to_string())
}

/// Reads what a page carried along.
///
/// # Errors
/// The parser's words.
pub fn read_any<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_slice(text.as_bytes()).map_err(|e| e.to_string())
}

/// A frame's text.
#[must_use]
pub fn write(event: &ServerEvent) -> String {
    // Only map keys that are no strings could fail here, and no event has one.
    serde_json::to_string(event).unwrap_or_default()
}

/// A command's text.
#[must_use]
pub fn write_command(command: &ClientCommand) -> String {
    serde_json::to_string(command).unwrap_or_default()
}

/// Reads what the server told.
///
/// # Errors
/// The parser's words, for a log.
pub fn read(text: &str) -> Result<ServerEvent, String> {
    read_any(text)
}

/// Reads what the browser said.
///
/// # Errors
/// The parser's words, for a log.
pub fn read_command(text: &str) -> Result<ClientCommand, String> {
    read_any(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{
            Attachment, Change, ClientId, Conversation, ConversationId, Entry, Kind, Level, Person, PersonId, Seq, Summary, Unread,
            draft::Draft,
            file::FileKind,
            message::{Quote, State},
            person::Privacy,
        },
        protocol::{Signal, StreamId},
    };
    use uuid::Uuid;

    #[test]
    fn every_frame_reads_back_as_it_was_written() {
        let stream = StreamId::Conversation(ConversationId(Uuid::from_u128(7)));
        let person = PersonId(Uuid::from_u128(9));
        let change = Change::Posted {
            author: person,
            body: "a </script> \u{2028} 🦀".into(),
            client_id: None,
            answers: None,
            files: Vec::new(),
            state: State::default(),
        };
        let events = [
            ServerEvent::Welcome { v: 1, epoch: "e".into(), build: "b".into(), online: vec![person], idle: vec![person] },
            ServerEvent::happened(stream, Entry { seq: Seq(3), at: 1, change }),
            ServerEvent::Signal(Signal::Presence { online: vec![person], offline: vec![], idle: vec![] }),
            ServerEvent::Resync { stream },
            ServerEvent::Current,
            ServerEvent::Beat,
        ];
        let kind = |event: &ServerEvent| serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned();
        assert_eq!(events.iter().map(kind).collect::<Vec<_>>(), ServerEvent::TYPES, "one of each, in this order");
        for event in events {
            assert_eq!(read(&write(&event)).unwrap(), event);
        }
        for signal in [
            Signal::Typing { conversation: ConversationId(Uuid::from_u128(7)), person },
            Signal::Seen { conversation: ConversationId(Uuid::from_u128(7)), person, upto: Seq(4) },
            Signal::Delivered { conversation: ConversationId(Uuid::from_u128(7)), person, upto: Seq(4) },
        ] {
            let event = ServerEvent::Signal(signal);
            assert_eq!(read(&write(&event)).unwrap(), event);
        }
        let typing = ClientCommand::Typing { conversation: ConversationId(Uuid::from_u128(7)) };
        assert_eq!(read_command(&write_command(&typing)).unwrap(), typing);
        for idle in [false, true] {
            let hello = ClientCommand::Hello { v: 1, epoch: "e".into(), marks: [(stream, Seq(2))].into(), idle };
            assert_eq!(read_command(&write_command(&hello)).unwrap(), hello);
            assert_eq!(read_command(&write_command(&ClientCommand::Idle { on: idle })).unwrap(), ClientCommand::Idle { on: idle });
        }
    }

    #[test]
    fn every_kind_of_change_reads_back_as_it_was_written_and_is_named() {
        let (by, person) = (PersonId(Uuid::from_u128(1)), PersonId(Uuid::from_u128(2)));
        let conversation = ConversationId(Uuid::from_u128(3));
        let everyone = Conversation { id: conversation, kind: Kind::Everyone, name: None, creator: None, created: 5, face: None };
        let (last, read_upto, unread) = (None, Seq(2), Unread { seqs: vec![Seq(3)], more: 1, mentions: vec![Seq(3)] });
        let summary = Summary {
            conversation: everyone,
            members: vec![by],
            head: Seq(3),
            last,
            read_upto,
            unread,
            draft: Some(Draft { body: "so".into(), seq: Seq(4) }),
            saved: vec![Seq(2)],
            level: Level::Mentions,
            muted_until: Some(6),
            pinned: true,
        };
        let file_id = crate::domain::FileId(Uuid::from_u128(9));
        let newcomer = Person { id: person, username: "kofi".into(), display_name: "Kofi".into(), status: None, face: None };
        let status = crate::domain::person::Status::of(Some("🎉".into()), Some("done".into()));
        let message = Seq(2);
        let file = Attachment {
            name: "a.png".into(),
            size: 3,
            kind: FileKind::Picture,
            width: Some(4),
            height: Some(5),
            moves: true,
            ..Attachment::default()
        };
        let quote = Quote { message, author: person, excerpt: "why?".into() };
        let mut state = State { edited: Some(1), deleted: Some(2), pinned: true, settled: true, ..State::default() };
        state.react(by, "👍", true);
        state.answer(Seq(6));
        state.preview =
            crate::domain::preview::Seen { title: "Ducks".into(), ..Default::default() }.of("https://ducks.example/", "ducks.example").map(Box::new);
        let changes = [
            Change::Posted {
                author: by,
                body: "hello".into(),
                client_id: Some(ClientId(Uuid::from_u128(4))),
                answers: Some(quote),
                files: vec![file.clone()],
                state: state.clone(),
            },
            Change::Edited { by, message, body: "hi".into() },
            Change::Deleted { by, author: person, message },
            Change::Restored { by, author: person, message, body: "hi".into(), files: vec![file] },
            Change::Reacted { by, message, emoji: "👍".into(), on: true },
            Change::Pinned { by, message, on: false },
            Change::Settled { by, message, on: true },
            Change::Previewed { message, preview: state.preview.clone() },
            Change::Created { by },
            Change::Renamed { by, name: "Chemistry".into() },
            Change::Pictured { by, face: Some(file_id) },
            Change::MemberAdded { by, person },
            Change::MemberRemoved { by, person },
            Change::MemberLeft { person },
            Change::Registered { newcomer: newcomer.clone() },
            Change::PersonChanged { profile: crate::domain::Person { status, face: Some(file_id), ..newcomer } },
            Change::ConversationAdded { summary: Box::new(summary) },
            Change::ConversationRemoved { conversation },
            Change::PrivacySet { privacy: Privacy { shows_reading: true, shows_typing: false, shows_presence: true } },
            Change::DraftKept { conversation, body: "so far".into() },
            Change::Saved { conversation, message, on: true },
            Change::ReadingSet { on: true },
            Change::LevelSet { conversation, level: Level::Hidden, muted_until: Some(7) },
            Change::ConversationPinned { conversation, on: true },
            Change::ReadMoved { conversation, upto: Seq(7), unread: Unread::default(), head: Seq(9) },
        ];
        let kind = |change: &Change| serde_json::to_value(change).unwrap()["kind"].as_str().unwrap().to_owned();
        assert_eq!(changes.iter().map(kind).collect::<Vec<_>>(), Change::KINDS, "one of each, in this order");
        for change in changes {
            let written = write_any(&change).unwrap();
            assert_eq!(read_any::<Change>(&written).unwrap(), change);
        }
        for wrong in [r#"{"kind":"posted","body":"nobody's"}"#, r#"{"kind":"none"}"#, r#"{"body":"no kind"}"#] {
            assert!(read_any::<Change>(wrong).is_err(), "{wrong}");
        }
    }
}
