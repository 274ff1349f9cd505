//! Code in its colours and formulas as they are printed: done in processes of their own, bounded in time and memory, in turn between
//! persons. A browser would load half as much again to do it itself.

mod code;
mod fair_queue;
mod math;
#[cfg(test)]
mod tests;
pub mod worker;
mod worker_pool;

use std::{path::PathBuf, time::Duration};

use crate::domain::{
    ChatError, Code, PersonId,
    typeset::{Piece, Wanted},
};
use fair_queue::FairQueue;
use worker_pool::WorkerPool;

/// Requests that are at work at once: it is never what a server is for.
const MAX_CONCURRENT: usize = 2;
/// Whoever asks waits no longer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// The way to what sets code and formulas.
pub struct Renderer {
    queue: FairQueue,
    pool: WorkerPool,
}

impl Renderer {
    /// Nothing is started before somebody asks; `program` is this one.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self { queue: FairQueue::new(MAX_CONCURRENT), pool: WorkerPool::new(program) }
    }

    /// Each text's pieces; nothing for one that stays as it was typed.
    ///
    /// # Errors
    /// `busy` where it is not done in time: what is not known yet is not said to have none.
    pub async fn render(&self, person: PersonId, texts: Vec<Wanted>) -> Result<Vec<Option<Vec<Piece>>>, ChatError> {
        let done = tokio::time::timeout(REQUEST_TIMEOUT, async {
            let _permit = self.queue.acquire(person).await?;
            match self.pool.render(texts).await {
                Ok(answers) => Some(answers),
                Err(error) => {
                    tracing::error!(%error, "cannot start a typeset worker: code and formulas are shown as typed");
                    None
                }
            }
        });
        done.await.ok().flatten().ok_or_else(busy)
    }
}

fn busy() -> ChatError {
    ChatError { retry_after: Some(5), ..ChatError::new(Code::Busy, "The server is busy. Try again in a moment.") }
}
