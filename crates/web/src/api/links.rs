//! `/v1/bookings/{booking}/people/{person}/replace-link`.

use axum::extract::{Path, State};
use axum::response::Response;

use super::answer::About;
use super::body::Body;
use super::booking_json::BookingJson;
use super::bookings::{Call, read};
use super::caller::Caller;
use super::headers::{IfMatch, Prefer};
use super::once::Key;
use super::schemas;
use super::scope::Scope;
use crate::app::App;
use crate::desk::{Order, Whose};
use crate::error::Problem;

/// Gives one person another link. The old one leads nowhere from then on; for 30 days it says that
/// it was replaced. `{person}` is `host`, a guest's id, or `ext:` and the platform's.
#[utoipa::path(post, path = "/v1/bookings/{booking}/people/{person}/replace-link", tag = "Bookings",
    request_body = schemas::NotifyInput,
    params(("booking" = String, Path),
        ("person" = String, Path, description = "`host` (needs the scope `host_links`), a guest's id, or `ext:` and the platform's own"),
        ("Idempotency-Key" = Option<String>, Header), ("If-Match" = Option<String>, Header), ("Prefer" = Option<String>, Header)),
    responses((status = 200, body = BookingJson), (status = 404, body = schemas::Problem),
        (status = 412, body = schemas::Problem)))]
pub(crate) async fn replace(
    State(app): State<App>,
    caller: Caller,
    Path((booking, person)): Path<(String, String)>,
    key: Key,
    IfMatch(versions): IfMatch,
    prefer: Prefer,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Scope::BookingsWrite)?;
    let whose: Whose = person.parse().map_err(|_| Problem::not_found("person"))?;
    if whose == Whose::Host {
        caller.must(Scope::HostLinks)?;
    }
    let wanted = read(&body.members, |_| Some(Order::ReplaceLink(whose.clone())));
    let call = Call { app, caller, key, prefer, versions, hash: body.hash };
    call.order(&booking, wanted, |done| About::Booking { id: done.booking }).await
}
