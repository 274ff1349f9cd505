//! The write transaction, as write ops see it: they write through it, append events to streams, and
//! emit what is published after the commit.

use super::{
    engine::{
        self, CommitError, CommitResult, Connection, Row, identity,
        last_write::LastWriteFile,
        statements::{CallError, Query, Statements},
    },
    events::StoreEvent,
    journal_rows,
};
use crate::{
    domain::{Change, ConversationId, Entry, Millis, Seq},
    protocol::StreamId,
    server::{clock::Clock, error::Result},
};

/// Whether the database has the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TxState {
    /// Its first statement will begin it.
    Pending,
    Open,
    Committed,
}

/// Pages that a commit adds to the WAL, and each event of it, roughly; counted so that the length
/// of the WAL need not be asked for after each commit.
const PAGES_PER_COMMIT: u64 = 16;
const PAGES_PER_EVENT: u64 = 4;

/// The open write transaction. There is one; only the write queue hands it out.
pub struct WriteTx {
    pub(super) connection: Connection,
    pub(super) now: Millis,
    clock: Clock,
    pub(super) everyone: ConversationId,
    state: TxState,
    /// An op was kept, and its savepoint is still open.
    savepoint_open: bool,
    events: Vec<StoreEvent>,
    /// Pages that may be added to the WAL before its length is asked for.
    wal_room: u64,
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
            state: TxState::Pending,
            savepoint_open: false,
            events: Vec::new(),
            wal_room: 0,
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

    /// Begins a transaction. The database hears of it with the first statement, or at once if that
    /// is to count up the generation.
    pub(super) async fn begin(&mut self) -> CommitResult {
        self.now = self.clock.now();
        self.state = TxState::Pending;
        if !self.checkpointed {
            return Ok(());
        }
        self.begin_generation().await.map_err(|e| {
            tracing::error!(error = %e, "database error");
            engine::commit_error(&e)
        })
    }

    async fn begin_generation(&mut self) -> Result<(), sqlx::Error> {
        sqlx::query(engine::BEGIN).execute(&mut self.connection).await?;
        self.state = TxState::Open;
        identity::bump_generation(&mut self.connection).await
    }

    /// Runs statements in one call, which begins the transaction if it is the first one, and
    /// commits it on request.
    pub(super) async fn run_statements(
        &mut self,
        statements: &Statements,
        commits: bool,
        bind: impl FnOnce(Query) -> Query,
    ) -> Result<Vec<Row>> {
        let begins = self.state == TxState::Pending;
        match statements.run(&mut self.connection, begins, commits, bind).await {
            Ok(rows) => {
                self.state = if commits { TxState::Committed } else { TxState::Open };
                Ok(rows)
            }
            Err(CallError { cause, executed }) => {
                if executed > 0 {
                    self.state = TxState::Open;
                }
                if commits && executed == statements.count(begins, commits) - 1 {
                    check_failed_commit(&cause);
                }
                Err(cause.into())
            }
        }
    }

    /// Whether a call of statements has committed the transaction.
    pub(super) fn is_committed(&self) -> bool {
        self.state == TxState::Committed
    }

    pub(super) async fn commit(&mut self) -> CommitResult {
        match self.state {
            TxState::Pending => return Ok(()),
            TxState::Open => {
                if let Err(e) = sqlx::query(engine::COMMIT).execute(&mut self.connection).await {
                    check_failed_commit(&e);
                    return Err(CommitError::StorageFull);
                }
            }
            TxState::Committed => {}
        }
        self.savepoint_open = false;
        self.checkpointed = false;
        self.record_last_write();
        let events = u64::try_from(self.events.len()).unwrap_or(u64::MAX);
        let pages = PAGES_PER_COMMIT.saturating_add(events.saturating_mul(PAGES_PER_EVENT));
        self.wal_room = self.wal_room.saturating_sub(pages);
        Ok(())
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
        if self.wal_room == 0 {
            let state = engine::checkpoint(&mut self.connection).await;
            self.checkpointed |= state.checkpointed;
            self.wal_room = state.room;
        }
    }

    /// Starts an op: what [`Self::undo_op`] takes back begins here. Returns the number of events so
    /// far.
    pub(super) async fn start_op(&mut self) -> Result<usize> {
        let start = match (self.state, self.savepoint_open) {
            (TxState::Pending, _) => "begin immediate; savepoint op",
            (_, true) => "release op; savepoint op",
            (_, false) => "savepoint op",
        };
        sqlx::query(start).execute(&mut self.connection).await?;
        self.state = TxState::Open;
        self.savepoint_open = true;
        Ok(self.events.len())
    }

    /// Takes back what a refused op wrote and emitted.
    pub(super) async fn undo_op(&mut self, events_before: usize) -> Result<()> {
        self.events.truncate(events_before);
        sqlx::query("rollback to op").execute(&mut self.connection).await?;
        Ok(())
    }

    pub(super) async fn rollback(&mut self) {
        self.events.clear();
        self.savepoint_open = false;
        // So that the database is asked something, and a connection that has ended ends the process.
        self.wal_room = 0;
        // Fails where the engine has already rolled back or not begun, which has the same effect.
        let _ = sqlx::query("rollback").execute(&mut self.connection).await;
    }

    pub(super) fn take_events(&mut self) -> Vec<StoreEvent> {
        std::mem::take(&mut self.events)
    }

    pub(super) fn into_connection(self) -> Connection {
        self.connection
    }
}

/// Ends the process unless the disk is just full.
fn check_failed_commit(error: &sqlx::Error) {
    if !engine::is_full(error) {
        engine::abort_on_io_error(error);
    }
    tracing::error!("the disk is full: changes are rejected until there is free space");
}
