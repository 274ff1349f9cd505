//! Typing indicators, read receipts and delivery receipts. The client does not store them; receipts
//! are loaded from the server, and a missed one is repaired by the next.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::conversations as ask,
    client::{AppState, browser},
    domain::{ConversationId, Millis, PersonId, Seq, person::ReadReceipt},
};

/// How long a typing indicator lasts, in milliseconds.
const TYPING_TIMEOUT: Millis = 6_000;

/// The ephemeral state. Plain lists: they are short, and a map would add several kB to the first
/// load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ephemeral {
    typing: Vec<(ConversationId, PersonId, Millis)>,
    read: Positions,
    delivered: Positions,
}

/// Positions by conversation and user.
type Positions = Vec<(ConversationId, PersonId, Seq)>;

/// Raises a position; it never goes back.
fn advance(positions: &mut Positions, conversation: ConversationId, person: PersonId, upto: Seq) {
    match positions.iter_mut().find(|(there, other, _)| (*there, *other) == (conversation, person))
    {
        Some((.., position)) => *position = upto.max(*position),
        None if upto.is_start() => {}
        None => positions.push((conversation, person, upto)),
    }
}

impl Ephemeral {
    /// Sets a typing indicator until a time.
    pub fn set_typing(&mut self, conversation: ConversationId, person: PersonId, until: Millis) {
        self.clear_typing(conversation, person);
        self.typing.push((conversation, person, until));
    }

    /// Clears a typing indicator, because the message arrived.
    pub fn clear_typing(&mut self, conversation: ConversationId, person: PersonId) {
        self.typing.retain(|(there, other, _)| (*there, *other) != (conversation, person));
    }

    /// Removes expired typing indicators.
    pub fn expire_typing(&mut self, now: Millis) {
        self.typing.retain(|(.., until)| *until > now);
    }

    /// The users typing in a conversation.
    #[must_use]
    pub fn typing(&self, conversation: ConversationId) -> Vec<PersonId> {
        self.typing
            .iter()
            .filter(|(there, ..)| *there == conversation)
            .map(|(_, person, _)| *person)
            .collect()
    }

    /// Records that a user has read up to a message.
    pub fn record_read(&mut self, conversation: ConversationId, person: PersonId, upto: Seq) {
        advance(&mut self.read, conversation, person, upto);
    }

    /// Records that a direct conversation was delivered up to a message.
    pub fn record_delivered(&mut self, conversation: ConversationId, person: PersonId, upto: Seq) {
        advance(&mut self.delivered, conversation, person, upto);
    }

    /// Whether a direct message was delivered to a device of the other user.
    #[must_use]
    pub fn is_delivered(&self, conversation: ConversationId, message: Seq) -> bool {
        self.delivered.iter().any(|(there, _, upto)| *there == conversation && *upto >= message)
    }

    /// The users who have read a message.
    #[must_use]
    pub fn read_by(&self, conversation: ConversationId, message: Seq) -> Vec<PersonId> {
        self.read
            .iter()
            .filter(|(there, _, upto)| *there == conversation && *upto >= message)
            .map(|(_, person, _)| *person)
            .collect()
    }
}

impl AppState {
    /// Shows that a user is typing.
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

    /// Clears the typing indicator of a user whose message arrived.
    pub(in crate::client) fn clear_typing(self, conversation: ConversationId, author: PersonId) {
        let is_typing = self
            .ephemeral
            .with_untracked(|ephemeral| ephemeral.typing(conversation).contains(&author));
        if is_typing {
            self.ephemeral.update(|ephemeral| ephemeral.clear_typing(conversation, author));
        }
    }

    /// Loads the read and delivery positions of a conversation.
    pub(in crate::client) fn load_read_receipts(self, conversation: ConversationId) {
        spawn_local(async move {
            // A failed request is repeated when the conversation is opened again, and signals
            // arrive meanwhile.
            let Ok(receipts) = ask::read_receipts(conversation.to_string()).await else { return };
            self.ephemeral.update(|ephemeral| {
                ephemeral.read.retain(|(there, ..)| *there != conversation);
                for ReadReceipt { person, upto, delivered } in receipts {
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
    fn typing_ends_with_the_message_or_by_expiry() {
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
    fn read_positions_never_go_back() {
        let mut ephemeral = Ephemeral::default();
        for upto in [5, 3] {
            ephemeral.record_read(HERE, GRACE, Seq(upto));
        }
        assert_eq!(ephemeral.read_by(HERE, Seq(5)), [GRACE]);
        assert_eq!(ephemeral.read_by(HERE, Seq(6)), []);
        for upto in [6, 5, 0] {
            ephemeral.record_delivered(HERE, GRACE, Seq(upto));
        }
        assert_eq!(
            [6, 7].map(|seq| ephemeral.is_delivered(HERE, Seq(seq))),
            [true, false],
            "a delivery receipt never moves back"
        );
    }
}
