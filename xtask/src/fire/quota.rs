//! The vendor's quota: so many creates and updates a day for each host. What is asked above it waits,
//! and nothing is lost.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::{Value, json};

use super::site::Site;
use super::when;
use super::wish::{Host, Kind, Status, Wish};
use super::{book, verdict};
use crate::failure::{Failure, Result};
use crate::signals;

/// What Zoom allows a host a day.
const LIMIT: usize = 100;
/// Sessions of one host, each of which is made and then moved.
const SESSIONS: usize = 60;
/// Of them, so many are cancelled in the end: that costs nothing.
const CANCELLED: usize = 10;
/// Nothing changes for so long: all that may be done is done.
const QUIET: Duration = Duration::from_secs(8);
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(200);

/// Spends a host's day, with engines killed meanwhile, and looks at what became of it.
pub(crate) fn spend(site: &mut Site<'_>) -> Result {
    if day_ends_soon(when::now()) {
        println!("  quota: not looked at, for at midnight UTC it begins anew");
        return Ok(());
    }
    site.restart_with(&[("ROOMKEY_BUDGETS", "on")])?;
    let person = ("Busy Host", "busy@host.example", "UTC");
    let people = [(person.0.to_owned(), person.1.to_owned(), person.2.to_owned())];
    site.license(&people)?;
    let hosts = site.hosts(&people)?;
    let host = hosts.first().ok_or_else(|| Failure::new("the busy host was not made"))?;
    let lesson = BTreeMap::from([("Busy lesson".to_owned(), ("online".to_owned(), 30))]);
    let services = site.services(&lesson)?;
    site.vendor.fault(&json!({"match": "* /zoom/v2/*", "fault": "quota"}))?;
    let from = site.vendor.counts()?.calls;

    let mut wishes = wishes(host);
    book(&site.api, &services, &mut wishes)?;
    rest(site, from)?;
    for (number, wish) in wishes.iter_mut().enumerate() {
        (wish.start, wish.end) = (wish.start + 1.hour(), wish.end + 1.hour());
        let body = json!({"start": when::written(wish.start), "end": when::written(wish.end)});
        let path = format!("/v1/bookings/{}/reschedule", wish.reference);
        site.api.post(&path, &format!("busy-{number}"), &body)?;
        if number % 20 == 10 {
            for engine in 0..site.engines.len() {
                site.engines.kill(engine)?;
                site.engines.light(engine)?;
            }
            site.engines.wait_until_ready()?;
        }
    }
    rest(site, from)?;
    let used = Used::since(site, from)?;
    let (moved, waiting) = judge(site, &wishes)?;
    println!(
        "  quota: {SESSIONS} sessions of one host made and moved: {} changes accepted, {} asked for, of {LIMIT} a day; {moved} moved, {waiting} wait for tomorrow",
        used.accepted, used.received
    );
    used.check()?;
    for wish in wishes.iter_mut().take(CANCELLED) {
        let path = format!("/v1/bookings/{}/cancel", wish.reference);
        site.api.post(&path, &format!("{}-off", wish.name), &json!({}))?;
        wish.status = Status::Cancelled;
    }
    rest(site, from)?;
    judge(site, &wishes)?;
    Used::since(site, from)?.check()?;
    site.vendor.no_faults()
}

/// Creates and updates, as the vendor counts them.
struct Used {
    accepted: usize,
    received: usize,
}

impl Used {
    fn since(site: &Site<'_>, from: u64) -> Result<Self> {
        let counts = |call: &&Value| {
            let path = call["path"].as_str().unwrap_or_default();
            match call["method"].as_str() {
                Some("POST") => path.ends_with("/meetings"),
                Some("PATCH") => path.starts_with("/zoom/v2/meetings/"),
                _ => false,
            }
        };
        let calls = site.vendor.calls_since(from)?;
        let calls: Vec<&Value> = calls.iter().filter(counts).collect();
        let accepted = |call: &&&Value| call["status"].as_u64().is_some_and(|it| it < 300);
        Ok(Self { accepted: calls.iter().filter(accepted).count(), received: calls.len() })
    }

    fn check(&self) -> Result {
        if self.accepted > LIMIT {
            return Err(Failure::new(format!("{} changes were accepted", self.accepted)));
        }
        if self.received > LIMIT {
            let many = self.received;
            return Err(Failure::new(format!(
                "{many} changes were asked for, which the vendor allows {LIMIT} times a day"
            )));
        }
        Ok(())
    }
}

/// Waits until nothing is called any more.
fn rest(site: &Site<'_>, from: u64) -> Result {
    let begun = Instant::now();
    let (mut last, mut since) = (from, Instant::now());
    while since.elapsed() < QUIET {
        let calls = site.vendor.counts()?.calls;
        if calls != last {
            (last, since) = (calls, Instant::now());
        }
        if signals::asked_to_stop() {
            return Err(signals::interrupted());
        }
        if begun.elapsed() > PATIENCE {
            return Err(Failure::new(format!("the vendor is still called after {PATIENCE:?}")));
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// Each session has its one room and shows it; one whose room is not where it was moved to is not
/// called settled.
fn judge(site: &Site<'_>, wishes: &[Wish]) -> Result<(usize, usize)> {
    let mut meetings: BTreeMap<String, Value> = site
        .vendor
        .meetings()?
        .into_iter()
        .filter(|meeting| meeting["host_email"].as_str() == Some(&wishes[0].host.email))
        .map(|meeting| (meeting["id"].to_string(), meeting))
        .collect();
    let (mut moved, mut waiting) = (0, 0);
    for wish in wishes {
        let booking = site.api.get(&format!("/v1/bookings/{}", wish.reference))?;
        let meeting = &booking["meeting"];
        let room = meetings.remove(&verdict::digits(&meeting["number"]));
        match (wish.status, room) {
            (Status::Cancelled, None) => {}
            (Status::Confirmed, Some(room)) if meeting["status"] == "active" => {
                let there = when::read(&room["start_time"]) == Some(wish.start);
                // The other way round is true too: an answer may have been lost in a kill.
                if meeting["settled"] == true && !there {
                    let words = format!("{}: is told to be settled wrongly: {meeting}", wish.name);
                    return Err(Failure::new(words));
                }
                if there { moved += 1 } else { waiting += 1 }
            }
            (_, room) => {
                let words = format!("{}: {meeting}, and the vendor has {room:?}", wish.name);
                return Err(Failure::new(words));
            }
        }
    }
    if let Some((number, meeting)) = meetings.pop_first() {
        return Err(Failure::new(format!("the meeting {number} is nobody's: {meeting}")));
    }
    Ok((moved, waiting))
}

fn wishes(host: &Host) -> Vec<Wish> {
    let begin = Timestamp::from_second(1_990_000_800).unwrap_or(Timestamp::UNIX_EPOCH);
    (0..SESSIONS)
        .map(|number| {
            let days = i64::try_from(number).unwrap_or(0);
            let start = begin + SignedDuration::from_hours(24 * days);
            Wish {
                name: format!("busy-{number}"),
                reference: format!("ext:busy-{number}"),
                kind: Kind::Far,
                service: "Busy lesson".to_owned(),
                online: true,
                status: Status::Confirmed,
                start,
                end: start + SignedDuration::from_mins(30),
                time_zone: "UTC".to_owned(),
                host: host.clone(),
                former_hosts: Vec::new(),
                guest_name: "Ana Sousa".to_owned(),
                guest_email: format!("busy{number}@mail.example"),
                notes: String::new(),
                version: 1,
                was_confirmed: true,
                sent: None,
            }
        })
        .collect()
}

fn day_ends_soon(now: Timestamp) -> bool {
    let soon = now + SignedDuration::from_mins(10);
    now.to_zoned(TimeZone::UTC).date() != soon.to_zoned(TimeZone::UTC).date()
}
