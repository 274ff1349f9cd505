//! Saved messages: messages a person has bookmarked for themself.

use std::collections::HashMap;

use crate::{
    domain::{
        Change, ChatError, ConversationId, Millis, PersonId, Seq,
        message::{self, MAX_SAVED, MessageExcerpt, State},
        text,
    },
    protocol::StreamId,
    server::store::{
        MessageTarget, Result, Store, WriteTx, conversations::membership, engine::Connection,
    },
};

/// The saved messages of a person, by conversation, ascending.
pub(in crate::server::store) async fn all(
    from: &mut Connection,
    person: PersonId,
) -> Result<HashMap<ConversationId, Vec<Seq>>> {
    let rows: Vec<(ConversationId, Seq)> = sqlx::query_as(
        "select conversation, message from saved where person = $1 order by conversation, message",
    )
    .bind(person)
    .fetch_all(from)
    .await?;
    let mut saved = HashMap::<ConversationId, Vec<Seq>>::new();
    for (conversation, message) in rows {
        saved.entry(conversation).or_default().push(message);
    }
    Ok(saved)
}

/// The saved messages of a person in one conversation, ascending.
pub(in crate::server::store) async fn in_conversation(
    from: &mut Connection,
    person: PersonId,
    conversation: ConversationId,
) -> Result<Vec<Seq>> {
    let rows: Vec<(Seq,)> = sqlx::query_as(
        "select message from saved where person = $1 and conversation = $2 order by message",
    )
    .bind(person)
    .bind(conversation)
    .fetch_all(from)
    .await?;
    Ok(rows.into_iter().map(|(message,)| message).collect())
}

impl Store {
    /// Saves a message, or removes it from the saved ones.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member and where there is no message; `conflict` when
    /// it is deleted, and at the limit of saved messages.
    pub async fn save(&self, target: MessageTarget, on: bool) -> Result<()> {
        self.write(move |tx| Box::pin(tx.save(target, on))).await
    }

    /// A person's saved messages that they may still read, the last saved first.
    ///
    /// # Errors
    /// A database error.
    pub async fn saved(&self, person: PersonId) -> Result<Vec<MessageExcerpt>> {
        let rows: Vec<(ConversationId, Seq, Millis, PersonId, String)> = sqlx::query_as(
            "select s.conversation, c.seq, c.at, c.actor, substr(c.said, 1, 400) from saved s \
             join memberships m on m.person = s.person and m.conversation = s.conversation \
             join changes c on c.stream = s.conversation and c.seq = s.message \
             and c.deleted is null \
             where s.person = $1 order by s.at desc, s.message desc",
        )
        .bind(person)
        .fetch_all(&self.readers)
        .await?;
        let read = |(conversation, seq, at, author, body): (_, _, _, _, String)| MessageExcerpt {
            conversation,
            seq,
            at,
            author,
            excerpt: text::excerpt(&body),
        };
        Ok(rows.into_iter().map(read).collect())
    }
}

impl WriteTx {
    async fn save(&mut self, target: MessageTarget, on: bool) -> Result<()> {
        membership::check_member(&mut self.connection, target.by, target.conversation).await?;
        let found: Option<(Option<Millis>,)> = sqlx::query_as(
            "select deleted from changes where stream = $1 and seq = $2 and kind = 'posted'",
        )
        .bind(target.conversation)
        .bind(target.message)
        .fetch_optional(&mut self.connection)
        .await?;
        let (deleted,) = found.ok_or_else(ChatError::not_found)?;
        let (all, mine): (i64, i64) = sqlx::query_as(
            "select count(*), count(*) filter (where conversation = $2 \
             and message = $3) from saved where person = $1",
        )
        .bind(target.by)
        .bind(target.conversation)
        .bind(target.message)
        .fetch_one(&mut self.connection)
        .await?;
        if (mine > 0) == on {
            return Ok(());
        }
        if on {
            message::check_not_deleted(&State { deleted, ..State::default() })?;
            if all >= i64::try_from(MAX_SAVED).unwrap_or(i64::MAX) {
                return Err(ChatError::conflict(format!(
                    "You have saved {MAX_SAVED} messages, which \
                     is the limit. Remove one and try again."
                ))
                .into());
            }
        }
        let write = if on {
            let write = sqlx::query(
                "insert into saved (person, conversation, message, at) values ($1, $2, $3, $4)",
            );
            write.bind(target.by).bind(target.conversation).bind(target.message).bind(self.now)
        } else {
            let write = sqlx::query(
                "delete from saved where person = $1 and conversation = $2 and message = $3",
            );
            write.bind(target.by).bind(target.conversation).bind(target.message)
        };
        write.execute(&mut self.connection).await?;
        let saved =
            Change::Saved { conversation: target.conversation, message: target.message, on };
        self.append(StreamId::Person(target.by), saved).await?;
        Ok(())
    }
}
