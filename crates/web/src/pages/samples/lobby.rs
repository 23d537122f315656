//! Lobbies.

use std::time::Duration;

use roomkey_core::booking::Mode;

use super::{HOSTILE, LONG_NAME, at, now, span};
use crate::pages::lobby::{
    Access, CalendarEntry, Change, ConferenceDevice, Contact, HostSession, Lobby, PhoneNumber,
    Role, State, Trouble,
};
use crate::pages::pill::{Action, Notice};

/// One lobby: all is well, the door opens in twelve minutes.
#[must_use]
pub fn lobby(role: Role, state: State) -> Lobby {
    let counterparts = match role {
        Role::Guest => vec!["Dr Miriam Adler".to_owned()],
        Role::Host => vec!["Ana Sousa".to_owned()],
    };
    Lobby {
        path: "/j/5Jq0rT2mXc8vB1nL7kZ4wA".to_owned(),
        link: "https://book.oaklane.example/j/5Jq0rT2mXc8vB1nL7kZ4wA".to_owned(),
        role,
        practice: "Oak Lane Practice".to_owned(),
        contact: Contact::new("hello@oaklane.example"),
        counterparts,
        service: "First consultation".to_owned(),
        title: String::new(),
        span: span("2026-03-03T15:00:00Z", "2026-03-03T15:50:00Z"),
        now: now(),
        mode: Mode::Online,
        state,
        host_session: HostSession::Here,
        access: Some(Access {
            provider: "Zoom".to_owned(),
            number: Some("812 3456 7890".to_owned()),
            passcode: Some("K7mp2Q".to_owned()),
            dial_in: numbers(),
            phone_passcode: Some("004217".to_owned()),
            device: Some(ConferenceDevice {
                address: "81234567890@zoomcrc.com".to_owned(),
                passcode: "004217".to_owned(),
            }),
        }),
        calendar: Some(CalendarEntry::Synced),
        change: Change::No,
        can_ask_for_help: true,
        notice: None,
    }
}

fn numbers() -> Vec<PhoneNumber> {
    let number = |number: &str, place: &str, is_free| PhoneNumber {
        number: number.to_owned(),
        place: Some(place.to_owned()),
        is_free,
    };
    vec![
        number("+351 211 000 000", "Lisbon, Portugal", false),
        number("+351 800 000 000", "Portugal", true),
        number("+44 330 000 0000", "United Kingdom of Great Britain and Northern Ireland", false),
    ]
}

/// Every state, for guest and host.
#[must_use]
pub fn lobbies() -> Vec<(String, Lobby)> {
    let mut all = Vec::new();
    for (role, word) in [(Role::Guest, "guest"), (Role::Host, "host")] {
        for (name, state) in states() {
            let mut it = lobby(role, state);
            match name {
                "ready" => {
                    it.now = at("2026-03-03T08:15:00Z");
                    it.change = Change::Here { until: at("2026-03-03T11:00:00Z") };
                }
                "join-now" => it.now = at("2026-03-03T14:53:00Z"),
                "in-progress" => it.now = at("2026-03-03T15:07:00Z"),
                "ended" => it.now = at("2026-03-03T17:00:00Z"),
                "setting-up" | "trouble" => {
                    it.access = None;
                    it.calendar = Some(CalendarEntry::Pending);
                }
                _ => {}
            }
            all.push((format!("{word}-{name}"), it));
        }
    }
    all.extend(others());
    all
}

fn states() -> Vec<(&'static str, State)> {
    let opens_at = at("2026-03-03T14:50:00Z");
    vec![
        ("waiting-for-approval", State::WaitingForApproval),
        (
            "waiting-for-payment",
            State::WaitingForPayment { pay: Some("https://pay.example/c/1".to_owned()) },
        ),
        ("setting-up", State::SettingUp),
        ("ready", State::Ready { opens_at }),
        ("starting-soon", State::StartingSoon { opens_at }),
        ("join-now", State::JoinNow),
        ("in-progress", State::InProgress),
        ("ended", State::Ended),
        ("cancelled", State::Cancelled { reason: Some("Dr Adler is unwell today.".to_owned()) }),
        (
            "trouble",
            State::Trouble(Trouble {
                words: "Zoom says your sign-in ran out. Reconnect, and your 12 waiting sessions get their rooms."
                    .to_owned(),
                action: Some(Action::new("Reconnect Zoom", "/operator/connections")),
            }),
        ),
    ]
}

fn others() -> Vec<(String, Lobby)> {
    let soon = || State::StartingSoon { opens_at: at("2026-03-03T14:50:00Z") };
    let mut missing = lobby(Role::Host, State::JoinNow);
    missing.now = at("2026-03-03T14:53:00Z");
    missing.host_session = HostSession::Missing;
    let mut sent = missing.clone();
    sent.host_session = HostSession::Sent { to: "m…@oaklane.example".to_owned() };
    let mut early = lobby(Role::Host, soon());
    early.host_session = HostSession::Missing;

    let mut phone = lobby(Role::Guest, soon());
    phone.mode = Mode::Phone;
    phone.access = None;
    let mut in_person = phone.clone();
    in_person.mode = Mode::InPerson;
    in_person.contact = Contact::new("+351 21 000 00 00");

    let mut long = lobby(Role::Host, State::JoinNow);
    long.counterparts = vec![LONG_NAME.to_owned(), "Tom Reed".to_owned(), LONG_NAME.to_owned()];
    long.practice = LONG_NAME.to_owned();
    if let Some(access) = &mut long.access {
        // Its passcode has digits alone, and it is reached by telephone and not by devices.
        access.passcode = Some("004217".to_owned());
        access.phone_passcode = None;
        access.device = None;
    }
    long.title = format!("{LONG_NAME}: {LONG_NAME}");
    long.contact = Contact::new("the front desk, which is open from eight to six on workdays");

    let mut hostile = lobby(Role::Guest, State::JoinNow);
    hostile.counterparts = vec![HOSTILE.to_owned()];
    hostile.practice = HOSTILE.to_owned();
    hostile.title = HOSTILE.to_owned();
    hostile.service = HOSTILE.to_owned();
    hostile.contact = Contact::new(HOSTILE);
    hostile.path = format!("/j/{HOSTILE}");
    hostile.access = Some(Access {
        provider: HOSTILE.to_owned(),
        number: Some(HOSTILE.to_owned()),
        passcode: Some(HOSTILE.to_owned()),
        dial_in: vec![PhoneNumber {
            number: HOSTILE.to_owned(),
            place: Some(HOSTILE.to_owned()),
            is_free: true,
        }],
        phone_passcode: Some(HOSTILE.to_owned()),
        device: Some(ConferenceDevice {
            address: HOSTILE.to_owned(),
            passcode: HOSTILE.to_owned(),
        }),
    });

    let mut helped = lobby(Role::Guest, State::InProgress);
    helped.now = at("2026-03-03T15:07:00Z");
    helped.notice = Some(Notice::brass(
        "Dr Miriam Adler is in the room. We have told them that you cannot get in.",
    ));
    helped.calendar = Some(CalendarEntry::Failed);
    helped.change = Change::Ask { until: helped.now.plus(Duration::from_secs(600)) };

    vec![
        ("host-sign-in-first".to_owned(), missing),
        ("host-sign-in-sent".to_owned(), sent),
        ("host-sign-in-early".to_owned(), early),
        ("guest-phone".to_owned(), phone),
        ("guest-in-person".to_owned(), in_person),
        ("host-long-names".to_owned(), long),
        ("guest-hostile-names".to_owned(), hostile),
        ("guest-helped".to_owned(), helped),
    ]
}
