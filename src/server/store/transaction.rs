//! The open transaction, as deeds see it: they write through it, give numbers by it, and leave in it what is to be published.

use super::{
    Outcome, Store,
    accounts::sessions::TokenHash,
    conversations::create,
    engine::{self, Connection, last_write::LastWriteFile},
    write_queue::{Doing, Kept, Unkept},
};
use crate::{
    domain::{Change, ConversationId, Entry, Millis, PersonId, Seq},
    protocol::StreamId,
    server::clock,
};

/// Something that was committed and concerns who is connected.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all are of the large kind; a box would be an allocation for each message")]
pub enum News {
    /// A change, in its place.
    Happened(StreamId, Entry),
    /// From here on this person hears the conversation.
    Joined(ConversationId, PersonId),
    /// From here on this person hears it no more.
    Left(ConversationId, PersonId),
    /// This person has seen the conversation up to here, and lets its members know.
    Seen(ConversationId, PersonId, Seq),
    /// These sessions ended.
    SessionsEnded(Vec<TokenHash>),
}

/// The transaction that is open.
pub struct Ledger {
    pub(super) connection: Connection,
    pub(super) now: Millis,
    pub(super) everyone: ConversationId,
    news: Vec<News>,
    /// The journal was brought into the data file: the next transaction says so (see `data_file`).
    checkpointed: bool,
    last_write: LastWriteFile,
}

impl Store {
    /// Does something that changes the store, in the next transaction, and waits until it is committed.
    ///
    /// # Errors
    /// What the deed refused, or that it could not be written.
    pub async fn perform<T, F>(&self, deed: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: for<'l> FnOnce(&'l mut Ledger) -> Doing<'l, Outcome<T>> + Send + 'static,
    {
        self.writer.perform(deed).await
    }
}

impl Ledger {
    pub(super) fn new(connection: Connection, everyone: ConversationId, last_write: LastWriteFile) -> Self {
        Self { connection, now: clock::now(), everyone, news: Vec::new(), checkpointed: false, last_write }
    }

    /// Writes a change into a stream and gives it the next number.
    pub(super) async fn append(&mut self, stream: StreamId, change: Change) -> Outcome<Seq> {
        let head = match stream {
            StreamId::Conversation(_) => "update conversations set head = head + 1 where id = $1 returning head",
            StreamId::Person(_) => "update people set head = head + 1 where id = $1 returning head",
        };
        let (seq,): (Seq,) = sqlx::query_as(head).bind(stream.uuid()).fetch_one(&mut self.connection).await?;
        let entry = Entry { seq, at: self.now, change };
        super::journal_rows::insert(&mut self.connection, stream, &entry).await?;
        self.tell(News::Happened(stream, entry));
        Ok(seq)
    }

    /// Leaves something to be published after the commit.
    pub(super) fn tell(&mut self, news: News) {
        self.news.push(news);
    }

    pub(super) async fn begin(&mut self) -> Kept {
        self.now = clock::now();
        self.try_begin().await.map_err(|e| {
            tracing::error!(error = %e, "database error");
            engine::unkept(&e)
        })
    }

    async fn try_begin(&mut self) -> Result<(), sqlx::Error> {
        sqlx::query(engine::BEGIN).execute(&mut self.connection).await?;
        if self.checkpointed {
            create::next_generation(&mut self.connection).await?;
        }
        Ok(())
    }

    pub(super) async fn commit(&mut self) -> Kept {
        match sqlx::query("commit").execute(&mut self.connection).await {
            Ok(_) => {
                self.checkpointed = false;
                self.last_write.note(&self.news);
                Ok(())
            }
            Err(e) if engine::is_full(&e) => {
                tracing::error!("the disk is full: changes are rejected until there is free space");
                Err(Unkept::Full)
            }
            Err(e) => engine::end_at_once(&e),
        }
    }

    /// Brings the engine's journal into the data file when it has grown.
    pub(super) async fn tidy(&mut self) {
        self.checkpointed |= engine::checkpoint(&mut self.connection).await;
    }

    pub(super) async fn undo(&mut self) {
        self.news.clear();
        // Fails where the engine has already undone it, which is as good.
        let _ = sqlx::query("rollback").execute(&mut self.connection).await;
    }

    pub(super) fn take_news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    pub(super) fn into_connection(self) -> Connection {
        self.connection
    }
}
