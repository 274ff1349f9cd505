//! Snapshots and catching up: everything a client starts from, and the events after its cursors. All reads of one answer share a
//! transaction, so that its parts cannot disagree.

use uuid::Uuid;

use super::{
    membership, read_positions,
    summaries::{summaries, summary, unread},
};
use crate::{
    domain::{Change, ChatError, ConversationId, Entry, HistoryPage, Person, PersonId, Seq, Snapshot, Summary},
    protocol::{MOST_CAUGHT_UP, StreamId},
    server::{
        error::AppError,
        store::{
            Result, Store,
            accounts::{people::PersonRow, privacy},
            engine::Connection,
            journal_rows::{self, Decoded},
            messages::{
                drafts, hydrate,
                pagination::{self, PageQuery},
            },
        },
    },
};

/// How far a stream goes.
pub struct Head {
    /// Which.
    pub stream: StreamId,
    /// Its last number.
    pub head: Seq,
    /// Whether it is a conversation of two that did not reach this person so far, as far as it is known.
    pub is_undelivered: bool,
}

async fn head_of(from: &mut Connection, person: PersonId) -> Result<Seq> {
    let (head,) = sqlx::query_as("select head from people where id = $1").bind(person).fetch_one(from).await?;
    Ok(head)
}

impl Store {
    /// Everything this person's screen starts from, and with it a part of one conversation, if it is theirs: around a place, else
    /// around where reading had stopped, else the newest.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn snapshot(&self, me: Person, open: Option<(ConversationId, Option<Seq>)>, limit: u32) -> Result<(Snapshot, Option<HistoryPage>)> {
        let mut view = self.readers.begin().await?;
        let head = head_of(&mut view, me.id).await?;
        let privacy = privacy::privacy(&mut view, me.id).await?;
        let people: Vec<PersonRow> =
            sqlx::query_as("select id, username, display_name, status_emoji, status_text, face from people where deactivated is null")
                .fetch_all(&mut *view)
                .await?;
        let conversations = summaries(&mut view, me.id).await?;
        let reads_by_hand = read_positions::manual_read(&mut view, me.id).await?;
        let opened = open.and_then(|(id, at)| conversations.iter().find(|summary| summary.conversation.id == id).map(|summary| (summary, at)));
        let page = match opened {
            Some((summary, at)) => {
                let remove_membership = at.or_else(|| summary.begins_at()).map_or(PageQuery::Latest, PageQuery::Around);
                Some(pagination::page(&mut view, summary.conversation.id, summary.head, remove_membership, limit).await?)
            }
            None => None,
        };
        let mut people: Vec<Person> = people.into_iter().map(Into::into).collect();
        people.sort_by_cached_key(|person| (person.display_name.to_lowercase(), person.id));
        let (online, idle) = (Vec::new(), Vec::new());
        Ok((Snapshot { epoch: self.epoch.clone(), me, privacy, head, people, online, idle, conversations, reads_by_hand, file_limit: 0 }, page))
    }

    /// A conversation as this person's list shows it now.
    ///
    /// # Errors
    /// `not_found` for everybody who is not in it.
    pub async fn summary(&self, person: PersonId, conversation: ConversationId) -> Result<Summary> {
        summary(&mut *self.readers.begin().await?, person, conversation).await
    }

    /// How far each stream of this person goes.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn heads(&self, person: PersonId) -> Result<Vec<Head>> {
        // One statement, because hundreds may come back at once. One's own stream last: what it adds comes with marks of its own,
        // after the streams it would otherwise cut into.
        let rows: Vec<(Uuid, Seq, bool, bool)> = sqlx::query_as(
            "select c.id, c.head, false as own, c.kind = 'direct' and m.delivered_upto < c.head from memberships m \
             join conversations c on c.id = m.conversation where m.person = $1 \
             union all select id, head, true, false from people where id = $1 order by own",
        )
        .bind(person)
        .fetch_all(&self.readers)
        .await?;
        let stream = |id, own| if own { StreamId::Person(PersonId(id)) } else { StreamId::Conversation(ConversationId(id)) };
        Ok(rows.into_iter().map(|(id, head, own, is_undelivered)| Head { stream: stream(id, own), head, is_undelivered }).collect())
    }

    /// What happened after a mark in a stream of this person, ascending; no more than can be caught up one by one.
    ///
    /// # Errors
    /// `not_found` when the stream is not theirs.
    pub async fn entries_after(&self, person: PersonId, stream: StreamId, mark: Seq) -> Result<Vec<Entry>> {
        let mut view = self.readers.begin().await?;
        match stream {
            StreamId::Conversation(id) => drop(membership::check_member(&mut view, person, id).await?),
            StreamId::Person(id) if id == person => {}
            StreamId::Person(_) => return Err(ChatError::not_found().into()),
        }
        let rows = journal_rows::rows_after(&mut view, stream, mark, u32::try_from(MOST_CAUGHT_UP).unwrap_or(u32::MAX)).await?;
        let mut happened = Vec::with_capacity(rows.len());
        for row in rows {
            happened.push(match row.decode()? {
                Decoded::Entry(entry) => entry,
                Decoded::Added(seq, at, conversation) => Entry { seq, at, change: added(&mut view, person, conversation).await? },
                Decoded::Moved(seq, at, conversation) => Entry { seq, at, change: moved(&mut view, person, conversation).await? },
                Decoded::Drafted(seq, at, conversation) => {
                    let body = drafts::draft(&mut view, person, conversation).await?.unwrap_or_default().body;
                    Entry { seq, at, change: Change::DraftKept { conversation, body } }
                }
            });
        }
        if let StreamId::Conversation(conversation) = stream {
            hydrate::hydrate(&mut view, conversation, &mut happened).await?;
        }
        Ok(happened)
    }
}

/// One's own addition, told later: the conversation as it stands now, or its end if that came since.
async fn added(from: &mut Connection, person: PersonId, conversation: ConversationId) -> Result<Change> {
    match summary(from, person, conversation).await {
        Ok(summary) => Ok(Change::ConversationAdded { summary: Box::new(summary) }),
        Err(AppError::Client(_)) => Ok(Change::ConversationRemoved { conversation }),
        Err(broken) => Err(broken),
    }
}

/// How far one has read, told later: as it stands now.
async fn moved(from: &mut Connection, person: PersonId, conversation: ConversationId) -> Result<Change> {
    let now: Option<(Seq, Seq)> = sqlx::query_as(
        "select m.read_upto, c.head from memberships m join conversations c on c.id = m.conversation where m.person = $1 and m.conversation = $2",
    )
    .bind(person)
    .bind(conversation)
    .fetch_optional(&mut *from)
    .await?;
    // Who has left since is told so further on; until then it is as good as said.
    let Some((upto, head)) = now else { return Ok(Change::ConversationRemoved { conversation }) };
    Ok(Change::ReadMoved { conversation, upto, unread: unread(from, person, conversation, upto).await?, head })
}
