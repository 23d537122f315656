//! Attempts: every call at a vendor, as it went. No bodies, no secrets.

use std::collections::BTreeMap;
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::id::{AttemptId, BookingId, ConnectionId, RoomId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    INSERT = "INSERT INTO attempts (tenant_id, id, booking_id, room_id, operation, started_at, took, outcome, status, code, request_id, message)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    OF_BOOKING = "SELECT id, booking_id, room_id, operation, started_at, took, outcome, status, code, request_id, message
        FROM attempts WHERE tenant_id = $1 AND booking_id = $2 AND (CAST($3 AS BIGINT) IS NULL OR (started_at, id) < ($3, $4))
        ORDER BY started_at DESC, id DESC LIMIT $5";
    LATEST = "SELECT r.connection_id, a.took, a.outcome
        FROM (SELECT room_id, took, outcome FROM attempts WHERE tenant_id = $1 AND id >= $2 ORDER BY id DESC LIMIT $3) a
        JOIN rooms r ON r.tenant_id = $1 AND r.id = a.room_id WHERE r.connection_id IS NOT NULL";
}

/// One call at a vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// For which booking.
    pub booking: BookingId,
    /// About which room.
    pub room: RoomId,
    /// What was asked: `create`, `update`, `retire`, `read`, `find`.
    pub operation: String,
    /// When.
    pub started_at: Instant,
    /// How long it took.
    pub took: Duration,
    /// What came of it: `ok`, or the failure's class.
    pub outcome: String,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The vendor's error code.
    pub code: Option<String>,
    /// The vendor's name for the request.
    pub request_id: Option<String>,
    /// What went wrong, in words.
    pub message: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    booking_id: Uuid,
    room_id: Uuid,
    operation: String,
    started_at: i64,
    took: i64,
    outcome: String,
    status: Option<i64>,
    code: Option<String>,
    request_id: Option<String>,
    message: Option<String>,
}

/// Writes down an attempt.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx<'_>, tenant: Tenant, attempt: &Attempt) -> Result<(), StoreError> {
    run!(
        tx,
        INSERT,
        [
            tenant.uuid(),
            attempt.id.uuid(),
            attempt.booking.uuid(),
            attempt.room.uuid(),
            &attempt.operation,
            attempt.started_at.as_micros(),
            i64::try_from(attempt.took.as_micros()).unwrap_or(i64::MAX),
            &attempt.outcome,
            attempt.status.map(i64::from),
            attempt.code.as_deref(),
            attempt.request_id.as_deref(),
            attempt.message.as_deref(),
        ],
        execute
    )?;
    Ok(())
}

/// A page of a booking's attempts, the latest first, after the given one.
///
/// # Errors
/// The database's.
pub async fn of_booking(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    after: Option<(Instant, AttemptId)>,
    limit: u32,
) -> Result<Vec<Attempt>, StoreError> {
    let rows = run!(
        tx,
        OF_BOOKING,
        [
            tenant.uuid(),
            booking.uuid(),
            after.map(|(at, _)| at.as_micros()),
            after.map(|(_, id)| id.uuid()),
            i64::from(limit),
        ],
        Row,
        fetch_all
    )?;
    Ok(rows
        .into_iter()
        .map(|row| Attempt {
            id: AttemptId::from_uuid(row.id),
            booking: BookingId::from_uuid(row.booking_id),
            room: RoomId::from_uuid(row.room_id),
            operation: row.operation,
            started_at: Instant::from_micros(row.started_at),
            took: Duration::from_micros(u64::try_from(row.took).unwrap_or(0)),
            outcome: row.outcome,
            status: row.status.and_then(|status| u16::try_from(status).ok()),
            code: row.code,
            request_id: row.request_id,
            message: row.message,
        })
        .collect())
}

/// How calls went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there were.
    pub calls: u64,
    /// How many were answered with what was asked for, or with what is so already.
    pub succeeded: u64,
    /// How long half of them took at most.
    pub median: Option<Duration>,
    /// How long 95 of 100 took at most.
    pub p95: Option<Duration>,
}

/// How a tenant's calls went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tallies {
    /// All of them.
    pub overall: Tally,
    /// With each connection.
    pub by_connection: BTreeMap<ConnectionId, Tally>,
}

/// Calls that are looked at: the latest, so that it costs as much in a large practice as in a small
/// one.
const LATEST_CALLS: i64 = 2_000;

/// How the latest calls went since then. Ids are made of the time: nothing older is read.
///
/// # Errors
/// The database's.
pub async fn tallies(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    since: Instant,
) -> Result<Tallies, StoreError> {
    let first = AttemptId::new(since, [0; 10]);
    let rows = run!(
        tx,
        LATEST,
        [tenant.uuid(), first.uuid(), LATEST_CALLS],
        (Uuid, i64, String),
        fetch_all
    )?;
    let mut overall = Vec::with_capacity(rows.len());
    let mut by_connection: BTreeMap<ConnectionId, Vec<(u64, bool)>> = BTreeMap::new();
    for (connection, took, outcome) in rows {
        let succeeded = matches!(outcome.as_str(), "ok" | "gone" | "occupied");
        let call = (u64::try_from(took).unwrap_or(0), succeeded);
        overall.push(call);
        by_connection.entry(ConnectionId::from_uuid(connection)).or_default().push(call);
    }
    Ok(Tallies {
        overall: tally(overall),
        by_connection: by_connection.into_iter().map(|(id, calls)| (id, tally(calls))).collect(),
    })
}

/// Counts calls: how long each took, and whether it succeeded.
fn tally(mut calls: Vec<(u64, bool)>) -> Tally {
    calls.sort_unstable();
    // The smallest that is not less than so many of a hundred of them.
    let within = |hundredths: usize| {
        let place = (calls.len() * hundredths).div_ceil(100).checked_sub(1)?;
        calls.get(place).map(|(micros, _)| Duration::from_micros(*micros))
    };
    Tally {
        calls: u64::try_from(calls.len()).unwrap_or(u64::MAX),
        succeeded: calls.iter().map(|(_, succeeded)| u64::from(*succeeded)).sum(),
        median: within(50),
        p95: within(95),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_calls_are_told_by_their_fiftieth_and_ninety_fifth() {
        let calls = (1..=100).rev().map(|micros| (micros, micros != 7)).collect();
        let told = tally(calls);
        assert_eq!((told.calls, told.succeeded), (100, 99));
        assert_eq!(told.median, Some(Duration::from_micros(50)));
        assert_eq!(told.p95, Some(Duration::from_micros(95)));
        assert_eq!(tally(vec![(3, true)]).p95, Some(Duration::from_micros(3)));
        assert_eq!(tally(Vec::new()), Tally::default());
    }
}
