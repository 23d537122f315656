//! Seats: who sits where, and who may give one away.

use std::collections::BTreeMap;

use roomkey_core::Instant;
use roomkey_core::id::{BookingId, ConnectionId};
use roomkey_core::plan::may_move;
use roomkey_core::seats::{Sitting, Span};
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    LOCK = "INSERT INTO seatings (tenant_id, connection_id, turns) VALUES ($1, $2, 1)
        ON CONFLICT (tenant_id, connection_id) DO UPDATE SET turns = seatings.turns + 1";
    // A room that is being removed takes its seat while the session lasts: there may be people in it.
    SITTINGS = "SELECT b.id, b.start_at, b.end_at, b.seat, b.seats, r.vendor_user, r.state, r.effect_id, r.opened_at
        FROM rooms r JOIN bookings b ON b.tenant_id = r.tenant_id AND b.id = r.booking_id
        WHERE r.tenant_id = $1 AND r.connection_id = $2 AND r.state IN ('intended', 'unknown', 'live', 'doubtful', 'retiring')
            AND b.end_at > $3 AND b.id <> $4
            AND (r.state <> 'retiring' OR b.start_at <= $3) AND (b.mode = 'online' OR r.state = 'retiring')
        UNION ALL
        SELECT b.id, b.start_at, b.end_at, b.seat, b.seats, NULL, NULL, NULL, NULL FROM bookings b
        WHERE b.tenant_id = $1 AND b.seats = $2 AND b.seat IS NOT NULL AND b.end_at > $3 AND b.id <> $4
            AND b.mode = 'online' AND b.status IN ('confirmed', 'in_progress')";
    BOOKED = "SELECT id, start_at, end_at FROM bookings WHERE tenant_id = $1 AND seats = $2 AND id <> $3 AND end_at > $4 AND start_at < $5
        AND mode = 'online' AND status IN ('confirmed', 'in_progress')";
    PROMISE = "UPDATE bookings SET seat = $3 WHERE tenant_id = $1 AND id = $2";
}

/// From here to the end of the transaction nobody else gives away seats of this connection or
/// counts its users' calls. Taken after bookings and their work, and of several connections in
/// order, so that nobody waits in a circle.
///
/// # Errors
/// The database's.
pub async fn lock(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    connection: ConnectionId,
) -> Result<(), StoreError> {
    run!(tx, LOCK, [tenant.uuid(), connection.uuid()], execute)?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    start_at: i64,
    end_at: i64,
    seat: Option<String>,
    seats: Option<Uuid>,
    vendor_user: Option<String>,
    state: Option<String>,
    effect_id: Option<Uuid>,
    opened_at: Option<i64>,
}

/// Who else has a room on a seat of this connection, or is bound for one, from now on.
///
/// # Errors
/// The database's.
pub async fn sittings(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    connection: ConnectionId,
    except: BookingId,
    now: Instant,
) -> Result<Vec<Sitting>, StoreError> {
    let binds = [tenant.uuid(), connection.uuid()];
    let rows =
        run!(tx, SITTINGS, [binds[0], binds[1], now.as_micros(), except.uuid()], Row, fetch_all)?;
    let mut found: BTreeMap<Uuid, Vec<Sitting>> = BTreeMap::new();
    for row in rows {
        let span = Span {
            start: Instant::from_micros(row.start_at),
            end: Instant::from_micros(row.end_at),
        };
        let bound_for = row.seat.filter(|seat| row.vendor_user.as_ref() != Some(seat));
        let settled = row.state.as_deref() == Some("live") && row.effect_id.is_none();
        let lent = row.seats == Some(connection.uuid());
        let sitting = Sitting {
            booking: BookingId::from_uuid(row.id),
            span,
            at: row.vendor_user,
            bound_for,
            since: row.opened_at.map(Instant::from_micros),
            movable: settled && lent && may_move(span.start, now),
        };
        found.entry(row.id).or_default().push(sitting);
    }
    Ok(found.into_values().flat_map(gathered).collect())
}

/// A booking's rooms and its promise as sittings that say each seat once.
fn gathered(mut rows: Vec<Sitting>) -> Vec<Sitting> {
    let has_room = rows.iter().any(|it| it.at.is_some());
    if has_room {
        rows.retain(|it| it.at.is_some());
    }
    // With two rooms it is on its way already.
    let alone = rows.len() == 1;
    for row in &mut rows {
        row.movable &= alone;
    }
    rows
}

/// The sessions that draw on the seats of this connection, around a span, and their times.
///
/// # Errors
/// The database's.
pub async fn booked(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    connection: ConnectionId,
    except: BookingId,
    around: &Span,
) -> Result<Vec<(BookingId, Span)>, StoreError> {
    let (from, until) = (around.start.as_micros(), around.end.as_micros());
    let binds = [tenant.uuid(), connection.uuid(), except.uuid()];
    let rows =
        run!(tx, BOOKED, [binds[0], binds[1], binds[2], from, until], (Uuid, i64, i64), fetch_all)?;
    Ok(rows
        .into_iter()
        .map(|(id, start, end)| {
            let span = Span { start: Instant::from_micros(start), end: Instant::from_micros(end) };
            (BookingId::from_uuid(id), span)
        })
        .collect())
}

/// Promises a booking a seat. The booking must be locked.
///
/// # Errors
/// The database's.
pub async fn promise(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    seat: &str,
) -> Result<(), StoreError> {
    run!(tx, PROMISE, [tenant.uuid(), booking.uuid(), seat], execute)?;
    Ok(())
}
