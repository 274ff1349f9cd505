//! Rows of the journal: how an event is stored and read back. The mapping of every kind is here, in
//! both directions.
//!
//! A row stores what happened. The current text and state of a message are joined when it is read,
//! so a client that catches up late learns nothing that was deleted since.

use sqlx::FromRow;

use super::engine::{Connection, Row};
use crate::{
    domain::{
        Attachment, Change, ClientId, ConversationId, Entry, EventKind, FileId, Millis,
        NotificationLevel, Person, PersonId, Role, Seq,
        message::{Quote, State},
        person::{Privacy, Status},
        text,
    },
    protocol::{StreamId, codec},
    server::error::{AppError, Result},
};

#[derive(FromRow)]
pub(super) struct JournalRow {
    pub(super) seq: Seq,
    pub(super) at: Millis,
    kind: String,
    actor: Option<PersonId>,
    subject: Option<uuid::Uuid>,
    body: Option<String>,
    client_id: Option<ClientId>,
    upto: Option<Seq>,
    target: Option<Seq>,
    edited: Option<Millis>,
    deleted: Option<Millis>,
    deleted_by: Option<PersonId>,
    pinned: Option<Millis>,
    settled: Option<Millis>,
    /// JSON.
    files: Option<String>,
    username: Option<String>,
    display_name: Option<String>,
    status_emoji: Option<String>,
    status_text: Option<String>,
    face: Option<FileId>,
    role: Option<Role>,
    title: Option<String>,
    time_zone: Option<String>,
    deactivated: Option<Millis>,
    /// Of the message that the event is about: its author and its current text.
    target_author: Option<PersonId>,
    target_body: Option<String>,
    target_said: Option<String>,
    target_files: Option<String>,
}

/// A decoded row. Some events need the reader's current view to be complete.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are of the large kind; a box would be an allocation for each message"
)]
pub(super) enum Decoded {
    Entry(Entry),
    /// The person was added to a conversation; its summary is read now.
    Added(Seq, Millis, ConversationId),
    /// The person's read position moved; the unread messages are counted now.
    Moved(Seq, Millis, ConversationId),
    /// The person's draft changed; its text is read now.
    Drafted(Seq, Millis, ConversationId),
}

impl JournalRow {
    pub(super) fn decode(self) -> Result<Decoded> {
        let unreadable = |kind: &str| {
            AppError::Internal(
                format!("the journal holds a row of kind {kind} that cannot be read").into(),
            )
        };
        let kind = EventKind::parse(&self.kind).ok_or_else(|| unreadable(&self.kind))?;
        self.decode_as(kind).ok_or_else(|| unreadable(kind.name()))
    }

    /// `None` when a column is missing.
    fn decode_as(self, kind: EventKind) -> Option<Decoded> {
        let (seq, at) = (self.seq, self.at);
        let (by, subject, on) = (self.actor, self.subject.map(PersonId), self.upto == Some(ON));
        let conversation = self.subject.map(ConversationId);
        let change = match kind {
            EventKind::Posted => Change::Posted {
                author: by?,
                body: self.body?,
                client_id: self.client_id,
                reply_to: self.target.zip(self.target_author).map(|(message, author)| Quote {
                    message,
                    author,
                    excerpt: text::excerpt(&self.target_said.unwrap_or_default()),
                }),
                // A deleted message has no attachments.
                files: if self.deleted.is_some() {
                    Vec::new()
                } else {
                    parse_files(self.files.as_deref())?
                },
                state: State {
                    edited: self.edited,
                    deleted: self.deleted,
                    deleted_by: self.deleted_by,
                    pinned: self.pinned.is_some(),
                    resolved: self.settled.is_some(),
                    ..State::default()
                },
            },
            EventKind::Edited => {
                Change::Edited { by: by?, message: self.target?, body: self.target_body? }
            }
            EventKind::Deleted => {
                Change::Deleted { by: by?, author: self.target_author?, message: self.target? }
            }
            EventKind::Restored => {
                let deleted = self.target_body.as_deref() == Some("")
                    && self.target_said.as_deref() == Some("");
                let files =
                    if deleted { Vec::new() } else { parse_files(self.target_files.as_deref())? };
                Change::Restored {
                    by: by?,
                    author: self.target_author?,
                    message: self.target?,
                    body: self.target_body?,
                    files,
                }
            }
            EventKind::Reacted => {
                Change::Reacted { by: by?, message: self.target?, emoji: self.body?, on }
            }
            EventKind::Pinned => Change::Pinned { by: by?, message: self.target?, on },
            EventKind::QuestionResolved => {
                Change::QuestionResolved { by: by?, message: self.target?, on }
            }
            // The current preview is stored with the previews, if there still is one.
            EventKind::Previewed => Change::Previewed { message: self.target?, preview: None },
            EventKind::Created => Change::Created { by: by? },
            EventKind::Renamed => Change::Renamed { by: by?, name: self.body? },
            EventKind::GroupAvatarChanged => {
                Change::GroupAvatarChanged { by: by?, avatar: self.subject.map(FileId) }
            }
            EventKind::MemberAdded => Change::MemberAdded { by: by?, person: subject? },
            EventKind::MemberRemoved => Change::MemberRemoved { by: by?, person: subject? },
            EventKind::MemberLeft => Change::MemberLeft { person: subject? },
            // As they registered: later events carry the changes of their profile.
            EventKind::Registered => Change::Registered {
                newcomer: Person {
                    status: None,
                    avatar: None,
                    title: None,
                    time_zone: None,
                    ..person(subject?, self)?
                },
            },
            EventKind::ProfileUpdated => {
                Change::ProfileUpdated { profile: person(subject?, self)? }
            }
            EventKind::PrivacySet => Change::PrivacySet { privacy: privacy_from_bits(self.upto?) },
            EventKind::ManualReadSet => Change::ManualReadSet { on },
            EventKind::NotificationLevelChanged => Change::NotificationLevelChanged {
                conversation: conversation?,
                level: NotificationLevel::parse(&self.body?)?,
                muted_until: self.upto.and_then(|until| Millis::try_from(until.0).ok()),
            },
            EventKind::ConversationPinned => {
                Change::ConversationPinned { conversation: conversation?, on }
            }
            EventKind::Saved => {
                Change::Saved { conversation: conversation?, message: self.target?, on }
            }
            EventKind::ConversationRemoved => {
                Change::ConversationRemoved { conversation: conversation? }
            }
            EventKind::ConversationAdded => {
                return Some(Decoded::Added(seq, at, conversation?));
            }
            EventKind::ReadPositionChanged => {
                return Some(Decoded::Moved(seq, at, conversation?));
            }
            EventKind::DraftSaved => return Some(Decoded::Drafted(seq, at, conversation?)),
        };
        Some(Decoded::Entry(Entry { seq, at, change }))
    }
}

/// Parses the attachments of a message. `None` when they cannot be read.
pub(super) fn parse_files(json: Option<&str>) -> Option<Vec<Attachment>> {
    json.map_or(Some(Vec::new()), |json| codec::decode_json(json).ok())
}

/// A person's current profile.
fn person(id: PersonId, row: JournalRow) -> Option<Person> {
    let status = Status::of(row.status_emoji, row.status_text);
    Some(Person {
        id,
        username: row.username?,
        display_name: row.display_name?,
        status,
        avatar: row.face,
        role: row.role?,
        title: row.title,
        time_zone: row.time_zone,
        deactivated: row.deactivated.is_some(),
    })
}

/// The value of `upto` where an event switches something on.
const ON: Seq = Seq(1);

/// Privacy settings as bits: 1 for read receipts, 2 for typing indicators, 4 for a hidden presence.
fn privacy_bits(privacy: Privacy) -> Seq {
    Seq(u64::from(privacy.shows_reading)
        + 2 * u64::from(privacy.shows_typing)
        + 4 * u64::from(!privacy.shows_presence))
}

const fn privacy_from_bits(bits: Seq) -> Privacy {
    Privacy {
        shows_reading: bits.0 & 1 != 0,
        shows_typing: bits.0 & 2 != 0,
        shows_presence: bits.0 & 4 == 0,
    }
}

/// The columns of an event.
#[derive(Default)]
struct Columns<'c> {
    actor: Option<PersonId>,
    subject: Option<uuid::Uuid>,
    body: Option<&'c str>,
    client_id: Option<ClientId>,
    upto: Option<Seq>,
    target: Option<Seq>,
}

impl<'c> Columns<'c> {
    fn of(change: &'c Change) -> Self {
        let by = |by: &PersonId| Self { actor: Some(*by), ..Self::default() };
        let subject = |id: uuid::Uuid| Self { subject: Some(id), ..Self::default() };
        let about = |actor: &PersonId, message: &Seq| Self { target: Some(*message), ..by(actor) };
        let toggled = |actor: &PersonId, message: &Seq, on: bool| Self {
            upto: on.then_some(ON),
            ..about(actor, message)
        };
        match change {
            Change::Posted { author, body, client_id, reply_to, .. } => {
                let target = reply_to.as_ref().map(|quote| quote.message);
                Self { body: Some(body), client_id: *client_id, target, ..by(author) }
            }
            // The current text is stored with the message, and earlier ones with the versions.
            Change::Edited { by, message, .. } => about(by, message),
            Change::Deleted { by, message, .. } => about(by, message),
            Change::Restored { by, message, .. } => about(by, message),
            Change::Reacted { by, message, emoji, on } => {
                Self { body: Some(emoji), ..toggled(by, message, *on) }
            }
            Change::Pinned { by, message, on } => toggled(by, message, *on),
            Change::QuestionResolved { by, message, on } => toggled(by, message, *on),
            Change::Previewed { message, .. } => Self { target: Some(*message), ..Self::default() },
            Change::Created { by: creator } => by(creator),
            Change::Renamed { by: actor, name } => Self { body: Some(name), ..by(actor) },
            Change::GroupAvatarChanged { by: actor, avatar } => {
                Self { subject: avatar.map(|id| id.0), ..by(actor) }
            }
            Change::MemberAdded { by: actor, person } => {
                Self { subject: Some(person.0), ..by(actor) }
            }
            Change::MemberRemoved { by: actor, person } => {
                Self { subject: Some(person.0), ..by(actor) }
            }
            Change::MemberLeft { person } => subject(person.0),
            Change::Registered { newcomer: person } => subject(person.id.0),
            Change::ProfileUpdated { profile } => subject(profile.id.0),
            Change::ConversationAdded { summary } => subject(summary.conversation.id.0),
            Change::ConversationRemoved { conversation } => subject(conversation.0),
            Change::PrivacySet { privacy } => {
                Self { upto: Some(privacy_bits(*privacy)), ..Self::default() }
            }
            // The text is stored with the drafts, and nowhere else.
            Change::DraftSaved { conversation, .. } => subject(conversation.0),
            Change::Saved { conversation, message, on } => {
                Self { target: Some(*message), upto: on.then_some(ON), ..subject(conversation.0) }
            }
            Change::ManualReadSet { on } => Self { upto: on.then_some(ON), ..Self::default() },
            Change::NotificationLevelChanged { conversation, level, muted_until } => {
                let upto = muted_until.and_then(|until| u64::try_from(until).ok()).map(Seq);
                Self { body: Some(level.as_str()), upto, ..subject(conversation.0) }
            }
            Change::ConversationPinned { conversation, on } => {
                Self { upto: on.then_some(ON), ..subject(conversation.0) }
            }
            Change::ReadPositionChanged { conversation, upto, .. } => {
                Self { upto: Some(*upto), ..subject(conversation.0) }
            }
        }
    }
}

/// Inserts an event.
pub(super) async fn insert(to: &mut Connection, stream: StreamId, entry: &Entry) -> Result<()> {
    let Columns { actor, subject, body, client_id, upto, target } = Columns::of(&entry.change);
    sqlx::query(
        "insert into changes (stream, seq, at, kind, actor, subject, body, client_id, upto, \
         target) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(stream.uuid())
    .bind(entry.seq)
    .bind(entry.at)
    .bind(entry.change.kind().name())
    .bind(actor)
    .bind(subject)
    .bind(body)
    .bind(client_id)
    .bind(upto)
    .bind(target)
    .execute(to)
    .await?;
    Ok(())
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select c.seq, c.at, c.kind, c.actor, c.subject, c.body, c.client_id, c.upto, \
             c.target, c.edited, c.deleted, c.deleted_by, c.pinned, c.settled, c.files, \
             p.username, p.display_name, p.status_emoji, p.status_text, p.face, p.role, \
             p.title, p.time_zone, p.deactivated, t.actor as \
             target_author, t.body as target_body, t.said as target_said, t.files as target_files \
             from changes c left join people p on p.id = c.subject \
             left join changes t on t.stream = c.stream and t.seq = c.target where ",
            $rest
        )
    };
}
pub(super) use select;

pub(super) fn parse_rows(rows: &[Row]) -> Result<Vec<JournalRow>> {
    rows.iter().map(|row| JournalRow::from_row(row).map_err(AppError::from)).collect()
}

/// The events after a sequence number, of every kind, ascending, up to a limit.
pub(super) async fn rows_after(
    from: &mut Connection,
    stream: StreamId,
    seq: Seq,
    limit: u32,
) -> Result<Vec<JournalRow>> {
    let rows = sqlx::query(select!("c.stream = $1 and c.seq > $2 order by c.seq limit $3"));
    parse_rows(&rows.bind(stream.uuid()).bind(seq).bind(limit).fetch_all(from).await?)
}
