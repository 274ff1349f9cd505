//! The journal's rows: how a change is written down and read back. The mapping of every kind stands here, both ways.

use sqlx::FromRow;

use super::{
    Outcome, Store,
    engine::{Connection, Row},
};
use crate::{
    domain::{Change, ChatError, ClientId, ConversationId, Entry, HistoryPage, Millis, Person, PersonId, Seq},
    protocol::StreamId,
    server::error::Failure,
};

#[derive(FromRow)]
pub(super) struct EntryRow {
    pub(super) seq: Seq,
    pub(super) at: Millis,
    kind: String,
    actor: Option<PersonId>,
    subject: Option<uuid::Uuid>,
    body: Option<String>,
    client_id: Option<ClientId>,
    upto: Option<Seq>,
    username: Option<String>,
    display_name: Option<String>,
}

/// A row as a change, but for what only the reader's present view can tell.
pub(super) enum Read {
    Entry(Entry),
    /// This person was added to a conversation; what it looks like is asked for now.
    Added(Seq, Millis, ConversationId),
}

impl EntryRow {
    pub(super) fn read(self) -> Outcome<Read> {
        let (seq, at) = (self.seq, self.at);
        let kind = self.kind.clone();
        let change = self.change().ok_or_else(|| Failure::Broken(format!("the journal holds a row of kind {kind} that cannot be read").into()))?;
        Ok(match change {
            Some(change) => Read::Entry(Entry { seq, at, change }),
            None => Read::Added(seq, at, ConversationId(self.subject.unwrap_or_default())),
        })
    }

    /// `None`: unreadable; `Some(None)`: one's own addition to a conversation.
    #[expect(clippy::option_option, reason = "the two are told apart one line above")]
    fn change(&self) -> Option<Option<Change>> {
        let subject = self.subject.map(PersonId);
        Some(Some(match self.kind.as_str() {
            "posted" => Change::Posted { author: self.actor?, body: self.body.clone()?, client_id: self.client_id },
            "created" => Change::Created { by: self.actor? },
            "renamed" => Change::Renamed { by: self.actor?, name: self.body.clone()? },
            "member_added" => Change::MemberAdded { by: self.actor?, person: subject? },
            "member_removed" => Change::MemberRemoved { by: self.actor?, person: subject? },
            "member_left" => Change::MemberLeft { person: subject? },
            "registered" => {
                Change::Registered { newcomer: Person { id: subject?, username: self.username.clone()?, display_name: self.display_name.clone()? } }
            }
            "conversation_added" => return Some(None),
            "conversation_removed" => Change::ConversationRemoved { conversation: ConversationId(self.subject?) },
            "read_moved" => Change::ReadMoved { conversation: ConversationId(self.subject?), upto: self.upto? },
            _ => return None,
        }))
    }
}

/// Writes a change down in its place.
pub(super) async fn insert(to: &mut Connection, stream: StreamId, entry: &Entry) -> Outcome<()> {
    let (kind, (actor, subject, body, client_id, upto)) = match &entry.change {
        Change::Posted { author, body, client_id } => ("posted", (Some(*author), None, Some(body.as_str()), *client_id, None)),
        Change::Created { by } => ("created", (Some(*by), None, None, None, None)),
        Change::Renamed { by, name } => ("renamed", (Some(*by), None, Some(name.as_str()), None, None)),
        Change::MemberAdded { by, person } => ("member_added", (Some(*by), Some(person.0), None, None, None)),
        Change::MemberRemoved { by, person } => ("member_removed", (Some(*by), Some(person.0), None, None, None)),
        Change::MemberLeft { person } => ("member_left", (None, Some(person.0), None, None, None)),
        Change::Registered { newcomer: person } => ("registered", (None, Some(person.id.0), None, None, None)),
        Change::ConversationAdded { summary } => ("conversation_added", (None, Some(summary.conversation.id.0), None, None, None)),
        Change::ConversationRemoved { conversation } => ("conversation_removed", (None, Some(conversation.0), None, None, None)),
        Change::ReadMoved { conversation, upto } => ("read_moved", (None, Some(conversation.0), None, None, Some(*upto))),
    };
    sqlx::query("insert into changes (stream, seq, at, kind, actor, subject, body, client_id, upto) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(stream.uuid())
        .bind(entry.seq)
        .bind(entry.at)
        .bind(kind)
        .bind(actor)
        .bind(subject)
        .bind(body)
        .bind(client_id)
        .bind(upto)
        .execute(to)
        .await?;
    Ok(())
}

/// Which part of a history is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// The newest entries.
    Latest,
    /// The entries right before a place.
    Before(Seq),
    /// The entries right after a place.
    After(Seq),
    /// The entries on both sides of a place, and that place.
    Around(Seq),
}

impl Part {
    /// From what was asked: no place is the newest part, more than one is none.
    ///
    /// # Errors
    /// `invalid`, when more than one place is given.
    pub fn of(before: Option<Seq>, after: Option<Seq>, around: Option<Seq>) -> Result<Self, ChatError> {
        match (before, after, around) {
            (None, None, None) => Ok(Self::Latest),
            (Some(seq), None, None) => Ok(Self::Before(seq)),
            (None, Some(seq), None) => Ok(Self::After(seq)),
            (None, None, Some(seq)) => Ok(Self::Around(seq)),
            _ => Err(ChatError::invalid("before", "Give one of before, after and around.")),
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select c.seq, c.at, c.kind, c.actor, c.subject, c.body, c.client_id, c.upto, p.username, p.display_name \
             from changes c left join people p on c.kind = 'registered' and p.id = c.subject where ",
            $rest
        )
    };
}

/// The entries after a place, ascending, at most so many.
pub(super) async fn after(from: &mut Connection, stream: StreamId, seq: Seq, limit: u32) -> Outcome<Vec<EntryRow>> {
    let rows = sqlx::query(select!("c.stream = $1 and c.seq > $2 order by c.seq limit $3"));
    rows_of(rows.bind(stream.uuid()).bind(seq).bind(limit).fetch_all(from).await?)
}

async fn before(from: &mut Connection, stream: StreamId, seq: Seq, limit: u32) -> Outcome<Vec<EntryRow>> {
    let rows = sqlx::query(select!("c.stream = $1 and c.seq < $2 order by c.seq desc limit $3"));
    let mut rows = rows_of(rows.bind(stream.uuid()).bind(seq).bind(limit).fetch_all(from).await?)?;
    rows.reverse();
    Ok(rows)
}

fn rows_of(rows: Vec<Row>) -> Outcome<Vec<EntryRow>> {
    rows.iter().map(|row| EntryRow::from_row(row).map_err(Failure::from)).collect()
}

/// A page of a conversation's history, whose head is known.
pub(super) async fn page(from: &mut Connection, conversation: ConversationId, head: Seq, part: Part, limit: u32) -> Outcome<HistoryPage> {
    let stream = StreamId::Conversation(conversation);
    let rows = match part {
        Part::Latest => before(from, stream, Seq(u64::MAX), limit).await?,
        Part::Before(seq) => before(from, stream, seq, limit).await?,
        Part::After(seq) => after(from, stream, seq, limit).await?,
        Part::Around(seq) => {
            let mut rows = before(from, stream, seq, limit / 2).await?;
            rows.extend(after(from, stream, Seq(seq.0.saturating_sub(1)), limit - limit / 2).await?);
            rows
        }
    };
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        if let Read::Entry(entry) = row.read()? {
            entries.push(entry);
        }
    }
    Ok(HistoryPage {
        more_before: entries.first().is_some_and(|first| first.seq > Seq(1)),
        more_after: entries.last().map_or(matches!(part, Part::Before(_)) && head > Seq::START, |last| last.seq < head),
        entries,
        head,
    })
}

impl Store {
    /// A page of a conversation's history, for one of its members.
    ///
    /// # Errors
    /// `not_found` for all who are not in it.
    pub async fn history(&self, person: PersonId, conversation: ConversationId, part: Part, limit: u32) -> Outcome<HistoryPage> {
        let mut view = self.readers.begin().await?;
        let head = super::members::head_for(&mut view, person, conversation).await?;
        page(&mut view, conversation, head, part, limit).await
    }
}
