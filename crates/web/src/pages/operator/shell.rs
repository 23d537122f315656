//! What surrounds every operator's page.

use roomkey_core::{Instant, Zone};

use crate::pages::icon::Icon;
use crate::pages::pill::{Notice, Tone};
use crate::pages::when;

/// Where one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// What is on, and what needs a person.
    Today,
    /// All bookings.
    Bookings,
    /// Accounts at vendors.
    Connections,
    /// Who gives sessions.
    Hosts,
    /// What is booked.
    Services,
    /// How everything is doing.
    Status,
}

impl Section {
    /// In the navigation's order.
    pub const ALL: [Self; 6] =
        [Self::Today, Self::Bookings, Self::Connections, Self::Hosts, Self::Services, Self::Status];

    /// Its word.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Today => "Today",
            Self::Bookings => "Bookings",
            Self::Connections => "Connections",
            Self::Hosts => "Hosts",
            Self::Services => "Services",
            Self::Status => "Status",
        }
    }

    /// Where it is.
    #[must_use]
    pub const fn href(self) -> &'static str {
        match self {
            Self::Today => "/operator",
            Self::Bookings => "/operator/bookings",
            Self::Connections => "/operator/connections",
            Self::Hosts => "/operator/hosts",
            Self::Services => "/operator/services",
            Self::Status => "/operator/status",
        }
    }

    /// Whether a narrow screen keeps it under *More*.
    #[must_use]
    pub const fn is_folded(self) -> bool {
        match self {
            Self::Connections | Self::Services => true,
            Self::Today | Self::Bookings | Self::Hosts | Self::Status => false,
        }
    }

    /// Its drawing.
    #[must_use]
    pub const fn icon(self) -> Icon {
        match self {
            Self::Today => Icon::Today,
            Self::Bookings => Icon::List,
            Self::Connections => Icon::Plug,
            Self::Hosts => Icon::People,
            Self::Services => Icon::Tag,
            Self::Status => Icon::Pulse,
        }
    }
}

/// The one number that matters on this page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadNumber {
    /// The number.
    pub value: String,
    /// What it counts: "sessions need you".
    pub words: String,
    /// What it means.
    pub tone: Tone,
    /// What it counts down to, where it does.
    pub until: Option<Instant>,
}

impl HeadNumber {
    /// A number.
    #[must_use]
    pub fn new(value: impl ToString, words: impl Into<String>, tone: Tone) -> Self {
        Self { value: value.to_string(), words: words.into(), tone, until: None }
    }

    /// How long it is until then, counted down while the page is open.
    #[must_use]
    pub fn until(at: Instant, now: Instant, words: impl Into<String>, tone: Tone) -> Self {
        let value = when::figure(at.since(now));
        Self { value, words: words.into(), tone, until: Some(at) }
    }
}

/// What surrounds every operator's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shell {
    /// The practice's name.
    pub practice: String,
    /// Who is signed in.
    pub person: String,
    /// Where one is.
    pub section: Section,
    /// The one number that matters.
    pub number: Option<HeadNumber>,
    /// What came of what the person just did.
    pub notice: Option<Notice>,
    /// The form token; every form sends it as `csrf`.
    pub csrf: String,
    /// What time it is.
    pub now: Instant,
    /// The zone in which the person reads every time.
    pub zone: Zone,
}
