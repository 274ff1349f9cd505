//! A conversation's history, page by page: its messages and what else is shown between them. What only alters a message is not
//! on a page: the message is there as it stands.

use crate::{
    domain::{ChatError, ConversationId, Entry, HistoryPage, PersonId, Seq},
    protocol::StreamId,
    server::store::{
        Outcome, Store,
        engine::Connection,
        journal_rows::{self, EntryRow, Read, rows_of, select},
    },
};

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
            _ => Err(ChatError::invalid("before", "Use only one of before, after and around.")),
        }
    }
}

/// What is shown before a place, ascending, at most so many; and whether there is more.
async fn before(from: &mut Connection, conversation: ConversationId, seq: Seq, limit: u32) -> Outcome<(Vec<EntryRow>, bool)> {
    let rows = sqlx::query(select!(
        "c.stream = $1 and c.seq < $2 and c.kind not in ('edited', 'deleted', 'restored', 'reacted', 'pinned', 'settled', 'previewed', 'person_changed') order by c.seq desc limit $3"
    ));
    let (mut rows, more) = at_most(limit, rows_of(&rows.bind(conversation).bind(seq).bind(limit + 1).fetch_all(from).await?)?);
    rows.reverse();
    Ok((rows, more))
}

/// What is shown after a place, ascending, at most so many; and whether there is more.
async fn after(from: &mut Connection, conversation: ConversationId, seq: Seq, limit: u32) -> Outcome<(Vec<EntryRow>, bool)> {
    let rows = sqlx::query(select!(
        "c.stream = $1 and c.seq > $2 and c.kind not in ('edited', 'deleted', 'restored', 'reacted', 'pinned', 'settled', 'previewed', 'person_changed') order by c.seq limit $3"
    ));
    Ok(at_most(limit, rows_of(&rows.bind(conversation).bind(seq).bind(limit + 1).fetch_all(from).await?)?))
}

fn at_most(limit: u32, mut rows: Vec<EntryRow>) -> (Vec<EntryRow>, bool) {
    let limit = limit as usize;
    let more = rows.len() > limit;
    rows.truncate(limit);
    (rows, more)
}

/// A page of a conversation's history, whose head is known.
pub(in crate::server::store) async fn page(
    from: &mut Connection,
    conversation: ConversationId,
    head: Seq,
    part: Part,
    limit: u32,
) -> Outcome<HistoryPage> {
    let (rows, more_before, more_after) = match part {
        Part::Latest => {
            let (rows, more) = before(from, conversation, Seq(u64::MAX), limit).await?;
            (rows, more, false)
        }
        Part::Before(seq) => {
            let (rows, more) = before(from, conversation, seq, limit).await?;
            (rows, more, seq <= head)
        }
        Part::After(seq) => {
            let (rows, more) = after(from, conversation, seq, limit).await?;
            (rows, seq > Seq::START, more)
        }
        Part::Around(seq) => {
            let (mut rows, more_before) = before(from, conversation, seq, limit / 2).await?;
            let (later, more_after) = after(from, conversation, Seq(seq.0.saturating_sub(1)), limit - limit / 2).await?;
            rows.extend(later);
            (rows, more_before, more_after)
        }
    };
    let mut entries = told(rows)?;
    journal_rows::complete(from, conversation, &mut entries).await?;
    Ok(HistoryPage { entries, more_before, more_after, head })
}

fn told(rows: Vec<EntryRow>) -> Outcome<Vec<Entry>> {
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        if let Read::Entry(entry) = row.read()? {
            entries.push(entry);
        }
    }
    Ok(entries)
}

impl Store {
    /// A page of a conversation's history, for one of its members.
    ///
    /// # Errors
    /// `not_found` for all who are not in it.
    pub async fn history(&self, person: PersonId, conversation: ConversationId, part: Part, limit: u32) -> Outcome<HistoryPage> {
        let mut view = self.readers.begin().await?;
        let head = crate::server::store::conversations::members::head_for(&mut view, person, conversation).await?;
        page(&mut view, conversation, head, part, limit).await
    }

    /// What happened in a conversation after a place, of every kind, ascending: to fill a gap.
    ///
    /// # Errors
    /// `not_found` for all who are not in it.
    pub async fn changes_after(&self, person: PersonId, conversation: ConversationId, seq: Seq, limit: u32) -> Outcome<HistoryPage> {
        let mut view = self.readers.begin().await?;
        let head = crate::server::store::conversations::members::head_for(&mut view, person, conversation).await?;
        let mut entries = told(journal_rows::after(&mut view, StreamId::Conversation(conversation), seq, limit).await?)?;
        journal_rows::complete(&mut view, conversation, &mut entries).await?;
        let more_after = entries.last().is_some_and(|last| last.seq < head);
        Ok(HistoryPage { more_before: entries.first().is_some_and(|first| first.seq > Seq(1)), more_after, entries, head })
    }
}
