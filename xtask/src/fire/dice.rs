//! Dice: the same throws for the same seed, on any machine.

/// SplitMix64.
pub(crate) struct Dice(u64);

impl Dice {
    /// Somebody's own dice: whoever throws more or less moves nobody else's.
    pub(crate) fn of(who: &str, seed: u64) -> Self {
        let mixed = who.bytes().fold(seed, |sum, byte| Self(sum ^ u64::from(byte)).throw());
        Self(mixed)
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, but without, `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.throw() % end).unwrap_or(0)
    }

    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    /// One of a list that is not empty.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_story() {
        let throws = |mut dice: Dice| (0..8).map(|_| dice.below(1000)).collect::<Vec<_>>();
        assert_eq!(throws(Dice::of("kills", 7)), throws(Dice::of("kills", 7)));
        assert_ne!(throws(Dice::of("kills", 7)), throws(Dice::of("kills", 8)));
        assert_ne!(throws(Dice::of("whims", 7)), throws(Dice::of("kills", 7)));
    }
}
