//! `/v1/bookings/{booking}/messages`: what people were told, without the words and the links.

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use roomkey_core::id::PersonId;
use roomkey_core::told::Occasion;
use roomkey_store::message::{self, Message};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{About, json};
use super::body::Body;
use super::bookings::{Call, find};
use super::caller::Caller;
use super::headers::{IfMatch, Prefer};
use super::members::Members;
use super::once::Key;
use super::query::{List, Query};
use super::schemas;
use super::scope::Scope;
use crate::app::App;
use crate::desk::{Order, Whose};
use crate::error::Problem;

/// One message to one person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Message)]
pub(crate) struct MessageJson {
    id: String,
    /// To whom: a guest, or the host as one who receives messages.
    person: String,
    channel: &'static str,
    /// `confirmation`, `change` or `cancellation`.
    occasion: &'static str,
    /// `queued`, `sent`, `superseded` or `failed`.
    state: &'static str,
    attempts: u32,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    settled_at: Option<String>,
    /// What went wrong, in words.
    trouble: Option<String>,
}

/// Lists a booking's messages, the latest first.
#[utoipa::path(get, path = "/v1/bookings/{booking}/messages", tag = "Bookings",
    params(("booking" = String, Path),
        ("limit" = Option<u32>, Query, description = "1 to 200; 50 if left out"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the stretch before")),
    responses((status = 200, body = List<MessageJson>), (status = 404, body = schemas::Problem)))]
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
    let mut messages = app
        .store()
        .read(|tx| Box::pin(async move { message::of_booking(tx, tenant, id, after, fetch).await }))
        .await?;
    let next_cursor = page.cut(&mut messages, |it| (it.created_at, it.id));
    let data = messages.into_iter().map(shown).collect();
    json(StatusCode::OK, &List { data, next_cursor }, None)
}

/// What is to be told once more, and to whom.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessageAgain)]
pub(crate) struct AgainJson {
    /// To whom: a guest, or the host as one who receives messages.
    person: String,
    occasion: &'static str,
    /// `queued`: the list of messages shows it as soon as it is written.
    state: &'static str,
}

/// Tells one person once more what is true now: with the same UID in their calendar, a higher
/// SEQUENCE, and their present link. What is true no longer is refused.
#[utoipa::path(post, path = "/v1/bookings/{booking}/messages", tag = "Bookings",
    request_body = schemas::MessageInput,
    params(("booking" = String, Path), ("Idempotency-Key" = Option<String>, Header), ("If-Match" = Option<String>, Header)),
    responses((status = 202, body = AgainJson), (status = 404, body = schemas::Problem),
        (status = 409, body = schemas::Problem), (status = 422, body = schemas::Problem)))]
pub(crate) async fn resend(
    State(app): State<App>,
    caller: Caller,
    Path(booking): Path<String>,
    key: Key,
    IfMatch(versions): IfMatch,
    body: Body,
) -> Result<Response, Problem> {
    let mut members = Members::new(&body.members, "");
    for name in ["person", "occasion"] {
        members.needed(name, true);
    }
    let whose: Option<Whose> = members.parsed("person").flatten();
    let occasions = [Occasion::Confirmation, Occasion::Change, Occasion::Cancellation];
    let words: Vec<_> = occasions.into_iter().map(|it| (it.as_str(), it)).collect();
    let occasion = members.word("occasion", &words).flatten();
    let faults = members.end(&[]);
    let order = match (whose, occasion) {
        (Some(whose), Some(occasion)) if faults.is_empty() => Order::Resend(whose, occasion),
        _ => Order::Unread(None, faults),
    };
    let call = Call { app, caller, key, prefer: Prefer::default(), versions, hash: body.hash };
    call.order_with(&booking, (order, None), StatusCode::ACCEPTED, move |done| {
        match (done.guest, occasion) {
            (Some(person), Some(occasion)) => {
                About::Message { booking: done.booking, person, occasion }
            }
            _ => About::Booking { id: done.booking },
        }
    })
    .await
}

/// A message that is to be sent again, as an answer.
pub(crate) fn again(
    status: StatusCode,
    person: PersonId,
    occasion: Occasion,
) -> Result<Response, Problem> {
    let shown =
        AgainJson { person: person.to_string(), occasion: occasion.as_str(), state: "queued" };
    json(status, &shown, None)
}

fn shown(message: Message) -> MessageJson {
    MessageJson {
        id: message.id.to_string(),
        person: message.person.to_string(),
        channel: "email",
        occasion: message.occasion.as_str(),
        state: message.state.as_str(),
        attempts: message.attempts,
        created_at: message.created_at.to_string(),
        settled_at: message.settled_at.map(|at| at.to_string()),
        trouble: message.trouble,
    }
}
