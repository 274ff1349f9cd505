//! What a person sees at one moment, read in one transaction: so the marks and what they stand for cannot disagree.

use std::collections::HashMap;

use uuid::Uuid;

use super::receipts;
use crate::{
    domain::{
        Change, ChatError, Conversation, ConversationId, Entry, FileId, HistoryPage, Kind, LastMessage, Level, Millis, Person, PersonId, Seq,
        Snapshot, Summary, Unread, text,
    },
    protocol::{MOST_CAUGHT_UP, StreamId},
    server::{
        error::Failure,
        store::{
            Outcome, Store,
            engine::Connection,
            journal_rows::{self, Read},
            messages::{
                drafts::{self, Kept},
                mentions,
                pagination::{self, Part},
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
    pub is_news: bool,
}

#[derive(sqlx::FromRow)]
struct SummaryRow {
    id: ConversationId,
    kind: Kind,
    name: Option<String>,
    creator: Option<PersonId>,
    created: Millis,
    face: Option<FileId>,
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
        // An excerpt is made of the first 400 characters (`text::EXCERPT_MADE_OF`): a long message is not read whole for a list.
        concat!(
            "select c.id, c.kind, c.name, c.creator, c.created, c.face, c.head, m.read_upto, m.level, m.muted_until, m.pinned, \
             l.seq as last_seq, l.at as last_at, l.actor as last_author, substr(l.said, 1, 400) as last_body \
             from memberships m join conversations c on c.id = m.conversation \
             left join changes l on l.stream = c.id and l.seq = c.last_posted where ",
            $rest
        )
    };
}

impl SummaryRow {
    async fn complete(self, from: &mut Connection, person: PersonId, members: Vec<PersonId>, kept: Kept) -> Outcome<Summary> {
        let last = match (self.last_seq, self.last_at, self.last_author) {
            (Some(seq), Some(at), Some(author)) => Some(LastMessage { seq, at, author, excerpt: text::excerpt(&self.last_body.unwrap_or_default()) }),
            _ => None,
        };
        let unread = match &last {
            Some(last) if last.seq > self.read_upto => unread(from, person, self.id, self.read_upto).await?,
            _ => Unread::default(),
        };
        let conversation =
            Conversation { id: self.id, kind: self.kind, name: self.name, creator: self.creator, created: self.created, face: self.face };
        let Kept { draft, saved } = kept;
        let (level, muted_until, pinned) = (Level::of(&self.level).unwrap_or_default(), self.muted_until, self.pinned);
        Ok(Summary { conversation, members, head: self.head, last, read_upto: self.read_upto, unread, draft, saved, level, muted_until, pinned })
    }
}

/// What is unread for somebody after a place. Counted in an index of its own, so that many are as good as few.
pub(in crate::server::store) async fn unread(from: &mut Connection, person: PersonId, conversation: ConversationId, upto: Seq) -> Outcome<Unread> {
    let newest: Vec<(Seq,)> = sqlx::query_as(
        "select seq from changes indexed by messages_that_count \
         where stream = $1 and seq > $2 and kind = 'posted' and deleted is null and actor <> $3 order by seq desc limit $4",
    )
    .bind(conversation)
    .bind(upto)
    .bind(person)
    .bind(i64::try_from(Unread::KNOWN).unwrap_or(i64::MAX))
    .fetch_all(&mut *from)
    .await?;
    let more = match newest.last() {
        Some((first,)) if newest.len() == Unread::KNOWN => {
            let (more,): (i64,) = sqlx::query_as(
                "select count(*) from changes indexed by messages_that_count \
                 where stream = $1 and seq > $2 and seq < $4 and kind = 'posted' and deleted is null and actor <> $3",
            )
            .bind(conversation)
            .bind(upto)
            .bind(person)
            .bind(first)
            .fetch_one(&mut *from)
            .await?;
            u32::try_from(more).unwrap_or(u32::MAX)
        }
        _ => 0,
    };
    let mentions = if newest.is_empty() { Vec::new() } else { mentions::after(from, person, conversation, upto).await? };
    Ok(Unread { seqs: newest.into_iter().rev().map(|(seq,)| seq).collect(), more, mentions })
}

/// A conversation as this person's list shows it now.
pub(in crate::server::store) async fn summary(from: &mut Connection, person: PersonId, conversation: ConversationId) -> Outcome<Summary> {
    let row: Option<SummaryRow> =
        sqlx::query_as(summaries!("m.person = $1 and m.conversation = $2")).bind(person).bind(conversation).fetch_optional(&mut *from).await?;
    let row = row.ok_or_else(ChatError::not_found)?;
    let members = if row.kind == Kind::Everyone {
        Vec::new()
    } else {
        let rows: Vec<(PersonId,)> = sqlx::query_as("select person from memberships where conversation = $1 order by joined, person")
            .bind(conversation)
            .fetch_all(&mut *from)
            .await?;
        rows.into_iter().map(|(person,)| person).collect()
    };
    let kept = drafts::kept_in(from, person, conversation).await?;
    row.complete(from, person, members, kept).await
}

async fn summaries(from: &mut Connection, person: PersonId) -> Outcome<Vec<Summary>> {
    let rows: Vec<SummaryRow> = sqlx::query_as(summaries!("m.person = $1")).bind(person).fetch_all(&mut *from).await?;
    let pairs: Vec<(ConversationId, PersonId)> = sqlx::query_as(
        "select other.conversation, other.person from memberships m join conversations c on c.id = m.conversation and c.kind <> 'everyone' \
         join memberships other on other.conversation = m.conversation where m.person = $1 order by other.joined, other.person",
    )
    .bind(person)
    .fetch_all(&mut *from)
    .await?;
    let mut members: HashMap<ConversationId, Vec<PersonId>> = HashMap::new();
    for (conversation, person) in pairs {
        members.entry(conversation).or_default().push(person);
    }
    let mut kept = drafts::kept(from, person).await?;
    let mut summaries = Vec::with_capacity(rows.len());
    for row in rows {
        let members = members.remove(&row.id).unwrap_or_default();
        let kept = kept.remove(&row.id).unwrap_or_default();
        summaries.push(row.complete(from, person, members, kept).await?);
    }
    Ok(summaries)
}

async fn head_of(from: &mut Connection, person: PersonId) -> Outcome<Seq> {
    let (head,) = sqlx::query_as("select head from people where id = $1").bind(person).fetch_one(from).await?;
    Ok(head)
}

impl Store {
    /// Everything this person's screen starts from, and with it a part of one conversation, if it is theirs: around a place, else
    /// around where reading had stopped, else the newest.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn snapshot(&self, me: Person, open: Option<(ConversationId, Option<Seq>)>, limit: u32) -> Outcome<(Snapshot, Option<HistoryPage>)> {
        let mut view = self.readers.begin().await?;
        let head = head_of(&mut view, me.id).await?;
        let privacy = receipts::privacy(&mut view, me.id).await?;
        let people: Vec<crate::server::store::accounts::people::PersonRow> =
            sqlx::query_as("select id, username, display_name, status_emoji, status_text, face from people where deactivated is null")
                .fetch_all(&mut *view)
                .await?;
        let conversations = summaries(&mut view, me.id).await?;
        let reads_by_hand = drafts::reads_by_hand(&mut view, me.id).await?;
        let opened = open.and_then(|(id, at)| conversations.iter().find(|summary| summary.conversation.id == id).map(|summary| (summary, at)));
        let page = match opened {
            Some((summary, at)) => {
                let part = at.or_else(|| summary.begins_at()).map_or(Part::Latest, Part::Around);
                Some(pagination::page(&mut view, summary.conversation.id, summary.head, part, limit).await?)
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
    pub async fn summary(&self, person: PersonId, conversation: ConversationId) -> Outcome<Summary> {
        summary(&mut *self.readers.begin().await?, person, conversation).await
    }

    /// How far each stream of this person goes.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn heads(&self, person: PersonId) -> Outcome<Vec<Head>> {
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
        Ok(rows.into_iter().map(|(id, head, own, is_news)| Head { stream: stream(id, own), head, is_news }).collect())
    }

    /// What happened after a mark in a stream of this person, ascending; no more than can be caught up one by one.
    ///
    /// # Errors
    /// `not_found` when the stream is not theirs.
    pub async fn entries_after(&self, person: PersonId, stream: StreamId, mark: Seq) -> Outcome<Vec<Entry>> {
        let mut view = self.readers.begin().await?;
        match stream {
            StreamId::Conversation(id) => drop(super::members::head_for(&mut view, person, id).await?),
            StreamId::Person(id) if id == person => {}
            StreamId::Person(_) => return Err(ChatError::not_found().into()),
        }
        let rows = journal_rows::after(&mut view, stream, mark, u32::try_from(MOST_CAUGHT_UP).unwrap_or(u32::MAX)).await?;
        let mut happened = Vec::with_capacity(rows.len());
        for row in rows {
            happened.push(match row.read()? {
                Read::Entry(entry) => entry,
                Read::Added(seq, at, conversation) => Entry { seq, at, change: added(&mut view, person, conversation).await? },
                Read::Moved(seq, at, conversation) => Entry { seq, at, change: moved(&mut view, person, conversation).await? },
                Read::Drafted(seq, at, conversation) => {
                    let body = drafts::draft(&mut view, person, conversation).await?.unwrap_or_default().body;
                    Entry { seq, at, change: Change::DraftKept { conversation, body } }
                }
            });
        }
        if let StreamId::Conversation(conversation) = stream {
            journal_rows::complete(&mut view, conversation, &mut happened).await?;
        }
        Ok(happened)
    }
}

/// One's own addition, told later: the conversation as it stands now, or its end if that came since.
async fn added(from: &mut Connection, person: PersonId, conversation: ConversationId) -> Outcome<Change> {
    match summary(from, person, conversation).await {
        Ok(summary) => Ok(Change::ConversationAdded { summary: Box::new(summary) }),
        Err(Failure::Refused(_)) => Ok(Change::ConversationRemoved { conversation }),
        Err(broken) => Err(broken),
    }
}

/// How far one has read, told later: as it stands now.
async fn moved(from: &mut Connection, person: PersonId, conversation: ConversationId) -> Outcome<Change> {
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
