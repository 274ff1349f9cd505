//! Attachments: the files of a message, and their removal.

use super::uploads::decode_attachment;
use crate::{
    domain::{
        Attachment, ChatError, ConversationId, FileId, Millis, PersonId, Seq,
        message::RESTORE_MILLIS,
    },
    server::{
        error::AppError,
        store::{Result, Store, WriteTx, journal_rows},
    },
};

/// How long an unsent file is kept.
const UNSENT_TTL: Millis = 24 * 3600 * 1000;
/// Maximum number of files that are purged in one transaction.
const PURGE_BATCH: u32 = 100;

impl Store {
    /// Deletes files that were not sent within a day, and those of messages that can no longer be
    /// restored. Returns the IDs of the former and the blobs that may now be unreferenced; a batch
    /// at a time, so it is called until there are none.
    ///
    /// # Errors
    /// A database error.
    pub async fn purge_files(&self) -> Result<(Vec<FileId>, Vec<String>)> {
        // Searched by a reader: where much was deleted long ago, finding those with files takes
        // longer than a write may wait.
        let now = self.clock.now();
        let (started_before, deleted_before) = (now - UNSENT_TTL, now - RESTORE_MILLIS);
        let ids: Vec<(FileId,)> = sqlx::query_as(
            "select id from files where message is null and started < $1 \
             union all select f.id from changes c join files f on f.conversation = c.stream \
             and f.message = c.seq \
             and f.message is not null where c.deleted is not null and c.deleted < $2 limit $3",
        )
        .bind(started_before)
        .bind(deleted_before)
        .bind(PURGE_BATCH)
        .fetch_all(&self.readers)
        .await?;
        if ids.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        self.write(move |tx| Box::pin(tx.purge_files(ids, started_before, deleted_before))).await
    }

    /// Which of these blobs no row refers to.
    ///
    /// # Errors
    /// A database error.
    pub async fn unreferenced(&self, names: Vec<String>) -> Result<Vec<String>> {
        let mut free = Vec::new();
        for name in names {
            let used = sqlx::query(
                "select 1 from files where whole = $1 or large = $1 or small = $1 union all \
                 select 1 from faces where large = $1 or middle = $1 or small = $1 limit 1",
            );
            if used.bind(&name).fetch_optional(&self.readers).await?.is_none() {
                free.push(name);
            }
        }
        Ok(free)
    }

    /// Whether the upload with this ID is still in progress.
    ///
    /// # Errors
    /// A database error.
    pub async fn is_upload_pending(&self, id: FileId) -> Result<bool> {
        Ok(sqlx::query("select 1 from files where id = $1 and shown is null")
            .bind(id)
            .fetch_optional(&self.readers)
            .await?
            .is_some())
    }
}

impl WriteTx {
    /// Finished and unsent files of this person for this conversation.
    pub(in crate::server::store) async fn pending_attachments(
        &mut self,
        owner: PersonId,
        conversation: ConversationId,
        ids: &[FileId],
    ) -> Result<Vec<Attachment>> {
        let mut files = Vec::with_capacity(ids.len());
        for id in ids {
            let row: Option<(String,)> = sqlx::query_as(
                "select shown from files where id = $1 and owner = $2 and conversation = $3 \
                 and message is null and shown is not null",
            )
            .bind(id)
            .bind(owner)
            .bind(conversation)
            .fetch_optional(&mut self.connection)
            .await?;
            files.push(decode_attachment(
                &row.ok_or_else(|| ChatError::not_found().at("files"))?.0,
            )?);
        }
        Ok(files)
    }

    /// Records that these files were sent with a message.
    pub(in crate::server::store) async fn mark_sent(
        &mut self,
        files: &[FileId],
        message: Seq,
    ) -> Result<()> {
        for id in files {
            sqlx::query("update files set message = $2 where id = $1")
                .bind(id)
                .bind(message)
                .execute(&mut self.connection)
                .await?;
        }
        Ok(())
    }

    /// The IDs of a message's attachments, ascending.
    pub(in crate::server::store) async fn attachment_ids(
        &mut self,
        conversation: ConversationId,
        message: Seq,
    ) -> Result<Vec<FileId>> {
        let mut ids: Vec<FileId> = self
            .attachments_of(conversation, message)
            .await?
            .into_iter()
            .map(|file| file.id)
            .collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// The attachments of a message.
    pub(in crate::server::store) async fn attachments_of(
        &mut self,
        conversation: ConversationId,
        message: Seq,
    ) -> Result<Vec<Attachment>> {
        let row: Option<(Option<String>,)> =
            sqlx::query_as("select files from changes where stream = $1 and seq = $2")
                .bind(conversation)
                .bind(message)
                .fetch_optional(&mut self.connection)
                .await?;
        journal_rows::parse_files(row.and_then(|(files,)| files).as_deref())
            .ok_or_else(|| AppError::Internal("files that cannot be read".into()))
    }

    async fn purge_files(
        &mut self,
        ids: Vec<(FileId,)>,
        started_before: Millis,
        deleted_before: Millis,
    ) -> Result<(Vec<FileId>, Vec<String>)> {
        type DeletedRow =
            (ConversationId, Option<Seq>, Option<String>, Option<String>, Option<String>);
        let (mut pending_file, mut names) = (Vec::new(), Vec::new());
        for (id,) in ids {
            // Sent or restored meanwhile: then it is kept.
            let deleted: Option<DeletedRow> = sqlx::query_as(
                "delete from files where id = $1 and (message is null and started < $2 or exists \
                 (select 1 from changes c where c.stream = files.conversation \
                 and c.seq = files.message and c.deleted < $3)) \
                 returning conversation, message, whole, large, small",
            )
            .bind(id)
            .bind(started_before)
            .bind(deleted_before)
            .fetch_optional(&mut self.connection)
            .await?;
            let Some((conversation, message, whole, large, small)) = deleted else { continue };
            names.extend([whole, large, small].into_iter().flatten());
            match message {
                None => pending_file.push(id),
                // Its name and its first lines are removed too.
                Some(message) => {
                    sqlx::query(
                        "update changes set files = null, names = null \
                         where stream = $1 and seq = $2",
                    )
                    .bind(conversation)
                    .bind(message)
                    .execute(&mut self.connection)
                    .await?;
                }
            }
        }
        Ok((pending_file, names))
    }
}
