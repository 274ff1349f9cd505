//! The conversations of this person, each as the list shows it, with the marks of their streams.

use std::collections::HashMap;

use crate::{
    domain::{Change, Conversation, ConversationId, Entry, Kind, LastMessage, PersonId, Seq, Summary, conversation::EVERYONE},
    protocol::{Marks, StreamId},
};

use super::roster::Roster;

/// The conversations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    me: PersonId,
    /// The mark of one's own stream.
    own: Seq,
    conversations: HashMap<ConversationId, Summary>,
}

impl Book {
    /// From a snapshot.
    #[must_use]
    pub fn new(me: PersonId, own: Seq, conversations: Vec<Summary>) -> Self {
        Self { me, own, conversations: conversations.into_iter().map(|summary| (summary.conversation.id, summary)).collect() }
    }

    /// A conversation, if this person is in it.
    #[must_use]
    pub fn find(&self, id: ConversationId) -> Option<&Summary> {
        self.conversations.get(&id)
    }

    /// All of them, in no order.
    pub fn all(&self) -> impl Iterator<Item = &Summary> {
        self.conversations.values()
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

    /// In the order of the list: latest message first; what has none stands where it was made.
    #[must_use]
    pub fn listed(&self) -> Vec<ConversationId> {
        let mut listed: Vec<&Summary> = self.all().collect();
        let moment = |summary: &Summary| summary.last.as_ref().map_or(summary.conversation.created, |last| last.at);
        listed.sort_by_cached_key(|summary| (std::cmp::Reverse(moment(summary)), summary.conversation.id));
        listed.into_iter().map(|summary| summary.conversation.id).collect()
    }

    /// How many messages are unread in all of them.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.all().map(|summary| summary.unread.count()).sum()
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

    /// Of two, the one who is not me.
    #[must_use]
    pub fn other(&self, members: &[PersonId]) -> Option<PersonId> {
        members.iter().copied().find(|member| *member != self.me)
    }

    /// Up to where each stream is known.
    #[must_use]
    pub fn marks(&self) -> Marks {
        let conversations = self.all().map(|summary| (StreamId::Conversation(summary.conversation.id), summary.head));
        conversations.chain([(StreamId::Person(self.me), self.own)]).collect()
    }

    /// Up to where a stream is known; `None` for a stream that is not this person's.
    #[must_use]
    pub fn mark(&self, stream: StreamId) -> Option<Seq> {
        match stream {
            StreamId::Conversation(id) => self.find(id).map(|summary| summary.head),
            StreamId::Person(id) => (id == self.me).then_some(self.own),
        }
    }

    /// Takes a conversation in. One that is known goes on in its own stream: a newer view of it would leave a hole in what is
    /// shown of its history.
    pub fn put(&mut self, summary: Summary) {
        self.conversations.entry(summary.conversation.id).or_insert(summary);
    }

    /// One has read up to here.
    pub fn read(&mut self, conversation: ConversationId, upto: Seq) {
        if let Some(summary) = self.conversations.get_mut(&conversation).filter(|summary| summary.read_upto < upto) {
            summary.read_upto = upto;
            summary.unread.read(upto);
        }
    }

    /// The next change of a conversation's stream.
    pub(super) fn advance(&mut self, conversation: ConversationId, entry: &Entry) {
        let me = self.me;
        let Some(summary) = self.conversations.get_mut(&conversation) else { return };
        summary.head = entry.seq;
        match &entry.change {
            Change::Posted { author, .. } => {
                summary.last = LastMessage::of(entry);
                if *author != me && entry.seq > summary.read_upto {
                    summary.unread.add(entry.seq);
                }
            }
            Change::Renamed { name, .. } => summary.conversation.name = Some(name.clone()),
            Change::MemberAdded { person, .. } => {
                if !summary.members.contains(person) {
                    summary.members.push(*person);
                }
            }
            Change::MemberRemoved { person, .. } | Change::MemberLeft { person } => summary.members.retain(|member| member != person),
            Change::Created { .. }
            | Change::Registered { .. }
            | Change::ConversationAdded { .. }
            | Change::ConversationRemoved { .. }
            | Change::ReadMoved { .. } => {}
        }
    }

    /// The next change of one's own stream.
    pub(super) fn advance_own(&mut self, entry: Entry) {
        self.own = entry.seq;
        match entry.change {
            Change::ConversationAdded { summary } => self.put(*summary),
            Change::ConversationRemoved { conversation } => drop(self.conversations.remove(&conversation)),
            Change::ReadMoved { conversation, upto } => self.read(conversation, upto),
            Change::Posted { .. }
            | Change::Created { .. }
            | Change::Renamed { .. }
            | Change::MemberAdded { .. }
            | Change::MemberRemoved { .. }
            | Change::MemberLeft { .. }
            | Change::Registered { .. } => {}
        }
    }
}
