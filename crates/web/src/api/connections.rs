//! `/v1/connections`: authorised accounts at providers. Secrets go in and never come out.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use roomkey_core::Instant;
use roomkey_core::id::ConnectionId;
use roomkey_core::route::{Connection, Provider};
use roomkey_core::time::duration_text;
use roomkey_store::connection::{self, Record};
use roomkey_store::inbound;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::answer::{About, answer, json as answer_json, living, located};
use super::body::Body;
use super::booking_json::ReasonJson;
use super::caller::Caller;
use super::headers::{IfMatch, Prefer};
use super::members::Members;
use super::once::{Key, Outcome, once};
use super::query::{List, Query};
use super::schemas;
use super::scope::Scope;
use crate::app::App;
use crate::desk::{self, ConnectionAsked, HookSecrets, SERVER_TO_SERVER, WEBHOOK_SECRETS};
use crate::error::Problem;

/// An account at a provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Connection)]
pub(crate) struct ConnectionJson {
    #[schema(example = "con_01hq3v8x5cj6tq2x9m4w7r5n1d")]
    id: String,
    provider: &'static str,
    kind: String,
    /// Whose it is; the tenant's if null.
    host: Option<String>,
    account_id: String,
    client_id: String,
    /// Vendor users who lend their rooms.
    seats: Vec<String>,
    /// Sessions that one seat can run at once.
    seat_cap: u32,
    /// Kept free after each session on a seat.
    #[schema(example = "10m")]
    seat_buffer: String,
    /// So long before its start a session's room is opened on a seat.
    #[schema(example = "72h")]
    seat_lead: String,
    /// Switched off: no new room is made with it. Rooms that it made stay, and are read, changed and
    /// removed as before; sessions that are yet without a room wait, or go on in their route where it
    /// says `on_not_connected`.
    disabled: bool,
    /// Where the provider is to send its events.
    webhook_url: String,
    /// When its last event came, to the minute.
    #[schema(format = DateTime)]
    last_event_at: Option<String>,
    /// `connected`, `needs_reconnect` or `disabled`.
    status: &'static str,
    /// Why a person must connect it again.
    reason: Option<ReasonJson>,
    /// Counts changes of the credentials.
    version: i64,
    #[schema(format = DateTime)]
    checked_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
}

/// How a connection is, in one word.
pub(crate) fn standing(connection: &Connection) -> &'static str {
    if connection.disabled {
        "disabled"
    } else if connection.needs_reconnect.is_some() {
        "needs_reconnect"
    } else {
        "connected"
    }
}

fn shown(app: &App, record: &Record, heard: &Heard) -> ConnectionJson {
    let connection = &record.connection;
    ConnectionJson {
        id: connection.id.to_string(),
        provider: connection.provider.as_str(),
        kind: record.kind.clone(),
        host: connection.host.map(|it| it.to_string()),
        account_id: connection.account.clone(),
        client_id: record.client_id.clone(),
        seats: connection.seats.clone(),
        seat_cap: connection.seat_rules.cap,
        seat_buffer: duration_text(connection.seat_rules.buffer),
        seat_lead: duration_text(connection.seat_rules.lead),
        disabled: connection.disabled,
        webhook_url: app.url(&format!("hooks/zoom/{}", connection.id)),
        last_event_at: heard.get(&connection.id).map(Instant::to_string),
        status: standing(connection),
        reason: connection.needs_reconnect.as_ref().map(|it| ReasonJson::of(app, it)),
        version: record.revision,
        checked_at: record.checked_at.map(|at| at.to_string()),
        created_at: record.created_at.to_string(),
    }
}

/// Members that only the server writes.
const WRITTEN: &[&str] = &[
    "id",
    "webhook_url",
    "last_event_at",
    "status",
    "reason",
    "version",
    "checked_at",
    "created_at",
];

fn read(body: &Map<String, Value>, whole: bool) -> Result<ConnectionAsked, Problem> {
    let mut members = Members::new(body, "");
    for name in ["provider", "kind", "account_id", "client_id", "client_secret"] {
        members.needed(name, whole);
    }
    let provider = members.word("provider", &[("zoom", Provider::Zoom)]);
    let kind = members.word("kind", &[(SERVER_TO_SERVER, ())]);
    let seats = seats(&mut members);
    let seat_cap = members.number("seat_cap", 1, 100).and_then(|it| it.try_into().ok());
    let seat_buffer = members.duration("seat_buffer").flatten();
    let seat_lead = members.duration("seat_lead").flatten();
    let mut line = |name: &'static str| Some(members.text(name)??.trim().to_owned());
    let (account_id, client_id) = (line("account_id"), line("client_id"));
    let client_secret = line("client_secret").map(SecretString::from);
    let asked = ConnectionAsked {
        account_id,
        client_id,
        client_secret,
        hook_secrets: hook_secrets(&mut members, WEBHOOK_SECRETS),
        host: members.parsed("host").flatten(),
        seats,
        seat_cap,
        seat_buffer,
        seat_lead,
        disabled: members.flag("disabled"),
    };
    // Vendor account and kind never change; saying them as they are is no fault.
    let _ = (provider, kind);
    members.also(asked.faults());
    members.done(WRITTEN)?;
    Ok(asked)
}

/// The present secret of a vendor's events, and the one before, by their members' names. Having none
/// is said by null: an empty one is more likely a form that was not filled in, and would end every
/// event.
pub(crate) fn hook_secrets(members: &mut Members<'_>, names: [&'static str; 2]) -> HookSecrets {
    let mut secret = |name: &'static str| {
        let text = members.text(name)?.map(|it| it.trim().to_owned());
        if text.as_ref().is_some_and(String::is_empty) {
            members.fault(name, "required", "must not be empty; send null to remove it");
            return None;
        }
        Some(text.map(SecretString::from))
    };
    let [present, before] = names;
    HookSecrets { present: secret(present), before: secret(before) }
}

fn seats(members: &mut Members<'_>) -> Option<Vec<String>> {
    let list = members.list("seats")?.map_or(&[][..], Vec::as_slice);
    // What is no text is no login either, and is told as such.
    Some(list.iter().map(|it| it.as_str().unwrap_or_default().trim().to_owned()).collect())
}

/// Lists connections, newest first.
#[utoipa::path(get, path = "/v1/connections", tag = "Connections",
    params(("limit" = Option<u32>, Query, description = "1 to 200; 50 if left out"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the stretch before")),
    responses((status = 200, body = List<ConnectionJson>)))]
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    mut query: Query,
) -> Result<Response, Problem> {
    caller.must(Scope::ConnectionsRead)?;
    let page = query.page();
    query.done()?;
    let (tenant, after, fetch) = (caller.tenant(), page.after, page.fetch());
    let mut records = app
        .store()
        .read(|tx| Box::pin(async move { connection::list(tx, tenant, after, fetch).await }))
        .await?;
    let next_cursor = page.cut(&mut records, |it| (it.created_at, it.connection.id));
    let heard = heard(&app, &caller).await?;
    let data = records.iter().map(|it| shown(&app, it, &heard)).collect();
    answer_json(StatusCode::OK, &List { data, next_cursor }, None)
}

/// A tenant's connections, oldest first.
pub(crate) async fn all(app: &App, caller: &Caller) -> Result<Vec<Record>, Problem> {
    let tenant = caller.tenant();
    let read =
        app.store().read(|tx| Box::pin(async move { connection::of_tenant(tx, tenant).await }));
    Ok(read.await?)
}

/// When an event last came, for each connection for which one ever did.
type Heard = HashMap<ConnectionId, Instant>;

async fn heard(app: &App, caller: &Caller) -> Result<Heard, Problem> {
    let tenant = caller.tenant();
    let read =
        app.store().read(|tx| Box::pin(async move { inbound::last_heard(tx, tenant).await }));
    Ok(read.await?.into_iter().collect())
}

/// Makes a connection. The first one becomes the tenant's `default_route` if it has none, and
/// bookings that waited for it are looked at.
#[utoipa::path(post, path = "/v1/connections", tag = "Connections", request_body = schemas::ConnectionInput,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = ConnectionJson), (status = 422, body = schemas::Problem)))]
pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    key: Key,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Scope::ConnectionsWrite)?;
    let (given, to) = (app.clone(), caller.clone());
    let outcome =
        once(&app, &caller, key, body.hash, read(&body.members, true), move |tx, asked| {
            let (app, caller) = (given.clone(), to.clone());
            Box::pin(async move {
                let id = desk::add_connection_in(tx, &app.desk, caller.tenant(), &asked).await?;
                Ok((StatusCode::CREATED, About::Connection { id }))
            })
        })
        .await?;
    answer(&app, &caller, outcome, Prefer::default()).await
}

async fn find(app: &App, caller: &Caller, name: &str) -> Result<Record, Problem> {
    let id: Option<ConnectionId> = name.parse().ok();
    all(app, caller)
        .await?
        .into_iter()
        .find(|it| Some(it.connection.id) == id)
        .ok_or_else(|| Problem::not_found("connection"))
}

/// Reads a connection.
#[utoipa::path(get, path = "/v1/connections/{connection}", tag = "Connections", params(("connection" = String, Path)),
    responses((status = 200, body = ConnectionJson), (status = 404, body = schemas::Problem)))]
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    Path(connection): Path<String>,
) -> Result<Response, Problem> {
    caller.must(Scope::ConnectionsRead)?;
    let record = find(&app, &caller, &connection).await?;
    let heard = heard(&app, &caller).await?;
    living(StatusCode::OK, &shown(&app, &record, &heard), record.revision)
}

/// Changes a connection's credentials, seats, or whether it is switched off. New credentials clear
/// its trouble, and bookings that waited for it are looked at.
#[utoipa::path(patch, path = "/v1/connections/{connection}", tag = "Connections", request_body = schemas::ConnectionPatch,
    params(("connection" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = ConnectionJson), (status = 422, body = schemas::Problem)))]
pub(crate) async fn patch(
    State(app): State<App>,
    caller: Caller,
    Path(connection): Path<String>,
    IfMatch(versions): IfMatch,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Scope::ConnectionsWrite)?;
    let asked = read(&body.members, false)?;
    let id = find(&app, &caller, &connection).await?.connection.id;
    let given = app.clone();
    let tenant = caller.tenant();
    app.desk
        .change(move |tx| {
            let (app, asked, versions) = (given.clone(), asked.clone(), versions.clone());
            Box::pin(async move {
                let held = desk::hold_connection_in(tx, &app.desk, tenant, id, &asked).await?;
                super::expect_version(held.row().revision, versions.as_deref())?;
                desk::change_connection_in(tx, &app.desk, held, &asked).await?;
                Ok(())
            })
        })
        .await?;
    let outcome = Outcome::Done(StatusCode::OK, About::Connection { id });
    answer(&app, &caller, outcome, Prefer::default()).await
}

/// Removes a connection and its secrets. Refused while rooms depend on it, unless forced: they
/// could then no longer be removed.
#[utoipa::path(delete, path = "/v1/connections/{connection}", tag = "Connections",
    params(("connection" = String, Path), ("force" = Option<bool>, Query), ("If-Match" = Option<String>, Header)),
    responses((status = 204), (status = 409, body = schemas::Problem), (status = 412, body = schemas::Problem)))]
pub(crate) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(connection): Path<String>,
    IfMatch(versions): IfMatch,
    mut query: Query,
) -> Result<Response, Problem> {
    caller.must(Scope::ConnectionsWrite)?;
    let force: bool = query.parsed("force").unwrap_or(false);
    query.done()?;
    let id = find(&app, &caller, &connection).await?.connection.id;
    let (given, tenant) = (app.desk.clone(), caller.tenant());
    app.desk
        .change(move |tx| {
            let (desk, versions) = (given.clone(), versions.clone());
            Box::pin(async move {
                let held = connection::lock(tx, tenant, id).await?;
                let held = held.ok_or_else(|| Problem::not_found("connection"))?;
                super::expect_version(held.revision, versions.as_deref())?;
                desk::remove_connection_in(tx, &desk, tenant, id, force).await
            })
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A connection as an answer.
pub(crate) async fn show(
    app: &App,
    caller: &Caller,
    status: StatusCode,
    id: ConnectionId,
) -> Result<Response, Problem> {
    let record = find(app, caller, &id.to_string()).await?;
    let heard = heard(app, caller).await?;
    let response = answer_json(status, &shown(app, &record, &heard), Some(record.revision))?;
    Ok(located(response, &format!("/v1/connections/{id}")))
}
