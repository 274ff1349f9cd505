//! Code highlighting and math rendering, in worker processes that are bounded in time and memory;
//! users take turns. In the browser it would increase the app by half.

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
    rendering::{RenderRequest, Span},
};
use fair_queue::FairQueue;
use worker_pool::WorkerPool;

/// Maximum number of requests at once.
const MAX_CONCURRENT: usize = 2;
/// Longest time a request waits.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Renders code and formulas.
pub struct Renderer {
    queue: FairQueue,
    pool: WorkerPool,
}

impl Renderer {
    /// Starts no worker before the first request; `program` is the server's own executable.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self { queue: FairQueue::new(MAX_CONCURRENT), pool: WorkerPool::new(program) }
    }

    /// Spans of each text; `None` for a text that stays as typed.
    ///
    /// # Errors
    /// `busy` on a timeout, so that clients ask again instead of treating the texts as not
    /// renderable.
    pub async fn render(
        &self,
        person: PersonId,
        texts: Vec<RenderRequest>,
    ) -> Result<Vec<Option<Vec<Span>>>, ChatError> {
        let done = tokio::time::timeout(REQUEST_TIMEOUT, async {
            let _permit = self.queue.acquire(person).await?;
            match self.pool.render(texts).await {
                Ok(results) => Some(results),
                Err(error) => {
                    tracing::error!(%error, "cannot start a typeset worker: code and formulas are \
                                             shown as typed");
                    None
                }
            }
        });
        done.await.ok().flatten().ok_or_else(busy)
    }
}

fn busy() -> ChatError {
    ChatError {
        retry_after: Some(5),
        ..ChatError::new(Code::Busy, "The server is busy. Try again in a moment.")
    }
}
