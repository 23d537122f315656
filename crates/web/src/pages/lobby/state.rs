//! The lobby's states and their words.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::booking::Mode;

use super::{Countdown, Lobby, Role};
use crate::pages::icon::Icon;
use crate::pages::pill::{Action, Pill, Tone};
use crate::pages::when;

/// What is wrong when there is no room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What is, then what to do; for the host only.
    pub words: String,
    /// The button for it; for the host only.
    pub action: Option<Action>,
}

/// Where a session stands, as its lobby says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The host has yet to say yes.
    WaitingForApproval,
    /// The guest has yet to pay.
    WaitingForPayment {
        /// Where to.
        pay: Option<String>,
    },
    /// The room is being made.
    SettingUp,
    /// All is well; the door is closed.
    Ready {
        /// When it opens.
        opens_at: Instant,
    },
    /// The door opens within the hour.
    StartingSoon {
        /// When it opens.
        opens_at: Instant,
    },
    /// The door is open, the session has not begun.
    JoinNow,
    /// The session is taking place; the door is open.
    InProgress,
    /// It is over.
    Ended,
    /// It will not take place.
    Cancelled {
        /// Why, if somebody said so.
        reason: Option<String>,
    },
    /// There is no room when there should be one.
    Trouble(Trouble),
}

impl State {
    /// How long before the door opens a session *starts soon*.
    pub const SOON: Duration = Duration::from_secs(60 * 60);

    /// Where a session with a working room stands by the clock alone.
    #[must_use]
    pub fn by_the_clock(
        now: Instant,
        opens_at: Instant,
        start: Instant,
        closes_at: Instant,
    ) -> Self {
        if now >= closes_at {
            Self::Ended
        } else if now >= start {
            Self::InProgress
        } else if now >= opens_at {
            Self::JoinNow
        } else if opens_at.since(now) <= Self::SOON {
            Self::StartingSoon { opens_at }
        } else {
            Self::Ready { opens_at }
        }
    }

    /// Whether the session is still to take place, or is taking place.
    #[must_use]
    pub const fn is_ahead(&self) -> bool {
        match self {
            Self::WaitingForApproval
            | Self::WaitingForPayment { .. }
            | Self::SettingUp
            | Self::Ready { .. }
            | Self::StartingSoon { .. }
            | Self::JoinNow
            | Self::InProgress
            | Self::Trouble(_) => true,
            Self::Ended | Self::Cancelled { .. } => false,
        }
    }

    /// Whether somebody may want to come in and fail to.
    #[must_use]
    pub const fn may_be_stuck(&self) -> bool {
        matches!(self, Self::JoinNow | Self::InProgress | Self::Trouble(_))
    }

    pub(super) fn pill(&self, mode: Mode) -> Pill {
        let online = mode == Mode::Online;
        match self {
            Self::WaitingForApproval => Pill::new(Tone::Brass, Icon::Clock, "Waiting for approval"),
            Self::WaitingForPayment { .. } => {
                Pill::new(Tone::Brass, Icon::Clock, "Waiting for payment")
            }
            Self::SettingUp => Pill::new(Tone::Brass, Icon::Making, "Setting up"),
            Self::Ready { .. } if online => Pill::new(Tone::Fine, Icon::Check, "Ready"),
            Self::Ready { .. } => Pill::new(Tone::Fine, Icon::Check, "Confirmed"),
            Self::StartingSoon { .. } => Pill::new(Tone::Brass, Icon::Clock, "Starting soon"),
            Self::JoinNow if online => Pill::new(Tone::Fine, Icon::Door, "Join now"),
            Self::JoinNow => Pill::new(Tone::Brass, Icon::Clock, "Starting soon"),
            Self::InProgress => Pill::new(Tone::Key, Icon::Live, "In progress"),
            Self::Ended => Pill::new(Tone::Plain, Icon::Check, "Ended"),
            Self::Cancelled { .. } => Pill::new(Tone::Plain, Icon::Off, "Cancelled"),
            Self::Trouble(_) => Pill::new(Tone::Stop, Icon::Warn, "Trouble"),
        }
    }
}

pub(super) fn sentence(lobby: &Lobby) -> String {
    let host = lobby.role == Role::Host;
    let words = match (&lobby.state, lobby.mode) {
        (State::WaitingForApproval, _) if host => {
            "This booking waits for your approval. The room is made when you confirm it."
        }
        (State::WaitingForApproval, _) => {
            "Your booking waits for approval. You get a mail as soon as it is confirmed."
        }
        (State::WaitingForPayment { .. }, _) if host => {
            "This booking waits for the guest's payment. The room is made when it has come in."
        }
        (State::WaitingForPayment { .. }, _) => {
            "Your booking waits for payment. It is confirmed when the payment has come in."
        }
        (State::SettingUp, _) => {
            "Your room is being set up. That takes a moment, and there is nothing you need to do."
        }
        (State::Ready { .. } | State::StartingSoon { .. }, Mode::Online) => {
            "Your room is ready. This page changes by itself when the door opens."
        }
        (
            State::Ready { .. } | State::StartingSoon { .. } | State::JoinNow | State::InProgress,
            Mode::Phone,
        ) => "This session is by phone. There is no room to join.",
        (
            State::Ready { .. } | State::StartingSoon { .. } | State::JoinNow | State::InProgress,
            Mode::InPerson,
        ) => "This session is in person. There is no room to join.",
        (State::JoinNow, Mode::Online) => "The door is open.",
        (State::InProgress, Mode::Online) => "The session has begun. The door is open.",
        (State::Ended, _) => "This session has ended.",
        (State::Cancelled { reason: Some(reason) }, _) => {
            return format!("This session is cancelled. {reason}");
        }
        (State::Cancelled { reason: None }, _) => "This session is cancelled.",
        (State::Trouble(trouble), _) if host => return trouble.words.clone(),
        (State::Trouble(_), _) => {
            return format!(
                "The room is not ready yet. We keep trying, and this page changes as soon as it is. {} knows about it.",
                lobby.practice
            );
        }
    };
    words.to_owned()
}

pub(super) fn countdown(lobby: &Lobby) -> Option<Countdown> {
    let (label, until) = match (&lobby.state, lobby.mode) {
        (State::Ready { opens_at } | State::StartingSoon { opens_at }, Mode::Online) => {
            ("The door opens in", *opens_at)
        }
        (State::JoinNow, Mode::Online) => ("The session begins in", lobby.span.start),
        (
            State::Ready { .. } | State::StartingSoon { .. } | State::JoinNow,
            Mode::Phone | Mode::InPerson,
        ) => ("The session begins in", lobby.span.start),
        (State::SettingUp | State::Trouble(_), _) if lobby.span.start > lobby.now => {
            ("The session begins in", lobby.span.start)
        }
        (
            State::WaitingForApproval
            | State::WaitingForPayment { .. }
            | State::SettingUp
            | State::InProgress
            | State::Ended
            | State::Cancelled { .. }
            | State::Trouble(_),
            _,
        ) => return None,
    };
    Some(Countdown { label, until, words: when::within(until, lobby.now) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_opens_and_closes_the_door() {
        let minutes = |it: u64| Duration::from_secs(it * 60);
        let start: Instant = "2026-03-03T15:00:00Z".parse().expect("an instant");
        let (opens, closes) = (start.minus(minutes(10)), start.plus(minutes(110)));
        let state = |now| State::by_the_clock(now, opens, start, closes);
        assert_eq!(state(opens.minus(minutes(61))), State::Ready { opens_at: opens });
        assert_eq!(state(opens.minus(minutes(60))), State::StartingSoon { opens_at: opens });
        assert_eq!(state(opens), State::JoinNow);
        assert_eq!(state(start), State::InProgress);
        assert_eq!(state(closes), State::Ended);
    }
}
