//! The story of a booking's rooms: who did what when, and what the vendor answered.

use std::time::Duration;

use roomkey_core::route::Provider;
use roomkey_core::{Instant, Zone, room};

use crate::pages::icon::Glyph;
use crate::pages::pill::{Pill, Tone};
use crate::pages::when;
use crate::pages::words;

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person, by name.
    Person(String),
    /// Roomkey itself.
    Roomkey,
    /// A vendor.
    Vendor(Provider),
    /// A program with an API key, by the key's name.
    Program(String),
}

impl Actor {
    /// In a word or two.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::Person(name) | Self::Program(name) => name,
            Self::Roomkey => "Roomkey",
            Self::Vendor(provider) => provider.label(),
        }
    }
}

/// One call to a vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it was made.
    pub at: Instant,
    /// What was asked: "Make the room".
    pub asked: String,
    /// What came of it, in words.
    pub outcome: String,
    /// What that means.
    pub tone: Tone,
    /// The answer's HTTP status.
    pub status: Option<u16>,
    /// How long it took.
    pub took: Option<Duration>,
    /// The vendor's id of the call.
    pub request_id: Option<String>,
}

impl Attempt {
    /// "15:00:07"
    #[must_use]
    pub fn clock(&self, zone: &Zone) -> String {
        self.at.timestamp().to_zoned(zone.time_zone()).strftime("%H:%M:%S").to_string()
    }

    /// How long it took.
    #[must_use]
    pub fn duration(&self) -> String {
        self.took.map(when::took).unwrap_or_default()
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryEntry {
    /// When.
    pub at: Instant,
    /// Who did it.
    pub actor: Actor,
    /// What happened, in a sentence.
    pub sentence: String,
    /// What it means.
    pub tone: Tone,
    /// The calls behind it, oldest first.
    pub attempts: Vec<Attempt>,
}

impl StoryEntry {
    /// When, with the zone.
    #[must_use]
    pub fn moment(&self, zone: &Zone, now: &Instant) -> String {
        when::moment(self.at, zone, *now)
    }

    /// "3 attempts"
    #[must_use]
    pub fn attempts_words(&self) -> String {
        when::count(u64::try_from(self.attempts.len()).unwrap_or(u64::MAX), "attempt")
    }
}

/// One room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomRow {
    /// Counts the booking's rooms from 1.
    pub number: u32,
    /// Who makes it.
    pub provider: Provider,
    /// Where it stands.
    pub state: room::State,
    /// The account that holds it.
    pub account: Option<String>,
    /// The vendor's id of it.
    pub vendor_id: Option<String>,
    /// When it was first written down.
    pub made_at: Instant,
    /// Whether the door leads to it.
    pub current: bool,
    /// What is wrong with it.
    pub reason: Option<String>,
}

impl RoomRow {
    /// Its pill.
    #[must_use]
    pub fn pill(&self) -> Pill {
        words::room(self.state)
    }

    /// What its state means, or what is wrong with it.
    #[must_use]
    pub fn sentence(&self) -> &str {
        self.reason.as_deref().unwrap_or_else(|| words::room_sentence(self.state))
    }

    /// Its provider's mark.
    #[must_use]
    pub const fn glyph(&self) -> Glyph {
        Glyph(self.provider)
    }

    /// When it was first written down.
    #[must_use]
    pub fn made(&self, zone: &Zone, now: &Instant) -> String {
        when::moment(self.made_at, zone, *now)
    }
}
