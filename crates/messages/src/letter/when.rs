//! Times as people read them: always with the zone.

use jiff::Zoned;
use roomkey_core::{Instant, Zone};

use crate::words::Words;

/// How to tell a time.
#[derive(Clone, Copy)]
pub(super) struct Teller<'a> {
    pub(super) words: &'a Words,
    pub(super) zone: &'a Zone,
    /// What time it is: another year than this one is told.
    pub(super) now: Instant,
}

/// A span, in parts for a card and as one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct When {
    /// "Tue 3 March"
    pub(super) date: String,
    /// "15:00 – 15:50"
    pub(super) time: String,
    /// "Lisbon"
    pub(super) zone: String,
}

impl When {
    /// "Tue 3 March, 15:00 – 15:50 (Lisbon)"
    pub(super) fn line(&self) -> String {
        format!("{}, {} ({})", self.date, self.time, self.zone)
    }
}

impl Teller<'_> {
    /// From when to when.
    pub(super) fn span(&self, start: Instant, end: Instant) -> When {
        let (start, end) = (self.local(start), self.local(end));
        let offsets_differ = start.offset() != end.offset();
        let told_twice = is_told_twice(&start) || is_told_twice(&end);
        let mut time = clock(&start);
        if offsets_differ {
            // Fifty minutes must not look like ten minutes less than nothing.
            time.push_str(&format!(" UTC{}", offset(&start)));
        }
        time.push_str(" – ");
        if start.date() != end.date() {
            time.push_str(&format!("{}, ", self.date(&end)));
        }
        time.push_str(&clock(&end));
        if offsets_differ {
            time.push_str(&format!(" UTC{}", offset(&end)));
        }
        let mut zone = self.zone.city();
        if told_twice && !offsets_differ {
            zone.push_str(&format!(", UTC{}", offset(&start)));
        }
        When { date: self.date(&start), time, zone }
    }

    /// "Tue 3 March, 15:00 (Lisbon)"
    pub(super) fn moment(&self, at: Instant) -> String {
        let at = self.local(at);
        let told_twice =
            if is_told_twice(&at) { format!(", UTC{}", offset(&at)) } else { String::new() };
        format!("{}, {} ({}{told_twice})", self.date(&at), clock(&at), self.zone.city())
    }

    fn local(&self, at: Instant) -> Zoned {
        at.timestamp().to_zoned(self.zone.time_zone())
    }

    fn date(&self, at: &Zoned) -> String {
        let weekday = usize::try_from(at.weekday().to_monday_zero_offset()).unwrap_or(0);
        let month = usize::try_from(at.month() - 1).unwrap_or(0);
        let year = (at.year() != self.local(self.now).year()).then(|| at.year());
        (self.words.date)(self.words.weekdays[weekday], at.day(), self.words.months[month], year)
    }
}

/// Whether clocks are set back over this time, so that the wall shows it twice.
fn is_told_twice(at: &Zoned) -> bool {
    at.time_zone().to_ambiguous_zoned(at.datetime()).is_ambiguous()
}

fn clock(at: &Zoned) -> String {
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
    use crate::words;

    fn at(text: &str) -> Instant {
        text.parse().expect("an instant")
    }

    fn told(zone: &str, start: &str, end: &str) -> String {
        let zone: Zone = zone.parse().expect("a zone");
        let teller =
            Teller { words: words::of("en"), zone: &zone, now: at("2026-02-01T00:00:00Z") };
        teller.span(at(start), at(end)).line()
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
    fn an_hour_that_comes_twice_is_told_apart() {
        assert_eq!(
            told("Europe/Lisbon", "2026-10-25T00:10:00Z", "2026-10-25T00:40:00Z"),
            "Sun 25 October, 01:10 – 01:40 (Lisbon, UTC+1)"
        );
        assert_eq!(
            told("Europe/Lisbon", "2026-10-25T00:40:00Z", "2026-10-25T01:30:00Z"),
            "Sun 25 October, 01:40 UTC+1 – 01:30 UTC+0 (Lisbon)"
        );
    }
}
