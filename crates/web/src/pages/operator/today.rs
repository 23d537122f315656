//! Today: what needs a person first, then the next session, then the rest by day.

use askama::Template;
use roomkey_core::Instant;

use super::row::BookingRow;
use super::shell::{Section, Shell};
use crate::pages::icon::Icon;
use crate::pages::when;

/// The next session, large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextSession {
    /// The booking.
    pub row: BookingRow,
    /// The host's lobby, where the person is its host.
    pub lobby: Option<String>,
}

impl NextSession {
    /// "in 12 minutes", or that it has begun.
    #[must_use]
    pub fn until(&self, now: &Instant) -> String {
        if self.row.span.start > *now {
            when::within(self.row.span.start, *now)
        } else {
            "now".to_owned()
        }
    }

    /// Whether it has begun.
    #[must_use]
    pub fn has_begun(&self, now: &Instant) -> bool {
        self.row.span.start <= *now
    }

    /// When it is, in the zone it was booked in.
    #[must_use]
    pub fn when(&self, now: &Instant) -> String {
        self.row.span.line(*now)
    }
}

/// Sessions of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// "Today", "Tomorrow", or the date.
    pub heading: String,
    /// Its sessions, soonest first.
    pub rows: Vec<BookingRow>,
}

impl Day {
    /// Groups sessions, soonest first, by the day on which they begin.
    #[must_use]
    pub fn group(rows: Vec<BookingRow>, now: Instant) -> Vec<Self> {
        let mut days: Vec<Self> = Vec::new();
        for row in rows {
            let heading = row.day(&now);
            match days.last_mut() {
                Some(day) if day.heading == heading => day.rows.push(row),
                Some(_) | None => days.push(Self { heading, rows: vec![row] }),
            }
        }
        days
    }
}

/// Today.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "operator/today.html")]
pub struct TodayPage {
    /// What surrounds it.
    pub shell: Shell,
    /// Sessions that need a person, soonest first.
    pub need_you: Vec<BookingRow>,
    /// The next session.
    pub next: Option<NextSession>,
    /// The rest of what is ahead; see [`Day::group`].
    pub days: Vec<Day>,
}
