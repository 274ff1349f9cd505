//! All that a person sees at one moment, with the marks from which events go on.

use serde::{Deserialize, Serialize};

use super::{Conversation, Entry, Level, Millis, Person, PersonId, Seq, draft::Draft, entry::Change, file, person::Privacy};

/// Everything a person's screen starts from, read in one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The database's life: another one makes all marks void.
    pub epoch: String,
    /// Who is asking.
    pub me: Person,
    /// What that person lets others know.
    pub privacy: Privacy,
    /// The mark of that person's own stream.
    pub head: Seq,
    /// Everybody, by display name. It holds whatever Everyone's stream tells up to its mark.
    pub people: Vec<Person>,
    /// Who is online, as far as known at that moment.
    pub online: Vec<PersonId>,
    /// Who of them is idle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub idle: Vec<PersonId>,
    /// That person's conversations.
    pub conversations: Vec<Summary>,
    /// Whether what that person has seen is read only when they say so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reads_by_hand: bool,
    /// Largest file that the server takes, in bytes.
    #[serde(default)]
    pub file_limit: u64,
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
    /// What this person began there and did not send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
    /// The messages that this person has saved, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saved: Vec<Seq>,
    /// What of it rings for this person.
    #[serde(default, skip_serializing_if = "Level::is_usual")]
    pub level: Level,
    /// Until this moment nothing of it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Millis>,
    /// Whether this person keeps it at the top of the list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}

impl Summary {
    /// Whether nothing of it rings for this person now.
    #[must_use]
    pub fn is_quiet(&self, now: Millis) -> bool {
        matches!(self.level, Level::Nothing | Level::Hidden) || self.muted_until.is_some_and(|until| until > now)
    }

    /// How many of the unread messages ring for this person now.
    #[must_use]
    pub fn rings(&self, now: Millis) -> usize {
        match self.level {
            _ if self.is_quiet(now) => 0,
            Level::Mentions => self.unread.mentions.len(),
            _ => self.unread.count(),
        }
    }

    /// The place from which the conversation is read on, when so much is unread that its newest page would not show that.
    #[must_use]
    pub fn begins_at(&self) -> Option<Seq> {
        const MANY: usize = 40;
        (self.unread.count() >= MANY).then(|| self.read_upto.next())
    }
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
        let Change::Posted { author, body, files, .. } = &entry.change else { return None };
        Some(Self { seq: entry.seq, at: entry.at, author: *author, excerpt: file::excerpt(body, files) })
    }
}

/// Which messages are unread: derived from the read position, never counted up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// The places of the newest ones (at most [`Unread::KNOWN`] when they come from the server), ascending.
    pub seqs: Vec<Seq>,
    /// How many more there are before those.
    pub more: u32,
    /// The places of all that mention this person, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Seq>,
}

impl Unread {
    /// How many places the server names; a badge shows no more than 99.
    pub const KNOWN: usize = 200;

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.seqs.len() + self.more as usize
    }

    /// A message that this person has not read: a new one, or one that was restored.
    pub fn add(&mut self, seq: Seq) {
        if self.more > 0 && self.seqs.first().is_none_or(|first| seq < *first) {
            self.more += 1;
        } else {
            put(&mut self.seqs, seq, true);
        }
    }

    /// A message was deleted before this person read it.
    pub fn take_out(&mut self, seq: Seq) {
        if let Ok(place) = self.seqs.binary_search(&seq) {
            self.seqs.remove(place);
        } else if self.seqs.first().is_none_or(|first| seq < *first) {
            self.more = self.more.saturating_sub(1);
        }
        self.mention(seq, false);
    }

    /// A message that is not read mentions this person, or does so no more.
    pub fn mention(&mut self, seq: Seq, mentions: bool) {
        put(&mut self.mentions, seq, mentions);
    }

    /// Everything up to here is read.
    pub fn read(&mut self, upto: Seq) {
        if self.seqs.first().is_some_and(|first| *first <= upto) {
            self.more = 0;
        }
        self.seqs.retain(|seq| *seq > upto);
        self.mentions.retain(|seq| *seq > upto);
    }
}

/// Adds a place to those that ascend, or takes it away.
pub fn put(places: &mut Vec<Seq>, seq: Seq, on: bool) {
    match places.binary_search(&seq) {
        Err(place) if on => places.insert(place, seq),
        Ok(place) if !on => drop(places.remove(place)),
        _ => {}
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
    use crate::domain::Kind;

    #[test]
    fn reading_lowers_the_count_to_what_comes_after() {
        let mut unread = Unread { seqs: vec![Seq(5), Seq(7)], more: 3, mentions: vec![Seq(4), Seq(7)] };
        assert_eq!(unread.count(), 5);
        unread.read(Seq(4));
        assert_eq!(unread.count(), 5, "nothing that is known was read");
        unread.add(Seq(9));
        unread.add(Seq(9));
        unread.read(Seq(7));
        assert_eq!((unread.count(), unread.more), (1, 0));
        assert_eq!(unread.mentions, []);
    }

    #[test]
    fn what_rings_follows_the_level_and_is_nothing_until_a_mute_ends() {
        let conversation = Conversation {
            id: crate::domain::ConversationId(uuid::Uuid::nil()),
            kind: Kind::Group,
            name: None,
            creator: None,
            created: 0,
            face: None,
        };
        let unread = Unread { seqs: vec![Seq(5), Seq(7)], more: 3, mentions: vec![Seq(7)] };
        let (members, read_upto) = (Vec::new(), Seq(1));
        let it = Summary {
            conversation,
            members,
            head: Seq(7),
            last: None,
            read_upto,
            unread,
            draft: None,
            saved: Vec::new(),
            level: Level::default(),
            muted_until: None,
            pinned: false,
        };
        for (level, rings) in [(Level::Everything, 5), (Level::Mentions, 1), (Level::Nothing, 0), (Level::Hidden, 0)] {
            let it = Summary { level, ..it.clone() };
            assert_eq!((it.rings(100), it.is_quiet(100)), (rings, rings == 0), "{level:?}");
            let muted = Summary { muted_until: Some(200), ..it };
            assert_eq!((muted.rings(199), muted.is_quiet(199)), (0, true), "{level:?}");
            assert_eq!((muted.rings(200), muted.is_quiet(200)), (rings, rings == 0), "{level:?}");
            assert_eq!(muted.unread.count(), 5, "what is unread is another matter");
        }
    }

    #[test]
    fn a_deleted_message_lowers_the_count_by_one_also_where_its_place_is_not_known() {
        let mut unread = Unread { seqs: vec![Seq(5), Seq(7)], more: 3, mentions: vec![Seq(2), Seq(7)] };
        for seq in [7, 2, 6] {
            unread.take_out(Seq(seq));
        }
        assert_eq!((unread.count(), unread.mentions.len()), (3, 0), "six was read or one's own");
        for seq in [7, 2] {
            unread.add(Seq(seq));
        }
        assert_eq!((unread.seqs.clone(), unread.more), (vec![Seq(5), Seq(7)], 3));
    }
}
