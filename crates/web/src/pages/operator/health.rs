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
        /// When that was last seen.
        checked_at: Instant,
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
            Self::Works { checked_at } => {
                format!("Works. Checked {}.", when::ago(*checked_at, now))
            }
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
            Self::Untried | Self::Testing | Self::Works { .. } | Self::Disabled => None,
        }
    }
}
