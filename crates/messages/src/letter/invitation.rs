//! The calendar file of a session, as one person may have it. Mails and downloads have the same.

use std::time::Duration;

use roomkey_core::Instant;
use url::Url;

use super::content::{how, title};
use super::when::Teller;
use super::{Letter, Occasion, Place, Practice, Reader, Role};
use crate::ics::{Attendee, Calendar, Event, Mailto, Method, Status, one_line};
use crate::mail::Mailbox;
use crate::words::{self, How};

/// What a calendar file is made of. A [`Letter`] gives one; a download fills its own.
#[derive(Clone)]
pub struct Invitation<'a> {
    /// What the file asks for.
    pub method: Method,
    /// Whose it is.
    pub reader: &'a Reader,
    /// In whose name.
    pub practice: &'a Practice,
    /// Who gives the session.
    pub host_name: &'a str,
    /// Who booked it; only to keep their names out of another guest's file.
    pub guest_names: &'a [String],
    /// What is booked.
    pub service: &'a str,
    /// What this session is called.
    pub title: &'a str,
    /// When it starts.
    pub start: Instant,
    /// When it ends.
    pub end: Instant,
    /// Where.
    pub place: &'a Place,
    /// Roomkey's own link for this reader.
    pub link: &'a Url,
    /// Until when the reader may change or cancel it.
    pub change_until: Option<Instant>,
    /// The entry's id, for life.
    pub uid: &'a str,
    /// Higher each time.
    pub sequence: u32,
    /// What time it is.
    pub written_at: Instant,
    /// The entry's organizer.
    pub organizer: &'a Mailbox,
    /// How long before the start to remind.
    pub alarms: Vec<Duration>,
}

/// Makes the file. It carries Roomkey's link and never a vendor's, so that a change of room leaves
/// it right.
#[must_use]
pub fn invitation(of: &Invitation<'_>) -> Calendar {
    let words = words::of(&of.reader.locale);
    let teller = Teller { words, zone: &of.reader.zone, now: of.written_at };
    let how = how(of.place);
    let cancelled = of.method == Method::Cancel;
    let me = Mailto { name: of.reader.name.clone(), address: of.reader.email.clone() };

    let mut description = vec![one_line(of.service), one_line(of.host_name)];
    description.retain(|it| !it.is_empty());
    if !cancelled {
        description.push(format!("{}: {}", (words.button)(how), of.link));
        description.push((words.early)(how).to_owned());
        if let Some(until) = of.change_until.filter(|&it| it > of.written_at) {
            description.push((words.change_until)(&teller.moment(until)));
        }
    }
    if let Some(contact) = of.practice.contact.as_deref().map(one_line).filter(|it| !it.is_empty())
    {
        description.push((words.ask)(&one_line(&of.practice.name), &contact));
    }

    Calendar {
        method: of.method,
        event: Event {
            uid: of.uid.to_owned(),
            sequence: of.sequence,
            written_at: of.written_at,
            start: of.start,
            end: of.end,
            zone: Some(of.reader.zone.clone()),
            summary: title(of.reader.role, &of.reader.name, of.guest_names, of.title, of.service),
            description: description.join("\n"),
            location: match how {
                How::Online if cancelled => None,
                How::Online => Some(of.link.as_str().to_owned()),
                How::Phone => Some(words.phone.to_owned()),
                How::InPerson => Some(words.in_person.to_owned()),
            },
            url: (!cancelled).then(|| of.link.clone()),
            conference: (how == How::Online && !cancelled)
                .then(|| (of.link.clone(), words.join.to_owned())),
            organizer: Some(Mailto {
                name: of.organizer.name.clone(),
                address: of.organizer.address.clone(),
            }),
            attendees: vec![match of.reader.role {
                Role::Host => Attendee::Chair(me),
                Role::Guest => Attendee::Participant(me),
            }],
            status: if cancelled { Status::Cancelled } else { Status::Confirmed },
            alarms: of.alarms.clone(),
        },
    }
}

impl Letter {
    /// The calendar file that goes with this letter. Without alarms: many readers show their own.
    #[must_use]
    pub fn invitation(&self) -> Invitation<'_> {
        Invitation {
            method: match self.occasion {
                Occasion::Confirmation | Occasion::Change => Method::Request,
                Occasion::Cancellation => Method::Cancel,
            },
            reader: &self.reader,
            practice: &self.practice,
            host_name: &self.host_name,
            guest_names: &self.guest_names,
            service: &self.service,
            title: &self.title,
            start: self.start,
            end: self.end,
            place: &self.place,
            link: &self.link,
            change_until: self.change_until,
            uid: &self.uid,
            sequence: self.sequence,
            written_at: self.written_at,
            organizer: &self.organizer,
            alarms: Vec::new(),
        }
    }
}
