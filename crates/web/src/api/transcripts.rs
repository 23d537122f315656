//! `/v1/bookings/{booking}/recordings/{recording}/transcript`: what was said, as text.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use roomkey_core::id::{BookingId, RecordingId};
use roomkey_store::Reference;
use roomkey_store::transcript::{self, Standing};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use utoipa::ToSchema;

use super::booking_json::ReasonJson;
use super::bookings::find;
use super::caller::Caller;
use super::named;
use super::scope::Scope;
use crate::app::App;
use crate::desk::forget_transcript_in;
use crate::error::{Code, Problem};
use crate::recorded::{self, Text};

/// Where the text of a transcript stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Transcript)]
pub(crate) struct TranscriptJson {
    /// `pending` (it is asked for until it is here), `stored` (it is here), `refused` (it is not to be
    /// had, for good), `not_fetched` (it is not wanted, and was never asked for) or `forgotten` (it was
    /// deleted).
    #[schema(example = "stored")]
    state: &'static str,
    /// Why it is not here, or not yet.
    reason: Option<ReasonJson>,
    #[schema(format = DateTime)]
    changed_at: String,
}

impl TranscriptJson {
    /// Where a text stands.
    pub(crate) fn of(app: &App, standing: &Standing) -> Self {
        Self {
            state: standing.state.as_str(),
            reason: standing.reason.as_ref().map(|it| ReasonJson::of(app, it)),
            changed_at: standing.changed_at.to_string(),
        }
    }
}

/// Reads the text of a transcript, as WebVTT. While there is none, the problem's member `transcript`
/// says where it stands.
#[utoipa::path(get, path = "/v1/bookings/{booking}/recordings/{recording}/transcript", tag = "Bookings",
    params(("booking" = String, Path), ("recording" = String, Path, description = "a recording's id whose `kind` is `transcript`")),
    responses((status = 200, content_type = "text/vtt", body = String), (status = 404, body = super::schemas::Problem)))]
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path((booking, recording)): Path<(String, String)>,
) -> Result<Response, Problem> {
    caller.must(Scope::RecordingsRead)?;
    let record = find(&app, &caller, &booking).await?;
    let id = of(&recording)?;
    match recorded::text(&app, caller.tenant(), record.booking.id, id).await? {
        Some(Text::Here(text)) => Ok(answer(&text)),
        Some(Text::Not(standing)) => Err(not_here(&app, &standing)),
        None => Err(Problem::not_found("transcript")),
    }
}

/// Forgets the text of a transcript for good: one that is here, and one that has yet to come. The
/// vendor keeps its own. Asked for again, nothing more happens.
#[utoipa::path(delete, path = "/v1/bookings/{booking}/recordings/{recording}/transcript", tag = "Bookings",
    params(("booking" = String, Path), ("recording" = String, Path)),
    responses((status = 204, description = "it is forgotten"), (status = 404, body = super::schemas::Problem)))]
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path((booking, recording)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    caller.must(Scope::RecordingsWrite)?;
    let reference: Reference<BookingId> = named(&booking, "booking")?;
    let id = of(&recording)?;
    let (given, by) = ((app.desk.clone(), reference), caller.by());
    app.desk
        .change(move |tx| {
            let (desk, reference) = given.clone();
            Box::pin(async move { forget_transcript_in(tx, &desk, by, &reference, id).await })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn of(recording: &str) -> Result<RecordingId, Problem> {
    recording.parse().map_err(|_| Problem::not_found("transcript"))
}

fn answer(text: &SecretString) -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/vtt; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (headers, text.expose_secret().to_owned()).into_response()
}

fn not_here(app: &App, standing: &Standing) -> Problem {
    let code = match standing.state {
        transcript::State::Pending | transcript::State::Stored => Code::TranscriptPending,
        transcript::State::Refused => Code::TranscriptRefused,
        transcript::State::NotFetched => Code::TranscriptNotFetched,
        transcript::State::Forgotten => Code::TranscriptForgotten,
    };
    let shown = serde_json::to_value(TranscriptJson::of(app, standing)).unwrap_or_default();
    Problem::with(code, recorded::sentence(standing)).and("transcript", shown)
}
