//! What people have been told, and what they should be told now.
//!
//! For each person of a booking there is a record of what was last said. A message is due when
//! that differs from what is; so nobody is told twice, and nobody false.

use serde::{Deserialize, Serialize};

use crate::booking::{Booking, Mode, Status};
use crate::id::{HostId, MessageId, PersonId};
use crate::time::Instant;

/// What a message says, as far as it makes a difference to its reader.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Statement {
    /// Whether the session takes place, for this person.
    pub on: bool,
    /// When it begins.
    pub start: Instant,
    /// When it is to end.
    pub end: Instant,
    /// Its title.
    pub title: String,
    /// How it is held.
    pub mode: Mode,
    /// Who gives it.
    pub host: HostId,
    /// Their name, for "instead of".
    pub host_name: String,
    /// Which of their links the reader is given: how often it was replaced.
    #[serde(default)]
    pub link: u32,
}

impl Statement {
    /// Whether a reader learns the same from both: that it is off is all there is to know then.
    #[must_use]
    pub fn means(&self, other: &Self) -> bool {
        self == other || !(self.on || other.on)
    }
}

/// Why a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// It takes place.
    Confirmation,
    /// It takes place otherwise than was said.
    Change,
    /// It does not take place.
    Cancellation,
}

impl Occasion {
    /// The word for records.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::Change => "change",
            Self::Cancellation => "cancellation",
        }
    }

    /// The reverse of [`Occasion::as_str`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Confirmation, Self::Change, Self::Cancellation]
            .into_iter()
            .find(|it| it.as_str() == code)
    }
}

/// A message that is written down and not yet off the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Its id.
    pub message: MessageId,
    /// What it says.
    pub statement: Statement,
    /// Why.
    pub occasion: Occasion,
    /// Not before.
    pub next_at: Instant,
    /// While it is being sent: until when an answer can come.
    pub sending_until: Option<Instant>,
}

/// One person of a booking, and what they were told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// The person.
    pub person: PersonId,
    /// Whether there is an address to write to.
    pub reachable: bool,
    /// Whether they are still of the booking.
    pub present: bool,
    /// Which of their links they have: how often it was replaced.
    pub link: u32,
    /// What was last said, or may have been.
    pub said: Option<Statement>,
    /// What was last taken by the relay for certain; known while something is on its way.
    pub heard: Option<Statement>,
    /// What is on its way.
    pub queued: Option<Queued>,
}

/// A message that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    /// To whom.
    pub person: PersonId,
    /// Why.
    pub occasion: Occasion,
    /// What it says.
    pub statement: Statement,
    /// What was last said.
    pub before: Option<Statement>,
    /// The message that already says exactly this: the same bytes go again.
    pub again: Option<MessageId>,
}

/// What a person of the booking should know now; `None` where there is nothing to say. `link` says
/// which of their links they have.
#[must_use]
pub fn wanted(booking: &Booking, host_name: &str, present: bool, link: u32) -> Option<Statement> {
    let on = match booking.status {
        Status::Confirmed | Status::InProgress => present,
        Status::Cancelled => false,
        Status::Pending(_) | Status::Completed | Status::NoShow if present => return None,
        Status::Pending(_) | Status::Completed | Status::NoShow => false,
    };
    Some(Statement {
        on,
        start: booking.start,
        end: booking.end,
        title: booking.public_title().to_owned(),
        mode: booking.mode,
        host: booking.host,
        host_name: host_name.to_owned(),
        link,
    })
}

/// Which message takes a person from what was said to what is, if any.
#[must_use]
pub fn occasion(said: Option<&Statement>, wanted: &Statement) -> Option<Occasion> {
    match (said, wanted.on) {
        (None, true) => Some(Occasion::Confirmation),
        (Some(said), true) if !said.on => Some(Occasion::Confirmation),
        (Some(said), true) if said != wanted => Some(Occasion::Change),
        (Some(said), false) if said.on => Some(Occasion::Cancellation),
        (None | Some(_), _) => None,
    }
}

/// Until when a message is worth sending: the end of the session that it speaks of.
#[must_use]
pub fn worth_until(wanted: &Statement, said: Option<&Statement>) -> Instant {
    if wanted.on { wanted.end } else { said.map_or(wanted.end, |said| said.end) }
}
