//! Instants and zones. Core has no clock: whoever calls says what time it is.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time: microseconds since 1970-01-01T00:00:00Z. Written as RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(i64);

impl Instant {
    /// The latest instant there is: "never" for whoever sorts by time.
    pub const NEVER: Self = Self(i64::MAX);

    /// From microseconds since the epoch, as the databases keep it.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// This instant and a while after it; stops at the end of time instead of wrapping.
    #[must_use]
    pub fn plus(self, while_: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(while_.as_micros()).unwrap_or(i64::MAX)))
    }

    /// A while before this instant.
    #[must_use]
    pub fn minus(self, while_: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(while_.as_micros()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero if it is not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        u64::try_from(self.0.saturating_sub(earlier.0))
            .map_or(Duration::ZERO, Duration::from_micros)
    }

    /// As jiff has it; out of its range, the nearest it has.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        })
    }

    /// The whole second it lies in, which is what vendors and calendars keep.
    #[must_use]
    pub const fn floor_second(self) -> Self {
        Self(self.0 - self.0.rem_euclid(1_000_000))
    }

    /// The UTC day, counted from 1970: what daily vendor quotas are counted by.
    #[must_use]
    pub const fn utc_day(self) -> i64 {
        self.0.div_euclid(86_400_000_000)
    }

    /// The next full UTC day: when daily vendor quotas start anew.
    #[must_use]
    pub const fn next_utc_day(self) -> Self {
        Self((self.utc_day() + 1) * 86_400_000_000)
    }
}

impl From<Timestamp> for Instant {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp.as_microsecond())
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.timestamp())
    }
}

/// A text is no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadInstant {
    /// Without an offset it names a different moment in every zone.
    #[error("needs an offset: 2026-12-01T15:00:00Z or 2026-12-01T16:00:00+01:00")]
    NoOffset,
    /// A day is not a moment.
    #[error("needs a time and an offset: 2026-12-01T15:00:00Z, and not a date alone")]
    NoTime,
    /// Not RFC 3339 at all.
    #[error("is not an RFC 3339 date and time such as 2026-12-01T15:00:00Z")]
    Malformed,
}

impl FromStr for Instant {
    type Err = BadInstant;

    fn from_str(text: &str) -> Result<Self, BadInstant> {
        match Form::of(text) {
            Form::Whole => {
                text.parse::<Timestamp>().map(Into::into).map_err(|_| BadInstant::Malformed)
            }
            Form::Local if text.parse::<jiff::civil::DateTime>().is_ok() => {
                Err(BadInstant::NoOffset)
            }
            Form::Day if text.parse::<jiff::civil::Date>().is_ok() => Err(BadInstant::NoTime),
            Form::Local | Form::Day | Form::Other => Err(BadInstant::Malformed),
        }
    }
}

/// What a text looks like. RFC 3339 has one way of writing; what else ISO 8601 knows is not taken,
/// since others would read it otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Date, time and offset.
    Whole,
    /// Date and time.
    Local,
    /// A date.
    Day,
    /// None of these.
    Other,
}

impl Form {
    fn of(text: &str) -> Self {
        let Some(rest) = after(text.as_bytes(), b"0000-00-00") else { return Self::Other };
        if rest.is_empty() {
            return Self::Day;
        }
        let Some(mut rest) = after(rest, b"T00:00:00") else { return Self::Other };
        if let Some((b'.', fraction)) = rest.split_first() {
            let digits = fraction.iter().take_while(|it| it.is_ascii_digit()).count();
            if digits == 0 {
                return Self::Other;
            }
            rest = &fraction[digits..];
        }
        match rest {
            [] => Self::Local,
            [b'Z' | b'z'] => Self::Whole,
            [b'+' | b'-', offset @ ..] => match (after(offset, b"00:00"), offset) {
                (Some([]), [a, b, _, c, ..]) if [*a, *b] <= *b"23" && *c <= b'5' => Self::Whole,
                _ => Self::Other,
            },
            _ => Self::Other,
        }
    }
}

/// What follows a pattern in which `0` is any digit, if the text begins like that.
fn after<'t>(text: &'t [u8], pattern: &[u8]) -> Option<&'t [u8]> {
    let (head, rest) = text.split_at_checked(pattern.len())?;
    let fits = |(byte, like): (&u8, &u8)| match like {
        b'0' => byte.is_ascii_digit(),
        like => byte.eq_ignore_ascii_case(like),
    };
    head.iter().zip(pattern).all(fits).then_some(rest)
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An IANA time zone that the bundled database knows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Zone(String);

impl Zone {
    /// UTC, which every database knows.
    #[must_use]
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    /// The name, `Europe/Lisbon`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// For arithmetic on civil times.
    #[must_use]
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.0).unwrap_or(TimeZone::UTC)
    }

    /// The city, as people read it: "Lisbon", "New York".
    #[must_use]
    pub fn city(&self) -> String {
        self.0.rsplit('/').next().unwrap_or(&self.0).replace('_', " ")
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text names no zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not an IANA time zone such as Europe/Lisbon")]
pub struct BadZone;

impl FromStr for Zone {
    type Err = BadZone;

    fn from_str(text: &str) -> Result<Self, BadZone> {
        let zone = TimeZone::get(text).map_err(|_| BadZone)?;
        // The database's own spelling, so that one zone has one name here.
        Ok(Self(zone.iana_name().ok_or(BadZone)?.to_owned()))
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Reads a duration as configuration writes it: `500ms`, `10s`, `15m`, `24h`, `2d`.
///
/// # Errors
/// [`BadDuration`] for anything else.
pub fn duration(text: &str) -> Result<Duration, BadDuration> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or(BadDuration)?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| BadDuration)?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(BadDuration),
    };
    number.checked_mul(millis).map(Duration::from_millis).ok_or(BadDuration)
}

/// The reverse of [`duration`], in the largest unit that loses nothing.
#[must_use]
pub fn duration_text(duration: Duration) -> String {
    let millis = duration.as_millis();
    for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)] {
        if millis != 0 && millis.is_multiple_of(size) {
            return format!("{}{unit}", millis / size);
        }
    }
    format!("{millis}ms")
}

/// A duration as a text inside JSON, for `#[serde(with = …)]`.
pub mod duration_member {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes `72h`.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<S: Serializer>(value: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::duration_text(*value))
    }

    /// Reads `72h`.
    ///
    /// # Errors
    /// The text is no duration.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        super::duration(&text).map_err(serde::de::Error::custom)
    }
}

/// A text is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a duration such as 500ms, 10s, 15m, 24h or 2d")]
pub struct BadDuration;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_time_is_no_instant() {
        assert_eq!("2026-12-01T15:00:00".parse::<Instant>(), Err(BadInstant::NoOffset));
        assert_eq!("tomorrow".parse::<Instant>(), Err(BadInstant::Malformed));
        for same in ["2026-12-01T16:00:00+01:00", "2026-12-01t15:00:00.000z"] {
            assert_eq!(same.parse::<Instant>(), "2026-12-01T15:00:00Z".parse::<Instant>());
        }
        assert_eq!("2026-12-01".parse::<Instant>(), Err(BadInstant::NoTime));
        for other in [
            "2026-12-01T15:00:00+25:00",
            "2026-12-01T15:00:00+01:60",
            "2026-12-01T15:00:00+01",
            "2026-12-01T15:00:00+0100",
            "2026-12-01T15:00:00+01:00[Europe/Paris]",
            "20261201T150000Z",
            "2026-12-01 15:00:00Z",
            "2026-12-01T15:00Z",
            "2026-12-01T15:00:00.Z",
            "2026-13-01T15:00:00Z",
            "2026-13-01",
            "",
        ] {
            assert_eq!(other.parse::<Instant>(), Err(BadInstant::Malformed), "{other}");
        }
    }

    #[test]
    fn durations_read_back() {
        for text in ["500ms", "10s", "15m", "24h", "3d"] {
            let read = duration(text).expect("a duration");
            assert_eq!(duration(&duration_text(read)), Ok(read));
        }
        assert_eq!(duration("10"), Err(BadDuration));
        assert_eq!(duration("fast"), Err(BadDuration));
    }
}
