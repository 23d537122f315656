//! A booking in a list, and lists by days.

use roomkey_core::booking::{Mode, Status};
use roomkey_core::failure::Reason;
use roomkey_core::id::BookingId;
use roomkey_core::{Instant, Zone, meeting};

use crate::pages::icon::Icon;
use crate::pages::pill::Pill;
use crate::pages::when::{self, Span};
use crate::pages::words;

/// A booking in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingRow {
    /// Its id.
    pub id: BookingId,
    /// Where it stands.
    pub status: Status,
    /// Where its meeting stands.
    pub meeting: meeting::Status,
    /// What is wrong.
    pub reason: Option<Reason>,
    /// When it is, in the zone it was booked in.
    pub span: Span,
    /// The service's name.
    pub service: String,
    /// The host's name.
    pub host: String,
    /// The guests' names.
    pub guests: Vec<String>,
    /// How it is held.
    pub mode: Mode,
}

impl BookingRow {
    /// Where its page is.
    #[must_use]
    pub fn href(&self) -> String {
        format!("/operator/bookings/{}", self.id)
    }

    /// Its state at a glance.
    #[must_use]
    pub fn pill(&self) -> Pill {
        words::session(self.status, self.mode, self.meeting, self.reason.is_some())
    }

    /// What is wrong with it, in words; nothing once it is over.
    #[must_use]
    pub fn wrong(&self) -> Option<&str> {
        self.reason.as_ref().filter(|_| self.status.is_on()).map(|it| it.message.as_str())
    }

    /// Whether it is held otherwise than online, which its state does not say.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        self.mode != Mode::Online
    }

    /// How it is held.
    #[must_use]
    pub const fn how(&self) -> &'static str {
        words::mode(self.mode)
    }

    /// The drawing for how it is held.
    #[must_use]
    pub const fn how_icon(&self) -> Icon {
        words::mode_icon(self.mode)
    }

    /// The guests in a sentence; so many that it would be a crowd are counted.
    #[must_use]
    pub fn people(&self) -> String {
        match self.guests.as_slice() {
            [first, second, third, rest @ ..] if !rest.is_empty() => {
                format!("{first}, {second}, {third} and {} more", rest.len())
            }
            few => words::people(few),
        }
    }

    /// "15:00 – 15:50", on the wall of whoever looks.
    #[must_use]
    pub fn hours(&self, zone: &Zone, now: &Instant) -> String {
        self.span.told_in(zone).hours(*now)
    }

    /// The time on the wall where it was booked, if that is another.
    #[must_use]
    pub fn there(&self, zone: &Zone, now: &Instant) -> Option<String> {
        self.span.there(zone, *now)
    }
}

/// Sessions of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// "Today", "Tomorrow", or the date.
    pub heading: String,
    /// Its sessions, in their order.
    pub rows: Vec<BookingRow>,
}

impl Day {
    /// Groups sessions, which are in order, by the day on which they begin in this zone.
    #[must_use]
    pub fn group(rows: Vec<BookingRow>, zone: &Zone, now: Instant) -> Vec<Self> {
        let mut days: Vec<Self> = Vec::new();
        for row in rows {
            let heading = when::day(row.span.start, zone, now);
            match days.last_mut() {
                Some(day) if day.heading == heading => day.rows.push(row),
                Some(_) | None => days.push(Self { heading, rows: vec![row] }),
            }
        }
        days
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::samples;

    #[test]
    fn days_are_those_of_whoever_looks() {
        let now: Instant = "2026-03-03T12:00:00Z".parse().expect("an instant");
        let zone = |name: &str| name.parse::<Zone>().expect("a zone");
        // Each was booked where it is another day already, or still.
        let starts = [
            ("2026-03-03T14:00:00Z", "Pacific/Auckland"),
            ("2026-03-03T22:00:00Z", "Europe/Lisbon"),
            ("2026-03-04T03:00:00Z", "America/Los_Angeles"),
            ("2026-03-05T10:00:00Z", "Europe/Lisbon"),
        ];
        let rows: Vec<BookingRow> = starts
            .iter()
            .map(|(start, booked)| {
                let mut row = samples::rows().remove(1);
                row.span.start = start.parse().expect("an instant");
                row.span.zone = zone(booked);
                row
            })
            .collect();
        let told = |name: &str| {
            let days = Day::group(rows.clone(), &zone(name), now);
            days.into_iter().map(|it| (it.heading, it.rows.len())).collect::<Vec<_>>()
        };
        let days = |all: &[(&str, usize)]| {
            all.iter().map(|(name, many)| ((*name).to_owned(), *many)).collect::<Vec<_>>()
        };
        assert_eq!(
            told("Europe/Lisbon"),
            days(&[("Today", 2), ("Tomorrow", 1), ("Thu 5 March", 1)])
        );
        // Auckland is half a day ahead: the same instants, another day.
        assert_eq!(told("Pacific/Auckland"), days(&[("Today", 3), ("Tomorrow", 1)]));
    }
}
