//! What time it is in the sandbox: the wall clock, and how far a test has pushed it ahead.
//!
//! The only place in this crate that reads the wall clock.

use jiff::{SignedDuration, Timestamp};

/// The sandbox's own time. It never runs behind the wall clock.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead: SignedDuration,
}

impl Clock {
    pub(crate) fn now(&self) -> Timestamp {
        after(wall(), self.ahead)
    }

    pub(crate) fn ahead(&self) -> SignedDuration {
        self.ahead
    }

    pub(crate) fn advance(&mut self, by: SignedDuration) {
        self.ahead = self.ahead.saturating_add(by);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the stand-ins are a world of their own; this is its one clock"
)]
fn wall() -> Timestamp {
    Timestamp::try_from(std::time::SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// `by` later, or the same instant if the calendar ends before that.
pub(crate) fn after(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.checked_add(by).unwrap_or(instant)
}

/// `2026-12-01T15:00:00Z`: whole seconds, as vendors write them.
pub(crate) fn seconds(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// How pages write an instant.
pub(crate) fn for_people(instant: Timestamp) -> String {
    instant.strftime("%a %-d %B %Y, %H:%M (UTC)").to_string()
}

/// `250ms`, `5s`, `3m`, `2h`, `1d`; a bare number is seconds.
pub(crate) fn parse_duration(text: &str) -> Option<SignedDuration> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: i64 = digits.parse().ok().filter(|n| *n >= 0)?;
    let millis = match &text[digits.len()..] {
        "ms" => Some(number),
        "s" | "" => number.checked_mul(1_000),
        "m" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        "d" => number.checked_mul(86_400_000),
        _ => None,
    }?;
    Some(SignedDuration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(parse_duration("250ms"), Some(SignedDuration::from_millis(250)));
        assert_eq!(parse_duration("5s"), Some(SignedDuration::from_secs(5)));
        assert_eq!(parse_duration("2"), Some(SignedDuration::from_secs(2)));
        assert_eq!(parse_duration("1d"), Some(SignedDuration::from_hours(24)));
        for bad in ["", "-1s", "1w", "s", "1.5s"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_pushed_clock_is_ahead() {
        let mut clock = Clock::default();
        let before = clock.now();
        clock.advance(SignedDuration::from_hours(3));
        assert!(clock.now() >= after(before, SignedDuration::from_hours(3)));
    }
}
