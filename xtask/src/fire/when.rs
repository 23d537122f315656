//! When a row's session is. Read here, and not by the product that is tested.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::rows::Row;
use crate::failure::{Context as _, Failure, Result};

/// A session nearer than this is not left to the file: it would begin during the fire.
const AHEAD: SignedDuration = SignedDuration::from_hours(72);

/// What time it is for those who started the fire.
#[expect(clippy::disallowed_methods, reason = "whoever sets the fire has a clock of their own")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Start and end of a row.
pub(crate) fn span(row: &Row) -> Result<(Timestamp, Timestamp)> {
    let start = instant(&row.start, &row.time_zone)?;
    let end = if row.end.is_empty() {
        let minutes: i64 = row
            .duration_minutes
            .parse()
            .context(format!("{}: reading its duration", row.external_id))?;
        start + SignedDuration::from_mins(minutes)
    } else {
        instant(&row.end, &row.time_zone)?
    };
    if end <= start && is_local(&row.start) && !is_local(&row.end) {
        // A file that was written before a country changed its clocks: a local start, and an end
        // with the offset of those days.
        let by_the_clock = row.end.get(..row.start.len()).unwrap_or_default();
        return Ok((start, instant(by_the_clock, &row.time_zone)?));
    }
    Ok((start, end))
}

fn is_local(text: &str) -> bool {
    text.parse::<Timestamp>().is_err()
}

/// One of the three forms. A local time that occurs twice is the first.
fn instant(text: &str, zone: &str) -> Result<Timestamp> {
    if let Ok(at) = text.parse() {
        return Ok(at);
    }
    let local: DateTime = text.parse().context(format!("reading the time `{text}`"))?;
    let zone = TimeZone::get(zone).context(format!("reading the zone `{zone}`"))?;
    let zoned = zone.to_ambiguous_zoned(local).compatible();
    Ok(zoned.context(format!("reading the time `{text}`"))?.timestamp())
}

/// Moves a row that is past, or too near, by whole years.
pub(crate) fn moved_ahead(mut row: Row, now: Timestamp) -> Result<Row> {
    for _ in 0..100 {
        if span(&row)?.0 > now + AHEAD {
            return Ok(row);
        }
        row.start = next_year(&row.start)?;
        if !row.end.is_empty() {
            row.end = next_year(&row.end)?;
        }
    }
    Err(Failure::new(format!("{}: cannot be moved ahead", row.external_id)))
}

/// All three forms begin with the year. 29 February becomes the 28th.
fn next_year(text: &str) -> Result<String> {
    let not_read = || Failure::new(format!("the time `{text}` does not begin with a year"));
    let (year, rest) = text.split_once('-').ok_or_else(not_read)?;
    let year: i16 = year.parse().context("reading a year")?;
    let rest = if rest.starts_with("02-29") {
        rest.replacen("02-29", "02-28", 1)
    } else {
        rest.to_owned()
    };
    Ok(format!("{:04}-{rest}", year + 1))
}

/// As the API is told.
pub(crate) fn written(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// As the API says it.
pub(crate) fn read(value: &serde_json::Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_name_the_same_moment() {
        let moment = "2031-06-01T12:15:00Z".parse().unwrap();
        for text in ["2031-06-01T12:15:00Z", "2031-06-01T18:00:00+05:45", "2031-06-01T18:00:00"] {
            assert_eq!(instant(text, "Asia/Kathmandu").unwrap(), moment, "{text}");
        }
        // The wall shows 02:30 twice that night: the first one counts.
        let twice = instant("2030-10-27T02:30:00", "Europe/Berlin").unwrap();
        assert_eq!(twice, "2030-10-27T00:30:00Z".parse().unwrap());
    }

    #[test]
    fn what_is_past_moves_by_whole_years() {
        let row = Row {
            start: "2024-02-29T10:00:00".to_owned(),
            duration_minutes: "30".to_owned(),
            time_zone: "UTC".to_owned(),
            ..Row::default()
        };
        let moved = moved_ahead(row, "2026-02-27T10:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(moved.start, "2027-02-28T10:00:00");
    }
}
