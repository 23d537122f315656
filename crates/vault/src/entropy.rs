//! The one source of randomness, handed to whoever needs some.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

/// Randomness. Clones share their source.
#[derive(Clone)]
pub struct Entropy(Arc<Source>);

enum Source {
    System,
    Seeded(Box<Mutex<StdRng>>),
}

impl Entropy {
    /// The operating system's, through the thread's generator.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(Source::System))
    }

    /// The same sequence for the same seed: for tests, simulations and nothing else.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let rng = StdRng::seed_from_u64(seed);
        Self(Arc::new(Source::Seeded(Box::new(Mutex::new(rng)))))
    }

    /// So many random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.with(|rng| rng.fill_bytes(&mut bytes));
        bytes
    }

    /// The random part of an id, for `roomkey_core::id::Id::new`.
    #[must_use]
    pub fn id(&self) -> [u8; 10] {
        self.bytes()
    }

    /// A number below `n`, each equally likely; zero if `n` is zero.
    #[must_use]
    pub fn below(&self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        self.with(|rng| rng.random_range(0..n))
    }

    /// A number from zero up to, but not, one: for jitter.
    #[must_use]
    pub fn unit(&self) -> f64 {
        self.with(|rng| rng.random())
    }

    fn with<T>(&self, take: impl FnOnce(&mut dyn Rng) -> T) -> T {
        match &*self.0 {
            Source::System => {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "this is the place that everyone else is sent to"
                )]
                let mut rng = rand::rng();
                take(&mut rng)
            }
            Source::Seeded(rng) => {
                // A panic between two draws leaves a generator as good as before.
                take(&mut *rng.lock().unwrap_or_else(PoisonError::into_inner))
            }
        }
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.0 {
            Source::System => "Entropy(system)",
            Source::Seeded(_) => "Entropy(seeded)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_says_what_comes_and_clones_share_it() {
        let one = Entropy::seeded(7);
        let other = Entropy::seeded(7);
        let first: [u8; 16] = one.bytes();
        assert_eq!(first, other.bytes::<16>());
        assert_eq!(one.clone().id(), other.id());
        assert_eq!(one.below(1_000), other.below(1_000));
        assert_ne!(first, one.bytes::<16>());
    }

    #[test]
    fn the_system_does_not_repeat_itself() {
        let system = Entropy::system();
        assert_ne!(system.bytes::<16>(), system.bytes::<16>());
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let entropy = Entropy::seeded(1);
        for _ in 0..1_000 {
            assert!(entropy.below(3) < 3);
            assert!((0.0..1.0).contains(&entropy.unit()));
        }
        assert_eq!(entropy.below(0), 0);
        assert_eq!(entropy.below(1), 0);
    }
}
