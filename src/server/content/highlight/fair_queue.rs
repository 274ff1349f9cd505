//! Order of render requests: each person has at most one active request, and people take turns, so
//! that one person's backlog delays nobody else.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use crate::domain::PersonId;

/// Requests of one person that may wait. A browser has one at a time, and a person a few browsers.
const MAX_WAITING: usize = 20;

/// The queue. A clone is another handle to it.
#[derive(Clone)]
pub(super) struct FairQueue(Arc<Mutex<State>>);

struct State {
    /// Number of free slots.
    free: usize,
    active: HashSet<PersonId>,
    waiting: HashMap<PersonId, VecDeque<oneshot::Sender<Permit>>>,
    /// People with a waiting and no active request, the longest wait first.
    ready: VecDeque<PersonId>,
}

/// A slot for one request, freed on drop.
pub(super) struct Permit {
    queue: FairQueue,
    person: PersonId,
}

impl FairQueue {
    /// A queue with this many slots.
    pub(super) fn new(at_once: usize) -> Self {
        let state = State {
            free: at_once,
            active: HashSet::new(),
            waiting: HashMap::new(),
            ready: VecDeque::new(),
        };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Waits for the person's turn; `None` if too many of their requests wait already.
    pub(super) async fn acquire(&self, person: PersonId) -> Option<Permit> {
        let (sender, receiver) = oneshot::channel();
        {
            let mut state = self.state();
            let waiting = state.waiting.entry(person).or_default();
            waiting.retain(|request| !request.is_closed());
            if waiting.len() >= MAX_WAITING {
                return None;
            }
            waiting.push_back(sender);
            if !state.active.contains(&person) && !state.ready.contains(&person) {
                state.ready.push_back(person);
            }
        }
        self.advance();
        receiver.await.ok()
    }

    /// Hands out free slots. A permit whose receiver is gone is dropped outside of the lock,
    /// because its drop takes the lock.
    fn advance(&self) {
        loop {
            let Some((person, request)) = self.state().next() else { return };
            let _ = request.send(Permit { queue: self.clone(), person });
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> Option<(PersonId, oneshot::Sender<Permit>)> {
        if self.free == 0 {
            return None;
        }
        while let Some(person) = self.ready.pop_front() {
            let request = self.waiting.get_mut(&person).and_then(|requests| {
                requests.retain(|request| !request.is_closed());
                requests.pop_front()
            });
            if self.waiting.get(&person).is_some_and(VecDeque::is_empty) {
                self.waiting.remove(&person);
            }
            if let Some(request) = request {
                self.free -= 1;
                self.active.insert(person);
                return Some((person, request));
            }
        }
        None
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        {
            let mut state = self.queue.state();
            state.free += 1;
            state.active.remove(&self.person);
            if state.waiting.contains_key(&self.person) {
                state.ready.push_back(self.person);
            }
        }
        self.queue.advance();
    }
}

#[cfg(test)]
mod tests {
    use std::{future::Future, pin::pin, task::Poll};

    use uuid::Uuid;

    use super::*;

    const ADA: PersonId = PersonId(Uuid::from_u128(1));
    const GRACE: PersonId = PersonId(Uuid::from_u128(2));
    const KOFI: PersonId = PersonId(Uuid::from_u128(3));

    /// The result of a future if it is ready immediately.
    async fn now<T>(mut future: std::pin::Pin<&mut impl Future<Output = T>>) -> Option<T> {
        std::future::poll_fn(|context| {
            Poll::Ready(match future.as_mut().poll(context) {
                Poll::Ready(done) => Some(done),
                Poll::Pending => None,
            })
        })
        .await
    }

    #[tokio::test]
    async fn users_take_turns() {
        let queue = FairQueue::new(2);
        let first = queue.acquire(ADA).await.unwrap();
        let (mut second, mut third) = (pin!(queue.acquire(ADA)), pin!(queue.acquire(ADA)));
        assert!(
            now(second.as_mut()).await.is_none() && now(third.as_mut()).await.is_none(),
            "one per person"
        );
        let grace =
            now(pin!(queue.acquire(GRACE))).await.flatten().expect("another person has a slot");
        let mut kofi = pin!(queue.acquire(KOFI));
        assert!(now(kofi.as_mut()).await.is_none(), "at most two at once");
        drop(first);
        let kofi = now(kofi.as_mut()).await.flatten().expect("Kofi, before Ada's second");
        assert!(now(second.as_mut()).await.is_none());
        drop(kofi);
        let second = now(second.as_mut()).await.flatten().expect("then Ada's second");
        drop(grace);
        assert!(now(third.as_mut()).await.is_none(), "still one per person");
        drop(second);
        assert!(now(third.as_mut()).await.is_some());
    }

    #[tokio::test]
    async fn a_cancelled_request_does_not_block_the_queue() {
        let queue = FairQueue::new(1);
        let first = queue.acquire(ADA).await.unwrap();
        {
            let (mut gone, mut also_gone) = (pin!(queue.acquire(GRACE)), pin!(queue.acquire(ADA)));
            assert!(now(gone.as_mut()).await.is_none() && now(also_gone.as_mut()).await.is_none());
        }
        let mut kofi = pin!(queue.acquire(KOFI));
        assert!(now(kofi.as_mut()).await.is_none());
        drop(first);
        assert!(now(kofi.as_mut()).await.flatten().is_some());
        assert!(now(pin!(queue.acquire(GRACE))).await.flatten().is_some(), "every slot was freed");
    }

    #[tokio::test]
    async fn too_many_requests_of_one_user_are_rejected() {
        let queue = FairQueue::new(1);
        let _first = queue.acquire(ADA).await.unwrap();
        let mut waiting: Vec<_> = (0..MAX_WAITING).map(|_| Box::pin(queue.acquire(ADA))).collect();
        for request in &mut waiting {
            assert!(now(request.as_mut()).await.is_none());
        }
        assert!(now(pin!(queue.acquire(ADA))).await.expect("at once").is_none());
        waiting.pop();
        assert!(now(pin!(queue.acquire(ADA))).await.is_none(), "a cancelled request makes room");
    }
}
