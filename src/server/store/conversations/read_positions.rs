//! Read positions: up to where somebody has read a conversation, and what is unread after that.
//!
//! Counting many unread messages takes long, so a reader counts before the transaction. Inside,
//! only what happened since is added.

use super::{membership, unread};
use crate::{
    domain::{Change, ConversationId, EventKind, PersonId, Seq, Unread},
    protocol::StreamId,
    server::store::{Result, Store, WriteTx, engine::Connection, messages::mentions},
};

/// How often the count is repeated because an earlier message was edited, deleted or restored
/// meanwhile.
const MAX_ATTEMPTS: usize = 3;

/// The unread messages after `upto`, as of a head of the conversation.
#[derive(Clone, Debug)]
pub(in crate::server::store) struct UnreadCount {
    head: Seq,
    upto: Seq,
    unread: Unread,
}

/// The result of moving a read position.
enum MoveResult {
    Moved,
    /// The count no longer holds.
    Recount,
}

/// Whether this person marks messages as read manually.
pub(in crate::server::store) async fn manual_read(
    from: &mut Connection,
    person: PersonId,
) -> Result<bool> {
    let (manual,) = sqlx::query_as("select reads_by_hand from people where id = $1")
        .bind(person)
        .fetch_one(from)
        .await?;
    Ok(manual)
}

impl Store {
    /// Moves the read position forwards, never beyond the head.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member.
    pub async fn mark_read(
        &self,
        person: PersonId,
        conversation: ConversationId,
        upto: Seq,
    ) -> Result<()> {
        self.move_read_position(person, conversation, upto, false).await
    }

    /// Marks everything from a message on as unread.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member.
    pub async fn mark_unread(
        &self,
        person: PersonId,
        conversation: ConversationId,
        from: Seq,
    ) -> Result<()> {
        self.move_read_position(person, conversation, Seq(from.0.saturating_sub(1)), true).await
    }

    /// Sets whether messages are marked as read manually.
    ///
    /// # Errors
    /// A database error.
    pub async fn set_manual_read(&self, person: PersonId, manual: bool) -> Result<()> {
        self.write(move |tx| Box::pin(tx.set_manual_read(person, manual))).await
    }

    /// Moves a read position forwards, or backwards.
    pub(in crate::server::store) async fn move_read_position(
        &self,
        person: PersonId,
        conversation: ConversationId,
        upto: Seq,
        backwards: bool,
    ) -> Result<()> {
        for attempt in 1.. {
            let count = self.count_unread(person, conversation, upto).await?;
            let last = attempt == MAX_ATTEMPTS;
            let result = self.write(move |tx| {
                Box::pin(async move {
                    let result = tx
                        .move_read_position(person, conversation, upto, backwards, Some(count))
                        .await?;
                    if matches!(result, MoveResult::Recount) && last {
                        return tx
                            .move_read_position(person, conversation, upto, backwards, None)
                            .await;
                    }
                    Ok(result)
                })
            });
            if matches!(result.await?, MoveResult::Moved) {
                break;
            }
        }
        Ok(())
    }

    async fn count_unread(
        &self,
        person: PersonId,
        conversation: ConversationId,
        upto: Seq,
    ) -> Result<UnreadCount> {
        let mut view = self.readers.begin().await?;
        let head = membership::check_member(&mut view, person, conversation).await?;
        let upto = upto.min(head);
        let unread = if upto == head {
            Unread::default()
        } else {
            unread::after(&mut view, person, conversation, upto).await?
        };
        Ok(UnreadCount { head, upto, unread })
    }
}

impl WriteTx {
    async fn set_manual_read(&mut self, person: PersonId, manual: bool) -> Result<()> {
        if manual_read(&mut self.connection, person).await? != manual {
            sqlx::query("update people set reads_by_hand = $2 where id = $1")
                .bind(person)
                .bind(manual)
                .execute(&mut self.connection)
                .await?;
            self.append(StreamId::Person(person), Change::ManualReadSet { on: manual }).await?;
        }
        Ok(())
    }

    /// Moves a read position forwards, and counts inside the transaction: for few messages, or
    /// where nobody else waits.
    pub(in crate::server::store) async fn mark_read(
        &mut self,
        person: PersonId,
        conversation: ConversationId,
        upto: Seq,
    ) -> Result<()> {
        self.move_read_position(person, conversation, upto, false, None).await.map(drop)
    }

    async fn move_read_position(
        &mut self,
        person: PersonId,
        conversation: ConversationId,
        upto: Seq,
        backwards: bool,
        count: Option<UnreadCount>,
    ) -> Result<MoveResult> {
        let head = membership::check_member(&mut self.connection, person, conversation).await?;
        let upto = upto.min(head);
        let unread = match count {
            Some(count) if count.upto == upto || upto == head => {
                let Some(unread) =
                    recount_since(&mut self.connection, person, conversation, count, head).await?
                else {
                    return Ok(MoveResult::Recount);
                };
                Some(unread)
            }
            Some(_) => return Ok(MoveResult::Recount),
            None => None,
        };
        let update = if backwards {
            "update memberships set read_upto = $3 where person = $1 and conversation = $2 \
             and read_upto > $3"
        } else {
            "update memberships set read_upto = $3 where person = $1 and conversation = $2 \
             and read_upto < $3"
        };
        let result = sqlx::query(update)
            .bind(person)
            .bind(conversation)
            .bind(upto)
            .execute(&mut self.connection)
            .await?
            .rows_affected()
            > 0;
        if !backwards {
            self.record_read_receipt(person, conversation, upto).await?;
        }
        if result {
            let unread = match unread {
                Some(unread) => unread,
                None => unread::after(&mut self.connection, person, conversation, upto).await?,
            };
            self.append(
                StreamId::Person(person),
                Change::ReadPositionChanged { conversation, upto, unread, head },
            )
            .await?;
        }
        Ok(MoveResult::Moved)
    }
}

/// The count as of `head`, with messages posted since. `None` where another event has changed it.
async fn recount_since(
    from: &mut Connection,
    person: PersonId,
    conversation: ConversationId,
    count: UnreadCount,
    head: Seq,
) -> Result<Option<Unread>> {
    let UnreadCount { head: counted_at, upto, mut unread } = count;
    if upto >= head {
        return Ok(Some(Unread::default()));
    }
    if head == counted_at {
        return Ok(Some(unread));
    }
    let rows: Vec<(Seq, String, Option<PersonId>)> = sqlx::query_as(
        "select seq, kind, actor from changes where stream = $1 and seq > $2 order by seq",
    )
    .bind(conversation)
    .bind(counted_at)
    .fetch_all(&mut *from)
    .await?;
    let changes_mentions = |kind: &str| {
        use EventKind::{Deleted, Edited, Restored};
        matches!(EventKind::parse(kind), Some(Edited | Deleted | Restored) | None)
    };
    if rows.iter().any(|(_, kind, _)| changes_mentions(kind)) {
        return Ok(None);
    }
    unread.seqs.extend(
        rows.iter()
            .filter(|(_, kind, actor)| kind == EventKind::Posted.name() && *actor != Some(person))
            .map(|(seq, ..)| *seq),
    );
    let above = unread.seqs.len().saturating_sub(Unread::MAX_LISTED);
    unread.seqs.drain(..above);
    unread.more += u32::try_from(above).unwrap_or(u32::MAX);
    unread.mentions.extend(mentions::after(from, person, conversation, counted_at).await?);
    Ok(Some(unread))
}
