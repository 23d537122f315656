//! A visit as its page shows it.

use roomkey_core::booking::{Awaiting, DoorTimes, Mode, Status};
use roomkey_core::{Instant, meeting};
use roomkey_providers::dial_in::DialIn;
use roomkey_store::person::{Role, guest_names};

use super::visit::Visit;
use crate::app::App;
use crate::door_secrets::DoorSecrets;
use crate::pages::lobby::Role as Side;
use crate::pages::lobby::{
    Access, Change, ConferenceDevice, Contact, HostSession, Lobby, PhoneNumber,
};
use crate::pages::lobby::{State, Trouble};
use crate::pages::pill::Action;
use crate::pages::when::Span;

/// What the page shows.
pub(super) fn lobby(app: &App, visit: &Visit) -> Lobby {
    let booking = &visit.record.booking;
    let now = app.now();
    let path = format!("/j/{}", visit.token.expose());
    let host = visit.person.role == Role::Host;
    Lobby {
        link: app.url(&format!("j/{}", visit.token.expose())),
        path,
        role: if host { Side::Host } else { Side::Guest },
        practice: visit.tenant.name.clone(),
        contact: visit.tenant.contact.as_deref().and_then(Contact::new),
        counterparts: if host { guest_names(&visit.people) } else { vec![visit.host.name.clone()] },
        service: booking.public_service(&visit.service.name).to_owned(),
        title: booking.public_title().to_owned(),
        span: Span { start: booking.start, end: booking.end, zone: booking.time_zone.clone() },
        now,
        mode: booking.mode,
        state: state(visit, now),
        host_session: if visit.may_host { HostSession::Here } else { HostSession::Missing },
        access: access(app, visit),
        calendar: None,
        change: change(visit, now),
        can_ask_for_help: false,
        notice: None,
    }
}

/// Where the session stands, for this person.
fn state(visit: &Visit, now: Instant) -> State {
    let record = &visit.record;
    if visit.person.removed_at.is_some() {
        return State::Cancelled { reason: None };
    }
    match record.booking.status {
        Status::Pending(Awaiting::Approval) => State::WaitingForApproval,
        Status::Pending(Awaiting::Payment) => State::WaitingForPayment { pay: None },
        Status::Cancelled => {
            let reason = record.booking.public_reason(record.cancel_reason.as_deref());
            State::Cancelled { reason: reason.map(str::to_owned) }
        }
        Status::Completed | Status::NoShow => State::Ended,
        Status::Confirmed | Status::InProgress => {
            let by_the_clock = by_the_clock(visit, now);
            let no_door = record.booking.mode == Mode::Online && visit.room.is_none();
            match (no_door, record.meeting, &record.meeting_reason) {
                _ if by_the_clock == State::Ended => by_the_clock,
                (false, ..) => by_the_clock,
                (true, meeting::Status::Failed, reason) => trouble(reason.as_ref()),
                (true, meeting::Status::Pending, Some(reason)) => trouble(Some(reason)),
                // Its room is opened later on purpose, in time for everybody.
                (true, meeting::Status::Pending, None)
                    if record.next_attempt_at.is_some_and(|at| now < at) =>
                {
                    by_the_clock
                }
                (
                    true,
                    meeting::Status::Pending
                    | meeting::Status::Creating
                    | meeting::Status::Active
                    | meeting::Status::Cancelling
                    | meeting::Status::Cancelled
                    | meeting::Status::NotNeeded,
                    _,
                ) => State::SettingUp,
            }
        }
    }
}

fn trouble(reason: Option<&roomkey_core::failure::Reason>) -> State {
    State::Trouble(Trouble {
        words: reason.map_or_else(
            || "There is no room yet. It is still being tried.".to_owned(),
            |reason| reason.message.clone(),
        ),
        action: reason.and_then(Action::of),
    })
}

fn by_the_clock(visit: &Visit, now: Instant) -> State {
    let booking = &visit.record.booking;
    let opens_at = if visit.tenant.policies.door_always_open {
        visit.record.created_at
    } else if visit.person.role == Role::Host {
        booking.start.minus(DoorTimes::HOSTS_BEFORE)
    } else {
        booking.start.minus(visit.service.door_opens)
    };
    let presence = visit.room.as_ref().map(|room| &room.room.presence);
    let closes_at = DoorTimes::closes(booking.end, presence);
    let by_the_clock = State::by_the_clock(now, opens_at, booking.start, closes_at);
    // People have met before the time.
    if by_the_clock == State::JoinNow && booking.status == Status::InProgress {
        State::InProgress
    } else {
        by_the_clock
    }
}

/// What is needed inside, once there is a room.
fn access(app: &App, visit: &Visit) -> Option<Access> {
    let room = visit.room.as_ref()?;
    let secrets = DoorSecrets::open(&app.desk.ring, room)?;
    Some(Access {
        provider: room.room.place.provider.label().to_owned(),
        number: room.door.number.clone(),
        passcode: secrets.passcode.clone(),
        dial_in: secrets.dial_in.iter().map(number).collect(),
        phone_passcode: secrets.phone_passcode(),
        device: secrets
            .sip
            .map(|it| ConferenceDevice { address: it.address, passcode: it.passcode }),
    })
}

fn number(it: &DialIn) -> PhoneNumber {
    PhoneNumber {
        number: it.number.clone(),
        place: it.label.clone(),
        is_free: it.toll_free == Some(true),
    }
}

fn change(visit: &Visit, now: Instant) -> Change {
    visit
        .tenant
        .policies
        .change_until
        .as_deref()
        .and_then(|text| roomkey_core::time::duration(text).ok())
        .map(|before| visit.record.booking.start.minus(before))
        .filter(|until| *until > now)
        .map_or(Change::No, |until| Change::Ask { until })
}
