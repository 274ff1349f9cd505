//! What happens in a stream: the changes, and a change in its place. Live, caught up and read from history, they are the same values.

mod parts;

use serde::{Deserialize, Serialize};

use super::{
    Attachment, ClientId, ConversationId, FileId, Level, Millis, Person, PersonId, Seq, Summary, Unread,
    message::{Quote, State},
    person::Privacy,
    preview::Preview,
};

/// One change in its place in a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place: dense within the stream.
    pub seq: Seq,
    /// When it was committed.
    pub at: Millis,
    /// What happened.
    pub change: Change,
}

/// What can happen and is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "parts::Parts")]
pub enum Change {
    /// In a conversation: somebody wrote a message.
    Posted {
        /// Who wrote it.
        author: PersonId,
        /// Its text.
        body: String,
        /// The id its author gave it: by this the author's own browsers settle what they show as waiting.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
        /// The message that it answers, as that stands now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answers: Option<Quote>,
        /// The files that it carries; its text may be empty then.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<Attachment>,
        /// What became of it until now.
        #[serde(default, skip_serializing_if = "State::is_plain")]
        state: State,
    },
    /// In a conversation: somebody changed a message's text.
    Edited {
        /// Its author.
        by: PersonId,
        /// Which message.
        message: Seq,
        /// The text, as it stands now.
        body: String,
    },
    /// In a conversation: somebody deleted a message. Nothing of its text is told any more.
    Deleted {
        /// Who did it.
        by: PersonId,
        /// Who wrote it.
        author: PersonId,
        /// Which message.
        message: Seq,
    },
    /// In a conversation: somebody brought back a message that was deleted.
    Restored {
        /// Who did it.
        by: PersonId,
        /// Who wrote it.
        author: PersonId,
        /// Which message.
        message: Seq,
        /// The text, as it stands now.
        body: String,
        /// The files that it carries.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<Attachment>,
    },
    /// In a conversation: somebody reacted to a message, or took it back.
    Reacted {
        /// Who did it.
        by: PersonId,
        /// Which message.
        message: Seq,
        /// With what.
        emoji: String,
        /// Whether it is there now.
        on: bool,
    },
    /// In a conversation: somebody pinned a message, or took the pin away.
    Pinned {
        /// Who did it.
        by: PersonId,
        /// Which message.
        message: Seq,
        /// Whether it is pinned now.
        on: bool,
    },
    /// In a conversation: somebody said that a question is answered, or that it is open again.
    Settled {
        /// Who did it.
        by: PersonId,
        /// Which message.
        message: Seq,
        /// Whether it is answered now.
        on: bool,
    },
    /// In a conversation: the server looked at what a message links to, or that is shown no more.
    Previewed {
        /// Which message.
        message: Seq,
        /// What it leads to, as it stands now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preview: Option<Box<Preview>>,
    },
    /// In a group: it was created.
    Created {
        /// Its creator.
        by: PersonId,
    },
    /// In a group: it got another name.
    Renamed {
        /// Who did it.
        by: PersonId,
        /// The new name.
        name: String,
    },
    /// In a group: it got another picture of its own, or has none any more.
    Pictured {
        /// Who did it.
        by: PersonId,
        /// The new one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        face: Option<FileId>,
    },
    /// In a group: somebody was added.
    MemberAdded {
        /// Who did it.
        by: PersonId,
        /// The new member.
        person: PersonId,
    },
    /// In a group: somebody was removed.
    MemberRemoved {
        /// Who did it.
        by: PersonId,
        /// The former member.
        person: PersonId,
    },
    /// In a group: somebody left.
    MemberLeft {
        /// The former member.
        person: PersonId,
    },
    /// In Everyone: somebody registered.
    Registered {
        /// The new person.
        newcomer: Person,
    },
    /// In Everyone: somebody says something else of themselves.
    PersonChanged {
        /// Who they are now.
        profile: Person,
    },
    /// In one's own stream: one is now in this conversation.
    ConversationAdded {
        /// The conversation as it stands.
        summary: Box<Summary>,
    },
    /// In one's own stream: one is no longer in this conversation.
    ConversationRemoved {
        /// Which one.
        conversation: ConversationId,
    },
    /// In one's own stream: one lets others know something else now.
    PrivacySet {
        /// What they may know.
        privacy: Privacy,
    },
    /// In one's own stream: one has begun a message, or gone on with it, or sent or given it up.
    DraftKept {
        /// Where.
        conversation: ConversationId,
        /// The text, as it stands now; empty where there is none any more.
        body: String,
    },
    /// In one's own stream: one has saved a message for oneself, or let go of it.
    Saved {
        /// Where.
        conversation: ConversationId,
        /// Which message.
        message: Seq,
        /// Whether it is saved now.
        on: bool,
    },
    /// In one's own stream: from here on what one has seen is read only when one says so, or by itself again.
    ReadingSet {
        /// Whether one says so oneself.
        on: bool,
    },
    /// In one's own stream: something else of a conversation rings for one now.
    LevelSet {
        /// Which conversation.
        conversation: ConversationId,
        /// What of it.
        level: Level,
        /// Until this moment nothing of it does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        muted_until: Option<Millis>,
    },
    /// In one's own stream: one keeps a conversation at the top of the list, or not any more.
    ConversationPinned {
        /// Which one.
        conversation: ConversationId,
        /// Whether it is pinned now.
        on: bool,
    },
    /// In one's own stream: one has read further, on this device or another, or has made something unread again.
    ReadMoved {
        /// Where.
        conversation: ConversationId,
        /// Everything up to here is read.
        upto: Seq,
        /// What is unread after that.
        unread: Unread,
        /// Up to where the conversation was looked at for that.
        head: Seq,
    },
}

impl Change {
    /// The kinds, as they are written down.
    pub const KINDS: [&str; 25] = [
        "posted",
        "edited",
        "deleted",
        "restored",
        "reacted",
        "pinned",
        "settled",
        "previewed",
        "created",
        "renamed",
        "pictured",
        "member_added",
        "member_removed",
        "member_left",
        "registered",
        "person_changed",
        "conversation_added",
        "conversation_removed",
        "privacy_set",
        "draft_kept",
        "saved",
        "reading_set",
        "level_set",
        "conversation_pinned",
        "read_moved",
    ];

    /// Whether a change is shown by itself in a conversation.
    #[must_use]
    pub const fn is_shown(&self) -> bool {
        self.alters().is_none() && !matches!(self, Self::PersonChanged { .. })
    }

    /// The message that a change alters; nothing of it is shown by itself.
    #[must_use]
    pub const fn alters(&self) -> Option<Seq> {
        match self {
            Self::Edited { message, .. }
            | Self::Deleted { message, .. }
            | Self::Restored { message, .. }
            | Self::Reacted { message, .. }
            | Self::Pinned { message, .. }
            | Self::Settled { message, .. }
            | Self::Previewed { message, .. } => Some(*message),
            _ => None,
        }
    }
}
