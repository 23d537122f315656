//! VTIMEZONE: a zone as far as one event needs it.

use jiff::civil::DateTime;
use jiff::tz::{Dst, Offset, TimeZone};
use roomkey_core::{Instant, Zone};

use super::line::Lines;

/// From when on which offset holds.
struct Observance {
    onset: DateTime,
    from: Offset,
    to: Offset,
    dst: bool,
    name: String,
}

/// Writes a zone with the changes around an event: the one before it, so that readers know what
/// holds when it starts; one more before that; and two after it ends.
pub(super) fn write(lines: &mut Lines, zone: &Zone, start: Instant, end: Instant) {
    lines.within("VTIMEZONE", |lines| {
        lines.line("TZID").token(zone.name());
        for it in observances(&zone.time_zone(), start, end) {
            lines.within(if it.dst { "DAYLIGHT" } else { "STANDARD" }, |lines| {
                lines.line("DTSTART").token(&local(it.onset));
                lines.line("TZOFFSETFROM").token(&offset(it.from));
                lines.line("TZOFFSETTO").token(&offset(it.to));
                lines.line("TZNAME").text(&it.name);
            });
        }
    });
}

/// A time on the wall, `20260303T150000`.
pub(super) fn local(at: DateTime) -> String {
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

fn observances(zone: &TimeZone, start: Instant, end: Instant) -> Vec<Observance> {
    // A change at the very start of the event is in force: look from just after it.
    let after_start = start.plus(std::time::Duration::from_secs(1)).timestamp();
    let mut before: Vec<Observance> = zone
        .preceding(after_start)
        .take(2)
        .map(|it| observance(zone, it.timestamp(), it.offset(), it.dst(), it.abbreviation()))
        .filter(|it| it.onset.year() >= 1970)
        .collect();
    before.reverse();
    if before.is_empty() {
        // No change in living memory: what holds now always held.
        let info = zone.to_offset_info(start.timestamp());
        before.push(Observance {
            onset: DateTime::constant(1970, 1, 1, 0, 0, 0, 0),
            from: info.offset(),
            to: info.offset(),
            dst: false,
            name: info.abbreviation().to_owned(),
        });
    }
    let until_end =
        zone.following(start.timestamp()).take_while(|it| it.timestamp() <= end.timestamp());
    let after_end = zone.following(end.timestamp()).take(2);
    before.extend(
        until_end
            .chain(after_end)
            .map(|it| observance(zone, it.timestamp(), it.offset(), it.dst(), it.abbreviation())),
    );
    before.dedup_by(|later, earlier| later.onset == earlier.onset);
    before
}

fn observance(
    zone: &TimeZone,
    at: jiff::Timestamp,
    to: Offset,
    dst: Dst,
    name: &str,
) -> Observance {
    let just_before = Instant::from(at).minus(std::time::Duration::from_secs(1));
    let from = zone.to_offset(just_before.timestamp());
    // The onset is told in the time that held until then (RFC 5545, 3.6.5).
    Observance { onset: from.to_datetime(at), from, to, dst: dst.is_dst(), name: name.to_owned() }
}

fn offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes, rest) =
        (seconds.abs() / 3600, seconds.abs() / 60 % 60, seconds.abs() % 60);
    if rest == 0 {
        format!("{sign}{hours:02}{minutes:02}")
    } else {
        format!("{sign}{hours:02}{minutes:02}{rest:02}")
    }
}
