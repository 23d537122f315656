//! Private mode: what a private session says of itself, and what its room must be like.
//!
//! Nobody outside of the practice can tell from it what the session is about. Whatever goes to the
//! vendor, into a mail, a calendar or a page behind a link takes its words from here.

use crate::booking::Booking;
use crate::settings::{Breach, Conflict, Recording, Settings};

/// What a private session is called, and its service too, wherever others can read it.
pub const TITLE: &str = "Appointment";

impl Booking {
    /// The title as others may read it.
    #[must_use]
    pub fn public_title(&self) -> &str {
        if self.private { TITLE } else { &self.title }
    }

    /// The service's name as others may read it.
    #[must_use]
    pub const fn public_service<'a>(&self, name: &'a str) -> &'a str {
        if self.private { TITLE } else { name }
    }

    /// The agenda as others may read it. One that was there is asked away.
    #[must_use]
    pub fn public_agenda(&self) -> Option<String> {
        let shown = |agenda: &String| if self.private { String::new() } else { agenda.clone() };
        self.agenda.as_ref().map(shown)
    }

    /// Why it was cancelled, as others may read it: somebody's own words may say anything.
    #[must_use]
    pub fn public_reason<'a>(&self, reason: Option<&'a str>) -> Option<&'a str> {
        reason.filter(|_| !self.private)
    }
}

impl Settings {
    /// What the room of a private session must be like, whatever else is asked.
    #[must_use]
    pub fn private() -> Self {
        Self {
            waiting_room: Some(true),
            passcode: Some(true),
            join_before_host: Some(false),
            recording: Some(Recording::None),
            breakout_rooms: Some(Vec::new()),
            ..Self::default()
        }
    }

    /// Everything in it that a private session cannot have.
    #[must_use]
    pub fn private_conflicts(&self) -> Vec<Conflict> {
        Self::private().breaches(self).into_iter().filter_map(in_private).collect()
    }
}

/// Private mode leaves encryption to the service, as it takes dial-in away.
const fn in_private(breach: Breach) -> Option<Conflict> {
    match breach {
        Breach::WaitingRoom => Some(Conflict::PrivateWaitingRoom),
        Breach::Passcode => Some(Conflict::PrivatePasscode),
        Breach::JoinBeforeHost => Some(Conflict::PrivateBeforeHost),
        Breach::Recording => Some(Conflict::PrivateRecording),
        Breach::BreakoutRooms => Some(Conflict::PrivateBreakout),
        Breach::Encryption => None,
    }
}
