//! Seats: who sits where, and who may give one away.

use std::collections::BTreeMap;

use roomkey_core::Instant;
use roomkey_core::booking::DoorTimes;
use roomkey_core::id::{BookingId, ConnectionId};
use roomkey_core::plan::may_move;
use roomkey_core::route::{Connection, RouteOption, Use, must_sit_on};
use roomkey_core::seats::{Mobility, Sitting, Span};
use uuid::Uuid;

use crate::error::StoreError;
use crate::json;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    LOCK = "INSERT INTO seatings (tenant_id, connection_id, turns) VALUES ($1, $2, 1)
        ON CONFLICT (tenant_id, connection_id) DO UPDATE SET turns = seatings.turns + 1";
    // A room that is being removed takes its seat while the session lasts: there may be people in it.
    // So does one that has people in it, for as long as they may be there at all.
    SITTINGS = "SELECT b.id, b.start_at, b.end_at, b.seat, b.route, r.vendor_user, r.position, r.state, r.effect_id, r.opened_at, r.occupied
        FROM rooms r JOIN bookings b ON b.tenant_id = r.tenant_id AND b.id = r.booking_id
        WHERE r.tenant_id = $1 AND r.connection_id = $2 AND r.state IN ('intended', 'unknown', 'live', 'doubtful', 'retiring') AND b.id <> $3
            AND (b.end_at > $5 OR (r.occupied AND b.end_at > $6))
            AND (r.state <> 'retiring' OR b.start_at <= $4 OR r.occupied) AND (b.mode = 'online' OR r.state = 'retiring')
        UNION ALL
        SELECT b.id, b.start_at, b.end_at, b.seat, b.route, NULL, NULL, NULL, NULL, NULL, NULL FROM bookings b
        WHERE b.tenant_id = $1 AND b.seat IS NOT NULL AND b.start_at > $6 AND b.end_at > $4 AND b.id <> $3
            AND b.mode = 'online' AND b.status IN ('confirmed', 'in_progress')";
    BOOKED = "SELECT id, start_at, end_at, route FROM bookings WHERE tenant_id = $1 AND seats = $2 AND id <> $3 AND end_at > $4 AND start_at < $5
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
    route: String,
    vendor_user: Option<String>,
    position: Option<i64>,
    state: Option<String>,
    effect_id: Option<Uuid>,
    opened_at: Option<i64>,
    occupied: Option<bool>,
}

impl Row {
    /// `None` for a promise of a seat of some other connection.
    fn read(self, connection: &Connection, now: Instant) -> Result<Option<Sitting>, StoreError> {
        if self.vendor_user.is_none() && !self.seat.iter().all(|it| connection.seats.contains(it)) {
            return Ok(None);
        }
        let planned = span(self.start_at, self.end_at);
        let occupied = self.occupied.unwrap_or_default();
        let route: Vec<RouteOption> = json::read("bookings", &self.route)?;
        // A room is moved only within the seats that its route names.
        let option = self.position.and_then(|it| route.get(usize::try_from(it).ok()?));
        let lent = option.is_none_or(|option| option.uses == Use::Seats(connection.id));
        let rests = self.state.as_deref() == Some("live") && self.effect_id.is_none();
        let mobility = match may_move(planned.start, now) && lent && !occupied {
            true if rests => Mobility::Movable,
            true => Mobility::Soon,
            false => Mobility::Fixed,
        };
        Ok(Some(Sitting {
            booking: BookingId::from_uuid(self.id),
            span: if occupied { planned.with_people_inside(now) } else { planned },
            bound_for: self.seat.filter(|seat| self.vendor_user.as_ref() != Some(seat)),
            at: self.vendor_user,
            since: self.opened_at.map(Instant::from_micros),
            mobility,
        }))
    }
}

fn span(start_at: i64, end_at: i64) -> Span {
    Span { start: Instant::from_micros(start_at), end: Instant::from_micros(end_at) }
}

/// Who else has a room on a seat of this connection, or is bound for one, from now on: for as long
/// as the seat is kept free after the session, and for as long as there are people in the room.
///
/// # Errors
/// The database's.
pub async fn sittings(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    connection: &Connection,
    except: BookingId,
    now: Instant,
) -> Result<Vec<Sitting>, StoreError> {
    let rows = run!(
        tx,
        SITTINGS,
        [
            tenant.uuid(),
            connection.id.uuid(),
            except.uuid(),
            now.as_micros(),
            now.minus(connection.seat_rules.buffer).as_micros(),
            now.minus(DoorTimes::AT_THE_LATEST).as_micros(),
        ],
        Row,
        fetch_all
    )?;
    let mut found: BTreeMap<BookingId, Vec<Sitting>> = BTreeMap::new();
    for row in rows {
        if let Some(sitting) = row.read(connection, now)? {
            found.entry(sitting.booking).or_default().push(sitting);
        }
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
        if row.mobility == Mobility::Movable && !alone {
            row.mobility = Mobility::Soon;
        }
    }
    rows
}

/// The sessions that must sit on the seats of this connection, around a span, and their times.
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
    let rows = run!(
        tx,
        BOOKED,
        [binds[0], binds[1], binds[2], from, until],
        (Uuid, i64, i64, String),
        fetch_all
    )?;
    let mut spans = Vec::new();
    for (id, start_at, end_at, route) in rows {
        let route: Vec<RouteOption> = json::read("bookings", &route)?;
        if must_sit_on(&route) == Some(connection) {
            spans.push((BookingId::from_uuid(id), span(start_at, end_at)));
        }
    }
    Ok(spans)
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
