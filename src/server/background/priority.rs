//! The priority of database writes: background jobs yield to them before each step. A low thread
//! priority alone is not enough: the scheduler lets a thread run on for some milliseconds, and a
//! disk knows no priorities.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// How often a yielding job checks whether it may go on.
pub(in crate::server) const POLL_INTERVAL: Duration = Duration::from_micros(250);
/// Maximum number of checks of one step, which is about 5 ms: where writes never end, background
/// jobs are slow, but they run.
pub(in crate::server) const MAX_POLLS: u32 = 20;

/// Counts the writes in flight. Cloning it is cheap, and the clones share the count.
#[derive(Clone, Debug, Default)]
pub struct WriteGate(Arc<AtomicUsize>);

/// A write in flight, until it is dropped.
#[derive(Debug)]
pub struct WriteGuard(Arc<AtomicUsize>);

impl WriteGate {
    /// Registers a write.
    #[must_use]
    pub fn acquire(&self) -> WriteGuard {
        self.0.fetch_add(1, Ordering::Relaxed);
        WriteGuard(Arc::clone(&self.0))
    }

    /// How many writes are in flight.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits until no write is in flight, for a few milliseconds at most, and returns how often it
    /// checked. Blocks the thread: for background threads only.
    pub fn yield_to_writes(&self) -> u32 {
        // A thread that was just woken may be about to acquire the gate.
        thread::yield_now();
        let mut polls = 0;
        while polls < MAX_POLLS && self.in_flight() > 0 {
            thread::sleep(POLL_INTERVAL);
            polls += 1;
        }
        polls
    }
}

impl Drop for WriteGuard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yielding_is_bounded() {
        let write_gate = WriteGate::default();
        assert_eq!(write_gate.yield_to_writes(), 0, "nothing is under way");
        let guard = write_gate.clone().acquire();
        assert_eq!(write_gate.yield_to_writes(), MAX_POLLS, "it waited, and went on");
        drop(guard);
        assert_eq!(write_gate.yield_to_writes(), 0, "nothing is under way any more");
    }
}
