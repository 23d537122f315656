//! Exactly one room for each confirmed online booking, as it should be, and none for anybody else.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::when;
use super::super::wish::{Status, Wish};
use super::{Found, Wrong};

pub(super) fn judge(wishes: &[Wish], found: &Found) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for (place, wish) in wishes.iter().enumerate() {
        let booking = found.booking(place);
        if booking.is_null() {
            wrong.push(Wrong::of(wish, "the booking is not there"));
            continue;
        }
        for (member, is, should) in asked(wish, booking) {
            if is != should {
                wrong.push(Wrong::of(wish, format!("{member} is {is}, should be {should}")));
            }
        }
        let number = digits(&booking["meeting"]["number"]);
        if !wish.wants_room() {
            if !number.is_empty() {
                wrong.push(Wrong::of(wish, format!("has the room {number} and should have none")));
            }
            continue;
        }
        if let Some(other) = owners.insert(number.clone(), &wish.name) {
            wrong.push(Wrong::of(wish, format!("shares the room {number} with {other}")));
        }
        match found.meetings.get(&number) {
            None => wrong.push(Wrong::of(wish, format!("the vendor has no meeting {number}"))),
            Some(meeting) => wrong.extend(room(wish, meeting)),
        }
    }
    for (number, meeting) in &found.meetings {
        if !owners.contains_key(number) {
            wrong.push(Wrong::somewhere(format!(
                "the meeting {number} of {} at {}, made at {}, belongs to nobody: {}",
                meeting["host_email"],
                meeting["start_time"],
                meeting["created_at"],
                meeting["agenda"]
            )));
        }
    }
    for stranger in &found.strangers {
        wrong.push(Wrong::somewhere(format!("nobody asked for the booking {}", stranger["id"])));
    }
    wrong.extend(at_rest(&found.status));
    wrong
}

/// What the API says of a booking, beside what was asked.
fn asked(wish: &Wish, booking: &Value) -> Vec<(&'static str, String, String)> {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let at = |value: &Value| when::read(value).map(when::written).unwrap_or_default();
    let meeting = &booking["meeting"];
    let (status, room) = match (wish.status, wish.online) {
        (Status::Confirmed, true) => ("confirmed", "active"),
        (Status::Pending, true) => ("pending", "pending"),
        (Status::Cancelled, true) => ("cancelled", "cancelled"),
        (Status::Confirmed, false) => ("confirmed", "not_needed"),
        (Status::Pending, false) => ("pending", "not_needed"),
        (Status::Cancelled, false) => ("cancelled", "not_needed"),
    };
    vec![
        ("the status", plain(&booking["status"]), status.to_owned()),
        ("the start", at(&booking["start"]), when::written(wish.start)),
        ("the end", at(&booking["end"]), when::written(wish.end)),
        ("the host", plain(&booking["host"]), wish.host.id.clone()),
        ("the title", plain(&booking["title"]), wish.topic()),
        ("the version", plain(&booking["version"]), wish.version.to_string()),
        ("the meeting", plain(&meeting["status"]), room.to_owned()),
        ("`settled`", plain(&meeting["settled"]), "true".to_owned()),
        ("the meeting's reason", plain(&meeting["reason"]), "null".to_owned()),
        ("what is left over", meeting["leftovers"].to_string(), "[]".to_owned()),
    ]
}

/// What the vendor says of a room, beside what was asked.
fn room(wish: &Wish, meeting: &Value) -> Vec<Wrong> {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let start = when::read(&meeting["start_time"]).map(when::written).unwrap_or_default();
    let agenda = plain(&meeting["agenda"]);
    [
        ("the start", start, when::written(wish.start)),
        ("the length", plain(&meeting["duration"]), wish.minutes().to_string()),
        ("the topic", plain(&meeting["topic"]), wish.topic()),
        ("the host", plain(&meeting["host_email"]), wish.host.email.clone()),
        ("our marker in the agenda", agenda.contains("Roomkey").to_string(), "true".to_owned()),
    ]
    .into_iter()
    .filter(|(_, is, should)| is != should)
    .map(|(member, is, should)| {
        Wrong::of(wish, format!("at the vendor {member} is {is}, should be {should}"))
    })
    .collect()
}

/// Nobody is at work, nothing waits to be done now, and nothing is taken again and again.
fn at_rest(status: &Value) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for lane in status["backlog"].as_array().into_iter().flatten() {
        wrong.push(Wrong::somewhere(format!("{} is ready in {}", lane["ready"], lane["lane"])));
    }
    for (member, words) in [("under_way", "claimed"), ("looping", "taken again and again")] {
        if status[member] != 0 {
            wrong.push(Wrong::somewhere(format!("{} pieces of work are {words}", status[member])));
        }
    }
    wrong
}

/// `812 3456 7890` as the vendor keeps it.
pub(crate) fn digits(number: &Value) -> String {
    number.as_str().unwrap_or_default().chars().filter(char::is_ascii_digit).collect()
}
