//! What happens in a stream: the changes, and a change in its place. Live, caught up and read from history, they are the same values.

use serde::{Deserialize, Serialize};

use super::{ClientId, ConversationId, Millis, Person, PersonId, Seq, Summary};

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
#[serde(tag = "kind", rename_all = "snake_case")]
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
        person: Person,
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
    /// In one's own stream: one has read further, on this device or another.
    ReadMoved {
        /// Where.
        conversation: ConversationId,
        /// Everything up to here is read.
        upto: Seq,
    },
}
