//! Sessions that are near: some of which somebody breaks, and some whose door is open.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::site::Site;
use super::verdict;
use super::when;
use super::wish::{Host, Kind, Status, Wish};
use crate::failure::{Failure, Result};

/// How many of each.
const MANY: usize = 6;
/// A room is looked at a day before its session: so long after it was broken.
const LOOK: SignedDuration = SignedDuration::from_secs(30);

/// Sessions a day ahead. Their rooms are looked at in a moment.
pub(crate) fn tomorrow(hosts: &[Host], services: &BTreeMap<String, String>) -> Result<Vec<Wish>> {
    let start = when::now() + SignedDuration::from_hours(24) + LOOK;
    wishes("tomorrow", Kind::Tomorrow, start, hosts, services)
}

/// Sessions that begin in a few minutes.
pub(crate) fn at_the_door(
    hosts: &[Host],
    services: &BTreeMap<String, String>,
) -> Result<Vec<Wish>> {
    wishes("door", Kind::AtTheDoor, when::now() + SignedDuration::from_mins(6), hosts, services)
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

/// Somebody at the vendor deletes rooms, moves them and writes other words on their doors.
pub(crate) fn break_rooms(site: &Site<'_>, wishes: &[Wish]) -> Result {
    let by_hand = [
        json!({"delete": true}),
        json!({"patch": {"start_time": "2032-01-01T10:00:00Z"}}),
        json!({"patch": {"topic": "Do not use"}}),
    ];
    let broken = wishes.iter().filter(|wish| wish.kind == Kind::Tomorrow);
    for (wish, order) in broken.zip(by_hand.iter().cycle()) {
        let booking = site.api.get(&format!("/v1/bookings/{}", wish.reference))?;
        site.vendor.by_hand(&verdict::digits(&booking["meeting"]["number"]), order)?;
    }
    Ok(())
}
