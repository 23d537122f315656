//! Attempts: every call at a vendor, as it went. No bodies, no secrets.

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
        FROM attempts WHERE tenant_id = $1 AND booking_id = $2
            AND (CAST($3 AS BIGINT) IS NULL OR (started_at, id) < ($3, $4))
        ORDER BY started_at DESC, id DESC LIMIT $5";
    BY_CONNECTION = "WITH placed AS (
            SELECT r.connection_id, a.took, a.outcome,
                row_number() OVER (PARTITION BY r.connection_id ORDER BY a.took) AS place,
                count(*) OVER (PARTITION BY r.connection_id) AS calls
            FROM attempts a JOIN rooms r ON r.tenant_id = a.tenant_id AND r.id = a.room_id
            WHERE a.tenant_id = $1 AND a.id >= $2 AND r.connection_id IS NOT NULL)
        SELECT connection_id, count(*), count(CASE WHEN outcome IN ('ok', 'gone', 'occupied') THEN 1 END),
            max(CASE WHEN place = (calls + 1) / 2 THEN took END)
        FROM placed GROUP BY connection_id";
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

/// A booking's attempts, the latest first, after this one.
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

/// How calls with one connection went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// With which.
    pub connection: ConnectionId,
    /// How many there were.
    pub calls: u64,
    /// How many were answered with what was asked for, or with what is so already.
    pub succeeded: u64,
    /// How long half of them took at most.
    pub median: Option<Duration>,
}

/// How calls with each connection went since then. Ids are made of the time: nothing older is read.
///
/// # Errors
/// The database's.
pub async fn tallies(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    since: Instant,
) -> Result<Vec<Tally>, StoreError> {
    let first = AttemptId::new(since, [0; 10]);
    let rows = run!(
        tx,
        BY_CONNECTION,
        [tenant.uuid(), first.uuid()],
        (Uuid, i64, i64, Option<i64>),
        fetch_all
    )?;
    Ok(rows
        .into_iter()
        .map(|(connection, calls, succeeded, median)| Tally {
            connection: ConnectionId::from_uuid(connection),
            calls: u64::try_from(calls).unwrap_or(0),
            succeeded: u64::try_from(succeeded).unwrap_or(0),
            median: median.and_then(|micros| u64::try_from(micros).ok()).map(Duration::from_micros),
        })
        .collect())
}
