//! Messages that were posted before: a repeated client ID is answered with the first position.

use super::new_message::{NewMessage, Position};
use crate::{
    domain::{ChatError, ClientId, ConversationId, FileId, Millis, PersonId, Seq},
    server::{
        error::AppError,
        store::{Result, WriteTx, conversations::membership},
    },
};

impl WriteTx {
    /// Whether the author posted a message with this ID before.
    pub(super) async fn is_duplicate(
        &mut self,
        author: PersonId,
        client_id: ClientId,
    ) -> Result<bool> {
        let row = sqlx::query("select 1 from changes where actor = $1 and client_id = $2");
        Ok(row.bind(author).bind(client_id).fetch_optional(&mut self.connection).await?.is_some())
    }

    /// The position of a message that was posted before with the same ID.
    ///
    /// # Errors
    /// `Conflict` if the ID belongs to another message; `Invalid` if there is none, because then the
    /// message that is replied to is what does not exist.
    pub(super) async fn existing_post(
        &mut self,
        message: NewMessage,
        mut files: Vec<FileId>,
    ) -> Result<Position> {
        membership::check_member(&mut self.connection, message.author, message.conversation)
            .await?;
        let existing: Option<ExistingRow> = sqlx::query_as(
            "select stream, seq, at, body, target, edited, deleted, names \
             from changes where actor = $1 and client_id = $2",
        )
        .bind(message.author)
        .bind(message.client_id)
        .fetch_optional(&mut self.connection)
        .await?;
        let Some(existing) = existing else {
            return Err(ChatError::invalid(
                "answers",
                "The message that you replied to does not exist.",
            )
            .into());
        };
        let is_same_text = match self.original_text(&existing).await? {
            Some(first) => first == message.body,
            // Deleted and purged: the ID alone decides.
            None => true,
        };
        let attachment_ids = if existing.names.is_some() {
            self.attachment_ids(existing.stream, existing.seq).await?
        } else {
            Vec::new()
        };
        files.sort_unstable();
        if existing.stream == message.conversation
            && existing.target == message.reply_to
            && is_same_text
            && attachment_ids == files
        {
            return Ok((existing.seq, existing.at));
        }
        Err(AppError::Client(
            ChatError::conflict("This ID is already used by another message.").at("client_id"),
        ))
    }

    /// The original text of a message, also if it was edited or deleted since. `None` once it is
    /// purged.
    async fn original_text(&mut self, existing: &ExistingRow) -> Result<Option<String>> {
        if existing.edited.is_none() && existing.deleted.is_none() {
            return Ok(Some(existing.body.clone()));
        }
        let first: Option<(String,)> = sqlx::query_as(
            "select body from versions where stream = $1 and message = $2 order by until limit 1",
        )
        .bind(existing.stream)
        .bind(existing.seq)
        .fetch_optional(&mut self.connection)
        .await?;
        Ok(first.map(|(body,)| body))
    }
}

/// A message that was posted before with the same ID.
#[derive(sqlx::FromRow)]
struct ExistingRow {
    stream: ConversationId,
    seq: Seq,
    at: Millis,
    body: String,
    target: Option<Seq>,
    edited: Option<Millis>,
    deleted: Option<Millis>,
    names: Option<String>,
}
