//! The conversations of the current user, as the list shows them, and the cursors of their streams.

use std::collections::HashMap;

use crate::{
    domain::{
        Change, Conversation, ConversationId, Entry, Kind, LastMessage, Millis, Person, PersonId,
        Seq, Summary, conversation::EVERYONE, draft::Draft, file, markup::mentions,
        person::Privacy, snapshot::set_present,
    },
    protocol::{Cursors, StreamId},
};

use super::{
    roster::Roster,
    unread_counts::{UnreadChange, UnreadCounts},
};

/// The conversations by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversations {
    me: PersonId,
    username: String,
    privacy: Privacy,
    manual_read: bool,
    /// Cursor of the user's own stream.
    own_cursor: Seq,
    /// Position in the user's own stream of the last change to saved messages.
    saved_at: Seq,
    by_id: HashMap<ConversationId, Summary>,
    unread_counts: HashMap<ConversationId, UnreadCounts>,
}

impl Conversations {
    /// From a snapshot.
    #[must_use]
    pub fn new(
        me: &Person,
        privacy: Privacy,
        own_cursor: Seq,
        conversations: Vec<Summary>,
    ) -> Self {
        let conversations =
            conversations.into_iter().map(|summary| (summary.conversation.id, summary)).collect();
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

    /// Sets whether messages are marked as read manually.
    #[must_use]
    pub fn with_manual_read(self, manual_read: bool) -> Self {
        Self { manual_read, ..self }
    }

    /// Whether messages are marked as read manually.
    #[must_use]
    pub const fn manual_read(&self) -> bool {
        self.manual_read
    }

    /// A conversation of the current user.
    #[must_use]
    pub fn find(&self, id: ConversationId) -> Option<&Summary> {
        self.by_id.get(&id)
    }

    /// All conversations, unordered.
    pub fn all(&self) -> impl Iterator<Item = &Summary> {
        self.by_id.values()
    }

    /// The Everyone conversation.
    #[must_use]
    pub fn everyone(&self) -> Option<ConversationId> {
        self.all()
            .find(|summary| summary.conversation.kind == Kind::Everyone)
            .map(|summary| summary.conversation.id)
    }

    /// The direct conversation with a user, if there is one.
    #[must_use]
    pub fn direct_with(&self, other: PersonId) -> Option<ConversationId> {
        self.all()
            .find(|summary| {
                summary.conversation.kind == Kind::Direct && summary.members.contains(&other)
            })
            .map(|summary| summary.conversation.id)
    }

    /// Ids in list order: pinned first, then by latest message, or by creation where there is none.
    #[must_use]
    pub fn listed(&self) -> Vec<ConversationId> {
        let mut listed: Vec<&Summary> = self.all().collect();
        let moment = |summary: &Summary| {
            summary.last.as_ref().map_or(summary.conversation.created, |last| last.at)
        };
        listed.sort_by_cached_key(|summary| {
            (!summary.pinned, std::cmp::Reverse(moment(summary)), summary.conversation.id)
        });
        listed.into_iter().map(|summary| summary.conversation.id).collect()
    }

    /// What the current user shares with others.
    #[must_use]
    pub const fn privacy(&self) -> Privacy {
        self.privacy
    }

    /// Position of the last change to saved messages since the last snapshot.
    #[must_use]
    pub const fn saved_at(&self) -> Seq {
        self.saved_at
    }

    /// Number of unread messages in all conversations.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.all().map(|summary| summary.unread.count()).sum()
    }

    /// Number of unread messages that notify the user now, in all conversations.
    #[must_use]
    pub fn notification_count(&self, now: Millis) -> usize {
        self.all().map(|summary| summary.notification_count(now)).sum()
    }

    /// Title of a conversation for the current user.
    #[must_use]
    pub fn title(
        &self,
        conversation: &Conversation,
        members: &[PersonId],
        roster: &Roster,
    ) -> String {
        match conversation.kind {
            Kind::Everyone => EVERYONE.to_owned(),
            Kind::Group => conversation.name.clone().unwrap_or_default(),
            Kind::Direct => {
                self.other(members).map_or_else(String::new, |other| roster.name(other))
            }
        }
    }

    /// The title, with the username where a direct conversation's name is ambiguous.
    #[must_use]
    pub fn label(
        &self,
        conversation: &Conversation,
        members: &[PersonId],
        roster: &Roster,
    ) -> String {
        let other = self.other(members).filter(|_| conversation.kind == Kind::Direct);
        other.map_or_else(|| self.title(conversation, members, roster), |other| roster.label(other))
    }

    /// The other member of a direct conversation.
    #[must_use]
    pub fn other(&self, members: &[PersonId]) -> Option<PersonId> {
        members.iter().copied().find(|member| *member != self.me)
    }

    /// The cursors of all streams.
    #[must_use]
    pub fn cursors(&self) -> Cursors {
        let conversations = self
            .all()
            .map(|summary| (StreamId::Conversation(summary.conversation.id), summary.head));
        conversations.chain([(StreamId::Person(self.me), self.own_cursor)]).collect()
    }

    /// The cursor of a stream, or `None` if it is not the user's.
    #[must_use]
    pub fn cursor(&self, stream: StreamId) -> Option<Seq> {
        match stream {
            StreamId::Conversation(id) => self.find(id).map(|summary| summary.head),
            StreamId::Person(id) => (id == self.me).then_some(self.own_cursor),
        }
    }

    /// Adds a conversation. A known one is kept: a newer summary would leave a gap in its timeline.
    pub fn insert(&mut self, summary: Summary) {
        self.by_id.entry(summary.conversation.id).or_insert(summary);
    }

    /// Marks messages as read up to a position.
    pub fn mark_read(&mut self, conversation: ConversationId, upto: Seq) {
        if let Some(summary) =
            self.by_id.get_mut(&conversation).filter(|summary| summary.read_upto < upto)
        {
            summary.read_upto = upto;
            summary.unread.mark_read(upto);
        }
    }

    /// Applies the next event of a conversation's stream.
    pub(in crate::client) fn apply(&mut self, conversation: ConversationId, entry: &Entry) {
        let Some(summary) = self.by_id.get_mut(&conversation) else { return };
        summary.head = entry.seq;
        let update_excerpt = |last: &mut Option<LastMessage>, message, body: &str, files: &[_]| {
            if let Some(last) = last.as_mut().filter(|last| last.seq == message) {
                last.excerpt = file::excerpt(body, files);
            }
        };
        let username = &self.username;
        let mentioned = |summary: &Summary, author: PersonId, body: &str| {
            let mentions = mentions(body);
            mentions.usernames.contains(username)
                || (mentions.everyone && summary.conversation.may_mention_everyone(author).is_ok())
        };
        let unread_change = match &entry.change {
            Change::Posted { author, body, .. } => {
                summary.last = entry.last_message();
                let mentioned = mentioned(summary, *author, body);
                Some((*author, UnreadChange::Added(entry.seq, mentioned)))
            }
            Change::Restored { author, message, body, files, .. } => {
                update_excerpt(&mut summary.last, *message, body, files);
                let mentioned = mentioned(summary, *author, body);
                Some((*author, UnreadChange::Added(*message, mentioned)))
            }
            Change::Edited { by, message, body } => {
                update_excerpt(&mut summary.last, *message, body, &[]);
                let mentioned = mentioned(summary, *by, body);
                Some((*by, UnreadChange::MentionChanged(*message, mentioned)))
            }
            Change::Deleted { author, message, .. } => {
                update_excerpt(&mut summary.last, *message, "", &[]);
                Some((*author, UnreadChange::Removed(*message)))
            }
            Change::Renamed { name, .. } => {
                summary.conversation.name = Some(name.clone());
                None
            }
            Change::GroupAvatarChanged { avatar, .. } => {
                summary.conversation.avatar = *avatar;
                None
            }
            Change::MemberAdded { person, .. } => {
                if !summary.members.contains(person) {
                    summary.members.push(*person);
                }
                None
            }
            Change::MemberRemoved { person, .. } | Change::MemberLeft { person } => {
                summary.members.retain(|member| member != person);
                None
            }
            // The conversation list does not show these.
            Change::Reacted { .. }
            | Change::Pinned { .. }
            | Change::QuestionResolved { .. }
            | Change::Previewed { .. }
            | Change::Created { .. }
            | Change::Registered { .. }
            | Change::ProfileUpdated { .. } => None,
            // Only in the stream of a person.
            Change::ConversationAdded { .. }
            | Change::ConversationRemoved { .. }
            | Change::PrivacySet { .. }
            | Change::DraftSaved { .. }
            | Change::Saved { .. }
            | Change::ManualReadSet { .. }
            | Change::NotificationLevelChanged { .. }
            | Change::ConversationPinned { .. }
            | Change::ReadPositionChanged { .. } => None,
        };
        match unread_change {
            Some((author, change)) if author != self.me => self
                .unread_counts
                .entry(conversation)
                .or_default()
                .record(summary, entry.seq, change),
            _ => {}
        }
    }

    /// Applies the next event of the user's own stream.
    pub(in crate::client) fn apply_own(&mut self, entry: Entry) {
        self.own_cursor = entry.seq;
        match entry.change {
            Change::ConversationAdded { summary } => self.insert(*summary),
            Change::ConversationRemoved { conversation } => {
                self.by_id.remove(&conversation);
                self.unread_counts.remove(&conversation);
            }
            Change::PrivacySet { privacy } => self.privacy = privacy,
            Change::ManualReadSet { on } => self.manual_read = on,
            Change::NotificationLevelChanged { conversation, level, muted_until } => {
                self.by_id.entry(conversation).and_modify(|summary| {
                    (summary.level, summary.muted_until) = (level, muted_until)
                });
            }
            Change::ConversationPinned { conversation, on } => {
                self.by_id.entry(conversation).and_modify(|summary| summary.pinned = on);
            }
            Change::ReadPositionChanged { conversation, upto, unread, head } => {
                if let Some(summary) = self.by_id.get_mut(&conversation) {
                    let counts = self.unread_counts.entry(conversation).or_default();
                    counts.reset(summary, (upto, unread), head);
                }
            }
            Change::DraftSaved { conversation, body } => {
                let draft = (!body.is_empty()).then_some(Draft { body, seq: entry.seq });
                self.by_id.entry(conversation).and_modify(|summary| summary.draft = draft);
            }
            Change::Saved { conversation, message, on } => {
                self.saved_at = entry.seq;
                self.by_id
                    .entry(conversation)
                    .and_modify(|summary| set_present(&mut summary.saved, message, on));
            }
            // Only in the stream of a conversation.
            Change::Posted { .. }
            | Change::Edited { .. }
            | Change::Deleted { .. }
            | Change::Restored { .. }
            | Change::Reacted { .. }
            | Change::Pinned { .. }
            | Change::QuestionResolved { .. }
            | Change::Previewed { .. }
            | Change::Created { .. }
            | Change::Renamed { .. }
            | Change::GroupAvatarChanged { .. }
            | Change::MemberAdded { .. }
            | Change::MemberRemoved { .. }
            | Change::MemberLeft { .. }
            | Change::Registered { .. }
            | Change::ProfileUpdated { .. } => {}
        }
    }
}
