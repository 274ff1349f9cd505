//! Measurements: a histogram of latencies, which costs a few nanoseconds per entry, and the figures
//! of a run as one line.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

/// Steps per doubling: an accuracy of about 1 %.
const STEPS: u64 = 64;

/// Latencies, in microseconds.
#[derive(Clone, Default)]
pub struct Latencies {
    counts: Vec<u32>,
    total: u64,
    longest: u64,
}

impl Latencies {
    /// Adds a latency.
    pub fn add(&mut self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let place = place(micros);
        if self.counts.len() <= place {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] += 1;
        self.total += 1;
        self.longest = self.longest.max(micros);
    }

    /// The latency at a quantile (0 to 1), in milliseconds.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let mut left = (to_f64(self.total) * share).ceil();
        for (place, count) in self.counts.iter().enumerate() {
            left -= f64::from(*count);
            if left <= 0.0 && *count > 0 {
                return to_f64(value(place).min(self.longest)) / 1000.0;
            }
        }
        0.0
    }

    /// The longest latency, in milliseconds.
    #[must_use]
    pub fn longest(&self) -> f64 {
        to_f64(self.longest) / 1000.0
    }
}

fn place(micros: u64) -> usize {
    let shift = u64::from(micros.max(1).ilog2()).saturating_sub(u64::from(STEPS.ilog2()));
    usize::try_from(shift * STEPS + (micros >> shift)).unwrap_or_default()
}

fn value(place: usize) -> u64 {
    let place = u64::try_from(place).unwrap_or_default();
    let shift = (place / STEPS).saturating_sub(1);
    (place - shift * STEPS) << shift
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
    pub fn note(&mut self, name: &str, figure: f64) {
        self.figures.insert(name.to_owned(), (figure * 10_000.0).round() / 10_000.0);
    }

    /// Adds the usual three quantiles of latencies, in milliseconds.
    pub fn note_latencies(&mut self, name: &str, latencies: &Latencies) {
        self.note(&format!("{name} p50 ms"), latencies.quantile(0.5));
        self.note(&format!("{name} p99 ms"), latencies.quantile(0.99));
        self.note(&format!("{name} max ms"), latencies.longest());
    }

    /// Adds the load of the generator's core, and warns if it was the bottleneck.
    pub fn note_own_use(&mut self, used: Duration, wall: Duration) {
        const BUSY: f64 = 0.85;
        let share = used.as_secs_f64() / wall.as_secs_f64();
        self.note("generator's core", share);
        if share > BUSY {
            eprintln!(
                "{} {}: the load generator was the limit ({:.0} % of its core)",
                self.peer,
                self.scenario,
                share * 100.0
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_true_to_two_hundredths() {
        let mut latencies = Latencies::default();
        (1..=100_000).for_each(|n| latencies.add(Duration::from_micros(n)));
        for (share, expected) in [(0.5, 50.0), (0.99, 99.0), (0.001, 0.1)] {
            let found = latencies.quantile(share);
            assert!((found - expected).abs() / expected < 0.02, "{share}: {found}");
        }
        assert!((latencies.longest() - 100.0).abs() < f64::EPSILON);
        assert_eq!((0..300).map(|n| value(place(n))).filter(|v| *v > 300).count(), 0);
    }
}
