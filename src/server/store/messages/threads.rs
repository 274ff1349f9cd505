//! Threads, and finding a position by its date.

use super::message_state;
use crate::{
    domain::{ChatError, ConversationId, Entry, Millis, PersonId, Seq},
    server::store::{
        Result, Store,
        conversations::membership,
        engine::Connection,
        journal_rows::{Decoded, parse_rows, select},
    },
};

/// Maximum number of messages of a thread; its first ones.
const MAX_THREAD: u32 = 200;

impl Store {
    /// The first message from a time on, else the last one before it; `None` in an empty
    /// conversation.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member.
    pub async fn seek_date(
        &self,
        person: PersonId,
        conversation: ConversationId,
        at: Millis,
    ) -> Result<Option<Seq>> {
        let mut view = self.readers.begin().await?;
        let head = membership::check_member(&mut view, person, conversation).await?;
        let from = first_since(&mut view, conversation, head, at).await?;
        let later: Option<(Seq,)> = sqlx::query_as(
            "select seq from changes where stream = $1 and seq >= $2 \
             and kind = 'posted' and deleted is null order by seq limit 1",
        )
        .bind(conversation)
        .bind(from)
        .fetch_optional(&mut *view)
        .await?;
        let earlier = sqlx::query_as(
            "select seq from changes where stream = $1 and seq < $2 and kind = 'posted' \
             and deleted is null order by seq desc limit 1",
        );
        let found: Option<(Seq,)> = match later {
            Some(found) => Some(found),
            None => earlier.bind(conversation).bind(from).fetch_optional(&mut *view).await?,
        };
        Ok(found.map(|(seq,)| seq))
    }

    /// The thread around a message, ascending: its chain of replies up to the first message, and
    /// all replies to any of these.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member, and where there is no message.
    pub async fn thread(
        &self,
        person: PersonId,
        conversation: ConversationId,
        message: Seq,
    ) -> Result<Vec<Entry>> {
        let mut view = self.readers.begin().await?;
        membership::check_member(&mut view, person, conversation).await?;
        let first: (Option<Seq>,) = sqlx::query_as(
            "select min(seq) from (with recursive up (seq, target) as (select seq, target \
             from changes where stream = $1 and seq = $2 and kind = 'posted' \
             union select c.seq, c.target from up join changes c on c.stream = $1 \
             and c.seq = up.target) select seq from up)",
        )
        .bind(conversation)
        .bind(message)
        .fetch_one(&mut *view)
        .await?;
        let first = first.0.ok_or_else(ChatError::not_found)?;
        let rows = sqlx::query(select!(
            "c.stream = $1 and c.seq in (with recursive thread (seq) as (select $2 union select \
             a.seq from thread join changes a \
             on a.stream = $1 and a.kind = 'posted' and a.target is not null and a.target = \
             thread.seq limit $3) select seq from thread) order by c.seq"
        ));
        let rows = parse_rows(
            &rows.bind(conversation).bind(first).bind(MAX_THREAD).fetch_all(&mut *view).await?,
        )?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            if let Decoded::Entry(entry) = row.decode()? {
                // One by one: they may be far apart, and the messages between them are not needed.
                let mut entry = [entry];
                message_state::attach_state(&mut view, conversation, &mut entry).await?;
                entries.extend(entry);
            }
        }
        Ok(entries)
    }
}

/// The first number assigned at this time or later. Numbers are dense and times ascend with them,
/// so twenty lookups find it among a million; a clock that was set back makes it slightly wrong,
/// and an index of all messages would cost more.
async fn first_since(
    from: &mut Connection,
    conversation: ConversationId,
    head: Seq,
    at: Millis,
) -> Result<Seq> {
    let (mut low, mut high) = (1, head.0 + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let (at_middle,): (Millis,) =
            sqlx::query_as("select at from changes where stream = $1 and seq = $2")
                .bind(conversation)
                .bind(Seq(middle))
                .fetch_one(&mut *from)
                .await?;
        if at_middle < at { low = middle + 1 } else { high = middle }
    }
    Ok(Seq(low))
}
