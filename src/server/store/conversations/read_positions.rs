//! Read positions: up to where somebody has read a conversation, and what is unread after that.
//!
//! Counting what is unread takes long where it is much, so it is done before the transaction, by a reader. Inside, only what
//! happened since is added.

use super::{members, snapshot};
use crate::{
    domain::{Change, ConversationId, PersonId, Seq, Unread},
    protocol::StreamId,
    server::store::{Ledger, Outcome, Store, engine::Connection, messages::mentions},
};

/// How often the count is made anew because a message before it was edited, deleted or restored meanwhile.
const TRIES: usize = 3;

/// What was unread after `upto`, as of a head of the conversation.
#[derive(Clone, Debug)]
pub(in crate::server::store) struct Counted {
    head: Seq,
    upto: Seq,
    unread: Unread,
}

/// What moving a read position came to.
enum Moved {
    Done,
    /// The count no longer holds.
    CountAgain,
}

impl Store {
    /// Moves a read position: forwards, or with `back` backwards.
    pub(in crate::server::store) async fn move_read(&self, person: PersonId, conversation: ConversationId, upto: Seq, back: bool) -> Outcome<()> {
        for attempt in 1.. {
            let counted = self.count_unread(person, conversation, upto).await?;
            let last = attempt == TRIES;
            let moved = self.perform(move |ledger| {
                Box::pin(async move {
                    let moved = ledger.move_read(person, conversation, upto, back, Some(counted)).await?;
                    if matches!(moved, Moved::CountAgain) && last {
                        return ledger.move_read(person, conversation, upto, back, None).await;
                    }
                    Ok(moved)
                })
            });
            if matches!(moved.await?, Moved::Done) {
                break;
            }
        }
        Ok(())
    }

    async fn count_unread(&self, person: PersonId, conversation: ConversationId, upto: Seq) -> Outcome<Counted> {
        let mut view = self.readers.begin().await?;
        let head = members::head_for(&mut view, person, conversation).await?;
        let upto = upto.min(head);
        let unread = if upto == head { Unread::default() } else { snapshot::unread(&mut view, person, conversation, upto).await? };
        Ok(Counted { head, upto, unread })
    }
}

impl Ledger {
    /// Moves a read position forwards, and counts here: for few messages, or where nobody else waits.
    pub(in crate::server::store) async fn mark_read(&mut self, person: PersonId, conversation: ConversationId, upto: Seq) -> Outcome<()> {
        self.move_read(person, conversation, upto, false, None).await.map(drop)
    }

    async fn move_read(&mut self, person: PersonId, conversation: ConversationId, upto: Seq, back: bool, counted: Option<Counted>) -> Outcome<Moved> {
        let head = members::head_for(&mut self.connection, person, conversation).await?;
        let upto = upto.min(head);
        let unread = match counted {
            Some(counted) if counted.upto == upto || upto == head => {
                let Some(unread) = since(&mut self.connection, person, conversation, counted, head).await? else { return Ok(Moved::CountAgain) };
                Some(unread)
            }
            Some(_) => return Ok(Moved::CountAgain),
            None => None,
        };
        let update = if back {
            "update memberships set read_upto = $3 where person = $1 and conversation = $2 and read_upto > $3"
        } else {
            "update memberships set read_upto = $3 where person = $1 and conversation = $2 and read_upto < $3"
        };
        let moved = sqlx::query(update).bind(person).bind(conversation).bind(upto).execute(&mut self.connection).await?.rows_affected() > 0;
        if !back {
            self.mark_seen(person, conversation, upto).await?;
        }
        if moved {
            let unread = match unread {
                Some(unread) => unread,
                None => snapshot::unread(&mut self.connection, person, conversation, upto).await?,
            };
            self.append(StreamId::Person(person), Change::ReadMoved { conversation, upto, unread, head }).await?;
        }
        Ok(Moved::Done)
    }
}

/// The count as of `head`, with what was posted since. `None` where something else than posting has changed it.
async fn since(from: &mut Connection, person: PersonId, conversation: ConversationId, counted: Counted, head: Seq) -> Outcome<Option<Unread>> {
    let Counted { head: counted_at, upto, mut unread } = counted;
    if upto >= head {
        return Ok(Some(Unread::default()));
    }
    if head == counted_at {
        return Ok(Some(unread));
    }
    let rows: Vec<(Seq, String, Option<PersonId>)> =
        sqlx::query_as("select seq, kind, actor from changes where stream = $1 and seq > $2 order by seq")
            .bind(conversation)
            .bind(counted_at)
            .fetch_all(&mut *from)
            .await?;
    if rows.iter().any(|(_, kind, _)| matches!(kind.as_str(), "edited" | "deleted" | "restored")) {
        return Ok(None);
    }
    unread.seqs.extend(rows.iter().filter(|(_, kind, actor)| kind == "posted" && *actor != Some(person)).map(|(seq, ..)| *seq));
    let above = unread.seqs.len().saturating_sub(Unread::KNOWN);
    unread.seqs.drain(..above);
    unread.more += u32::try_from(above).unwrap_or(u32::MAX);
    unread.mentions.extend(mentions::after(from, person, conversation, counted_at).await?);
    Ok(Some(unread))
}
