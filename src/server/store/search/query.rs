//! Search queries. Access is part of the query: messages are read through the user's memberships,
//! in the statement that finds them, before anything is counted, ranked or cut off.

use futures_util::TryStreamExt;
use sqlx::Row as _;

use super::{
    cursor::{MessageRef, PageCursor, first_since},
    filters::Scope,
};
use crate::{
    domain::{
        ChatError, ConversationId, Millis, PersonId, Seq,
        search::{Hit, Query, SearchResults},
    },
    server::{
        search::{
            CODE, LINK, Matcher, QUESTION, author_term, conversation_term, excerpt, fold, score,
        },
        store::{
            Result, Store,
            engine::{Connection, Row},
        },
    },
};

/// Maximum number of searches at once, so that some readers are always free.
pub(in crate::server::store) const MAX_CONCURRENT: usize = 2;
/// Messages that are ranked together, the newest first; then the next ones.
const RANK_WINDOW: usize = 200;
/// Messages that are scanned in all conversations, before the user's own are searched alone.
const SCAN_LIMIT: i64 = 5_000;
/// Below one in so many of all messages, the user's own conversations are searched alone from the
/// start.
const BROAD_SHARE: i64 = 8;
/// Conversations that are searched in one query, however large they are.
const LARGEST_FIRST: usize = 8;
/// Maximum number of conversations in one query.
const MAX_CONVERSATIONS: usize = 256;
/// Maximum number of messages, and most bytes of them, that are read for one page.
const READ_LIMIT: (usize, usize) = (2_000, 2 << 20);

/// A search and its page.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// The parsed query.
    pub query: Query,
    /// The user's time zone: days of the query are local.
    pub utc_offset_minutes: i32,
    /// The cursor of the previous page.
    pub before: Option<String>,
    /// Maximum number of hits.
    pub limit: usize,
}

/// A message that matches.
struct Candidate {
    number: i64,
    conversation: ConversationId,
    seq: Seq,
    at: Millis,
    author: PersonId,
    body: String,
    score: u32,
}

impl Store {
    /// The messages of this person's conversations that match, the best first.
    ///
    /// # Errors
    /// `invalid` at `query` or `before`.
    pub async fn search(&self, person: PersonId, request: SearchRequest) -> Result<SearchResults> {
        let SearchRequest { query, utc_offset_minutes, before, limit } = request;
        let _permit = self.search_permits.acquire().await.map_err(|_| ChatError::internal())?;
        let mut view = self.readers.begin().await?;
        let cursor = before.map(|text| PageCursor::parse(&text)).transpose()?;
        let plan =
            SearchPlan::build(&mut view, person, &query, (self.clock.now(), utc_offset_minutes))
                .await?;
        let Some((plan, mut range)) = plan else { return Ok(SearchResults::default()) };
        let skip = cursor.as_ref().map_or(0, |cursor| cursor.skip);
        if let Some(cursor) = &cursor {
            range = cursor.narrow(&mut view, person, range).await?;
        }
        let bounded =
            cursor.as_ref().is_some_and(|cursor| cursor.newest.is_some() && cursor.last.is_some());
        let Candidates { mut found, resume_at, .. } = plan.collect(&mut view, range).await?;
        let resume_at = if bounded {
            cursor.and_then(|cursor| cursor.last)
        } else {
            resume_at.map(|(_, place)| place)
        };
        let newest = found
            .iter()
            .max_by_key(|found| found.number)
            .map(|found| (found.conversation, found.seq));
        found.sort_unstable_by_key(|found| std::cmp::Reverse((found.score, found.number)));
        let shown = skip + limit;
        let before = match (found.len() > shown, newest) {
            (true, Some(newest)) => {
                Some(PageCursor { newest: Some(newest), last: resume_at, skip: shown })
            }
            _ => resume_at.map(|last| PageCursor { newest: None, last: Some(last), skip: 0 }),
        };
        let hits = found.into_iter().skip(skip).take(limit).map(|it| Hit {
            conversation: it.conversation,
            seq: it.seq,
            at: it.at,
            author: it.author,
            excerpt: excerpt(&it.body, &plan.matchers),
        });
        Ok(SearchResults { hits: hits.collect(), before: before.map(|cursor| cursor.encode()) })
    }
}

/// A query in the terms of the index.
struct SearchPlan {
    person: PersonId,
    matchers: Vec<Matcher>,
    /// The index terms that a message must have; empty when only conversations are named.
    terms: Vec<String>,
    /// The conversations to search, the largest first.
    conversations: Vec<ConversationId>,
    /// Their number of events.
    total_events: i64,
    /// Whether the query names them.
    is_filtered: bool,
    /// From this time on, and before that one.
    time: (Millis, Millis),
}

impl SearchPlan {
    /// The plan and its range of numbers; `None` when nothing can match.
    async fn build(
        view: &mut Connection,
        person: PersonId,
        query: &Query,
        (now, utc_offset_minutes): (Millis, i32),
    ) -> Result<Option<(Self, (i64, i64))>> {
        let scope =
            Scope::load(view, person, !query.from.is_empty() || !query.within.is_empty()).await?;
        let (authors, is_filtered) = (scope.authors(&query.from)?, !query.within.is_empty());
        let (conversations, total_events) = if is_filtered {
            (scope.conversations(&query.within)?, 0)
        } else {
            scope.all_conversations()
        };
        let matchers = Matcher::from_terms(&query.terms);
        let mut terms: Vec<String> =
            matchers.iter().flat_map(Matcher::index_terms).map(|term| quote(&term)).collect();
        if !authors.is_empty() {
            terms.push(or_expression(authors.into_iter().map(author_term)));
        }
        let flags = [(LINK, query.has_link), (CODE, query.has_code), (QUESTION, query.is_question)];
        terms.extend(flags.iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| quote(flag)));
        if terms.is_empty() && !is_filtered {
            return Err(ChatError::invalid(
                "query",
                "Enter a word to search for, or use from: or in: with a name.",
            )
            .into());
        }
        let time = (
            query.after.map_or(Millis::MIN, |day| day.begins(now, utc_offset_minutes)),
            query.before.map_or(Millis::MAX, |day| day.begins(now, utc_offset_minutes)),
        );
        let from = if query.after.is_some() { first_since(view, time.0).await? } else { 0 };
        let to = if query.before.is_some() { first_since(view, time.1).await? } else { i64::MAX };
        let plan = Self { person, matchers, terms, conversations, total_events, is_filtered, time };
        Ok((from < to && !plan.conversations.is_empty()).then_some((plan, (from, to))))
    }

    /// Collects the newest matches.
    async fn collect(
        &self,
        view: &mut Connection,
        (from, mut to): (i64, i64),
    ) -> Result<Candidates> {
        let mut all = Candidates::default();
        let too_many = self.conversations.len() > MAX_CONVERSATIONS;
        if !self.is_filtered && (too_many || self.covers_most(view).await?) {
            let terms = self.terms.join(" AND ");
            let limit_rows = if too_many { -1 } else { SCAN_LIMIT };
            if self.scan(view, &terms, (from, to), limit_rows, &mut all).await? || too_many {
                return Ok(all);
            }
            match scan_end(view, &terms, (from, to)).await? {
                Some(number) => to = number,
                None => return Ok(all),
            }
        }
        // The largest apart: in one query with many others, each of their messages would be tested
        // against all terms.
        let (large, small) =
            self.conversations.split_at(LARGEST_FIRST.min(self.conversations.len()));
        for conversations in [large, small] {
            if !conversations.is_empty() {
                let mut terms = self.terms.clone();
                terms.push(or_expression(conversations.iter().copied().map(conversation_term)));
                let mut some = Candidates::default();
                self.scan(view, &terms.join(" AND "), (from, to), -1, &mut some).await?;
                all.merge(some);
            }
        }
        Ok(all)
    }

    /// Whether these conversations hold a good part of all messages.
    async fn covers_most(&self, view: &mut Connection) -> Result<bool> {
        let (all,): (i64,) =
            sqlx::query_as("select coalesce(max(number), 0) from changes").fetch_one(view).await?;
        Ok(self.total_events.saturating_mul(BROAD_SHARE) > all)
    }

    /// Scans the messages with these terms, from the newest, and reads the user's own. Whether
    /// there are enough now.
    async fn scan(
        &self,
        view: &mut Connection,
        terms: &str,
        (from, to): (i64, i64),
        limit_rows: i64,
        candidates: &mut Candidates,
    ) -> Result<bool> {
        // The index alone tells the conversation of a message: other people's messages are not
        // read.
        let mut rows = sqlx::query(
            "select s.number, c.stream, c.seq, c.at, c.actor, c.body \
             from (select rowid as number from search where search match $2 \
             and rowid >= $3 and rowid < $4 order by rowid desc limit $5) s cross \
             join changes w on w.number = s.number \
             cross join memberships m on m.person = $1 and m.conversation = w.stream cross \
             join changes c on c.stream = w.stream and c.seq = w.seq",
        )
        .bind(self.person)
        .bind(terms)
        .bind(from)
        .bind(to)
        .bind(limit_rows)
        .fetch(view);
        while let Some(row) = rows.try_next().await? {
            let conversation = row.try_get(1)?;
            candidates.found.extend(self.match_row(conversation, &row, &mut candidates.read)?);
            if candidates.found.len() >= RANK_WINDOW
                || candidates.read.0 >= READ_LIMIT.0
                || candidates.read.1 >= READ_LIMIT.1
            {
                candidates.resume_at = Some((row.try_get(0)?, (conversation, row.try_get(2)?)));
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The message, if it really matches.
    fn match_row(
        &self,
        conversation: ConversationId,
        row: &Row,
        read: &mut (usize, usize),
    ) -> Result<Option<Candidate>> {
        let (number, at, body): (i64, Millis, String) =
            (row.try_get(0)?, row.try_get(3)?, row.try_get(5)?);
        *read = (read.0 + 1, read.1 + body.len());
        let in_time = self.time.0 <= at && at < self.time.1;
        let in_place = !self.is_filtered || self.conversations.contains(&conversation);
        let score = if in_time && in_place && !body.is_empty() {
            score(&fold(&body), &self.matchers)
        } else {
            None
        };
        let Some(score) = score else { return Ok(None) };
        Ok(Some(Candidate {
            number,
            conversation,
            seq: row.try_get(2)?,
            at,
            author: row.try_get(4)?,
            body,
            score,
        }))
    }
}

/// The matches so far, the last message scanned where there may be more, and how much was read.
#[derive(Default)]
struct Candidates {
    found: Vec<Candidate>,
    resume_at: Option<(i64, MessageRef)>,
    read: (usize, usize),
}

impl Candidates {
    /// Adds matches of another scan; what is older than the end of either scan is left for later.
    fn merge(&mut self, other: Self) {
        self.found.extend(other.found);
        self.resume_at = self.resume_at.max(other.resume_at);
        if let Some((last, _)) = self.resume_at {
            self.found.retain(|found| found.number >= last);
        }
    }
}

/// Only terms made here are quoted; they consist of letters.
fn quote(term: &str) -> String {
    format!("\"{term}\"")
}

fn or_expression(flags: impl Iterator<Item = String>) -> String {
    format!("({})", flags.map(|flag| quote(&flag)).collect::<Vec<_>>().join(" OR "))
}

/// The last number of a scan, if it did not reach the end.
async fn scan_end(
    view: &mut Connection,
    terms: &str,
    (from, to): (i64, i64),
) -> Result<Option<i64>> {
    let rows = sqlx::query_as(
        "select rowid from search where search match $1 and rowid >= $2 and rowid < $3 \
         order by rowid desc limit 1 offset $4",
    );
    let row: Option<(i64,)> =
        rows.bind(terms).bind(from).bind(to).bind(SCAN_LIMIT - 1).fetch_optional(view).await?;
    Ok(row.map(|(number,)| number))
}
