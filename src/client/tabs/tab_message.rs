//! What the tabs of one browser tell each other: a letter, and what belongs to it.

use std::str::FromStr;

use crate::{
    client::{Halt, Link},
    domain::{ConversationId, PersonId, Seq},
    protocol::StreamId,
};

/// One of these.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::client) enum Note {
    /// The leader heard this frame.
    Frame(String),
    /// The leader's connection is so.
    Link(Link),
    /// Somebody wants to know where the leader stands.
    Join,
    /// Where the leader stands: its connection, who is online, who of them is idle, and its marks.
    State(Link, Vec<PersonId>, Vec<PersonId>, Vec<(StreamId, Seq)>),
    /// Is the leader there?
    Ping,
    /// It is.
    Pong,
    /// The outbox on the disk is another.
    Outbox,
    /// A draft on the disk is another.
    Draft(ConversationId, String),
    /// The server is told of this draft.
    Told(ConversationId, String),
    /// Somebody types in another tab than the leader's.
    Typing(ConversationId),
    /// Somebody touched a tab.
    Touch,
    /// The session has ended.
    Leave,
    /// The leader has stopped for good.
    Halt(Halt),
}

/// As it travels.
pub(in crate::client) fn write(note: &Note) -> String {
    match note {
        Note::Frame(text) => format!("f{text}"),
        Note::Link(link) => format!("l{}", link.word()),
        Note::Join => "j".into(),
        Note::State(link, online, idle, marks) => {
            let online = online.iter().map(|person| format!("\n{person}"));
            let idle = idle.iter().map(|person| format!("\n~{person}"));
            let marks = marks.iter().map(|(stream, seq)| format!("\n{stream} {seq}"));
            format!("s{}{}", link.word(), online.chain(idle).chain(marks).collect::<String>())
        }
        Note::Ping => "p".into(),
        Note::Pong => "a".into(),
        Note::Outbox => "o".into(),
        Note::Draft(conversation, text) => format!("d{conversation} {text}"),
        Note::Told(conversation, text) => format!("D{conversation} {text}"),
        Note::Typing(conversation) => format!("t{conversation}"),
        Note::Touch => "u".into(),
        Note::Leave => "x".into(),
        Note::Halt(Halt::Outdated) => "ho".into(),
        Note::Halt(Halt::Replaced) => "hr".into(),
    }
}

/// Reads what travelled; nothing, when a tab of another version said it.
pub(in crate::client) fn read(text: &str) -> Option<Note> {
    let (kind, rest) = text.split_at_checked(1)?;
    Some(match kind {
        "f" => Note::Frame(rest.into()),
        "l" => Note::Link(link(rest)?),
        "j" => Note::Join,
        "s" => {
            let mut lines = rest.split('\n');
            let link = link(lines.next()?)?;
            let (mut online, mut idle, mut marks) = (Vec::new(), Vec::new(), Vec::new());
            for line in lines {
                match line.split_once(' ') {
                    None => match line.strip_prefix('~') {
                        Some(line) => idle.push(PersonId::from_str(line).ok()?),
                        None => online.push(PersonId::from_str(line).ok()?),
                    },
                    Some((stream, seq)) => marks.push((stream.parse().ok()?, Seq(seq.parse().ok()?))),
                }
            }
            Note::State(link, online, idle, marks)
        }
        "p" => Note::Ping,
        "a" => Note::Pong,
        "o" => Note::Outbox,
        "d" | "D" => {
            let (conversation, text) = rest.split_once(' ')?;
            let (conversation, text) = (conversation.parse().ok()?, text.into());
            if kind == "d" { Note::Draft(conversation, text) } else { Note::Told(conversation, text) }
        }
        "t" => Note::Typing(rest.parse().ok()?),
        "u" => Note::Touch,
        "x" => Note::Leave,
        "h" => Note::Halt(if rest == "o" { Halt::Outdated } else { Halt::Replaced }),
        _ => return None,
    })
}

fn link(word: &str) -> Option<Link> {
    [Link::Connecting, Link::Live, Link::Offline].into_iter().find(|link| link.word() == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn every_note_is_read_as_it_was_written() {
        let (person, conversation) = (PersonId(Uuid::from_u128(1)), ConversationId(Uuid::from_u128(2)));
        let marks = vec![(StreamId::Person(person), Seq(3)), (StreamId::Conversation(conversation), Seq(0))];
        for note in [
            Note::Frame(r#"{"type":"beat"}"#.into()),
            Note::Link(Link::Live),
            Note::Join,
            Note::State(Link::Offline, vec![person], vec![person], marks),
            Note::State(Link::Live, Vec::new(), Vec::new(), Vec::new()),
            Note::Ping,
            Note::Pong,
            Note::Outbox,
            Note::Draft(conversation, "two words\nand a line".into()),
            Note::Told(conversation, "two words".into()),
            Note::Typing(conversation),
            Note::Touch,
            Note::Leave,
            Note::Halt(Halt::Outdated),
            Note::Halt(Halt::Replaced),
        ] {
            assert_eq!(read(&write(&note)), Some(note));
        }
        for odd in ["", "?", "l", "sx", "d", "slive\nx y", "ä"] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }
}
