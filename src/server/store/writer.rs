//! The one writer: deeds wait in a queue, are done together in one transaction, committed with one sync of the disk,
//! then published in order, then answered. "Sent" therefore means committed.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::{
    Outcome,
    engine::{self, Connection},
    ledger::{Ledger, News},
    messages::{Draft, Place},
};
use crate::{
    domain::{ChatError, Code, ConversationId},
    server::error::Failure,
};

/// Who is told what was committed. Called by the writer between two transactions: it must not wait.
pub type Publish = Arc<dyn Fn(Vec<News>) + Send + Sync>;

/// A future of a deed, bound to the ledger it writes in.
pub(super) type Doing<'l, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'l>>;
type Settle = Box<dyn FnOnce(bool) + Send>;
/// Without a ledger it is not done, and its asker hears so.
type Deed = Box<dyn for<'l> FnOnce(Option<&'l mut Ledger>) -> Doing<'l, Verdict> + Send>;

/// What a deed came to; `broken` spoils the transaction, a refusal wrote nothing and spoils nothing.
struct Verdict {
    broken: bool,
    settle: Settle,
}

/// Most deeds in one transaction: bounds how long the first of them waits.
const MOST_TOGETHER: usize = 256;
/// Most deeds that may wait; beyond that people are told to try again.
const MOST_WAITING: usize = 4_096;

/// The way to the writer.
#[derive(Clone)]
pub(super) struct Writer {
    deeds: mpsc::Sender<Order>,
}

enum Order {
    Do(Deed),
    /// By far the most frequent deed; those that stand next to each other are done as one.
    Post(Draft, oneshot::Sender<Outcome<Place>>),
    Stop(oneshot::Sender<()>),
}

impl Writer {
    pub(super) fn start(connection: Connection, everyone: ConversationId, publish: Publish) -> Self {
        let (deeds, orders) = mpsc::channel(MOST_WAITING);
        tokio::spawn(write(Ledger::new(connection, everyone), orders, publish));
        Self { deeds }
    }

    /// Does a deed in the next transaction. It must refuse before it writes anything: what it wrote would stay.
    pub(super) async fn perform<T, F>(&self, deed: F) -> Outcome<T>
    where
        T: Send + 'static,
        F: for<'l> FnOnce(&'l mut Ledger) -> Doing<'l, Outcome<T>> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let deed: Deed = Box::new(move |ledger| {
            Box::pin(async move {
                let outcome = match ledger {
                    Some(ledger) => deed(ledger).await,
                    None => Err(not_written()),
                };
                let broken = matches!(outcome, Err(Failure::Broken(_)));
                Verdict { broken, settle: settle(tell, outcome) }
            })
        });
        self.deeds.try_send(Order::Do(deed)).map_err(|_| not_written())?;
        told.await.map_err(|_| not_written())?
    }

    /// Keeps a message in the next transaction.
    pub(super) async fn post(&self, draft: Draft) -> Outcome<Place> {
        let (tell, told) = oneshot::channel();
        self.deeds.try_send(Order::Post(draft, tell)).map_err(|_| not_written())?;
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
    Failure::Refused(ChatError {
        retry_after: Some(1),
        ..ChatError::new(Code::Busy, "The server could not write this down just now. Please try again.")
    })
}

async fn write(mut ledger: Ledger, mut orders: mpsc::Receiver<Order>, publish: Publish) {
    let mut together = Vec::with_capacity(MOST_TOGETHER);
    let mut stopped = None;
    while stopped.is_none() && gather(&mut orders, &mut together).await {
        let mut work = Work { settles: Vec::with_capacity(together.len()), sound: ledger.begin().await };
        let mut posts = Vec::new();
        for order in together.drain(..) {
            match order {
                Order::Post(draft, tell) => posts.push((draft, tell)),
                Order::Do(deed) => {
                    work.post(&mut ledger, std::mem::take(&mut posts)).await;
                    // Outside a sound transaction each statement would be kept by itself.
                    let verdict = deed(work.sound.then_some(&mut ledger)).await;
                    work.sound = work.sound && !verdict.broken;
                    work.settles.push(verdict.settle);
                }
                Order::Stop(tell) => stopped = Some(tell),
            }
        }
        work.post(&mut ledger, posts).await;
        let committed = work.sound && ledger.commit().await;
        if !committed {
            ledger.undo().await;
        }
        let news = ledger.take_news();
        if committed && !news.is_empty() {
            publish(news);
        }
        work.settles.into_iter().for_each(|settle| settle(committed));
    }
    engine::close(ledger.into_connection()).await;
    if let Some(tell) = stopped {
        let _ = tell.send(());
    }
}

/// Waits for orders, and lets those come along that are about to arrive: whoever is ready to ask does so before this goes on.
/// One that is alone waits for nobody.
async fn gather(orders: &mut mpsc::Receiver<Order>, together: &mut Vec<Order>) -> bool {
    const ROUNDS: usize = 4;
    if orders.recv_many(together, MOST_TOGETHER).await == 0 {
        return false;
    }
    for _ in 0..ROUNDS {
        let before = together.len();
        tokio::task::yield_now().await;
        while together.len() < MOST_TOGETHER
            && let Ok(order) = orders.try_recv()
        {
            together.push(order);
        }
        if together.len() == before {
            break;
        }
    }
    true
}

/// What was done in a transaction: whether it may be committed, and who is told afterwards.
struct Work {
    settles: Vec<Settle>,
    sound: bool,
}

impl Work {
    /// Keeps messages that stood next to each other.
    async fn post(&mut self, ledger: &mut Ledger, posts: Vec<(Draft, oneshot::Sender<Outcome<Place>>)>) {
        let (drafts, askers): (Vec<_>, Vec<_>) = posts.into_iter().unzip();
        if drafts.is_empty() {
            return;
        }
        let outcomes = if self.sound { ledger.post_all(drafts).await } else { Err(not_written()) };
        let outcomes = outcomes.unwrap_or_else(|failure| {
            // The cause is logged once; each asker hears that it can try again.
            let _ = ChatError::from(failure);
            self.sound = false;
            askers.iter().map(|_| Err(not_written())).collect()
        });
        self.settles.extend(askers.into_iter().zip(outcomes).map(|(asker, outcome)| settle(asker, outcome)));
    }
}

/// Tells how a deed ended: what was not committed was not done.
fn settle<T: Send + 'static>(asker: oneshot::Sender<Outcome<T>>, outcome: Outcome<T>) -> Settle {
    Box::new(move |committed| {
        let outcome = if committed || outcome.is_err() { outcome } else { Err(not_written()) };
        // Nobody waits any more when the request was broken off; the deed stands all the same.
        let _ = asker.send(outcome);
    })
}
