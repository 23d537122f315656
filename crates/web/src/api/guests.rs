//! `/v1/bookings/{booking}/guests`.

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use roomkey_core::Instant;
use roomkey_core::id::{BookingId, PersonId};
use roomkey_store::person::{Person, Role};
use serde_json::{Map, Value};

use super::answer::{About, json, located};
use super::body::Body;
use super::booking_body::{guest, notify};
use super::booking_json::{self, BookingJson, GuestJson};
use super::bookings::{Call, Wanted, find, fresh};
use super::caller::Caller;
use super::headers::{IfMatch, Prefer};
use super::members::Members;
use super::once::{Key, no_body};
use super::query::{List, Query};
use super::schemas;
use super::scope::Scope;
use crate::app::App;
use crate::desk::{Done, GuestAsked, Notify, Order};
use crate::error::Problem;

/// Lists a booking's guests, who came last first.
#[utoipa::path(get, path = "/v1/bookings/{booking}/guests", tag = "Guests",
    params(("booking" = String, Path),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 if left out"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the stretch before")),
    responses((status = 200, body = List<GuestJson>), (status = 404, body = schemas::Problem)))]
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
    let loaded = fresh(&app, &caller, record.booking.id).await?;
    let mut guests: Vec<&Person> = loaded
        .people
        .iter()
        .filter(|it| is_guest(it))
        .filter(|it| page.after.is_none_or(|after| place(it) < after))
        .collect();
    guests.sort_by_key(|it| std::cmp::Reverse(place(it)));
    let next_cursor = page.cut(&mut guests, |it| place(it));
    let data = guests.into_iter().map(|it| booking_json::guest(&app, it)).collect();
    json(StatusCode::OK, &List { data, next_cursor }, None)
}

/// Where a guest stands in the list. Many come in the same moment: their order in the booking, which
/// never changes either, takes its place.
const fn place(person: &Person) -> (Instant, PersonId) {
    (Instant::from_micros(person.ordinal), person.id)
}

/// Adds a guest.
#[utoipa::path(post, path = "/v1/bookings/{booking}/guests", tag = "Guests", request_body = schemas::GuestInput,
    params(("booking" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = GuestJson), (status = 422, body = schemas::Problem)))]
pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    Path(booking): Path<String>,
    key: Key,
    IfMatch(versions): IfMatch,
    prefer: Prefer,
    body: Body,
) -> Result<Response, Problem> {
    let wanted = read(&body.members, None, |asked| Order::AddGuest(Box::new(asked)));
    let call = Call { app, caller, key, prefer, versions, hash: body.hash };
    call.order_with(&booking, wanted, StatusCode::CREATED, about).await
}

/// Reads a guest.
#[utoipa::path(get, path = "/v1/bookings/{booking}/guests/{guest}", tag = "Guests",
    params(("booking" = String, Path), ("guest" = String, Path)),
    responses((status = 200, body = GuestJson), (status = 404, body = schemas::Problem)))]
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path((booking, guest)): Path<(String, String)>,
) -> Result<Response, Problem> {
    caller.must(Scope::BookingsRead)?;
    let (booking, person) = person(&app, &caller, &booking, &guest).await?;
    show(&app, &caller, StatusCode::OK, booking, person.id).await
}

/// Changes members of a guest; what is left out stays, and so does the link.
#[utoipa::path(patch, path = "/v1/bookings/{booking}/guests/{guest}", tag = "Guests", request_body = schemas::GuestInput,
    params(("booking" = String, Path), ("guest" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = GuestJson), (status = 422, body = schemas::Problem)))]
pub(crate) async fn patch(
    State(app): State<App>,
    caller: Caller,
    Path((booking, guest)): Path<(String, String)>,
    IfMatch(versions): IfMatch,
    prefer: Prefer,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Scope::BookingsWrite)?;
    let (id, known) = person(&app, &caller, &booking, &guest).await?;
    let wanted =
        read(&body.members, Some(&known), |asked| Order::ChangeGuest(known.id, Box::new(asked)));
    let call = Call { app, caller, key: Key::none(), prefer, versions, hash: body.hash };
    call.order(&id.to_string(), wanted, about).await
}

/// Removes a guest; their link says that they are no longer of the booking.
#[utoipa::path(delete, path = "/v1/bookings/{booking}/guests/{guest}", tag = "Guests",
    params(("booking" = String, Path), ("guest" = String, Path), ("notify" = Option<String>, Query), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = BookingJson), (status = 409, body = schemas::Problem), (status = 412, body = schemas::Problem)))]
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path((booking, guest)): Path<(String, String)>,
    IfMatch(versions): IfMatch,
    prefer: Prefer,
    mut query: Query,
) -> Result<Response, Problem> {
    caller.must(Scope::BookingsWrite)?;
    let notify = told(&mut query);
    query.done()?;
    let (id, known) = person(&app, &caller, &booking, &guest).await?;
    let wanted = (Order::RemoveGuest(known.id), notify);
    let call = Call { app, caller, key: Key::none(), prefer, versions, hash: no_body() };
    call.order(&id.to_string(), wanted, |done| About::Booking { id: done.booking }).await
}

/// `?notify=`, for calls without a body.
pub(crate) fn told(query: &mut Query) -> Option<Notify> {
    let text = query.text("notify")?;
    let notify = Notify::from_code(&text);
    if notify.is_none() {
        query.fault("notify", "invalid", "must be one of all, guests, host, none");
    }
    notify
}

fn about(done: Done) -> About {
    match done.guest {
        Some(id) => About::Guest { booking: done.booking, id },
        None => About::Booking { id: done.booking },
    }
}

/// A guest's members; with `known`, what is left out stays.
fn read(
    body: &Map<String, Value>,
    known: Option<&Person>,
    order: impl Fn(GuestAsked) -> Order,
) -> Wanted {
    let mut whole = body.clone();
    if let Some(known) = known {
        let stays = serde_json::json!({
            "external_id": known.external_id, "name": known.name, "email": known.email,
            "phone": known.phone, "time_zone": known.time_zone, "locale": known.locale,
        });
        for (member, value) in stays.as_object().into_iter().flatten() {
            whole.entry(member.clone()).or_insert_with(|| value.clone());
        }
        whole.remove("id");
    }
    let mut members = Members::new(&whole, "");
    let mut asked = guest(&mut members, true);
    asked.id = None;
    let notify = notify(&mut members);
    let faults = members.end(&["id", "link"]);
    let order = order(asked);
    if faults.is_empty() {
        (order, notify)
    } else {
        (Order::Unread(Some(Box::new(order)), faults), notify)
    }
}

fn is_guest(person: &Person) -> bool {
    person.role == Role::Guest && person.removed_at.is_none()
}

/// A guest whom this caller named, by our id or as `ext:` and the platform's.
async fn person(
    app: &App,
    caller: &Caller,
    booking: &str,
    guest: &str,
) -> Result<(BookingId, Person), Problem> {
    let record = find(app, caller, booking).await?;
    let loaded = fresh(app, caller, record.booking.id).await?;
    let named = |it: &Person| match guest.strip_prefix("ext:") {
        Some(external_id) => it.external_id.as_deref() == Some(external_id),
        None => guest.parse::<PersonId>().is_ok_and(|id| id == it.id),
    };
    loaded
        .people
        .into_iter()
        .find(|it| is_guest(it) && named(it))
        .map(|person| (record.booking.id, person))
        .ok_or_else(|| Problem::not_found("guest"))
}

/// A guest as an answer.
pub(crate) async fn show(
    app: &App,
    caller: &Caller,
    status: StatusCode,
    booking: BookingId,
    id: PersonId,
) -> Result<Response, Problem> {
    let loaded = fresh(app, caller, booking).await?;
    let person =
        loaded.people.iter().find(|it| it.id == id).ok_or_else(|| Problem::not_found("guest"))?;
    let version = loaded.record.booking.version;
    let response = json(status, &booking_json::guest(app, person), Some(version))?;
    Ok(located(response, &format!("/v1/bookings/{booking}/guests/{id}")))
}
