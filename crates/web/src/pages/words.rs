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

/// A session's state at a glance: the booking's, or what its room is like where that says more.
#[must_use]
pub fn session(status: Status, mode: Mode, meeting: meeting::Status, is_amiss: bool) -> Pill {
    if !status.is_on() || mode != Mode::Online {
        return booking(status);
    }
    match meeting {
        meeting::Status::Failed => no_room(),
        meeting::Status::Pending if is_amiss => no_room(),
        _ if status == Status::InProgress => booking(status),
        meeting::Status::Pending => Pill::new(Tone::Plain, Icon::Clock, "Room to come"),
        meeting::Status::Creating => Pill::new(Tone::Brass, Icon::Making, "Setting up"),
        meeting::Status::Active => Pill::new(Tone::Fine, Icon::Check, "Ready"),
        meeting::Status::Cancelling | meeting::Status::Cancelled | meeting::Status::NotNeeded => {
            booking(status)
        }
    }
}

fn no_room() -> Pill {
    Pill::new(Tone::Stop, Icon::Warn, "No room")
}

/// A meeting's state; `is_amiss` where something is wrong with it.
#[must_use]
pub fn meeting(status: meeting::Status, is_amiss: bool) -> Pill {
    match status {
        meeting::Status::Pending if is_amiss => no_room(),
        meeting::Status::Pending => Pill::new(Tone::Plain, Icon::Clock, "Not yet"),
        meeting::Status::Creating => Pill::new(Tone::Brass, Icon::Making, "Setting up"),
        meeting::Status::Active => Pill::new(Tone::Fine, Icon::Check, "Ready"),
        meeting::Status::Failed => no_room(),
        meeting::Status::Cancelling => Pill::new(Tone::Brass, Icon::Making, "Being removed"),
        meeting::Status::Cancelled => Pill::new(Tone::Plain, Icon::Off, "Removed"),
        meeting::Status::NotNeeded => Pill::new(Tone::Plain, Icon::Off, "Not needed"),
    }
}

/// What a meeting's state means for a booking in this one.
#[must_use]
pub const fn meeting_sentence(booking: Status, meeting: meeting::Status) -> &'static str {
    match meeting {
        meeting::Status::Pending => match booking {
            Status::Pending(Awaiting::Approval) => "The room is made when the booking is approved.",
            Status::Pending(Awaiting::Payment) => "The room is made when the booking is paid.",
            Status::Confirmed
            | Status::InProgress
            | Status::Completed
            | Status::Cancelled
            | Status::NoShow => "There is no room yet.",
        },
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
        room::State::Intended => Pill::new(Tone::Brass, Icon::Making, "Being made"),
        room::State::Unknown { .. } => Pill::new(Tone::Brass, Icon::Clock, "No answer yet"),
        room::State::Live => Pill::new(Tone::Fine, Icon::Check, "There"),
        room::State::Doubtful { .. } => Pill::new(Tone::Brass, Icon::Warn, "Perhaps gone"),
        room::State::Retiring => Pill::new(Tone::Brass, Icon::Making, "Being removed"),
        room::State::Gone(
            room::Ending::Refused
            | room::Ending::Rejected
            | room::Ending::PutOff
            | room::Ending::UserUnknown,
        ) => Pill::new(Tone::Plain, Icon::Off, "Never made"),
        room::State::Gone(room::Ending::Removed | room::Ending::Vanished) => {
            Pill::new(Tone::Plain, Icon::Off, "Gone")
        }
        room::State::Lost { .. } => Pill::new(Tone::Plain, Icon::Off, "Never found"),
        room::State::Stuck => Pill::new(Tone::Stop, Icon::Warn, "Left behind"),
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

/// Whom a session is for, in a heading: "Ana Sousa", "Ana Sousa and Tom Reed", "Ana Sousa and 2
/// others".
#[must_use]
pub fn guests<S: AsRef<str>>(names: &[S]) -> String {
    match names {
        [first, rest @ ..] if rest.len() > 1 => {
            format!("{} and {} others", first.as_ref(), rest.len())
        }
        few => people(few),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confirmed_booking_does_not_wait_to_be_confirmed() {
        let told = |status| meeting_sentence(status, meeting::Status::Pending);
        for status in Status::ALL.into_iter().filter(|it| it.awaiting().is_none()) {
            assert!(!told(status).contains("when the booking is"), "{status:?}");
        }
        let approval = told(Status::Pending(Awaiting::Approval));
        assert_eq!(approval, "The room is made when the booking is approved.");
    }

    #[test]
    fn a_session_without_a_room_is_not_told_as_confirmed() {
        let pill = |meeting, is_amiss| {
            session(Status::Confirmed, Mode::Online, meeting, is_amiss).words.into_owned()
        };
        assert_eq!(pill(meeting::Status::Active, false), "Ready");
        assert_eq!(pill(meeting::Status::Pending, true), "No room");
        assert_eq!(pill(meeting::Status::Failed, true), "No room");
        assert_eq!(pill(meeting::Status::Pending, false), "Room to come");
        let phone = session(Status::Confirmed, Mode::Phone, meeting::Status::NotNeeded, false);
        assert_eq!(phone.words, "Confirmed");
    }

    #[test]
    fn a_crowd_of_guests_is_counted() {
        assert_eq!(guests(&["Ana Sousa"]), "Ana Sousa");
        assert_eq!(guests(&["Ana Sousa", "Tom Reed"]), "Ana Sousa and Tom Reed");
        assert_eq!(guests(&["Ana Sousa", "Tom Reed", "Li Wei"]), "Ana Sousa and 2 others");
    }
}
