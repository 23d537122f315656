//! The one generator behind every id, token and coin toss, so that a run can be repeated.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};

#[derive(Debug)]
pub(crate) struct Chance(StdRng);

impl Chance {
    /// Seeded by the operating system.
    pub(crate) fn new() -> Self {
        Self(rand::make_rng())
    }

    /// The same words in the same order, every time.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }

    /// True in `ratio` of the cases.
    pub(crate) fn toss(&mut self, ratio: f64) -> bool {
        self.0.random::<f64>() < ratio
    }

    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high)
    }

    /// Letters and digits without the ones that people mix up.
    pub(crate) fn word(&mut self, length: usize) -> String {
        const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        (0..length).map(|_| char::from(LETTERS[self.0.random_range(0..LETTERS.len())])).collect()
    }

    pub(crate) fn digits(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(b'0' + self.0.random_range(0..10_u8))).collect()
    }

    /// Sixteen bytes as plain base64: with `/`, `+` and `==`, as some vendors write their ids.
    pub(crate) fn base64_id(&mut self) -> String {
        STANDARD.encode(self.bytes::<16>())
    }

    /// A bearer token: long, opaque, safe in addresses.
    pub(crate) fn token(&mut self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<48>())
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_itself() {
        let words = |seed| {
            let mut chance = Chance::seeded(seed);
            (chance.word(8), chance.base64_id(), chance.digits(6))
        };
        assert_eq!(words(7), words(7));
        assert_ne!(words(7), words(8));
    }

    #[test]
    fn some_ids_hold_a_slash() {
        let mut chance = Chance::seeded(1);
        assert!((0..100).any(|_| chance.base64_id().contains('/')));
    }
}
