//! Cursors of search results, and positions by time.

use crate::{
    domain::{ChatError, ConversationId, Millis, PersonId, Seq},
    server::store::{Result, engine::Connection},
};

/// A message in a cursor. Never a number across conversations, which would reveal how much others
/// write.
pub(in crate::server::store) type MessageRef = (ConversationId, Seq);

/// Where to continue: after the first `skip` of the messages that were ranked together, from the
/// newest to the last of them.
pub(in crate::server::store) struct PageCursor {
    pub(in crate::server::store) newest: Option<MessageRef>,
    pub(in crate::server::store) last: Option<MessageRef>,
    pub(in crate::server::store) skip: usize,
}

/// Maximum number of messages that are ranked together.
const MAX_SKIP: usize = 10_000;

impl PageCursor {
    pub(in crate::server::store) fn encode(&self) -> String {
        let message_ref = |message_ref: &Option<MessageRef>| {
            message_ref.map_or_else(String::new, |(conversation, seq)| {
                format!("{}.{seq}", conversation.0.simple())
            })
        };
        format!("{}~{}~{}", message_ref(&self.newest), message_ref(&self.last), self.skip)
    }

    pub(in crate::server::store) fn parse(text: &str) -> Result<Self, ChatError> {
        let message_ref = |text: &str| -> Option<Option<MessageRef>> {
            if text.is_empty() {
                return Some(None);
            }
            let (conversation, seq) = text.split_once('.')?;
            Some(Some((conversation.parse().ok()?, Seq(seq.parse().ok()?))))
        };
        let parts: Vec<&str> = text.split('~').collect();
        let [newest, last, skip] = parts[..] else { return Err(Self::expired()) };
        let parsed = || {
            Some(Self {
                newest: message_ref(newest)?,
                last: message_ref(last)?,
                skip: skip.parse().ok().filter(|skip| *skip <= MAX_SKIP)?,
            })
        };
        parsed().ok_or_else(Self::expired)
    }

    fn expired() -> ChatError {
        ChatError::invalid("before", "These search results have expired. Search again.")
    }

    /// The range of numbers for this page.
    pub(in crate::server::store) async fn narrow(
        &self,
        view: &mut Connection,
        person: PersonId,
        (mut from, mut to): (i64, i64),
    ) -> Result<(i64, i64)> {
        match (self.newest, self.last) {
            (Some(newest), last) => {
                to = to.min(row_number(view, person, newest).await? + 1);
                if let Some(last) = last {
                    from = from.max(row_number(view, person, last).await?);
                }
            }
            (None, Some(last)) => to = to.min(row_number(view, person, last).await?),
            (None, None) => {}
        }
        Ok((from, to))
    }
}

/// The number of the first message written at this time or later.
pub(in crate::server::store) async fn first_since(
    view: &mut Connection,
    moment: Millis,
) -> Result<i64> {
    let (last,): (i64,) = sqlx::query_as("select coalesce(max(number), 0) from changes")
        .fetch_one(&mut *view)
        .await?;
    let (mut low, mut high) = (1, last + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let (at,): (Millis,) =
            sqlx::query_as("select at from changes where number >= $1 order by number limit 1")
                .bind(middle)
                .fetch_one(&mut *view)
                .await?;
        if at < moment { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

/// The number of a message that this person may read.
async fn row_number(
    view: &mut Connection,
    person: PersonId,
    (conversation, seq): MessageRef,
) -> Result<i64> {
    let row: Option<(Option<i64>,)> = sqlx::query_as(
        "select c.number from memberships m join changes c on c.stream = m.conversation \
         where m.person = $1 and m.conversation = $2 and c.seq = $3",
    )
    .bind(person)
    .bind(conversation)
    .bind(seq)
    .fetch_optional(view)
    .await?;
    Ok(row.and_then(|(number,)| number).ok_or_else(PageCursor::expired)?)
}
