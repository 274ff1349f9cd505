//! Files and the messages that carry them: what a message is sent with, and what is forgotten with it.

use super::uploads::{read, write};
use crate::{
    domain::{Attachment, ChatError, ConversationId, FileId, Millis, PersonId, Seq, file, message::RESTORE_MILLIS},
    server::{
        clock,
        error::Failure,
        store::{Ledger, Outcome, Store, journal_rows},
    },
};

/// How long a file stays that is not sent with a message.
const WAITS: Millis = 24 * 3600 * 1000;
/// Most files that are forgotten together.
const TOGETHER: u32 = 100;

impl Store {
    /// Forgets files that were not sent within a day, and those of messages that cannot be restored any more. Says the ids of the former
    /// and the names of bytes that may lie there for nobody now; at most some at once, so it is called until there are none.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn forget_files(&self) -> Outcome<(Vec<FileId>, Vec<String>)> {
        // Looked for by a reader: where much was deleted long ago, finding those with files takes longer than a write may wait.
        let (waits, restorable) = (clock::now() - WAITS, clock::now() - RESTORE_MILLIS);
        let ids: Vec<(FileId,)> = sqlx::query_as(
            "select id from files where message is null and started < $1 \
             union all select f.id from changes c join files f on f.conversation = c.stream and f.message = c.seq \
             and f.message is not null where c.deleted is not null and c.deleted < $2 limit $3",
        )
        .bind(waits)
        .bind(restorable)
        .bind(TOGETHER)
        .fetch_all(&self.readers)
        .await?;
        if ids.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        self.perform(move |ledger| Box::pin(ledger.forget_files(ids, waits, restorable))).await
    }

    /// Of these names those under which nobody's file lies.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn nobodys(&self, names: Vec<String>) -> Outcome<Vec<String>> {
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

    /// Whether what has come of an upload of this id is still needed.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn knows_upload(&self, id: FileId) -> Outcome<bool> {
        Ok(sqlx::query("select 1 from files where id = $1 and shown is null").bind(id).fetch_optional(&self.readers).await?.is_some())
    }
}

impl Ledger {
    /// Files that this person uploaded for this conversation and may send now, as they are shown.
    pub(in crate::server::store) async fn ready(
        &mut self,
        owner: PersonId,
        conversation: ConversationId,
        ids: &[FileId],
    ) -> Outcome<Vec<Attachment>> {
        let mut files = Vec::with_capacity(ids.len());
        for id in ids {
            let row: Option<(String,)> = sqlx::query_as(
                "select shown from files where id = $1 and owner = $2 and conversation = $3 and message is null and shown is not null",
            )
            .bind(id)
            .bind(owner)
            .bind(conversation)
            .fetch_optional(&mut self.connection)
            .await?;
            files.push(read(&row.ok_or_else(|| ChatError::not_found().at("files"))?.0)?);
        }
        Ok(files)
    }

    /// A message carries these files from now on.
    pub(in crate::server::store) async fn attach(&mut self, conversation: ConversationId, message: Seq, files: &[Attachment]) -> Outcome<()> {
        sqlx::query("update changes set files = $3, names = $4 where stream = $1 and seq = $2")
            .bind(conversation)
            .bind(message)
            .bind(write(&files)?)
            .bind(file::names(files))
            .execute(&mut self.connection)
            .await?;
        for file in files {
            sqlx::query("update files set message = $2 where id = $1").bind(file.id).bind(message).execute(&mut self.connection).await?;
        }
        Ok(())
    }

    /// The ids of the files that a message carries, ascending.
    pub(in crate::server::store) async fn carried(&mut self, conversation: ConversationId, message: Seq) -> Outcome<Vec<FileId>> {
        let mut ids: Vec<FileId> = self.attached(conversation, message).await?.into_iter().map(|file| file.id).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// The files that a message carries.
    pub(in crate::server::store) async fn attached(&mut self, conversation: ConversationId, message: Seq) -> Outcome<Vec<Attachment>> {
        let row: Option<(Option<String>,)> = sqlx::query_as("select files from changes where stream = $1 and seq = $2")
            .bind(conversation)
            .bind(message)
            .fetch_optional(&mut self.connection)
            .await?;
        journal_rows::files(row.and_then(|(files,)| files).as_deref()).ok_or_else(|| Failure::Broken("files that cannot be read".into()))
    }

    async fn forget_files(&mut self, ids: Vec<(FileId,)>, waits: Millis, restorable: Millis) -> Outcome<(Vec<FileId>, Vec<String>)> {
        type Gone = (ConversationId, Option<Seq>, Option<String>, Option<String>, Option<String>);
        let (mut not_sent, mut names) = (Vec::new(), Vec::new());
        for (id,) in ids {
            // Sent or restored meanwhile: then it stays.
            let gone: Option<Gone> = sqlx::query_as(
                "delete from files where id = $1 and (message is null and started < $2 or exists \
                 (select 1 from changes c where c.stream = files.conversation and c.seq = files.message and c.deleted < $3)) \
                 returning conversation, message, whole, large, small",
            )
            .bind(id)
            .bind(waits)
            .bind(restorable)
            .fetch_optional(&mut self.connection)
            .await?;
            let Some((conversation, message, whole, large, small)) = gone else { continue };
            names.extend([whole, large, small].into_iter().flatten());
            match message {
                None => not_sent.push(id),
                // Nor what it was called and began with.
                Some(message) => {
                    sqlx::query("update changes set files = null, names = null where stream = $1 and seq = $2")
                        .bind(conversation)
                        .bind(message)
                        .execute(&mut self.connection)
                        .await?;
                }
            }
        }
        Ok((not_sent, names))
    }
}
