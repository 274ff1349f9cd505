//! Limits on fetches: few at once, and only one per host, so that no site is flooded.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use url::Url;

use super::Transport;

/// Maximum number of fetches at once.
const MAX_CONCURRENT: usize = 4;
/// Maximum number of fetches of one host that may wait.
const MAX_QUEUED_PER_HOST: usize = 8;

/// The hosts with fetches.
#[derive(Clone)]
pub(super) struct HostLimiter {
    pub(super) transport: Transport,
    /// This server's own origin is not fetched.
    own_origin: Option<String>,
    permits: Arc<Semaphore>,
    hosts: Arc<Mutex<HashMap<String, HostState>>>,
}

#[derive(Default)]
struct HostState {
    waiting: usize,
    lock: Arc<tokio::sync::Mutex<()>>,
}

/// Held during a fetch.
pub(super) struct Permit {
    /// Dropped in this order: first the global permit, then the host.
    _permit: OwnedSemaphorePermit,
    _host_lock: OwnedMutexGuard<()>,
    _slot: QueueSlot,
}

/// A place in the queue of a host.
struct QueueSlot {
    host: String,
    hosts: Arc<Mutex<HashMap<String, HostState>>>,
}

impl HostLimiter {
    pub(super) fn new(transport: Transport, own_origin: Option<String>) -> Self {
        Self {
            transport,
            own_origin,
            permits: Arc::new(Semaphore::new(MAX_CONCURRENT)),
            hosts: Arc::default(),
        }
    }

    /// Waits for a permit; `None` where too many fetches of the host wait, or it is this server.
    pub(super) async fn acquire(&self, link: &Url) -> Option<Permit> {
        if self.own_origin.as_deref() == Some(link.origin().ascii_serialization().as_str()) {
            return None;
        }
        let (slot, lock) = self.queue_slot(link.host_str()?)?;
        let lock = lock.lock_owned().await;
        let permit = Arc::clone(&self.permits).acquire_owned().await.ok()?;
        Some(Permit { _permit: permit, _host_lock: lock, _slot: slot })
    }

    fn queue_slot(&self, host: &str) -> Option<(QueueSlot, Arc<tokio::sync::Mutex<()>>)> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let host_state = hosts.entry(host.to_owned()).or_default();
        if host_state.waiting >= MAX_QUEUED_PER_HOST {
            return None;
        }
        host_state.waiting += 1;
        Some((
            QueueSlot { host: host.to_owned(), hosts: Arc::clone(&self.hosts) },
            Arc::clone(&host_state.lock),
        ))
    }
}

impl Drop for QueueSlot {
    fn drop(&mut self) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(host_state) = hosts.get_mut(&self.host) {
            host_state.waiting -= 1;
            if host_state.waiting == 0 {
                hosts.remove(&self.host);
            }
        }
    }
}
