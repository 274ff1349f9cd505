//! How long transactions hold the writer, as a histogram: shows operations that keep all others
//! waiting.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Upper bounds of the buckets, in milliseconds. The last bucket has none.
const BOUNDS: [u64; 9] = [1, 2, 5, 10, 20, 50, 100, 500, 1_000];

/// Counts transactions by their duration, from `begin` to the end of `commit`, and keeps the
/// longest.
#[derive(Debug, Default)]
pub struct TransactionTimes {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    longest_micros: AtomicU64,
}

impl TransactionTimes {
    pub(in crate::server::store) fn record(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket =
            BOUNDS.iter().position(|bound| micros <= bound * 1_000).unwrap_or(BOUNDS.len());
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.longest_micros.fetch_max(micros, Ordering::Relaxed);
    }

    /// The longest transaction so far.
    #[must_use]
    pub fn longest(&self) -> Duration {
        Duration::from_micros(self.longest_micros.load(Ordering::Relaxed))
    }
}

/// `≤1ms 812, ≤2ms 40, longest 3.1ms`. Empty buckets are left out.
impl fmt::Display for TransactionTimes {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, count) in self
            .buckets
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .enumerate()
            .filter(|(_, count)| *count > 0)
        {
            match BOUNDS.get(n) {
                Some(bound) => write!(to, "≤{bound}ms {count}, ")?,
                None => write!(to, ">{}ms {count}, ", BOUNDS[BOUNDS.len() - 1])?,
            }
        }
        write!(to, "longest {:.1}ms", self.longest().as_secs_f64() * 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transactions_are_counted_by_duration() {
        let times = TransactionTimes::default();
        for micros in [10, 1_000, 1_001, 19_000, 20_000, 3_000_000] {
            times.record(Duration::from_micros(micros));
        }
        assert_eq!(times.to_string(), "≤1ms 2, ≤2ms 1, ≤20ms 2, >1000ms 1, longest 3000.0ms");
    }
}
