//! The demo's bookings: one of each kind that there is to see.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::booking::Mode;
use roomkey_core::route::{Provider, RouteOption, Use};
use roomkey_store::{Reference, StoreError, Tenant, person};
use roomkey_vault::Place;
use roomkey_web::desk::{Actor, Asked, By, Desk, GuestAsked, book};
use secrecy::ExposeSecret as _;

use crate::failure::Failure;

/// The tokens of the links of the session that begins first.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) guest: String,
    pub(super) host: String,
}

/// One booking to make.
struct Sample {
    external_id: &'static str,
    service: &'static str,
    host: &'static str,
    starts_in: Duration,
    guest: (&'static str, &'static str, &'static str),
    own: Option<fn(&mut Asked)>,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

const SAMPLES: [Sample; 7] = [
    Sample {
        external_id: "demo-1",
        service: "online-session",
        host: "maren",
        starts_in: secs(5 * MINUTE),
        guest: ("Ana Sousa", "ana@example.org", "Europe/Lisbon"),
        own: None,
    },
    Sample {
        external_id: "demo-2",
        service: "online-session",
        host: "ines",
        starts_in: secs(DAY),
        guest: ("Jonas Keller", "jonas@example.org", "Europe/Berlin"),
        own: None,
    },
    Sample {
        external_id: "demo-3",
        service: "visit",
        host: "tomasz",
        starts_in: secs(DAY + 3 * HOUR),
        guest: ("Priya Natarajan", "priya@example.org", "Asia/Kolkata"),
        own: None,
    },
    Sample {
        external_id: "demo-4",
        service: "first-talk",
        host: "maren",
        starts_in: secs(2 * DAY),
        guest: ("Noah Kaʻaihue", "noah@example.org", "Pacific/Honolulu"),
        own: None,
    },
    Sample {
        external_id: "demo-5",
        service: "online-session",
        host: "tomasz",
        starts_in: secs(3 * HOUR),
        guest: ("Siobhán O'Brien", "siobhan@example.org", "Europe/Dublin"),
        own: Some(with_a_link),
    },
    Sample {
        external_id: "demo-6",
        service: "call",
        host: "ines",
        starts_in: secs(4 * HOUR),
        guest: ("山田 花子", "hanako@example.org", "Asia/Tokyo"),
        own: Some(|asked| asked.mode = Some(Some(Mode::Phone))),
    },
    Sample {
        external_id: UNPAID,
        service: "paid-session",
        host: "maren",
        starts_in: secs(DAY + HOUR),
        guest: ("Lena Brandt", "lena@example.org", "Europe/Vienna"),
        own: None,
    },
];

/// The booking that waits for its payment.
pub(super) const UNPAID: &str = "demo-7";

/// A session in a room that somebody made by hand.
fn with_a_link(asked: &mut Asked) {
    asked.route = Some(Some(vec![RouteOption {
        uses: Use::Link,
        url: Some("https://video.practice.example/harbour".to_owned()),
        passcode: None,
        ..RouteOption::host(Provider::Link)
    }]));
}

/// Makes the bookings.
pub(super) async fn book_all(desk: &Desk, tenant: Tenant) -> Result<Shown, Failure> {
    let by = By { tenant, actor: Actor::Operator };
    let minute = next_minute(desk.now());
    let mut first = None;
    for sample in &SAMPLES {
        let done = book(desk, by, asked(sample, minute), None)
            .await
            .map_err(|problem| Failure::Refused(format!("a sample was not booked: {problem}")))?;
        first = first.or(Some(done.booking));
    }
    let Some(first) = first else { return Ok(Shown::default()) };
    let people = desk
        .store
        .read::<_, StoreError, _>(|tx| Box::pin(person::of_booking(tx, tenant, first)))
        .await?;
    let mut shown = Shown::default();
    for person in people {
        let place = Place { table: "people", row: person.id.uuid(), field: "link" };
        let token = desk
            .ring
            .open_text(place, &person.link_sealed)
            .map_err(|error| Failure::Refused(format!("a link does not open: {error}")))?;
        match person.role {
            person::Role::Host => shown.host = token.expose_secret().to_owned(),
            person::Role::Guest => shown.guest = token.expose_secret().to_owned(),
        }
    }
    Ok(shown)
}

fn asked(sample: &Sample, from: Instant) -> Asked {
    let (name, email, zone) = sample.guest;
    let mut asked = Asked {
        external_id: Some(Some(sample.external_id.to_owned())),
        service: Some(Reference::External(sample.service.to_owned())),
        host: Some(Reference::External(sample.host.to_owned())),
        start: Some(from.plus(sample.starts_in)),
        time_zone: Some(zone.parse().ok()),
        guests: Some(vec![GuestAsked {
            name: name.to_owned(),
            email: Some(email.to_owned()),
            phone: Some("+351 21 000 0000".to_owned()),
            time_zone: zone.parse().ok(),
            ..GuestAsked::default()
        }]),
        ..Asked::default()
    };
    if let Some(own) = sample.own {
        own(&mut asked);
    }
    asked
}

/// Sessions begin on whole minutes.
fn next_minute(now: Instant) -> Instant {
    const MICROS: i64 = 60_000_000;
    Instant::from_micros((now.as_micros().div_euclid(MICROS) + 1) * MICROS)
}
