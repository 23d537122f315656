//! The facts of a booking as its page shows them.

use roomkey_core::Instant;
use roomkey_core::attendance::total;
use roomkey_core::booking::Status;
use roomkey_core::failure::Reason;
use roomkey_core::route::{Provider, Use};
use roomkey_core::told::Occasion;
use roomkey_store::message::{Message, State};
use roomkey_store::person::{Person, Role};
use roomkey_store::{booking, room};

use super::super::{choices, link};
use super::facts::Facts;
use super::{recordings, rooms, story};
use crate::app::App;
use crate::door_secrets::DoorSecrets;
use crate::pages::lobby::Role as Side;
use crate::pages::local::{date_value, time_value};
use crate::pages::operator::booking::{
    Actions, AttendeeRow, BookingPage, BookingView, MeetingCard, MessageRow, MessageState,
    PersonCard, ReassignValues, RescheduleValues,
};
use crate::pages::operator::{Filled, HeadNumber, Section};
use crate::pages::pill::Tone;
use crate::pages::when::{Span, long};
use crate::present::{self, Attended, Present};

/// The page of a booking.
pub(super) fn page(app: &App, facts: Facts) -> BookingPage {
    let record = &facts.record;
    let booking = &record.booking;
    let now = facts.frame.now;
    let span = Span { start: booking.start, end: booking.end, zone: booking.time_zone.clone() };
    let present = present::told(app, &facts.noted, &facts.runs, &facts.people, now);
    BookingPage {
        sat: sat(&present, now),
        recordings: recordings::rows(app, booking.id, &facts.recorded),
        attendance: present.people.iter().filter_map(|it| attendee(it, now)).collect(),
        booking: BookingView {
            id: booking.id,
            title: booking.title.clone(),
            service: facts.service.clone(),
            status: booking.status,
            span,
            mode: booking.mode,
            private: booking.private,
            payment: record.payment.clone(),
            notes: record.notes.clone(),
        },
        people: people(app, &facts),
        meeting: meeting(app, record, &facts.rooms, facts.overlap.as_ref()),
        calendar: None,
        actions: actions(&facts),
        story: story::story(&facts),
        rooms: rooms::rows(record, &facts.rooms),
        messages: messages(&facts),
        shell: {
            let number = number(record, now);
            facts.frame.shell(Section::Bookings, number, None)
        },
    }
}

/// How long until it begins, or until it ends.
fn number(record: &booking::Record, now: Instant) -> Option<HeadNumber> {
    let booking = &record.booking;
    match booking.status {
        Status::Pending(_) | Status::Confirmed | Status::InProgress if booking.start > now => {
            let tone = if record.meeting == roomkey_core::meeting::Status::Failed {
                Tone::Stop
            } else {
                Tone::Plain
            };
            Some(HeadNumber::until(booking.start, now, "to go", tone))
        }
        Status::Confirmed | Status::InProgress if booking.end > now => {
            Some(HeadNumber::until(booking.end, now, "left", Tone::Key))
        }
        Status::Pending(_)
        | Status::Confirmed
        | Status::InProgress
        | Status::Completed
        | Status::Cancelled
        | Status::NoShow => None,
    }
}

/// How long the session really was, so far.
fn sat(present: &Present, now: Instant) -> Option<String> {
    (!present.sitting.is_empty()).then(|| long(total(&present.sitting, now)))
}

fn attendee(attended: &Attended, now: Instant) -> Option<AttendeeRow> {
    Some(AttendeeRow {
        name: attended.who.name.clone().unwrap_or_else(|| "Somebody".to_owned()),
        role: attended.role.map(|role| match role {
            Role::Host => "Host",
            Role::Guest => "Guest",
        }),
        from: attended.who.stays.first()?.from,
        to: attended.who.stays.last()?.to,
        inside: attended.who.total(now),
    })
}

fn people(app: &App, facts: &Facts) -> Vec<PersonCard> {
    let mut present: Vec<&Person> =
        facts.people.iter().filter(|it| it.removed_at.is_none()).collect();
    present.sort_by_key(|it| (it.role == Role::Guest, it.ordinal));
    present
        .into_iter()
        .map(|person| PersonCard {
            whose: match person.role {
                Role::Host => "host".to_owned(),
                Role::Guest => person.id.to_string(),
            },
            role: match person.role {
                Role::Host => Side::Host,
                Role::Guest => Side::Guest,
            },
            name: person.name.clone(),
            email: person.email.clone().unwrap_or_default(),
            zone: person.time_zone.as_deref().and_then(|zone| zone.parse().ok()),
            link: link::of(app, person),
        })
        .collect()
}

fn meeting(
    app: &App,
    record: &booking::Record,
    rooms: &[room::Record],
    overlap: Option<&Reason>,
) -> MeetingCard {
    let current = rooms.iter().find(|it| Some(it.room.id) == record.booking.current);
    let secrets = current.and_then(|it| DoorSecrets::open(&app.desk.ring, it));
    MeetingCard {
        status: record.meeting,
        provider: current.map(|it| it.room.place.provider),
        owner: current.and_then(rooms::held_by),
        number: current.and_then(|it| it.door.number.clone()),
        passcode: secrets.and_then(|it| it.passcode),
        reason: record.meeting_reason.clone(),
        warnings: record.meeting_warnings.iter().chain(overlap).cloned().collect(),
        failures: record.failures,
        next_attempt_at: record.next_attempt_at,
        verified_at: current
            .filter(|it| it.room.place.provider != Provider::Link)
            .and_then(|it| Some(it.room.seen.as_ref()?.at)),
        typed_link: typed_link(record),
    }
}

/// The link that a person typed over this booking's route.
fn typed_link(record: &booking::Record) -> Option<String> {
    let first = record.own.route.as_deref()?.first()?;
    matches!(first.uses, Use::Link).then(|| first.url.clone())?
}

fn actions(facts: &Facts) -> Actions {
    let booking = &facts.record.booking;
    let zone = &booking.time_zone;
    Actions {
        reschedule: Filled::with(RescheduleValues {
            date: date_value(booking.start, zone),
            time: time_value(booking.start, zone),
            time_zone: zone.to_string(),
            duration_minutes: booking.minutes().to_string(),
        }),
        reassign: Filled::with(ReassignValues { host: booking.host.to_string() }),
        hosts: choices::of_hosts(&facts.hosts),
        ..Actions::default()
    }
}

fn messages(facts: &Facts) -> Vec<MessageRow> {
    facts.messages.iter().map(|message| row(message, &facts.people)).collect()
}

fn row(message: &Message, people: &[Person]) -> MessageRow {
    let to = people.iter().find(|it| it.id == message.person).map_or_else(String::new, |person| {
        match &person.email {
            Some(email) => format!("{}, {email}", person.name),
            None => person.name.clone(),
        }
    });
    let (state, reason) = match message.state {
        State::Queued => (MessageState::Queued, message.trouble.clone()),
        State::Sent => (MessageState::Sent, None),
        State::Failed => (MessageState::Failed, message.trouble.clone()),
        State::Superseded => {
            (MessageState::Silenced, Some("Something newer was said instead.".to_owned()))
        }
    };
    MessageRow {
        at: message.settled_at.unwrap_or(message.created_at),
        to,
        occasion: match message.occasion {
            Occasion::Confirmation => "Confirmation",
            Occasion::Change => "Change",
            Occasion::Cancellation => "Cancellation",
        }
        .to_owned(),
        state,
        reason,
    }
}
