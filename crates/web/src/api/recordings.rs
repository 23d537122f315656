//! `/v1/bookings/{booking}/recordings`: what was recorded, and where it is seen. The files stay
//! with the vendor, but for the texts of transcripts.

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::json;
use super::bookings::find;
use super::caller::Caller;
use super::query::{List, Query};
use super::scope::Scope;
use super::transcripts::TranscriptJson;
use crate::app::App;
use crate::error::Problem;
use crate::recorded::{Links, Recorded, links, recorded};

/// One file of a recording.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Recording)]
pub(crate) struct RecordingJson {
    #[schema(example = "rec_01hq3v8x5cj6tq2x9m4w7r5n1d")]
    id: String,
    /// The room that was recorded.
    room: String,
    /// `recording` or `transcript`.
    kind: &'static str,
    /// As the vendor calls it: `MP4`, `M4A`, `TRANSCRIPT`, …
    file_type: String,
    /// What is to be seen, as the vendor calls it.
    view: Option<String>,
    #[schema(format = DateTime)]
    started_at: Option<String>,
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// In bytes.
    size: Option<i64>,
    /// The vendor's page with all files of the recording; null once it is forgotten.
    share_url: Option<String>,
    /// The vendor's page with this file.
    play_url: Option<String>,
    /// What those pages ask for.
    passcode: Option<String>,
    /// Where the text stands, of a transcript; null for everything else.
    transcript: Option<TranscriptJson>,
    #[schema(format = DateTime)]
    ready_at: String,
}

/// Lists a booking's recordings and transcripts, the latest first.
#[utoipa::path(get, path = "/v1/bookings/{booking}/recordings", tag = "Bookings",
    params(("booking" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = List<RecordingJson>), (status = 404, body = super::schemas::Problem)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(booking): Path<String>,
    mut query: Query,
) -> Result<Response, Problem> {
    caller.must(Scope::RecordingsRead)?;
    let page = query.page();
    query.done()?;
    let record = find(&app, &caller, &booking).await?;
    let (tenant, id) = (caller.tenant(), record.booking.id);
    let (after, fetch) = (page.after, page.fetch());
    let mut recordings = app
        .store()
        .read(|tx| Box::pin(async move { recorded(tx, tenant, id, after, fetch).await }))
        .await?;
    let next_cursor = page.cut(&mut recordings, |it| (it.recording.begins(), it.recording.id));
    let data = recordings.into_iter().map(|it| shown(&app, it)).collect();
    json(StatusCode::OK, &List { data, next_cursor }, None)
}

fn shown(app: &App, recorded: Recorded) -> RecordingJson {
    let Recorded { recording, text } = recorded;
    let Links { share_url, play_url, passcode } = links(&app.desk.ring, &recording);
    RecordingJson {
        id: recording.id.to_string(),
        room: recording.room.to_string(),
        kind: if recording.is_transcript() { "transcript" } else { "recording" },
        view: recording.view,
        started_at: recording.started_at.map(|at| at.to_string()),
        ended_at: recording.ended_at.map(|at| at.to_string()),
        size: recording.size,
        share_url,
        play_url,
        passcode,
        transcript: text.as_ref().map(|it| TranscriptJson::of(app, it)),
        ready_at: recording.created_at.to_string(),
        file_type: recording.kind,
    }
}
