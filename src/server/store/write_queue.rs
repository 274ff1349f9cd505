//! The write queue: write ops wait here and run in batches, each batch in one transaction with one
//! sync of the disk. After the commit its events are published in order, then the callers get their
//! results. A write that was acknowledged is therefore on disk.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::{mpsc, oneshot};

use super::{
    accounts::session_cache::SessionCache,
    engine::{self, CommitError, CommitResult, transaction_times::TransactionTimes},
    events::Publish,
    transaction::WriteTx,
};
use crate::{
    domain::{ChatError, Code},
    server::{
        background::priority::WriteGate,
        error::{AppError, Result},
    },
};

/// The future of a write op, which borrows the open transaction.
pub(super) type BoxFuture<'t, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 't>>;
/// Sends the caller its result, once it is known whether the transaction was committed.
type Reply = Box<dyn FnOnce(CommitResult) + Send>;
/// Without a transaction the op does not run, and its caller gets an error.
type WriteOp = Box<dyn for<'t> FnOnce(Option<&'t mut WriteTx>) -> BoxFuture<'t, OpResult> + Send>;

/// What an op returned. An internal error aborts the whole transaction; a client error rolls back
/// what the op wrote, and the other ops of the batch stay.
struct OpResult {
    status: CommitResult,
    reply: Reply,
}

/// The most frequent kind of write: ops of this kind that stand next to each other in the queue run
/// as one.
pub(super) trait BulkOp: Sized + Send + 'static {
    /// What one op returns to its caller.
    type Output: Send + 'static;

    /// Bytes to write, approximately.
    fn size(&self) -> usize;

    /// Runs ops in their order; the results are in the order of the ops. If nothing else follows in
    /// the transaction (`commits`), it may be committed.
    ///
    /// # Errors
    /// An internal error: then none of them was written.
    fn run_all(
        ops: Vec<Self>,
        tx: &mut WriteTx,
        commits: bool,
    ) -> impl Future<Output = Result<Vec<Result<Self::Output>>>> + Send;
}

/// Maximum number of commands in one transaction: bounds how long the first of them waits.
const MAX_BATCH: usize = 256;
/// A transaction that has lasted this long accepts no further commands, so that none holds the
/// writer for longer than 20 ms.
const ACCEPT_WITHIN: Duration = Duration::from_millis(5);
/// Nor does a transaction with this many bytes of bulk ops: one statement at its end writes them
/// all.
const MAX_BULK_BYTES: usize = 256 * 1024;
/// Maximum number of commands that may wait; beyond that callers are told to try again.
const MAX_QUEUED: usize = 4_096;

/// Sends write ops to the one task that writes. Cloning it is cheap.
pub(super) struct WriteQueue<B: BulkOp> {
    commands: mpsc::Sender<Command<B>>,
    write_gate: WriteGate,
    times: Arc<TransactionTimes>,
}

impl<B: BulkOp> Clone for WriteQueue<B> {
    fn clone(&self) -> Self {
        Self {
            commands: self.commands.clone(),
            write_gate: self.write_gate.clone(),
            times: Arc::clone(&self.times),
        }
    }
}

enum Command<B: BulkOp> {
    Run(WriteOp),
    RunBulk(B, Caller<B::Output>),
    Stop(oneshot::Sender<()>),
}

/// Where the caller of an op waits for its result.
type Caller<T> = oneshot::Sender<Result<T>>;

impl<B: BulkOp> WriteQueue<B> {
    pub(super) fn start(tx: WriteTx, session_cache: SessionCache, publish: Publish) -> Self {
        let (commands, receiver) = mpsc::channel(MAX_QUEUED);
        let times = Arc::<TransactionTimes>::default();
        tokio::spawn(run(tx, receiver, session_cache, publish, Arc::clone(&times)));
        Self { commands, write_gate: WriteGate::default(), times }
    }

    /// How long the transactions took.
    pub(super) fn times(&self) -> &TransactionTimes {
        &self.times
    }

    /// Held while a write is queued or running.
    pub(super) const fn write_gate(&self) -> &WriteGate {
        &self.write_gate
    }

    /// Runs an op in the next transaction. With a client error nothing stays of what it wrote and
    /// emitted.
    pub(super) async fn run<T, F>(&self, op: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut WriteTx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let (caller, response) = oneshot::channel();
        let op: WriteOp = Box::new(move |tx| {
            Box::pin(async move {
                let result = match tx {
                    Some(tx) => Some(run_or_undo(tx, op).await),
                    None => None,
                };
                let status = match &result {
                    Some(Err(AppError::Internal(cause))) => {
                        Err(engine::commit_error(cause.as_ref()))
                    }
                    _ => Ok(()),
                };
                OpResult { status, reply: reply(caller, result) }
            })
        });
        self.submit(Command::Run(op), response).await
    }

    /// Runs a bulk op in the next transaction.
    pub(super) async fn run_bulk(&self, op: B) -> Result<B::Output> {
        let (caller, response) = oneshot::channel();
        self.submit(Command::RunBulk(op, caller), response).await
    }

    async fn submit<T>(
        &self,
        command: Command<B>,
        response: oneshot::Receiver<Result<T>>,
    ) -> Result<T> {
        let _guard = self.write_gate.acquire();
        self.commands.try_send(command).map_err(|_| busy())?;
        response.await.map_err(|_| busy())?
    }

    /// Stops after the commands that are waiting.
    pub(super) async fn stop(&self) {
        let (caller, response) = oneshot::channel();
        if self.commands.send(Command::Stop(caller)).await.is_ok() {
            let _ = response.await;
        }
    }
}

/// Runs an op in a savepoint, so that a refused one leaves no trace.
async fn run_or_undo<T, F>(tx: &mut WriteTx, op: F) -> Result<T>
where
    F: for<'t> FnOnce(&'t mut WriteTx) -> BoxFuture<'t, Result<T>>,
{
    let events_before = tx.start_op().await?;
    let result = op(tx).await;
    #[cfg(test)]
    let result = super::tests::refusals::end_of_op(tx, result).await;
    match &result {
        Ok(_) => {}
        Err(AppError::Client(_)) => tx.undo_op(events_before).await?,
        // The whole transaction is rolled back.
        Err(AppError::Internal(_)) => {}
    }
    result
}

fn busy() -> AppError {
    AppError::Client(ChatError {
        retry_after: Some(1),
        ..ChatError::new(Code::Busy, "The server is busy. Try again in a moment.")
    })
}

fn storage_full() -> AppError {
    AppError::Client(ChatError {
        retry_after: Some(10),
        ..ChatError::new(
            Code::StorageFull,
            "The server's disk is full. Nothing was saved. Contact the operator of this server.",
        )
    })
}

async fn run<B: BulkOp>(
    mut tx: WriteTx,
    mut commands: mpsc::Receiver<Command<B>>,
    session_cache: SessionCache,
    publish: Publish,
    times: Arc<TransactionTimes>,
) {
    let mut waiting = VecDeque::with_capacity(MAX_BATCH);
    let mut stopped = None;
    while stopped.is_none() && collect_batch(&mut commands, &mut waiting).await {
        let started_at = Instant::now();
        let mut batch =
            Batch { replies: Vec::with_capacity(waiting.len()), status: tx.begin().await };
        let (mut bulk, mut bulk_bytes) = (Vec::new(), 0);
        // Commands that do not fit into this transaction come first in the next one.
        while stopped.is_none()
            && bulk_bytes < MAX_BULK_BYTES
            && started_at.elapsed() < ACCEPT_WITHIN
            && let Some(command) = waiting.pop_front()
        {
            match command {
                Command::RunBulk(op, caller) => {
                    bulk_bytes += op.size();
                    bulk.push((op, caller));
                }
                Command::Run(op) => {
                    batch.run_bulk(&mut tx, std::mem::take(&mut bulk), false).await;
                    batch.run(&mut tx, op).await;
                }
                Command::Stop(caller) => stopped = Some(caller),
            }
        }
        batch.run_bulk(&mut tx, bulk, true).await;
        let result = match batch.status {
            Ok(()) => tx.commit().await,
            failed => failed,
        };
        if result.is_err() {
            tx.rollback().await;
        }
        times.record(started_at.elapsed());
        let events = tx.take_events();
        if result.is_ok() && !events.is_empty() {
            // The cache first, so that nobody who was told of a change is answered from before it.
            session_cache.invalidate(&events);
            publish(events);
        }
        batch.replies.into_iter().for_each(|reply| reply(result));
        tx.checkpoint().await;
    }
    engine::close(tx.into_connection()).await;
    if let Some(caller) = stopped {
        let _ = caller.send(());
    }
}

/// Waits for commands, and includes those that are about to arrive: tasks that are ready to submit
/// one run before this goes on. A single command waits for no others.
async fn collect_batch<B: BulkOp>(
    commands: &mut mpsc::Receiver<Command<B>>,
    waiting: &mut VecDeque<Command<B>>,
) -> bool {
    const ROUNDS: usize = 4;
    if waiting.is_empty() {
        match commands.recv().await {
            Some(command) => waiting.push_back(command),
            None => return false,
        }
    }
    take_ready(commands, waiting);
    for _ in 0..ROUNDS {
        let before = waiting.len();
        tokio::task::yield_now().await;
        take_ready(commands, waiting);
        if waiting.len() == before {
            break;
        }
    }
    true
}

fn take_ready<B: BulkOp>(
    commands: &mut mpsc::Receiver<Command<B>>,
    waiting: &mut VecDeque<Command<B>>,
) {
    while waiting.len() < MAX_BATCH
        && let Ok(command) = commands.try_recv()
    {
        waiting.push_back(command);
    }
}

/// The ops of one transaction: whether it may be committed, and who gets a reply afterwards.
struct Batch {
    replies: Vec<Reply>,
    status: CommitResult,
}

impl Batch {
    /// Runs one op. Outside an open transaction each of its statements would be committed by
    /// itself, so then it does not run.
    async fn run(&mut self, tx: &mut WriteTx, op: WriteOp) {
        let OpResult { status, reply } = op(self.status.is_ok().then_some(tx)).await;
        self.status = self.status.and(status);
        self.replies.push(reply);
    }

    /// Runs bulk ops that stood next to each other. The last ones may commit the transaction.
    async fn run_bulk<B: BulkOp>(
        &mut self,
        tx: &mut WriteTx,
        bulk: Vec<(B, Caller<B::Output>)>,
        commits: bool,
    ) {
        let (ops, callers): (Vec<_>, Vec<_>) = bulk.into_iter().unzip();
        if ops.is_empty() {
            return;
        }
        let results = match self.status {
            Ok(()) => B::run_all(ops, tx, commits).await,
            Err(_) => Err(busy()),
        };
        let results: Vec<Option<Result<B::Output>>> = match results {
            Ok(results) => results.into_iter().map(Some).collect(),
            Err(error) => {
                let failed = match &error {
                    AppError::Internal(cause) => engine::commit_error(cause.as_ref()),
                    AppError::Client(_) => CommitError::Failed,
                };
                self.status = self.status.and(Err(failed));
                // Logs the cause once; each caller is told what to do.
                let _ = ChatError::from(error);
                callers.iter().map(|_| None).collect()
            }
        };
        self.replies
            .extend(callers.into_iter().zip(results).map(|(caller, result)| reply(caller, result)));
    }
}

/// Sends the result of an op. Without a commit the op did not happen.
fn reply<T: Send + 'static>(caller: Caller<T>, result: Option<Result<T>>) -> Reply {
    Box::new(move |commit| {
        let result = match (commit, result) {
            (Ok(()), Some(result)) | (Err(CommitError::Failed), Some(result @ Err(_))) => result,
            (Err(_), Some(Err(error @ AppError::Client(_)))) => Err(error),
            (Err(CommitError::StorageFull), _) => Err(storage_full()),
            (Ok(()) | Err(CommitError::Failed), _) => Err(busy()),
        };
        // Nobody waits any more when the request was cancelled; the op remains committed.
        let _ = caller.send(result);
    })
}
