//! Places in a conversation that are found by something else than their number: by a day, and by who answers whom.

use super::hydrate;
use crate::{
    domain::{ChatError, ConversationId, Entry, Millis, PersonId, Seq},
    server::store::{
        Result, Store,
        conversations::membership,
        engine::Connection,
        journal_rows::{Decoded, parse_rows, select},
    },
};

/// Most messages of a thread that are told, its first ones.
const MAX_THREAD: u32 = 200;

impl Store {
    /// The first message of a conversation from this moment on, else the last before it; nothing where nobody wrote.
    ///
    /// # Errors
    /// `not_found` for all who are not in it.
    pub async fn seek_date(&self, person: PersonId, conversation: ConversationId, at: Millis) -> Result<Option<Seq>> {
        let mut view = self.readers.begin().await?;
        let head = membership::check_member(&mut view, person, conversation).await?;
        let from = first_since(&mut view, conversation, head, at).await?;
        let later: Option<(Seq,)> =
            sqlx::query_as("select seq from changes where stream = $1 and seq >= $2 and kind = 'posted' and deleted is null order by seq limit 1")
                .bind(conversation)
                .bind(from)
                .fetch_optional(&mut *view)
                .await?;
        let earlier = sqlx::query_as(
            "select seq from changes where stream = $1 and seq < $2 and kind = 'posted' and deleted is null order by seq desc limit 1",
        );
        let found: Option<(Seq,)> = match later {
            Some(found) => Some(found),
            None => earlier.bind(conversation).bind(from).fetch_optional(&mut *view).await?,
        };
        Ok(found.map(|(seq,)| seq))
    }

    /// The messages that answer each other around this one, in their order: what it answers, back to the first, and all that
    /// answers any of these.
    ///
    /// # Errors
    /// `not_found` for all who are not in the conversation, and where there is no message.
    pub async fn thread(&self, person: PersonId, conversation: ConversationId, message: Seq) -> Result<Vec<Entry>> {
        let mut view = self.readers.begin().await?;
        membership::check_member(&mut view, person, conversation).await?;
        let first: (Option<Seq>,) = sqlx::query_as(
            "select min(seq) from (with recursive up (seq, target) as (select seq, target from changes where stream = $1 and seq = $2 and kind = 'posted' \
             union select c.seq, c.target from up join changes c on c.stream = $1 and c.seq = up.target) select seq from up)",
        )
        .bind(conversation)
        .bind(message)
        .fetch_one(&mut *view)
        .await?;
        let first = first.0.ok_or_else(ChatError::not_found)?;
        let rows = sqlx::query(select!(
            "c.stream = $1 and c.seq in (with recursive thread (seq) as (select $2 union select a.seq from thread join changes a \
             on a.stream = $1 and a.kind = 'posted' and a.target is not null and a.target = thread.seq limit $3) select seq from thread) order by c.seq"
        ));
        let rows = parse_rows(&rows.bind(conversation).bind(first).bind(MAX_THREAD).fetch_all(&mut *view).await?)?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            if let Decoded::Entry(entry) = row.decode()? {
                // One by one: they may stand far apart, and what stands between them is nobody's business here.
                let mut entry = [entry];
                hydrate::hydrate(&mut view, conversation, &mut entry).await?;
                entries.extend(entry);
            }
        }
        Ok(entries)
    }
}

/// The first number that was given at this moment or later. Numbers are dense and moments ascend with them, so twenty looks
/// find it among a million; a clock that was set back makes it a little wrong, and an index over all messages would cost more.
async fn first_since(from: &mut Connection, conversation: ConversationId, head: Seq, at: Millis) -> Result<Seq> {
    let (mut low, mut high) = (1, head.0 + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let (at_middle,): (Millis,) = sqlx::query_as("select at from changes where stream = $1 and seq = $2")
            .bind(conversation)
            .bind(Seq(middle))
            .fetch_one(&mut *from)
            .await?;
        if at_middle < at { low = middle + 1 } else { high = middle }
    }
    Ok(Seq(low))
}
