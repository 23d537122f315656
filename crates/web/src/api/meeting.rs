//! `/v1/bookings/{booking}/meeting`: the rooms of a booking, as far as people ask for something.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use roomkey_core::failure::Failure;
use roomkey_core::id::BookingId;
use roomkey_core::route::Provider;
use roomkey_providers::contract::{Account, Call as VendorCall};
use roomkey_store::connection;
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::answer::{About, json, living};
use super::body::Body;
use super::booking_json::{self, BookingJson, MeetingJson};
use super::bookings::{Call, find, fresh, read};
use super::caller::Caller;
use super::guests::told;
use super::headers::{IfMatch, Prefer};
use super::once::{Key, no_body};
use super::query::{NoQuery, Query};
use super::schemas;
use super::scope::Scope;
use crate::app::App;
use crate::desk::{self, Order};
use crate::error::{Code, Problem};

/// How long a live call at a vendor may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads a meeting.
#[utoipa::path(get, path = "/v1/bookings/{booking}/meeting", tag = "Meetings",
    params(("booking" = String, Path), ("expand" = Option<String>, Query, description = "`vendor`: the vendor's own address, with the scope `vendor_links`")),
    responses((status = 200, body = MeetingJson)))]
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(booking): Path<String>,
    mut query: Query,
) -> Result<Response, Problem> {
    caller.must(Scope::BookingsRead)?;
    let expand = query.text("expand");
    let vendor = expand.as_deref() == Some("vendor");
    if expand.is_some() && !vendor {
        query.fault("expand", "invalid", "must be `vendor`");
    }
    query.done()?;
    if vendor {
        caller.must(Scope::VendorLinks)?;
    }
    let record = find(&app, &caller, &booking).await?;
    let loaded = fresh(&app, &caller, record.booking.id).await?;
    let version = loaded.record.booking.version;
    living(StatusCode::OK, &booking_json::meeting(&app, &loaded, vendor), version)
}

/// Another room: it opens first, then the old one goes.
#[utoipa::path(post, path = "/v1/bookings/{booking}/meeting/regenerate", tag = "Meetings", request_body = schemas::NotifyInput,
    params(("booking" = String, Path), ("Idempotency-Key" = Option<String>, Header), ("Prefer" = Option<String>, Header)),
    responses((status = 200, body = MeetingJson), (status = 409, body = schemas::Problem)))]
pub(crate) async fn regenerate(
    State(app): State<App>,
    caller: Caller,
    Path(booking): Path<String>,
    key: Key,
    IfMatch(versions): IfMatch,
    prefer: Prefer,
    body: Body,
) -> Result<Response, Problem> {
    let wanted = read(&body.members, |_| Some(Order::Regenerate));
    let call = Call { app, caller, key, prefer, versions, hash: body.hash };
    call.order(&booking, wanted, |done| About::Meeting { booking: done.booking }).await
}

/// Tries again now, instead of when it would be tried.
#[utoipa::path(post, path = "/v1/bookings/{booking}/meeting/retry", tag = "Meetings", request_body = schemas::NotifyInput,
    params(("booking" = String, Path), ("Idempotency-Key" = Option<String>, Header), ("Prefer" = Option<String>, Header)),
    responses((status = 200, body = MeetingJson), (status = 409, body = schemas::Problem)))]
pub(crate) async fn retry(
    State(app): State<App>,
    caller: Caller,
    Path(booking): Path<String>,
    key: Key,
    IfMatch(versions): IfMatch,
    prefer: Prefer,
    body: Body,
) -> Result<Response, Problem> {
    let wanted = read(&body.members, |_| Some(Order::Retry));
    let call = Call { app, caller, key, prefer, versions, hash: body.hash };
    call.order(&booking, wanted, |done| About::Meeting { booking: done.booking }).await
}

/// A room at the next option of the booking's route: it opens first, then the old one goes. Options
/// that were left behind are tried again when the route is pinned anew, as by another host.
#[utoipa::path(post, path = "/v1/bookings/{booking}/meeting/plan-b", tag = "Meetings", request_body = schemas::NotifyInput,
    params(("booking" = String, Path), ("Idempotency-Key" = Option<String>, Header), ("Prefer" = Option<String>, Header)),
    responses((status = 200, body = MeetingJson), (status = 409, body = schemas::Problem)))]
pub(crate) async fn plan_b(
    State(app): State<App>,
    caller: Caller,
    Path(booking): Path<String>,
    key: Key,
    IfMatch(versions): IfMatch,
    prefer: Prefer,
    body: Body,
) -> Result<Response, Problem> {
    let wanted = read(&body.members, |_| Some(Order::PlanB));
    let call = Call { app, caller, key, prefer, versions, hash: body.hash };
    call.order(&booking, wanted, |done| About::Meeting { booking: done.booking }).await
}

/// A room that somebody has already, instead of the route's.
#[utoipa::path(put, path = "/v1/bookings/{booking}/meeting/link", tag = "Meetings", request_body = schemas::LinkInput,
    params(("booking" = String, Path), ("If-Match" = Option<String>, Header), ("Prefer" = Option<String>, Header)),
    responses((status = 200, body = BookingJson), (status = 422, body = schemas::Problem)))]
pub(crate) async fn type_link(
    State(app): State<App>,
    caller: Caller,
    Path(booking): Path<String>,
    IfMatch(versions): IfMatch,
    prefer: Prefer,
    body: Body,
) -> Result<Response, Problem> {
    let wanted = read(&body.members, |members| {
        members.needed("url", true);
        let url = members.text("url").flatten().unwrap_or_default();
        let passcode = members.text("passcode").flatten();
        Some(Order::TypeLink { url: url.trim().to_owned(), passcode })
    });
    let call = Call { app, caller, key: Key::none(), prefer, versions, hash: body.hash };
    call.order(&booking, wanted, |done| About::Booking { id: done.booking }).await
}

/// The route that was there before a link was typed.
#[utoipa::path(delete, path = "/v1/bookings/{booking}/meeting/link", tag = "Meetings",
    params(("booking" = String, Path), ("notify" = Option<String>, Query), ("If-Match" = Option<String>, Header), ("Prefer" = Option<String>, Header)),
    responses((status = 200, body = BookingJson), (status = 412, body = schemas::Problem)))]
pub(crate) async fn untype_link(
    State(app): State<App>,
    caller: Caller,
    Path(booking): Path<String>,
    IfMatch(versions): IfMatch,
    prefer: Prefer,
    mut query: Query,
) -> Result<Response, Problem> {
    let notify = told(&mut query);
    query.done()?;
    let call = Call { app, caller, key: Key::none(), prefer, versions, hash: no_body() };
    let wanted = (Order::UntypeLink, notify);
    call.order(&booking, wanted, |done| About::Booking { id: done.booking }).await
}

/// A fresh link that opens the room as its host.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct StartJson {
    url: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

/// Fetches a fresh link that opens the room as its host. It is never kept.
#[utoipa::path(post, path = "/v1/bookings/{booking}/meeting/start", tag = "Meetings",
    params(("booking" = String, Path)),
    responses((status = 200, body = StartJson), (status = 409, body = schemas::Problem), (status = 502, body = schemas::Problem)))]
pub(crate) async fn start(
    State(app): State<App>,
    caller: Caller,
    Path(booking): Path<String>,
    _: NoQuery,
) -> Result<Response, Problem> {
    caller.must(Scope::HostDoor)?;
    let record = find(&app, &caller, &booking).await?;
    let loaded = fresh(&app, &caller, record.booking.id).await?;
    let current = loaded.record.booking.current;
    let room = loaded.rooms.iter().find(|it| Some(it.room.id) == current);
    let (Some(room), Some(vendor_id)) = (room, room.and_then(|it| it.room.vendor_id.as_deref()))
    else {
        return Err(Problem::new(Code::NoRoomYet));
    };
    let place = room.room.place.clone();
    let provider = app.providers.get(place.provider);
    if !provider.capabilities().host_link {
        return Err(Problem::new(Code::NoHostDoor));
    }
    let account = account(&app, &caller, place.connection).await?;
    let call = VendorCall { account, place: place.clone(), now: app.now(), passcode: None };
    let answer = tokio::time::timeout(PATIENCE, provider.host_link(&call, vendor_id))
        .await
        .map_err(|_| Problem::new(Code::VendorTimeout))?;
    let link = answer.result.map_err(|it| vendor_failed(&it, place.provider))?;
    let shown = StartJson {
        url: link.url.expose_secret().to_owned(),
        expires_at: link.expires.to_string(),
    };
    json(StatusCode::OK, &shown, None)
}

/// Why there is no link. Nothing is tried again by itself here: whoever asked asks again.
fn vendor_failed(failure: &Failure, provider: Provider) -> Problem {
    let name = provider.label();
    let words = match failure {
        Failure::Transient(_) | Failure::Unknown(_) => {
            format!("{name} did not give the host's link. Ask again in a moment.")
        }
        Failure::Throttled { until, .. } => {
            format!("{name} answers no more calls until {until}. Ask again then.")
        }
        Failure::NeedsReconnect(reason)
        | Failure::Rejected(reason)
        | Failure::UnknownUser(reason) => reason.message.clone(),
        Failure::Gone | Failure::Occupied => failure.reason().message,
    };
    Problem::with(Code::VendorFailed, words).and("class", failure.class())
}

/// The credentials of a connection, for one call.
async fn account(
    app: &App,
    caller: &Caller,
    id: Option<roomkey_core::id::ConnectionId>,
) -> Result<Account, Problem> {
    let tenant = caller.tenant();
    let known = app
        .store()
        .read(|tx| Box::pin(async move { connection::of_tenant(tx, tenant).await }))
        .await?;
    let record = known
        .into_iter()
        .find(|it| Some(it.connection.id) == id)
        .ok_or_else(|| Problem::new(Code::NoHostDoor))?;
    desk::account(&app.desk, &record).ok_or_else(|| Problem::new(Code::Internal))
}

/// A meeting as an answer.
pub(crate) async fn show(
    app: &App,
    caller: &Caller,
    status: StatusCode,
    booking: BookingId,
) -> Result<Response, Problem> {
    let loaded = fresh(app, caller, booking).await?;
    let version = loaded.record.booking.version;
    json(status, &booking_json::meeting(app, &loaded, false), Some(version))
}
