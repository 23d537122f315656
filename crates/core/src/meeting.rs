//! The meeting: a booking's view of its rooms, for people.

use serde::{Deserialize, Serialize};

use crate::booking::{Booking, Mode, Status as BookingStatus};
use crate::failure::Reason;
use crate::time::Instant;

/// Where a meeting stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waiting: for the booking to be confirmed, or for an account.
    Pending,
    /// A room is being made.
    Creating,
    /// A door works.
    Active,
    /// No room yet, and people were told so; it is still being tried.
    Failed,
    /// Rooms are being removed.
    Cancelling,
    /// No room is left.
    Cancelled,
    /// The session needs no room.
    NotNeeded,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Creating,
        Self::Active,
        Self::Failed,
        Self::Cancelling,
        Self::Cancelled,
        Self::NotNeeded,
    ];

    /// As the API and the database write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Creating => "creating",
            Self::Active => "active",
            Self::Failed => "failed",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
            Self::NotNeeded => "not_needed",
        }
    }

    /// The reverse of [`Status::as_str`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == code)
    }
}

/// What people see of a booking's rooms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Where the meeting stands.
    pub status: Status,
    /// What is wrong, in words.
    pub reason: Option<Reason>,
    /// What is otherwise than was asked, though the room is used.
    pub warnings: Vec<Reason>,
    /// Failures in a row.
    pub failures: u32,
    /// When a room is next tried for.
    pub next_attempt_at: Option<Instant>,
    /// Nothing is left to do, or a person is needed.
    pub settled: bool,
    /// There is no room, and nothing makes one until a person has done something.
    pub stalled: bool,
}

impl View {
    /// What a booking shows before anybody has looked at it.
    #[must_use]
    pub const fn at_first(booking: &Booking) -> Status {
        match (booking.mode, booking.status) {
            (Mode::Phone | Mode::InPerson, _) => Status::NotNeeded,
            (Mode::Online, BookingStatus::Confirmed | BookingStatus::InProgress) => {
                Status::Creating
            }
            (Mode::Online, BookingStatus::Pending(_)) => Status::Pending,
            (Mode::Online, BookingStatus::Cancelled) => Status::Cancelled,
            (Mode::Online, BookingStatus::Completed | BookingStatus::NoShow) => Status::NotNeeded,
        }
    }
}
