//! Files and the messages that carry them: what a message is sent with, and what is forgotten with it.

use super::{
    Ledger, Outcome, Store, entries,
    files::{read, write},
};
use crate::{
    domain::{Attachment, ChatError, ConversationId, FileId, Millis, PersonId, Seq, file, message::RESTORE_MILLIS},
    server::error::Failure,
};

/// How long a file stays that is not sent with a message.
const WAITS: Millis = 24 * 3600 * 1000;
/// Most files that are forgotten together.
const TOGETHER: u32 = 500;

impl Store {
    /// Forgets files that were not sent within a day, and those of messages that cannot be restored any more. Says the ids of the former
    /// and the names of bytes that may lie there for nobody now; at most some at once, so it is called until there are none.
    ///
    /// # Errors
    /// Only what the engine says.
    pub async fn forget_files(&self) -> Outcome<(Vec<FileId>, Vec<String>)> {
        self.perform(|ledger| Box::pin(ledger.forget_files())).await
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
    pub(super) async fn ready(&mut self, owner: PersonId, conversation: ConversationId, ids: &[FileId]) -> Outcome<Vec<Attachment>> {
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
    pub(super) async fn attach(&mut self, conversation: ConversationId, message: Seq, files: &[Attachment]) -> Outcome<()> {
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
    pub(super) async fn carried(&mut self, conversation: ConversationId, message: Seq) -> Outcome<Vec<FileId>> {
        let mut ids: Vec<FileId> = self.attached(conversation, message).await?.into_iter().map(|file| file.id).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// The files that a message carries.
    pub(super) async fn attached(&mut self, conversation: ConversationId, message: Seq) -> Outcome<Vec<Attachment>> {
        let row: Option<(Option<String>,)> = sqlx::query_as("select files from changes where stream = $1 and seq = $2")
            .bind(conversation)
            .bind(message)
            .fetch_optional(&mut self.connection)
            .await?;
        entries::files(row.and_then(|(files,)| files).as_deref()).ok_or_else(|| Failure::Broken("files that cannot be read".into()))
    }

    async fn forget_files(&mut self) -> Outcome<(Vec<FileId>, Vec<String>)> {
        type Gone = (FileId, ConversationId, Option<Seq>, Option<String>, Option<String>, Option<String>);
        let mut gone: Vec<Gone> = sqlx::query_as(
            "delete from files where id in (select id from files where message is null and started < $1 limit $2) \
             returning id, conversation, message, whole, large, small",
        )
        .bind(self.now - WAITS)
        .bind(TOGETHER)
        .fetch_all(&mut self.connection)
        .await?;
        let deleted: Vec<Gone> = sqlx::query_as(
            "delete from files where id in (select f.id from changes c join files f on f.conversation = c.stream and f.message = c.seq \
             and f.message is not null where c.deleted is not null and c.deleted < $1 limit $2) returning id, conversation, message, whole, large, small",
        )
        .bind(self.now - RESTORE_MILLIS)
        .bind(TOGETHER)
        .fetch_all(&mut self.connection)
        .await?;
        for (_, conversation, message, ..) in &deleted {
            // Nor what they were called and began with.
            sqlx::query("update changes set files = null, names = null where stream = $1 and seq = $2")
                .bind(conversation)
                .bind(message)
                .execute(&mut self.connection)
                .await?;
        }
        gone.extend(deleted);
        let not_sent = gone.iter().filter(|(_, _, message, ..)| message.is_none()).map(|(id, ..)| *id).collect();
        let names = gone.into_iter().flat_map(|(_, _, _, whole, large, small)| [whole, large, small]).flatten().collect();
        Ok((not_sent, names))
    }
}
