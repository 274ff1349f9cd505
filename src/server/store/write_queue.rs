//! The one writer: deeds wait in a queue, are done together in one transaction, committed with one sync of the disk,
//! then published in order, then answered. "Sent" therefore means committed.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::{mpsc, oneshot};

use super::{
    Outcome, engine,
    messages::post::{Place, Posting},
    transaction::{Ledger, News},
    transaction_times::TransactionTimes,
};
use crate::{
    domain::{ChatError, Code},
    server::{background::priority::Precedence, error::Failure},
};

/// Who is told what was committed. Called by the writer between two transactions: it must not wait.
pub type Publish = Arc<dyn Fn(Vec<News>) + Send + Sync>;

/// A future of a deed, bound to the ledger it writes in.
pub(super) type Doing<'l, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'l>>;
type Settle = Box<dyn FnOnce(Kept) + Send>;
/// Without a ledger it is not done, and its asker hears so.
type Deed = Box<dyn for<'l> FnOnce(Option<&'l mut Ledger>) -> Doing<'l, Verdict> + Send>;

/// Whether a transaction was kept, or why not.
pub(super) type Kept = Result<(), Unkept>;

/// Why a transaction was not kept. Nothing of it is there, and nothing of it was told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unkept {
    /// There is no room.
    Full,
    /// Something else, which stands in the log.
    Broken,
}

/// What a deed came to; one that broke spoils the transaction, a refusal wrote nothing and spoils nothing.
struct Verdict {
    sound: Kept,
    settle: Settle,
}

/// Most deeds in one transaction: bounds how long the first of them waits.
const MOST_TOGETHER: usize = 256;
/// A transaction that has lasted so long takes nothing more on, so that none holds the writer for longer than 20 ms.
const TAKES_ON_WITHIN: Duration = Duration::from_millis(5);
/// Nor does one that has taken on messages of so many bytes of text and index terms: those are written by one statement at its end.
const MOST_POSTED_BYTES: usize = 256 * 1024;
/// Most deeds that may wait; beyond that people are told to try again.
const MOST_WAITING: usize = 4_096;

/// The way to the writer.
#[derive(Clone)]
pub(super) struct Writer {
    deeds: mpsc::Sender<Order>,
    precedence: Precedence,
    times: Arc<TransactionTimes>,
}

enum Order {
    Do(Deed),
    /// By far the most frequent deed; those that stand next to each other are done as one.
    Post(Posting, oneshot::Sender<Outcome<Place>>),
    Stop(oneshot::Sender<()>),
}

impl Writer {
    pub(super) fn start(ledger: Ledger, publish: Publish) -> Self {
        let (deeds, orders) = mpsc::channel(MOST_WAITING);
        let times = Arc::<TransactionTimes>::default();
        tokio::spawn(write(ledger, orders, publish, Arc::clone(&times)));
        Self { deeds, precedence: Precedence::default(), times }
    }

    /// How long the transactions took.
    pub(super) fn times(&self) -> &TransactionTimes {
        &self.times
    }

    /// Taken while something is being written down.
    pub(super) const fn precedence(&self) -> &Precedence {
        &self.precedence
    }

    /// Does a deed in the next transaction. It must refuse before it writes anything: what it wrote would stay.
    pub(super) async fn perform<T, F>(&self, deed: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: for<'l> FnOnce(&'l mut Ledger) -> Doing<'l, Outcome<T>> + Send + 'static,
    {
        let _urgent = self.precedence.take();
        let (tell, told) = oneshot::channel();
        let deed: Deed = Box::new(move |ledger| {
            Box::pin(async move {
                let outcome = match ledger {
                    Some(ledger) => Some(deed(ledger).await),
                    None => None,
                };
                let sound = match &outcome {
                    Some(Err(Failure::Broken(cause))) => Err(engine::unkept(cause.as_ref())),
                    _ => Ok(()),
                };
                Verdict { sound, settle: settle(tell, outcome) }
            })
        });
        self.deeds.try_send(Order::Do(deed)).map_err(|_| not_written())?;
        told.await.map_err(|_| not_written())?
    }

    /// Keeps a message in the next transaction.
    pub(super) async fn post(&self, posting: Posting) -> Outcome<Place> {
        let _urgent = self.precedence.take();
        let (tell, told) = oneshot::channel();
        self.deeds.try_send(Order::Post(posting, tell)).map_err(|_| not_written())?;
        told.await.map_err(|_| not_written())?
    }

    /// Ends after what is waiting.
    pub(super) async fn stop(&self) {
        let (tell, told) = oneshot::channel();
        if self.deeds.send(Order::Stop(tell)).await.is_ok() {
            let _ = told.await;
        }
    }
}

fn not_written() -> Failure {
    Failure::Refused(ChatError { retry_after: Some(1), ..ChatError::new(Code::Busy, "The server is busy. Try again in a moment.") })
}

fn no_room() -> Failure {
    Failure::Refused(ChatError {
        retry_after: Some(10),
        ..ChatError::new(Code::StorageFull, "The server's disk is full. Nothing was saved. Contact your administrator.")
    })
}

async fn write(mut ledger: Ledger, mut orders: mpsc::Receiver<Order>, publish: Publish, times: Arc<TransactionTimes>) {
    let mut together = VecDeque::with_capacity(MOST_TOGETHER);
    let mut stopped = None;
    while stopped.is_none() && gather(&mut orders, &mut together).await {
        let begun = Instant::now();
        let mut work = Work { settles: Vec::with_capacity(together.len()), sound: ledger.begin().await };
        let (mut posts, mut posted_bytes) = (Vec::new(), 0);
        // What does not fit into the time of this transaction comes first in the next one.
        while stopped.is_none()
            && posted_bytes < MOST_POSTED_BYTES
            && begun.elapsed() < TAKES_ON_WITHIN
            && let Some(order) = together.pop_front()
        {
            match order {
                Order::Post(posting, tell) => {
                    posted_bytes += posting.size();
                    posts.push((posting, tell));
                }
                Order::Do(deed) => {
                    work.post(&mut ledger, std::mem::take(&mut posts)).await;
                    // Outside a sound transaction each statement would be kept by itself.
                    let verdict = deed(work.sound.is_ok().then_some(&mut ledger)).await;
                    work.sound = work.sound.and(verdict.sound);
                    work.settles.push(verdict.settle);
                }
                Order::Stop(tell) => stopped = Some(tell),
            }
        }
        work.post(&mut ledger, posts).await;
        let kept = match work.sound {
            Ok(()) => ledger.commit().await,
            unkept => unkept,
        };
        if kept.is_err() {
            ledger.undo().await;
        }
        times.record(begun.elapsed());
        let news = ledger.take_news();
        if kept.is_ok() && !news.is_empty() {
            publish(news);
        }
        work.settles.into_iter().for_each(|settle| settle(kept));
        ledger.tidy().await;
    }
    engine::close(ledger.into_connection()).await;
    if let Some(tell) = stopped {
        let _ = tell.send(());
    }
}

/// Waits for orders, and lets those come along that are about to arrive: whoever is ready to ask does so before this goes on.
/// One that is alone waits for nobody.
async fn gather(orders: &mut mpsc::Receiver<Order>, together: &mut VecDeque<Order>) -> bool {
    const ROUNDS: usize = 4;
    if together.is_empty() {
        match orders.recv().await {
            Some(order) => together.push_back(order),
            None => return false,
        }
    }
    take_waiting(orders, together);
    for _ in 0..ROUNDS {
        let before = together.len();
        tokio::task::yield_now().await;
        take_waiting(orders, together);
        if together.len() == before {
            break;
        }
    }
    true
}

fn take_waiting(orders: &mut mpsc::Receiver<Order>, together: &mut VecDeque<Order>) {
    while together.len() < MOST_TOGETHER
        && let Ok(order) = orders.try_recv()
    {
        together.push_back(order);
    }
}

/// What was done in a transaction: whether it may be committed, and who is told afterwards.
struct Work {
    settles: Vec<Settle>,
    sound: Kept,
}

impl Work {
    /// Keeps messages that stood next to each other.
    async fn post(&mut self, ledger: &mut Ledger, posts: Vec<(Posting, oneshot::Sender<Outcome<Place>>)>) {
        let (drafts, askers): (Vec<_>, Vec<_>) = posts.into_iter().unzip();
        if drafts.is_empty() {
            return;
        }
        let outcomes = match self.sound {
            Ok(()) => ledger.post_all(drafts).await,
            Err(_) => Err(not_written()),
        };
        let outcomes: Vec<Option<Outcome<Place>>> = match outcomes {
            Ok(outcomes) => outcomes.into_iter().map(Some).collect(),
            Err(failure) => {
                if let Failure::Broken(cause) = &failure {
                    self.sound = self.sound.and(Err(engine::unkept(cause.as_ref())));
                } else {
                    self.sound = self.sound.and(Err(Unkept::Broken));
                }
                // The cause is logged once; each asker hears what to do.
                let _ = ChatError::from(failure);
                askers.iter().map(|_| None).collect()
            }
        };
        self.settles.extend(askers.into_iter().zip(outcomes).map(|(asker, outcome)| settle(asker, outcome)));
    }
}

/// Tells how a deed ended: what was not committed was not done.
fn settle<T: Send + 'static>(asker: oneshot::Sender<Outcome<T>>, outcome: Option<Outcome<T>>) -> Settle {
    Box::new(move |kept| {
        let outcome = match (kept, outcome) {
            (Ok(()), Some(outcome)) | (Err(Unkept::Broken), Some(outcome @ Err(_))) => outcome,
            (Err(_), Some(Err(refused @ Failure::Refused(_)))) => Err(refused),
            (Err(Unkept::Full), _) => Err(no_room()),
            (Ok(()) | Err(Unkept::Broken), _) => Err(not_written()),
        };
        // Nobody waits any more when the request was broken off; the deed stands all the same.
        let _ = asker.send(outcome);
    })
}
