//! What has taken place: each time that a meeting was held, and who was there from when to when.
//!
//! A meeting's number stays and its instances change: by the number one reads the latest that has
//! ended, by an instance's own id that one. The id may hold slashes and must then be encoded twice;
//! encoded once it reads as a meeting that never was.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::accounts::Plan;
use super::errors::problem;
use super::meetings::{Meeting, Participant, Place};
use super::token::Bearer;
use super::users::page_size;
use crate::clock::{after, seconds};
use crate::message::{Answer, Asked};
use crate::world::World;

/// What is older cannot be read.
const READABLE: SignedDuration = SignedDuration::from_hours(365 * 24);

/// What is older is not even listed.
const LISTED: SignedDuration = SignedDuration::from_hours(456 * 24);

const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// Every time that any meeting was held, in order.
#[derive(Debug, Default)]
pub(crate) struct Past(Vec<Instance>);

/// One time that a meeting was held.
#[derive(Debug)]
struct Instance {
    account: String,
    host_id: String,
    number: i64,
    uuid: String,
    topic: String,
    kind: i64,
    began: Timestamp,
    ended: Option<Timestamp>,
    stays: Vec<Stay>,
}

/// Somebody in the meeting or in its waiting room, without a break.
#[derive(Debug)]
struct Stay {
    /// Of this coming; whoever comes again has another.
    user_id: String,
    name: String,
    email: String,
    /// The user's id, if it is a user of the account who is signed in.
    id: String,
    place: Place,
    from: Timestamp,
    to: Option<Timestamp>,
}

/// A meeting has begun.
pub(crate) fn began(world: &mut World, meeting: &Meeting) {
    let began = world.clock.now();
    world.zoom.past.0.push(Instance {
        account: meeting.account.clone(),
        host_id: meeting.host_id.clone(),
        number: meeting.id,
        uuid: meeting.uuid.clone(),
        topic: meeting.topic.clone(),
        kind: meeting.kind,
        began,
        ended: None,
        stays: Vec::new(),
    });
}

/// Somebody has come in, or from the waiting room into the meeting. Who waits at the door of a
/// meeting that has not begun was never there.
pub(crate) fn came(world: &mut World, meeting: &Meeting, participant: &Participant) {
    let now = world.clock.now();
    let user = world.zoom.account(&meeting.account).and_then(|it| it.user(&participant.email));
    let id = user.map(|user| user.id.clone()).unwrap_or_default();
    let Some(instance) = running(world, meeting.id) else { return };
    instance.close(&participant.id, now);
    if participant.place != Place::AtTheDoor {
        instance.stays.push(Stay {
            user_id: participant.id.clone(),
            name: participant.name.clone(),
            email: participant.email.clone(),
            id,
            place: participant.place,
            from: now,
            to: None,
        });
    }
}

/// Somebody has left.
pub(crate) fn left(world: &mut World, meeting: &Meeting, participant: &Participant) {
    let now = world.clock.now();
    if let Some(instance) = running(world, meeting.id) {
        instance.close(&participant.id, now);
    }
}

/// The meeting is over; whoever is still there leaves with it.
pub(crate) fn ended(world: &mut World, meeting: &Meeting) {
    let now = world.clock.now();
    if let Some(instance) = running(world, meeting.id) {
        instance.ended = Some(now);
        for stay in instance.stays.iter_mut().filter(|stay| stay.to.is_none()) {
            stay.to = Some(now);
        }
    }
}

fn running(world: &mut World, number: i64) -> Option<&mut Instance> {
    let all = world.zoom.past.0.iter_mut().rev();
    all.into_iter().find(|it| it.number == number && it.ended.is_none())
}

impl Instance {
    fn close(&mut self, user_id: &str, now: Timestamp) {
        for stay in self.stays.iter_mut().filter(|it| it.user_id == user_id && it.to.is_none()) {
            stay.to = Some(now);
        }
    }

    /// How many different people were in the meeting.
    fn heads(&self) -> usize {
        let inside = self.stays.iter().filter(|stay| stay.place == Place::Inside);
        inside.map(|stay| (stay.name.as_str(), stay.email.as_str())).collect::<BTreeSet<_>>().len()
    }
}

impl Stay {
    fn seconds(&self) -> i64 {
        self.to.map_or(0, |to| to.as_second() - self.from.as_second())
    }
}

/// `GET /past_meetings/{meetingId}`.
pub(crate) fn get(world: &World, bearer: &Bearer, id: &str) -> Answer {
    let (instance, ended) = match find(world, bearer, id) {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    let host = world.zoom.account(&instance.account).and_then(|it| it.user(&instance.host_id));
    let inside = instance.stays.iter().filter(|stay| stay.place == Place::Inside);
    let together: i64 = inside.map(Stay::seconds).sum();
    let email = host.map(|host| host.email.as_str()).unwrap_or_default();
    Answer::json(
        200,
        &json!({
            "id": instance.number,
            "uuid": instance.uuid,
            "host_id": instance.host_id,
            "topic": instance.topic,
            "type": instance.kind,
            "user_name": email,
            "user_email": email,
            "start_time": seconds(instance.began),
            "end_time": seconds(ended),
            "duration": minutes(ended.as_second() - instance.began.as_second()),
            "total_minutes": minutes(together),
            "participants_count": instance.heads(),
            "dept": "",
            "source": "Zoom",
        }),
    )
}

/// `GET /past_meetings/{meetingId}/instances`.
pub(crate) fn instances(world: &World, bearer: &Bearer, id: &str) -> Answer {
    let Ok(number) = id.parse::<i64>() else { return not_found(id) };
    let now = world.clock.now();
    let held: Vec<Value> = world
        .zoom
        .past
        .0
        .iter()
        .filter(|it| it.number == number && it.account == bearer.account && it.ended.is_some())
        .filter(|it| now < after(it.began, LISTED))
        .map(|it| json!({"uuid": it.uuid, "start_time": seconds(it.began)}))
        .collect();
    if held.is_empty() { not_found(id) } else { Answer::json(200, &json!({"meetings": held})) }
}

/// `GET /past_meetings/{meetingId}/participants`: nobody, if there was only one.
pub(crate) fn participants(world: &World, bearer: &Bearer, id: &str, asked: &Asked) -> Answer {
    let (instance, _) = match find(world, bearer, id) {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    let rows = if instance.heads() < 2 { &[][..] } else { instance.stays.as_slice() };
    page(world, asked, rows, |stay| {
        let mut row = common(stay);
        row["internal_user"] = json!(!stay.id.is_empty());
        row["registrant_id"] = json!("");
        row
    })
}

/// `GET /report/meetings/{meetingId}/participants`: for two and more.
pub(crate) fn report(world: &World, bearer: &Bearer, id: &str, asked: &Asked) -> Answer {
    let (instance, _) = match find(world, bearer, id) {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    if instance.heads() < 2 {
        return problem(404, 3001, &format!("Meeting {id} not found or has expired."));
    }
    let with_registrants = asked.query("include_fields").as_deref() == Some("registrant_id");
    page(world, asked, &instance.stays, |stay| {
        let mut row = common(stay);
        row["participant_user_id"] = json!(stay.id);
        row["bo_mtg_id"] = json!("");
        if with_registrants {
            row["registrant_id"] = json!("");
        }
        row
    })
}

fn common(stay: &Stay) -> Value {
    json!({
        "id": stay.id,
        "user_id": stay.user_id,
        "name": stay.name,
        "user_email": stay.email,
        "join_time": seconds(stay.from),
        "leave_time": stay.to.map(seconds),
        "duration": stay.seconds(),
        "failover": false,
        "status": if stay.place == Place::Inside { "in_meeting" } else { "in_waiting_room" },
    })
}

fn page(world: &World, asked: &Asked, rows: &[Stay], write: impl Fn(&Stay) -> Value) -> Answer {
    let now = world.clock.now();
    let size = page_size(asked);
    let start = match asked.query("next_page_token").filter(|token| !token.is_empty()) {
        None => 0,
        Some(token) => match place_of(&token, now) {
            Some(start) => start,
            None => return problem(400, 300, "The next page token is invalid or expired."),
        },
    };
    let shown: Vec<Value> = rows.iter().skip(start).take(size).map(write).collect();
    let end = start + shown.len();
    let next = if end < rows.len() {
        format!("{end}-{}", after(now, TOKEN_LIFETIME).as_second())
    } else {
        String::new()
    };
    Answer::json(
        200,
        &json!({
            "page_count": rows.len().div_ceil(size),
            "page_size": size,
            "total_records": rows.len(),
            "next_page_token": next,
            "participants": shown,
        }),
    )
}

/// A list's token is its place in the list, and until when it is good.
fn place_of(token: &str, now: Timestamp) -> Option<usize> {
    let (place, until) = token.split_once('-')?;
    let until: i64 = until.parse().ok()?;
    (now.as_second() < until).then(|| place.parse().ok())?
}

/// The instance that a path names, if it has ended and may be read.
fn find<'a>(
    world: &'a World,
    bearer: &Bearer,
    id: &str,
) -> Result<(&'a Instance, Timestamp), Answer> {
    let account = world.zoom.account(&bearer.account).ok_or_else(|| not_found(id))?;
    if account.plan == Plan::Free {
        let words = format!("Only available for paid account: {}.", account.id);
        return Err(problem(400, 200, &words));
    }
    let mut own = world.zoom.past.0.iter().rev().filter(|it| it.account == account.id);
    let found = match id.parse::<i64>() {
        Ok(number) => own.find(|it| it.number == number && it.ended.is_some()),
        Err(_) => uuid(id).and_then(|uuid| own.find(|it| it.uuid == uuid)),
    };
    let instance = found.ok_or_else(|| not_found(id))?;
    let ended =
        instance.ended.ok_or_else(|| problem(400, 300, "Cannot access meeting information."))?;
    if world.clock.now() >= after(instance.began, READABLE) {
        return Err(problem(400, 12702, "Can not access a meeting a year ago."));
    }
    Ok((instance, ended))
}

/// Who was in an instance of a meeting, and when they came.
pub(crate) fn inside(world: &World, uuid: &str) -> Vec<(String, Timestamp)> {
    let found = world.zoom.past.0.iter().rev().find(|it| it.uuid == uuid);
    let stays = found.map_or(&[][..], |it| it.stays.as_slice()).iter();
    stays.filter(|it| it.place == Place::Inside).map(|it| (it.name.clone(), it.from)).collect()
}

/// An instance's id from a part of a path that has been decoded once.
pub(crate) fn uuid(part: &str) -> Option<String> {
    if part.contains('%') {
        return percent_decode_str(part).decode_utf8().ok().map(|it| it.into_owned());
    }
    let needs_two = part.starts_with('/') || part.contains("//");
    (!needs_two).then(|| part.to_owned())
}

fn not_found(id: &str) -> Answer {
    problem(404, 3001, &format!("Meeting does not exist: {id}."))
}

/// Begun minutes count.
fn minutes(seconds: i64) -> i64 {
    (seconds + 59).div_euclid(60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_with_slashes_is_encoded_twice() {
        for (part, id) in [
            ("aDYlohsHRtCd4ii1uC2+hA==", Some("aDYlohsHRtCd4ii1uC2+hA==")),
            ("a/b==", Some("a/b==")),
            ("%2FajXp112QmuoKj4854875%3D%3D", Some("/ajXp112QmuoKj4854875==")),
            ("a%2F%2Fb%3D%3D", Some("a//b==")),
            ("/ajXp112QmuoKj4854875==", None),
            ("a//b==", None),
        ] {
            assert_eq!(uuid(part).as_deref(), id, "{part}");
        }
    }

    #[test]
    fn a_token_is_good_for_a_while() {
        let now: Timestamp = "2026-12-01T15:00:00Z".parse().unwrap();
        let until = now.as_second() + 1;
        assert_eq!(place_of(&format!("30-{until}"), now), Some(30));
        assert_eq!(place_of(&format!("30-{}", now.as_second()), now), None);
        assert_eq!(place_of("soon", now), None);
    }
}
