//! The background pool: one or two low-priority threads that run long jobs (images, hashes of whole
//! files) one after the other, so that messages do not wait for them and memory is bounded.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use tokio::sync::oneshot;

use super::priority::WriteGate;
use crate::domain::{ChatError, Code};

/// Maximum number of jobs that may be queued; beyond that clients are told to try again.
const MAX_QUEUED: usize = 256;
/// Niceness of threads with foreground jobs, from 0 to 19.
const DEFAULT_NICENESS: i32 = 10;
/// Niceness of threads with background jobs.
pub const LOWEST_PRIORITY: i32 = 19;

type Job = Box<dyn FnOnce() + Send>;

/// A handle to the pool. Cloning it is cheap.
#[derive(Clone)]
pub struct BackgroundPool {
    sender: mpsc::SyncSender<Job>,
}

impl BackgroundPool {
    /// Starts one or two threads, depending on the number of cores. Each job first yields to
    /// database writes.
    #[must_use]
    pub fn new(write_gate: &WriteGate) -> Self {
        Self::with_threads(
            thread::available_parallelism().map_or(1, |cores| cores.get() / 2).clamp(1, 2),
            DEFAULT_NICENESS,
            write_gate,
        )
    }

    /// Starts this many threads with this niceness (0 to 19). They end when the last handle is
    /// dropped.
    #[must_use]
    pub fn with_threads(threads: usize, niceness: i32, write_gate: &WriteGate) -> Self {
        let (sender, receiver) = mpsc::sync_channel::<Job>(MAX_QUEUED);
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..threads {
            let (receiver, write_gate) = (Arc::clone(&receiver), write_gate.clone());
            let work = move || {
                let _ =
                    rustix::process::setpriority_process(Some(rustix::thread::gettid()), niceness);
                while let Some(job) = next_job(&receiver) {
                    write_gate.yield_to_writes();
                    job();
                }
            };
            // Without a thread the jobs are dropped, and their callers get an error.
            let _ = thread::Builder::new().name("background".into()).spawn(work);
        }
        Self { sender }
    }

    /// Runs a job on the pool. A panic, triggered by hostile input, is logged, and the thread
    /// continues.
    ///
    /// # Errors
    /// `busy` when the queue is full; `internal` when the job panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ChatError> {
        let (reply, response) = oneshot::channel();
        let job: Job = Box::new(move || {
            let done = catch_unwind(AssertUnwindSafe(job));
            // The receiver is gone if the request was cancelled.
            let _ = reply.send(done.ok());
        });
        self.sender.try_send(job).map_err(|_| busy())?;
        response.await.ok().flatten().ok_or_else(|| {
            tracing::error!("background job panicked");
            ChatError::internal()
        })
    }
}

fn next_job(receiver: &Mutex<mpsc::Receiver<Job>>) -> Option<Job> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn busy() -> ChatError {
    ChatError {
        retry_after: Some(5),
        ..ChatError::new(Code::Busy, "The server is processing many files. Try again in a moment.")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::server::background::priority::{MAX_POLLS, POLL_INTERVAL};

    #[tokio::test]
    async fn a_panicking_job_returns_an_error_and_the_pool_continues() {
        let pool = BackgroundPool::new(&WriteGate::default());
        let broken = pool.run(|| assert_eq!(1, 2)).await.unwrap_err();
        assert_eq!(broken.code, Code::Internal);
        assert_eq!(pool.run(|| 3).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn jobs_yield_to_writes_in_flight() {
        let write_gate = WriteGate::default();
        let pool = BackgroundPool::new(&write_gate);
        let (queued_at, guard) = (Instant::now(), write_gate.acquire());
        let started_at = pool.run(Instant::now).await.unwrap();
        assert!(
            started_at - queued_at >= POLL_INTERVAL * MAX_POLLS,
            "and is begun all the same where that does not end"
        );
        drop(guard);
    }
}
