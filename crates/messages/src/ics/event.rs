//! One event in one file.

use std::time::Duration;

use jiff::tz::TimeZone;
use roomkey_core::{Instant, Zone};
use url::Url;

use super::line::{Lines, one_line};
use super::zone;

/// What a file asks its reader to do (RFC 5546).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Take it in, or change what was taken in.
    Request,
    /// Take it out.
    Cancel,
    /// For information: a download.
    Publish,
}

impl Method {
    /// The word of the standard; the `method` of the mail's part is the same.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Request => "REQUEST",
            Self::Cancel => "CANCEL",
            Self::Publish => "PUBLISH",
        }
    }
}

/// Whether the event takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// It does.
    Confirmed,
    /// Not yet certain.
    Tentative,
    /// It does not.
    Cancelled,
}

/// A name and an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailto {
    /// As people call them; may be empty.
    pub name: String,
    /// `ana@example.org`.
    pub address: String,
}

/// Who comes. Nobody is asked to answer: the booking is the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attendee {
    /// Who gives the session.
    Chair(Mailto),
    /// Who booked it.
    Participant(Mailto),
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The same for as long as the event lives, in every file about it.
    pub uid: String,
    /// Higher in each message than in the one before.
    pub sequence: u32,
    /// When this file was written.
    pub written_at: Instant,
    /// When it starts.
    pub start: Instant,
    /// When it ends.
    pub end: Instant,
    /// In which zone its times are told; nothing for UTC.
    pub zone: Option<Zone>,
    /// The title.
    pub summary: String,
    /// What there is to say, in lines of plain text.
    pub description: String,
    /// Where, in words or as an address.
    pub location: Option<String>,
    /// The page about it.
    pub url: Option<Url>,
    /// Where to join by video, and what that is called.
    pub conference: Option<(Url, String)>,
    /// Who sends it.
    pub organizer: Option<Mailto>,
    /// Who comes, as the reader of this file may know it.
    pub attendees: Vec<Attendee>,
    /// Whether it takes place.
    pub status: Status,
    /// How long before its start to remind; none when cancelled.
    pub alarms: Vec<Duration>,
}

/// A file with one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// What the file asks for.
    pub method: Method,
    /// The event.
    pub event: Event,
}

impl Calendar {
    /// The file's text, with CRLF.
    #[must_use]
    pub fn render(&self) -> String {
        let event = &self.event;
        let zone = event.zone.as_ref().filter(|it| can_tell(it, event));
        let mut lines = Lines::default();
        lines.within("VCALENDAR", |lines| {
            lines.line("VERSION").token("2.0");
            lines.line("PRODID").text("-//Roomkey//Roomkey//EN");
            lines.line("CALSCALE").token("GREGORIAN");
            lines.line("METHOD").token(self.method.word());
            if let Some(zone) = zone {
                zone::write(lines, zone, event.start, event.end);
            }
            lines.within("VEVENT", |lines| write(lines, event, zone));
        });
        lines.into_text()
    }
}

/// Whether times of this zone name the event. A time that the wall shows twice names its first
/// showing (RFC 5545, 3.3.5), so such an event is told in UTC.
fn can_tell(zone: &Zone, event: &Event) -> bool {
    let zone = zone.time_zone();
    let once = |at: Instant| {
        let local = zone.to_datetime(at.floor_second().timestamp());
        !zone.to_ambiguous_timestamp(local).is_ambiguous()
    };
    zone != TimeZone::UTC && once(event.start) && once(event.end)
}

fn write(lines: &mut Lines, event: &Event, zone: Option<&Zone>) {
    lines.line("UID").text(&one_line(&event.uid));
    lines.line("SEQUENCE").token(&event.sequence.to_string());
    lines.line("DTSTAMP").token(&utc(event.written_at));
    for (name, at) in [("DTSTART", event.start), ("DTEND", event.end)] {
        match zone {
            Some(zone) => {
                let local = zone.time_zone().to_datetime(at.floor_second().timestamp());
                lines.line(name).word("TZID", zone.name()).token(&zone::local(local));
            }
            None => lines.line(name).token(&utc(at)),
        }
    }
    lines.line("SUMMARY").text(&one_line(&event.summary));
    if !event.description.is_empty() {
        lines.line("DESCRIPTION").text(&event.description);
    }
    if let Some(location) = &event.location {
        lines.line("LOCATION").text(&one_line(location));
    }
    if let Some(url) = &event.url {
        lines.line("URL").url(url);
    }
    if let Some((url, label)) = &event.conference {
        lines
            .line("CONFERENCE")
            .word("VALUE", "URI")
            .word("FEATURE", "AUDIO,VIDEO")
            .param("LABEL", &one_line(label))
            .url(url);
    }
    lines.line("STATUS").token(match event.status {
        Status::Confirmed => "CONFIRMED",
        Status::Tentative => "TENTATIVE",
        Status::Cancelled => "CANCELLED",
    });
    lines.line("TRANSP").token("OPAQUE");
    if let Some(organizer) = &event.organizer {
        lines.line("ORGANIZER").param("CN", &shown(organizer)).mailto(&organizer.address);
    }
    for attendee in &event.attendees {
        let (role, who) = match attendee {
            Attendee::Chair(who) => ("CHAIR", who),
            Attendee::Participant(who) => ("REQ-PARTICIPANT", who),
        };
        lines
            .line("ATTENDEE")
            .word("CUTYPE", "INDIVIDUAL")
            .word("ROLE", role)
            .word("PARTSTAT", "ACCEPTED")
            .word("RSVP", "FALSE")
            .param("CN", &shown(who))
            .mailto(&who.address);
    }
    if event.status == Status::Cancelled {
        return;
    }
    for before in &event.alarms {
        lines.within("VALARM", |lines| {
            lines.line("ACTION").token("DISPLAY");
            lines.line("TRIGGER").token(&ahead(*before));
            lines.line("DESCRIPTION").text(&one_line(&event.summary));
        });
    }
}

/// A person without a name is called by the address: readers show an empty one badly.
fn shown(who: &Mailto) -> String {
    let name = one_line(&who.name);
    if name.is_empty() { one_line(&who.address) } else { name }
}

fn utc(at: Instant) -> String {
    zone::local(TimeZone::UTC.to_datetime(at.floor_second().timestamp())) + "Z"
}

fn ahead(before: Duration) -> String {
    let seconds = before.as_secs();
    match seconds {
        0 => "PT0S".to_owned(),
        days if days % 86_400 == 0 => format!("-P{}D", days / 86_400),
        minutes if minutes % 60 == 0 => format!("-PT{}M", minutes / 60),
        seconds => format!("-PT{seconds}S"),
    }
}
