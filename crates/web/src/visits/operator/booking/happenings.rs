//! Events in words.

use std::collections::HashMap;

use roomkey_core::id::HostId;
use roomkey_core::payment::Money;
use roomkey_core::route::Provider;
use roomkey_core::{Instant, Zone};
use roomkey_store::event::Event;
use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::pages::operator::booking::{Actor, StoryEntry};
use crate::pages::pill::Tone;
use crate::pages::when::Span;
use crate::pages::words;

/// What events' words depend on.
pub(super) struct Around<'a> {
    pub(super) names: &'a HashMap<HostId, String>,
    /// The present host's name.
    pub(super) host: &'a str,
    /// The guests' names.
    pub(super) guests: &'a [String],
    pub(super) zone: &'a Zone,
    pub(super) now: Instant,
}

/// The entry that an event makes; messages have a place of their own.
pub(super) fn entry(event: &Event, around: &Around<'_>) -> Option<StoryEntry> {
    let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
    let (sentence, tone) = sentence(&event.kind, &data, around)?;
    Some(StoryEntry {
        at: event.at,
        actor: actor(&event.actor, around),
        sentence,
        tone,
        attempts: Vec::new(),
        is_try: false,
    })
}

fn actor(code: &str, around: &Around<'_>) -> Actor {
    match code {
        "operator" => Actor::Person("Operator".to_owned()),
        "host" => Actor::Person(around.host.to_owned()),
        "guest" => match around.guests {
            [one] => Actor::Person(one.clone()),
            _ => Actor::Person("A guest".to_owned()),
        },
        "api" => Actor::Program("Your platform".to_owned()),
        "payment" => Actor::Program("Stripe".to_owned()),
        "vendor" => Actor::Vendor(Provider::Zoom),
        _ => Actor::Roomkey,
    }
}

fn sentence(kind: &str, data: &Value, around: &Around<'_>) -> Option<(String, Tone)> {
    let plain = |words: &str| Some((words.to_owned(), Tone::Plain));
    match kind {
        "booking.created" => plain("Made the booking."),
        "booking.confirmed" => match before(data) {
            Some("cancelled" | "completed" | "no_show") => plain("Reopened the booking."),
            _ => plain("Confirmed the booking."),
        },
        "booking.rescheduled" => Some((moved(data, around), Tone::Plain)),
        "booking.reassigned" => Some((reassigned(data, around), Tone::Plain)),
        "booking.cancelled" => plain("Cancelled the booking."),
        "booking.started" => plain("The session began."),
        "booking.ended" => plain("Everybody has left."),
        "booking.completed" => plain("The session is over."),
        "recording.ready" => plain("A recording is ready."),
        "transcript.ready" => plain("Fetched the text of a transcript."),
        "transcript.forgotten" => plain("Had the text of a transcript forgotten."),
        "booking.no_show" => plain("Noted that somebody did not come."),
        "booking.updated" => Some((updated(data), Tone::Plain)),
        "link.replaced" => Some((replaced(data, around), Tone::Plain)),
        "payment.received" => Some(paid(data)),
        "payment.mismatch" => Some((because(data).to_owned(), Tone::Brass)),
        "payment.failed" => plain("The payment came to nothing. The booking still waits for one."),
        "payment.expired" => plain("Nobody paid in time. The booking still waits for a payment."),
        "meeting.ready" => Some(("The door works.".to_owned(), Tone::Fine)),
        "meeting.changed" => Some((
            "The door leads to another room now. The links stay the same.".to_owned(),
            Tone::Fine,
        )),
        "meeting.failed" => {
            let words = format!("There is no room yet. {}", because(data));
            Some((words.trim_end().to_owned(), Tone::Stop))
        }
        "meeting.cancelled" => plain("No room is left."),
        // What made it work again is told as the door that works; messages stand elsewhere.
        _ => None,
    }
}

fn before(data: &Value) -> Option<&str> {
    data.pointer("/before/status")?.as_str()
}

/// What is wrong, as the event says.
fn because(data: &Value) -> &str {
    data.pointer("/reason/message").and_then(Value::as_str).unwrap_or_default()
}

fn paid(data: &Value) -> (String, Tone) {
    let money = Money::deserialize(&json!({
        "amount": data.get("amount"), "currency": data.get("currency"),
    }));
    let said = match money {
        Ok(money) => format!("{money} came in."),
        Err(_) => "A payment came in.".to_owned(),
    };
    match because(data) {
        "" => (said, Tone::Fine),
        why => (format!("{said} {why}"), Tone::Brass),
    }
}

fn moved(data: &Value, around: &Around<'_>) -> String {
    let at = |pointer: &str| data.pointer(pointer)?.as_str()?.parse::<Instant>().ok();
    match (at("/start"), at("/end")) {
        (Some(start), Some(end)) => {
            let span = Span { start, end, zone: around.zone.clone() };
            format!("Moved the session to {}.", span.line(around.now))
        }
        _ => "Moved the session.".to_owned(),
    }
}

fn reassigned(data: &Value, around: &Around<'_>) -> String {
    let name = |pointer: &str| {
        let id = data.pointer(pointer)?.as_str()?.parse::<HostId>().ok()?;
        around.names.get(&id)
    };
    match (name("/before/host"), name("/host")) {
        (Some(old), Some(new)) => format!("Gave the session from {old} to {new}."),
        (None, Some(new)) => format!("Gave the session to {new}."),
        (_, None) => "Gave the session to another host.".to_owned(),
    }
}

fn replaced(data: &Value, around: &Around<'_>) -> String {
    let whose = match (data.get("person").and_then(Value::as_str), around.guests) {
        (Some("host"), _) => around.host,
        (_, [one]) => one,
        (_, _) => "a guest",
    };
    format!("Gave {whose} another link. The old one says that it was replaced.")
}

fn updated(data: &Value) -> String {
    let changed: Vec<&str> = data
        .get("changed")
        .and_then(Value::as_array)
        .map(|it| it.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    match changed.as_slice() {
        ["room"] => return "Asked for a new room.".to_owned(),
        ["route", "room"] => return "Changed where the door leads.".to_owned(),
        _ => {}
    }
    let members: Vec<&str> = changed
        .into_iter()
        .map(|member| match member {
            "external_id" => "the platform’s id",
            "service" => "the service",
            "title" => "the title",
            "mode" => "how it is held",
            "time_zone" => "the zone",
            "notes" => "the notes",
            "route" => "the route",
            "settings" => "the room’s settings",
            "metadata" => "the platform’s own particulars",
            "guests" => "the guests",
            "room" => "the room",
            "awaiting" => "what it waits for",
            _ => "something else",
        })
        .collect();
    if members.is_empty() {
        "Changed the booking.".to_owned()
    } else {
        format!("Changed {}.", words::people(&members))
    }
}
