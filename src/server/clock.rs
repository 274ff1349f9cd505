//! The current time, the clock of a server, and time-ordered IDs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use uuid::Uuid;

use crate::domain::Millis;

/// The current time. For display and expiry only; nothing is ordered by it.
#[must_use]
pub fn now() -> Millis {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| Millis::try_from(since.as_millis()).ok())
        .unwrap_or_default()
}

/// The clock of one server. Its copies share the offset that a test has set.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset: Arc<AtomicI64>,
}

impl Clock {
    /// The current time of this server.
    #[must_use]
    pub fn now(&self) -> Millis {
        now() + self.offset.load(Ordering::Relaxed)
    }

    /// Moves the clock by this many milliseconds, backwards if negative. For tests, instead of
    /// waiting.
    pub fn advance(&self, by: Millis) {
        self.offset.fetch_add(by, Ordering::Relaxed);
    }
}

/// A new time-ordered ID.
#[must_use]
pub fn id() -> Uuid {
    Uuid::now_v7()
}
