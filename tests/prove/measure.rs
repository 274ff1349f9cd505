//! The size of a proof, its random numbers, and the report of its measurements.

use std::{env, time::Duration};

/// Whether the full form runs.
pub(crate) fn long() -> bool {
    env::var("CHATBOX_PROVE").is_ok_and(|how| how == "long")
}

/// A number for the short and one for the full form.
pub(crate) fn times(short: usize, long_form: usize) -> usize {
    if long() { long_form } else { short }
}

/// Duration of the churn.
pub(crate) fn churn_duration() -> Duration {
    let minutes =
        env::var("CHATBOX_PROVE_MINUTES").ok().and_then(|minutes| minutes.parse::<f64>().ok());
    minutes
        .map_or(if long() { Duration::from_secs(600) } else { Duration::from_secs(6) }, |minutes| {
            Duration::from_secs_f64(minutes * 60.0)
        })
}

/// Prints a row of the table that `scripts/prove` shows.
pub(crate) fn report_row(promise: &str, figures: &str) {
    println!("\n| {promise} | {figures} |");
}

/// Reproducible random numbers; `CHATBOX_PROVE_SEED` sets another seed.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn of(number: u64) -> Self {
        let seed =
            env::var("CHATBOX_PROVE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1_u64);
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number.wrapping_mul(0xd134_2543_de82_ef95))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// From 0 to `number` - 1.
    pub(crate) fn below(&mut self, number: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(number.max(1)).unwrap()).unwrap()
    }

    pub(crate) fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most - least + 1)
    }

    /// True in this percentage of calls.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// The value at a percentile.
pub(crate) fn percentile(values: &mut [Duration], percent: usize) -> Duration {
    values.sort_unstable();
    values
        .get((values.len() * percent / 100).min(values.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}
