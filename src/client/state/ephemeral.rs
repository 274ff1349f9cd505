//! What one knows of others from one moment to the next: who is typing, and who has seen what. Nothing of it is kept, and what
//! was missed heals by itself.

use super::conversations::Book;
use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{accounts, conversations as ask, people},
    client::{
        Chat, Link, browser, connection,
        tabs::{leader, tab_message::Note},
    },
    domain::{
        Change, ChatError, ConversationId, Entry, Millis, PersonId, Seq,
        person::{Privacy, Reader},
    },
    protocol::StreamId,
};

/// How long somebody is typing after it was told, in milliseconds.
const TYPES_FOR: Millis = 6_000;
/// How often one says so oneself, in milliseconds; the server tells it every 3 seconds at most.
const SAYS_EVERY: Millis = 3_200;

/// The slice. Plain lists: they are short, and a map is several kB of a first load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Knowing {
    typing: Vec<(ConversationId, PersonId, Millis)>,
    seen: Marks,
    delivered: Marks,
}

/// Up to where each has come in a conversation.
type Marks = Vec<(ConversationId, PersonId, Seq)>;

/// The greatest holds.
fn raise(marks: &mut Marks, conversation: ConversationId, person: PersonId, upto: Seq) {
    match marks.iter_mut().find(|(there, other, _)| (*there, *other) == (conversation, person)) {
        Some((.., mark)) => *mark = upto.max(*mark),
        None if upto.is_start() => {}
        None => marks.push((conversation, person, upto)),
    }
}

impl Knowing {
    /// Somebody is typing until this moment.
    pub fn types(&mut self, conversation: ConversationId, person: PersonId, until: Millis) {
        self.stops(conversation, person);
        self.typing.push((conversation, person, until));
    }

    /// Somebody is typing no more: their message is here.
    pub fn stops(&mut self, conversation: ConversationId, person: PersonId) {
        self.typing.retain(|(there, other, _)| (*there, *other) != (conversation, person));
    }

    /// Lets go of those of whom it was not said again.
    pub fn pass(&mut self, now: Millis) {
        self.typing.retain(|(.., until)| *until > now);
    }

    /// Who is typing in a conversation.
    #[must_use]
    pub fn typing(&self, conversation: ConversationId) -> Vec<PersonId> {
        self.typing.iter().filter(|(there, ..)| *there == conversation).map(|(_, person, _)| *person).collect()
    }

    /// Somebody has seen a conversation up to here; the greatest holds.
    pub fn sees(&mut self, conversation: ConversationId, person: PersonId, upto: Seq) {
        raise(&mut self.seen, conversation, person, upto);
    }

    /// A conversation of two has reached the other one up to here; the greatest holds.
    pub fn reaches(&mut self, conversation: ConversationId, person: PersonId, upto: Seq) {
        raise(&mut self.delivered, conversation, person, upto);
    }

    /// Whether a message has reached a device of the other one of two.
    #[must_use]
    pub fn is_delivered(&self, conversation: ConversationId, message: Seq) -> bool {
        self.delivered.iter().any(|(there, _, upto)| *there == conversation && *upto >= message)
    }

    /// Who has seen a message: all who are there or beyond.
    #[must_use]
    pub fn seen_by(&self, conversation: ConversationId, message: Seq) -> Vec<PersonId> {
        self.seen.iter().filter(|(there, _, upto)| *there == conversation && *upto >= message).map(|(_, person, _)| *person).collect()
    }
}

impl Chat {
    /// One has typed something: said to others now and then, unless one does not want that.
    pub fn types(self, conversation: ConversationId) {
        let now = browser::now();
        let privacy = self.book.with_untracked(Book::privacy);
        let silent = self.link.get_untracked() != Link::Live || !privacy.shows_typing || !privacy.shows_presence;
        if silent || self.wires.with_value(|wires| now - wires.typed < SAYS_EVERY) {
            return;
        }
        self.wires.update_value(|wires| wires.typed = now);
        if leader::leads() {
            connection::say_typing(self, conversation);
        } else {
            leader::tell(&Note::Typing(conversation));
        }
    }

    /// Somebody is typing.
    pub(in crate::client) fn hears_typing(self, conversation: ConversationId, person: PersonId) {
        let until = browser::now() + TYPES_FOR;
        self.knowing.update(|knowing| knowing.types(conversation, person, until));
        set_timeout(
            move || {
                self.knowing.try_update(|knowing| knowing.pass(browser::now()));
            },
            Duration::from_millis(TYPES_FOR.unsigned_abs() + 10),
        );
    }

    /// Whose message is here types no more.
    pub(in crate::client) fn hear_posts(self, inbox: &[(StreamId, Entry)]) {
        for (stream, entry) in inbox {
            if let (StreamId::Conversation(conversation), Change::Posted { author, .. }) = (stream, &entry.change)
                && self.knowing.with_untracked(|knowing| knowing.typing(*conversation).contains(author))
            {
                self.knowing.update(|knowing| knowing.stops(*conversation, *author));
            }
        }
    }

    /// Asks who has seen what.
    pub(in crate::client) fn ask_readers(self, conversation: ConversationId) {
        spawn_local(async move {
            // Asked again when one comes back to it, and told meanwhile.
            let Ok(readers) = ask::readers(conversation.to_string()).await else { return };
            self.knowing.update(|knowing| {
                knowing.seen.retain(|(there, ..)| *there != conversation);
                for Reader { person, upto, delivered } in readers {
                    knowing.sees(conversation, person, upto);
                    knowing.reaches(conversation, person, delivered);
                }
            });
        });
    }

    /// From here on what is seen is read only when one says so, or by itself again.
    pub fn set_reading(self, by_hand: bool) {
        self.attempt(async move {
            let done = accounts::set_reading(by_hand).await;
            if done.is_err() {
                // The box goes back to what holds.
                self.book.update(|_| {});
            }
            done
        });
    }

    /// When somebody was last online, as far as it is known and told.
    pub async fn last_seen(self, person: PersonId) -> Option<Millis> {
        people::last_seen(person.to_string()).await.ok().flatten()
    }

    /// Says something else of oneself; nothing by empty ones.
    ///
    /// # Errors
    /// What the server said; `field` names what is to blame.
    pub async fn set_status(self, emoji: String, text: String) -> Result<(), ChatError> {
        people::set_status(Some(emoji), Some(text)).await
    }

    /// Lets others know something else.
    ///
    /// # Errors
    /// What the server said.
    pub async fn set_privacy(self, privacy: Privacy) -> Result<(), ChatError> {
        accounts::set_privacy(privacy.shows_reading, privacy.shows_typing, Some(privacy.shows_presence)).await
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
        let mut knowing = Knowing::default();
        knowing.types(HERE, GRACE, 6);
        knowing.types(HERE, KOFI, 8);
        knowing.types(HERE, GRACE, 9);
        knowing.pass(8);
        assert_eq!(knowing.typing(HERE), [GRACE]);
        knowing.stops(HERE, GRACE);
        assert_eq!(knowing.typing(HERE), []);
    }

    #[test]
    fn what_was_seen_is_never_unseen() {
        let mut knowing = Knowing::default();
        for upto in [5, 3] {
            knowing.sees(HERE, GRACE, Seq(upto));
        }
        assert_eq!(knowing.seen_by(HERE, Seq(5)), [GRACE]);
        assert_eq!(knowing.seen_by(HERE, Seq(6)), []);
        for upto in [6, 5, 0] {
            knowing.reaches(HERE, GRACE, Seq(upto));
        }
        assert_eq!([6, 7].map(|seq| knowing.is_delivered(HERE, Seq(seq))), [true, false], "nor is what has come gone");
    }
}
