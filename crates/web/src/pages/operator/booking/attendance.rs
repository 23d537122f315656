//! Who was at a session.

use std::time::Duration;

use roomkey_core::{Instant, Zone};

use crate::pages::when;

/// One person who was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttendeeRow {
    /// As they called themselves.
    pub name: String,
    /// Host or guest, where that can be told.
    pub role: Option<&'static str>,
    /// When they first came.
    pub from: Instant,
    /// When they last left; nothing while they are there.
    pub to: Option<Instant>,
    /// How long they were there.
    pub inside: Duration,
}

impl AttendeeRow {
    /// From when to when, and how long.
    #[must_use]
    pub fn when(&self, zone: &Zone, now: &Instant) -> String {
        let from = when::moment(self.from, zone, *now);
        match self.to {
            Some(to) => {
                format!("{from} to {}, {}", when::clock(to, zone), when::long(self.inside))
            }
            None => format!("since {from}"),
        }
    }
}
