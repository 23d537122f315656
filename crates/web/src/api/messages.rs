//! `/v1/bookings/{booking}/messages`: what people were told, without the words and the links.

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use roomkey_store::message::{self, Message};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::json;
use super::bookings::find;
use super::caller::Caller;
use super::query::{List, Query};
use super::scope::Scope;
use crate::app::App;
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
    params(("booking" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = List<MessageJson>)))]
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
