//! What a booking's people were sent.

use roomkey_core::{Instant, Zone};

use crate::pages::icon::Icon;
use crate::pages::pill::{Pill, Tone};
use crate::pages::when;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageState {
    /// On its way.
    Queued,
    /// The relay took it.
    Sent,
    /// It could not be sent.
    Failed,
    /// Somebody asked for silence.
    Silenced,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// When it was sent, or is to be.
    pub at: Instant,
    /// To whom: a name and an address.
    pub to: String,
    /// What it was about: "Confirmation".
    pub occasion: String,
    /// Where it stands.
    pub state: MessageState,
    /// What is wrong.
    pub reason: Option<String>,
}

impl MessageRow {
    /// Its pill.
    #[must_use]
    pub fn pill(&self) -> Pill {
        match self.state {
            MessageState::Queued => Pill::new(Tone::Brass, Icon::Clock, "On its way"),
            MessageState::Sent => Pill::new(Tone::Fine, Icon::Check, "Sent"),
            MessageState::Failed => Pill::new(Tone::Stop, Icon::Warn, "Failed"),
            MessageState::Silenced => Pill::new(Tone::Plain, Icon::Off, "Not sent"),
        }
    }

    /// When.
    #[must_use]
    pub fn moment(&self, zone: &Zone, now: &Instant) -> String {
        when::moment(self.at, zone, *now)
    }
}
