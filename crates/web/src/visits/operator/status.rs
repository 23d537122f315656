//! Status: how every connection is doing, what is waiting, and why nothing is happening.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use roomkey_core::Instant;
use roomkey_core::failure::Reason;
use roomkey_core::meeting;
use roomkey_core::route::{Lane, Provider};
use roomkey_store::attempt::{self, Tallies};
use roomkey_store::connection::{self, Record};
use roomkey_store::{StoreError, Tenant, Tx, booking, lane, message, work};

use super::super::page;
use super::super::session::Operator;
use super::causes::Causes;
use super::frame::Frame;
use super::health;
use crate::app::App;
use crate::pages::operator::status::{Backlog, HealthRow, StatusPage};
use crate::pages::operator::{HeadNumber, Health, Section};
use crate::pages::pill::Tone;
use crate::sweeps::Sweeps;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) async fn show(State(app): State<App>, operator: Operator) -> Response {
    let (now, tenant) = (app.now(), operator.tenant);
    let loaded = app
        .store()
        .read(move |tx| {
            Box::pin(async move {
                let frame = Frame::load(tx, &operator, now).await?;
                load(tx, tenant, frame, now).await
            })
        })
        .await;
    match loaded {
        Ok(status) => page::shown(&status),
        Err(error) => page::fault(&error),
    }
}

async fn load(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    frame: Frame,
    now: Instant,
) -> Result<StatusPage, StoreError> {
    let lanes = lane::all(tx).await?;
    let connections = connection::of_tenant(tx, tenant).await?;
    let tallies = attempt::tallies(tx, tenant, now.minus(DAY)).await?;
    let mail = message::tally(tx, tenant, now.minus(DAY)).await?;
    let counts = booking::counts(tx, tenant, now).await?;
    let causes = Causes::load(tx, tenant, &frame.zone, now).await?;
    let looping = work::looping(tx, tenant).await?;
    let sweeps = Sweeps::load(tx, tenant).await?;
    let mut rows: Vec<_> = connections.iter().map(|it| row(it, &tallies, &lanes, now)).collect();
    if !rows.is_empty() || mail.sent + mail.failed > 0 {
        rows.push(mail_row(&mail, &lanes, now));
    }
    let mut stalls = stalls(&connections, &counts, &rows, looping);
    stalls.extend(sweeps.reasons());
    // What sessions wait for themselves, where nothing above says it.
    for reason in booking::waiting_for(tx, tenant, now).await? {
        if !stalls.contains(&reason) {
            stalls.push(reason);
        }
    }
    let told = causes.for_the_record();
    // What stands with the sessions it concerns is not said twice.
    stalls.retain(|reason| !told.iter().any(|cause| cause.words == reason.message));
    Ok(StatusPage {
        shell: frame.shell(Section::Status, Some(number(causes.without_room())), None),
        causes: told,
        backlog: backlog(tx, tenant, now).await?,
        stalls,
        rows,
    })
}

/// Sessions ahead that should have a room and have none.
fn number(without_room: u64) -> HeadNumber {
    let words = if without_room == 1 { "session has no room" } else { "sessions have no room" };
    HeadNumber::new(without_room, words, if without_room == 0 { Tone::Plain } else { Tone::Stop })
}

fn of(counts: &[(meeting::Status, i64)], status: meeting::Status) -> i64 {
    counts.iter().filter(|(it, _)| *it == status).map(|(_, count)| count).sum()
}

fn row(record: &Record, tallies: &Tallies, lanes: &[lane::State], now: Instant) -> HealthRow {
    let connection = &record.connection;
    let tally = tallies.by_connection.get(&connection.id);
    HealthRow {
        provider: Some(connection.provider),
        name: connection.account.clone(),
        health: health::of(record, lanes, tallies, now),
        calls: tally.map_or(0, |it| it.calls),
        succeeded: tally.map_or(0, |it| it.succeeded),
        median: tally.and_then(|it| it.median),
    }
}

fn mail_row(mail: &message::Tally, lanes: &[lane::State], now: Instant) -> HealthRow {
    HealthRow {
        provider: None,
        name: "Mail".to_owned(),
        health: match (health::paused(Lane::Mail, lanes, now), mail.last_sent) {
            (Some(slow), _) => slow,
            (None, Some(at)) => Health::Works { checked_at: Some(at) },
            (None, None) => Health::Untried,
        },
        calls: mail.sent + mail.failed,
        succeeded: mail.sent,
        median: None,
    }
}

async fn backlog(tx: &mut Tx<'_>, tenant: Tenant, now: Instant) -> Result<Backlog, StoreError> {
    let ready = work::backlog(tx, tenant).await?;
    let (later, next_due) = work::later(tx, tenant, now).await?;
    Ok(Backlog {
        due: ready.iter().map(|it| u64::try_from(it.ready).unwrap_or(0)).sum(),
        later: u64::try_from(later).unwrap_or(0),
        oldest_due: ready.iter().filter_map(|it| it.since).min(),
        next_due,
    })
}

/// Why nothing is happening, where nothing is.
fn stalls(
    connections: &[Record],
    counts: &[(meeting::Status, i64)],
    rows: &[HealthRow],
    looping: i64,
) -> Vec<Reason> {
    let mut stalls: Vec<Reason> = rows
        .iter()
        .filter_map(|row| match &row.health {
            Health::NeedsReconnect(reason) | Health::Slow(reason) | Health::Failing(reason) => {
                Some(reason.clone())
            }
            Health::Untried
            | Health::Testing
            | Health::Works { .. }
            | Health::Refuses { .. }
            | Health::Disabled => None,
        })
        .collect();
    let waiting = of(counts, meeting::Status::Pending) + of(counts, meeting::Status::Failed);
    if connections.is_empty() && waiting > 0 {
        stalls.push(Reason::not_connected(Provider::Zoom));
    }
    if looping > 0 {
        let words = "Some work was begun again and again without coming to an end. The log says why; search it for the bookings that do not move on.";
        stalls.push(Reason::new("looping", words));
    }
    stalls
}
