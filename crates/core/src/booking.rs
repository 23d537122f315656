//! A booking: one session, as it should now be.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::{BookingId, ConnectionId, HostId, RoomId};
use crate::route::{RouteOption, Use};
use crate::seats::Span;
use crate::settings::Settings;
use crate::time::{Instant, Zone};

/// How the session is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// In a video room.
    Online,
    /// By telephone: no room.
    Phone,
    /// In the same place: no room.
    InPerson,
}

impl Mode {
    /// As the API and the database write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Phone => "phone",
            Self::InPerson => "in_person",
        }
    }
}

/// What a pending booking waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Awaiting {
    /// The host's word.
    Approval,
    /// The guest's money.
    Payment,
}

/// Where a booking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Not yet certain, and why.
    Pending(Awaiting),
    /// It will take place.
    Confirmed,
    /// It is taking place.
    InProgress,
    /// It took place.
    Completed,
    /// It will not take place.
    Cancelled,
    /// It was to take place, and somebody did not come.
    NoShow,
}

impl Status {
    /// Every status, for tests and documentation.
    pub const ALL: [Self; 7] = [
        Self::Pending(Awaiting::Approval),
        Self::Pending(Awaiting::Payment),
        Self::Confirmed,
        Self::InProgress,
        Self::Completed,
        Self::Cancelled,
        Self::NoShow,
    ];

    /// As the API writes it; `pending` says why elsewhere.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending(_) => "pending",
            Self::Confirmed => "confirmed",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
        }
    }

    /// What it waits for, if it waits.
    #[must_use]
    pub const fn awaiting(self) -> Option<Awaiting> {
        match self {
            Self::Pending(awaiting) => Some(awaiting),
            Self::Confirmed
            | Self::InProgress
            | Self::Completed
            | Self::Cancelled
            | Self::NoShow => None,
        }
    }

    /// As the database keeps it: one word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending(Awaiting::Approval) => "pending_approval",
            Self::Pending(Awaiting::Payment) => "pending_payment",
            Self::Confirmed
            | Self::InProgress
            | Self::Completed
            | Self::Cancelled
            | Self::NoShow => self.as_str(),
        }
    }

    /// The reverse of [`Status::code`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    /// Whether the session is to be held, so that people need a door.
    #[must_use]
    pub const fn is_on(self) -> bool {
        matches!(self, Self::Confirmed | Self::InProgress)
    }

    /// Whether nothing more happens by itself: it comes back only if somebody means it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::NoShow)
    }

    /// Where the booking stands after a command, or why the command is refused. Asking for what
    /// already is changes nothing and is no error: a platform may repeat itself.
    ///
    /// # Errors
    /// [`Refusal`] with a stable code and the remedy.
    pub const fn after(self, command: Command) -> Result<Self, Refusal> {
        use Command as C;
        match (self, command) {
            (Self::Pending(_) | Self::Confirmed, C::Confirm) => Ok(Self::Confirmed),
            (Self::InProgress, C::Confirm | C::Start | C::Move | C::Reassign) => {
                Ok(Self::InProgress)
            }
            (Self::Pending(_) | Self::Cancelled, C::Decline) => Ok(Self::Cancelled),
            (
                Self::Pending(_) | Self::Confirmed | Self::InProgress | Self::Cancelled,
                C::Cancel,
            ) => Ok(Self::Cancelled),
            (Self::Pending(_) | Self::Confirmed, C::Move | C::Reassign) => Ok(self),
            (Self::Confirmed | Self::Cancelled | Self::Completed | Self::NoShow, C::Reopen)
            | (Self::InProgress, C::Reopen) => match self {
                Self::InProgress => Ok(Self::InProgress),
                Self::Pending(_)
                | Self::Confirmed
                | Self::Completed
                | Self::Cancelled
                | Self::NoShow => Ok(Self::Confirmed),
            },
            (Self::Confirmed, C::Start) => Ok(Self::InProgress),
            (Self::Confirmed | Self::InProgress | Self::Completed | Self::NoShow, C::Complete) => {
                Ok(Self::Completed)
            }
            (Self::Confirmed | Self::InProgress | Self::Completed | Self::NoShow, C::NoShow) => {
                Ok(Self::NoShow)
            }
            (Self::Pending(_), C::Reopen | C::Start | C::Complete | C::NoShow) => {
                Err(Refusal::Pending)
            }
            (Self::Confirmed | Self::InProgress, C::Decline) => Err(Refusal::AlreadyConfirmed),
            (
                Self::Completed | Self::NoShow,
                C::Confirm | C::Decline | C::Cancel | C::Move | C::Reassign | C::Start,
            ) => Err(Refusal::Over),
            (
                Self::Cancelled,
                C::Confirm | C::Move | C::Reassign | C::Start | C::Complete | C::NoShow,
            ) => Err(Refusal::Cancelled),
        }
    }

    /// Where the booking stands once it is paid for. Only what waits for money goes on, to the
    /// host's word if that is needed too; and what was cancelled stays so.
    ///
    /// # Errors
    /// [`Refusal`]: it was cancelled.
    pub const fn once_paid(self, needs_approval: bool) -> Result<Self, Refusal> {
        match self {
            Self::Pending(Awaiting::Payment) if needs_approval => {
                Ok(Self::Pending(Awaiting::Approval))
            }
            Self::Pending(Awaiting::Payment) => self.after(Command::Confirm),
            Self::Pending(Awaiting::Approval)
            | Self::Confirmed
            | Self::InProgress
            | Self::Completed
            | Self::NoShow => Ok(self),
            Self::Cancelled => Err(Refusal::Cancelled),
        }
    }
}

/// What may be asked of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// It is certain.
    Confirm,
    /// The host does not want it.
    Decline,
    /// It will not take place.
    Cancel,
    /// Another time.
    Move,
    /// Another host.
    Reassign,
    /// It takes place after all.
    Reopen,
    /// People have come in.
    Start,
    /// It took place.
    Complete,
    /// Somebody did not come.
    NoShow,
}

impl Command {
    /// Every command, for tests and documentation.
    pub const ALL: [Self; 9] = [
        Self::Confirm,
        Self::Decline,
        Self::Cancel,
        Self::Move,
        Self::Reassign,
        Self::Reopen,
        Self::Start,
        Self::Complete,
        Self::NoShow,
    ];
}

/// Why a command makes no sense now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// It waits for approval or payment.
    #[error("The booking is not confirmed yet; confirm it first.")]
    Pending,
    /// Too late to decline.
    #[error("The booking is confirmed already; cancel it instead.")]
    AlreadyConfirmed,
    /// The session is over.
    #[error("The session is over; reopen the booking first.")]
    Over,
    /// It was cancelled.
    #[error("The booking is cancelled; reopen it first.")]
    Cancelled,
    /// Nobody knows yet how a session went that has not begun.
    #[error("The session has not begun yet; cancel it if it will not take place, or wait.")]
    Ahead,
}

impl Refusal {
    /// The stable code of the API's problem.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "booking_pending",
            Self::AlreadyConfirmed => "booking_confirmed",
            Self::Over => "booking_over",
            Self::Cancelled => "booking_cancelled",
            Self::Ahead => "booking_ahead",
        }
    }
}

/// When a door opens and closes around the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoorTimes {
    /// How long before the start guests may go in.
    pub guests_before: Duration,
}

impl DoorTimes {
    /// How long before the start hosts may go in.
    pub const HOSTS_BEFORE: Duration = Duration::from_secs(60 * 60);
    /// How long after the end the door stays open.
    pub const AFTER_END: Duration = Duration::from_secs(60 * 60);
}

impl Default for DoorTimes {
    fn default() -> Self {
        Self { guests_before: Duration::from_secs(10 * 60) }
    }
}

/// A booking as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// Where it stands.
    pub status: Status,
    /// How it is held.
    pub mode: Mode,
    /// When it begins.
    pub start: Instant,
    /// When it is to end.
    pub end: Instant,
    /// The zone it was booked in; for display.
    pub time_zone: Zone,
    /// The words on the room's door, made from the service's template when it was pinned.
    pub title: String,
    /// What people read about the session in the room's invitation, made and pinned like the title.
    /// Empty, if there was one and is none now.
    pub agenda: Option<String>,
    /// Whether others read neutral words instead, and its room lets nobody and nothing out; pinned
    /// like the title. See [`crate::private`].
    pub private: bool,
    /// Who gives it.
    pub host: HostId,
    /// The rooms to try, in order; pinned when it was confirmed or its host changed.
    pub route: Vec<RouteOption>,
    /// What the room must be like; pinned with the route.
    pub settings: Settings,
    /// Raised by every request for a new room.
    pub generation: i32,
    /// Counts changes of what was asked.
    pub version: i64,
    /// The seat that its room is on or bound for, if seats lend it one.
    pub seat: Option<String>,
    /// The room that the door leads to now.
    pub current: Option<RoomId>,
    /// When it was confirmed; messages wait for the room from then on.
    pub confirmed_at: Option<Instant>,
}

impl Booking {
    /// Whether people need a video room for it.
    #[must_use]
    pub fn wants_room(&self) -> bool {
        self.mode == Mode::Online && self.status.is_on()
    }

    /// The connection with whose seats its route begins, if it does: it needs no account of its
    /// host's own.
    #[must_use]
    pub fn seats(&self) -> Option<ConnectionId> {
        match self.route.first()?.uses {
            Use::Seats(connection) => Some(connection),
            Use::Host | Use::Connection(_) | Use::Link => None,
        }
    }

    /// Where it stands after a command, as [`Status::after`]; and nothing is completed, or missed by
    /// somebody, before it has begun: at its start, or when people came.
    ///
    /// # Errors
    /// [`Refusal`] with a stable code and the remedy.
    pub fn after(&self, command: Command, now: Instant) -> Result<Status, Refusal> {
        let next = self.status.after(command)?;
        let judges = matches!(next, Status::Completed | Status::NoShow);
        match self.status == Status::Confirmed && judges && now < self.start {
            true => Err(Refusal::Ahead),
            false => Ok(next),
        }
    }

    /// The session's time.
    #[must_use]
    pub const fn span(&self) -> Span {
        Span { start: self.start, end: self.end }
    }

    /// The session's length in whole minutes, rounded up: what vendors keep.
    #[must_use]
    pub fn minutes(&self) -> u32 {
        let seconds = self.end.since(self.start).as_secs();
        u32::try_from(seconds.div_ceil(60)).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_in_every_state_is_defined_or_refused_with_a_remedy() {
        for status in Status::ALL {
            for command in Command::ALL {
                match status.after(command) {
                    Ok(next) => assert_eq!(
                        next.after(command),
                        Ok(next),
                        "{command:?} twice from {status:?} must be the same as once"
                    ),
                    Err(refusal) => assert!(refusal.to_string().contains(';'), "no remedy"),
                }
            }
        }
    }

    #[test]
    fn money_confirms_what_waits_for_it_and_nothing_else() {
        for status in Status::ALL {
            let paid = status.once_paid(false);
            match status {
                Status::Pending(Awaiting::Payment) => assert_eq!(paid, Ok(Status::Confirmed)),
                Status::Cancelled => assert_eq!(paid, Err(Refusal::Cancelled)),
                Status::Pending(Awaiting::Approval)
                | Status::Confirmed
                | Status::InProgress
                | Status::Completed
                | Status::NoShow => assert_eq!(paid, Ok(status)),
            }
        }
        let both = Status::Pending(Awaiting::Payment).once_paid(true);
        assert_eq!(both, Ok(Status::Pending(Awaiting::Approval)));
    }

    #[test]
    fn nothing_is_judged_before_it_has_begun() {
        let start = Instant::from_micros(1_000_000);
        let booking = |status| Booking {
            id: BookingId::from_uuid(uuid::Uuid::nil()),
            status,
            mode: Mode::Online,
            start,
            end: start.plus(Duration::from_secs(3600)),
            time_zone: Zone::utc(),
            title: String::new(),
            agenda: None,
            host: HostId::from_uuid(uuid::Uuid::nil()),
            route: Vec::new(),
            settings: Settings::default(),
            generation: 1,
            version: 1,
            private: false,
            seat: None,
            current: None,
            confirmed_at: None,
        };
        let early = start.minus(Duration::from_secs(1));
        for status in Status::ALL {
            for command in Command::ALL {
                let it = booking(status);
                let is_early = status == Status::Confirmed
                    && matches!(command, Command::Complete | Command::NoShow);
                let expected = if is_early { Err(Refusal::Ahead) } else { status.after(command) };
                assert_eq!(it.after(command, early), expected, "{command:?} from {status:?}");
                assert_eq!(it.after(command, start), status.after(command));
            }
        }
    }

    #[test]
    fn codes_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::from_code(status.code()), Some(status));
        }
    }
}
