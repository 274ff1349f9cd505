//! The conversations of this person, each as the list shows it, with the marks of their streams.

use std::collections::HashMap;

use crate::{
    domain::{
        Attachment, Change, Conversation, ConversationId, Entry, Kind, LastMessage, Millis, Person, PersonId, Seq, Summary, Unread,
        conversation::EVERYONE, draft::Draft, file, mention::mentions, person::Privacy, snapshot::put,
    },
    protocol::{Marks, StreamId},
};

use super::roster::Roster;

/// The conversations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversations {
    me: PersonId,
    username: String,
    privacy: Privacy,
    manual_read: bool,
    /// The mark of one's own stream.
    own_cursor: Seq,
    /// Where in one's own stream a message was saved last, or let go of.
    saved_at: Seq,
    by_id: HashMap<ConversationId, Summary>,
    unread_counts: HashMap<ConversationId, UnreadCounts>,
}

/// What is needed to bring what is unread by the server's count together with what one heard oneself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct UnreadCounts {
    /// Up to here the server has counted.
    upto: Seq,
    /// What happened lately that counts, by its place.
    recent: Vec<(Seq, UnreadChange)>,
}

/// Something that makes a message of somebody else count as unread, or not any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UnreadChange {
    /// It is there, and mentions one or not.
    Added(Seq, bool),
    /// It is there no more.
    Removed(Seq),
    /// It mentions one now, or not any more.
    MentionChanged(Seq, bool),
}

/// How much of what happened lately is remembered: more than can come between a count and its being heard.
const RECENT_MAX: usize = 400;

impl UnreadChange {
    fn apply_to(self, summary: &mut Summary) {
        let (Self::Added(message, _) | Self::Removed(message) | Self::MentionChanged(message, _)) = self;
        if message <= summary.read_upto {
            return;
        }
        match self {
            Self::Added(message, mentions) => {
                summary.unread.add(message);
                summary.unread.mention(message, mentions);
            }
            Self::Removed(message) => summary.unread.take_out(message),
            Self::MentionChanged(message, mentions) => summary.unread.mention(message, mentions),
        }
    }
}

impl Conversations {
    /// From a snapshot.
    #[must_use]
    pub fn new(me: &Person, privacy: Privacy, own_cursor: Seq, conversations: Vec<Summary>) -> Self {
        let conversations = conversations.into_iter().map(|summary| (summary.conversation.id, summary)).collect();
        Self {
            me: me.id,
            username: me.username.clone(),
            privacy,
            manual_read: false,
            own_cursor,
            saved_at: Seq::START,
            by_id: conversations,
            unread_counts: HashMap::new(),
        }
    }

    /// The same, of somebody who says so themself when they have read something.
    #[must_use]
    pub fn with_manual_read(self, manual_read: bool) -> Self {
        Self { manual_read, ..self }
    }

    /// Whether what is seen is read only when this person says so.
    #[must_use]
    pub const fn manual_read(&self) -> bool {
        self.manual_read
    }

    /// A conversation, if this person is in it.
    #[must_use]
    pub fn find(&self, id: ConversationId) -> Option<&Summary> {
        self.by_id.get(&id)
    }

    /// All of them, in no order.
    pub fn all(&self) -> impl Iterator<Item = &Summary> {
        self.by_id.values()
    }

    /// Everyone.
    #[must_use]
    pub fn everyone(&self) -> Option<ConversationId> {
        self.all().find(|summary| summary.conversation.kind == Kind::Everyone).map(|summary| summary.conversation.id)
    }

    /// The conversation with one other person, if there is one.
    #[must_use]
    pub fn direct_with(&self, other: PersonId) -> Option<ConversationId> {
        self.all()
            .find(|summary| summary.conversation.kind == Kind::Direct && summary.members.contains(&other))
            .map(|summary| summary.conversation.id)
    }

    /// In the order of the list: what is pinned, then the others; latest message first, and what has none stands where it was made.
    #[must_use]
    pub fn listed(&self) -> Vec<ConversationId> {
        let mut listed: Vec<&Summary> = self.all().collect();
        let moment = |summary: &Summary| summary.last.as_ref().map_or(summary.conversation.created, |last| last.at);
        listed.sort_by_cached_key(|summary| (!summary.pinned, std::cmp::Reverse(moment(summary)), summary.conversation.id));
        listed.into_iter().map(|summary| summary.conversation.id).collect()
    }

    /// What this person lets others know.
    #[must_use]
    pub const fn privacy(&self) -> Privacy {
        self.privacy
    }

    /// Where in one's own stream a message was saved last, or let go of, since this was begun anew.
    #[must_use]
    pub const fn saved_at(&self) -> Seq {
        self.saved_at
    }

    /// How many messages are unread in all of them.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.all().map(|summary| summary.unread.count()).sum()
    }

    /// How many unread messages ring for this person now, in all of them.
    #[must_use]
    pub fn notification_count(&self, now: Millis) -> usize {
        self.all().map(|summary| summary.rings(now)).sum()
    }

    /// What a conversation is called, for this person.
    #[must_use]
    pub fn title(&self, conversation: &Conversation, members: &[PersonId], roster: &Roster) -> String {
        match conversation.kind {
            Kind::Everyone => EVERYONE.to_owned(),
            Kind::Group => conversation.name.clone().unwrap_or_default(),
            Kind::Direct => self.other(members).map_or_else(String::new, |other| roster.name(other)),
        }
    }

    /// The same, told from others of this name where it is a person's.
    #[must_use]
    pub fn label(&self, conversation: &Conversation, members: &[PersonId], roster: &Roster) -> String {
        let other = self.other(members).filter(|_| conversation.kind == Kind::Direct);
        other.map_or_else(|| self.title(conversation, members, roster), |other| roster.label(other))
    }

    /// Of two, the one who is not me.
    #[must_use]
    pub fn other(&self, members: &[PersonId]) -> Option<PersonId> {
        members.iter().copied().find(|member| *member != self.me)
    }

    /// Up to where each stream is known.
    #[must_use]
    pub fn cursors(&self) -> Marks {
        let conversations = self.all().map(|summary| (StreamId::Conversation(summary.conversation.id), summary.head));
        conversations.chain([(StreamId::Person(self.me), self.own_cursor)]).collect()
    }

    /// Up to where a stream is known; `None` for a stream that is not this person's.
    #[must_use]
    pub fn cursor(&self, stream: StreamId) -> Option<Seq> {
        match stream {
            StreamId::Conversation(id) => self.find(id).map(|summary| summary.head),
            StreamId::Person(id) => (id == self.me).then_some(self.own_cursor),
        }
    }

    /// Takes a conversation in. One that is known goes on in its own stream: a newer view of it would leave a hole in what is
    /// shown of its history.
    pub fn insert(&mut self, summary: Summary) {
        self.by_id.entry(summary.conversation.id).or_insert(summary);
    }

    /// One has read up to here.
    pub fn mark_read(&mut self, conversation: ConversationId, upto: Seq) {
        if let Some(summary) = self.by_id.get_mut(&conversation).filter(|summary| summary.read_upto < upto) {
            summary.read_upto = upto;
            summary.unread.read(upto);
        }
    }

    /// The next change of a conversation's stream.
    pub(in crate::client) fn apply(&mut self, conversation: ConversationId, entry: &Entry) {
        let Some(summary) = self.by_id.get_mut(&conversation) else { return };
        summary.head = entry.seq;
        let mut says = |message: Seq, body: &str, files: &[Attachment]| {
            if let Some(last) = summary.last.as_mut().filter(|last| last.seq == message) {
                last.excerpt = file::excerpt(body, files);
            }
        };
        match &entry.change {
            Change::Posted { .. } => summary.last = LastMessage::of(entry),
            Change::Edited { message, body, .. } => says(*message, body, &[]),
            Change::Restored { message, body, files, .. } => says(*message, body, files),
            Change::Deleted { message, .. } => says(*message, "", &[]),
            Change::Renamed { name, .. } => summary.conversation.name = Some(name.clone()),
            Change::Pictured { face, .. } => summary.conversation.face = *face,
            Change::MemberAdded { person, .. } if !summary.members.contains(person) => summary.members.push(*person),
            Change::MemberRemoved { person, .. } | Change::MemberLeft { person } => summary.members.retain(|member| member != person),
            _ => {}
        }
        if let Some(unread_change) = self.unread_change(conversation, entry) {
            self.record(conversation, entry.seq, unread_change);
        }
    }

    /// What a change means for what is unread.
    fn unread_change(&self, conversation: ConversationId, entry: &Entry) -> Option<UnreadChange> {
        let (author, change) = match &entry.change {
            Change::Posted { author, body, .. } => (*author, UnreadChange::Added(entry.seq, self.mentions_current_user(conversation, *author, body))),
            Change::Restored { author, message, body, .. } => {
                (*author, UnreadChange::Added(*message, self.mentions_current_user(conversation, *author, body)))
            }
            Change::Edited { by, message, body } => {
                (*by, UnreadChange::MentionChanged(*message, self.mentions_current_user(conversation, *by, body)))
            }
            Change::Deleted { author, message, .. } => (*author, UnreadChange::Removed(*message)),
            _ => return None,
        };
        (author != self.me).then_some(change)
    }

    fn mentions_current_user(&self, conversation: ConversationId, author: PersonId, body: &str) -> bool {
        let mentioned = mentions(body);
        let rings = || self.find(conversation).is_some_and(|summary| summary.conversation.may_ring_everyone(author).is_ok());
        mentioned.usernames.contains(&self.username) || (mentioned.everyone && rings())
    }

    fn record(&mut self, conversation: ConversationId, seq: Seq, change: UnreadChange) {
        let unread_counts = self.unread_counts.entry(conversation).or_default();
        if unread_counts.recent.len() >= RECENT_MAX {
            unread_counts.recent.drain(..RECENT_MAX / 2);
        }
        unread_counts.recent.push((seq, change));
        if let Some(summary) = self.by_id.get_mut(&conversation).filter(|_| seq > unread_counts.upto) {
            change.apply_to(summary);
        }
    }

    /// The server counted what is unread, up to a place in the conversation. What came later is counted here.
    fn reset_unread(&mut self, conversation: ConversationId, read_upto: Seq, unread: Unread, head: Seq) {
        let Some(summary) = self.by_id.get_mut(&conversation) else { return };
        (summary.read_upto, summary.unread) = (read_upto, unread);
        let unread_counts = self.unread_counts.entry(conversation).or_default();
        unread_counts.upto = head;
        unread_counts.recent.iter().filter(|(seq, _)| *seq > head).for_each(|(_, change)| change.apply_to(summary));
    }

    /// The next change of one's own stream.
    pub(in crate::client) fn apply_own(&mut self, entry: Entry) {
        self.own_cursor = entry.seq;
        match entry.change {
            Change::ConversationAdded { summary } => self.insert(*summary),
            Change::ConversationRemoved { conversation } => {
                self.by_id.remove(&conversation);
                self.unread_counts.remove(&conversation);
            }
            Change::PrivacySet { privacy } => self.privacy = privacy,
            Change::ReadingSet { on } => self.manual_read = on,
            Change::LevelSet { conversation, level, muted_until } => {
                self.by_id.entry(conversation).and_modify(|summary| (summary.level, summary.muted_until) = (level, muted_until));
            }
            Change::ConversationPinned { conversation, on } => {
                self.by_id.entry(conversation).and_modify(|summary| summary.pinned = on);
            }
            Change::ReadMoved { conversation, upto, unread, head } => self.reset_unread(conversation, upto, unread, head),
            Change::DraftKept { conversation, body } => {
                let draft = (!body.is_empty()).then_some(Draft { body, seq: entry.seq });
                self.by_id.entry(conversation).and_modify(|summary| summary.draft = draft);
            }
            Change::Saved { conversation, message, on } => {
                self.saved_at = entry.seq;
                self.by_id.entry(conversation).and_modify(|summary| put(&mut summary.saved, message, on));
            }
            _ => {}
        }
    }
}
