//! Snapshot of what a person sees, with the cursors from which events continue; conversation
//! summaries, unread messages.

use serde::{Deserialize, Serialize};

use crate::domain::{
    Conversation, Millis, NotificationLevel, Person, PersonId, Seq, draft::Draft, person::Privacy,
    workspace::PublicWorkspace,
};

/// All state that a client starts from, read in one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Epoch of the database. Cursors of another epoch are invalid.
    pub epoch: String,
    /// The current user.
    pub me: Person,
    /// Their privacy settings.
    pub privacy: Privacy,
    /// The workspace.
    #[serde(default)]
    pub workspace: PublicWorkspace,
    /// Head of their own stream.
    pub head: Seq,
    /// All people, by display name, as of the head of Everyone's stream.
    pub people: Vec<Person>,
    /// The people who are online.
    pub online: Vec<PersonId>,
    /// Those of them who are idle.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub idle: Vec<PersonId>,
    /// The conversations of the current user.
    pub conversations: Vec<Summary>,
    /// Whether messages are marked as read manually.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", rename = "reads_by_hand")]
    pub manual_read: bool,
    /// Maximum size of a file, in bytes.
    #[serde(default)]
    pub file_limit: u64,
}

/// A conversation as the sidebar shows it to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The conversation itself.
    pub conversation: Conversation,
    /// Its members; empty for Everyone, whose members are all people.
    pub members: Vec<PersonId>,
    /// Head of its stream.
    pub head: Seq,
    /// Its latest message.
    pub last: Option<LastMessage>,
    /// The person's read position.
    pub read_upto: Seq,
    /// The unread messages after it.
    pub unread: Unread,
    /// The person's draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draft: Option<Draft>,
    /// The messages that the person has saved, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saved: Vec<Seq>,
    /// The person's notification level.
    #[serde(default, skip_serializing_if = "NotificationLevel::is_default")]
    pub level: NotificationLevel,
    /// End of the mute, if it is muted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Millis>,
    /// Whether the person has pinned it to the top of the list.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}

impl Summary {
    /// Whether it notifies of nothing now.
    #[must_use]
    pub fn is_muted(&self, now: Millis) -> bool {
        matches!(self.level, NotificationLevel::Nothing | NotificationLevel::Hidden)
            || self.muted_until.is_some_and(|until| until > now)
    }

    /// Number of unread messages that count for the badge now.
    #[must_use]
    pub fn notification_count(&self, now: Millis) -> usize {
        match self.level {
            _ if self.is_muted(now) => 0,
            NotificationLevel::Mentions => self.unread.mentions.len(),
            _ => self.unread.count(),
        }
    }

    /// Position of the first unread message, if so many are unread that the newest page would not
    /// contain it.
    #[must_use]
    pub fn first_unread_page(&self) -> Option<Seq> {
        const MANY: usize = 40;
        (self.unread.count() >= MANY).then(|| self.read_upto.next())
    }
}

#[cfg(test)]
impl Summary {
    /// A conversation in which nothing was posted and nothing was set.
    pub(crate) fn empty(conversation: Conversation, members: Vec<PersonId>) -> Self {
        Self {
            conversation,
            members,
            head: Seq::START,
            last: None,
            read_upto: Seq::START,
            unread: Unread::default(),
            draft: None,
            saved: Vec::new(),
            level: NotificationLevel::default(),
            muted_until: None,
            pinned: false,
        }
    }
}

/// The latest message of a conversation, shortened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    /// Its position.
    pub seq: Seq,
    /// Time of the commit.
    pub at: Millis,
    /// Its author.
    pub author: PersonId,
    /// Its excerpt, on one line.
    pub excerpt: String,
}

/// The unread messages: derived from the read position, never counted up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// Positions of the newest ones, ascending. The server lists at most [`Unread::MAX_LISTED`].
    pub seqs: Vec<Seq>,
    /// Number of those before them.
    pub more: u32,
    /// Positions of all that mention the person, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Seq>,
}

impl Unread {
    /// Maximum number of positions that the server lists. A badge shows at most 99.
    pub const MAX_LISTED: usize = 200;

    /// Number of unread messages.
    #[must_use]
    pub fn count(&self) -> usize {
        self.seqs.len() + self.more as usize
    }

    /// Adds a message: a new or a restored one.
    pub fn add(&mut self, seq: Seq) {
        if self.more > 0 && self.seqs.first().is_none_or(|first| seq < *first) {
            self.more += 1;
        } else {
            set_present(&mut self.seqs, seq, true);
        }
    }

    /// Removes a message that was deleted before it was read.
    pub fn remove(&mut self, seq: Seq) {
        if let Ok(place) = self.seqs.binary_search(&seq) {
            self.seqs.remove(place);
        } else if self.seqs.first().is_none_or(|first| seq < *first) {
            self.more = self.more.saturating_sub(1);
        }
        self.set_mention(seq, false);
    }

    /// Sets whether an unread message mentions the person.
    pub fn set_mention(&mut self, seq: Seq, mentions: bool) {
        set_present(&mut self.mentions, seq, mentions);
    }

    /// Removes everything up to a read position.
    pub fn mark_read(&mut self, upto: Seq) {
        if self.seqs.first().is_some_and(|first| *first <= upto) {
            self.more = 0;
        }
        self.seqs.retain(|seq| *seq > upto);
        self.mentions.retain(|seq| *seq > upto);
    }
}

/// Adds a position to an ascending list, or removes it.
pub fn set_present(places: &mut Vec<Seq>, seq: Seq, on: bool) {
    match places.binary_search(&seq) {
        Err(place) if on => places.insert(place, seq),
        Ok(place) if !on => drop(places.remove(place)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Kind;

    #[test]
    fn marking_as_read_removes_everything_up_to_the_position() {
        let mut unread =
            Unread { seqs: vec![Seq(5), Seq(7)], more: 3, mentions: vec![Seq(4), Seq(7)] };
        assert_eq!(unread.count(), 5);
        unread.mark_read(Seq(4));
        assert_eq!(unread.count(), 5, "nothing that is known was read");
        unread.add(Seq(9));
        unread.add(Seq(9));
        unread.mark_read(Seq(7));
        assert_eq!((unread.count(), unread.more), (1, 0));
        assert_eq!(unread.mentions, []);
    }

    #[test]
    fn the_badge_follows_the_level_and_the_mute() {
        let conversation = Conversation {
            id: crate::domain::ConversationId(uuid::Uuid::nil()),
            kind: Kind::Group,
            name: None,
            creator: None,
            created: 0,
            avatar: None,
        };
        let unread = Unread { seqs: vec![Seq(5), Seq(7)], more: 3, mentions: vec![Seq(7)] };
        let it = Summary { unread, ..Summary::empty(conversation, Vec::new()) };
        for (level, notification_count) in [
            (NotificationLevel::Everything, 5),
            (NotificationLevel::Mentions, 1),
            (NotificationLevel::Nothing, 0),
            (NotificationLevel::Hidden, 0),
        ] {
            let it = Summary { level, ..it.clone() };
            assert_eq!(
                (it.notification_count(100), it.is_muted(100)),
                (notification_count, notification_count == 0),
                "{level:?}"
            );
            let muted = Summary { muted_until: Some(200), ..it };
            assert_eq!(
                (muted.notification_count(199), muted.is_muted(199)),
                (0, true),
                "{level:?}"
            );
            assert_eq!(
                (muted.notification_count(200), muted.is_muted(200)),
                (notification_count, notification_count == 0),
                "{level:?}"
            );
            assert_eq!(muted.unread.count(), 5, "what is unread is another matter");
        }
    }

    #[test]
    fn deleting_lowers_the_count_by_one_even_if_unlisted() {
        let mut unread =
            Unread { seqs: vec![Seq(5), Seq(7)], more: 3, mentions: vec![Seq(2), Seq(7)] };
        for seq in [7, 2, 6] {
            unread.remove(Seq(seq));
        }
        assert_eq!((unread.count(), unread.mentions.len()), (3, 0), "six was read or one's own");
        for seq in [7, 2] {
            unread.add(Seq(seq));
        }
        assert_eq!((unread.seqs.clone(), unread.more), (vec![Seq(5), Seq(7)], 3));
    }
}
