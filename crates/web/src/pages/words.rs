//! The design's words for every state, with their pills. Nothing internal reaches a page.

use roomkey_core::booking::{Awaiting, Mode, Status};
use roomkey_core::{meeting, room};

use super::icon::Icon;
use super::pill::{Pill, Tone};

/// A booking's state.
#[must_use]
pub fn booking(status: Status) -> Pill {
    match status {
        Status::Pending(Awaiting::Approval) => {
            Pill::new(Tone::Brass, Icon::Clock, "Waiting for approval")
        }
        Status::Pending(Awaiting::Payment) => {
            Pill::new(Tone::Brass, Icon::Clock, "Waiting for payment")
        }
        Status::Confirmed => Pill::new(Tone::Fine, Icon::Check, "Confirmed"),
        Status::InProgress => Pill::new(Tone::Key, Icon::Live, "In progress"),
        Status::Completed => Pill::new(Tone::Plain, Icon::Check, "Completed"),
        Status::Cancelled => Pill::new(Tone::Plain, Icon::Off, "Cancelled"),
        Status::NoShow => Pill::new(Tone::Brass, Icon::Warn, "No-show"),
    }
}

/// A meeting's state.
#[must_use]
pub fn meeting(status: meeting::Status) -> Pill {
    match status {
        meeting::Status::Pending => Pill::new(Tone::Brass, Icon::Clock, "Pending"),
        meeting::Status::Creating => Pill::new(Tone::Brass, Icon::Making, "Creating"),
        meeting::Status::Active => Pill::new(Tone::Fine, Icon::Check, "Active"),
        meeting::Status::Failed => Pill::new(Tone::Stop, Icon::Warn, "Failed"),
        meeting::Status::Cancelling => Pill::new(Tone::Brass, Icon::Making, "Cancelling"),
        meeting::Status::Cancelled => Pill::new(Tone::Plain, Icon::Off, "Cancelled"),
        meeting::Status::NotNeeded => Pill::new(Tone::Plain, Icon::Off, "Not needed"),
    }
}

/// What a meeting's state means.
#[must_use]
pub const fn meeting_sentence(status: meeting::Status) -> &'static str {
    match status {
        meeting::Status::Pending => "The room is made when the booking is confirmed.",
        meeting::Status::Creating => "The room is being made.",
        meeting::Status::Active => "The door works.",
        meeting::Status::Failed => {
            "There is no room yet. Roomkey keeps trying until the session ends."
        }
        meeting::Status::Cancelling => "The rooms are being removed.",
        meeting::Status::Cancelled => "No room is left.",
        meeting::Status::NotNeeded => "This session needs no room.",
    }
}

/// A room's state.
#[must_use]
pub fn room(state: room::State) -> Pill {
    match state {
        room::State::Intended => Pill::new(Tone::Brass, Icon::Making, "Intended"),
        room::State::Unknown { .. } => Pill::new(Tone::Brass, Icon::Clock, "Unknown"),
        room::State::Live => Pill::new(Tone::Fine, Icon::Check, "Live"),
        room::State::Doubtful { .. } => Pill::new(Tone::Brass, Icon::Warn, "Doubtful"),
        room::State::Retiring => Pill::new(Tone::Brass, Icon::Making, "Retiring"),
        room::State::Gone(_) => Pill::new(Tone::Plain, Icon::Off, "Gone"),
        room::State::Lost { .. } => Pill::new(Tone::Plain, Icon::Off, "Lost"),
        room::State::Stuck => Pill::new(Tone::Stop, Icon::Warn, "Stuck"),
    }
}

/// What a room's state means.
#[must_use]
pub const fn room_sentence(state: room::State) -> &'static str {
    match state {
        room::State::Intended => "The vendor is being asked to make it.",
        room::State::Unknown { .. } => {
            "The vendor's answer was lost. Roomkey looks for it before it makes another."
        }
        room::State::Live => "It is there.",
        room::State::Doubtful { .. } => {
            "The vendor said once that it is gone. Roomkey asks again before it believes that."
        }
        room::State::Retiring => "It is being removed.",
        room::State::Gone(room::Ending::Refused) => "The vendor could not make it.",
        room::State::Gone(room::Ending::Rejected) => "The vendor refused to make it.",
        room::State::Gone(room::Ending::PutOff) => "The vendor put it off.",
        room::State::Gone(room::Ending::UserUnknown) => {
            "The vendor does not know the user who should hold it."
        }
        room::State::Gone(room::Ending::Removed) => "Roomkey removed it.",
        room::State::Gone(room::Ending::Vanished) => "It was removed at the vendor.",
        room::State::Lost { .. } => "It was never found. Roomkey looks for it again later.",
        room::State::Stuck => {
            "It should be removed, and the account that made it is not connected."
        }
    }
}

/// How a session is held.
#[must_use]
pub const fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Online => "Online",
        Mode::Phone => "By phone",
        Mode::InPerson => "In person",
    }
}

/// The drawing for how a session is held.
#[must_use]
pub const fn mode_icon(mode: Mode) -> Icon {
    match mode {
        Mode::Online => Icon::Door,
        Mode::Phone => Icon::Phone,
        Mode::InPerson => Icon::Place,
    }
}

/// Names in a sentence: "Ana Sousa, Tom Reed and Li Wei".
#[must_use]
pub fn people<S: AsRef<str>>(names: &[S]) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [most @ .., last] => {
            let most: Vec<&str> = most.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", most.join(", "), last.as_ref())
        }
    }
}
