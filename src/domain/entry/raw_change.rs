//! Deserialization of a change from the union of the fields of all kinds.

use serde::Deserialize;

use super::{Change, EventKind};
use crate::domain::{
    Attachment, ClientId, ConversationId, FileId, Millis, NotificationLevel, Person, PersonId, Seq,
    Summary, Unread,
    link_preview::LinkPreview,
    message::{Quote, State},
    person::Privacy,
};

/// A change with the fields of all kinds. The `Deserialize` derived for a tagged enum would add a
/// buffer and a second deserializer for each type to the Wasm.
#[derive(Deserialize)]
pub(super) struct RawChange {
    kind: String,
    author: Option<PersonId>,
    body: Option<String>,
    client_id: Option<ClientId>,
    #[serde(rename = "answers")]
    reply_to: Option<Quote>,
    #[serde(default)]
    files: Vec<Attachment>,
    #[serde(default)]
    state: State,
    message: Option<Seq>,
    emoji: Option<String>,
    on: Option<bool>,
    by: Option<PersonId>,
    name: Option<String>,
    #[serde(rename = "face")]
    avatar: Option<FileId>,
    person: Option<PersonId>,
    newcomer: Option<Person>,
    profile: Option<Person>,
    summary: Option<Box<Summary>>,
    conversation: Option<ConversationId>,
    privacy: Option<Privacy>,
    preview: Option<Box<LinkPreview>>,
    level: Option<NotificationLevel>,
    muted_until: Option<Millis>,
    upto: Option<Seq>,
    unread: Option<Unread>,
    head: Option<Seq>,
}

impl TryFrom<RawChange> for Change {
    type Error = &'static str;

    fn try_from(raw: RawChange) -> Result<Self, Self::Error> {
        let RawChange {
            kind,
            author,
            body,
            client_id,
            reply_to,
            files,
            state,
            message,
            emoji,
            on,
            by,
            name,
            person,
            newcomer,
            profile,
            ..
        } = raw;
        let RawChange {
            avatar,
            summary,
            conversation,
            privacy,
            preview,
            level,
            muted_until,
            upto,
            unread,
            head,
            ..
        } = raw;
        let kind = EventKind::parse(&kind).ok_or("a change of an unknown kind")?;
        let whole = match kind {
            EventKind::Posted => author.zip(body).map(|(author, body)| Self::Posted {
                author,
                body,
                client_id,
                reply_to,
                files,
                state,
            }),
            EventKind::Edited => {
                (|| Some(Self::Edited { by: by?, message: message?, body: body? }))()
            }
            EventKind::Deleted => {
                (|| Some(Self::Deleted { by: by?, author: author?, message: message? }))()
            }
            EventKind::Restored => (|| {
                Some(Self::Restored {
                    by: by?,
                    author: author?,
                    message: message?,
                    body: body?,
                    files,
                })
            })(),
            EventKind::Reacted => {
                (|| Some(Self::Reacted { by: by?, message: message?, emoji: emoji?, on: on? }))()
            }
            EventKind::Pinned => (|| Some(Self::Pinned { by: by?, message: message?, on: on? }))(),
            EventKind::QuestionResolved => {
                (|| Some(Self::QuestionResolved { by: by?, message: message?, on: on? }))()
            }
            EventKind::Previewed => message.map(|message| Self::Previewed { message, preview }),
            EventKind::Created => by.map(|by| Self::Created { by }),
            EventKind::Renamed => by.zip(name).map(|(by, name)| Self::Renamed { by, name }),
            EventKind::GroupAvatarChanged => by.map(|by| Self::GroupAvatarChanged { by, avatar }),
            EventKind::MemberAdded => {
                by.zip(person).map(|(by, person)| Self::MemberAdded { by, person })
            }
            EventKind::MemberRemoved => {
                by.zip(person).map(|(by, person)| Self::MemberRemoved { by, person })
            }
            EventKind::MemberLeft => person.map(|person| Self::MemberLeft { person }),
            EventKind::Registered => newcomer.map(|newcomer| Self::Registered { newcomer }),
            EventKind::ProfileUpdated => profile.map(|profile| Self::ProfileUpdated { profile }),
            EventKind::ConversationAdded => {
                summary.map(|summary| Self::ConversationAdded { summary })
            }
            EventKind::ConversationRemoved => {
                conversation.map(|conversation| Self::ConversationRemoved { conversation })
            }
            EventKind::PrivacySet => privacy.map(|privacy| Self::PrivacySet { privacy }),
            EventKind::DraftSaved => conversation
                .zip(body)
                .map(|(conversation, body)| Self::DraftSaved { conversation, body }),
            EventKind::Saved => {
                (|| Some(Self::Saved { conversation: conversation?, message: message?, on: on? }))()
            }
            EventKind::ManualReadSet => on.map(|on| Self::ManualReadSet { on }),
            EventKind::NotificationLevelChanged => {
                conversation.zip(level).map(|(conversation, level)| {
                    Self::NotificationLevelChanged { conversation, level, muted_until }
                })
            }
            EventKind::ConversationPinned => conversation
                .zip(on)
                .map(|(conversation, on)| Self::ConversationPinned { conversation, on }),
            EventKind::ReadPositionChanged => (|| {
                Some(Self::ReadPositionChanged {
                    conversation: conversation?,
                    upto: upto?,
                    unread: unread?,
                    head: head?,
                })
            })(),
        };
        whole.ok_or("a change that lacks a part")
    }
}
