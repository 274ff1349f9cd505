//! What one knows of others from one moment to the next: who is typing, and who has seen what. Nothing of it is kept, and what
//! was missed heals by itself.

use super::conversations::Conversations;
use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::conversations as ask,
    client::{
        AppState, ConnectionStatus, browser, connection,
        tabs::{leader, tab_message::TabMessage},
    },
    domain::{Change, ConversationId, Entry, Millis, PersonId, Seq, person::Reader},
    protocol::StreamId,
};

/// How long somebody is typing after it was told, in milliseconds.
const TYPING_TIMEOUT: Millis = 6_000;
/// How often one says so oneself, in milliseconds; the server tells it every 3 seconds at most.
const TYPING_INTERVAL: Millis = 3_200;

/// The slice. Plain lists: they are short, and a map is several kB of a first load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ephemeral {
    typing: Vec<(ConversationId, PersonId, Millis)>,
    read: Positions,
    delivered: Positions,
}

/// Up to where each has come in a conversation.
type Positions = Vec<(ConversationId, PersonId, Seq)>;

/// The greatest holds.
fn advance(positions: &mut Positions, conversation: ConversationId, person: PersonId, upto: Seq) {
    match positions.iter_mut().find(|(there, other, _)| (*there, *other) == (conversation, person)) {
        Some((.., mark)) => *mark = upto.max(*mark),
        None if upto.is_start() => {}
        None => positions.push((conversation, person, upto)),
    }
}

impl Ephemeral {
    /// Somebody is typing until this moment.
    pub fn set_typing(&mut self, conversation: ConversationId, person: PersonId, until: Millis) {
        self.clear_typing(conversation, person);
        self.typing.push((conversation, person, until));
    }

    /// Somebody is typing no more: their message is here.
    pub fn clear_typing(&mut self, conversation: ConversationId, person: PersonId) {
        self.typing.retain(|(there, other, _)| (*there, *other) != (conversation, person));
    }

    /// Lets go of those of whom it was not said again.
    pub fn expire_typing(&mut self, now: Millis) {
        self.typing.retain(|(.., until)| *until > now);
    }

    /// Who is typing in a conversation.
    #[must_use]
    pub fn typing(&self, conversation: ConversationId) -> Vec<PersonId> {
        self.typing.iter().filter(|(there, ..)| *there == conversation).map(|(_, person, _)| *person).collect()
    }

    /// Somebody has seen a conversation up to here; the greatest holds.
    pub fn record_read(&mut self, conversation: ConversationId, person: PersonId, upto: Seq) {
        advance(&mut self.read, conversation, person, upto);
    }

    /// A conversation of two has reached the other one up to here; the greatest holds.
    pub fn record_delivered(&mut self, conversation: ConversationId, person: PersonId, upto: Seq) {
        advance(&mut self.delivered, conversation, person, upto);
    }

    /// Whether a message has reached a device of the other one of two.
    #[must_use]
    pub fn is_delivered(&self, conversation: ConversationId, message: Seq) -> bool {
        self.delivered.iter().any(|(there, _, upto)| *there == conversation && *upto >= message)
    }

    /// Who has seen a message: all who are there or beyond.
    #[must_use]
    pub fn read_by(&self, conversation: ConversationId, message: Seq) -> Vec<PersonId> {
        self.read.iter().filter(|(there, _, upto)| *there == conversation && *upto >= message).map(|(_, person, _)| *person).collect()
    }
}

impl AppState {
    /// One has typed something: said to others now and then, unless one does not want that.
    pub fn notify_typing(self, conversation: ConversationId) {
        let now = browser::now();
        let privacy = self.conversations.with_untracked(Conversations::privacy);
        let silent = self.connection.get_untracked() != ConnectionStatus::Live || !privacy.shows_typing || !privacy.shows_presence;
        if silent || self.conn.with_value(|conn| now - conn.typing_sent_at < TYPING_INTERVAL) {
            return;
        }
        self.conn.update_value(|conn| conn.typing_sent_at = now);
        if leader::is_leader() {
            connection::send_typing(self, conversation);
        } else {
            leader::broadcast(&TabMessage::Typing(conversation));
        }
    }

    /// Somebody is typing.
    pub(in crate::client) fn on_typing(self, conversation: ConversationId, person: PersonId) {
        let until = browser::now() + TYPING_TIMEOUT;
        self.ephemeral.update(|ephemeral| ephemeral.set_typing(conversation, person, until));
        set_timeout(
            move || {
                self.ephemeral.try_update(|ephemeral| ephemeral.expire_typing(browser::now()));
            },
            Duration::from_millis(TYPING_TIMEOUT.unsigned_abs() + 10),
        );
    }

    /// Whose message is here types no more.
    pub(in crate::client) fn clear_typing(self, inbox: &[(StreamId, Entry)]) {
        for (stream, entry) in inbox {
            if let (StreamId::Conversation(conversation), Change::Posted { author, .. }) = (stream, &entry.change)
                && self.ephemeral.with_untracked(|ephemeral| ephemeral.typing(*conversation).contains(author))
            {
                self.ephemeral.update(|ephemeral| ephemeral.clear_typing(*conversation, *author));
            }
        }
    }

    /// Asks who has seen what.
    pub(in crate::client) fn load_read_receipts(self, conversation: ConversationId) {
        spawn_local(async move {
            // Asked again when one comes back to it, and told meanwhile.
            let Ok(readers) = ask::readers(conversation.to_string()).await else { return };
            self.ephemeral.update(|ephemeral| {
                ephemeral.read.retain(|(there, ..)| *there != conversation);
                for Reader { person, upto, delivered } in readers {
                    ephemeral.record_read(conversation, person, upto);
                    ephemeral.record_delivered(conversation, person, delivered);
                }
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const HERE: ConversationId = ConversationId(Uuid::nil());
    const GRACE: PersonId = PersonId(Uuid::from_u128(2));
    const KOFI: PersonId = PersonId(Uuid::from_u128(3));

    #[test]
    fn who_is_typing_stops_with_the_message_or_when_it_is_not_said_again() {
        let mut ephemeral = Ephemeral::default();
        ephemeral.set_typing(HERE, GRACE, 6);
        ephemeral.set_typing(HERE, KOFI, 8);
        ephemeral.set_typing(HERE, GRACE, 9);
        ephemeral.expire_typing(8);
        assert_eq!(ephemeral.typing(HERE), [GRACE]);
        ephemeral.clear_typing(HERE, GRACE);
        assert_eq!(ephemeral.typing(HERE), []);
    }

    #[test]
    fn what_was_seen_is_never_unseen() {
        let mut ephemeral = Ephemeral::default();
        for upto in [5, 3] {
            ephemeral.record_read(HERE, GRACE, Seq(upto));
        }
        assert_eq!(ephemeral.read_by(HERE, Seq(5)), [GRACE]);
        assert_eq!(ephemeral.read_by(HERE, Seq(6)), []);
        for upto in [6, 5, 0] {
            ephemeral.record_delivered(HERE, GRACE, Seq(upto));
        }
        assert_eq!([6, 7].map(|seq| ephemeral.is_delivered(HERE, Seq(seq))), [true, false], "nor is what has come gone");
    }
}
