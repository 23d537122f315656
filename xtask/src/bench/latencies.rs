//! How long calls took.

use std::fmt;
use std::time::Duration;

/// The times of many calls.
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(crate) fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// The time that so many per cent of the calls stayed within.
    pub(crate) fn within(&self, per_cent: usize) -> Duration {
        let index = (self.0.len() * per_cent).div_ceil(100).saturating_sub(1);
        self.0.get(index).copied().unwrap_or_default()
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |per_cent| self.within(per_cent).as_secs_f64() * 1000.0;
        write!(
            f,
            "{} calls: p50 {:.1} ms, p99 {:.1} ms, slowest {:.1} ms",
            self.0.len(),
            millis(50),
            millis(99),
            millis(100)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninety_nine_of_a_hundred_stay_within_the_ninety_ninth() {
        let times = (1..=100).map(Duration::from_millis).rev().collect();
        let latencies = Latencies::new(times);
        assert_eq!(latencies.within(50), Duration::from_millis(50));
        assert_eq!(latencies.within(99), Duration::from_millis(99));
        assert_eq!(latencies.within(100), Duration::from_millis(100));
    }
}
