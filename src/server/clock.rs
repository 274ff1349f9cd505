//! The current time, and time-ordered IDs.

use std::time::{SystemTime, UNIX_EPOCH};

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

/// A new time-ordered ID.
#[must_use]
pub fn id() -> Uuid {
    Uuid::now_v7()
}
