//! Whose turn it is: few links are looked at at once, and of one site only one, so that nobody is asked by a crowd.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use url::Url;

use super::Outside;

/// Links that are looked at at once.
const AT_ONCE: usize = 4;
/// Links of one site that may wait for their turn.
const MOST_OF_ONE: usize = 8;

/// The sites that are looked at now.
#[derive(Clone)]
pub(super) struct Sites {
    pub(super) outside: Outside,
    /// This server's own address: nobody asks themselves.
    own: Option<String>,
    hands: Arc<Semaphore>,
    turns: Arc<Mutex<HashMap<String, Site>>>,
}

#[derive(Default)]
struct Site {
    waiting: usize,
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// Held while a link is looked at.
pub(super) struct Turn {
    /// First the others may go on, then the site is let go.
    _hand: OwnedSemaphorePermit,
    _turn: OwnedMutexGuard<()>,
    _place: Place,
}

/// A place in the queue of a site.
struct Place {
    host: String,
    turns: Arc<Mutex<HashMap<String, Site>>>,
}

impl Sites {
    pub(super) fn new(outside: Outside, own: Option<String>) -> Self {
        Self { outside, own, hands: Arc::new(Semaphore::new(AT_ONCE)), turns: Arc::default() }
    }

    /// Waits until this link may be looked at; nothing where too many of its site wait, or where it is no other site.
    pub(super) async fn turn(&self, link: &Url) -> Option<Turn> {
        if self.own.as_deref() == Some(link.origin().ascii_serialization().as_str()) {
            return None;
        }
        let (place, turn) = self.place(link.host_str()?)?;
        let turn = turn.lock_owned().await;
        let hand = Arc::clone(&self.hands).acquire_owned().await.ok()?;
        Some(Turn { _hand: hand, _turn: turn, _place: place })
    }

    fn place(&self, host: &str) -> Option<(Place, Arc<tokio::sync::Mutex<()>>)> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let site = turns.entry(host.to_owned()).or_default();
        if site.waiting >= MOST_OF_ONE {
            return None;
        }
        site.waiting += 1;
        Some((Place { host: host.to_owned(), turns: Arc::clone(&self.turns) }, Arc::clone(&site.turn)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(site) = turns.get_mut(&self.host) {
            site.waiting -= 1;
            if site.waiting == 0 {
                turns.remove(&self.host);
            }
        }
    }
}
