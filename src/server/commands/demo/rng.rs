//! A reproducible random number generator: the same options give the same workspace, so that
//! screenshots and measurements can be repeated. Not for secrets.

use crate::domain::Millis;

/// `SplitMix64`.
pub(super) struct Rng(u64);

impl Rng {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`; 0 if it is 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next_u64() % bound).unwrap_or_default()
    }

    /// A number below `bound`; small ones are more likely.
    pub(super) fn skewed_below(&mut self, bound: usize) -> usize {
        let one = self.below(bound);
        one.min(self.below(bound))
    }

    /// A number of an inclusive range.
    pub(super) fn between(&mut self, low: Millis, high: Millis) -> Millis {
        let width = u64::try_from(high - low).unwrap_or_default() + 1;
        low + Millis::try_from(self.next_u64() % width).unwrap_or_default()
    }

    /// True with this probability in percent.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A random element of a non-empty slice.
    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_within_bounds() {
        let (mut one, mut other) = (Rng::new(7), Rng::new(7));
        for _ in 0..1_000 {
            let value = one.between(-5, 5);
            assert_eq!(value, other.between(-5, 5));
            assert!((-5..=5).contains(&value));
        }
        assert_eq!((one.below(0), one.below(1), one.between(3, 3)), (0, 0, 3));
        assert!(!one.chance(0) && one.chance(100));
    }
}
