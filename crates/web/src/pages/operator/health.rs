//! A connection's health, in words.

use roomkey_core::Instant;
use roomkey_core::failure::Reason;

use crate::pages::icon::Icon;
use crate::pages::pill::{Action, Pill, Tone};
use crate::pages::when;

/// How a connection is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It was never tried.
    Untried,
    /// A test is under way.
    Testing,
    /// It works.
    Works {
        /// When the vendor last said so to a test.
        checked_at: Option<Instant>,
    },
    /// The vendor answers, and does not do what it is asked.
    Refuses {
        /// How often it was asked for a day.
        calls: u64,
        /// How often it did what it was asked.
        succeeded: u64,
    },
    /// The vendor puts us off; it passes.
    Slow(Reason),
    /// The credentials are no good; a person must connect again.
    NeedsReconnect(Reason),
    /// Something else is wrong.
    Failing(Reason),
    /// Switched off by a person.
    Disabled,
}

impl Health {
    /// Its pill.
    #[must_use]
    pub fn pill(&self) -> Pill {
        match self {
            Self::Untried => Pill::new(Tone::Plain, Icon::Clock, "Not tried yet"),
            Self::Testing => Pill::new(Tone::Brass, Icon::Making, "Testing"),
            Self::Works { .. } => Pill::new(Tone::Fine, Icon::Check, "Works"),
            Self::Refuses { succeeded: 0, .. } => Pill::new(Tone::Stop, Icon::Warn, "Refuses"),
            Self::Refuses { .. } => Pill::new(Tone::Brass, Icon::Warn, "Often refuses"),
            Self::Slow(_) => Pill::new(Tone::Brass, Icon::Clock, "Waiting"),
            Self::NeedsReconnect(_) => Pill::new(Tone::Stop, Icon::Warn, "Reconnect"),
            Self::Failing(_) => Pill::new(Tone::Stop, Icon::Warn, "Failing"),
            Self::Disabled => Pill::new(Tone::Plain, Icon::Off, "Switched off"),
        }
    }

    /// What is, then what to do.
    #[must_use]
    pub fn words(&self, now: Instant) -> String {
        match self {
            Self::Untried => "Not tried yet. Test it, and you know.".to_owned(),
            Self::Testing => "A room is being made, read and removed.".to_owned(),
            // That it works is what its pill says.
            Self::Works { checked_at: Some(at) } => format!("Checked {}.", when::ago(*at, now)),
            Self::Works { checked_at: None } => "It does what it is asked.".to_owned(),
            Self::Refuses { calls: 1, succeeded: 0 } => {
                "It answers, and refused the one call of the last day. What it said stands with the sessions that have no room.".to_owned()
            }
            Self::Refuses { calls, succeeded: 0 } => format!(
                "It answers, and refused all {calls} calls of the last day. What it said stands with the sessions that have no room."
            ),
            Self::Refuses { calls, succeeded } => format!(
                "It answers, and refused {} of {calls} calls of the last day. What it said stands with the sessions that have no room.",
                calls.saturating_sub(*succeeded)
            ),
            Self::Slow(reason) | Self::NeedsReconnect(reason) | Self::Failing(reason) => {
                reason.message.clone()
            }
            Self::Disabled => "No new rooms are made with it until you switch it on.".to_owned(),
        }
    }

    /// The button for it.
    #[must_use]
    pub fn action(&self) -> Option<Action> {
        match self {
            Self::Slow(reason) | Self::NeedsReconnect(reason) | Self::Failing(reason) => {
                Action::of(reason)
            }
            Self::Refuses { .. } => {
                Some(Action::new("See the sessions", "/operator/bookings?status=trouble"))
            }
            Self::Untried | Self::Testing | Self::Works { .. } | Self::Disabled => None,
        }
    }
}
