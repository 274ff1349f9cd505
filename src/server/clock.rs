//! The time, and ids that sort by it.

use std::time::{SystemTime, UNIX_EPOCH};

use uuid::Uuid;

use crate::domain::Millis;

/// Now. For showing and for running out; nothing is ordered by it.
#[must_use]
pub fn now() -> Millis {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| Millis::try_from(since.as_millis()).ok()).unwrap_or_default()
}

/// A new id.
#[must_use]
pub fn id() -> Uuid {
    Uuid::now_v7()
}
