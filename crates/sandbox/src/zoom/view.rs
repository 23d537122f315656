//! How a meeting is written in answers, and the links to its two doors.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::meetings::Meeting;
use crate::clock::{after, for_people, seconds};
use crate::world::World;

/// How long a start link works.
const ZAK_LIFETIME: SignedDuration = SignedDuration::from_hours(2);

/// From how many start links on the dead ones are cleared away.
const ZAKS_KEPT: usize = 1_024;

/// What makes whoever holds it the host of one meeting.
#[derive(Debug, Clone)]
struct Zak {
    meeting: i64,
    expires_at: Timestamp,
}

/// Every start link's secret that is out.
#[derive(Debug, Default)]
pub(crate) struct Zaks {
    all: BTreeMap<String, Zak>,
    latest: BTreeMap<i64, String>,
    clear_at: usize,
}

/// Whether a view has a start link of its own. Answers of the interface do; pages and the state, which
/// show everything at once, make do with the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StartLink {
    Fresh,
    Last,
}

/// The meeting in full.
pub(crate) fn meeting(world: &mut World, id: i64, link: StartLink) -> Option<Value> {
    let start_url = start_url(world, id, link)?;
    let meeting = world.zoom.meetings.get(&id)?;
    let host = world.zoom.host_of(meeting)?;
    let hides_passcodes =
        world.zoom.account(&meeting.account).is_some_and(|account| account.hides_passcodes);
    let mut body = json!({
        "uuid": meeting.uuid,
        "id": meeting.id,
        "host_id": meeting.host_id,
        "host_email": host.email,
        "assistant_id": "",
        "topic": meeting.topic,
        "type": meeting.kind,
        "status": meeting.status.word(),
        "duration": meeting.duration,
        "timezone": meeting.timezone,
        "agenda": meeting.agenda,
        "created_at": seconds(meeting.created_at),
        "start_url": start_url,
        "join_url": join_url(world, meeting),
        "settings": meeting.settings,
        "creation_source": meeting.source,
        "pre_schedule": meeting.pre_schedule,
        "tracking_fields": meeting.tracking_fields,
    });
    if let Some(start) = meeting.start_time {
        body["start_time"] = json!(seconds(start));
    }
    if let Some(recurrence) = &meeting.recurrence {
        body["recurrence"] = recurrence.clone();
    }
    if meeting.has("use_pmi") {
        body["pmi"] = json!(host.pmi.to_string());
    }
    if meeting.password.is_empty() {
        body["password"] = json!("");
    } else if !hides_passcodes {
        let by_phone = by_phone(&meeting.password);
        body["password"] = json!(meeting.password);
        body["h323_password"] = json!(by_phone);
        body["pstn_password"] = json!(by_phone);
        body["encrypted_password"] = json!(meeting.password_hash);
    }
    Some(body)
}

/// What guests are given.
pub(crate) fn join_url(world: &World, meeting: &Meeting) -> String {
    let link = world.link(&format!("/rooms/zoom/j/{}", meeting.id));
    if meeting.password.is_empty() { link } else { format!("{link}?pwd={}", meeting.password_hash) }
}

/// What makes one the host: new each time, good for two hours.
pub(crate) fn start_url(world: &mut World, id: i64, link: StartLink) -> Option<String> {
    world.zoom.meetings.get(&id)?;
    let now = world.clock.now();
    let zaks = &world.zoom.zaks;
    let last = zaks.latest.get(&id);
    let good = last.filter(|last| zaks.all.get(*last).is_some_and(|zak| now < zak.expires_at));
    if let (Some(last), StartLink::Last) = (good, link) {
        return Some(world.link(&format!("/rooms/zoom/s/{id}?zak={last}")));
    }
    let zaks = &mut world.zoom.zaks;
    if zaks.all.len() >= zaks.clear_at.max(ZAKS_KEPT) {
        // One that has run out is remembered for a while, so that its page can say so.
        zaks.all.retain(|_, zak| now < after(zak.expires_at, ZAK_LIFETIME));
        zaks.clear_at = zaks.all.len() * 2;
    }
    let zak = world.chance.token();
    let entry = Zak { meeting: id, expires_at: after(now, ZAK_LIFETIME) };
    zaks.all.insert(zak.clone(), entry);
    zaks.latest.insert(id, zak.clone());
    Some(world.link(&format!("/rooms/zoom/s/{id}?zak={zak}")))
}

/// What a start link is worth.
pub(crate) enum Key {
    Good,
    Expired,
    Unknown,
}

pub(crate) fn key(world: &World, id: i64, zak: &str) -> Key {
    match world.zoom.zaks.all.get(zak).filter(|zak| zak.meeting == id) {
        Some(zak) if world.clock.now() < zak.expires_at => Key::Good,
        Some(_) => Key::Expired,
        None => Key::Unknown,
    }
}

/// The text that Zoom would paste into a mail.
pub(crate) fn invitation(world: &World, meeting: &Meeting) -> String {
    let host = world.zoom.host_of(meeting).map_or("Somebody", |host| host.email.as_str());
    let when = meeting.start_time.map_or_else(|| "Any time".to_owned(), for_people);
    let passcode = if meeting.password.is_empty() {
        String::new()
    } else {
        format!("Passcode: {}\r\n", meeting.password)
    };
    format!(
        "{host} has set up a meeting.\r\n\r\nTopic: {}\r\nTime: {when}\r\n\r\nJoin from here:\r\n{}\r\n\r\n\
         Meeting ID: {}\r\n{passcode}\r\nBy telephone: +351 000 000 000\r\n",
        meeting.topic,
        join_url(world, meeting),
        spaced(meeting.id),
    )
}

/// `812 3456 7890`.
pub(crate) fn spaced(id: i64) -> String {
    let digits = id.to_string();
    match (digits.get(..3), digits.get(3..7), digits.get(7..)) {
        (Some(a), Some(b), Some(c)) => format!("{a} {b} {c}"),
        _ => digits,
    }
}

/// Digits for keypads, made of the passcode.
fn by_phone(password: &str) -> String {
    if password.bytes().all(|byte| byte.is_ascii_digit()) {
        return password.to_owned();
    }
    let sum = password.bytes().fold(7_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 1_000_000);
    format!("{sum:06}")
}
