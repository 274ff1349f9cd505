//! The workshop: one or two threads of low priority that do what takes long (pictures, sums of whole files), one piece after the
//! other, so that messages do not wait for it and memory is bounded.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use tokio::sync::oneshot;

use super::priority::Precedence;
use crate::domain::{ChatError, Code};

/// Pieces of work that may wait; beyond that people are told to try again.
const MOST_WAITING: usize = 256;
/// How polite the threads are whose work somebody waits for: the least polite has 0, the most 19.
const NICENESS: i32 = 10;
/// And those whose work is only to be done some day.
pub const MOST_NICE: i32 = 19;

type Piece = Box<dyn FnOnce() + Send>;

/// The way to it.
pub struct Workshop {
    pieces: mpsc::SyncSender<Piece>,
}

impl Workshop {
    /// Opens one of one or two threads, as the machine has cores, each of whose pieces waits for what goes before it.
    #[must_use]
    pub fn new(precedence: &Precedence) -> Self {
        Self::of(thread::available_parallelism().map_or(1, |cores| cores.get() / 2).clamp(1, 2), NICENESS, precedence)
    }

    /// Opens one of so many threads, which are so polite (0 to 19). It closes when the last way to it is gone.
    #[must_use]
    pub fn of(threads: usize, niceness: i32, precedence: &Precedence) -> Self {
        let (pieces, waiting) = mpsc::sync_channel::<Piece>(MOST_WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..threads {
            let (waiting, precedence) = (Arc::clone(&waiting), precedence.clone());
            let work = move || {
                let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), niceness);
                while let Some(piece) = take(&waiting) {
                    precedence.give_way();
                    piece();
                }
            };
            // Without a thread the pieces are dropped, and whoever asked hears that.
            let _ = thread::Builder::new().name("workshop".into()).spawn(work);
        }
        Self { pieces }
    }

    /// Does a piece of work there. What panics is a defect of ours or of a library, met by what somebody sent: it is logged, and ends
    /// nothing else.
    ///
    /// # Errors
    /// `busy` when too much waits; `internal` when it panicked.
    pub async fn perform<T: Send + 'static>(&self, piece: impl FnOnce() -> T + Send + 'static) -> Result<T, ChatError> {
        let (tell, told) = oneshot::channel();
        let piece: Piece = Box::new(move || {
            let done = catch_unwind(AssertUnwindSafe(piece));
            // Nobody waits any more when the request was broken off.
            let _ = tell.send(done.ok());
        });
        self.pieces.try_send(piece).map_err(|_| busy())?;
        told.await.ok().flatten().ok_or_else(|| {
            tracing::error!("background job panicked");
            ChatError::internal()
        })
    }
}

fn take(waiting: &Mutex<mpsc::Receiver<Piece>>) -> Option<Piece> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

fn busy() -> ChatError {
    ChatError { retry_after: Some(5), ..ChatError::new(Code::Busy, "The server is processing many files. Try again in a moment.") }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::server::background::priority::{LOOKS, MOST_LOOKS};

    #[tokio::test]
    async fn what_panics_is_told_and_the_next_piece_is_done() {
        let workshop = Workshop::new(&Precedence::default());
        let broken = workshop.perform(|| assert_eq!(1, 2)).await.unwrap_err();
        assert_eq!(broken.code, Code::Internal);
        assert_eq!(workshop.perform(|| 3).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_piece_is_not_begun_while_something_urgent_is_under_way() {
        let precedence = Precedence::default();
        let workshop = Workshop::new(&precedence);
        let (asked, urgent) = (Instant::now(), precedence.take());
        let begun = workshop.perform(Instant::now).await.unwrap();
        assert!(begun - asked >= LOOKS * MOST_LOOKS, "and is begun all the same where that does not end");
        drop(urgent);
    }
}
