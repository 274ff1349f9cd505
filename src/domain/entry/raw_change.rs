//! Deserialization of a change from the union of the fields of all kinds.

use serde::Deserialize;

use super::Change;
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
        let whole = match kind.as_str() {
            "posted" => author.zip(body).map(|(author, body)| Self::Posted {
                author,
                body,
                client_id,
                reply_to,
                files,
                state,
            }),
            "edited" => (|| Some(Self::Edited { by: by?, message: message?, body: body? }))(),
            "deleted" => (|| Some(Self::Deleted { by: by?, author: author?, message: message? }))(),
            "restored" => (|| {
                Some(Self::Restored {
                    by: by?,
                    author: author?,
                    message: message?,
                    body: body?,
                    files,
                })
            })(),
            "reacted" => {
                (|| Some(Self::Reacted { by: by?, message: message?, emoji: emoji?, on: on? }))()
            }
            "pinned" => (|| Some(Self::Pinned { by: by?, message: message?, on: on? }))(),
            "settled" => {
                (|| Some(Self::QuestionResolved { by: by?, message: message?, on: on? }))()
            }
            "previewed" => message.map(|message| Self::Previewed { message, preview }),
            "created" => by.map(|by| Self::Created { by }),
            "renamed" => by.zip(name).map(|(by, name)| Self::Renamed { by, name }),
            "pictured" => by.map(|by| Self::GroupAvatarChanged { by, avatar }),
            "member_added" => by.zip(person).map(|(by, person)| Self::MemberAdded { by, person }),
            "member_removed" => {
                by.zip(person).map(|(by, person)| Self::MemberRemoved { by, person })
            }
            "member_left" => person.map(|person| Self::MemberLeft { person }),
            "registered" => newcomer.map(|newcomer| Self::Registered { newcomer }),
            "person_changed" => profile.map(|profile| Self::ProfileUpdated { profile }),
            "conversation_added" => summary.map(|summary| Self::ConversationAdded { summary }),
            "conversation_removed" => {
                conversation.map(|conversation| Self::ConversationRemoved { conversation })
            }
            "privacy_set" => privacy.map(|privacy| Self::PrivacySet { privacy }),
            "draft_kept" => conversation
                .zip(body)
                .map(|(conversation, body)| Self::DraftSaved { conversation, body }),
            "saved" => {
                (|| Some(Self::Saved { conversation: conversation?, message: message?, on: on? }))()
            }
            "reading_set" => on.map(|on| Self::ManualReadSet { on }),
            "level_set" => conversation.zip(level).map(|(conversation, level)| {
                Self::NotificationLevelChanged { conversation, level, muted_until }
            }),
            "conversation_pinned" => conversation
                .zip(on)
                .map(|(conversation, on)| Self::ConversationPinned { conversation, on }),
            "read_moved" => (|| {
                Some(Self::ReadPositionChanged {
                    conversation: conversation?,
                    upto: upto?,
                    unread: unread?,
                    head: head?,
                })
            })(),
            _ => return Err("a change of an unknown kind"),
        };
        whole.ok_or("a change that lacks a part")
    }
}
