//! The pages behind Zoom's links: one door for guests, one for whoever holds a start link.

use serde_json::Value;

use super::meetings::{self, Meeting, Participant, Place, Status};
use super::view::{Key, key, spaced};
use super::{events, past, recordings};
use crate::clock::for_people;
use crate::message::{Answer, Asked};
use crate::pages::{self, Person, Room, Said};
use crate::world::World;

/// Everything below `/rooms/zoom`.
pub(crate) fn answer(world: &mut World, asked: &Asked) -> Answer {
    let segments = asked.segments();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    if let ["rooms", "zoom", kind @ ("share" | "play"), id] = parts.as_slice() {
        return match recordings::page(world, kind, id) {
            Some((title, text)) => said(200, &title, &text),
            None => said(404, "There is no such recording", "It has been deleted, or never was."),
        };
    }
    let (door, id) = match parts.as_slice() {
        ["rooms", "zoom", door @ ("j" | "s"), id] => (*door, id.parse::<i64>().ok()),
        _ => {
            return said(404, "There is no such room", "The address is not one of this sandbox's.");
        }
    };
    let now = world.clock.now();
    let Some(id) = id.filter(|id| {
        let meeting = world.zoom.meetings.get(id);
        meeting.is_some_and(|meeting| meeting.exists(now))
    }) else {
        return said(
            404,
            "Invalid meeting ID",
            "This meeting has been deleted, has expired or never was (3,001).",
        );
    };
    match (asked.method.as_str(), door) {
        ("GET", "j") => guest_page(world, asked, id),
        ("POST", "j") => guest_does(world, asked, id),
        ("GET", "s") => host_page(world, asked, id),
        ("POST", "s") => host_does(world, asked, id),
        _ => said(405, "This cannot be done here", "Use the buttons of the page."),
    }
}

fn said(status: u16, title: &str, text: &str) -> Answer {
    pages::said(status, &Said { title, text, vendor: "Zoom" })
}

fn parameter(asked: &Asked, name: &str) -> Option<String> {
    asked.query(name).or_else(|| asked.field(name)).filter(|value| !value.is_empty())
}

/// Whether this guest may come to the door: with the link's hash or with the passcode itself.
fn knows_passcode(meeting: &Meeting, asked: &Asked) -> bool {
    meeting.password.is_empty()
        || parameter(asked, "pwd").as_deref() == Some(meeting.password_hash.as_str())
        || parameter(asked, "passcode").as_deref() == Some(meeting.password.as_str())
}

fn guest_page(world: &World, asked: &Asked, id: i64) -> Answer {
    let Some(meeting) = world.zoom.meetings.get(&id) else {
        return said(404, "Invalid meeting ID", "");
    };
    let mut page = room(world, meeting, false);
    page.asks_passcode = !knows_passcode(meeting, asked);
    page.passcode_was_wrong = page.asks_passcode
        && (parameter(asked, "passcode").is_some() || parameter(asked, "pwd").is_some());
    page.pwd = meeting.password_hash.clone();
    if !page.asks_passcode
        && let Some(me) = parameter(asked, "me")
    {
        let found = meeting.participants.iter().find(|person| person.id == me);
        page.me = me;
        page.my_place = found.map_or("gone", |person| person.place.word());
    }
    pages::room(200, &page)
}

fn guest_does(world: &mut World, asked: &Asked, id: i64) -> Answer {
    let Some(meeting) = world.zoom.meetings.get(&id).cloned() else {
        return said(404, "Invalid meeting ID", "");
    };
    if !knows_passcode(&meeting, asked) {
        return said(403, "Wrong passcode", "Ask the host for the right one.");
    }
    let back = |me: &str| {
        let pwd = if meeting.password.is_empty() {
            String::new()
        } else {
            format!("pwd={}&", meeting.password_hash)
        };
        Answer::see_other(format!("/rooms/zoom/j/{id}?{pwd}me={me}"))
    };
    if asked.field("action").as_deref() == Some("leave") {
        let me = asked.field("me").unwrap_or_default();
        leave(world, id, &me);
        return back(&me);
    }
    let name = asked.field("name").unwrap_or_else(|| "Guest".to_owned());
    let email = asked.field("email").unwrap_or_default();
    let mut place = Place::AtTheDoor;
    if meeting.status == Status::Started {
        place = if meeting.has("waiting_room") { Place::WaitingRoom } else { Place::Inside };
    } else if meeting.has("join_before_host") {
        if let Some(refusal) = busy(world, &meeting) {
            return refusal;
        }
        meetings::start(world, id);
        place = Place::Inside;
    }
    let me = enter(world, id, name, email, false, place);
    back(&me)
}

fn host_page(world: &World, asked: &Asked, id: i64) -> Answer {
    if let Some(refusal) = refuse_key(world, asked, id) {
        return refusal;
    }
    let Some(meeting) = world.zoom.meetings.get(&id) else {
        return said(404, "Invalid meeting ID", "");
    };
    let mut page = room(world, meeting, true);
    page.zak = parameter(asked, "zak").unwrap_or_default();
    pages::room(200, &page)
}

fn host_does(world: &mut World, asked: &Asked, id: i64) -> Answer {
    if let Some(refusal) = refuse_key(world, asked, id) {
        return refusal;
    }
    let Some(meeting) = world.zoom.meetings.get(&id).cloned() else {
        return said(404, "Invalid meeting ID", "");
    };
    match asked.field("action").as_deref() {
        Some("end") => meetings::end(world, id),
        Some("admit") => admit(world, id, asked.field("who").as_deref()),
        Some("leave") => {
            let host = meeting.participants.iter().find(|person| person.is_host);
            if let Some(host) = host {
                leave(world, id, &host.id);
            }
        }
        _ => {
            if let Some(refusal) = busy(world, &meeting) {
                return refusal;
            }
            meetings::start(world, id);
            if !meeting.participants.iter().any(|person| person.is_host) {
                let host = world.zoom.host_of(&meeting).map(|host| host.email.clone());
                let email = host.unwrap_or_default();
                enter(world, id, email.clone(), email, true, Place::Inside);
            }
            let next = if meeting.has("waiting_room") { Place::WaitingRoom } else { Place::Inside };
            move_on(world, id, Place::AtTheDoor, next, None);
        }
    }
    let zak = parameter(asked, "zak").unwrap_or_default();
    Answer::see_other(format!("/rooms/zoom/s/{id}?zak={zak}"))
}

fn refuse_key(world: &World, asked: &Asked, id: i64) -> Option<Answer> {
    let zak = parameter(asked, "zak").unwrap_or_default();
    match key(world, id, &zak) {
        Key::Good => None,
        Key::Expired => Some(said(
            410,
            "This start link has expired",
            "A start link works for two hours. Fetch a fresh one, or sign in to Zoom and start the meeting there.",
        )),
        Key::Unknown => Some(said(
            403,
            "Sign in to start",
            "This link does not make you the host of this meeting.",
        )),
    }
}

/// A host runs one meeting at a time, or as many as the account allows.
fn busy(world: &World, meeting: &Meeting) -> Option<Answer> {
    let account = world.zoom.account(&meeting.account)?;
    let allowed = account.runs_at_a_time(account.user(&meeting.host_id)?);
    let running = meetings::running(&world.zoom, &meeting.host_id, meeting.id);
    (running >= allowed).then(|| {
        said(
            409,
            "The host has another meeting in progress",
            "This account may run only so many meetings at a time. End the other one first.",
        )
    })
}

fn enter(
    world: &mut World,
    id: i64,
    name: String,
    email: String,
    is_host: bool,
    place: Place,
) -> String {
    let participant = Participant {
        id: world.chance.digits(8),
        name,
        email,
        is_host,
        place,
        since: world.clock.now(),
    };
    let me = participant.id.clone();
    if let Some(meeting) = world.zoom.meetings.get_mut(&id) {
        meeting.participants.push(participant.clone());
        let meeting = meeting.clone();
        past::came(world, &meeting, &participant);
        if place == Place::Inside {
            events::joined(world, &meeting, &participant);
        } else {
            events::waits(world, &meeting, &participant);
        }
    }
    me
}

fn leave(world: &mut World, id: i64, who: &str) {
    let Some(meeting) = world.zoom.meetings.get_mut(&id) else {
        return;
    };
    let Some(at) = meeting.participants.iter().position(|person| person.id == who) else {
        return;
    };
    let person = meeting.participants.remove(at);
    let meeting = meeting.clone();
    past::left(world, &meeting, &person);
    if person.place != Place::Inside {
        return;
    }
    events::left(world, &meeting, &person);
    let nobody_left = !meeting.participants.iter().any(|person| person.place == Place::Inside);
    if nobody_left {
        meetings::end(world, id);
    }
}

fn admit(world: &mut World, id: i64, who: Option<&str>) {
    move_on(world, id, Place::WaitingRoom, Place::Inside, who);
}

fn move_on(world: &mut World, id: i64, from: Place, to: Place, who: Option<&str>) {
    let now = world.clock.now();
    let Some(meeting) = world.zoom.meetings.get_mut(&id) else {
        return;
    };
    let mut moved = Vec::new();
    for person in &mut meeting.participants {
        if person.place == from && who.is_none_or(|who| who == person.id) {
            person.place = to;
            person.since = now;
            moved.push(person.clone());
        }
    }
    let meeting = meeting.clone();
    for person in &moved {
        past::came(world, &meeting, person);
        if to == Place::Inside {
            if from == Place::WaitingRoom {
                events::admitted(world, &meeting, person);
            }
            events::joined(world, &meeting, person);
        } else {
            events::waits(world, &meeting, person);
        }
    }
}

fn room(world: &World, meeting: &Meeting, is_host: bool) -> Room {
    let people = meeting
        .participants
        .iter()
        .map(|person| Person {
            id: person.id.clone(),
            name: person.name.clone(),
            place: person.place.word(),
            is_host: person.is_host,
        })
        .collect();
    let settings =
        |name: &str| meeting.settings.get(name).and_then(Value::as_bool).unwrap_or(false);
    Room {
        id: meeting.id,
        number: spaced(meeting.id),
        topic: meeting.topic.clone(),
        host: world.zoom.host_of(meeting).map(|host| host.email.clone()).unwrap_or_default(),
        when: meeting.start_time.map(for_people).unwrap_or_default(),
        minutes: meeting.duration,
        is_host,
        started: meeting.status == Status::Started,
        waiting_room: settings("waiting_room"),
        join_before_host: settings("join_before_host"),
        people,
        asks_passcode: false,
        passcode_was_wrong: false,
        pwd: String::new(),
        zak: String::new(),
        me: String::new(),
        my_place: "",
    }
}
