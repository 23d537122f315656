//! Today: what needs a person first, then the next session, then the rest by day.

use askama::Template;
use roomkey_core::{Instant, Zone};

use super::cause::Cause;
use super::row::{BookingRow, Day};
use super::shell::{Section, Shell};
use crate::pages::icon::Icon;
use crate::pages::when;

/// The next session, large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextSession {
    /// The booking.
    pub row: BookingRow,
    /// The host's lobby, where its link can be told.
    pub lobby: Option<String>,
}

impl NextSession {
    /// How long until it begins: "12 minutes".
    #[must_use]
    pub fn until(&self, now: &Instant) -> String {
        when::within(self.row.span.start, *now)
    }

    /// Whether it has begun.
    #[must_use]
    pub fn has_begun(&self, now: &Instant) -> bool {
        self.row.span.start <= *now
    }

    /// When it is, on the wall of whoever looks.
    #[must_use]
    pub fn when(&self, zone: &Zone, now: &Instant) -> String {
        self.row.span.told_in(zone).line(*now)
    }
}

/// Today.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "operator/today.html", blocks = ["live"])]
pub struct TodayPage {
    /// What surrounds it.
    pub shell: Shell,
    /// What needs a person: one for each cause, however many sessions it concerns.
    pub causes: Vec<Cause>,
    /// The next session.
    pub next: Option<NextSession>,
    /// The rest of the days to come; see [`Day::group`].
    pub days: Vec<Day>,
    /// How many sessions are on or ahead, those shown included.
    pub ahead: u64,
}

impl TodayPage {
    /// How many sessions need a person, for those who do not see the page change.
    #[must_use]
    pub fn said(&self) -> String {
        match &self.shell.number {
            Some(number) => format!("{} {}", number.value, number.words),
            None => "Nothing needs you".to_owned(),
        }
    }

    /// Sessions ahead that are not shown.
    #[must_use]
    pub fn not_shown(&self) -> u64 {
        let rows: usize = self.days.iter().map(|day| day.rows.len()).sum();
        let shown = rows + usize::from(self.next.is_some());
        self.ahead.saturating_sub(u64::try_from(shown).unwrap_or(u64::MAX))
    }
}
