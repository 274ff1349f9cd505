//! Earlier versions of edited and deleted messages.

use super::edits::CurrentMessage;
use crate::{
    domain::{
        ChatError, ConversationId, Millis, PersonId, Seq,
        message::{RESTORE_MILLIS, Version},
    },
    server::store::{MessageTarget, Result, Store, WriteTx, conversations::membership},
};

/// Messages whose versions are purged in one transaction.
const PURGE_BATCH: i64 = 100;

impl Store {
    /// The earlier versions of a message, the oldest first.
    ///
    /// # Errors
    /// `not_found` for everybody who is not a member, where there is no message, and where it is
    /// deleted.
    pub async fn versions(
        &self,
        person: PersonId,
        conversation: ConversationId,
        message: Seq,
    ) -> Result<Vec<Version>> {
        let mut view = self.readers.begin().await?;
        membership::check_member(&mut view, person, conversation).await?;
        let standing: Option<(Seq,)> = sqlx::query_as(
            "select seq from changes where stream = $1 and seq = $2 \
             and kind = 'posted' and deleted is null",
        )
        .bind(conversation)
        .bind(message)
        .fetch_optional(&mut *view)
        .await?;
        standing.ok_or_else(ChatError::not_found)?;
        let rows: Vec<(Millis, String)> = sqlx::query_as(
            "select at, body from versions where stream = $1 and message = $2 order by until",
        )
        .bind(conversation)
        .bind(message)
        .fetch_all(&mut *view)
        .await?;
        Ok(rows.into_iter().map(|(at, body)| Version { at, body }).collect())
    }

    /// Purges messages that were deleted too long ago to be restored.
    ///
    /// # Errors
    /// A database error.
    pub async fn purge_deleted(&self) -> Result<()> {
        let before = self.clock.now() - RESTORE_MILLIS;
        loop {
            let batch: Vec<(ConversationId, Seq)> = sqlx::query_as(
                "select stream, seq from changes where deleted is not null and deleted < $1 \
                 and exists (select 1 from versions v where v.stream = changes.stream \
                 and v.message = changes.seq) limit $2",
            )
            .bind(before)
            .bind(PURGE_BATCH)
            .fetch_all(&self.readers)
            .await?;
            if batch.is_empty() {
                return Ok(());
            }
            self.write(move |tx| Box::pin(tx.delete_versions(batch, before))).await?;
        }
    }
}

impl WriteTx {
    /// Stores the text of a message until this event.
    pub(in crate::server::store) async fn insert_version(
        &mut self,
        target: MessageTarget,
        until: Seq,
        message: &CurrentMessage,
    ) -> Result<()> {
        sqlx::query(
            "insert into versions (stream, message, until, at, body) values ($1, $2, $3, $4, $5)",
        )
        .bind(target.conversation)
        .bind(target.message)
        .bind(until)
        .bind(message.written_at)
        .bind(&message.body)
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    async fn delete_versions(
        &mut self,
        of: Vec<(ConversationId, Seq)>,
        before: Millis,
    ) -> Result<()> {
        for (conversation, message) in of {
            // If it was restored meanwhile, its versions are kept.
            sqlx::query(
                "delete from versions where stream = $1 and message = $2 \
                 and exists (select 1 from changes c where c.stream = $1 and c.seq = $2 \
                 and c.deleted < $3)",
            )
            .bind(conversation)
            .bind(message)
            .bind(before)
            .execute(&mut self.connection)
            .await?;
        }
        Ok(())
    }
}
