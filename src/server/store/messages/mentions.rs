//! Mentions, stored so that unread mentions can be counted without reading messages.

use std::collections::HashMap;

use crate::{
    domain::{Conversation, ConversationId, PersonId, Seq, markup},
    server::{
        names::username_key,
        store::{Result, WriteTx, engine::Connection},
    },
};

/// Stands for everyone in the conversation.
const EVERYONE: PersonId = PersonId(uuid::Uuid::nil());

impl WriteTx {
    /// Replaces the mentions of a message. Only members can be mentioned.
    pub(in crate::server::store) async fn replace_mentions(
        &mut self,
        conversation: &Conversation,
        message: Seq,
        author: PersonId,
        body: &str,
    ) -> Result<()> {
        sqlx::query("delete from mentions where conversation = $1 and message = $2")
            .bind(conversation.id)
            .bind(message)
            .execute(&mut self.connection)
            .await?;
        self.insert_mentions(conversation, message, author, body).await
    }

    /// Stores the mentions of a new message.
    pub(in crate::server::store) async fn insert_mentions(
        &mut self,
        conversation: &Conversation,
        message: Seq,
        author: PersonId,
        body: &str,
    ) -> Result<()> {
        let mentioned = markup::mentions(body);
        if mentioned.everyone && conversation.may_mention_everyone(author).is_ok() {
            self.insert_mention(conversation.id, message, EVERYONE).await?;
        }
        for username in mentioned.usernames {
            let person: Option<(PersonId,)> = sqlx::query_as(
                "select p.id from people p join memberships m on m.person = p.id \
                 and m.conversation = $3 where p.username_key = $1 and p.username = $2",
            )
            .bind(username_key(&username))
            .bind(&username)
            .bind(conversation.id)
            .fetch_optional(&mut self.connection)
            .await?;
            if let Some((person,)) = person.filter(|(person,)| *person != author) {
                self.insert_mention(conversation.id, message, person).await?;
            }
        }
        Ok(())
    }

    async fn insert_mention(
        &mut self,
        conversation: ConversationId,
        message: Seq,
        person: PersonId,
    ) -> Result<()> {
        sqlx::query(
            "insert into mentions (conversation, message, person) \
             values ($1, $2, $3) on conflict do nothing",
        )
        .bind(conversation)
        .bind(message)
        .bind(person)
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }
}

/// The messages after the read positions of somebody that mention them, ascending, by conversation.
pub(in crate::server::store) async fn unread(
    from: &mut Connection,
    person: PersonId,
) -> Result<HashMap<ConversationId, Vec<Seq>>> {
    let rows: Vec<(ConversationId, Seq)> = sqlx::query_as(
        "select n.conversation, n.message from memberships m \
         join mentions n on n.conversation = m.conversation and n.person in ($1, $2) \
         and n.message > m.read_upto \
         join changes c on c.stream = n.conversation and c.seq = n.message \
         where m.person = $1 and c.actor <> $1 order by n.message",
    )
    .bind(person)
    .bind(EVERYONE)
    .fetch_all(from)
    .await?;
    let mut found: HashMap<ConversationId, Vec<Seq>> = HashMap::new();
    for (conversation, seq) in rows {
        let seqs = found.entry(conversation).or_default();
        if seqs.last() != Some(&seq) {
            seqs.push(seq);
        }
    }
    Ok(found)
}

/// The messages after a position that mention somebody, ascending.
pub(in crate::server::store) async fn after(
    from: &mut Connection,
    person: PersonId,
    conversation: ConversationId,
    upto: Seq,
) -> Result<Vec<Seq>> {
    let rows: Vec<(Seq,)> = sqlx::query_as(
        "select n.message from mentions n join changes c on c.stream = n.conversation \
         and c.seq = n.message \
         where n.person in ($1, $2) and n.conversation = $3 and n.message > $4 \
         and c.actor <> $1 order by n.message",
    )
    .bind(person)
    .bind(EVERYONE)
    .bind(conversation)
    .bind(upto)
    .fetch_all(from)
    .await?;
    let mut seqs: Vec<Seq> = rows.into_iter().map(|(seq,)| seq).collect();
    seqs.dedup();
    Ok(seqs)
}
