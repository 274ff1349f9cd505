//! Snapshots and catching up: everything a client starts from, and the events after its cursors.
//! All reads of one answer share a transaction, so that its parts cannot disagree.

use uuid::Uuid;

use super::{
    membership, read_positions,
    summaries::{summaries, summary},
    unread,
};
use crate::{
    domain::{
        Change, ChatError, ConversationId, Entry, HistoryPage, Person, PersonId, Seq, Snapshot,
        Summary,
    },
    protocol::{MAX_REPLAYED, StreamId},
    server::{
        error::AppError,
        store::{
            Result, Store,
            accounts::{people::PersonRow, privacy, workspace},
            engine::Connection,
            journal_rows::{self, Decoded},
            messages::{
                drafts, message_state,
                pagination::{self, PageQuery},
            },
        },
    },
};

/// The head of a stream.
pub struct Head {
    /// The stream.
    pub stream: StreamId,
    /// Its last sequence number.
    pub head: Seq,
    /// Whether it is a direct conversation with messages that were not delivered to this person
    /// yet.
    pub is_undelivered: bool,
}

async fn head_of(from: &mut Connection, person: PersonId) -> Result<Seq> {
    let (head,) = sqlx::query_as("select head from people where id = $1")
        .bind(person)
        .fetch_one(from)
        .await?;
    Ok(head)
}

impl Store {
    /// Everything a client starts from, with a page of one conversation, if it is theirs: around a
    /// position, else around the first unread message, else the newest.
    ///
    /// # Errors
    /// A database error.
    pub async fn snapshot(
        &self,
        me: Person,
        open: Option<(ConversationId, Option<Seq>)>,
        limit: u32,
    ) -> Result<(Snapshot, Option<HistoryPage>)> {
        let mut view = self.readers.begin().await?;
        let head = head_of(&mut view, me.id).await?;
        let privacy = privacy::privacy(&mut view, me.id).await?;
        // The deactivated too: what they wrote still shows their names.
        let people: Vec<PersonRow> =
            sqlx::query_as("select * from profiles").fetch_all(&mut *view).await?;
        let conversations = summaries(&mut view, me.id).await?;
        let manual_read = read_positions::manual_read(&mut view, me.id).await?;
        let opened = open.and_then(|(id, at)| {
            conversations
                .iter()
                .find(|summary| summary.conversation.id == id)
                .map(|summary| (summary, at))
        });
        let page = match opened {
            Some((summary, at)) => {
                let query = at
                    .or_else(|| summary.first_unread_page())
                    .map_or(PageQuery::Latest, PageQuery::Around);
                Some(
                    pagination::page(
                        &mut view,
                        summary.conversation.id,
                        summary.head,
                        query,
                        limit,
                    )
                    .await?,
                )
            }
            None => None,
        };
        let mut people: Vec<Person> = people.into_iter().map(Into::into).collect();
        people.sort_by_cached_key(|person| (person.display_name.to_lowercase(), person.id));
        let (online, idle) = (Vec::new(), Vec::new());
        Ok((
            Snapshot {
                epoch: self.epoch.clone(),
                me,
                privacy,
                workspace: workspace::read(&mut view).await?.into(),
                head,
                people,
                online,
                idle,
                conversations,
                manual_read,
                file_limit: 0,
            },
            page,
        ))
    }

    /// The summary of a conversation for this person.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member.
    pub async fn summary(&self, person: PersonId, conversation: ConversationId) -> Result<Summary> {
        summary(&mut *self.readers.begin().await?, person, conversation).await
    }

    /// The heads of this person's streams.
    ///
    /// # Errors
    /// A database error.
    pub async fn heads(&self, person: PersonId) -> Result<Vec<Head>> {
        // One statement, because hundreds may reconnect at once. The person's own stream comes
        // last: conversations that it adds come with cursors of their own.
        let rows: Vec<(Uuid, Seq, bool, bool)> = sqlx::query_as(
            "select c.id, c.head, false as own, c.kind = 'direct' \
             and m.delivered_upto < c.head from memberships m \
             join conversations c on c.id = m.conversation where m.person = $1 \
             union all select id, head, true, false from people where id = $1 order by own",
        )
        .bind(person)
        .fetch_all(&self.readers)
        .await?;
        let stream = |id, own| {
            if own {
                StreamId::Person(PersonId(id))
            } else {
                StreamId::Conversation(ConversationId(id))
            }
        };
        Ok(rows
            .into_iter()
            .map(|(id, head, own, is_undelivered)| Head {
                stream: stream(id, own),
                head,
                is_undelivered,
            })
            .collect())
    }

    /// The events after a cursor in a stream of this person, ascending, up to the limit of catching
    /// up.
    ///
    /// # Errors
    /// `not_found` when the stream is not theirs.
    pub async fn entries_after(
        &self,
        person: PersonId,
        stream: StreamId,
        cursor: Seq,
    ) -> Result<Vec<Entry>> {
        let mut view = self.readers.begin().await?;
        match stream {
            StreamId::Conversation(id) => {
                membership::check_member(&mut view, person, id).await?;
            }
            StreamId::Person(id) if id == person => {}
            StreamId::Person(_) => return Err(ChatError::not_found().into()),
        }
        let rows = journal_rows::rows_after(
            &mut view,
            stream,
            cursor,
            u32::try_from(MAX_REPLAYED).unwrap_or(u32::MAX),
        )
        .await?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            entries.push(match row.decode()? {
                Decoded::Entry(entry) => entry,
                Decoded::Added(seq, at, conversation) => {
                    Entry { seq, at, change: added(&mut view, person, conversation).await? }
                }
                Decoded::Moved(seq, at, conversation) => {
                    Entry { seq, at, change: moved(&mut view, person, conversation).await? }
                }
                Decoded::Drafted(seq, at, conversation) => {
                    let body = drafts::draft(&mut view, person, conversation)
                        .await?
                        .unwrap_or_default()
                        .body;
                    Entry { seq, at, change: Change::DraftSaved { conversation, body } }
                }
            });
        }
        if let StreamId::Conversation(conversation) = stream {
            message_state::attach_state(&mut view, conversation, &mut entries).await?;
        }
        Ok(entries)
    }
}

/// The person's addition to a conversation, read later: the current summary, or the removal if they
/// have left since.
async fn added(
    from: &mut Connection,
    person: PersonId,
    conversation: ConversationId,
) -> Result<Change> {
    match summary(from, person, conversation).await {
        Ok(summary) => Ok(Change::ConversationAdded { summary: Box::new(summary) }),
        Err(AppError::Client(_)) => Ok(Change::ConversationRemoved { conversation }),
        Err(broken) => Err(broken),
    }
}

/// A moved read position, read later: the current one.
async fn moved(
    from: &mut Connection,
    person: PersonId,
    conversation: ConversationId,
) -> Result<Change> {
    let now: Option<(Seq, Seq)> = sqlx::query_as(
        "select m.read_upto, c.head from memberships m \
         join conversations c on c.id = m.conversation where m.person = $1 and m.conversation = $2",
    )
    .bind(person)
    .bind(conversation)
    .fetch_optional(&mut *from)
    .await?;
    // A later event tells of the removal; until then this is equivalent.
    let Some((upto, head)) = now else { return Ok(Change::ConversationRemoved { conversation }) };
    Ok(Change::ReadPositionChanged {
        conversation,
        upto,
        unread: unread::after(from, person, conversation, upto).await?,
        head,
    })
}
