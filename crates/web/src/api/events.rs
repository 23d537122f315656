//! What happened: of one booking, and the tenant's numbered feed.

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use roomkey_store::event::{self, Event};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::answer::json as answer_json;
use super::bookings::find;
use super::caller::Caller;
use super::query::{List, Query};
use super::scope::Scope;
use crate::app::App;
use crate::error::Problem;

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventJson {
    id: String,
    /// What happened: `booking.…`, `meeting.…`, `message.…`, `payment.{received,mismatch,failed,expired}`,
    /// or `link.replaced`, whose `data` names the person (`host` or a guest's id) and never a link.
    #[schema(example = "booking.confirmed")]
    r#type: String,
    booking: Option<String>,
    /// Where in the booking's order.
    seq: i64,
    /// Where in the tenant's feed; null until it is numbered.
    number: Option<i64>,
    #[schema(format = DateTime)]
    timestamp: String,
    /// `api`, `operator`, `host`, `guest`, `vendor` or `roomkey`.
    actor: String,
    /// The particulars.
    #[schema(value_type = Object)]
    data: Value,
}

fn shown(event: Event) -> EventJson {
    EventJson {
        id: event.id.to_string(),
        r#type: event.kind,
        booking: event.booking.map(|it| it.to_string()),
        seq: event.seq,
        number: event.number,
        timestamp: event.at.to_string(),
        actor: event.actor,
        data: serde_json::from_str(&event.data).unwrap_or_else(|_| json!({})),
    }
}

/// A stretch of the feed, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Feed {
    data: Vec<EventJson>,
    /// What to send as `after` for the next stretch: the last number, or the one that was sent.
    next_after: i64,
}

/// Lists a booking's events, the latest first.
#[utoipa::path(get, path = "/v1/bookings/{booking}/events", tag = "Events",
    params(("booking" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = List<EventJson>)))]
pub(crate) async fn of_booking(
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
    let mut events = app
        .store()
        .read(|tx| Box::pin(async move { event::of_booking(tx, tenant, id, after, fetch).await }))
        .await?;
    // Events of one moment have ids in no order; `seq` orders them.
    let next_cursor = page.cut(&mut events, |it| (it.seq, it.id));
    let data = events.into_iter().map(shown).collect();
    answer_json(StatusCode::OK, &List { data, next_cursor }, None)
}

/// Reads the tenant's events after a number, in order. A late commit is never skipped: events get
/// their numbers when they are committed.
#[utoipa::path(get, path = "/v1/events", tag = "Events",
    params(("after" = Option<i64>, Query, description = "the last number that was read"), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Feed)))]
pub(crate) async fn feed(
    State(app): State<App>,
    caller: Caller,
    mut query: Query,
) -> Result<Response, Problem> {
    caller.must(Scope::EventsRead)?;
    let after: i64 = query.parsed("after").unwrap_or(0);
    let limit: u32 = query.parsed("limit").unwrap_or(50);
    if !(1..=200).contains(&limit) {
        query.fault("limit", "out_of_range", "must be a whole number from 1 to 200");
    }
    query.done()?;
    let tenant = caller.tenant();
    let events = app
        .store()
        .read(|tx| Box::pin(async move { event::feed(tx, tenant, after, limit).await }))
        .await?;
    let next_after = events.last().and_then(|it| it.number).unwrap_or(after);
    let data = events.into_iter().map(shown).collect();
    answer_json(StatusCode::OK, &Feed { data, next_after }, None)
}
