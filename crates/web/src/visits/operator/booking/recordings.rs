//! What was recorded, as the page shows it; and the text of a transcript, for whoever is signed in.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use http::header;
use roomkey_core::id::{BookingId, RecordingId};
use roomkey_providers::http::is_allowed;
use roomkey_store::transcript::{Standing, State as Where};
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::super::super::page;
use super::super::super::session::Operator;
use super::super::answer;
use super::path;
use crate::app::App;
use crate::pages::icon::Icon;
use crate::pages::operator::booking::{RecordingRow, TranscriptLine};
use crate::pages::pill::{Pill, Tone};
use crate::recorded::{self, Links, Recorded, Text};

/// The files, the first first.
pub(super) fn rows(app: &App, booking: BookingId, all: &[Recorded]) -> Vec<RecordingRow> {
    all.iter().map(|it| row(app, booking, it)).collect()
}

fn row(app: &App, booking: BookingId, recorded: &Recorded) -> RecordingRow {
    let recording = &recorded.recording;
    let Links { share_url, play_url, passcode } = recorded::links(&app.desk.ring, recording);
    RecordingRow {
        what: what(&recording.kind).to_owned(),
        started_at: recording.started_at,
        ended_at: recording.ended_at,
        size: recording.size,
        at_vendor: play_url.or(share_url).filter(|it| leads_somewhere(it)),
        passcode,
        transcript: recorded.text.as_ref().map(|standing| TranscriptLine {
            pill: pill(standing),
            words: recorded::sentence(standing),
            text: (standing.state == Where::Stored)
                .then(|| format!("{}/recordings/{}/transcript", path(booking), recording.id)),
        }),
    }
}

/// A vendor's page that a browser may be sent to.
fn leads_somewhere(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|url| is_allowed(&url))
}

/// A file in a word; of other kinds, in the vendor's.
fn what(kind: &str) -> &str {
    match kind {
        "MP4" => "Video",
        "M4A" => "Sound",
        "TRANSCRIPT" => "Transcript",
        "CHAT" => "Chat",
        "CC" => "Captions",
        "SUMMARY" => "Summary",
        other => other,
    }
}

fn pill(standing: &Standing) -> Pill {
    match standing.state {
        Where::Pending if standing.reason.is_some() => {
            Pill::new(Tone::Brass, Icon::Clock, "Not here yet")
        }
        Where::Pending => Pill::new(Tone::Plain, Icon::Making, "Being fetched"),
        Where::Stored => Pill::new(Tone::Fine, Icon::Check, "Here"),
        Where::Refused => Pill::new(Tone::Stop, Icon::Warn, "Not to be had"),
        Where::NotFetched => Pill::new(Tone::Plain, Icon::Off, "Not fetched"),
        Where::Forgotten => Pill::new(Tone::Plain, Icon::Off, "Deleted"),
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    /// As a file instead of a page.
    file: Option<String>,
}

/// The text of a transcript.
pub(super) async fn transcript(
    State(app): State<App>,
    operator: Operator,
    Path((booking, recording)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Response {
    let (Ok(booking), Ok(id)) = (booking.parse::<BookingId>(), recording.parse::<RecordingId>())
    else {
        return page::not_found();
    };
    let text = match recorded::text(&app, operator.tenant, booking, id).await {
        Ok(Some(Text::Here(text))) => text,
        // Where it stands is said on the booking's page, which has no link to it then.
        Ok(Some(Text::Not(_)) | None) => return page::not_found(),
        Err(problem) => return answer::refused(problem),
    };
    let text = text.expose_secret().to_owned();
    let shown = if asked.file.is_some() {
        let name = format!("attachment; filename=\"{id}.vtt\"");
        let headers = [
            (header::CONTENT_TYPE, "text/vtt; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, name),
        ];
        (headers, text).into_response()
    } else {
        // Browsers show plain text, and keep captions as a file.
        ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
    };
    page::guarded(shown)
}
