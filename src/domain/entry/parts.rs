//! How a change is read: from its kind, and whatever any kind has.

use serde::Deserialize;

use super::Change;
use crate::domain::{
    Attachment, ClientId, ConversationId, FileId, Level, Millis, Person, PersonId, Seq, Summary, Unread,
    message::{Quote, State},
    person::Privacy,
    preview::Preview,
};

/// A change as it is written down: its kind, and whatever any kind has. Read so, all kinds share one reader; the one derived
/// for a tagged enum would cost every browser a buffer and a second reader for each type in it.
#[derive(Deserialize)]
pub(super) struct Parts {
    kind: String,
    author: Option<PersonId>,
    body: Option<String>,
    client_id: Option<ClientId>,
    answers: Option<Quote>,
    #[serde(default)]
    files: Vec<Attachment>,
    #[serde(default)]
    state: State,
    message: Option<Seq>,
    emoji: Option<String>,
    on: Option<bool>,
    by: Option<PersonId>,
    name: Option<String>,
    face: Option<FileId>,
    person: Option<PersonId>,
    newcomer: Option<Person>,
    profile: Option<Person>,
    summary: Option<Box<Summary>>,
    conversation: Option<ConversationId>,
    privacy: Option<Privacy>,
    preview: Option<Box<Preview>>,
    level: Option<Level>,
    muted_until: Option<Millis>,
    upto: Option<Seq>,
    unread: Option<Unread>,
    head: Option<Seq>,
}

impl TryFrom<Parts> for Change {
    type Error = &'static str;

    fn try_from(parts: Parts) -> Result<Self, Self::Error> {
        let Parts { kind, author, body, client_id, answers, files, state, message, emoji, on, by, name, person, newcomer, profile, .. } = parts;
        let Parts { face, summary, conversation, privacy, preview, level, muted_until, upto, unread, head, .. } = parts;
        let whole = match kind.as_str() {
            "posted" => author.zip(body).map(|(author, body)| Self::Posted { author, body, client_id, answers, files, state }),
            "edited" => (|| Some(Self::Edited { by: by?, message: message?, body: body? }))(),
            "deleted" => (|| Some(Self::Deleted { by: by?, author: author?, message: message? }))(),
            "restored" => (|| Some(Self::Restored { by: by?, author: author?, message: message?, body: body?, files }))(),
            "reacted" => (|| Some(Self::Reacted { by: by?, message: message?, emoji: emoji?, on: on? }))(),
            "pinned" => (|| Some(Self::Pinned { by: by?, message: message?, on: on? }))(),
            "settled" => (|| Some(Self::Settled { by: by?, message: message?, on: on? }))(),
            "previewed" => message.map(|message| Self::Previewed { message, preview }),
            "created" => by.map(|by| Self::Created { by }),
            "renamed" => by.zip(name).map(|(by, name)| Self::Renamed { by, name }),
            "pictured" => by.map(|by| Self::Pictured { by, face }),
            "member_added" => by.zip(person).map(|(by, person)| Self::MemberAdded { by, person }),
            "member_removed" => by.zip(person).map(|(by, person)| Self::MemberRemoved { by, person }),
            "member_left" => person.map(|person| Self::MemberLeft { person }),
            "registered" => newcomer.map(|newcomer| Self::Registered { newcomer }),
            "person_changed" => profile.map(|profile| Self::PersonChanged { profile }),
            "conversation_added" => summary.map(|summary| Self::ConversationAdded { summary }),
            "conversation_removed" => conversation.map(|conversation| Self::ConversationRemoved { conversation }),
            "privacy_set" => privacy.map(|privacy| Self::PrivacySet { privacy }),
            "draft_kept" => conversation.zip(body).map(|(conversation, body)| Self::DraftKept { conversation, body }),
            "saved" => (|| Some(Self::Saved { conversation: conversation?, message: message?, on: on? }))(),
            "reading_set" => on.map(|on| Self::ReadingSet { on }),
            "level_set" => conversation.zip(level).map(|(conversation, level)| Self::LevelSet { conversation, level, muted_until }),
            "conversation_pinned" => conversation.zip(on).map(|(conversation, on)| Self::ConversationPinned { conversation, on }),
            "read_moved" => (|| Some(Self::ReadMoved { conversation: conversation?, upto: upto?, unread: unread?, head: head? }))(),
            _ => return Err("a change of an unknown kind"),
        };
        whole.ok_or("a change that lacks a part")
    }
}
