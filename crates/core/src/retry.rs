//! When to try again. Pure: jitter is handed in.

use std::time::Duration;

use crate::time::{Instant, duration};

/// The schedule of the first tries; afterwards every quarter of an hour, and every two minutes from
/// an hour before the start on. What is left over the day after is tried every six hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule(Vec<Duration>);

const SLOW: Duration = Duration::from_secs(15 * 60);
const LAST_HOUR: Duration = Duration::from_secs(2 * 60);
/// So long after the start it is tried as in the last hour before it.
const UNDER_WAY: Duration = Duration::from_secs(2 * 60 * 60);
/// What is left over a day after the start troubles nobody much.
const LONG_OVER: Duration = Duration::from_secs(24 * 60 * 60);
const LEFT_OVER: Duration = Duration::from_secs(6 * 60 * 60);

impl Schedule {
    /// Reads `1s,3s,10s,30s,2m,8m`.
    ///
    /// # Errors
    /// Names the part that is no duration.
    pub fn parse(text: &str) -> Result<Self, BadSchedule> {
        let steps = text
            .split(',')
            .map(|part| duration(part.trim()).map_err(|_| BadSchedule(part.trim().to_owned())))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self(steps))
    }

    /// How many tries it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether so many failures have used it up: a notice is due.
    #[must_use]
    pub fn is_used_up(&self, failures: u32) -> bool {
        usize::try_from(failures).is_ok_and(|failures| failures >= self.0.len())
    }

    /// When to try again after `failures` failures, the last one `at`.
    ///
    /// `jitter` is a number from 0 to 1; the wait is stretched by up to a quarter of itself, never
    /// shortened. Waiting never jumps over the last hour: a wait that would end in it is cut.
    #[must_use]
    pub fn next(&self, failures: u32, at: Instant, start: Instant, jitter: f64) -> Instant {
        let index = usize::try_from(failures.saturating_sub(1)).unwrap_or(usize::MAX);
        let last_hour = start.minus(Duration::from_secs(60 * 60));
        let wait = match self.0.get(index) {
            Some(step) => *step,
            None if at >= start.plus(LONG_OVER) => LEFT_OVER,
            None if at >= last_hour && at < start.plus(UNDER_WAY) => LAST_HOUR,
            None => SLOW,
        };
        let stretched = at.plus(wait.mul_f64(0.25f64.mul_add(jitter.clamp(0.0, 1.0), 1.0)));
        if at < last_hour && stretched > last_hour.plus(LAST_HOUR) {
            last_hour.plus(LAST_HOUR)
        } else {
            stretched
        }
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self([1, 3, 10, 30, 120, 480].map(Duration::from_secs).to_vec())
    }
}

/// A part of a schedule is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a duration; write a list such as 1s,3s,10s,30s,2m,8m")]
pub struct BadSchedule(String);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn waiting_always_ends_and_never_hurries(
            failures in 1u32..200,
            at in 0i64..2_000_000_000_000_000,
            ahead in -86_400_000_000i64..86_400_000_000 * 30,
            jitter in 0.0f64..=1.0,
        ) {
            let at = Instant::from_micros(at);
            let start = Instant::from_micros(at.as_micros() + ahead);
            let next = Schedule::default().next(failures, at, start, jitter);
            prop_assert!(next > at);
            prop_assert!(next.since(at) <= LEFT_OVER.mul_f64(1.25));
        }
    }

    #[test]
    fn the_last_hour_is_tried_every_two_minutes() {
        let start = Instant::from_micros(10_000_000_000_000);
        let at = start.minus(Duration::from_secs(30 * 60));
        assert_eq!(Schedule::default().next(40, at, start, 0.0).since(at), LAST_HOUR);
    }

    #[test]
    fn a_bad_part_is_named() {
        let refusal = Schedule::parse("1s, soon").expect_err("soon is no duration");
        assert!(refusal.to_string().contains("`soon`"));
    }
}
