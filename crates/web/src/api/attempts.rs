//! `/v1/bookings/{booking}/attempts`: every call at a vendor, as it went.

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use roomkey_store::attempt::{self, Attempt};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::json;
use super::bookings::find;
use super::caller::Caller;
use super::query::{List, Query};
use super::scope::Scope;
use crate::app::App;
use crate::error::Problem;

/// One call at a vendor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attempt)]
pub(crate) struct AttemptJson {
    id: String,
    room: String,
    /// `create`, `update`, `retire`, `read` or `find`.
    operation: String,
    #[schema(format = DateTime)]
    started_at: String,
    took_ms: u64,
    /// `ok`, or the failure's class.
    outcome: String,
    /// The HTTP status.
    status: Option<u16>,
    /// The vendor's error code.
    code: Option<String>,
    /// The vendor's name for the request.
    request_id: Option<String>,
    message: Option<String>,
}

/// Lists a booking's calls at vendors, the latest first.
#[utoipa::path(get, path = "/v1/bookings/{booking}/attempts", tag = "Bookings",
    params(("booking" = String, Path),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 if left out"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the stretch before")),
    responses((status = 200, body = List<AttemptJson>), (status = 404, body = super::schemas::Problem)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(booking): Path<String>,
    mut query: Query,
) -> Result<Response, Problem> {
    caller.must(Scope::BookingsRead)?;
    let page = query.page();
    query.done()?;
    let record = find(&app, &caller, &booking).await?;
    let (tenant, id) = (caller.tenant(), record.booking.id);
    let (after, fetch) = (page.after, page.fetch());
    let mut attempts = app
        .store()
        .read(|tx| Box::pin(async move { attempt::of_booking(tx, tenant, id, after, fetch).await }))
        .await?;
    let next_cursor = page.cut(&mut attempts, |it| (it.started_at, it.id));
    let data = attempts.into_iter().map(shown).collect();
    json(StatusCode::OK, &List { data, next_cursor }, None)
}

fn shown(attempt: Attempt) -> AttemptJson {
    AttemptJson {
        id: attempt.id.to_string(),
        room: attempt.room.to_string(),
        operation: attempt.operation,
        started_at: attempt.started_at.to_string(),
        took_ms: u64::try_from(attempt.took.as_millis()).unwrap_or(u64::MAX),
        outcome: attempt.outcome,
        status: attempt.status,
        code: attempt.code,
        request_id: attempt.request_id,
        message: attempt.message,
    }
}
