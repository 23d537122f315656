//! `/v1/bookings`: making, reading and changing them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use roomkey_core::Instant;
use roomkey_core::id::{BookingId, HostId, ServiceId};
use roomkey_core::route::Provider;
use roomkey_store::booking::{self, Filter};
use roomkey_store::{Reference, StoreError, Tenant, Tx, host, service};
use serde_json::{Map, Value};

use super::answer::{About, answer, json, living, located};
use super::body::Body;
use super::booking_body::{notify, part, whole};
use super::booking_json::{BookingJson, load};
use super::caller::Caller;
use super::headers::{IfMatch, OnPurpose, Prefer, PutIf};
use super::members::Members;
use super::once::{Key, Outcome, once};
use super::query::{List, Query};
use super::scope::Scope;
use super::upsert::upsert;
use super::{booking_json, named, schemas};
use crate::app::App;
use crate::desk::{self, Asked, Done, Notify, Order, Put, Standing, Terms};
use crate::error::Problem;

/// Lists bookings, newest first.
#[utoipa::path(get, path = "/v1/bookings", tag = "Bookings", params(
    ("limit" = Option<u32>, Query, description = "1 to 200; 50 if left out"),
    ("cursor" = Option<String>, Query, description = "`next_cursor` of the stretch before"),
    ("status" = Option<String>, Query, description = "`pending`, `confirmed`, `in_progress`, `completed`, `cancelled` or `no_show`"),
    ("host" = Option<String>, Query, description = "a host's id or `ext:…`"),
    ("service" = Option<String>, Query, description = "a service's id or `ext:…`"),
    ("provider" = Option<String>, Query, description = "where the room is: `zoom` or `link`"),
    ("from" = Option<String>, Query, description = "starting then or later"),
    ("to" = Option<String>, Query, description = "starting before"),
    ("guest_email" = Option<String>, Query, description = "with a guest of this address"),
    ("q" = Option<String>, Query, description = "with these words in the title or in a name"),
    ("changed_since" = Option<i64>, Query, description = "with an event after this number"),
), responses((status = 200, body = List<BookingJson>)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    mut query: Query,
) -> Result<Response, Problem> {
    caller.must(Scope::BookingsRead)?;
    let page = query.page();
    let status = query.text("status");
    if status.as_deref().is_some_and(|it| Standing::from_code(it).is_none()) {
        query.fault("status", "invalid", "is no status of a booking");
    }
    let provider = query.text("provider");
    if provider.as_deref().is_some_and(|it| Provider::from_code(it).is_none()) {
        query.fault("provider", "invalid", "is no provider that is known");
    }
    let host: Option<Reference<HostId>> = query.parsed("host");
    let service: Option<Reference<ServiceId>> = query.parsed("service");
    let mut filter = Filter {
        status,
        from: query.parsed("from"),
        to: query.parsed("to"),
        guest_email: query.text("guest_email").map(|it| it.trim().to_owned()),
        words: query.text("q"),
        provider,
        changed_since: query.parsed("changed_since"),
        ..Filter::default()
    };
    query.done()?;
    let tenant = caller.tenant();
    let (after, fetch) = (page.after, page.fetch());
    let records = app
        .store()
        .read(|tx| {
            Box::pin(async move {
                if !narrow(tx, tenant, &mut filter, host, service).await? {
                    return Ok::<_, StoreError>(Vec::new());
                }
                booking::list(tx, tenant, &filter, after, fetch).await
            })
        })
        .await?;
    let mut records = records;
    let next_cursor = page.cut(&mut records, |it| (it.created_at, it.booking.id));
    let loaded = app.store().read(|tx| Box::pin(load(tx, records))).await?;
    let data = loaded.iter().map(|it| booking_json::booking(&app, &caller, it)).collect();
    json(StatusCode::OK, &List { data, next_cursor }, None)
}

/// Whether there are such a host and such a service.
async fn narrow(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    filter: &mut Filter,
    host: Option<Reference<HostId>>,
    service: Option<Reference<ServiceId>>,
) -> Result<bool, StoreError> {
    filter.host = match host {
        Some(Reference::Id(id)) => Some(id),
        Some(reference) => match host::find(tx, tenant, &reference).await? {
            Some(host) => Some(host.id),
            None => return Ok(false),
        },
        None => None,
    };
    filter.service = match service {
        Some(Reference::Id(id)) => Some(id),
        Some(reference) => match service::find(tx, tenant, &reference).await? {
            Some(service) => Some(service.id),
            None => return Ok(false),
        },
        None => None,
    };
    Ok(true)
}

/// Makes a booking.
#[utoipa::path(post, path = "/v1/bookings", tag = "Bookings", request_body = schemas::BookingInput,
    params(("Idempotency-Key" = Option<String>, Header), ("Prefer" = Option<String>, Header)),
    responses((status = 201, body = BookingJson), (status = 409, body = schemas::Problem), (status = 422, body = schemas::Problem)))]
pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Key,
    prefer: Prefer,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Scope::BookingsWrite)?;
    let (given, by) = (app.desk.clone(), caller.by());
    let outcome =
        once(&app, &caller, key, body.hash, Ok(whole(&body.members)), move |tx, wanted| {
            let desk = given.clone();
            Box::pin(async move {
                let (asked, notify): &(Asked, Option<Notify>) = &wanted;
                let done = desk::book_in(tx, &desk, by, asked, *notify, None).await?;
                Ok((StatusCode::CREATED, About::Booking { id: done.booking }))
            })
        })
        .await?;
    answer(&app, &caller, outcome, prefer).await
}

/// Reads a booking.
#[utoipa::path(get, path = "/v1/bookings/{booking}", tag = "Bookings",
    params(("booking" = String, Path, description = "its id, or `ext:` and the platform's own"),
        ("If-None-Match" = Option<String>, Header, description = "the `ETag` of what one has"), ("Prefer" = Option<String>, Header)),
    responses((status = 200, body = BookingJson), (status = 304, description = "it is as it was"), (status = 404, body = schemas::Problem)))]
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(booking): Path<String>,
    prefer: Prefer,
) -> Result<Response, Problem> {
    caller.must(Scope::BookingsRead)?;
    let record = find(&app, &caller, &booking).await?;
    let about = About::Booking { id: record.booking.id };
    answer(&app, &caller, Outcome::Done(StatusCode::OK, about), prefer).await
}

/// Takes over a whole booking, again and again: what is sent is compared with what was sent last.
#[utoipa::path(put, path = "/v1/bookings/{booking}", tag = "Bookings", request_body = schemas::BookingInput,
    params(("booking" = String, Path), ("If-Match" = Option<String>, Header),
        ("If-None-Match" = Option<String>, Header, description = "`*`: only if it is new"), ("Prefer" = Option<String>, Header)),
    responses((status = 200, body = BookingJson), (status = 201, body = BookingJson), (status = 412, body = schemas::Problem), (status = 428, body = schemas::Problem)))]
pub(crate) async fn put(
    State(app): State<App>,
    caller: Caller,
    Path(booking): Path<String>,
    PutIf { versions, presence }: PutIf,
    prefer: Prefer,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Scope::BookingsWrite)?;
    let reference = named(&booking, "booking")?;
    let (asked, notify) = whole(&body.members);
    let terms = Terms { notify, versions, on_purpose: presence.must_exist };
    let what = (Put { reference, asked }, terms, presence);
    let (given, by) = ((app.desk.clone(), Arc::new(what)), caller.by());
    let done: Done = upsert(&app.desk, move |tx| {
        let (desk, what) = given.clone();
        Box::pin(async move {
            let (put, terms, presence) = what.as_ref();
            desk::put_if_in(tx, &desk, by, put, terms, presence).await
        })
    })
    .await?;
    let status = if done.created { StatusCode::CREATED } else { StatusCode::OK };
    let about = About::Booking { id: done.booking };
    answer(&app, &caller, Outcome::Done(status, about), prefer).await
}

/// Changes members of a booking; what is left out stays. What is cancelled or over comes back by
/// `status` with `If-Match` only. An external id, once given, never changes.
#[utoipa::path(patch, path = "/v1/bookings/{booking}", tag = "Bookings", request_body = schemas::BookingPatch,
    params(("booking" = String, Path), ("If-Match" = Option<String>, Header), ("Prefer" = Option<String>, Header)),
    responses((status = 200, body = BookingJson), (status = 409, body = schemas::Problem), (status = 412, body = schemas::Problem)))]
pub(crate) async fn patch(
    State(app): State<App>,
    caller: Caller,
    Path(booking): Path<String>,
    IfMatch(versions): IfMatch,
    OnPurpose(on_purpose): OnPurpose,
    prefer: Prefer,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Scope::BookingsWrite)?;
    let reference: Reference<BookingId> = named(&booking, "booking")?;
    let (asked, notify) = part(&body.members);
    let order = Order::Change(Box::new(asked));
    let terms = Terms { notify, versions, on_purpose };
    let done = desk::perform(&app.desk, caller.by(), reference, order, terms).await?;
    let about = About::Booking { id: done.booking };
    answer(&app, &caller, Outcome::Done(StatusCode::OK, about), prefer).await
}

/// One call that gives an order about a booking.
pub(crate) struct Call {
    pub(crate) app: App,
    pub(crate) caller: Caller,
    pub(crate) key: Key,
    pub(crate) prefer: Prefer,
    pub(crate) versions: Option<Vec<i64>>,
    pub(crate) hash: [u8; 32],
}

impl Call {
    /// Gives the order and answers.
    pub(crate) async fn order(
        self,
        booking: &str,
        wanted: Wanted,
        about: impl Fn(Done) -> About + Send + Sync + 'static,
    ) -> Result<Response, Problem> {
        self.order_with(booking, wanted, StatusCode::OK, about).await
    }

    /// As [`Call::order`], with a status of its own.
    pub(crate) async fn order_with(
        self,
        booking: &str,
        wanted: Wanted,
        status: StatusCode,
        about: impl Fn(Done) -> About + Send + Sync + 'static,
    ) -> Result<Response, Problem> {
        let Self { app, caller, key, prefer, versions, hash } = self;
        caller.must(Scope::BookingsWrite)?;
        let reference: Reference<BookingId> = named(booking, "booking")?;
        let (order, notify) = wanted;
        let wanted = (reference, order, Terms { notify, versions, on_purpose: false });
        let (given, by, about) = (app.desk.clone(), caller.by(), Arc::new(about));
        let outcome = once(&app, &caller, key, hash, Ok(wanted), move |tx, wanted| {
            let (desk, about) = (given.clone(), Arc::clone(&about));
            Box::pin(async move {
                let (reference, order, terms) = wanted.as_ref();
                let done = desk::perform_in(tx, &desk, by, reference, order, terms).await?;
                Ok((status, about(done)))
            })
        })
        .await?;
        answer(&app, &caller, outcome, prefer).await
    }
}

macro_rules! verbs {
    ($($(#[$doc:meta])* $name:ident, $path:literal, $input:ty, $read:expr;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "Bookings", request_body = $input,
            params(("booking" = String, Path), ("Idempotency-Key" = Option<String>, Header),
                ("If-Match" = Option<String>, Header), ("Prefer" = Option<String>, Header)),
            responses((status = 200, body = BookingJson), (status = 404, body = schemas::Problem),
                (status = 409, body = schemas::Problem), (status = 412, body = schemas::Problem)))]
        pub(crate) async fn $name(
            State(app): State<App>,
            caller: Caller,
            Path(booking): Path<String>,
            key: Key,
            IfMatch(versions): IfMatch,
            prefer: Prefer,
            body: Body,
        ) -> Result<Response, Problem> {
            let wanted = read(&body.members, $read);
            let call = Call { app, caller, key, prefer, versions, hash: body.hash };
            call.order(&booking, wanted, |done| About::Booking { id: done.booking }).await
        }
    )*};
}

/// An order, and who is told of what it does.
pub(crate) type Wanted = (Order, Option<Notify>);

/// Reads an order's own members and `notify`.
pub(crate) fn read(
    body: &Map<String, Value>,
    order: impl Fn(&mut Members<'_>) -> Option<Order>,
) -> Wanted {
    let mut members = Members::new(body, "");
    let order = order(&mut members);
    let notify = notify(&mut members);
    let faults = members.end(&[]);
    let order = match order {
        Some(order) if faults.is_empty() => order,
        order => Order::Unread(order.map(Box::new), faults),
    };
    (order, notify)
}

verbs! {
    /// The booking is certain.
    confirm, "/v1/bookings/{booking}/confirm", schemas::NotifyInput, |_| Some(Order::Confirm);
    /// The host does not want it.
    decline, "/v1/bookings/{booking}/decline", schemas::ReasonInput,
        |members| Some(Order::Decline { reason: members.text("reason").flatten() });
    /// It will not take place.
    cancel, "/v1/bookings/{booking}/cancel", schemas::ReasonInput,
        |members| Some(Order::Cancel { reason: members.text("reason").flatten() });
    /// Another time.
    reschedule, "/v1/bookings/{booking}/reschedule", schemas::RescheduleInput, |members| {
        members.needed("start", true);
        let start: Option<Instant> = members.parsed("start").flatten();
        let end = members.parsed("end").flatten();
        Some(Order::Reschedule { start: start?, end })
    };
    /// Another host. The new room opens before the old one goes.
    reassign, "/v1/bookings/{booking}/reassign", schemas::ReassignInput, |members| {
        members.needed("host", true);
        members.parsed("host").flatten().map(|host| Order::Reassign { host })
    };
    /// It takes place after all.
    reopen, "/v1/bookings/{booking}/reopen", schemas::NotifyInput, |_| Some(Order::Reopen);
    /// It took place.
    complete, "/v1/bookings/{booking}/complete", schemas::NotifyInput, |_| Some(Order::Complete);
    /// Somebody did not come.
    no_show, "/v1/bookings/{booking}/no-show", schemas::NotifyInput, |_| Some(Order::NoShow);
}

/// A booking that this caller named.
pub(crate) async fn find(
    app: &App,
    caller: &Caller,
    name: &str,
) -> Result<booking::Record, Problem> {
    let reference: Reference<BookingId> = named(name, "booking")?;
    let tenant = caller.tenant();
    app.store()
        .read(|tx| Box::pin(async move { booking::find(tx, tenant, &reference).await }))
        .await?
        .ok_or_else(|| Problem::not_found("booking"))
}

/// A booking with what is around it, read afresh.
pub(crate) async fn fresh(
    app: &App,
    caller: &Caller,
    id: BookingId,
) -> Result<booking_json::Loaded, Problem> {
    let tenant = caller.tenant();
    app.store()
        .read(|tx| {
            Box::pin(async move {
                let records = booking::get(tx, tenant, id).await?.into_iter().collect();
                load(tx, records).await
            })
        })
        .await?
        .pop()
        .ok_or_else(|| Problem::not_found("booking"))
}

/// A booking as an answer.
pub(crate) async fn show(
    app: &App,
    caller: &Caller,
    status: StatusCode,
    id: BookingId,
) -> Result<Response, Problem> {
    let loaded = fresh(app, caller, id).await?;
    let shown = booking_json::booking(app, caller, &loaded);
    let response = living(status, &shown, shown.version)?;
    Ok(located(response, &format!("/v1/bookings/{id}")))
}
