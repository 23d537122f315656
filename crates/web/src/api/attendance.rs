//! `/v1/bookings/{booking}/attendance`: who was there, as the vendor told it.

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use roomkey_core::Instant;
use roomkey_core::attendance::{Stay, total};
use roomkey_store::person::Role;
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::json;
use super::bookings::find;
use super::caller::Caller;
use super::query::Query;
use super::scope::Scope;
use crate::app::App;
use crate::error::Problem;
use crate::present::{Attended, present};

/// Who was at a session, and how long it really was.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attendance)]
pub(crate) struct AttendanceJson {
    /// When the room was first opened; null if it never was.
    #[schema(format = DateTime)]
    started_at: Option<String>,
    /// When the last person left; null while somebody is there.
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// How long the session was, without the time between, so far.
    seconds: u64,
    people: Vec<AttendeeJson>,
}

/// One person who was there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attendee)]
pub(crate) struct AttendeeJson {
    /// Whom of the booking's people it was, where that can be told.
    person: Option<String>,
    /// `host`, `guest`, or null where that cannot be told.
    role: Option<&'static str>,
    /// As they called themselves; null once it is forgotten.
    name: Option<String>,
    email: Option<String>,
    #[schema(format = DateTime)]
    first_join: Option<String>,
    /// Null while they are there.
    #[schema(format = DateTime)]
    last_leave: Option<String>,
    /// How long they were there, so far.
    seconds: u64,
    intervals: Vec<IntervalJson>,
}

/// A time that somebody was there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Interval)]
pub(crate) struct IntervalJson {
    #[schema(format = DateTime)]
    from: String,
    /// Null while it is not over.
    #[schema(format = DateTime)]
    to: Option<String>,
}

/// Reads who was there, from when to when. People who only waited are not in it; where the vendor
/// does not say who somebody is, they are told apart by their name.
#[utoipa::path(get, path = "/v1/bookings/{booking}/attendance", tag = "Bookings",
    params(("booking" = String, Path)),
    responses((status = 200, body = AttendanceJson), (status = 404, body = super::schemas::Problem)))]
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(booking): Path<String>,
    query: Query,
) -> Result<Response, Problem> {
    caller.must(Scope::AttendanceRead)?;
    query.done()?;
    let record = find(&app, &caller, &booking).await?;
    let now = app.now();
    let told = present(&app, caller.tenant(), record.booking.id, now).await?;
    let answer = AttendanceJson {
        started_at: told.sitting.first().map(|stay| stay.from.to_string()),
        ended_at: last(&told.sitting),
        seconds: total(&told.sitting, now).as_secs(),
        people: told.people.into_iter().map(|it| shown(it, now)).collect(),
    };
    json(StatusCode::OK, &answer, None)
}

fn last(stays: &[Stay]) -> Option<String> {
    stays.last().and_then(|stay| stay.to).map(|at| at.to_string())
}

fn shown(attended: Attended, now: Instant) -> AttendeeJson {
    let who = attended.who;
    AttendeeJson {
        person: attended.person.map(|it| it.to_string()),
        role: attended.role.map(|role| match role {
            Role::Host => "host",
            Role::Guest => "guest",
        }),
        first_join: who.stays.first().map(|stay| stay.from.to_string()),
        last_leave: last(&who.stays),
        seconds: who.total(now).as_secs(),
        intervals: who
            .stays
            .iter()
            .map(|stay| IntervalJson {
                from: stay.from.to_string(),
                to: stay.to.map(|at| at.to_string()),
            })
            .collect(),
        name: who.name,
        email: who.email,
    }
}
