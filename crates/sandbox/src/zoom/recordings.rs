//! Cloud recordings: made when a recorded meeting ends, there once they have been processed.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::errors::problem;
use super::events;
use super::meetings::Meeting;
use super::token::Bearer;
use crate::clock::{after, seconds};
use crate::message::Answer;
use crate::world::World;

/// Zoom takes about as long as the meeting lasted; here it is moments.
const PROCESSING: SignedDuration = SignedDuration::from_secs(2);
/// The transcript comes later still.
const TRANSCRIBING: SignedDuration = SignedDuration::from_secs(4);

/// The recording of one instance of a meeting.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    /// In the addresses of its pages.
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) meeting: i64,
    pub(crate) uuid: String,
    host_id: String,
    topic: String,
    passcode: String,
    started: Timestamp,
    ended: Timestamp,
    ready_at: Timestamp,
    transcribed_at: Timestamp,
    video: String,
    audio: String,
    transcript: String,
}

impl Recording {
    fn is_ready(&self, now: Timestamp) -> bool {
        self.ready_at <= now
    }

    fn files(&self, base: &World, now: Timestamp) -> Vec<Value> {
        let seconds_long = self.ended.duration_since(self.started).as_secs().max(1);
        let mut files = vec![
            self.file(
                base,
                &self.video,
                "MP4",
                "shared_screen_with_speaker_view",
                seconds_long * 125_000,
            ),
            self.file(base, &self.audio, "M4A", "audio_only", seconds_long * 8_000),
        ];
        if self.transcribed_at <= now {
            files.push(self.transcribed(base));
        }
        files
    }

    fn transcribed(&self, world: &World) -> Value {
        self.file(world, &self.transcript, "TRANSCRIPT", "audio_transcript", 2_048)
    }

    fn file(&self, world: &World, id: &str, kind: &str, view: &str, size: i64) -> Value {
        let extension = if kind == "TRANSCRIPT" { "VTT" } else { kind };
        json!({
            "id": id,
            "meeting_id": self.uuid,
            "recording_start": seconds(self.started),
            "recording_end": seconds(self.ended),
            "file_type": kind,
            "file_extension": extension,
            "file_size": size,
            "recording_type": view,
            "status": "completed",
            "play_url": world.link(&format!("/rooms/zoom/play/{id}")),
            "download_url": world.link(&format!("/rooms/zoom/download/{id}")),
        })
    }

    /// As the list and the event write it; `files` are those that are there.
    fn body(&self, world: &World, files: Vec<Value>) -> Value {
        let host =
            world.zoom.account(&self.account).and_then(|account| account.user(&self.host_id));
        let size: i64 = files.iter().filter_map(|file| file["file_size"].as_i64()).sum();
        json!({
            "id": self.meeting,
            "uuid": self.uuid,
            "account_id": self.account,
            "host_id": self.host_id,
            "host_email": host.map(|host| host.email.clone()),
            "topic": self.topic,
            "type": 2,
            "start_time": seconds(self.started),
            "timezone": "UTC",
            "duration": self.ended.duration_since(self.started).as_mins(),
            "total_size": size,
            "recording_count": files.len(),
            "share_url": world.link(&format!("/rooms/zoom/share/{}", self.id)),
            "password": self.passcode,
            "recording_play_passcode": self.passcode,
            "recording_files": files,
        })
    }
}

/// A meeting has ended: if it was recorded, there will be recordings, and Zoom tells when.
pub(crate) fn made(world: &mut World, meeting: &Meeting) {
    let is_recorded =
        meeting.settings.get("auto_recording").and_then(Value::as_str) == Some("cloud");
    if !is_recorded {
        return;
    }
    let recording = of(world, meeting);
    let now = world.clock.now();
    let ready = recording.body(world, recording.files(world, now));
    let transcript = recording.body(world, vec![recording.transcribed(world)]);
    let (ready_at, transcribed_at) = (recording.ready_at, recording.transcribed_at);
    world.zoom.recordings.push(recording);
    events::recorded(world, meeting, "recording.completed", ready, ready_at);
    events::recorded(world, meeting, "recording.transcript_completed", transcript, transcribed_at);
}

fn of(world: &mut World, meeting: &Meeting) -> Recording {
    let now = world.clock.now();
    Recording {
        id: world.chance.word(20),
        account: meeting.account.clone(),
        meeting: meeting.id,
        uuid: meeting.uuid.clone(),
        host_id: meeting.host_id.clone(),
        topic: meeting.topic.clone(),
        passcode: world.chance.word(8),
        started: meeting.last_started.unwrap_or(now),
        ended: now,
        ready_at: after(now, PROCESSING),
        transcribed_at: after(now, TRANSCRIBING),
        video: world.chance.word(24),
        audio: world.chance.word(24),
        transcript: world.chance.word(24),
    }
}

/// What an event about a meeting's recording says, for one that is sent on demand. A meeting that
/// was never recorded has none.
pub(crate) fn told(world: &World, meeting: &Meeting, event: &str) -> Option<Value> {
    let recording = latest(world, |it| it.meeting == meeting.id)?;
    let now = world.clock.now();
    let files = if event == "recording.transcript_completed" {
        vec![recording.transcribed(world)]
    } else {
        recording.files(world, now)
    };
    Some(recording.body(world, files))
}

fn latest(world: &World, is_it: impl Fn(&Recording) -> bool) -> Option<&Recording> {
    world.zoom.recordings.iter().rev().find(|recording| is_it(recording))
}

/// `GET /meetings/{meetingId}/recordings`: by its number the latest instance's, by a uuid that
/// instance's.
pub(crate) fn list(world: &World, bearer: &Bearer, id: &str) -> Answer {
    let now = world.clock.now();
    // A uuid with slashes in it is encoded twice.
    let decoded = percent_encoding::percent_decode_str(id).decode_utf8_lossy().into_owned();
    let found = latest(world, |it| {
        it.account == bearer.account
            && it.is_ready(now)
            && (it.meeting.to_string() == id || it.uuid == id || it.uuid == decoded)
    });
    match found {
        Some(recording) => {
            let mut body = recording.body(world, recording.files(world, now));
            // A number in events, a text in answers.
            body["type"] = json!("2");
            Answer::json(200, &body)
        }
        None => problem(404, 3301, "There is no recording for this meeting."),
    }
}

/// The page behind a share or play link.
pub(crate) fn page(world: &World, kind: &str, id: &str) -> Option<(String, String)> {
    let now = world.clock.now();
    let is_it = |it: &Recording| {
        let files = [&it.video, &it.audio, &it.transcript];
        it.is_ready(now)
            && match kind {
                "share" => it.id == id,
                _ => files.iter().any(|file| *file == id),
            }
    };
    let recording = latest(world, is_it)?;
    let title = format!("Recording: {}", recording.topic);
    let text =
        format!("Recorded from {} to {}.", seconds(recording.started), seconds(recording.ended));
    Some((title, text))
}

/// What exists, for whoever looks from outside.
pub(crate) fn state(world: &World, meeting: &Meeting) -> Vec<Value> {
    let now = world.clock.now();
    let of_it = world.zoom.recordings.iter().filter(|it| it.meeting == meeting.id);
    of_it
        .map(|it| {
            let mut body = it.body(world, it.files(world, now));
            body["ready"] = json!(it.is_ready(now));
            body
        })
        .collect()
}

/// The scope that reading recordings takes.
pub(crate) const SCOPE: &str = "cloud_recording:read:list_recording_files";
