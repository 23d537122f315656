//! Sessions that are near: some of which somebody breaks, and some whose door is open.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::site::Site;
use super::wish::{Host, Kind, Status, Wish};
use super::{book, verdict, when};
use crate::failure::{Failure, Result};
use crate::signals;

/// How many of each.
const MANY: usize = 6;
/// A room is looked at a day before its session: so long after it was broken.
const LOOK: SignedDuration = SignedDuration::from_secs(30);
/// Before the fire a room is made at once: it must be there before it is looked at.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);

/// Books them, waits for their rooms, and has somebody break those of tomorrow's.
pub(crate) fn arrive_and_break(
    site: &Site<'_>,
    hosts: &[Host],
    services: &BTreeMap<String, String>,
) -> Result<Vec<Wish>> {
    let soon = when::now() + SignedDuration::from_mins(6);
    let mut wishes = wishes("door", Kind::AtTheDoor, soon, hosts, services)?;
    book(&site.api, services, &mut wishes)?;
    let tomorrow = when::now() + SignedDuration::from_hours(24) + LOOK;
    let mut broken = self::wishes("tomorrow", Kind::Tomorrow, tomorrow, hosts, services)?;
    book(&site.api, services, &mut broken)?;
    for (wish, order) in broken.iter().zip(by_hand().iter().cycle()) {
        site.vendor.by_hand(&room(site, wish)?, order)?;
    }
    wishes.extend(broken);
    Ok(wishes)
}

/// What somebody at the vendor does: rooms deleted, moved, and with other words on their doors.
fn by_hand() -> [Value; 3] {
    [
        json!({"delete": true}),
        json!({"patch": {"start_time": "2032-01-01T10:00:00Z"}}),
        json!({"patch": {"topic": "Do not use"}}),
    ]
}

/// The number of a session's room, as soon as it has one.
fn room(site: &Site<'_>, wish: &Wish) -> Result<String> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let booking = site.api.get(&format!("/v1/bookings/{}", wish.reference))?;
        let number = verdict::digits(&booking["meeting"]["number"]);
        if !number.is_empty() {
            return Ok(number);
        }
        if signals::asked_to_stop() {
            return Err(signals::interrupted());
        }
        thread::sleep(PAUSE);
    }
    Err(Failure::new(format!("{} has no room after {PATIENCE:?}", wish.name)))
}

fn wishes(
    name: &str,
    kind: Kind,
    start: Timestamp,
    hosts: &[Host],
    services: &BTreeMap<String, String>,
) -> Result<Vec<Wish>> {
    let service = services.keys().next().ok_or_else(|| Failure::new("there is no service"))?;
    let start = Timestamp::new(start.as_second(), 0).unwrap_or(start);
    Ok((0..MANY)
        .map(|number| Wish {
            name: format!("{name}-{number}"),
            reference: format!("ext:{name}-{number}"),
            kind,
            service: service.clone(),
            online: true,
            status: Status::Confirmed,
            start,
            end: start + SignedDuration::from_mins(60),
            time_zone: "Europe/Lisbon".to_owned(),
            host: hosts[number % hosts.len()].clone(),
            former_hosts: Vec::new(),
            guest_name: "Inês Prata".to_owned(),
            guest_email: format!("{name}{number}@mail.example"),
            notes: String::new(),
            version: 1,
            was_confirmed: true,
            sent: None,
        })
        .collect())
}
