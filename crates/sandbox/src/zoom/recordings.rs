//! Cloud recordings: made when a recorded meeting ends, there once they have been processed.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::errors::problem;
use super::meetings::Meeting;
use super::token::Bearer;
use super::{DOWNLOADS, downloads, events, past};
use crate::clock::{after, seconds};
use crate::message::{Answer, Asked};
use crate::world::World;

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

/// What a file of a recording is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Film,
    Transcript,
}

impl Recording {
    fn is_ready(&self, now: Timestamp) -> bool {
        self.ready_at <= now
    }

    /// What that file is, if it is one of these and can be fetched by now.
    fn kind_of(&self, file: &str, now: Timestamp) -> Option<Kind> {
        if self.transcript == file {
            (self.transcribed_at <= now).then_some(Kind::Transcript)
        } else {
            let is_film = self.video == file || self.audio == file;
            (is_film && self.is_ready(now)).then_some(Kind::Film)
        }
    }

    /// What was said, as far as one can make it up: who came in greets the others.
    pub(crate) fn text(&self, world: &World) -> String {
        let mut text = "WEBVTT\n".to_owned();
        let said = past::inside(world, &self.uuid);
        for (number, (name, came)) in (1..).zip(said) {
            let from = came.duration_since(self.started).as_secs().max(0);
            let (begin, end) = (cue(from), cue(from + 2));
            let words = format!("\n{number}\n{begin} --> {end}\n{name}: Good afternoon.\n");
            text.push_str(&words);
        }
        text
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
        let size = i64::try_from(self.text(world).len()).unwrap_or(i64::MAX);
        self.file(world, &self.transcript, "TRANSCRIPT", "audio_transcript", size)
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
            "download_url": world.link(&format!("{DOWNLOADS}{id}")),
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
    let (token, later) = (downloads::told(world, &recording), downloads::told(world, &recording));
    let ready = recording.body(world, recording.files(world, now));
    let transcript = recording.body(world, vec![recording.transcribed(world)]);
    let (ready_at, transcribed_at) = (recording.ready_at, recording.transcribed_at);
    world.zoom.recordings.push(recording);
    events::recorded(world, meeting, "recording.completed", ready, token, ready_at);
    let event = "recording.transcript_completed";
    events::recorded(world, meeting, event, transcript, later, transcribed_at);
}

fn of(world: &mut World, meeting: &Meeting) -> Recording {
    let now = world.clock.now();
    let account = world.zoom.account(&meeting.account);
    let processing = account.map(|it| it.processing).unwrap_or_default();
    let ready_at = after(now, processing);
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
        ready_at,
        // The transcript comes later still.
        transcribed_at: after(ready_at, processing),
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
/// instance's. `include_fields=download_access_token` asks for a token that is good for its files.
pub(crate) fn list(world: &mut World, bearer: &Bearer, id: &str, asked: &Asked) -> Answer {
    let now = world.clock.now();
    let lifetime = match downloads::lifetime(asked) {
        Ok(lifetime) => lifetime,
        Err(refusal) => return refusal,
    };
    let uuid = past::uuid(id);
    let found = latest(world, |it| {
        it.account == bearer.account
            && it.is_ready(now)
            && (it.meeting.to_string() == id || uuid.as_ref() == Some(&it.uuid))
    });
    let Some(recording) = found.cloned() else {
        return problem(404, 3301, "There is no recording for this meeting.");
    };
    let mut body = recording.body(world, recording.files(world, now));
    // A number in events, a text in answers.
    body["type"] = json!("2");
    let account = world.zoom.account(&recording.account);
    let gives_tokens = account.is_some_and(|it| it.gives_download_tokens);
    if let Some(lifetime) = lifetime.filter(|_| gives_tokens) {
        let token = downloads::give_out(world, &recording, lifetime);
        body["download_access_token"] = json!(token);
    }
    Answer::json(200, &body)
}

/// The recording that a file is of, and what that file is.
pub(crate) fn of_file<'a>(world: &'a World, file: &str) -> Option<(&'a Recording, Kind)> {
    let now = world.clock.now();
    world.zoom.recordings.iter().find_map(|it| Some((it, it.kind_of(file, now)?)))
}

/// `00:01:05.000`, as captions have it.
fn cue(seconds: i64) -> String {
    format!("{:02}:{:02}:{:02}.000", seconds / 3_600, seconds / 60 % 60, seconds % 60)
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
            body["transcript_id"] = json!(it.transcript);
            body
        })
        .collect()
}

/// The scope that reading recordings takes.
pub(crate) const SCOPE: &str = "cloud_recording:read:list_recording_files";
