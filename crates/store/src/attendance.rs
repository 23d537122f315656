//! What the vendor told of the people in a booking's rooms, and what has been said of it.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::attendance::Run;
use roomkey_core::id::{BookingId, ConnectionId, RoomId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    NOTE = "INSERT INTO attendance (tenant_id, id, booking_id, room_id, instance, visitor, came, at, is_host, sealed)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
    OF_BOOKING = "SELECT id, room_id, instance, visitor, came, at, is_host, sealed FROM attendance
        WHERE tenant_id = $1 AND booking_id = $2 ORDER BY at, id LIMIT 2000";
    RAN = "INSERT INTO runs (tenant_id, room_id, instance, booking_id, started_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (tenant_id, room_id, instance) DO UPDATE SET
            started_at = COALESCE(runs.started_at, excluded.started_at), ended_at = COALESCE(runs.ended_at, excluded.ended_at)";
    RUNS = "SELECT room_id, instance, started_at, ended_at FROM runs WHERE tenant_id = $1 AND booking_id = $2 ORDER BY started_at, instance";
    NEWS = "INSERT INTO attendance_told (tenant_id, booking_id, due_at) VALUES ($1, $2, $3)
        ON CONFLICT (tenant_id, booking_id) DO UPDATE SET due_at = COALESCE(attendance_told.due_at,
            CASE WHEN attendance_told.told_at > $4 THEN attendance_told.told_at + $5 ELSE excluded.due_at END)";
    ANY_DUE = "SELECT count(*) FROM (SELECT booking_id FROM attendance_told WHERE due_at <= $1 LIMIT 1) AS waiting";
    DUE = "SELECT tenant_id, booking_id FROM attendance_told WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
    TOLD = "UPDATE attendance_told SET due_at = NULL, told_at = $3 WHERE tenant_id = $1 AND booking_id = $2 AND due_at <= $3";
    ENDED = "INSERT INTO attendance_told (tenant_id, booking_id, due_at, ended_at) VALUES ($1, $2, $3, $3)
        ON CONFLICT (tenant_id, booking_id) DO UPDATE SET due_at = excluded.due_at, ended_at = excluded.ended_at
        WHERE attendance_told.ended_at IS NULL";
    FORGET = "UPDATE attendance SET sealed = NULL
        WHERE tenant_id = $1 AND at <= $3 AND room_id IN (SELECT id FROM rooms WHERE tenant_id = $1 AND connection_id = $2)";
}

/// How often is told of a session's people at the most.
const MINUTE: Duration = Duration::from_secs(60);

/// Somebody came in, or went; who they are is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// Its id.
    pub id: Uuid,
    /// Of which room.
    pub room: RoomId,
    /// Of which instance of it.
    pub instance: String,
    /// The vendor's name for the visit.
    pub visitor: String,
    /// Came in; else, went.
    pub came: bool,
    /// When.
    pub at: Instant,
    /// Whether the vendor says that they are the host.
    pub is_host: bool,
    /// Name, address and the vendor's id of the user, sealed; nothing once it is forgotten.
    pub sealed: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    room_id: Uuid,
    instance: String,
    visitor: String,
    came: bool,
    at: i64,
    is_host: bool,
    sealed: Option<Vec<u8>>,
}

/// Notes that somebody came or went; whether that was not known.
///
/// # Errors
/// The database's.
pub async fn note(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    noted: &Noted,
) -> Result<bool, StoreError> {
    let inserted = run!(
        tx,
        NOTE,
        [
            tenant.uuid(),
            noted.id,
            booking.uuid(),
            noted.room.uuid(),
            &noted.instance,
            &noted.visitor,
            noted.came,
            noted.at.as_micros(),
            noted.is_host,
            noted.sealed.as_deref(),
        ],
        execute
    )?;
    Ok(inserted == 1)
}

/// Who came and went, in order.
///
/// # Errors
/// The database's.
pub async fn of_booking(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
) -> Result<Vec<Noted>, StoreError> {
    let rows = run!(tx, OF_BOOKING, [tenant.uuid(), booking.uuid()], Row, fetch_all)?;
    Ok(rows
        .into_iter()
        .map(|row| Noted {
            id: row.id,
            room: RoomId::from_uuid(row.room_id),
            instance: row.instance,
            visitor: row.visitor,
            came: row.came,
            at: Instant::from_micros(row.at),
            is_host: row.is_host,
            sealed: row.sealed,
        })
        .collect())
}

/// Notes when an instance of a room was opened, or when everybody had left. What is known already
/// stays.
///
/// # Errors
/// The database's.
pub async fn ran(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    run: &Run,
) -> Result<(), StoreError> {
    run!(
        tx,
        RAN,
        [
            tenant.uuid(),
            run.room.uuid(),
            &run.instance,
            booking.uuid(),
            run.started_at.map(Instant::as_micros),
            run.ended_at.map(Instant::as_micros),
        ],
        execute
    )?;
    Ok(())
}

/// From when to when the rooms of a booking were open.
///
/// # Errors
/// The database's.
pub async fn runs(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
) -> Result<Vec<Run>, StoreError> {
    let rows = run!(
        tx,
        RUNS,
        [tenant.uuid(), booking.uuid()],
        (Uuid, String, Option<i64>, Option<i64>),
        fetch_all
    )?;
    Ok(rows
        .into_iter()
        .map(|(room, instance, started, ended)| Run {
            room: RoomId::from_uuid(room),
            instance,
            started_at: started.map(Instant::from_micros),
            ended_at: ended.map(Instant::from_micros),
        })
        .collect())
}

/// There is news of a session's people: it is told at once, or a minute after the last was told.
///
/// # Errors
/// The database's.
pub async fn news(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    now: Instant,
) -> Result<(), StoreError> {
    let minute = i64::try_from(MINUTE.as_micros()).unwrap_or(0);
    let stale = now.minus(MINUTE).as_micros();
    run!(tx, NEWS, [tenant.uuid(), booking.uuid(), now.as_micros(), stale, minute], execute)?;
    Ok(())
}

/// Whether news is to be told now.
///
/// # Errors
/// The database's.
pub async fn any_due(tx: &mut Tx<'_>, now: Instant) -> Result<bool, StoreError> {
    let (some,) = run!(tx, ANY_DUE, [now.as_micros()], (i64,), fetch_one)?;
    Ok(some > 0)
}

/// Bookings of whose people there is news to be told now.
///
/// # Errors
/// The database's.
pub async fn due(
    tx: &mut Tx<'_>,
    now: Instant,
    limit: u32,
) -> Result<Vec<(Tenant, BookingId)>, StoreError> {
    let rows = run!(tx, DUE, [now.as_micros(), i64::from(limit)], (Uuid, Uuid), fetch_all)?;
    Ok(rows
        .into_iter()
        .map(|(tenant, booking)| (Tenant::from_row(tenant), BookingId::from_uuid(booking)))
        .collect())
}

/// The news is told; whether nobody else has told it meanwhile. The booking must be locked.
///
/// # Errors
/// The database's.
pub async fn told(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    now: Instant,
) -> Result<bool, StoreError> {
    Ok(run!(tx, TOLD, [tenant.uuid(), booking.uuid(), now.as_micros()], execute)? == 1)
}

/// Everybody has left for good: whether that had not been said of this booking.
///
/// # Errors
/// The database's.
pub async fn ended(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    now: Instant,
) -> Result<bool, StoreError> {
    Ok(run!(tx, ENDED, [tenant.uuid(), booking.uuid(), now.as_micros()], execute)? == 1)
}

/// Forgets who the people were who came and went until then in the rooms that a connection made; that
/// they were there stays.
///
/// # Errors
/// The database's.
pub async fn forget_people(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    connection: ConnectionId,
    until: Instant,
) -> Result<(), StoreError> {
    run!(tx, FORGET, [tenant.uuid(), connection.uuid(), until.as_micros()], execute)?;
    Ok(())
}
