//! The date and time fields of forms, to and from instants.

use jiff::civil::{Date, Time};
use jiff::tz::AmbiguousOffset;
use roomkey_core::{Instant, Zone};

/// Why a date and a time name no instant; the words stand in the place of the field's help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLocal {
    /// The date is not one.
    #[error("Give a date, such as 2026-03-03.")]
    Date,
    /// The time is not one.
    #[error("Give a time, such as 15:00.")]
    Time,
    /// Clocks are set forward over it.
    #[error("Clocks are set forward over this time on that day. Choose an hour later.")]
    LeftOut,
}

/// What a date field holds: `2026-03-03`.
#[must_use]
pub fn date_value(at: Instant, zone: &Zone) -> String {
    at.timestamp().to_zoned(zone.time_zone()).date().to_string()
}

/// What a time field holds: `15:00`.
#[must_use]
pub fn time_value(at: Instant, zone: &Zone) -> String {
    super::when::clock(at, zone)
}

/// The instant that a date field and a time field name. An hour that comes twice means its first
/// coming.
///
/// # Errors
/// [`BadLocal`] in words.
pub fn instant(date: &str, time: &str, zone: &Zone) -> Result<Instant, BadLocal> {
    let date: Date = date.trim().parse().map_err(|_| BadLocal::Date)?;
    let time: Time = time.trim().parse().map_err(|_| BadLocal::Time)?;
    let there = zone.time_zone().to_ambiguous_zoned(date.to_datetime(time));
    match there.offset() {
        AmbiguousOffset::Gap { .. } => Err(BadLocal::LeftOut),
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
            there.earlier().map(|at| at.timestamp().into()).map_err(|_| BadLocal::Date)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lisbon() -> Zone {
        "Europe/Lisbon".parse().expect("a zone")
    }

    #[test]
    fn fields_read_back() {
        let at: Instant = "2026-07-03T14:00:00Z".parse().expect("an instant");
        let (date, time) = (date_value(at, &lisbon()), time_value(at, &lisbon()));
        assert_eq!((date.as_str(), time.as_str()), ("2026-07-03", "15:00"));
        assert_eq!(instant(&date, &time, &lisbon()), Ok(at));
    }

    #[test]
    fn clocks_that_change_are_minded() {
        assert_eq!(instant("2026-03-29", "01:30", &lisbon()), Err(BadLocal::LeftOut));
        assert_eq!(
            instant("2026-10-25", "01:30", &lisbon()),
            Ok("2026-10-25T00:30:00Z".parse().expect("an instant"))
        );
        assert_eq!(instant("soon", "01:30", &lisbon()), Err(BadLocal::Date));
        assert_eq!(instant("2026-10-25", "late", &lisbon()), Err(BadLocal::Time));
    }
}
