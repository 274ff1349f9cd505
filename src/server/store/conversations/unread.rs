//! Unread messages, counted in an index of their own, so that many cost no more than few.

use std::collections::HashMap;

use crate::{
    domain::{ConversationId, PersonId, Seq, Unread},
    server::store::{Result, engine::Connection, messages::mentions},
};

/// The unread messages of a person in one conversation, after a position.
pub(in crate::server::store) async fn after(
    from: &mut Connection,
    person: PersonId,
    conversation: ConversationId,
    upto: Seq,
) -> Result<Unread> {
    let newest: Vec<(Seq,)> = sqlx::query_as(
        "select seq from changes indexed by messages_that_count \
         where stream = $1 and seq > $2 and kind = 'posted' and deleted is null \
         and actor <> $3 order by seq desc limit $4",
    )
    .bind(conversation)
    .bind(upto)
    .bind(person)
    .bind(i64::try_from(Unread::MAX_LISTED).unwrap_or(i64::MAX))
    .fetch_all(&mut *from)
    .await?;
    let newest: Vec<Seq> = newest.into_iter().map(|(seq,)| seq).collect();
    let more = count_before(from, person, conversation, upto, &newest).await?;
    let mentions = if newest.is_empty() {
        Vec::new()
    } else {
        mentions::after(from, person, conversation, upto).await?
    };
    Ok(Unread { seqs: newest.into_iter().rev().collect(), more, mentions })
}

/// The unread messages of a person in all conversations that have any. One statement for all of
/// them: a thousand would be a thousand hand-overs to the database.
pub(super) async fn all(
    from: &mut Connection,
    person: PersonId,
) -> Result<HashMap<ConversationId, Unread>> {
    let rows: Vec<(ConversationId, Seq, Option<String>)> = sqlx::query_as(
        "select m.conversation, m.read_upto, (select group_concat(seq) from \
         (select u.seq from changes u indexed by messages_that_count \
         where u.stream = m.conversation and u.seq > m.read_upto and u.kind = 'posted' \
         and u.deleted is null and u.actor <> m.person order by u.seq desc limit $2)) \
         from memberships m join conversations c on c.id = m.conversation \
         where m.person = $1 and c.last_posted > m.read_upto",
    )
    .bind(person)
    .bind(i64::try_from(Unread::MAX_LISTED).unwrap_or(i64::MAX))
    .fetch_all(&mut *from)
    .await?;
    let mut mentions = mentions::unread(from, person).await?;
    let mut all = HashMap::with_capacity(rows.len());
    for (conversation, upto, listed) in rows {
        // In no particular order.
        let mut newest: Vec<Seq> = listed
            .iter()
            .flat_map(|seqs| seqs.split(','))
            .filter_map(|seq| seq.parse().ok().map(Seq))
            .collect();
        newest.sort_unstable_by(|one, other| other.cmp(one));
        let more = count_before(from, person, conversation, upto, &newest).await?;
        newest.reverse();
        if !newest.is_empty() {
            let mentions = mentions.remove(&conversation).unwrap_or_default();
            all.insert(conversation, Unread { seqs: newest, more, mentions });
        }
    }
    Ok(all)
}

/// The number of unread messages before the listed ones, which are the newest.
async fn count_before(
    from: &mut Connection,
    person: PersonId,
    conversation: ConversationId,
    upto: Seq,
    newest: &[Seq],
) -> Result<u32> {
    let Some(first) = newest.last().filter(|_| newest.len() == Unread::MAX_LISTED) else {
        return Ok(0);
    };
    let (more,): (i64,) = sqlx::query_as(
        "select count(*) from changes indexed by messages_that_count \
         where stream = $1 and seq > $2 and seq < $4 and kind = 'posted' \
         and deleted is null and actor <> $3",
    )
    .bind(conversation)
    .bind(upto)
    .bind(person)
    .bind(first)
    .fetch_one(from)
    .await?;
    Ok(u32::try_from(more).unwrap_or(u32::MAX))
}
