//! Connections: the accounts at vendors, how they are doing, and the form for a new one.

use std::collections::HashMap;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use roomkey_core::Instant;
use roomkey_core::failure::Failure;
use roomkey_core::id::ConnectionId;
use roomkey_core::meeting;
use roomkey_store::connection::{self, Record};
use roomkey_store::{StoreError, attempt, booking, host, inbound, lane};

use super::super::page;
use super::super::session::Operator;
use super::done::{After, Done};
use super::errors::{self, Name};
use super::frame::Frame;
use super::sent::{Button, Sent};
use super::{answer, check, health};
use crate::app::App;
use crate::desk::{self, ConnectionAsked, HookSecrets};
use crate::error::Problem;
use crate::pages::form::Errors;
use crate::pages::operator::connections::{
    ConnectionCard, ConnectionsPage, CredentialValues, ZoomValues,
};
use crate::pages::operator::{Filled, Health, Section};
use crate::pages::pill::Notice;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const PATH: &str = "/operator/connections";
const NAMES: &[Name] = &[
    ("/account_id", "account_id", "The account ID"),
    ("/client_id", "client_id", "The client ID"),
    ("/client_secret", "client_secret", "The client secret"),
    ("/webhook_secret", "webhook_secret", "The secret token for events"),
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(PATH, get(list).post(add))
        .route("/operator/connections/{id}/test", post(test))
        .route("/operator/connections/{id}/reconnect", post(reconnect))
        .route("/operator/connections/{id}/disable", post(disable))
        .route("/operator/connections/{id}/enable", post(enable))
        .route("/operator/connections/{id}/remove", post(remove))
}

async fn list(State(app): State<App>, operator: Operator, Query(after): Query<After>) -> Response {
    shown(&app, operator, StatusCode::OK, |page| page.shell.notice = after.notice()).await
}

/// The page, with what came of a form.
async fn shown(
    app: &App,
    operator: Operator,
    status: StatusCode,
    fill: impl FnOnce(&mut ConnectionsPage),
) -> Response {
    match load(app, operator).await {
        Ok(mut connections) => {
            fill(&mut connections);
            page::with_status(status, &connections)
        }
        Err(error) => page::fault(&error),
    }
}

async fn add(State(app): State<App>, Sent { operator, values }: Sent<ZoomValues>) -> Response {
    let tenant = operator.tenant;
    let (status, errors) = match read(&values) {
        Err(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Ok(asked) => {
            let desk = app.desk.clone();
            let added = app.desk.change(move |tx| {
                let (desk, asked) = (desk.clone(), asked.clone());
                Box::pin(async move { desk::add_connection_in(tx, &desk, tenant, &asked).await })
            });
            match added.await {
                Ok(id) => {
                    let done = match check::check(&app, tenant, id).await {
                        Ok(Ok(())) => Done::Connected,
                        Ok(Err(Failure::NeedsReconnect(_))) => Done::Refused,
                        Ok(Err(_)) => Done::Untested,
                        Err(problem) => return answer::refused(problem),
                    };
                    return answer::see(PATH, done);
                }
                Err(problem) if answer::is_for_the_form(&problem) => {
                    (problem.code().status(), refusal(&problem))
                }
                Err(problem) => return answer::refused(problem),
            }
        }
    };
    shown(&app, operator, status, |page| page.zoom = Filled { values, errors }).await
}

/// Why a new connection was refused. That the account is connected already is said where the
/// account was typed.
fn refusal(problem: &Problem) -> Errors {
    if problem.faults().is_empty() && problem.code().as_str() == "connection_exists" {
        return Errors::none().with("account_id", problem.detail());
    }
    errors::of(problem, NAMES)
}

async fn test(
    State(app): State<App>,
    Path(id): Path<String>,
    Sent { operator, .. }: Sent<Button>,
) -> Response {
    let Ok(id) = id.parse::<ConnectionId>() else { return page::not_found() };
    tested(&app, operator, id).await
}

/// What a test came to.
async fn tested(app: &App, operator: Operator, id: ConnectionId) -> Response {
    match check::check(app, operator.tenant, id).await {
        Ok(Ok(())) => answer::see(PATH, Done::Works),
        Ok(Err(Failure::NeedsReconnect(_))) => answer::see(PATH, Done::Fails),
        Ok(Err(failure)) => wrong(app, operator, failure.reason().message).await,
        Err(problem) => answer::refused(problem),
    }
}

/// The page, with what is wrong above it.
async fn wrong(app: &App, operator: Operator, words: impl Into<String>) -> Response {
    let notice = Some(Notice::stop(words));
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    shown(app, operator, status, |page| page.shell.notice = notice).await
}

/// Other credentials: kept, and tested at once.
async fn reconnect(
    State(app): State<App>,
    Path(id): Path<String>,
    Sent { operator, values }: Sent<CredentialValues>,
) -> Response {
    let Ok(id) = id.parse::<ConnectionId>() else { return page::not_found() };
    let found = app.store().read(move |tx| {
        Box::pin(async move { desk::find_connection_in(tx, operator.tenant, id).await })
    });
    let record = match found.await {
        Ok(record) => record,
        Err(problem) => return answer::refused(problem),
    };
    let errors = match credentials(&values, &record) {
        Err(errors) => errors,
        Ok(asked) => match change(&app, &operator, id, asked).await {
            Ok(()) => return tested(&app, operator, id).await,
            Err(problem) if answer::is_for_the_form(&problem) => errors::of(&problem, NAMES),
            Err(problem) => return answer::refused(problem),
        },
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    shown(&app, operator, status, |page| page.changing = Some((id, Filled { values, errors })))
        .await
}

/// What the form asks for, or everything that is wrong with it. What is left empty stays as it
/// was, but a connection that is shut out needs its secret.
fn credentials(values: &CredentialValues, record: &Record) -> Result<ConnectionAsked, Errors> {
    let said = |text: &str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let client_id = said(&values.client_id).filter(|it| *it != record.client_id);
    let (client_secret, webhook_secret) =
        (said(&values.client_secret), said(&values.webhook_secret));
    if client_secret.is_none() && record.connection.needs_reconnect.is_some() {
        return Err(Errors::none().with("client_secret", "Paste the client secret."));
    }
    if client_id.is_none() && client_secret.is_none() && webhook_secret.is_none() {
        let words = "Nothing was changed. Type what is new, and leave the rest empty.";
        return Err(Errors::none().with("client_secret", words));
    }
    let asked = ConnectionAsked {
        client_id,
        client_secret: client_secret.map(Into::into),
        hook_secrets: HookSecrets {
            present: webhook_secret.map(|it| Some(it.into())),
            before: None,
        },
        ..ConnectionAsked::default()
    };
    let faults = errors::of_faults(&asked.faults(), NAMES);
    if faults.is_empty() { Ok(asked) } else { Err(faults) }
}

async fn disable(
    State(app): State<App>,
    Path(id): Path<String>,
    Sent { operator, .. }: Sent<Button>,
) -> Response {
    switch(&app, &operator, &id, true, Done::Disabled).await
}

async fn enable(
    State(app): State<App>,
    Path(id): Path<String>,
    Sent { operator, .. }: Sent<Button>,
) -> Response {
    switch(&app, &operator, &id, false, Done::Enabled).await
}

async fn switch(app: &App, operator: &Operator, id: &str, off: bool, done: Done) -> Response {
    let Ok(id) = id.parse::<ConnectionId>() else { return page::not_found() };
    let asked = ConnectionAsked { disabled: Some(off), ..ConnectionAsked::default() };
    match change(app, operator, id, asked).await {
        Ok(()) => answer::see(PATH, done),
        Err(problem) => answer::refused(problem),
    }
}

async fn change(
    app: &App,
    operator: &Operator,
    id: ConnectionId,
    asked: ConnectionAsked,
) -> Result<(), Problem> {
    let (desk, tenant) = (app.desk.clone(), operator.tenant);
    let changed = app.desk.change(move |tx| {
        let (desk, asked) = (desk.clone(), asked.clone());
        Box::pin(async move {
            let held = desk::hold_connection_in(tx, &desk, tenant, id, &asked).await?;
            desk::change_connection_in(tx, &desk, held, &asked).await
        })
    });
    changed.await
}

/// The card has said which sessions lose their rooms; so it is meant.
async fn remove(
    State(app): State<App>,
    Path(id): Path<String>,
    Sent { operator, .. }: Sent<Button>,
) -> Response {
    let Ok(id) = id.parse::<ConnectionId>() else { return page::not_found() };
    let (desk, tenant) = (app.desk.clone(), operator.tenant);
    let removed = app.desk.change(move |tx| {
        let desk = desk.clone();
        Box::pin(async move {
            desk::find_connection_in(tx, tenant, id).await?;
            desk::remove_connection_in(tx, &desk, tenant, id, true).await
        })
    });
    match removed.await {
        Ok(()) => answer::see(PATH, Done::Removed),
        Err(problem) => answer::refused(problem),
    }
}

/// What the form asks for, or everything that is wrong with it.
fn read(values: &ZoomValues) -> Result<ConnectionAsked, Errors> {
    let secret = values.webhook_secret.trim();
    let mut seats: Vec<String> = Vec::new();
    for seat in values.seats.lines().map(str::trim).filter(|it| !it.is_empty()) {
        if !seats.iter().any(|it| it == seat) {
            seats.push(seat.to_owned());
        }
    }
    let mut errors = Errors::none();
    if let Some(bad) = seats.iter().find(|seat| desk::email(seat).is_err()) {
        errors.add("seats", format!("“{bad}” is not an e-mail address. Write one a line."));
    }
    let asked = ConnectionAsked {
        account_id: Some(values.account_id.trim().to_owned()),
        client_id: Some(values.client_id.trim().to_owned()),
        client_secret: Some(values.client_secret.trim().to_owned().into()),
        hook_secrets: HookSecrets {
            present: Some((!secret.is_empty()).then(|| secret.to_owned().into())),
            before: None,
        },
        seats: Some(seats),
        ..ConnectionAsked::default()
    };
    let named = errors::of_faults(&asked.faults(), NAMES);
    for field in ZoomValues::FIELDS {
        if let Some(words) = named.of(field) {
            errors.add(field, words);
        }
    }
    if errors.is_empty() { Ok(asked) } else { Err(errors) }
}

async fn load(app: &App, operator: Operator) -> Result<ConnectionsPage, StoreError> {
    let (now, tenant) = (app.now(), operator.tenant);
    let app = app.clone();
    let store = app.store().clone();
    store
        .read(move |tx| {
            Box::pin(async move {
                let frame = Frame::load(tx, &operator, now).await?;
                let lanes = lane::all(tx).await?;
                let tallies = attempt::tallies(tx, tenant, now.minus(DAY)).await?;
                let holds = connection::holds(tx, tenant, now).await?;
                let waiting = waiting(&booking::counts(tx, tenant, now).await?);
                let last_heard: HashMap<ConnectionId, Instant> =
                    inbound::last_heard(tx, tenant).await?.into_iter().collect();
                let mut cards = Vec::new();
                for record in connection::of_tenant(tx, tenant).await? {
                    let owner = match record.connection.host {
                        Some(id) => host::get(tx, tenant, id).await?.map(|it| it.name),
                        None => None,
                    };
                    let health = health::of(&record, &lanes, &tallies, now);
                    let held = holds.get(&record.connection.id).copied().unwrap_or(0);
                    let id = record.connection.id;
                    let address = app.url(&format!("hooks/zoom/{id}"));
                    let events = (address, last_heard.get(&id).copied());
                    cards.push(card(record, owner, health, waiting, held, events));
                }
                // What needs a person stands first.
                cards.sort_by_key(|card| !matches!(card.health, Health::NeedsReconnect(_)));
                Ok(ConnectionsPage {
                    shell: frame.shell(Section::Connections, None, None),
                    cards,
                    zoom: Filled::default(),
                    changing: None,
                })
            })
        })
        .await
}

fn card(
    record: Record,
    host: Option<String>,
    health: Health,
    waiting: u64,
    holds: u64,
    (webhook_url, heard): (String, Option<Instant>),
) -> ConnectionCard {
    let connection = record.connection;
    ConnectionCard {
        id: connection.id,
        provider: connection.provider,
        kind: if record.kind == desk::SERVER_TO_SERVER {
            "Server-to-server".to_owned()
        } else {
            record.kind
        },
        account: connection.account,
        client_id: record.client_id,
        host,
        // Only a connection that lets nothing through keeps anybody waiting.
        waiting: match health {
            Health::NeedsReconnect(_) | Health::Slow(_) | Health::Disabled => waiting,
            Health::Untried
            | Health::Testing
            | Health::Works { .. }
            | Health::Refuses { .. }
            | Health::Failing(_) => 0,
        },
        health,
        seats: connection.seats,
        holds,
        webhook_url,
        heard,
    }
}

/// Sessions ahead that have no room.
fn waiting(counts: &[(meeting::Status, i64)]) -> u64 {
    counts
        .iter()
        .filter(|(status, _)| match status {
            meeting::Status::Pending | meeting::Status::Creating | meeting::Status::Failed => true,
            meeting::Status::Active
            | meeting::Status::Cancelling
            | meeting::Status::Cancelled
            | meeting::Status::NotNeeded => false,
        })
        .map(|(_, count)| u64::try_from(*count).unwrap_or(0))
        .sum()
}
