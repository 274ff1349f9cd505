//! Conversation summaries: what the list of conversations shows for one person.

use std::collections::HashMap;

use uuid::Uuid;

use super::unread;
use crate::{
    domain::{
        ChatError, Conversation, ConversationId, FileId, Kind, LastMessage, Millis,
        NotificationLevel, PersonId, Seq, Summary, Unread, draft::Draft, text,
    },
    server::store::{
        Result,
        engine::Connection,
        messages::{drafts, saved_messages},
    },
};

#[derive(sqlx::FromRow)]
struct SummaryRow {
    id: ConversationId,
    kind: Kind,
    name: Option<String>,
    creator: Option<PersonId>,
    created: Millis,
    #[sqlx(rename = "face")]
    avatar: Option<FileId>,
    head: Seq,
    read_upto: Seq,
    level: String,
    muted_until: Option<Millis>,
    pinned: bool,
    last_seq: Option<Seq>,
    last_at: Option<Millis>,
    last_author: Option<PersonId>,
    last_body: Option<String>,
}

macro_rules! summaries {
    ($rest:literal) => {
        // An excerpt is made of the first 400 characters (`text::EXCERPT_SOURCE_LENGTH`): a long
        // message is not read whole for a list.
        concat!(
            "select c.id, c.kind, c.name, c.creator, c.created, c.face, c.head, m.read_upto, \
             m.level, m.muted_until, m.pinned, \
             l.seq as last_seq, l.at as last_at, l.actor as last_author, substr(l.said, 1, 400) as \
             last_body \
             from memberships m join conversations c on c.id = m.conversation \
             left join changes l on l.stream = c.id and l.seq = c.last_posted where ",
            $rest
        )
    };
}

impl SummaryRow {
    /// Whether there is a message after the read position.
    fn has_news(&self) -> bool {
        self.last_seq.is_some_and(|last| last > self.read_upto)
    }

    fn into_summary(
        self,
        members: Vec<PersonId>,
        unread: Unread,
        draft: Option<Draft>,
        saved: Vec<Seq>,
    ) -> Summary {
        let last = match (self.last_seq, self.last_at, self.last_author) {
            (Some(seq), Some(at), Some(author)) => Some(LastMessage {
                seq,
                at,
                author,
                excerpt: text::excerpt(&self.last_body.unwrap_or_default()),
            }),
            _ => None,
        };
        let conversation = Conversation {
            id: self.id,
            kind: self.kind,
            name: self.name,
            creator: self.creator,
            created: self.created,
            avatar: self.avatar,
        };
        let (level, muted_until, pinned) = (
            NotificationLevel::parse(&self.level).unwrap_or_default(),
            self.muted_until,
            self.pinned,
        );
        Summary {
            conversation,
            members,
            head: self.head,
            last,
            read_upto: self.read_upto,
            unread,
            draft,
            saved,
            level,
            muted_until,
            pinned,
        }
    }
}

/// The summary of a conversation for this person.
pub(in crate::server::store) async fn summary(
    from: &mut Connection,
    person: PersonId,
    conversation: ConversationId,
) -> Result<Summary> {
    let row: Option<SummaryRow> =
        sqlx::query_as(summaries!("m.person = $1 and m.conversation = $2"))
            .bind(person)
            .bind(conversation)
            .fetch_optional(&mut *from)
            .await?;
    let row = row.ok_or_else(ChatError::not_found)?;
    let members = if row.kind == Kind::Everyone {
        Vec::new()
    } else {
        let rows: Vec<(PersonId,)> = sqlx::query_as(
            "select person from memberships where conversation = $1 order by joined, person",
        )
        .bind(conversation)
        .fetch_all(&mut *from)
        .await?;
        rows.into_iter().map(|(person,)| person).collect()
    };
    let draft = drafts::draft(from, person, conversation).await?;
    let saved = saved_messages::in_conversation(from, person, conversation).await?;
    let unread = if row.has_news() {
        unread::after(from, person, conversation, row.read_upto).await?
    } else {
        Unread::default()
    };
    Ok(row.into_summary(members, unread, draft, saved))
}

/// The members of this person's conversations but Everyone. One row for each conversation: a row
/// costs more than the ids in it.
async fn members(
    from: &mut Connection,
    person: PersonId,
) -> Result<HashMap<ConversationId, Vec<PersonId>>> {
    let rows: Vec<(ConversationId, String)> = sqlx::query_as(
        "select m.conversation, (select group_concat(hex(o.person), '' order by o.joined, o.person) \
         from memberships o where o.conversation = m.conversation) \
         from memberships m join conversations c on c.id = m.conversation \
         where m.person = $1 and c.kind <> 'everyone'",
    )
    .bind(person)
    .fetch_all(from)
    .await?;
    let ids = |hex: &str| {
        let digits = hex.as_bytes().chunks(32);
        digits.filter_map(|id| Uuid::try_parse_ascii(id).ok().map(PersonId)).collect()
    };
    Ok(rows.into_iter().map(|(conversation, hex)| (conversation, ids(&hex))).collect())
}

pub(super) async fn summaries(from: &mut Connection, person: PersonId) -> Result<Vec<Summary>> {
    let rows: Vec<SummaryRow> =
        sqlx::query_as(summaries!("m.person = $1")).bind(person).fetch_all(&mut *from).await?;
    let mut members = members(from, person).await?;
    let mut drafts = drafts::all(from, person).await?;
    let mut saved = saved_messages::all(from, person).await?;
    let mut unread = unread::all(from, person).await?;
    let summary = |row: SummaryRow| {
        let id = row.id;
        row.into_summary(
            members.remove(&id).unwrap_or_default(),
            unread.remove(&id).unwrap_or_default(),
            drafts.remove(&id),
            saved.remove(&id).unwrap_or_default(),
        )
    };
    Ok(rows.into_iter().map(summary).collect())
}
