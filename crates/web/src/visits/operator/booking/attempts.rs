//! Calls at a vendor in words: each by itself, and a run of them as one entry of the story.

use roomkey_core::Instant;
use roomkey_core::room::State;
use roomkey_core::route::Provider;
use roomkey_store::attempt::Attempt as Call;
use roomkey_store::room;

use super::rooms::{known_as, number};
use crate::pages::operator::booking::{Actor, Attempt, StoryEntry};
use crate::pages::pill::Tone;

/// The entries that a booking's calls make. Calls for the same thing, one after the other, are
/// one entry, told as the last of them ended.
pub(super) fn entries(calls: &[Call], rooms: &[room::Record], now: Instant) -> Vec<StoryEntry> {
    let mut entries = Vec::new();
    for record in rooms {
        let mut of_room: Vec<&Call> = calls.iter().filter(|it| it.room == record.room.id).collect();
        of_room.sort_by_key(|it| (it.started_at, it.id));
        let runs: Vec<_> = of_room.chunk_by(|a, b| a.operation == b.operation).collect();
        for (place, run) in runs.iter().enumerate() {
            let run = Run { record, rooms, now, calls: run, last: place + 1 == runs.len() };
            entries.extend(run.entry());
        }
    }
    entries
}

/// Calls for the same thing, one after the other.
struct Run<'a> {
    record: &'a room::Record,
    rooms: &'a [room::Record],
    now: Instant,
    calls: &'a [&'a Call],
    /// Nothing was asked of the room since.
    last: bool,
}

impl Run<'_> {
    fn entry(&self) -> Option<StoryEntry> {
        let call = self.calls.last()?;
        let (actor, sentence, tone) = self.told(call);
        Some(StoryEntry {
            at: call.started_at.plus(call.took),
            actor,
            sentence,
            tone,
            attempts: self.calls.iter().map(|it| self.attempt(it)).collect(),
            // What came to something is an end, not a try.
            is_try: tone != Tone::Fine,
        })
    }

    fn vendor(&self) -> &'static str {
        self.record.room.place.provider.label()
    }

    fn room(&self) -> String {
        format!("room {}", number(self.rooms, self.record.room.id))
    }

    /// "room 1 (812 3456 7890)"
    fn room_known_as(&self) -> String {
        match known_as(self.record) {
            Some(known_as) => format!("{} ({known_as})", self.room()),
            None => self.room(),
        }
    }

    fn told(&self, call: &Call) -> (Actor, String, Tone) {
        let vendor = Actor::Vendor(self.record.room.place.provider);
        let (room, known) = (self.room(), self.room_known_as());
        let name = self.vendor();
        match (call.operation.as_str(), call.outcome.as_str()) {
            ("create", "ok") => match self.record.room.place.provider {
                Provider::Zoom => (vendor, format!("Made {known}."), Tone::Fine),
                Provider::Link => {
                    (Actor::Roomkey, format!("Made the typed link {room}."), Tone::Fine)
                }
            },
            ("create", "unknown") => (Actor::Roomkey, self.unanswered(call), Tone::Brass),
            ("find", "ok") if self.found(call) => (
                Actor::Roomkey,
                format!("Found {known} at {name}. Only its answer was lost."),
                Tone::Fine,
            ),
            ("find", "ok") => (
                Actor::Roomkey,
                format!("Looked for {room} at {name}. It is not there."),
                Tone::Plain,
            ),
            ("update", "ok") => {
                (Actor::Roomkey, format!("Brought {room} up to date at {name}."), Tone::Fine)
            }
            ("read", "ok") => {
                (Actor::Roomkey, format!("Looked at {room} at {name}. It is there."), Tone::Plain)
            }
            ("read", "gone") => (
                vendor,
                format!("Says that {room} is gone. Roomkey asks again before it believes that."),
                Tone::Brass,
            ),
            ("retire", "ok" | "gone") => match self.record.room.place.provider {
                Provider::Zoom => {
                    (Actor::Roomkey, format!("Removed {known} at {name}."), Tone::Fine)
                }
                Provider::Link => {
                    (Actor::Roomkey, format!("Sends nobody to {room} any longer."), Tone::Fine)
                }
            },
            ("retire", "occupied") => (
                vendor,
                format!("Says that there are people in {room}. It is removed when they have left."),
                Tone::Brass,
            ),
            ("create", class) => self.failed(format!("Did not make {room}."), call, class),
            ("find", class) => {
                self.failed(format!("Did not say whether {room} is there."), call, class)
            }
            ("update", class) => {
                self.failed(format!("Did not bring {room} up to date."), call, class)
            }
            ("read", class) => self.failed(format!("Did not say how {room} is."), call, class),
            ("retire", class) => self.failed(format!("Did not remove {room}."), call, class),
            (other, class) => {
                self.failed(format!("Did not do what was asked of {room} ({other})."), call, class)
            }
        }
    }

    fn failed(&self, what: String, call: &Call, class: &str) -> (Actor, String, Tone) {
        let sentence = match &call.message {
            Some(why) => format!("{what} {why}"),
            None => what,
        };
        (Actor::Vendor(self.record.room.place.provider), sentence, tone(class))
    }

    /// A create of which nobody knows whether it took effect, and what becomes of it.
    fn unanswered(&self, call: &Call) -> String {
        let (room, name) = (self.room(), self.vendor());
        let what = match call.status {
            None => format!("No answer from {name}"),
            Some(_) => format!("{name}’s answer does not say whether {room} was made"),
        };
        match self.record.room.state {
            State::Unknown { .. } if self.last => {
                let wait = self.record.room.next_at.since(self.now).as_secs();
                let when = if wait == 0 { "now".to_owned() } else { format!("in {wait} s") };
                format!("{what}. Looking for {room} {when}, before another is made.")
            }
            State::Intended
            | State::Unknown { .. }
            | State::Live
            | State::Doubtful { .. }
            | State::Retiring
            | State::Gone(_)
            | State::Lost { .. }
            | State::Stuck => format!("{what}, so {room} was looked for first."),
        }
    }

    /// Whether a look found the room: it is known now, and nothing else has made it known.
    fn found(&self, call: &Call) -> bool {
        self.record.room.vendor_id.is_some()
            && self.calls.last().is_some_and(|it| it.id == call.id)
            && (self.last || !matches!(self.record.room.state, State::Lost { .. }))
    }

    fn attempt(&self, call: &Call) -> Attempt {
        let room = self.room();
        let asked = match call.operation.as_str() {
            "create" => format!("Make {room}"),
            "find" => format!("Look for {room} by its marker"),
            "update" => format!("Bring {room} up to date"),
            "read" => format!("Look at {room}"),
            "retire" => format!("Remove {room}"),
            other => format!("{other} {room}"),
        };
        Attempt {
            at: call.started_at,
            asked,
            outcome: self.outcome(call).to_owned(),
            tone: if call.outcome == "ok" { Tone::Fine } else { tone(&call.outcome) },
            status: call.status,
            took: Some(call.took),
            request_id: call.request_id.clone(),
        }
    }

    fn outcome(&self, call: &Call) -> &'static str {
        match (call.operation.as_str(), call.outcome.as_str()) {
            ("create", "ok") => "Made",
            ("find", "ok") if self.found(call) => "Found",
            ("find", "ok") => "Not found",
            ("retire", "ok") => "Removed",
            ("read", "ok") => "Seen",
            (_, "ok") => "Done",
            (_, "transient") => "Failed",
            (_, "throttled") => "Put off",
            (_, "needs_reconnect") => "Sign-in refused",
            (_, "rejected") => "Refused",
            (_, "unknown_user") => "User unknown",
            (_, "gone") => "Gone",
            (_, "occupied") => "People inside",
            (_, "unknown") if call.status.is_some() => "Not clear",
            (_, "unknown") => "No answer",
            (_, _) => "Something else",
        }
    }
}

/// What a failure of this class means.
fn tone(class: &str) -> Tone {
    match class {
        "throttled" | "occupied" | "transient" | "unknown" => Tone::Brass,
        "gone" => Tone::Plain,
        _ => Tone::Stop,
    }
}
