//! The write transaction, as write ops see it: they write through it, append events to streams, and
//! emit what is published after the commit.

use super::{
    engine::{self, CommitError, CommitResult, Connection, identity, last_write::LastWriteFile},
    events::StoreEvent,
    journal_rows,
};
use crate::{
    domain::{Change, ConversationId, Entry, Millis, Seq},
    protocol::StreamId,
    server::{clock::Clock, error::Result},
};

/// The open write transaction. There is one; only the write queue hands it out.
pub struct WriteTx {
    pub(super) connection: Connection,
    pub(super) now: Millis,
    clock: Clock,
    pub(super) everyone: ConversationId,
    events: Vec<StoreEvent>,
    /// The WAL was checkpointed: the next transaction counts up the generation (see
    /// `engine::file_check`).
    checkpointed: bool,
    last_write: LastWriteFile,
}

impl WriteTx {
    pub(super) fn new(
        connection: Connection,
        clock: Clock,
        everyone: ConversationId,
        last_write: LastWriteFile,
    ) -> Self {
        Self {
            connection,
            now: clock.now(),
            clock,
            everyone,
            events: Vec::new(),
            checkpointed: false,
            last_write,
        }
    }

    /// Appends a change to a stream and assigns it the next sequence number.
    pub(super) async fn append(&mut self, stream: StreamId, change: Change) -> Result<Seq> {
        let head = match stream {
            StreamId::Conversation(_) => {
                "update conversations set head = head + 1 where id = $1 returning head"
            }
            StreamId::Person(_) => "update people set head = head + 1 where id = $1 returning head",
        };
        let (seq,): (Seq,) =
            sqlx::query_as(head).bind(stream.uuid()).fetch_one(&mut self.connection).await?;
        let entry = Entry { seq, at: self.now, change };
        journal_rows::insert(&mut self.connection, stream, &entry).await?;
        self.emit(StoreEvent::Appended(stream, entry));
        Ok(seq)
    }

    /// Queues an event to publish after the commit.
    pub(super) fn emit(&mut self, event: StoreEvent) {
        self.events.push(event);
    }

    pub(super) async fn begin(&mut self) -> CommitResult {
        self.now = self.clock.now();
        self.try_begin().await.map_err(|e| {
            tracing::error!(error = %e, "database error");
            engine::commit_error(&e)
        })
    }

    async fn try_begin(&mut self) -> Result<(), sqlx::Error> {
        sqlx::query(engine::BEGIN).execute(&mut self.connection).await?;
        if self.checkpointed {
            identity::bump_generation(&mut self.connection).await?;
        }
        Ok(())
    }

    pub(super) async fn commit(&mut self) -> CommitResult {
        match sqlx::query("commit").execute(&mut self.connection).await {
            Ok(_) => {
                self.checkpointed = false;
                self.record_last_write();
                Ok(())
            }
            Err(e) if engine::is_full(&e) => {
                tracing::error!("the disk is full: changes are rejected until there is free space");
                Err(CommitError::StorageFull)
            }
            Err(e) => engine::abort_on_io_error(&e),
        }
    }

    fn record_last_write(&mut self) {
        let last = self.events.iter().rev().find_map(|event| match event {
            StoreEvent::Appended(stream, entry) => Some((stream.uuid(), entry.seq)),
            _ => None,
        });
        if let Some((stream, seq)) = last {
            self.last_write.record(stream, seq);
        }
    }

    /// Checkpoints the WAL when it has grown.
    pub(super) async fn checkpoint(&mut self) {
        self.checkpointed |= engine::checkpoint(&mut self.connection).await;
    }

    /// Starts an op: what [`Self::undo_op`] takes back begins here. Returns the number of events so
    /// far.
    pub(super) async fn start_op(&mut self) -> Result<usize> {
        sqlx::query("savepoint op").execute(&mut self.connection).await?;
        Ok(self.events.len())
    }

    /// Keeps what the op wrote.
    pub(super) async fn keep_op(&mut self) -> Result<()> {
        sqlx::query("release op").execute(&mut self.connection).await?;
        Ok(())
    }

    /// Takes back what a refused op wrote and emitted.
    pub(super) async fn undo_op(&mut self, events_before: usize) -> Result<()> {
        self.events.truncate(events_before);
        sqlx::query("rollback to op").execute(&mut self.connection).await?;
        self.keep_op().await
    }

    pub(super) async fn rollback(&mut self) {
        self.events.clear();
        // Fails where the engine has already rolled back, which has the same effect.
        let _ = sqlx::query("rollback").execute(&mut self.connection).await;
    }

    pub(super) fn take_events(&mut self) -> Vec<StoreEvent> {
        std::mem::take(&mut self.events)
    }

    pub(super) fn into_connection(self) -> Connection {
        self.connection
    }
}
