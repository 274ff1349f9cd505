//! Messages go first: what takes long on the same core and disk looks here before each step of it, and waits while one is under way.
//! A low priority alone does not do: the system lets a thread run on for some milliseconds, and a disk knows of none.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// How often a step looks whether it may go on.
const LOOKS: Duration = Duration::from_micros(250);
/// A step waits no longer: where messages never end, files come slowly, and come.
pub(super) const AT_MOST: Duration = Duration::from_millis(5);

/// What is under way and must not wait. Cloning it is cheap, and means the same.
#[derive(Clone, Debug, Default)]
pub struct Precedence(Arc<AtomicUsize>);

/// Something that must not wait, until it is dropped.
#[derive(Debug)]
pub struct Urgent(Arc<AtomicUsize>);

impl Precedence {
    /// Something begins that must not wait.
    #[must_use]
    pub fn take(&self) -> Urgent {
        self.0.fetch_add(1, Ordering::Relaxed);
        Urgent(Arc::clone(&self.0))
    }

    /// How much is under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Waits until nothing urgent is under way, for a few milliseconds at most. Blocks its thread: for threads that do what takes long.
    pub fn give_way(&self) {
        // Whoever was just woken up may be about to take it.
        thread::yield_now();
        let since = Instant::now();
        while self.under_way() > 0 && since.elapsed() < AT_MOST {
            thread::sleep(LOOKS);
        }
    }
}

impl Drop for Urgent {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_gives_way_to_what_is_urgent_and_not_for_ever() {
        let precedence = Precedence::default();
        let (began, urgent) = (Instant::now(), precedence.clone().take());
        precedence.give_way();
        assert!(began.elapsed() >= AT_MOST, "it waited, and went on");
        drop(urgent);
        assert_eq!(precedence.under_way(), 0, "nothing is under way any more");
    }
}
