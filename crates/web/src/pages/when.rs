//! Times as people read them: always with the zone.

use std::time::Duration;

use jiff::Zoned;
use roomkey_core::{Instant, Zone};

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A session's time, and the zone it was booked in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// When it begins.
    pub start: Instant,
    /// When it is to end.
    pub end: Instant,
    /// The zone it was booked in.
    pub zone: Zone,
}

impl Span {
    /// "Tue 3 March, 15:00 – 15:50 (Lisbon)"
    #[must_use]
    pub fn line(&self, now: Instant) -> String {
        format!("{}, {} ({})", self.date(now), self.hours(now), self.place())
    }

    /// The same session, told in another zone.
    #[must_use]
    pub fn told_in(&self, zone: &Zone) -> Self {
        Self { zone: zone.clone(), ..self.clone() }
    }

    /// The time on the wall where it was booked, if the wall in `zone` shows another: "15:00 in
    /// Lisbon", with the date where that differs too.
    #[must_use]
    pub fn there(&self, zone: &Zone, now: Instant) -> Option<String> {
        let (booked, told) = (local(self.start, &self.zone), local(self.start, zone));
        if booked.datetime() == told.datetime() {
            return None;
        }
        let date = match booked.date() == told.date() {
            true => String::new(),
            false => format!("{}, ", date(self.start, &self.zone, now)),
        };
        Some(format!("{date}{} in {}", clock_of(&booked), self.zone.city()))
    }

    /// "Tue 3 March"; with the year if it is not this one.
    #[must_use]
    pub fn date(&self, now: Instant) -> String {
        date(self.start, &self.zone, now)
    }

    /// "15:00 – 15:50"; tells the offsets if the clocks change in between.
    #[must_use]
    pub fn hours(&self, now: Instant) -> String {
        let (start, end) = (local(self.start, &self.zone), local(self.end, &self.zone));
        let differ = start.offset() != end.offset();
        let mut text = clock_of(&start);
        if differ {
            // Fifty minutes must not look like ten minutes less than nothing.
            text.push_str(&format!(" UTC{}", offset(&start)));
        }
        text.push_str(" – ");
        if start.date() != end.date() {
            text.push_str(&format!("{}, ", date(self.end, &self.zone, now)));
        }
        text.push_str(&clock_of(&end));
        if differ {
            text.push_str(&format!(" UTC{}", offset(&end)));
        }
        text
    }

    /// "Lisbon"; with the offset if the wall shows this hour twice.
    #[must_use]
    pub fn place(&self) -> String {
        let (start, end) = (local(self.start, &self.zone), local(self.end, &self.zone));
        let twice = is_told_twice(&start) || is_told_twice(&end);
        if twice && start.offset() == end.offset() {
            format!("{}, UTC{}", self.zone.city(), offset(&start))
        } else {
            self.zone.city()
        }
    }

    /// "50 minutes"
    #[must_use]
    pub fn length(&self) -> String {
        long(self.end.since(self.start))
    }
}

/// "Tue 3 March, 15:00 (Lisbon)"
#[must_use]
pub fn moment(at: Instant, zone: &Zone, now: Instant) -> String {
    let there = local(at, zone);
    let told_twice =
        if is_told_twice(&there) { format!(", UTC{}", offset(&there)) } else { String::new() };
    format!("{}, {} ({}{told_twice})", date(at, zone, now), clock_of(&there), zone.city())
}

/// "Tue 3 March"; with the year if it is not this one.
#[must_use]
pub fn date(at: Instant, zone: &Zone, now: Instant) -> String {
    let there = local(at, zone);
    let weekday = usize::try_from(there.weekday().to_monday_zero_offset()).unwrap_or(0);
    let month = usize::try_from(there.month() - 1).unwrap_or(0);
    let text = format!("{} {} {}", WEEKDAYS[weekday], there.day(), MONTHS[month]);
    if there.year() == local(now, zone).year() { text } else { format!("{text} {}", there.year()) }
}

/// "Today", "Tomorrow", or the date.
#[must_use]
pub fn day(at: Instant, zone: &Zone, now: Instant) -> String {
    let (there, today) = (local(at, zone).date(), local(now, zone).date());
    if there == today {
        "Today".to_owned()
    } else if today.tomorrow().is_ok_and(|tomorrow| tomorrow == there) {
        "Tomorrow".to_owned()
    } else {
        date(at, zone, now)
    }
}

/// "15:00"
#[must_use]
pub fn clock(at: Instant, zone: &Zone) -> String {
    clock_of(&local(at, zone))
}

/// "3 min ago"
#[must_use]
pub fn ago(at: Instant, now: Instant) -> String {
    let seconds = now.since(at).as_secs();
    match seconds {
        0..60 => "just now".to_owned(),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// How long until then: "12 minutes", "2 hours 5 minutes", "3 days". Rounded up, so that a door
/// is never promised too early.
#[must_use]
pub fn within(at: Instant, now: Instant) -> String {
    long(at.since(now))
}

/// "12 minutes", "2 hours 5 minutes", "3 days"
#[must_use]
pub fn long(duration: Duration) -> String {
    let minutes = duration.as_secs().div_ceil(60);
    match minutes {
        0..=1 => "1 minute".to_owned(),
        2..60 => format!("{minutes} minutes"),
        60..2_880 => {
            let hours = count(minutes / 60, "hour");
            if minutes.is_multiple_of(60) {
                hours
            } else {
                format!("{hours} {}", count(minutes % 60, "minute"))
            }
        }
        _ => count(minutes / 1_440, "day"),
    }
}

/// The same as a figure, for a glance: "12 min", "5 h 12 min", "2 days".
#[must_use]
pub fn figure(duration: Duration) -> String {
    let minutes = duration.as_secs().div_ceil(60).max(1);
    match minutes {
        0..60 => format!("{minutes} min"),
        60..2_160 if minutes.is_multiple_of(60) => format!("{} h", minutes / 60),
        60..2_160 => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => count((minutes + 720) / 1_440, "day"),
    }
}

/// How long something usually takes, in words: "at once", "0.3 seconds".
#[must_use]
pub fn usually(duration: Duration) -> String {
    let tenths = (duration.as_millis() + 50) / 100;
    match tenths {
        0 => "at once".to_owned(),
        10 => "in 1 second".to_owned(),
        _ if tenths.is_multiple_of(10) => format!("in {} seconds", tenths / 10),
        _ => format!("in {}.{} seconds", tenths / 10, tenths % 10),
    }
}

/// From when to when, on one day or over several: "14:07 – 14:22".
#[must_use]
pub fn stretch(from: Instant, to: Instant, zone: &Zone, now: Instant) -> String {
    let (first, last) = (local(from, zone), local(to, zone));
    if first.date() == last.date() {
        let (from, to) = (clock_of(&first), clock_of(&last));
        return if from == to { from } else { format!("{from} – {to}") };
    }
    let (first_day, last_day) = (date(from, zone, now), date(to, zone, now));
    format!("{first_day}, {} – {last_day}, {}", clock_of(&first), clock_of(&last))
}

/// How long a call took: "340 ms", "1.2 s"
#[must_use]
pub fn took(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        format!("{} ms", duration.as_millis())
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

/// "1 session", "12 sessions"
#[must_use]
pub fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn local(at: Instant, zone: &Zone) -> Zoned {
    at.timestamp().to_zoned(zone.time_zone())
}

/// Whether clocks are set back over this time, so that the wall shows it twice.
fn is_told_twice(at: &Zoned) -> bool {
    at.time_zone().to_ambiguous_zoned(at.datetime()).is_ambiguous()
}

fn clock_of(at: &Zoned) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

fn offset(at: &Zoned) -> String {
    let seconds = at.offset().seconds();
    let sign = if seconds < 0 { '−' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
    if minutes == 0 { format!("{sign}{hours}") } else { format!("{sign}{hours}:{minutes:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().expect("an instant")
    }

    fn told(zone: &str, start: &str, end: &str) -> String {
        let zone = zone.parse().expect("a zone");
        Span { start: at(start), end: at(end), zone }.line(at("2026-02-01T00:00:00Z"))
    }

    #[test]
    fn a_span_is_told_with_its_zone() {
        let (start, end) = ("2026-03-03T15:00:00Z", "2026-03-03T15:50:00Z");
        assert_eq!(told("Europe/Lisbon", start, end), "Tue 3 March, 15:00 – 15:50 (Lisbon)");
        assert_eq!(told("America/New_York", start, end), "Tue 3 March, 10:00 – 10:50 (New York)");
        assert_eq!(told("Asia/Kolkata", start, end), "Tue 3 March, 20:30 – 21:20 (Kolkata)");
    }

    #[test]
    fn midnight_and_new_year_are_told() {
        assert_eq!(
            told("Europe/Lisbon", "2026-12-31T23:30:00Z", "2027-01-01T00:20:00Z"),
            "Thu 31 December, 23:30 – Fri 1 January 2027, 00:20 (Lisbon)"
        );
    }

    #[test]
    fn clocks_that_change_are_told() {
        // The hour that comes twice.
        assert_eq!(
            told("Europe/Lisbon", "2026-10-25T00:10:00Z", "2026-10-25T00:40:00Z"),
            "Sun 25 October, 01:10 – 01:40 (Lisbon, UTC+1)"
        );
        assert_eq!(
            told("Europe/Lisbon", "2026-10-25T00:40:00Z", "2026-10-25T01:30:00Z"),
            "Sun 25 October, 01:40 UTC+1 – 01:30 UTC+0 (Lisbon)"
        );
        // The hour that is left out.
        assert_eq!(
            told("Europe/Lisbon", "2026-03-29T00:30:00Z", "2026-03-29T01:20:00Z"),
            "Sun 29 March, 00:30 UTC+0 – 02:20 UTC+1 (Lisbon)"
        );
        // The same wall time on both sides of the change.
        assert_eq!(
            told("America/New_York", "2026-03-07T20:00:00Z", "2026-03-07T21:00:00Z"),
            "Sat 7 March, 15:00 – 16:00 (New York)"
        );
        assert_eq!(
            told("America/New_York", "2026-03-08T19:00:00Z", "2026-03-08T20:00:00Z"),
            "Sun 8 March, 15:00 – 16:00 (New York)"
        );
    }

    #[test]
    fn another_wall_is_told_where_it_shows_another_time() {
        let zone = |name: &str| name.parse::<Zone>().expect("a zone");
        let now = at("2026-02-01T00:00:00Z");
        let booked = Span {
            start: at("2026-03-03T03:00:00Z"),
            end: at("2026-03-03T03:50:00Z"),
            zone: zone("America/New_York"),
        };
        let lisbon = zone("Europe/Lisbon");
        let told = booked.told_in(&lisbon).line(now);
        assert_eq!(told, "Tue 3 March, 03:00 – 03:50 (Lisbon)");
        let there = booked.there(&lisbon, now);
        assert_eq!(there.as_deref(), Some("Mon 2 March, 22:00 in New York"));
        // London's wall shows the same.
        assert_eq!(booked.told_in(&zone("Europe/London")).there(&lisbon, now), None);
    }

    #[test]
    fn days_have_names() {
        let lisbon = "Europe/Lisbon".parse().expect("a zone");
        let auckland = "Pacific/Auckland".parse().expect("a zone");
        let now = at("2026-03-03T14:48:00Z");
        assert_eq!(day(at("2026-03-03T23:00:00Z"), &lisbon, now), "Today");
        assert_eq!(day(at("2026-03-04T00:00:00Z"), &lisbon, now), "Tomorrow");
        assert_eq!(day(at("2026-03-05T09:00:00Z"), &lisbon, now), "Thu 5 March");
        assert_eq!(day(at("2026-03-03T09:00:00Z"), &auckland, now), "Tue 3 March");
    }

    #[test]
    fn whiles_are_rounded_so_that_nobody_comes_early() {
        let now = at("2026-03-03T14:48:00Z");
        let after = |seconds| within(now.plus(Duration::from_secs(seconds)), now);
        assert_eq!(after(5), "1 minute");
        assert_eq!(after(61), "2 minutes");
        assert_eq!(after(7_500), "2 hours 5 minutes");
        assert_eq!(after(3_600), "1 hour");
        assert_eq!(after(260_000), "3 days");
        let figures = [(5, "1 min"), (7_500, "2 h 5 min"), (3_600, "1 h"), (172_620, "2 days")];
        for (seconds, words) in figures {
            assert_eq!(figure(Duration::from_secs(seconds)), words);
        }
        assert_eq!(ago(now, now.plus(Duration::from_secs(200))), "3 min ago");
        assert_eq!(took(Duration::from_millis(340)), "340 ms");
        assert_eq!(took(Duration::from_millis(1_240)), "1.2 s");
    }
}
