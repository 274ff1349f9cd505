//! Asking the search. Who may read what is part of the question: a message is read through the asker's membership, in the
//! statement that finds it, before anything is counted, ranked or cut off.

use futures_util::TryStreamExt;
use sqlx::Row as _;

use super::{
    cursor::{Cursor, Place, first_since},
    filters::Seen,
};
use crate::{
    domain::{
        ChatError, ConversationId, Millis, PersonId, Seq,
        search::{Found, Hit, Query},
    },
    server::{
        clock,
        search::{CODE, LINK, Needle, QUESTION, asked_in, excerpt, fits, fold, written_by},
        store::{
            Outcome, Store,
            engine::{Connection, Row},
        },
    },
};

/// Searches at once: so that some readers are always left for everything else.
pub(in crate::server::store) const AT_ONCE: usize = 2;
/// Messages that are ranked together, the newest first; then the next so many.
const RANKED: usize = 200;
/// Messages that are looked through wherever they stand, before those of one's own conversations are asked for alone.
const LOOKED_THROUGH: i64 = 5_000;
/// One part in so many of all messages is a good part: below it one's own conversations are asked for alone from the first.
const GOOD_PART: i64 = 8;
/// So many conversations are asked for in one question, however large they are.
const FEW: usize = 8;
/// Most conversations that one question names.
const MOST_NAMED: usize = 256;
/// Most messages, and most bytes of them, that are read for one answer.
const MOST_READ: (usize, usize) = (2_000, 2 << 20);

/// What is asked for, and which part of the answer.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What was typed.
    pub query: Query,
    /// Minutes by which the clock of who asks is ahead of UTC: their days are meant.
    pub ahead: i32,
    /// Where to go on, as an earlier answer said.
    pub before: Option<String>,
    /// Most hits.
    pub limit: usize,
}

/// A message of one's own conversations in which everything stands.
struct Sighted {
    number: i64,
    conversation: ConversationId,
    seq: Seq,
    at: Millis,
    author: PersonId,
    body: String,
    fit: u32,
}

impl Store {
    /// The messages of this person's conversations that fit, the best first.
    ///
    /// # Errors
    /// `invalid` at `query` or `before`.
    pub async fn search(&self, person: PersonId, wanted: Wanted) -> Outcome<Found> {
        let Wanted { query, ahead, before, limit } = wanted;
        let _turn = self.searching.acquire().await.map_err(|_| ChatError::internal())?;
        let mut view = self.readers.begin().await?;
        let cursor = before.map(|text| Cursor::read(&text)).transpose()?;
        let question = Question::of(&mut view, person, &query, ahead).await?;
        let Some((question, mut range)) = question else { return Ok(Found::default()) };
        let skip = cursor.as_ref().map_or(0, |cursor| cursor.skip);
        if let Some(cursor) = &cursor {
            range = cursor.narrow(&mut view, person, range).await?;
        }
        let bounded = cursor.as_ref().is_some_and(|cursor| cursor.newest.is_some() && cursor.last.is_some());
        let Gathered { mut sighted, reached, .. } = question.gather(&mut view, range).await?;
        let reached = if bounded { cursor.and_then(|cursor| cursor.last) } else { reached.map(|(_, place)| place) };
        let newest = sighted.iter().max_by_key(|sighted| sighted.number).map(|sighted| (sighted.conversation, sighted.seq));
        sighted.sort_unstable_by_key(|sighted| std::cmp::Reverse((sighted.fit, sighted.number)));
        let shown = skip + limit;
        let before = match (sighted.len() > shown, newest) {
            (true, Some(newest)) => Some(Cursor { newest: Some(newest), last: reached, skip: shown }),
            _ => reached.map(|last| Cursor { newest: None, last: Some(last), skip: 0 }),
        };
        let hits = sighted.into_iter().skip(skip).take(limit).map(|it| Hit {
            conversation: it.conversation,
            seq: it.seq,
            at: it.at,
            author: it.author,
            excerpt: excerpt(&it.body, &question.needles),
        });
        Ok(Found { hits: hits.collect(), before: before.map(|cursor| cursor.write()) })
    }
}

/// A query in the store's terms.
struct Question {
    person: PersonId,
    needles: Vec<Needle>,
    /// The pieces and marks that a message must have; none, when only places are named.
    pieces: Vec<String>,
    /// The conversations that it may stand in, the largest first.
    places: Vec<ConversationId>,
    /// How much has happened in them.
    heads: i64,
    /// Whether those were named.
    narrowed: bool,
    /// From when on, and before when.
    time: (Millis, Millis),
}

impl Question {
    /// With the numbers between which it can be answered; `None` when nothing can be found.
    async fn of(view: &mut Connection, person: PersonId, query: &Query, ahead: i32) -> Outcome<Option<(Self, (i64, i64))>> {
        let seen = Seen::by(view, person, !query.from.is_empty() || !query.within.is_empty()).await?;
        let (authors, narrowed) = (seen.authors(&query.from)?, !query.within.is_empty());
        let (places, heads) = if narrowed { (seen.places(&query.within)?, 0) } else { seen.conversations() };
        let needles = Needle::all(&query.terms);
        let mut pieces: Vec<String> = needles.iter().flat_map(Needle::pieces).map(|piece| quoted(&piece)).collect();
        if !authors.is_empty() {
            pieces.push(any_of(authors.into_iter().map(written_by)));
        }
        let marks = [(LINK, query.has_link), (CODE, query.has_code), (QUESTION, query.is_question)];
        pieces.extend(marks.iter().filter(|(_, asked)| *asked).map(|(mark, _)| quoted(mark)));
        if pieces.is_empty() && !narrowed {
            return Err(ChatError::invalid("query", "Enter a word to search for, or use from: or in: with a name.").into());
        }
        let now = clock::now();
        let time = (query.after.map_or(Millis::MIN, |day| day.begins(now, ahead)), query.before.map_or(Millis::MAX, |day| day.begins(now, ahead)));
        let from = if query.after.is_some() { first_since(view, time.0).await? } else { 0 };
        let to = if query.before.is_some() { first_since(view, time.1).await? } else { i64::MAX };
        let question = Self { person, needles, pieces, places, heads, narrowed, time };
        Ok((from < to && !question.places.is_empty()).then_some((question, (from, to))))
    }

    /// The newest that fit.
    async fn gather(&self, view: &mut Connection, (from, mut to): (i64, i64)) -> Outcome<Gathered> {
        let mut all = Gathered::default();
        let many = self.places.len() > MOST_NAMED;
        if !self.narrowed && (many || self.are_most(view).await?) {
            let pieces = self.pieces.join(" AND ");
            let most = if many { -1 } else { LOOKED_THROUGH };
            if self.look(view, &pieces, (from, to), most, &mut all).await? || many {
                return Ok(all);
            }
            match looked_upto(view, &pieces, (from, to)).await? {
                Some(number) => to = number,
                None => return Ok(all),
            }
        }
        // The largest apart: with many others beside it, each of its messages would be held against all of theirs.
        let (large, small) = self.places.split_at(FEW.min(self.places.len()));
        for places in [large, small] {
            if !places.is_empty() {
                let mut pieces = self.pieces.clone();
                pieces.push(any_of(places.iter().copied().map(asked_in)));
                let mut some = Gathered::default();
                self.look(view, &pieces.join(" AND "), (from, to), -1, &mut some).await?;
                all.join(some);
            }
        }
        Ok(all)
    }

    /// Whether a good part of all messages stands in these places.
    async fn are_most(&self, view: &mut Connection) -> Outcome<bool> {
        let (all,): (i64,) = sqlx::query_as("select coalesce(max(number), 0) from changes").fetch_one(view).await?;
        Ok(self.heads.saturating_mul(GOOD_PART) > all)
    }

    /// Goes through what has the pieces, from the newest, and reads what is the asker's. Whether there is enough of it now.
    async fn look(&self, view: &mut Connection, pieces: &str, (from, to): (i64, i64), most: i64, gathered: &mut Gathered) -> Outcome<bool> {
        // Where a message stands is known from the index alone: those that are not the asker's are not read.
        let mut rows = sqlx::query(
            "select s.number, c.stream, c.seq, c.at, c.actor, c.body from (select rowid as number from search where search match $2 \
             and rowid >= $3 and rowid < $4 order by rowid desc limit $5) s cross join changes w on w.number = s.number \
             cross join memberships m on m.person = $1 and m.conversation = w.stream cross join changes c on c.stream = w.stream and c.seq = w.seq",
        )
        .bind(self.person)
        .bind(pieces)
        .bind(from)
        .bind(to)
        .bind(most)
        .fetch(view);
        while let Some(row) = rows.try_next().await? {
            let conversation = row.try_get(1)?;
            gathered.sighted.extend(self.read(conversation, &row, &mut gathered.read)?);
            if gathered.sighted.len() >= RANKED || gathered.read.0 >= MOST_READ.0 || gathered.read.1 >= MOST_READ.1 {
                gathered.reached = Some((row.try_get(0)?, (conversation, row.try_get(2)?)));
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A message, if what was asked for really stands in it.
    fn read(&self, conversation: ConversationId, row: &Row, read: &mut (usize, usize)) -> Outcome<Option<Sighted>> {
        let (number, at, body): (i64, Millis, String) = (row.try_get(0)?, row.try_get(3)?, row.try_get(5)?);
        *read = (read.0 + 1, read.1 + body.len());
        let in_time = self.time.0 <= at && at < self.time.1;
        let in_place = !self.narrowed || self.places.contains(&conversation);
        let fit = if in_time && in_place && !body.is_empty() { fits(&fold(&body), &self.needles) } else { None };
        let Some(fit) = fit else { return Ok(None) };
        Ok(Some(Sighted { number, conversation, seq: row.try_get(2)?, at, author: row.try_get(4)?, body, fit }))
    }
}

/// What was found so far, which message was looked at last where there may be more, and how much was read.
#[derive(Default)]
struct Gathered {
    sighted: Vec<Sighted>,
    reached: Option<(i64, Place)>,
    read: (usize, usize),
}

impl Gathered {
    /// Takes in what was found elsewhere; what lies further back than the one or the other has come is for later.
    fn join(&mut self, other: Self) {
        self.sighted.extend(other.sighted);
        self.reached = self.reached.max(other.reached);
        if let Some((last, _)) = self.reached {
            self.sighted.retain(|sighted| sighted.number >= last);
        }
    }
}

/// Only pieces and marks that were made here come so far, and they are letters alone.
fn quoted(piece: &str) -> String {
    format!("\"{piece}\"")
}

fn any_of(marks: impl Iterator<Item = String>) -> String {
    format!("({})", marks.map(|mark| quoted(&mark)).collect::<Vec<_>>().join(" OR "))
}

/// The last number that a look came to, if it did not come to the end.
async fn looked_upto(view: &mut Connection, pieces: &str, (from, to): (i64, i64)) -> Outcome<Option<i64>> {
    let rows = sqlx::query_as("select rowid from search where search match $1 and rowid >= $2 and rowid < $3 order by rowid desc limit 1 offset $4");
    let row: Option<(i64,)> = rows.bind(pieces).bind(from).bind(to).bind(LOOKED_THROUGH - 1).fetch_optional(view).await?;
    Ok(row.map(|(number,)| number))
}
