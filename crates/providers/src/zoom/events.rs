//! What Zoom tells us of itself: how its events are signed, and what they say. Read leniently: an
//! event of a kind that we do not know says nothing, and is no fault.

use std::time::Duration;

use hmac::Mac as _;
use roomkey_core::Instant;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::wire;
use crate::signed::{Refused, bytes, hex, mac};

/// How old an event may be. Zoom repeats itself for about 90 minutes, and does not say whether it
/// signs a repeat anew.
const OLDEST: Duration = Duration::from_secs(3 * 60 * 60);
/// How far ahead of ours Zoom's clock may be.
const AHEAD: Duration = Duration::from_secs(5 * 60);

/// Believes an event, by its bytes as they came, or says why not. Any of the secrets may have
/// signed it (a new one and the one before); which did is answered.
///
/// # Errors
/// [`Refused`].
pub fn verify<'s>(
    secrets: &'s [SecretString],
    signature: Option<&str>,
    timestamp: Option<&str>,
    body: &[u8],
    now: Instant,
) -> Result<&'s SecretString, Refused> {
    if secrets.is_empty() {
        return Err(Refused::NoSecret);
    }
    let (Some(signature), Some(timestamp)) = (signature, timestamp) else {
        return Err(Refused::Unsigned);
    };
    let claimed = signature.strip_prefix("v0=").and_then(bytes).ok_or(Refused::Forged)?;
    let signer = secrets.iter().find(|secret| {
        mac(secret, &[b"v0:", timestamp.as_bytes(), b":", body])
            .is_some_and(|mac| mac.verify_slice(&claimed).is_ok())
    });
    let signer = signer.ok_or(Refused::Forged)?;
    let seconds: i64 = timestamp.parse().map_err(|_| Refused::Untimely)?;
    let sent = Instant::from_micros(seconds.saturating_mul(1_000_000));
    let timely = sent >= now.minus(OLDEST) && sent <= now.plus(AHEAD);
    if timely { Ok(signer) } else { Err(Refused::Untimely) }
}

/// What Zoom wants to hear when it asks whether we know the secret.
#[must_use]
pub fn validation(secret: &SecretString, plain_token: &str) -> Value {
    let encrypted = mac(secret, &[plain_token.as_bytes()])
        .map(|mac| hex(&mac.finalize().into_bytes()))
        .unwrap_or_default();
    json!({ "plainToken": plain_token, "encryptedToken": encrypted })
}

/// An event.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its name: `meeting.started`.
    pub name: String,
    /// In which account.
    pub account: String,
    /// When it happened, by Zoom's clock.
    pub at: Option<Instant>,
    /// Which meeting, by the number that we know it by.
    pub meeting: Option<String>,
    /// Which instance of it.
    pub instance: Option<String>,
    /// What makes it the same if it is said again.
    pub said: String,
    /// What it says.
    pub news: News,
}

/// What an event says.
#[derive(Debug, Clone)]
pub enum News {
    /// Does this address know the secret?
    Validation {
        /// What is to be signed.
        plain_token: String,
    },
    /// The room has been opened.
    Started,
    /// Everybody has left.
    Ended,
    /// Somebody has come in.
    Came(Visitor),
    /// Somebody has gone.
    Went(Visitor),
    /// Something about the meeting is different, or it is no longer there.
    Changed,
    /// There are recordings, or transcripts of them.
    Recorded(Recorded),
    /// The account, or one of its users, no longer wants us.
    Deauthorised {
        /// Which app it was.
        client_id: Option<String>,
    },
    /// Nothing that we want to know.
    Other,
}

/// Somebody in a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Zoom's name for this visit or this person in this instance.
    pub id: String,
    /// Zoom's id of the user, of those who are signed in.
    pub user: Option<String>,
    /// As they call themselves.
    pub name: Option<String>,
    /// Often unknown.
    pub email: Option<String>,
    /// When they came or went.
    pub at: Option<Instant>,
    /// Whether they are the meeting's host.
    pub is_host: bool,
}

/// Recordings of one instance.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The page that shows them.
    pub share_url: Option<SecretString>,
    /// What that page asks for.
    pub passcode: Option<SecretString>,
    /// The files.
    pub files: Vec<File>,
}

/// One file of a recording. Where it is downloaded is asked afresh when it is wanted.
#[derive(Debug, Clone)]
pub struct File {
    /// Zoom's id of it.
    pub id: String,
    /// `MP4`, `M4A`, `TRANSCRIPT`, `CHAT`, …
    pub kind: String,
    /// `shared_screen_with_speaker_view`, `audio_transcript`, …
    pub view: Option<String>,
    /// From when.
    pub started_at: Option<Instant>,
    /// Until when.
    pub ended_at: Option<Instant>,
    /// In bytes.
    pub size: Option<i64>,
    /// Where it is played.
    pub play_url: Option<SecretString>,
}

/// Reads an event; nothing if it has no name. A name is a text: what has a number there is of no
/// interest today, and might be taken for something tomorrow.
#[must_use]
pub fn read(body: &[u8]) -> Option<Event> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let name = body.get("event")?.as_str().filter(|it| !it.is_empty())?.to_owned();
    let payload = body.get("payload").unwrap_or(&Value::Null);
    let object = payload.get("object").unwrap_or(&Value::Null);
    let stamp = body.get("event_ts").and_then(Value::as_i64);
    // Only the removal of the app has its times inside, and no other.
    let removed = text(payload, "deauthorization_time").or_else(|| text(payload, "event_ts"));
    let person = object.get("participant").unwrap_or(&Value::Null);
    let account = text(payload, "account_id").unwrap_or_default();
    let (meeting, instance) = (wire::id(object), text(object, "uuid"));
    let mut said = json!([
        name,
        account,
        instance.as_ref().or(meeting.as_ref()),
        stamp,
        visit(person),
        text(person, "join_time").or_else(|| text(person, "leave_time")),
        text(payload, "user_id"),
    ]);
    if let (Some(said), Some(removed)) = (said.as_array_mut(), &removed) {
        said.push(json!(removed));
    }
    let news = match name.as_str() {
        "endpoint.url_validation" => {
            News::Validation { plain_token: text(payload, "plainToken").unwrap_or_default() }
        }
        "meeting.started" => News::Started,
        "meeting.ended" => News::Ended,
        "meeting.participant_joined" => {
            visitor(object, person, "join_time").map_or(News::Other, News::Came)
        }
        "meeting.participant_left" => {
            visitor(object, person, "leave_time").map_or(News::Other, News::Went)
        }
        "meeting.updated"
        | "meeting.deleted"
        | "meeting.recovered"
        | "meeting.permanently_deleted" => News::Changed,
        "recording.completed" | "recording.transcript_completed" => {
            News::Recorded(recorded(object))
        }
        "app_deauthorized" => News::Deauthorised { client_id: text(payload, "client_id") },
        _ => News::Other,
    };
    let stamped = stamp.map(|millis| Instant::from_micros(millis.saturating_mul(1_000)));
    let at = stamped.filter(can_be).or_else(|| removed?.parse().ok().filter(can_be));
    Some(Event { name, account, at, meeting, instance, said: said.to_string(), news })
}

fn visitor(object: &Value, person: &Value, when: &str) -> Option<Visitor> {
    let user = text(person, "participant_user_id").or_else(|| text(person, "id"));
    let is_host = user.is_some() && user == text(object, "host_id");
    Some(Visitor {
        id: visit(person)?,
        name: text(person, "user_name"),
        email: text(person, "email").map(|it| it.trim().to_lowercase()),
        at: time(person, when),
        user,
        is_host,
    })
}

/// Zoom's name for who came: the same in both events of a visit.
fn visit(person: &Value) -> Option<String> {
    text(person, "participant_uuid").or_else(|| text(person, "user_id"))
}

fn recorded(object: &Value) -> Recorded {
    let files = object.get("recording_files").and_then(Value::as_array);
    Recorded {
        share_url: link(object, "share_url"),
        passcode: text(object, "recording_play_passcode")
            .or_else(|| text(object, "password"))
            .map(Into::into),
        files: files.into_iter().flatten().filter_map(file).collect(),
    }
}

fn file(file: &Value) -> Option<File> {
    Some(File {
        id: text(file, "id")?,
        kind: text(file, "file_type")?,
        view: text(file, "recording_type"),
        started_at: time(file, "recording_start"),
        ended_at: time(file, "recording_end"),
        size: file.get("file_size").and_then(Value::as_i64).filter(|size| *size >= 0),
        play_url: link(file, "play_url"),
    })
}

/// A link that people may be sent to.
fn link(value: &Value, name: &str) -> Option<SecretString> {
    text(value, name).filter(|it| wire::is_door(it)).map(Into::into)
}

/// A text, or a number written as one; nothing if it is empty.
fn text(value: &Value, name: &str) -> Option<String> {
    let value = value.get(name)?;
    let number = || value.as_i64().map(|it| it.to_string());
    value.as_str().map(str::to_owned).or_else(number).filter(|it| !it.is_empty())
}

fn time(value: &Value, name: &str) -> Option<Instant> {
    text(value, name)?.parse().ok().filter(can_be)
}

/// Whether something at Zoom can have happened then: in this century. What says otherwise has no
/// time at all.
fn can_be(at: &Instant) -> bool {
    (Instant::from_micros(946_684_800_000_000)..Instant::from_micros(4_102_444_800_000_000))
        .contains(at)
}

/// The events whose names we know, for counting them: any other name could be anything.
#[must_use]
pub fn is_known(name: &str) -> bool {
    KNOWN.contains(&name)
}

/// What Zoom is known to send to apps that listen to meetings and recordings.
const KNOWN: [&str; 31] = [
    "app_deauthorized",
    "endpoint.url_validation",
    "meeting.alert",
    "meeting.created",
    "meeting.deleted",
    "meeting.ended",
    "meeting.participant_admitted",
    "meeting.participant_data",
    "meeting.participant_jbh_joined",
    "meeting.participant_jbh_waiting",
    "meeting.participant_jbh_waiting_left",
    "meeting.participant_joined",
    "meeting.participant_joined_waiting_room",
    "meeting.participant_left",
    "meeting.participant_left_waiting_room",
    "meeting.participant_put_in_waiting_room",
    "meeting.participant_role_changed",
    "meeting.permanently_deleted",
    "meeting.recovered",
    "meeting.sharing_ended",
    "meeting.sharing_started",
    "meeting.started",
    "meeting.updated",
    "recording.completed",
    "recording.deleted",
    "recording.paused",
    "recording.recovered",
    "recording.resumed",
    "recording.started",
    "recording.stopped",
    "recording.transcript_completed",
];

#[cfg(test)]
mod tests;
