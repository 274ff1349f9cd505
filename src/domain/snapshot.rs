//! All that a person sees at one moment, with the marks from which events go on.

use serde::{Deserialize, Serialize};

use super::{Conversation, Entry, Millis, Person, PersonId, Seq, entry::Change, text};

/// Everything a person's screen starts from, read in one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The database's life: another one makes all marks void.
    pub epoch: String,
    /// Who is asking.
    pub me: Person,
    /// The mark of that person's own stream.
    pub head: Seq,
    /// Everybody, by display name. It holds whatever Everyone's stream tells up to its mark.
    pub people: Vec<Person>,
    /// Who is online, as far as known at that moment.
    pub online: Vec<PersonId>,
    /// That person's conversations.
    pub conversations: Vec<Summary>,
}

/// A conversation as the list of conversations shows it, for one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The conversation itself.
    pub conversation: Conversation,
    /// Its members; empty for Everyone, which has all people.
    pub members: Vec<PersonId>,
    /// The mark of its stream.
    pub head: Seq,
    /// Its latest message.
    pub last: Option<LastMessage>,
    /// This person has read up to here.
    pub read_upto: Seq,
    /// What others wrote after that.
    pub unread: Unread,
}

/// The latest message of a conversation, short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    /// Its place.
    pub seq: Seq,
    /// When it was committed.
    pub at: Millis,
    /// Who wrote it.
    pub author: PersonId,
    /// Its beginning, on one line.
    pub excerpt: String,
}

impl LastMessage {
    /// The short form of an entry, when it is a message.
    #[must_use]
    pub fn of(entry: &Entry) -> Option<Self> {
        let Change::Posted { author, body, .. } = &entry.change else { return None };
        Some(Self { seq: entry.seq, at: entry.at, author: *author, excerpt: text::excerpt(body) })
    }
}

/// Which messages are unread: derived from the read position, never counted up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// The places of the newest ones (at most [`Unread::KNOWN`] when they come from the server), ascending.
    pub seqs: Vec<Seq>,
    /// How many more there are before those.
    pub more: u32,
}

impl Unread {
    /// How many places the server names; a badge shows no more than 99.
    pub const KNOWN: usize = 200;

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.seqs.len() + self.more as usize
    }

    /// Another message that this person has not read.
    pub fn add(&mut self, seq: Seq) {
        if self.seqs.last().is_none_or(|last| *last < seq) {
            self.seqs.push(seq);
        }
    }

    /// Everything up to here is read.
    pub fn read(&mut self, upto: Seq) {
        if self.seqs.first().is_some_and(|first| *first <= upto) {
            self.more = 0;
        }
        self.seqs.retain(|seq| *seq > upto);
    }
}

/// A piece of a conversation's history, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// Its entries, ascending and without a hole.
    pub entries: Vec<Entry>,
    /// Whether there is something before the first.
    pub more_before: bool,
    /// Whether there is something after the last.
    pub more_after: bool,
    /// The head of the stream when the page was read.
    pub head: Seq,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_lowers_the_count_to_what_comes_after() {
        let mut unread = Unread { seqs: vec![Seq(5), Seq(7)], more: 3 };
        assert_eq!(unread.count(), 5);
        unread.read(Seq(4));
        assert_eq!(unread.count(), 5, "nothing that is known was read");
        unread.add(Seq(9));
        unread.add(Seq(9));
        unread.read(Seq(7));
        assert_eq!((unread.count(), unread.more), (1, 0));
    }
}
