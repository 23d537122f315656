//! A booking in a list.

use roomkey_core::booking::{Mode, Status};
use roomkey_core::failure::Reason;
use roomkey_core::id::BookingId;
use roomkey_core::{Instant, meeting};

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
    /// When it is.
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

    /// The booking's pill.
    #[must_use]
    pub fn pill(&self) -> Pill {
        words::booking(self.status)
    }

    /// The meeting's pill, while there is something to say.
    #[must_use]
    pub fn meeting_pill(&self) -> Option<Pill> {
        (self.meeting != meeting::Status::NotNeeded).then(|| words::meeting(self.meeting))
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

    /// "Today", "Tomorrow", or the date, in the booking's zone.
    #[must_use]
    pub fn day(&self, now: &Instant) -> String {
        when::day(self.span.start, &self.span.zone, *now)
    }

    /// "15:00 – 15:50"
    #[must_use]
    pub fn hours(&self, now: &Instant) -> String {
        self.span.hours(*now)
    }
}
