//! What is asked of a booking, member by member: `None` where nothing is said.

use std::collections::HashSet;
use std::time::Duration;

use roomkey_core::booking::{Mode, Status};
use roomkey_core::id::{HostId, PersonId, ServiceId};
use roomkey_core::route::RouteOption;
use roomkey_core::settings::Settings;
use roomkey_core::{Instant, Zone};
use roomkey_store::{Reference, is_external_id};
use serde_json::{Map, Value, json};

use super::check;
use crate::error::{Fault, add_faults};

/// Where somebody wants a booking to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Waiting, for what the service asks for.
    Pending,
    /// Certain.
    Confirmed,
    /// Under way: only said of what is.
    InProgress,
    /// Over.
    Completed,
    /// Not taking place.
    Cancelled,
    /// Somebody did not come.
    NoShow,
}

impl Standing {
    const ALL: [Self; 6] = [
        Self::Pending,
        Self::Confirmed,
        Self::InProgress,
        Self::Completed,
        Self::Cancelled,
        Self::NoShow,
    ];

    /// As the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
        }
    }

    /// The reverse of [`Standing::as_str`].
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == code)
    }

    /// Whether a booking stands there.
    #[must_use]
    pub fn is(self, status: Status) -> bool {
        status.as_str() == self.as_str()
    }
}

/// A guest as somebody names them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GuestAsked {
    /// The guest who it is, if known.
    pub id: Option<PersonId>,
    /// The platform's id.
    pub external_id: Option<String>,
    /// The name people read.
    pub name: String,
    /// Where they are written to.
    pub email: Option<String>,
    /// The telephone.
    pub phone: Option<String>,
    /// Where they live.
    pub time_zone: Option<Zone>,
    /// In which language.
    pub locale: Option<String>,
}

impl GuestAsked {
    /// What is wrong with it.
    #[must_use]
    pub fn faults(&self, at: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut note = |member: &str, checked: Result<(), (&'static str, String)>| {
            if let Err((code, words)) = checked {
                faults.push(Fault::new(format!("{at}/{member}"), code, words));
            }
        };
        note("name", check::name(&self.name, check::NAME));
        if let Some(email) = &self.email {
            note("email", check::email(email));
        }
        if let Some(phone) = &self.phone {
            note("phone", check::phone(phone));
        }
        if let Some(locale) = &self.locale {
            note("locale", check::locale(locale));
        }
        if let Some(external_id) = &self.external_id {
            note("external_id", external_id_checked(external_id));
        }
        faults
    }

    fn sent(&self) -> Value {
        json!({
            "id": self.id, "external_id": self.external_id, "name": self.name, "email": self.email,
            "phone": self.phone, "time_zone": self.time_zone, "locale": self.locale,
        })
    }
}

pub(crate) fn external_id_checked(text: &str) -> Result<(), (&'static str, String)> {
    if is_external_id(text) {
        Ok(())
    } else {
        Err(("invalid", "takes 1 to 200 characters and no control characters".to_owned()))
    }
}

/// An external id is given once. If it could be taken back, a late repeat of what was first sent
/// under it would make a second session.
pub(crate) fn keep_external_id(
    known: &mut Option<String>,
    asked: Option<&String>,
) -> Option<Fault> {
    match (known.as_ref(), asked) {
        (Some(known), asked) if asked != Some(known) => {
            let words = "never changes once it is given; leave it out, or send it as it is";
            Some(Fault::new("/external_id", "conflict", words))
        }
        (None, Some(asked)) => {
            *known = Some(asked.clone());
            None
        }
        (Some(_) | None, _) => None,
    }
}

/// What is asked of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// The platform's id.
    pub external_id: Option<Option<String>>,
    /// What is booked.
    pub service: Option<Reference<ServiceId>>,
    /// Who gives it.
    pub host: Option<Reference<HostId>>,
    /// Where it should stand.
    pub status: Option<Standing>,
    /// When it begins.
    pub start: Option<Instant>,
    /// When it is to end; `Some(None)`: as long as the service says.
    pub end: Option<Option<Instant>>,
    /// The zone it is booked in; `Some(None)`: the host's.
    pub time_zone: Option<Option<Zone>>,
    /// A title instead of the template's.
    pub title: Option<Option<String>>,
    /// Held in another way than the service says.
    pub mode: Option<Option<Mode>>,
    /// For the host's eyes.
    pub notes: Option<Option<String>>,
    /// Other rooms to try.
    pub route: Option<Option<Vec<RouteOption>>>,
    /// What its room must be like.
    pub settings: Option<Option<Settings>>,
    /// The platform's own.
    pub metadata: Option<Map<String, Value>>,
    /// All of its guests.
    pub guests: Option<Vec<GuestAsked>>,
    /// What could not be read of it. It is told with what is wrong otherwise, all at once, and
    /// nothing is done.
    pub unread: Vec<Fault>,
}

impl Asked {
    /// What is wrong with it by itself.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = self.unread.clone();
        add_faults(&mut faults, self.senseless());
        faults
    }

    /// What could be read and makes no sense.
    fn senseless(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut note = |pointer: &str, checked: Result<(), (&'static str, String)>| {
            if let Err((code, words)) = checked {
                faults.push(Fault::new(pointer, code, words));
            }
        };
        if let Some(Some(external_id)) = &self.external_id {
            note("/external_id", external_id_checked(external_id));
        }
        if let Some(Some(title)) = &self.title {
            note("/title", check::name(title, check::NAME));
        }
        if let Some(Some(notes)) = &self.notes {
            note("/notes", check::text(notes, check::NOTES));
        }
        if let Some(metadata) = &self.metadata
            && serde_json::to_string(metadata).map_or(usize::MAX, |it| it.len()) > check::METADATA
        {
            note("/metadata", Err(("too_long", "must not be larger than 16 KiB".to_owned())));
        }
        if let (Some(start), Some(Some(end))) = (self.start, self.end) {
            faults.extend(span(start, end));
        }
        if let Some(Some(route)) = &self.route {
            faults.extend(check::route(route, "/route"));
        }
        if let Some(Some(settings)) = &self.settings {
            faults.extend(check::settings(settings, "/settings"));
        }
        if let Some(guests) = &self.guests {
            faults.extend(guests_faults(guests));
        }
        faults
    }

    /// As its source sent it, for comparing with what it sends next.
    #[must_use]
    pub(crate) fn sent(&self) -> Map<String, Value> {
        let mut sent = Map::new();
        let mut say = |member: &str, value: Value| sent.insert(member.to_owned(), value);
        say("external_id", json!(self.external_id.clone().flatten()));
        say("service", json!(self.service.as_ref().map(reference)));
        say("host", json!(self.host.as_ref().map(reference)));
        say("status", json!(self.status.map(Standing::as_str)));
        say("start", json!(self.start));
        say("end", json!(self.end.flatten()));
        say("time_zone", json!(self.time_zone.clone().flatten()));
        say("title", json!(self.title.clone().flatten()));
        say("mode", json!(self.mode.flatten()));
        say("notes", json!(self.notes.clone().flatten()));
        say("route", json!(self.route.clone().flatten()));
        say("settings", json!(self.settings.clone().flatten()));
        say("metadata", json!(self.metadata.clone().unwrap_or_default()));
        let guests = self.guests.iter().flatten().map(GuestAsked::sent).collect::<Vec<_>>();
        say("guests", json!(guests));
        sent
    }
}

/// A reference as callers write it.
fn reference<I: std::fmt::Display>(reference: &Reference<I>) -> String {
    match reference {
        Reference::Id(id) => id.to_string(),
        Reference::External(external_id) => format!("ext:{external_id}"),
    }
}

/// What is wrong with a session's times.
pub(crate) fn span(start: Instant, end: Instant) -> Option<Fault> {
    let length = end.since(start);
    let minutes = |it: &u32| Duration::from_secs(u64::from(*it) * 60);
    if !check::YEARS.contains(&start) {
        Some(Fault::new("/start", "out_of_range", "must lie in the years 1970 to 2199"))
    } else if end <= start {
        Some(Fault::new("/end", "out_of_range", "must be after the start"))
    } else if length < minutes(check::MINUTES.start()) {
        Some(Fault::new("/end", "out_of_range", "must be at least 5 minutes after the start"))
    } else if length > minutes(check::MINUTES.end()) {
        Some(Fault::new("/end", "out_of_range", "must be at most 24 hours after the start"))
    } else {
        None
    }
}

fn guests_faults(guests: &[GuestAsked]) -> Vec<Fault> {
    let mut faults = Vec::new();
    if guests.is_empty() {
        faults.push(Fault::new("/guests", "required", "needs at least one guest"));
    }
    if guests.len() > check::GUESTS {
        let words = format!("must not have more than {} guests", check::GUESTS);
        faults.push(Fault::new("/guests", "too_long", words));
    }
    let (mut ids, mut external, mut emails) = (HashSet::new(), HashSet::new(), HashSet::new());
    for (place, guest) in guests.iter().enumerate() {
        let at = format!("/guests/{place}");
        faults.extend(guest.faults(&at));
        let twice = |member: &str| {
            Fault::new(format!("{at}/{member}"), "duplicate", "is another guest's already")
        };
        if guest.id.is_some_and(|id| !ids.insert(id)) {
            faults.push(twice("id"));
        }
        if guest.external_id.as_ref().is_some_and(|it| !external.insert(it.clone())) {
            faults.push(twice("external_id"));
        }
        if guest.email.as_ref().is_some_and(|it| !emails.insert(normal(it))) {
            faults.push(twice("email"));
        }
    }
    faults
}

/// An e-mail address as it is compared.
pub(crate) fn normal(email: &str) -> String {
    email.trim().to_lowercase()
}
