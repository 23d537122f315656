//! One booking, in the states that matter.

use std::time::Duration;

use roomkey_core::booking::{Awaiting, Mode, Status};
use roomkey_core::payment::{Money, NamedBy, News, Payment, Received};
use roomkey_core::route::Provider;
use roomkey_core::{meeting, room};

use super::lists::{host_choices, sign_in_ran_out};
use super::{HOSTILE, LONG_NAME, at, id, now, shell, span, zone};
use crate::pages::form::Errors;
use crate::pages::icon::Icon;
use crate::pages::lobby::Role;
use crate::pages::operator::booking::{
    Actions, Actor, Attempt, AttendeeRow, BookingPage, BookingView, CancelValues, LinkValues,
    MeetingCard, MessageRow, MessageState, PersonCard, ReassignValues, RecordingRow,
    RescheduleValues, RoomRow, StoryEntry, TranscriptLine,
};
use crate::pages::operator::{Filled, HeadNumber, Section};
use crate::pages::pill::{Notice, Pill, Tone};

/// One booking, in the states that matter.
#[must_use]
pub fn bookings() -> Vec<(&'static str, BookingPage)> {
    vec![
        ("active", active()),
        ("failed", failed()),
        ("pending", pending()),
        ("paid-and-pending", paid_and_pending()),
        ("cancelled", cancelled()),
        ("recorded", recorded()),
        ("typed-link", typed_link()),
        ("phone", phone()),
        ("private", private()),
        ("abroad", abroad()),
        ("faulty", faulty()),
        ("hostile-names", hostile()),
    ]
}

fn active() -> BookingPage {
    BookingPage {
        shell: shell(
            Section::Bookings,
            Some(HeadNumber::until(at("2026-03-03T15:00:00Z"), now(), "to go", Tone::Plain)),
        ),
        booking: BookingView {
            id: id(2),
            title: "First consultation with Dr Miriam Adler".to_owned(),
            service: "First consultation".to_owned(),
            status: Status::Confirmed,
            span: span("2026-03-03T15:00:00Z", "2026-03-03T15:50:00Z"),
            mode: Mode::Online,
            private: false,
            payment: None,
            notes: Some("Prefers to keep the camera off.".to_owned()),
        },
        people: vec![
            person(
                Role::Host,
                "Dr Miriam Adler",
                "miriam@oaklane.example",
                "h0sT2mXc8vB1nL7kZ4wAqq",
            ),
            person(Role::Guest, "Ana Sousa", "ana@example.org", "5Jq0rT2mXc8vB1nL7kZ4wA"),
        ],
        attendance: vec![AttendeeRow {
            name: "Ana Sousa".to_owned(),
            role: Some("Guest"),
            from: at("2026-03-03T14:36:00Z"),
            to: None,
            inside: Duration::from_secs(60),
        }],
        sat: Some("1 minute".to_owned()),
        recordings: Vec::new(),
        meeting: MeetingCard {
            status: meeting::Status::Active,
            provider: Some(Provider::Zoom),
            owner: Some("login@adler.example".to_owned()),
            number: Some("812 3456 7890".to_owned()),
            passcode: Some("K7mp2Q".to_owned()),
            reason: None,
            warnings: Vec::new(),
            failures: 0,
            next_attempt_at: None,
            verified_at: Some(now().minus(Duration::from_secs(400))),
            typed_link: None,
        },
        calendar: Some(Notice::fine("The entry is in Dr Miriam Adler’s calendar.")),
        actions: actions(),
        story: story(),
        rooms: rooms(),
        messages: messages(),
    }
}

fn person(role: Role, name: &str, email: &str, token: &str) -> PersonCard {
    PersonCard {
        whose: if role == Role::Host { "host".to_owned() } else { format!("gst_{token}") },
        role,
        name: name.to_owned(),
        email: email.to_owned(),
        zone: Some(zone("Europe/Lisbon")),
        link: Some(format!("https://book.oaklane.example/j/{token}")),
    }
}

fn actions() -> Actions {
    Actions {
        reschedule: Filled::with(RescheduleValues {
            date: "2026-03-03".to_owned(),
            time: "15:00".to_owned(),
            time_zone: "Europe/Lisbon".to_owned(),
            duration_minutes: "50".to_owned(),
        }),
        reassign: Filled::with(ReassignValues { host: "hst_1".to_owned() }),
        hosts: host_choices(),
        ..Actions::default()
    }
}

fn story() -> Vec<StoryEntry> {
    let attempt = |when: &str, asked: &str, outcome: &str, tone, status, took| Attempt {
        at: at(when),
        asked: asked.to_owned(),
        outcome: outcome.to_owned(),
        tone,
        status,
        took: Some(Duration::from_millis(took)),
        request_id: status.map(|_| "v=2.0;clid=aw1;rid=WEB_8f2c71d09ab34e".to_owned()),
    };
    let entry = |when: &str, actor, sentence: &str, tone, attempts| StoryEntry {
        at: at(when),
        actor,
        sentence: sentence.to_owned(),
        tone,
        attempts,
        is_try: false,
    };
    vec![
        entry(
            "2026-03-03T14:31:20Z",
            Actor::Vendor(Provider::Zoom),
            "The room was read and is as wanted.",
            Tone::Fine,
            Vec::new(),
        ),
        entry(
            "2026-03-01T09:12:44Z",
            Actor::Roomkey,
            "Room 2 is live; the door leads there.",
            Tone::Fine,
            vec![
                attempt(
                    "2026-03-01T09:12:02Z",
                    "Look for room 1 by its marker",
                    "Not found",
                    Tone::Plain,
                    Some(200),
                    310,
                ),
                attempt(
                    "2026-03-01T09:12:34Z",
                    "Look for room 1 by its marker",
                    "Not found",
                    Tone::Plain,
                    Some(200),
                    290,
                ),
                attempt("2026-03-01T09:12:43Z", "Make room 2", "Made", Tone::Fine, Some(201), 640),
            ],
        ),
        entry(
            "2026-03-01T09:11:32Z",
            Actor::Roomkey,
            "Zoom’s answer was lost. Roomkey looks for the room before it makes another.",
            Tone::Brass,
            vec![attempt(
                "2026-03-01T09:11:22Z",
                "Make room 1",
                "No answer",
                Tone::Stop,
                None,
                10_000,
            )],
        ),
        entry(
            "2026-03-01T09:11:20Z",
            Actor::Person("Jo Mills".to_owned()),
            "Confirmed the booking.",
            Tone::Plain,
            Vec::new(),
        ),
        entry(
            "2026-03-01T09:10:00Z",
            Actor::Program("Booking site".to_owned()),
            "Made the booking.",
            Tone::Plain,
            Vec::new(),
        ),
    ]
}

fn rooms() -> Vec<RoomRow> {
    let row = |number, state, current, vendor_id: Option<&str>| RoomRow {
        number,
        provider: Provider::Zoom,
        state,
        account: Some("login@adler.example".to_owned()),
        vendor_id: vendor_id.map(str::to_owned),
        made_at: at("2026-03-01T09:11:22Z"),
        current,
        reason: None,
    };
    vec![
        row(2, room::State::Live, true, Some("812 3456 7890")),
        row(1, room::State::Lost { checks: 2, recorded: true }, false, None),
    ]
}

fn messages() -> Vec<MessageRow> {
    let row = |occasion: &str, to: &str, state, reason: Option<&str>| MessageRow {
        at: at("2026-03-01T09:13:00Z"),
        to: to.to_owned(),
        occasion: occasion.to_owned(),
        state,
        reason: reason.map(str::to_owned),
    };
    vec![
        row("Reminder", "Ana Sousa, ana@example.org", MessageState::Queued, None),
        row("Confirmation", "Ana Sousa, ana@example.org", MessageState::Sent, None),
        row(
            "Confirmation",
            "Dr Miriam Adler, miriam@oaklane.example",
            MessageState::Failed,
            Some(
                "The mail server says that there is no such mailbox. Correct the address, then send it again.",
            ),
        ),
        row("Change", "Ana Sousa, ana@example.org", MessageState::Silenced, None),
    ]
}

fn failed() -> BookingPage {
    let mut page = active();
    page.shell.number =
        Some(HeadNumber::until(at("2026-03-03T15:00:00Z"), now(), "to go", Tone::Stop));
    page.meeting = MeetingCard {
        status: meeting::Status::Failed,
        provider: None,
        owner: None,
        number: None,
        passcode: None,
        reason: Some(sign_in_ran_out()),
        warnings: Vec::new(),
        failures: 6,
        next_attempt_at: Some(now().plus(Duration::from_secs(110))),
        verified_at: None,
        typed_link: None,
    };
    let states = [
        room::State::Intended,
        room::State::Unknown { finds: 1, recorded: true },
        room::State::Doubtful { first_gone: None },
        room::State::Retiring,
        room::State::Gone(room::Ending::Refused),
        room::State::Gone(room::Ending::Rejected),
        room::State::Gone(room::Ending::PutOff),
        room::State::Gone(room::Ending::UserUnknown),
        room::State::Gone(room::Ending::Removed),
        room::State::Gone(room::Ending::Vanished),
        room::State::Stuck,
    ];
    let template = page.rooms.remove(0);
    page.rooms = (1_u32..)
        .zip(states)
        .map(|(number, state)| RoomRow { number, state, current: false, ..template.clone() })
        .collect();
    page.calendar = Some(Notice::brass("The entry is on its way to Dr Miriam Adler’s calendar."));
    page
}

fn pending() -> BookingPage {
    let mut page = active();
    page.booking.status = Status::Pending(Awaiting::Approval);
    page.meeting = nothing(meeting::Status::Pending);
    page.story.clear();
    page.rooms.clear();
    page.messages.clear();
    page.calendar = None;
    page
}

fn paid_and_pending() -> BookingPage {
    let mut page = pending();
    page.booking.status = Status::Pending(Awaiting::Payment);
    let money = |amount| "eur".parse().ok().map(|currency| Money { amount, currency });
    let received = Received {
        reference: "pi_3MtwBwLkdIwHu7ix28a3tqPa".to_owned(),
        money: money(4_500),
        named_by: NamedBy::Seller,
        at: at("2026-03-01T09:12:44Z"),
    };
    if let News::Puzzles(payment, _) = Payment::after(None, &received, money(5_000).as_ref()) {
        page.booking.payment = Some(payment);
    }
    page
}

fn cancelled() -> BookingPage {
    let mut page = active();
    page.booking.status = Status::Cancelled;
    page.meeting = nothing(meeting::Status::Cancelling);
    page.shell.notice = Some(Notice::fine("The booking is cancelled. Ana Sousa will be told."));
    page
}

fn recorded() -> BookingPage {
    let mut page = active();
    page.booking.status = Status::Completed;
    page.booking.span = span("2026-03-02T15:00:00Z", "2026-03-02T15:50:00Z");
    page.shell.number = None;
    page.attendance[0].from = at("2026-03-02T15:01:00Z");
    page.attendance[0].to = Some(at("2026-03-02T15:48:00Z"));
    page.attendance[0].inside = Duration::from_secs(47 * 60);
    page.sat = Some("47 minutes".to_owned());
    let file = |what: &str, size| RecordingRow {
        what: what.to_owned(),
        started_at: Some(at("2026-03-02T15:01:00Z")),
        ended_at: Some(at("2026-03-02T15:48:00Z")),
        size: Some(size),
        at_vendor: Some("https://oaklane.vendor.example/rec/play/4kT9".to_owned()),
        passcode: Some("K7mp2Q".to_owned()),
        transcript: None,
    };
    let text = |tone, icon, word: &'static str, words: &str, is_here: bool| RecordingRow {
        transcript: Some(TranscriptLine {
            pill: Pill::new(tone, icon, word),
            words: words.to_owned(),
            text: is_here.then(|| "/operator/bookings/1/recordings/2/transcript".to_owned()),
        }),
        ..file("Transcript", 48_211)
    };
    page.recordings = vec![
        file("Video", 412_000_000),
        file("Sound", 26_000_000),
        text(Tone::Fine, Icon::Check, "Here", "The text is here.", true),
        text(
            Tone::Brass,
            Icon::Clock,
            "Not here yet",
            "The Zoom app of this connection may not read recordings: it lacks cloud_recording:read:list_recording_files:admin. Add that to the app in Zoom; the text is then fetched by itself. Rooms are made all the same.",
            false,
        ),
        RecordingRow {
            at_vendor: None,
            passcode: None,
            ..text(
                Tone::Plain,
                Icon::Off,
                "Deleted",
                "The text was deleted here on request, and is not fetched again. The vendor may still have it.",
                false,
            )
        },
    ];
    page
}

fn typed_link() -> BookingPage {
    let mut page = active();
    page.meeting.provider = Some(Provider::Link);
    page.meeting.typed_link = Some("https://meet.oaklane.example/adler".to_owned());
    page.meeting.failures = 1;
    page.booking.status = Status::InProgress;
    page.booking.span = span("2026-03-03T14:30:00Z", "2026-03-03T15:20:00Z");
    page.shell.number =
        Some(HeadNumber::until(at("2026-03-03T15:20:00Z"), now(), "left", Tone::Plain));
    page
}

fn phone() -> BookingPage {
    let mut page = active();
    page.booking.mode = Mode::Phone;
    page.meeting = nothing(meeting::Status::NotNeeded);
    page.rooms.clear();
    page.people[1].link = None;
    page
}

fn private() -> BookingPage {
    let mut page = active();
    roomkey_core::private::TITLE.clone_into(&mut page.booking.title);
    page.booking.private = true;
    page
}

/// Booked in another zone, for several guests, one of whom writes from right to left.
fn abroad() -> BookingPage {
    let mut page = active();
    page.booking.span.zone = zone("America/New_York");
    page.people.push(person(
        Role::Guest,
        "ليلى حداد",
        "layla@example.org",
        "aaaaT2mXc8vB1nL7kZ4wA1",
    ));
    page.people.push(person(Role::Guest, LONG_NAME, "maria@example.org", "bbbbT2mXc8vB1nL7kZ4wA2"));
    page
}

fn nothing(status: meeting::Status) -> MeetingCard {
    MeetingCard {
        status,
        provider: None,
        owner: None,
        number: None,
        passcode: None,
        reason: None,
        warnings: Vec::new(),
        failures: 0,
        next_attempt_at: None,
        verified_at: None,
        typed_link: None,
    }
}

fn faulty() -> BookingPage {
    let mut page = active();
    page.actions.reschedule = Filled {
        values: RescheduleValues {
            date: "2026-03-29".to_owned(),
            time: "01:30".to_owned(),
            time_zone: "Europe/Lisbon".to_owned(),
            duration_minutes: "55".to_owned(),
        },
        errors: Errors::none().with("time", crate::pages::local::BadLocal::LeftOut.to_string()),
    };
    page.actions.link = Filled {
        values: LinkValues {
            url: "http://meet.oaklane.example".to_owned(),
            passcode: "typed".to_owned(),
        },
        errors: Errors::none().with("url", "The link has to begin with https."),
    };
    page.actions.cancel = Filled {
        values: CancelValues { reason: "A reason that was typed".to_owned() },
        errors: Errors::of_the_whole(
            "Somebody changed the booking meanwhile. Look again, then cancel it.",
        ),
    };
    page
}

fn hostile() -> BookingPage {
    let mut page = active();
    page.recordings = recorded().recordings;
    page.shell.practice = HOSTILE.to_owned();
    page.shell.person = HOSTILE.to_owned();
    page.booking.title = HOSTILE.to_owned();
    page.booking.service = LONG_NAME.to_owned();
    page.booking.notes = Some(HOSTILE.to_owned());
    page.meeting.owner = Some(HOSTILE.to_owned());
    page.meeting.passcode = Some(HOSTILE.to_owned());
    page.meeting.typed_link = Some(format!("javascript:alert(1)//{HOSTILE}"));
    for person in &mut page.people {
        person.name = HOSTILE.to_owned();
    }
    for file in &mut page.recordings {
        file.what = HOSTILE.to_owned();
        file.passcode = Some(HOSTILE.to_owned());
        if let Some(line) = &mut file.transcript {
            line.words = HOSTILE.to_owned();
        }
    }
    for entry in &mut page.story {
        entry.actor = Actor::Person(HOSTILE.to_owned());
        entry.sentence = HOSTILE.to_owned();
        for attempt in &mut entry.attempts {
            attempt.outcome = HOSTILE.to_owned();
            attempt.request_id = Some(HOSTILE.to_owned());
        }
    }
    for message in &mut page.messages {
        message.reason = Some(HOSTILE.to_owned());
    }
    page
}
