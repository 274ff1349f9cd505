//! The changes of a stream, and journal entries: a change with its position. Live events, replay
//! and history use the same values.

mod kind;
mod raw_change;

pub use kind::{EventKind, Presentation};
use serde::{Deserialize, Serialize};

use super::{
    Attachment, ClientId, ConversationId, FileId, LastMessage, Millis, NotificationLevel, Person,
    PersonId, Seq, Summary, Unread, file,
    link_preview::LinkPreview,
    message::{Quote, State},
    person::Privacy,
};

/// A change with its position in a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Position: dense within the stream.
    pub seq: Seq,
    /// Time of the commit.
    pub at: Millis,
    /// The change.
    pub change: Change,
}

impl Entry {
    /// The short form for the list of conversations, if the entry is a message.
    #[must_use]
    pub fn last_message(&self) -> Option<LastMessage> {
        let Change::Posted { author, body, files, .. } = &self.change else { return None };
        Some(LastMessage {
            seq: self.seq,
            at: self.at,
            author: *author,
            excerpt: file::excerpt(body, files),
        })
    }
}

/// A page of a conversation's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryPage {
    /// Its entries, ascending and without gaps.
    pub entries: Vec<Entry>,
    /// Whether there are entries before the first.
    pub more_before: bool,
    /// Whether there are entries after the last.
    pub more_after: bool,
    /// Head of the stream when the page was read.
    pub head: Seq,
}

impl HistoryPage {
    /// Default number of entries.
    pub const SIZE: u32 = 60;
    /// Maximum number of entries.
    pub const MAX_SIZE: u32 = 100;
}

/// A stored change. [`EventKind`] is the table of its kinds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "raw_change::RawChange")]
pub enum Change {
    /// In a conversation: a message was posted.
    Posted {
        /// Its author.
        author: PersonId,
        /// Its text.
        body: String,
        /// The id given by the client. The author's clients confirm their pending message with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
        /// The message that it replies to, in its current state.
        #[serde(default, skip_serializing_if = "Option::is_none", rename = "answers")]
        reply_to: Option<Quote>,
        /// Its attachments. With attachments the body may be empty.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<Attachment>,
        /// Its current state.
        #[serde(default, skip_serializing_if = "State::is_plain")]
        state: State,
    },
    /// In a conversation: a message was edited.
    Edited {
        /// Its author.
        by: PersonId,
        /// The message.
        message: Seq,
        /// The current text.
        body: String,
    },
    /// In a conversation: a message was deleted. Its text is no longer sent to anyone.
    Deleted {
        /// The person who did it.
        by: PersonId,
        /// Its author.
        author: PersonId,
        /// The message.
        message: Seq,
    },
    /// In a conversation: a deleted message was restored.
    Restored {
        /// The person who did it.
        by: PersonId,
        /// Its author.
        author: PersonId,
        /// The message.
        message: Seq,
        /// The current text.
        body: String,
        /// Its attachments.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<Attachment>,
    },
    /// In a conversation: a reaction was added or removed.
    Reacted {
        /// The person who did it.
        by: PersonId,
        /// The message.
        message: Seq,
        /// The emoji.
        emoji: String,
        /// Whether it was added.
        on: bool,
    },
    /// In a conversation: a message was pinned or unpinned.
    Pinned {
        /// The person who did it.
        by: PersonId,
        /// The message.
        message: Seq,
        /// Whether it is pinned.
        on: bool,
    },
    /// In a conversation: a question was marked as answered or as open.
    #[serde(rename = "settled")]
    QuestionResolved {
        /// The person who did it.
        by: PersonId,
        /// The message.
        message: Seq,
        /// Whether it is answered.
        on: bool,
    },
    /// In a conversation: a message got a link preview, or lost it.
    Previewed {
        /// The message.
        message: Seq,
        /// The current preview.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preview: Option<Box<LinkPreview>>,
    },
    /// In a group: it was created.
    Created {
        /// Its creator.
        by: PersonId,
    },
    /// In a group: it was renamed.
    Renamed {
        /// The person who did it.
        by: PersonId,
        /// The new name.
        name: String,
    },
    /// In a group: its avatar was changed or removed.
    #[serde(rename = "pictured")]
    GroupAvatarChanged {
        /// The person who did it.
        by: PersonId,
        /// The new avatar.
        #[serde(default, skip_serializing_if = "Option::is_none", rename = "face")]
        avatar: Option<FileId>,
    },
    /// In a group: a member was added.
    MemberAdded {
        /// The person who did it.
        by: PersonId,
        /// The new member.
        person: PersonId,
    },
    /// In a group: a member was removed.
    MemberRemoved {
        /// The person who did it.
        by: PersonId,
        /// The former member.
        person: PersonId,
    },
    /// In a group: a member left.
    MemberLeft {
        /// The former member.
        person: PersonId,
    },
    /// In Everyone: a person registered.
    Registered {
        /// The new person.
        newcomer: Person,
    },
    /// In Everyone: a person changed their profile.
    #[serde(rename = "person_changed")]
    ProfileUpdated {
        /// The current profile.
        profile: Person,
    },
    /// In the person's own stream: they joined a conversation.
    ConversationAdded {
        /// The current state of the conversation.
        summary: Box<Summary>,
    },
    /// In the person's own stream: they are no longer in a conversation.
    ConversationRemoved {
        /// The conversation.
        conversation: ConversationId,
    },
    /// In the person's own stream: their privacy settings changed.
    PrivacySet {
        /// The current settings.
        privacy: Privacy,
    },
    /// In the person's own stream: a draft was saved, or deleted because it was sent or discarded.
    #[serde(rename = "draft_kept")]
    DraftSaved {
        /// The conversation.
        conversation: ConversationId,
        /// The current text; empty if the draft was deleted.
        body: String,
    },
    /// In the person's own stream: a message was saved, or removed from the saved messages.
    Saved {
        /// The conversation.
        conversation: ConversationId,
        /// The message.
        message: Seq,
        /// Whether it is saved.
        on: bool,
    },
    /// In the person's own stream: messages are marked as read manually from now on, or when they
    /// are seen.
    #[serde(rename = "reading_set")]
    ManualReadSet {
        /// Whether they are marked manually.
        on: bool,
    },
    /// In the person's own stream: the notification level or mute of a conversation changed.
    #[serde(rename = "level_set")]
    NotificationLevelChanged {
        /// The conversation.
        conversation: ConversationId,
        /// The notification level.
        level: NotificationLevel,
        /// End of the mute, if it is muted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        muted_until: Option<Millis>,
    },
    /// In the person's own stream: a conversation was pinned to the top of the list or unpinned.
    ConversationPinned {
        /// The conversation.
        conversation: ConversationId,
        /// Whether it is pinned.
        on: bool,
    },
    /// In the person's own stream: the read position of a conversation moved, forward or back, on
    /// any device.
    #[serde(rename = "read_moved")]
    ReadPositionChanged {
        /// The conversation.
        conversation: ConversationId,
        /// The read position.
        upto: Seq,
        /// The unread messages after it.
        unread: Unread,
        /// The head of the conversation when they were counted.
        head: Seq,
    },
}

impl Change {
    /// Whether a change has a row of its own in the message list.
    #[must_use]
    pub const fn is_shown(&self) -> bool {
        matches!(self.kind().presentation(), Presentation::Row)
    }
}
