//! Meetings as Zoom writes them. Answers are read leniently: only the number and the guests' link
//! are needed, and everything else may be missing, new or of another type.

use roomkey_core::Instant;
use roomkey_core::room::{Seen, Spec};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};
use url::Url;

use crate::contract::{Call, VendorRoom};
use crate::dial_in::Sip;
use crate::http::is_allowed;

use super::{agenda, dial_in, hosts, settings};

/// Zoom refuses longer topics.
const LONGEST_TOPIC: usize = 200;

/// The end of a topic that had to be cut.
const CUT: char = '…';

/// A meeting that happens at one time.
const SCHEDULED: i64 = 2;

/// A user's personal room, which all of that user's sessions would share.
const PERSONAL: i64 = 4;

/// A meeting, as an answer has it.
#[derive(Debug, Clone)]
pub(super) struct Meeting {
    pub(super) id: String,
    join_url: SecretString,
    pub(super) start_url: Option<SecretString>,
    passcode: Option<SecretString>,
    phone_passcode: Option<SecretString>,
    sip: Option<Sip>,
    has_passcode: Option<bool>,
    uuid: Option<String>,
    owner: Option<String>,
    pub(super) agenda: Option<String>,
    pub(super) created_at: Option<Instant>,
    topic: Option<String>,
    start: Option<Instant>,
    minutes: Option<u32>,
    time_zone: Option<String>,
    settings: Map<String, Value>,
    occupied: Option<bool>,
    /// It is, or has been made, a user's personal room: not ours to touch.
    pub(super) is_personal: bool,
}

/// Reads a meeting; nothing, if there is no number or no link that people can be sent to.
pub(super) fn read(answer: &Value) -> Option<Meeting> {
    let text = |name: &str| {
        answer.get(name).and_then(Value::as_str).filter(|it| !it.is_empty()).map(str::to_owned)
    };
    let time = |name: &str| text(name).and_then(|it| it.parse::<Instant>().ok());
    let settings = answer.get("settings").and_then(Value::as_object).cloned().unwrap_or_default();
    let join_url = text("join_url").filter(|it| is_door(it))?;
    let id = id(answer)?;
    Some(Meeting {
        has_passcode: has_passcode(answer, &join_url),
        join_url: join_url.into(),
        start_url: text("start_url").filter(|it| is_door(it)).map(Into::into),
        passcode: text("password").map(Into::into),
        phone_passcode: dial_in::phone_passcode(answer),
        sip: dial_in::sip(answer, &id, &settings),
        uuid: text("uuid"),
        owner: text("host_email"),
        agenda: answer.get("agenda").and_then(Value::as_str).map(str::to_owned),
        created_at: time("created_at"),
        topic: text("topic"),
        start: time("start_time"),
        minutes: answer.get("duration").and_then(Value::as_u64).and_then(|it| it.try_into().ok()),
        time_zone: text("timezone"),
        occupied: answer.get("status").and_then(Value::as_str).map(|it| it == "started"),
        is_personal: is_personal(answer, &settings),
        settings,
        id,
    })
}

/// A passcode in whatever form, or an address that carries one, shows that there is one. Some accounts
/// keep passcodes out of their answers, so that only one that is shown to be empty shows that there
/// is none.
fn has_passcode(answer: &Value, join_url: &str) -> Option<bool> {
    let is_there = |name: &str| answer.get(name)?.as_str().map(|it| !it.is_empty());
    let is_in_link = Url::parse(join_url)
        .is_ok_and(|url| url.query_pairs().any(|(name, it)| name == "pwd" && !it.is_empty()));
    let other_forms = ["encrypted_password", "h323_password", "pstn_password"];
    if is_in_link || other_forms.into_iter().any(|name| is_there(name) == Some(true)) {
        Some(true)
    } else {
        is_there("password")
    }
}

/// The type says so, or the number beside the meeting's own, unless the settings deny it.
fn is_personal(answer: &Value, settings: &Map<String, Value>) -> bool {
    let has_number = match answer.get("pmi") {
        Some(Value::Number(_)) => true,
        Some(Value::String(number)) => !number.is_empty(),
        Some(_) | None => false,
    };
    answer.get("type").and_then(Value::as_i64) == Some(PERSONAL)
        || settings.get("use_pmi").and_then(Value::as_bool).unwrap_or(has_number)
}

/// A meeting's number, which is written as a number or as a text.
pub(super) fn id(answer: &Value) -> Option<String> {
    let id = answer.get("id")?;
    let id =
        id.as_i64().map_or_else(|| id.as_str().map(str::to_owned), |it| Some(it.to_string()))?;
    Some(id.trim().to_owned()).filter(|it| !it.is_empty())
}

impl Meeting {
    /// Whether Zoom says who its alternative hosts are.
    pub(super) fn shows_hosts(&self) -> bool {
        settings::seen(&self.settings, None).alternative_hosts.is_some()
    }

    /// Whether Zoom shows this person among its alternative hosts.
    pub(super) fn has_host(&self, host: &str) -> bool {
        settings::seen(&self.settings, None)
            .alternative_hosts
            .is_some_and(|all| hosts::has(&all, host))
    }

    /// The meeting as a room. What was asked for, if that is known, tells a topic that had to be
    /// cut from one that was changed.
    pub(super) fn room(self, call: &Call, asked: Option<&Spec>) -> VendorRoom {
        let topic = self.topic.and_then(|topic| match asked {
            Some(spec) if fit(&spec.topic) == topic => Some(spec.topic.clone()),
            None if is_cut(&topic) => None,
            Some(_) | None => Some(topic),
        });
        VendorRoom {
            number: Some(spaced(&self.id)),
            vendor_id: self.id,
            instance: self.uuid.clone(),
            join_url: self.join_url,
            passcode: self.passcode,
            dial_in: dial_in::numbers(&self.settings),
            phone_passcode: self.phone_passcode,
            sip: self.sip,
            owner: Some(self.owner.unwrap_or_else(|| call.place.user.clone())),
            seen: Seen {
                at: call.now,
                topic,
                start: self.start.map(Instant::floor_second),
                minutes: self.minutes,
                occupied: self.occupied,
                instance: self.uuid,
                settings: settings::seen(&self.settings, self.has_passcode),
                dropped: Vec::new(),
                unanswered_since: None,
                left_out: Vec::new(),
                personal: self.is_personal,
            },
        }
    }
}

/// The body of a create.
pub(super) fn creation(marker: &str, spec: &Spec, passcode: Option<&SecretString>) -> Value {
    let mut body = details(spec);
    body.insert("type".to_owned(), json!(SCHEDULED));
    let words = spec.agenda.as_deref().unwrap_or_default();
    body.insert("agenda".to_owned(), json!(agenda::composed(marker, words)));
    if let Some(demanded) = spec.settings.passcode {
        body.insert("default_password".to_owned(), json!(demanded));
    }
    // Zoom makes one up only where the account requires one: without ours there would be none.
    if let Some(passcode) = passcode {
        body.insert("password".to_owned(), json!(passcode.expose_secret()));
    }
    let mut settings = settings::always();
    settings.extend(settings::asked(&spec.settings));
    body.insert("settings".to_owned(), Value::Object(settings));
    Value::Object(body)
}

/// The body of an update: what differs and nothing else; nothing at all if nothing does. Each
/// update counts against the host's day.
///
/// A passcode is settled when a room is made: another would change the address that people were
/// sent to, and Zoom takes no wish for one here.
pub(super) fn changes(call: &Call, marker: &str, spec: &Spec, now: &Meeting) -> Option<Value> {
    let mut body = details(spec);
    body.retain(|name, wanted| match name.as_str() {
        "topic" => now.topic.as_deref() != wanted.as_str(),
        // Zoom ignores a time that has passed, without a word.
        "start_time" => {
            now.start.map(Instant::floor_second) != Some(spec.start.floor_second())
                && spec.start > call.now
        }
        "duration" => now.minutes != Some(spec.minutes),
        "timezone" => now.time_zone.as_deref() != wanted.as_str(),
        _ => true,
    });
    let seen = now.agenda.as_deref().unwrap_or_default();
    let agenda = match &spec.agenda {
        Some(words) => {
            Some(agenda::composed(marker, words)).filter(|it| !agenda::is_like(seen, it))
        }
        None if agenda::has_marker(seen, marker) => None,
        None => Some(agenda::restored(marker, seen)),
    };
    body.extend(agenda.map(|it| ("agenda".to_owned(), json!(it))));
    let settings = settings::differing(&spec.settings, &now.settings);
    if !settings.is_empty() {
        body.insert("settings".to_owned(), Value::Object(settings));
    }
    (!body.is_empty()).then_some(Value::Object(body))
}

/// What create and update write alike.
fn details(spec: &Spec) -> Map<String, Value> {
    let members = [
        ("topic", json!(fit(&spec.topic))),
        ("start_time", json!(utc(spec.start))),
        ("timezone", json!(spec.time_zone.name())),
        ("duration", json!(spec.minutes)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The one way in which a time is written: UTC, and saying so. The zone beside it is for display.
fn utc(instant: Instant) -> String {
    instant.floor_second().to_string()
}

/// The UTC day of an instant, as lists want it.
pub(super) fn day(instant: Instant) -> String {
    utc(instant).chars().take_while(|it| *it != 'T').collect()
}

/// A topic that Zoom accepts. The ellipsis tells a cut one from one that somebody changed.
fn fit(topic: &str) -> String {
    if topic.trim().is_empty() {
        return "Session".to_owned();
    }
    if topic.chars().count() <= LONGEST_TOPIC {
        return topic.to_owned();
    }
    topic.chars().take(LONGEST_TOPIC - 1).chain([CUT]).collect()
}

fn is_cut(topic: &str) -> bool {
    topic.chars().count() == LONGEST_TOPIC && topic.ends_with(CUT)
}

/// `81234567890` as people read it out: `812 3456 7890`.
fn spaced(id: &str) -> String {
    let middle = if id.len() > 10 { 7 } else { 6 };
    match (id.get(..3), id.get(3..middle), id.get(middle..)) {
        (Some(first), Some(second), Some(third)) if (9..=11).contains(&id.len()) => {
            format!("{first} {second} {third}")
        }
        _ => id.to_owned(),
    }
}

/// Whether people can be sent there.
pub(super) fn is_door(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| is_allowed(&url))
}

#[cfg(test)]
mod tests;
