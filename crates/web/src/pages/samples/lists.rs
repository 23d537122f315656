//! The operator's lists and forms.

use std::time::Duration;

use roomkey_core::booking::{Awaiting, Mode, Status};
use roomkey_core::failure::Reason;
use roomkey_core::meeting;
use roomkey_core::route::Provider;
use roomkey_core::settings::Preset;

use super::{HOSTILE, LONG_NAME, at, id, now, shell, span, zone};
use crate::pages::form::{Choice, Errors};
use crate::pages::operator::bookings::{BookingsPage, Filter};
use crate::pages::operator::cause::{Cause, CauseLine};
use crate::pages::operator::connections::{
    ConnectionCard, ConnectionsPage, CredentialValues, ZoomValues,
};
use crate::pages::operator::hosts::{HostRow, HostValues, HostsPage};
use crate::pages::operator::new_booking::{NewBookingPage, NewBookingValues};
use crate::pages::operator::room_settings::RoomSettingsValues;
use crate::pages::operator::row::{BookingRow, Day};
use crate::pages::operator::services::{ServiceRow, ServiceValues, ServicesPage};
use crate::pages::operator::status::{Backlog, HealthRow, StatusPage};
use crate::pages::operator::today::{NextSession, TodayPage};
use crate::pages::operator::{Filled, HeadNumber, Health, Section};
use crate::pages::pill::{Action, Notice, Tone};
use crate::pages::words;

type Named<P> = Vec<(&'static str, P)>;

pub(super) fn host_choices() -> Vec<Choice> {
    vec![
        Choice::new("hst_1", "Dr Miriam Adler"),
        Choice::new("hst_2", "Jonas Lindqvist"),
        Choice::new("hst_3", LONG_NAME),
    ]
}

pub(super) fn sign_in_ran_out() -> Reason {
    Reason::new(
        "reconnect_needed",
        "Zoom says the sign-in of login@adler.example ran out. Reconnect, and 12 waiting sessions get their rooms.",
    )
    .with_action("Reconnect", "/operator/connections")
}

fn row(number: u8, status: Status, meeting: meeting::Status) -> BookingRow {
    BookingRow {
        id: id(number),
        status,
        meeting,
        reason: None,
        span: span("2026-03-03T15:00:00Z", "2026-03-03T15:50:00Z"),
        service: "First consultation".to_owned(),
        host: "Dr Miriam Adler".to_owned(),
        guests: vec!["Ana Sousa".to_owned()],
        mode: Mode::Online,
    }
}

/// Bookings in every state.
#[must_use]
pub fn rows() -> Vec<BookingRow> {
    use meeting::Status as M;
    let mut rows = vec![
        BookingRow {
            span: span("2026-03-03T14:00:00Z", "2026-03-03T15:30:00Z"),
            service: "Couples session".to_owned(),
            guests: vec!["Tom Reed".to_owned(), "Li Wei".to_owned()],
            ..row(1, Status::InProgress, M::Active)
        },
        row(2, Status::Confirmed, M::Active),
        BookingRow {
            reason: Some(sign_in_ran_out()),
            span: span("2026-03-03T16:00:00Z", "2026-03-03T16:50:00Z"),
            guests: vec!["Joana Prates".to_owned()],
            ..row(3, Status::Confirmed, M::Failed)
        },
        BookingRow {
            span: span("2026-03-03T17:00:00Z", "2026-03-03T17:25:00Z"),
            service: "Check-in".to_owned(),
            host: "Jonas Lindqvist".to_owned(),
            guests: vec!["Sam Okafor".to_owned()],
            mode: Mode::Phone,
            ..row(4, Status::Confirmed, M::NotNeeded)
        },
        BookingRow {
            span: span("2026-03-04T09:00:00Z", "2026-03-04T09:50:00Z"),
            guests: vec!["Nadia Haddad".to_owned()],
            ..row(5, Status::Pending(Awaiting::Approval), M::Pending)
        },
        BookingRow {
            span: span("2026-03-04T10:00:00Z", "2026-03-04T10:50:00Z"),
            guests: vec!["Piotr Zieliński".to_owned()],
            ..row(6, Status::Pending(Awaiting::Payment), M::Pending)
        },
        BookingRow {
            span: span("2026-03-05T10:00:00Z", "2026-03-05T10:50:00Z"),
            guests: ["Ana", "Tom", "Li", "Sam", "Nadia"].map(str::to_owned).to_vec(),
            service: "Group supervision".to_owned(),
            ..row(7, Status::Confirmed, M::Creating)
        },
        BookingRow {
            span: span("2026-03-02T10:00:00Z", "2026-03-02T10:50:00Z"),
            ..row(8, Status::Completed, M::Cancelled)
        },
        BookingRow {
            span: span("2026-03-02T11:00:00Z", "2026-03-02T11:50:00Z"),
            ..row(9, Status::Cancelled, M::Cancelling)
        },
        BookingRow {
            span: span("2026-03-02T12:00:00Z", "2026-03-02T12:50:00Z"),
            ..row(10, Status::NoShow, M::Cancelled)
        },
    ];
    rows.push(BookingRow {
        service: LONG_NAME.to_owned(),
        host: LONG_NAME.to_owned(),
        guests: vec![LONG_NAME.to_owned()],
        mode: Mode::InPerson,
        ..row(11, Status::Confirmed, M::NotNeeded)
    });
    rows
}

/// What needs a person: one of each kind.
#[must_use]
pub fn causes() -> Vec<Cause> {
    let line = |words: &str, more: &str| CauseLine {
        words: words.to_owned(),
        more: more.to_owned(),
        href: Some("/operator/hosts".to_owned()),
    };
    vec![
        Cause {
            id: "zoom-user-unknown".to_owned(),
            tone: Tone::Stop,
            count: 797,
            of_what: "sessions have no room".to_owned(),
            words: "Zoom does not know the addresses of 7 hosts. Correct each host’s Zoom account, or add the users in Zoom.".to_owned(),
            soonest: Some("The soonest begins Wed 4 March, 09:00 (Lisbon).".to_owned()),
            lines: vec![
                line("Dr Miriam Adler", "miriam@oaklane.example · 312 sessions"),
                line("Jonas Lindqvist", "jonas@oaklane.example · 201 sessions"),
                line("ليلى حداد", "layla@oaklane.example · 120 sessions"),
                line(LONG_NAME, "maria@oaklane.example · 64 sessions"),
                line("山田 花子", "hanako@oaklane.example · 50 sessions"),
                line("Tom Reed", "tom@oaklane.example · 30 sessions"),
                line("Li Wei", "li@oaklane.example · 20 sessions"),
            ],
            action: None,
            list: Action::new("See all 797", "/operator/bookings?status=trouble"),
        },
        Cause {
            id: "reconnect-needed".to_owned(),
            tone: Tone::Stop,
            count: 12,
            of_what: "sessions have no room".to_owned(),
            words: sign_in_ran_out().message,
            soonest: Some("The soonest begins Tue 3 March, 16:00 (Lisbon).".to_owned()),
            lines: Vec::new(),
            action: Action::of(&sign_in_ran_out()),
            list: Action::new("See all 12", "/operator/bookings?status=trouble"),
        },
        Cause {
            id: "approval".to_owned(),
            tone: Tone::Brass,
            count: 1,
            of_what: "booking waits for a word".to_owned(),
            words: "Confirm or decline, and its people are told.".to_owned(),
            soonest: None,
            lines: vec![line("Nadia Haddad", "with Dr Miriam Adler · Wed 4 March, 09:00 (Lisbon)")],
            action: None,
            list: Action::new("See it", "/operator/bookings?status=pending_approval"),
        },
    ]
}

/// Today, empty and full.
#[must_use]
pub fn todays() -> Named<TodayPage> {
    let ahead: Vec<_> = rows().into_iter().skip(2).take(5).collect();
    let lisbon = zone("Europe/Lisbon");
    let next = NextSession {
        row: row(2, Status::Confirmed, meeting::Status::Active),
        lobby: Some("/j/5Jq0rT2mXc8vB1nL7kZ4wA".to_owned()),
    };
    let mut begun = next.clone();
    begun.row.span.start = at("2026-03-03T14:30:00Z");
    begun.row.status = Status::InProgress;
    begun.lobby = None;
    let number = HeadNumber::new(810, "sessions need you", Tone::Stop);
    let until = at("2026-03-03T15:00:00Z");
    let hostile_row = BookingRow {
        service: HOSTILE.to_owned(),
        host: HOSTILE.to_owned(),
        guests: vec![HOSTILE.to_owned()],
        ..row(12, Status::Confirmed, meeting::Status::Active)
    };
    let mut hostile_cause = causes().remove(0);
    hostile_cause.lines.truncate(1);
    for line in &mut hostile_cause.lines {
        HOSTILE.clone_into(&mut line.words);
    }
    let page = |number, causes, next, days, ahead| TodayPage {
        shell: shell(Section::Today, number),
        causes,
        next,
        days,
        ahead,
    };
    vec![
        ("full", page(Some(number), causes(), Some(next), Day::group(ahead, &lisbon, now()), 931)),
        (
            "calm",
            page(
                Some(HeadNumber::until(until, now(), "until the next session", Tone::Plain)),
                Vec::new(),
                Some(begun),
                Vec::new(),
                1,
            ),
        ),
        ("empty", page(None, Vec::new(), None, Vec::new(), 0)),
        (
            "hostile-names",
            page(
                None,
                vec![hostile_cause],
                Some(NextSession { row: hostile_row.clone(), lobby: None }),
                Day::group(vec![hostile_row], &lisbon, now()),
                2,
            ),
        ),
    ]
}

/// The list of bookings, full, filtered and empty.
#[must_use]
pub fn bookings_lists() -> Named<BookingsPage> {
    let lisbon = zone("Europe/Lisbon");
    let page = |filter: Filter, rows: Vec<BookingRow>, next: Option<&str>| BookingsPage {
        shell: shell(Section::Bookings, None),
        filter,
        hosts: host_choices(),
        days: Day::group(rows, &lisbon, now()),
        next_cursor: next.map(str::to_owned),
    };
    let filter = Filter {
        status: "trouble".to_owned(),
        host: "hst_1".to_owned(),
        from: "2026-03-01".to_owned(),
        q: "Ana \"&\" co".to_owned(),
        why: "no_seats".to_owned(),
        cursor: "x1".to_owned(),
        ..Filter::default()
    };
    let hostile = BookingRow {
        service: HOSTILE.to_owned(),
        host: HOSTILE.to_owned(),
        guests: vec![HOSTILE.to_owned()],
        reason: Some(Reason::new("x", HOSTILE).with_action(HOSTILE, "javascript:alert(1)")),
        ..row(12, Status::Confirmed, meeting::Status::Failed)
    };
    vec![
        ("full", page(Filter::default(), rows(), Some("x2"))),
        ("filtered", page(filter.clone(), rows().into_iter().skip(2).take(1).collect(), None)),
        ("none-like-that", page(filter, Vec::new(), None)),
        ("empty", page(Filter::default(), Vec::new(), None)),
        (
            "hostile-names",
            page(Filter { q: HOSTILE.to_owned(), ..Filter::default() }, vec![hostile], None),
        ),
    ]
}

/// The form for a new booking, fresh and faulty.
#[must_use]
pub fn new_bookings() -> Named<NewBookingPage> {
    let page = |form: Filled<NewBookingValues>| NewBookingPage {
        shell: shell(Section::Bookings, None),
        form,
        hosts: host_choices(),
        services: vec![
            Choice::new("svc_1", "First consultation"),
            Choice::new("svc_2", "Check-in"),
        ],
    };
    let fresh = NewBookingValues { time_zone: "Europe/Lisbon".to_owned(), ..Default::default() };
    let typed = NewBookingValues {
        host: "hst_2".to_owned(),
        service: "svc_1".to_owned(),
        date: "2026-03-29".to_owned(),
        time: "01:30".to_owned(),
        time_zone: "Europe/Lisbon".to_owned(),
        duration_minutes: "50".to_owned(),
        mode: "phone".to_owned(),
        guest_name: HOSTILE.to_owned(),
        guest_email: "ana at example".to_owned(),
        guest_time_zone: "Lissabon".to_owned(),
        title: "Typed title".to_owned(),
        past: "on".to_owned(),
    };
    let errors = Errors::of_the_whole("Two things are to be mended; nothing was booked.")
        .with("time", crate::pages::local::BadLocal::LeftOut.to_string())
        .with("guest_email", "This is not an e-mail address. Write it like ana@example.org.");
    let past = NewBookingValues { past: String::new(), ..typed.clone() };
    let asks = Errors::none().with(
        "past",
        "This session is over: it began 3 h ago. It would be written down, without a room, and nobody would be told.",
    );
    vec![
        ("fresh", page(Filled::with(fresh))),
        ("past", page(Filled { values: past, errors: asks })),
        ("faulty", page(Filled { values: typed, errors })),
    ]
}

/// Connections in every state of health.
#[must_use]
pub fn connections() -> Named<ConnectionsPage> {
    let card = |number: u8, account: &str, health: Health| ConnectionCard {
        id: id(number),
        provider: Provider::Zoom,
        kind: "Server-to-server".to_owned(),
        account: account.to_owned(),
        client_id: "c1ient1d".to_owned(),
        host: None,
        health,
        seats: Vec::new(),
        waiting: 0,
        holds: 12,
        webhook_url: "https://rooms.oaklane.example/hooks/zoom/con_01hq3v8x5cj6tq2x9m4w7r5n1d"
            .to_owned(),
        heard: None,
    };
    let checked_at = now().minus(Duration::from_secs(190));
    let cards = vec![
        ConnectionCard {
            waiting: 12,
            host: Some("Dr Miriam Adler".to_owned()),
            ..card(1, "login@adler.example", Health::NeedsReconnect(sign_in_ran_out()))
        },
        ConnectionCard {
            seats: vec!["seat1@oaklane.example".to_owned(), "seat2@oaklane.example".to_owned()],
            ..card(2, "zoom@oaklane.example", Health::Works { checked_at: Some(checked_at) })
        },
        card(3, "trial@oaklane.example", Health::Testing),
        card(8, "strict@oaklane.example", Health::Refuses { calls: 797, succeeded: 0 }),
        card(9, "moody@oaklane.example", Health::Refuses { calls: 797, succeeded: 201 }),
        ConnectionCard { holds: 0, ..card(4, "new@oaklane.example", Health::Untried) },
        ConnectionCard { holds: 1, ..card(5, "old@oaklane.example", Health::Disabled) },
        ConnectionCard {
            waiting: 1,
            ..card(
                6,
                "busy@oaklane.example",
                Health::Slow(Reason::new(
                    "daily_limit",
                    "Zoom allows 100 new meetings a day for each user. The next can be made at 00:00 UTC.",
                )),
            )
        },
        ConnectionCard {
            provider: Provider::Link,
            ..card(
                7,
                LONG_NAME,
                Health::Failing(Reason::new(
                    "unreachable",
                    "Zoom does not answer. Roomkey keeps trying.",
                )),
            )
        },
    ];
    let typed = ZoomValues {
        account_id: "acc-1".to_owned(),
        client_id: HOSTILE.to_owned(),
        client_secret: "typed-secret".to_owned(),
        webhook_secret: "typed-token".to_owned(),
        seats: "seat1@oaklane.example\nnot an address".to_owned(),
    };
    let errors = Errors::of_the_whole("Zoom refused these credentials.")
        .with("seats", "Line 2 is not an e-mail address.");
    let page = |number, cards, zoom| ConnectionsPage {
        shell: shell(Section::Connections, number),
        cards,
        zoom,
        changing: None,
    };
    let mut changing =
        page(None, cards.iter().skip(1).take(1).cloned().collect(), Filled::default());
    let refused = CredentialValues { client_id: "typed-id".to_owned(), ..<_>::default() };
    let nothing = Errors::none().with("client_secret", "Nothing was changed.");
    changing.changing = Some((id(2), Filled { values: refused, errors: nothing }));
    let needs = || Some(HeadNumber::new(1, "connection needs you", Tone::Stop));
    vec![
        ("full", page(needs(), cards.clone(), Filled::default())),
        (
            "faulty",
            page(needs(), cards.into_iter().take(1).collect(), Filled { values: typed, errors }),
        ),
        ("changing", changing),
        ("empty", page(None, Vec::new(), Filled::default())),
    ]
}

/// Hosts.
#[must_use]
pub fn hosts() -> Named<HostsPage> {
    let row = |number: u8, name: &str, zoom: Option<&str>, health: &Health, ahead| HostRow {
        id: id(number),
        name: name.to_owned(),
        email: "miriam@oaklane.example".to_owned(),
        zone: zone("Europe/Lisbon"),
        zoom_account: zoom.map(str::to_owned),
        rooms: health.pill(),
        wrong: None,
        ahead,
    };
    let works = Health::Works { checked_at: None };
    let rows = vec![
        row(
            1,
            "Dr Miriam Adler",
            Some("login@adler.example"),
            &Health::NeedsReconnect(sign_in_ran_out()),
            14,
        ),
        row(2, "Jonas Lindqvist", None, &works, 3),
        row(3, LONG_NAME, None, &Health::Untried, 0),
        HostRow {
            wrong: Some("Zoom does not know this address.".to_owned()),
            rooms: words::meeting(meeting::Status::Failed, true),
            ..row(4, "ليلى حداد", None, &works, 89)
        },
    ];
    let values = HostValues {
        name: "Dr Miriam Adler".to_owned(),
        email: "miriam@oaklane.example".to_owned(),
        time_zone: "Europe/Lisbon".to_owned(),
        zoom_account: "login@adler.example".to_owned(),
        phone: "+351 21 000 00 00".to_owned(),
    };
    let errors = Errors::none().with("email", "Another host has this address.");
    let page = |hosts, form, editing| HostsPage {
        shell: shell(Section::Hosts, None),
        hosts,
        wrong: None,
        form,
        editing,
    };
    let mut unknown = page(rows.clone(), Filled::with(values.clone()), Some((id(4), 89)));
    unknown.wrong = Some(
        "Zoom does not know this host’s address. Correct the Zoom account below, or add the user in Zoom, and the rooms are made."
            .to_owned(),
    );
    vec![
        ("full", page(rows.clone(), Filled::default(), None)),
        ("editing", page(rows.clone(), Filled::with(values.clone()), Some((id(1), 14)))),
        ("unknown", unknown),
        ("removable", page(rows.clone(), Filled::with(values.clone()), Some((id(3), 0)))),
        ("faulty", page(rows, Filled { values, errors }, None)),
        ("empty", page(Vec::new(), Filled::default(), None)),
    ]
}

/// Services.
#[must_use]
pub fn services() -> Named<ServicesPage> {
    let row = |number: u8, name: &str, mode, approval, payment| ServiceRow {
        id: id(number),
        name: name.to_owned(),
        duration_minutes: 50,
        mode,
        private: approval,
        requires_approval: approval,
        requires_payment: payment,
        ahead: 4,
    };
    let rows = vec![
        row(1, "First consultation", Mode::Online, false, false),
        row(2, "Check-in", Mode::Phone, true, false),
        row(3, "Walk in the park", Mode::InPerson, false, true),
        row(4, LONG_NAME, Mode::Online, true, true),
    ];
    let values = ServiceValues {
        name: "First consultation".to_owned(),
        duration_minutes: "fifty".to_owned(),
        mode: "online".to_owned(),
        title_template: "{service} with {host}".to_owned(),
        agenda_template: "{start_date}, {start_time}\nBring <b>the book</b>.".to_owned(),
        private: "on".to_owned(),
        requires_approval: "on".to_owned(),
        requires_payment: String::new(),
        reminders: "1 day, 10 minutes".to_owned(),
        door_opens: "10 minutes".to_owned(),
        settings: RoomSettingsValues::of(&Preset::Minors.settings()),
    };
    let errors = Errors::none().with("duration_minutes", "Give a number of minutes, such as 50.");
    let page = |services, form, editing, is_form| ServicesPage {
        shell: shell(Section::Services, None),
        services,
        form,
        editing,
        is_form,
        chosen: None,
    };
    let typed = || Filled::with(values.clone());
    let mut filled = page(rows.clone(), typed(), Some(id(1)), true);
    filled.chosen = Some(Preset::Minors);
    let faulty = Filled { values: values.clone(), errors };
    vec![
        ("full", page(rows.clone(), Filled::default(), None, false)),
        ("new", page(rows.clone(), Filled::default(), None, true)),
        ("editing", page(rows.clone(), typed(), Some(id(1)), true)),
        ("filled", filled),
        ("faulty", page(rows, faulty, None, true)),
        ("empty", page(Vec::new(), Filled::default(), None, false)),
    ]
}

/// Status, calm, stalled and empty.
#[must_use]
pub fn statuses() -> Named<StatusPage> {
    let row = |name: &str, provider, health, calls, succeeded| HealthRow {
        provider,
        name: name.to_owned(),
        health,
        calls,
        succeeded,
        median: Some(Duration::from_millis(340)),
    };
    let works = || Health::Works { checked_at: Some(now().minus(Duration::from_secs(190))) };
    let rows = vec![
        row(
            "login@adler.example",
            Some(Provider::Zoom),
            Health::NeedsReconnect(sign_in_ran_out()),
            48,
            12,
        ),
        row("zoom@oaklane.example", Some(Provider::Zoom), works(), 1_204, 1_198),
        row(
            "strict@oaklane.example",
            Some(Provider::Zoom),
            Health::Refuses { calls: 797, succeeded: 0 },
            797,
            0,
        ),
        HealthRow { median: None, ..row("Mail", None, works(), 0, 0) },
    ];
    let no_room = || causes().into_iter().filter(|it| it.tone == Tone::Stop).collect();
    let page = |number: HeadNumber, causes, backlog, stalls, rows| StatusPage {
        shell: shell(Section::Status, Some(number)),
        causes,
        backlog,
        stalls,
        rows,
    };
    let calm = Backlog {
        due: 0,
        later: 318,
        oldest_due: None,
        next_due: Some(now().plus(Duration::from_secs(380))),
    };
    let stalled = Backlog {
        due: 12,
        later: 318,
        oldest_due: Some(now().minus(Duration::from_secs(2_000))),
        next_due: None,
    };
    let mut noticed = page(
        HeadNumber::new("0", "sessions have no room", Tone::Plain),
        Vec::new(),
        calm,
        Vec::new(),
        rows.iter().skip(1).cloned().collect(),
    );
    noticed.shell.notice = Some(Notice::fine("Work is resumed."));
    vec![
        (
            "stalled",
            page(
                HeadNumber::new(809, "sessions have no room", Tone::Stop),
                no_room(),
                stalled,
                vec![sign_in_ran_out()],
                rows,
            ),
        ),
        ("calm", noticed),
        (
            "empty",
            page(
                HeadNumber::new(0, "sessions have no room", Tone::Plain),
                Vec::new(),
                Backlog::default(),
                Vec::new(),
                Vec::new(),
            ),
        ),
    ]
}
