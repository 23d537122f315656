//! `/v1/bookings/{booking}/calendar.ics`: the file that the mails attach.

use axum::extract::{Path, State};
use axum::response::Response;
use roomkey_core::id::PersonId;
use roomkey_store::person::{Person, Role};

use super::booking_json::link;
use super::bookings::{find, fresh};
use super::caller::Caller;
use super::query::Query;
use super::scope::Scope;
use crate::app::App;
use crate::calendar_file;
use crate::error::{Code, Problem};

/// Whose file.
enum For {
    Host,
    Guest(PersonId),
}

/// The booking as a calendar file for one of its people, with their own link in it. The host's
/// needs the scope `host_links`.
#[utoipa::path(get, path = "/v1/bookings/{booking}/calendar.ics", tag = "Bookings",
    params(("booking" = String, Path), ("for" = Option<String>, Query, description = "`host`, or a guest's id; the first guest if left out")),
    responses((status = 200, content_type = "text/calendar", body = String)))]
pub(crate) async fn file(
    State(app): State<App>,
    caller: Caller,
    Path(booking): Path<String>,
    mut query: Query,
) -> Result<Response, Problem> {
    caller.must(Scope::BookingsRead)?;
    let whose = match query.text("for").as_deref() {
        None => None,
        Some("host") => Some(For::Host),
        Some(id) => match id.parse() {
            Ok(id) => Some(For::Guest(id)),
            Err(_) => {
                query.fault("for", "invalid", "must be `host` or a guest's id");
                None
            }
        },
    };
    query.done()?;
    if matches!(whose, Some(For::Host)) {
        caller.must(Scope::HostLinks)?;
    }
    let record = find(&app, &caller, &booking).await?;
    let loaded = fresh(&app, &caller, record.booking.id).await?;
    let is_theirs = |person: &&Person| match whose {
        Some(For::Host) => person.role == Role::Host && person.removed_at.is_none(),
        Some(For::Guest(id)) => person.role == Role::Guest && person.id == id,
        None => person.role == Role::Guest && person.removed_at.is_none(),
    };
    let person =
        loaded.people.iter().find(is_theirs).ok_or_else(|| Problem::not_found("person"))?;
    let link = link(&app, person)
        .and_then(|link| link.parse().ok())
        .ok_or_else(|| Problem::new(Code::Internal))?;
    let record = loaded.record;
    let around = app
        .store()
        .read(|tx| Box::pin(async move { calendar_file::around(tx, record).await }))
        .await?;
    Ok(calendar_file::answer(calendar_file::file(&app, &around, person, &link)))
}
