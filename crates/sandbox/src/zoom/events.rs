//! Events: what Zoom tells the outside when something happens, signed, at least once, unordered.

use std::sync::Arc;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use super::meetings::{Meeting, Participant, Place};
use super::recordings;
use super::view::join_url;
use crate::clock::{after, seconds};
use crate::message::{Answer, Asked};
use crate::server::Shared;
use crate::world::World;

/// Zoom waits 5, 20 and 60 minutes; here a minute is a second.
const RETRIES: [SignedDuration; 3] =
    [SignedDuration::from_secs(5), SignedDuration::from_secs(20), SignedDuration::from_secs(60)];

/// What waits to be sent, and what has been.
#[derive(Debug, Default)]
pub(crate) struct Events {
    queue: Vec<Delivery>,
    sent: Vec<Value>,
}

/// One event on its way to one address.
#[derive(Debug, Clone)]
struct Delivery {
    due: Timestamp,
    attempt: usize,
    event: String,
    body: String,
    url: Url,
    secret: Option<String>,
}

impl Events {
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.queue.iter().map(|delivery| delivery.due).min()
    }

    /// What was sent where, and what came back.
    pub(crate) fn sent(&self) -> &[Value] {
        &self.sent
    }

    fn take_due(&mut self, now: Timestamp) -> Vec<Delivery> {
        let (due, rest) =
            std::mem::take(&mut self.queue).into_iter().partition(|delivery| delivery.due <= now);
        self.queue = rest;
        due
    }
}

pub(crate) fn created(world: &mut World, meeting: &Meeting) {
    let mut object = summary(meeting);
    object["join_url"] = json!(join_url(world, meeting));
    object["password"] = json!(meeting.password);
    object["settings"] = json!({
        "use_pmi": meeting.settings.get("use_pmi"),
        "alternative_hosts": meeting.settings.get("alternative_hosts"),
        "join_before_host": meeting.settings.get("join_before_host"),
        "jbh_time": meeting.settings.get("jbh_time"),
        "meeting_invitees": meeting.settings.get("meeting_invitees"),
    });
    object["tracking_fields"] = json!(meeting.tracking_fields);
    let payload = by_the_host(world, meeting, json!({"object": object}));
    queue(world, meeting, "meeting.created", payload);
}

/// Only what has changed is in it; if nothing has, nothing is sent.
pub(crate) fn updated(world: &mut World, before: &Meeting, meeting: &Meeting) {
    let (old, new) = (changeable(before), changeable(meeting));
    let mut old_object = json!({"id": meeting.id});
    let mut object = json!({"id": meeting.id});
    for (name, value) in new.as_object().into_iter().flatten() {
        if old.get(name) != Some(value) {
            old_object[name] = old.get(name).cloned().unwrap_or(Value::Null);
            object[name] = value.clone();
        }
    }
    if object.as_object().is_none_or(|members| members.len() < 2) {
        return;
    }
    let stamp = world.clock.now().as_millisecond();
    let payload =
        json!({"object": object, "old_object": old_object, "time_stamp": stamp, "scope": "single"});
    let payload = by_the_host(world, meeting, payload);
    queue(world, meeting, "meeting.updated", payload);
}

pub(crate) fn deleted(world: &mut World, meeting: &Meeting) {
    let payload = json!({"object": summary(meeting), "operation": "single"});
    let payload = by_the_host(world, meeting, payload);
    queue(world, meeting, "meeting.deleted", payload);
}

pub(crate) fn recovered(world: &mut World, meeting: &Meeting) {
    let payload =
        by_the_host(world, meeting, json!({"object": summary(meeting), "operation": "single"}));
    queue(world, meeting, "meeting.recovered", payload);
}

pub(crate) fn started(world: &mut World, meeting: &Meeting) {
    let payload = json!({"object": instance(meeting)});
    queue(world, meeting, "meeting.started", payload);
}

pub(crate) fn ended(world: &mut World, meeting: &Meeting) {
    let mut object = instance(meeting);
    object["end_time"] = json!(seconds(world.clock.now()));
    queue(world, meeting, "meeting.ended", json!({"object": object}));
}

pub(crate) fn joined(world: &mut World, meeting: &Meeting, participant: &Participant) {
    let mut object = instance(meeting);
    object["participant"] = person(meeting, participant);
    object["participant"]["join_time"] = json!(seconds(participant.since));
    queue(world, meeting, "meeting.participant_joined", json!({"object": object}));
}

/// Somebody waits: for the host to come, or in the waiting room.
pub(crate) fn waits(world: &mut World, meeting: &Meeting, participant: &Participant) {
    let event = match participant.place {
        Place::AtTheDoor => "meeting.participant_jbh_waiting",
        Place::WaitingRoom => "meeting.participant_joined_waiting_room",
        Place::Inside => return,
    };
    let mut object = instance(meeting);
    object["participant"] = person(meeting, participant);
    queue(world, meeting, event, json!({"object": object}));
}

pub(crate) fn admitted(world: &mut World, meeting: &Meeting, participant: &Participant) {
    let mut object = instance(meeting);
    object["participant"] = person(meeting, participant);
    queue(world, meeting, "meeting.participant_admitted", json!({"object": object}));
}

pub(crate) fn left(world: &mut World, meeting: &Meeting, participant: &Participant) {
    let mut object = instance(meeting);
    object["participant"] = person(meeting, participant);
    object["participant"]["leave_time"] = json!(seconds(world.clock.now()));
    object["participant"]["leave_reason"] = json!("left the meeting");
    queue(world, meeting, "meeting.participant_left", json!({"object": object}));
}

/// There are recordings, or their transcript. The token to download them stands beside the payload.
pub(crate) fn recorded(
    world: &mut World,
    meeting: &Meeting,
    event: &str,
    object: Value,
    token: String,
    due: Timestamp,
) {
    let Some((url, secret)) = target(world, &meeting.account) else {
        return;
    };
    let body = json!({
        "event": event,
        "event_ts": due.as_millisecond(),
        "payload": {"account_id": meeting.account, "object": object},
        "download_token": token,
    });
    let (event, body) = (event.to_owned(), body.to_string());
    world.zoom.events.queue.push(Delivery { due, attempt: 1, event, body, url, secret });
}

/// Gone for good: it cannot be brought back any more.
pub(crate) fn permanently_deleted(world: &mut World, meeting: &Meeting) {
    let payload =
        by_the_host(world, meeting, json!({"object": summary(meeting), "operation": "single"}));
    queue(world, meeting, "meeting.permanently_deleted", payload);
}

/// The account has removed the app.
pub(crate) fn deauthorised(world: &mut World, account: &str) {
    let Some((url, secret)) = target(world, account) else {
        return;
    };
    let now = world.clock.now();
    let event = "app_deauthorized";
    // Unlike all others it has its time inside, and written out.
    let body = json!({"event": event, "payload": removal(world, account)});
    let (event, body) = (event.to_owned(), body.to_string());
    world.zoom.events.queue.push(Delivery { due: now, attempt: 1, event, body, url, secret });
}

fn removal(world: &World, account: &str) -> Value {
    let known = world.zoom.account(account);
    json!({
        "account_id": account,
        "user_id": known.and_then(|known| known.owner()).map(|owner| owner.id.clone()),
        "signature": "",
        "deauthorization_time": seconds(world.clock.now()),
        "client_id": known.map(|known| known.client_id.clone()),
        "event_ts": world.clock.now().to_string(),
    })
}

/// As created, updated and deleted write it: the number is a number.
fn summary(meeting: &Meeting) -> Value {
    let mut object = instance(meeting);
    object["id"] = json!(meeting.id);
    object
}

/// As started, ended and the participants' events write it: the number is a string.
fn instance(meeting: &Meeting) -> Value {
    json!({
        "id": meeting.id.to_string(),
        "uuid": meeting.uuid,
        "host_id": meeting.host_id,
        "topic": meeting.topic,
        "type": meeting.kind,
        "start_time": meeting.start_time.map(seconds),
        "duration": meeting.duration,
        "timezone": meeting.timezone,
    })
}

fn changeable(meeting: &Meeting) -> Value {
    json!({
        "topic": meeting.topic,
        "type": meeting.kind,
        "start_time": meeting.start_time.map(seconds),
        "duration": meeting.duration,
        "timezone": meeting.timezone,
        "agenda": meeting.agenda,
        "password": meeting.password,
        "settings": meeting.settings,
    })
}

/// Only who is signed in has an id; of those who come, that is the host.
fn person(meeting: &Meeting, participant: &Participant) -> Value {
    let user = if participant.is_host { meeting.host_id.as_str() } else { "" };
    json!({
        "user_id": participant.id,
        "user_name": participant.name,
        "id": user,
        "participant_uuid": participant.id,
        "participant_user_id": user,
        "email": participant.email,
    })
}

fn by_the_host(world: &World, meeting: &Meeting, mut payload: Value) -> Value {
    if let Some(host) = world.zoom.host_of(meeting) {
        payload["operator"] = json!(host.email);
        payload["operator_id"] = json!(host.id);
    }
    payload
}

fn queue(world: &mut World, meeting: &Meeting, event: &str, mut payload: Value) {
    let Some((url, secret)) = target(world, &meeting.account) else {
        return;
    };
    payload["account_id"] = json!(meeting.account);
    let now = world.clock.now();
    let body = json!({"event": event, "event_ts": now.as_millisecond(), "payload": payload});
    world.zoom.events.queue.push(Delivery {
        due: now,
        attempt: 1,
        event: event.to_owned(),
        body: body.to_string(),
        url,
        secret,
    });
}

fn target(world: &World, account: &str) -> Option<(Url, Option<String>)> {
    let own = world.zoom.account(account);
    let url = own
        .and_then(|account| account.event_url.clone())
        .or_else(|| world.zoom_event_url.clone())?;
    let secret = own
        .and_then(|account| account.webhook_secret.clone())
        .or_else(|| world.zoom_secret.clone());
    Some((url, secret))
}

/// Sees to it that what is put off happens in time and that events go out, until the sandbox stops.
pub(crate) async fn keep(shared: Arc<Shared>) {
    while !shared.stop.is_cancelled() {
        let (due, next, hold) = {
            let mut world = shared.world();
            world.settle();
            let now = world.clock.now();
            let due = world.zoom.events.take_due(now);
            let next =
                [world.later.next_due(), world.zoom.events.next_due()].into_iter().flatten().min();
            (due, next, shared.hold())
        };
        for delivery in due {
            let shared = Arc::clone(&shared);
            let tasks = shared.tasks.clone();
            tasks.spawn(async move { deliver(&shared, delivery).await });
        }
        shared.wait_for_change(hold, next).await;
    }
}

async fn deliver(shared: &Shared, mut delivery: Delivery) {
    let outcome = tokio::select! {
        () = shared.stop.cancelled() => return,
        outcome = post(shared, &delivery.url, delivery.secret.as_deref(), delivery.body.clone(), None) => outcome,
    };
    let mut world = shared.world();
    let now = world.clock.now();
    let status = outcome.as_ref().ok().map(|(status, _)| *status);
    world.zoom.events.sent.push(json!({
        "at": now.to_string(),
        "event": delivery.event,
        "url": delivery.url,
        "attempt": delivery.attempt,
        "status": status,
        "body": delivery.body,
    }));
    // Refusals are final; failures and silence are tried again.
    let try_again = status.is_none_or(|status| status >= 500);
    if try_again && let Some(pause) = RETRIES.get(delivery.attempt - 1) {
        delivery.due = after(now, *pause);
        delivery.attempt += 1;
        world.zoom.events.queue.push(delivery);
    }
    drop(world);
    shared.changed();
}

/// Status and body of what the receiver answers.
async fn post(
    shared: &Shared,
    url: &Url,
    secret: Option<&str>,
    body: String,
    timestamp: Option<i64>,
) -> Result<(u16, String), reqwest::Error> {
    let (stamp, trace) = {
        let mut world = shared.world();
        let stamp = timestamp.unwrap_or_else(|| world.clock.now().as_second());
        (stamp.to_string(), world.chance.word(32).to_lowercase())
    };
    let mut request = shared
        .http
        .post(url.clone())
        .header("content-type", "application/json; charset=utf-8")
        .header("user-agent", "Zoom Marketplace/1.0a")
        .header("x-zm-request-timestamp", &stamp)
        .header("x-zm-trackingid", format!("v=2.0;clid=us02;rid=WEB_{trace}"));
    if let Some(secret) = secret {
        request = request.header("x-zm-signature", signature(secret, &stamp, &body));
    }
    let answer = request.body(body).send().await?;
    let status = answer.status().as_u16();
    Ok((status, answer.text().await?))
}

/// `v0=` and the MAC over version, time and body as they are sent.
fn signature(secret: &str, stamp: &str, body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(format!("v0:{stamp}:{body}").as_bytes());
    let mut text = "v0=".to_owned();
    for byte in mac.finalize().into_bytes() {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// What is posted to have an event sent now.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    #[serde(default)]
    vendor: Option<String>,
    event: String,
    #[serde(default)]
    account: Option<String>,
    /// A meeting to take the payload from.
    #[serde(default)]
    meeting: Option<i64>,
    /// The payload as it is to be sent.
    #[serde(default)]
    payload: Option<Value>,
    /// The whole body as it is to be sent, byte for byte.
    #[serde(default)]
    raw: Option<String>,
    #[serde(default)]
    url: Option<Url>,
    #[serde(default)]
    secret: Option<String>,
    /// `false` leaves the signature out.
    #[serde(default)]
    signed: Option<bool>,
    /// Unix seconds to stamp and sign instead of now.
    #[serde(default)]
    timestamp: Option<i64>,
    /// The same bytes so many times.
    #[serde(default)]
    times: Option<u32>,
}

/// `POST /_sandbox/webhooks` for Zoom.
pub(crate) async fn send_now(shared: &Shared, asked: &Asked) -> Answer {
    let order: Order = match serde_json::from_slice(&asked.body) {
        Ok(order) => order,
        Err(error) => return crate::control::refused(&error.to_string()),
    };
    if order.vendor.as_deref().unwrap_or("zoom") != "zoom" {
        return crate::control::refused("vendor: zoom or stripe send events here");
    }
    let prepared = {
        let world = shared.world();
        prepare(&world, &order)
    };
    let (url, secret, body) = match prepared {
        Ok(prepared) => prepared,
        Err(message) => return crate::control::refused(&message),
    };
    let secret = secret.filter(|_| order.signed != Some(false));
    let mut answers = Vec::new();
    for _ in 0..order.times.unwrap_or(1) {
        let outcome = post(shared, &url, secret.as_deref(), body.clone(), order.timestamp).await;
        answers.push(match outcome {
            Ok((status, body)) => json!({"status": status, "body": body}),
            Err(error) => json!({"status": null, "error": error.to_string()}),
        });
    }
    Answer::json(200, &json!({"url": url, "body": body, "answers": answers}))
}

fn prepare(world: &World, order: &Order) -> Result<(Url, Option<String>, String), String> {
    let meeting = match order.meeting {
        None => None,
        Some(id) => {
            let found = world.zoom.meetings.get(&id);
            Some(found.ok_or_else(|| format!("meeting: there is no {id}"))?)
        }
    };
    let account = order
        .account
        .clone()
        .or_else(|| meeting.map(|meeting| meeting.account.clone()))
        .or_else(|| world.zoom.accounts.first().map(|account| account.id.clone()))
        .unwrap_or_default();
    let (url, secret) = match (&order.url, target(world, &account)) {
        (Some(url), known) => (url.clone(), known.and_then(|(_, secret)| secret)),
        (None, Some(known)) => known,
        (None, None) => return Err("url: no address for events is known".to_owned()),
    };
    let secret = order
        .secret
        .clone()
        .or(secret)
        .or_else(|| world.zoom.account(&account)?.webhook_secret.clone())
        .or_else(|| world.zoom_secret.clone());
    if let Some(raw) = &order.raw {
        return Ok((url, secret, raw.clone()));
    }
    let payload = match (&order.payload, meeting) {
        (Some(payload), _) => payload.clone(),
        (None, Some(meeting)) => {
            let has_number = matches!(
                order.event.as_str(),
                "meeting.created"
                    | "meeting.updated"
                    | "meeting.deleted"
                    | "meeting.recovered"
                    | "meeting.permanently_deleted"
            );
            let object = if order.event.starts_with("recording.") {
                recordings::told(world, meeting, &order.event)
                    .ok_or("meeting: it has no recording; end one with auto_recording: cloud")?
            } else if has_number {
                summary(meeting)
            } else {
                instance(meeting)
            };
            json!({"account_id": account, "object": object})
        }
        (None, None) if order.event == "endpoint.url_validation" => {
            json!({"plainToken": "sandbox-plain-token"})
        }
        (None, None) if order.event == "app_deauthorized" => removal(world, &account),
        (None, None) => return Err("payload: give a payload, a raw body or a meeting".to_owned()),
    };
    let stamp = world.clock.now().as_millisecond();
    let mut body = json!({"event": order.event, "event_ts": stamp, "payload": payload});
    if order.event == "app_deauthorized" {
        body.as_object_mut().map(|members| members.remove("event_ts"));
    }
    Ok((url, secret, body.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_over_version_time_and_body() {
        // Computed once with another implementation of HMAC-SHA256.
        assert_eq!(signature("secret", "1700000000", "{\"event\":\"meeting.started\"}"), EXPECTED);
    }

    const EXPECTED: &str = "v0=43b97af2a3c75e4e49b4c34451b0a0a5b0ca0716eec5e9131d623204464cd61c";
}
