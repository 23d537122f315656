//! The lobby: the page behind a link, and the door in it.
//!
//! One template is the live part; the page wraps it. A handler renders the page for a visit and
//! the live part alone for every event, from the same [`Lobby`].

mod by_phone;
mod contact;
mod door;
mod state;

use askama::Template;
use roomkey_core::Instant;
use roomkey_core::booking::Mode;

pub use by_phone::{ConferenceDevice, PhoneNumber};
pub use contact::Contact;
pub use door::Door;
pub use state::{State, Trouble};

use super::add_to::{self, AddTo};
use super::icon::Icon;
use super::pill::{Notice, Pill};
use super::when::{self, Span};
use super::words;

/// Whose link it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Who booked.
    Guest,
    /// Who gives the session.
    Host,
}

/// What a person needs inside the room or at the telephone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Access {
    /// The provider's name: "Zoom".
    pub provider: String,
    /// The meeting's number.
    pub number: Option<String>,
    /// Its passcode.
    pub passcode: Option<String>,
    /// Numbers to dial in with.
    pub dial_in: Vec<PhoneNumber>,
    /// What is keyed in on a telephone, where it is another than the passcode.
    pub phone_passcode: Option<String>,
    /// Where conference devices call.
    pub device: Option<ConferenceDevice>,
}

/// The state of the calendar entry, as far as this person is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CalendarEntry {
    /// On its way.
    Pending,
    /// In the calendar.
    Synced,
    /// Not in the calendar.
    Failed,
}

impl CalendarEntry {
    /// What it means.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Pending => "The entry is on its way to your calendar.",
            Self::Synced => "It is in your calendar.",
            Self::Failed => "The entry could not be written to your calendar. Add it here.",
        }
    }
}

/// Whether the person may still change or cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Not at all, or no longer.
    No,
    /// On the page at `{path}/change`, until then.
    Here {
        /// Until when.
        until: Instant,
    },
    /// By asking the practice, until then.
    Ask {
        /// Until when.
        until: Instant,
    },
}

/// The way from a host's link to the host's door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostSession {
    /// This browser has a host session, or the tenant asks for none.
    Here,
    /// It has none; the page offers to sign in.
    Missing,
    /// A sign-in link was just sent to this address.
    Sent {
        /// Where to, as far as it may be told: "m…@oaklane.example".
        to: String,
    },
}

/// Everything a lobby shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lobby {
    /// The link's path, `/j/{token}`; every address on the page begins with it.
    pub path: String,
    /// The whole link, for copying and for the QR code.
    pub link: String,
    /// Whose link it is.
    pub role: Role,
    /// The practice's name.
    pub practice: String,
    /// Whom to ask.
    pub contact: Option<Contact>,
    /// The others: for a guest the host, for a host the guests.
    pub counterparts: Vec<String>,
    /// The service's name.
    pub service: String,
    /// The session's title.
    pub title: String,
    /// When it is, in the zone it was booked in.
    pub span: Span,
    /// What time it is.
    pub now: Instant,
    /// How it is held.
    pub mode: Mode,
    /// Where it stands.
    pub state: State,
    /// Whether the host's door may be offered; without meaning for guests.
    pub host_session: HostSession,
    /// What is needed inside; shown once it is known.
    pub access: Option<Access>,
    /// The calendar entry, if there is to be one.
    pub calendar: Option<CalendarEntry>,
    /// Whether it may still be changed.
    pub change: Change,
    /// Whether *I can't get in* is offered: `POST {path}/help`.
    pub can_ask_for_help: bool,
    /// What came of something the person just did.
    pub notice: Option<Notice>,
}

impl Lobby {
    /// Who with whom, as the page's heading.
    #[must_use]
    pub fn heading(&self) -> String {
        if self.counterparts.is_empty() {
            return "Your session".to_owned();
        }
        format!("Your session with {}", words::people(&self.counterparts))
    }

    /// The title, if it says more than the service does.
    #[must_use]
    pub fn subtitle(&self) -> &str {
        if self.title.trim().is_empty() { &self.service } else { &self.title }
    }

    /// When it is, as one line in the zone it was booked in.
    #[must_use]
    pub fn when(&self) -> String {
        self.span.line(self.now)
    }

    /// How it is held, by whom, and how long.
    #[must_use]
    pub fn how(&self) -> String {
        let provider = self.access.as_ref().map_or("", |it| it.provider.as_str());
        let by = if provider.is_empty() { String::new() } else { format!(", by {provider}") };
        format!("{}{by} · {}", words::mode(self.mode), self.span.length())
    }

    /// The drawing for how it is held.
    #[must_use]
    pub fn how_icon(&self) -> Icon {
        words::mode_icon(self.mode)
    }

    /// The state's pill.
    #[must_use]
    pub fn pill(&self) -> Pill {
        self.state.pill(self.mode)
    }

    /// What is, then what to do.
    #[must_use]
    pub fn sentence(&self) -> String {
        state::sentence(self)
    }

    /// What the countdown counts to, and the words above it.
    #[must_use]
    pub fn countdown(&self) -> Option<Countdown> {
        state::countdown(self)
    }

    /// How long until then.
    #[must_use]
    pub fn until(&self, at: &Instant) -> String {
        when::within(*at, self.now)
    }

    /// The door as this person sees it now.
    #[must_use]
    pub fn door(&self) -> Door {
        door::of(self)
    }

    /// Whether the host's door may be on the page.
    #[must_use]
    pub fn can_start_as_host(&self) -> bool {
        self.role == Role::Host && self.host_session == HostSession::Here
    }

    /// Whether the page offers to sign in, or says where the sign-in link went.
    #[must_use]
    pub fn offers_sign_in(&self) -> bool {
        self.role == Role::Host
            && self.host_session != HostSession::Here
            && self.mode == Mode::Online
            && self.state.is_ahead()
    }

    /// The card under the door: only for a session that is still to take place.
    #[must_use]
    pub fn shown_access(&self) -> Option<&Access> {
        let wanted = self.mode == Mode::Online && self.state.is_ahead();
        self.access.as_ref().filter(|it| wanted && (it.number.is_some() || it.passcode.is_some()))
    }

    /// *Join by telephone*: where there are numbers and something to key in, and as long as that
    /// is shown.
    #[must_use]
    pub fn by_phone(&self) -> Option<&Access> {
        self.shown_access().filter(|it| it.number.is_some() && !it.dial_in.is_empty())
    }

    /// *Join from a conference device*, as long as the passcode is shown.
    #[must_use]
    pub fn device(&self) -> Option<&ConferenceDevice> {
        self.shown_access().and_then(|it| it.device.as_ref())
    }

    /// *Add to calendar*: only for a session that is still to take place.
    #[must_use]
    pub fn add_to(&self) -> Vec<AddTo> {
        if !self.state.is_ahead() {
            return Vec::new();
        }
        let words = match &self.contact {
            Some(contact) => {
                format!("Anything unclear? Ask {}: {}", self.practice, contact.words())
            }
            None => format!("With {}.", self.practice),
        };
        let entry = add_to::Entry {
            title: self.subtitle(),
            start: self.span.start,
            end: self.span.end,
            link: &self.link,
            words: &words,
        };
        add_to::all(&entry, &self.calendar_file())
    }

    /// The calendar file's address.
    #[must_use]
    pub fn calendar_file(&self) -> String {
        format!("{}/calendar.ics", self.path)
    }

    /// Until when a change is possible, in words.
    #[must_use]
    pub fn change_words(&self) -> Option<String> {
        let (until, how) = match self.change {
            Change::No => return None,
            Change::Here { until } => (until, ""),
            Change::Ask { until } => (until, " Ask the practice."),
        };
        if !self.state.is_ahead() || until <= self.now {
            return None;
        }
        let until = when::moment(until, &self.span.zone, self.now);
        Some(format!("You can change or cancel it until {until}.{how}"))
    }

    /// Where it is changed, if here.
    #[must_use]
    pub fn change_href(&self) -> Option<String> {
        let open = self.state.is_ahead();
        match self.change {
            Change::Here { until } if open && until > self.now => {
                Some(format!("{}/change", self.path))
            }
            Change::Here { .. } | Change::Ask { .. } | Change::No => None,
        }
    }

    /// The link as a drawing.
    #[must_use]
    pub fn qr(&self) -> Option<String> {
        super::qr::svg(&self.link)
    }

    /// Whether *I can't get in* is on the page.
    #[must_use]
    pub fn offers_help(&self) -> bool {
        self.can_ask_for_help && self.mode == Mode::Online && self.state.may_be_stuck()
    }
}

/// What is counted down to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Countdown {
    /// Above it: "The door opens in".
    pub label: &'static str,
    /// To when.
    pub until: Instant,
    /// Without a script: "12 minutes".
    pub words: String,
}

/// The lobby.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "lobby/page.html")]
pub struct LobbyPage {
    /// What it shows.
    pub lobby: Lobby,
}

/// The lobby's live part alone: the data of every `state` event, and the answer to a poll.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "lobby/live.html")]
pub struct LobbyLive {
    /// What it shows.
    pub lobby: Lobby,
}

impl askama::filters::HtmlSafe for LobbyLive {}

/// A link that was replaced by another.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "lobby/replaced.html", blocks = ["live"])]
pub struct LinkReplacedPage {
    /// The practice's name.
    pub practice: String,
    /// Whom to ask.
    pub contact: Option<Contact>,
}
