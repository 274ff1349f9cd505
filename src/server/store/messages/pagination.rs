//! Pages of a conversation's history: messages and the events shown between them. Events that only
//! change a message are not on a page: the message is there in its current state.

use std::sync::LazyLock;

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

use super::message_state;
use crate::{
    domain::{
        ChatError, ConversationId, Entry, EventKind, HistoryPage, PersonId, Presentation, Seq,
    },
    protocol::StreamId,
    server::store::{
        Result, Store,
        conversations::membership,
        engine::Connection,
        journal_rows::{self, Decoded, JournalRow, parse_rows, select},
    },
};

/// The part of a history to load.
#[derive(Clone, Copy, Debug)]
pub enum PageQuery {
    /// The newest entries.
    Latest,
    /// The entries before a position.
    Before(Seq),
    /// The entries after a position.
    After(Seq),
    /// The entries on both sides of a position, and that position.
    Around(Seq),
}

impl PageQuery {
    /// From request parameters: without a position the newest entries.
    ///
    /// # Errors
    /// `invalid`, when more than one position is given.
    pub fn from_params(
        before: Option<Seq>,
        after: Option<Seq>,
        around: Option<Seq>,
    ) -> Result<Self, ChatError> {
        match (before, after, around) {
            (None, None, None) => Ok(Self::Latest),
            (Some(seq), None, None) => Ok(Self::Before(seq)),
            (None, Some(seq), None) => Ok(Self::After(seq)),
            (None, None, Some(seq)) => Ok(Self::Around(seq)),
            _ => Err(ChatError::invalid("before", "Use only one of before, after and around.")),
        }
    }
}

static BEFORE: LazyLock<SqlStr> =
    LazyLock::new(|| page_statement("c.stream = $1 and c.seq < $2", "c.seq desc"));
static AFTER: LazyLock<SqlStr> =
    LazyLock::new(|| page_statement("c.stream = $1 and c.seq > $2", "c.seq"));

/// A statement that selects the entries with a row in the message list.
fn page_statement(range: &str, order: &str) -> SqlStr {
    let others: Vec<_> = EventKind::ALL
        .iter()
        .filter(|kind| {
            matches!(kind.presentation(), Presentation::Message | Presentation::Elsewhere)
        })
        .map(|kind| format!("'{}'", kind.name()))
        .collect();
    let others = others.join(", ");
    AssertSqlSafe(format!(
        "{}{range} and c.kind not in ({others}) order by {order} limit $3",
        select!("")
    ))
    .into_sql_str()
}

/// The statements that [`page_statement`] makes, for the test of query plans.
#[cfg(test)]
pub(in crate::server::store) fn page_statements() -> [SqlStr; 2] {
    [BEFORE.clone(), AFTER.clone()]
}

/// The visible entries before a position, ascending, up to a limit; and whether there are more.
async fn page_before(
    from: &mut Connection,
    conversation: ConversationId,
    seq: Seq,
    limit: u32,
) -> Result<(Vec<JournalRow>, bool)> {
    let rows = sqlx::query(BEFORE.clone());
    let (mut rows, more) = truncate(
        limit,
        parse_rows(&rows.bind(conversation).bind(seq).bind(limit + 1).fetch_all(from).await?)?,
    );
    rows.reverse();
    Ok((rows, more))
}

/// The visible entries after a position, ascending, up to a limit; and whether there are more.
async fn page_after(
    from: &mut Connection,
    conversation: ConversationId,
    seq: Seq,
    limit: u32,
) -> Result<(Vec<JournalRow>, bool)> {
    let rows = sqlx::query(AFTER.clone());
    Ok(truncate(
        limit,
        parse_rows(&rows.bind(conversation).bind(seq).bind(limit + 1).fetch_all(from).await?)?,
    ))
}

fn truncate(limit: u32, mut rows: Vec<JournalRow>) -> (Vec<JournalRow>, bool) {
    let limit = limit as usize;
    let more = rows.len() > limit;
    rows.truncate(limit);
    (rows, more)
}

/// Loads a page of a conversation's history. The head is known.
pub(in crate::server::store) async fn page(
    from: &mut Connection,
    conversation: ConversationId,
    head: Seq,
    query: PageQuery,
    limit: u32,
) -> Result<HistoryPage> {
    let (rows, more_before, more_after) = match query {
        PageQuery::Latest => {
            let (rows, more) = page_before(from, conversation, Seq(u64::MAX), limit).await?;
            (rows, more, false)
        }
        PageQuery::Before(seq) => {
            let (rows, more) = page_before(from, conversation, seq, limit).await?;
            (rows, more, seq <= head)
        }
        PageQuery::After(seq) => {
            let (rows, more) = page_after(from, conversation, seq, limit).await?;
            (rows, seq > Seq::START, more)
        }
        PageQuery::Around(seq) => {
            let (mut rows, more_before) = page_before(from, conversation, seq, limit / 2).await?;
            let (following, more_after) =
                page_after(from, conversation, Seq(seq.0.saturating_sub(1)), limit - limit / 2)
                    .await?;
            rows.extend(following);
            (rows, more_before, more_after)
        }
    };
    let mut entries = decode_rows(rows)?;
    message_state::attach_state(from, conversation, &mut entries).await?;
    Ok(HistoryPage { entries, more_before, more_after, head })
}

fn decode_rows(rows: Vec<JournalRow>) -> Result<Vec<Entry>> {
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        if let Decoded::Entry(entry) = row.decode()? {
            entries.push(entry);
        }
    }
    Ok(entries)
}

impl Store {
    /// A page of a conversation's history, for one of its members.
    ///
    /// # Errors
    /// `not_found` for everybody else.
    pub async fn history(
        &self,
        person: PersonId,
        conversation: ConversationId,
        query: PageQuery,
        limit: u32,
    ) -> Result<HistoryPage> {
        let mut view = self.readers.begin().await?;
        let head = membership::check_member(&mut view, person, conversation).await?;
        page(&mut view, conversation, head, query, limit).await
    }

    /// All events after a position, ascending: fills a gap.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member.
    pub async fn changes_after(
        &self,
        person: PersonId,
        conversation: ConversationId,
        seq: Seq,
        limit: u32,
    ) -> Result<HistoryPage> {
        let mut view = self.readers.begin().await?;
        let head = membership::check_member(&mut view, person, conversation).await?;
        let mut entries = decode_rows(
            journal_rows::rows_after(&mut view, StreamId::Conversation(conversation), seq, limit)
                .await?,
        )?;
        message_state::attach_state(&mut view, conversation, &mut entries).await?;
        let more_after = entries.last().is_some_and(|last| last.seq < head);
        Ok(HistoryPage {
            more_before: entries.first().is_some_and(|first| first.seq > Seq(1)),
            more_after,
            entries,
            head,
        })
    }
}
