//! Buckets that fill again by themselves: one for each key, and a bound on how many there are.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use roomkey_core::Instant;

/// How much is let through.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rate {
    /// One more after so long.
    pub(super) each: Duration,
    /// So many at once.
    pub(super) burst: u32,
}

/// The buckets of one kind of key. All that is kept of each is when it is full again.
pub(super) struct Buckets<K> {
    rate: Rate,
    most: usize,
    full_at: Mutex<HashMap<K, Instant>>,
}

impl<K: Eq + Hash> Buckets<K> {
    /// Buckets that are full, and so many of them at the most.
    pub(super) fn new(rate: Rate, most: usize) -> Self {
        Self { rate, most, full_at: Mutex::new(HashMap::new()) }
    }

    /// Whether anything was taken from this key's bucket lately.
    pub(super) fn knows(&self, key: &K) -> bool {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner).contains_key(key)
    }

    /// Takes one out. If there is none, says how long until there is.
    ///
    /// # Errors
    /// The bucket is empty.
    pub(super) fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let full = full_at.get(&key).copied();
        self.left(full, now)?;
        if full.is_none() && full_at.len() >= self.most {
            full_at.retain(|_, full| *full > now);
            if full_at.len() >= self.most {
                // Rather let somebody through than hold ever more.
                full_at.clear();
            }
        }
        full_at.insert(key, full.unwrap_or(now).max(now).plus(self.rate.each));
        Ok(())
    }

    fn left(&self, full: Option<Instant>, now: Instant) -> Result<(), Duration> {
        let next = full.unwrap_or(now).max(now).plus(self.rate.each);
        let latest = now.plus(self.rate.each * self.rate.burst);
        if next > latest { Err(next.since(latest)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_micros(1_800_000_000_000_000);
    const SECOND: Duration = Duration::from_secs(1);

    fn buckets(most: usize) -> Buckets<u32> {
        Buckets::new(Rate { each: SECOND, burst: 3 }, most)
    }

    #[test]
    fn a_burst_goes_through_and_then_one_at_a_time() {
        let buckets = buckets(10);
        assert!(!buckets.knows(&1));
        for _ in 0..3 {
            assert_eq!(buckets.take(1, NOW), Ok(()));
        }
        assert_eq!(buckets.take(1, NOW), Err(SECOND));
        assert_eq!(buckets.take(2, NOW), Ok(()), "another key has a bucket of its own");
        let half = NOW.plus(SECOND / 2);
        assert_eq!(buckets.take(1, half), Err(SECOND / 2));
        let later = NOW.plus(SECOND);
        assert_eq!(buckets.take(1, later), Ok(()));
        assert_eq!(buckets.take(1, later), Err(SECOND));
        let full = later.plus(SECOND * 100);
        for _ in 0..3 {
            assert_eq!(buckets.take(1, full), Ok(()));
        }
        assert_eq!(buckets.take(1, full), Err(SECOND), "it holds no more than it is made for");
    }

    #[test]
    fn there_are_never_more_buckets_than_allowed() {
        let buckets = buckets(4);
        let held = || buckets.full_at.lock().unwrap().len();
        for key in 0..100 {
            assert_eq!(buckets.take(key, NOW), Ok(()));
            assert!(held() <= 4);
        }
        // What is full again is forgotten first.
        let buckets = self::buckets(4);
        for key in 0..4 {
            assert_eq!(buckets.take(key, NOW.plus(SECOND * key)), Ok(()));
        }
        assert_eq!(buckets.take(9, NOW.plus(SECOND * 3)), Ok(()));
        assert!(buckets.knows(&3) && buckets.knows(&9) && !buckets.knows(&0));
    }
}
