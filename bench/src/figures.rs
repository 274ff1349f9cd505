//! Measurements: a histogram of latencies, which costs a few nanoseconds per value, and the figures
//! of a run as one line.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

/// Buckets per doubling: an accuracy of about 1 %.
const BUCKETS_PER_DOUBLING: u64 = 64;

/// Latencies, in microseconds.
#[derive(Clone, Default)]
pub struct Latencies {
    counts: Vec<u32>,
    total: u64,
    max: u64,
}

impl Latencies {
    /// Adds a latency.
    pub fn add(&mut self, elapsed: Duration) {
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        let bucket = bucket_of(micros);
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
        self.max = self.max.max(micros);
    }

    /// The latency at a quantile (0 to 1), in milliseconds.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> f64 {
        let mut remaining = (to_f64(self.total) * quantile).ceil();
        for (bucket, count) in self.counts.iter().enumerate() {
            remaining -= f64::from(*count);
            if remaining <= 0.0 && *count > 0 {
                return to_f64(bucket_value(bucket).min(self.max)) / 1000.0;
            }
        }
        0.0
    }

    /// The largest latency, in milliseconds.
    #[must_use]
    pub fn max(&self) -> f64 {
        to_f64(self.max) / 1000.0
    }
}

fn bucket_of(micros: u64) -> usize {
    let shift =
        u64::from(micros.max(1).ilog2()).saturating_sub(u64::from(BUCKETS_PER_DOUBLING.ilog2()));
    usize::try_from(shift * BUCKETS_PER_DOUBLING + (micros >> shift)).unwrap_or_default()
}

fn bucket_value(bucket: usize) -> u64 {
    let bucket = u64::try_from(bucket).unwrap_or_default();
    let shift = (bucket / BUCKETS_PER_DOUBLING).saturating_sub(1);
    (bucket - shift * BUCKETS_PER_DOUBLING) << shift
}

/// A count as a floating-point number.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts here stay far below 2^52")]
pub const fn to_f64(count: u64) -> f64 {
    count as f64
}

/// One run: the target, the scenario, and the figures by name. Written as one line of JSON.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Run {
    /// ChatBox or a peer.
    pub peer: String,
    /// The scenario, such as `deliver 100 full`.
    pub scenario: String,
    /// The figures.
    pub figures: BTreeMap<String, f64>,
}

impl Run {
    /// Adds a figure.
    pub fn record(&mut self, name: &str, figure: f64) {
        self.figures.insert(name.to_owned(), (figure * 10_000.0).round() / 10_000.0);
    }

    /// Adds the usual three quantiles of latencies, in milliseconds.
    pub fn record_latencies(&mut self, name: &str, latencies: &Latencies) {
        self.record(&format!("{name} p50 ms"), latencies.quantile(0.5));
        self.record(&format!("{name} p99 ms"), latencies.quantile(0.99));
        self.record(&format!("{name} max ms"), latencies.max());
    }

    /// Adds the CPU use of the generator, and warns if it was the bottleneck.
    pub fn record_generator_use(&mut self, used: Duration, wall: Duration) {
        const MAX_USE: f64 = 0.85;
        let cpu_use = used.as_secs_f64() / wall.as_secs_f64();
        self.record("generator cpu use", cpu_use);
        if cpu_use > MAX_USE {
            eprintln!(
                "{} {}: the load generator was the limit ({:.0} % of its core)",
                self.peer,
                self.scenario,
                cpu_use * 100.0
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_accurate_to_two_percent() {
        let mut latencies = Latencies::default();
        (1..=100_000).for_each(|n| latencies.add(Duration::from_micros(n)));
        for (quantile, expected) in [(0.5, 50.0), (0.99, 99.0), (0.001, 0.1)] {
            let found = latencies.quantile(quantile);
            assert!((found - expected).abs() / expected < 0.02, "{quantile}: {found}");
        }
        assert!((latencies.max() - 100.0).abs() < f64::EPSILON);
        assert_eq!((0..300).map(|n| bucket_value(bucket_of(n))).filter(|v| *v > 300).count(), 0);
    }
}
