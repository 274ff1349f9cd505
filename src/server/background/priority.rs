//! What is written down goes first, messages above all: what takes long on the same core and disk looks here before each step of it,
//! and waits while something is under way.
//! A low priority alone does not do: the system lets a thread run on for some milliseconds, and a disk knows of none.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// How often a step looks whether it may go on.
pub(in crate::server) const POLL_INTERVAL: Duration = Duration::from_micros(250);
/// A step looks no more often, which is for 5 ms or a little longer: where messages never end, files come slowly, and come.
pub(in crate::server) const MAX_POLLS: u32 = 20;

/// What is under way and must not wait. Cloning it is cheap, and means the same.
#[derive(Clone, Debug, Default)]
pub struct WriteGate(Arc<AtomicUsize>);

/// Something that must not wait, until it is dropped.
#[derive(Debug)]
pub struct WriteGuard(Arc<AtomicUsize>);

impl WriteGate {
    /// Something begins that must not wait.
    #[must_use]
    pub fn acquire(&self) -> WriteGuard {
        self.0.fetch_add(1, Ordering::Relaxed);
        WriteGuard(Arc::clone(&self.0))
    }

    /// How much is under way.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits until nothing urgent is under way, for a few milliseconds at most, and answers how often it looked. Blocks its thread: for
    /// threads that do what takes long.
    pub fn yield_to_writes(&self) -> u32 {
        // Whoever was just woken up may be about to take it.
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
    fn a_step_gives_way_to_what_is_urgent_and_not_for_ever() {
        let write_gate = WriteGate::default();
        assert_eq!(write_gate.yield_to_writes(), 0, "nothing is under way");
        let guard = write_gate.clone().acquire();
        assert_eq!(write_gate.yield_to_writes(), MAX_POLLS, "it waited, and went on");
        drop(guard);
        assert_eq!(write_gate.yield_to_writes(), 0, "nothing is under way any more");
    }
}
