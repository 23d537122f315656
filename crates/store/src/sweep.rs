//! Whom the sweep looks after: vendor users who hold rooms of ours, or held some not long ago.

use roomkey_core::Instant;
use roomkey_core::id::{ConnectionId, RoomId};
use roomkey_core::route::{Place, Provider};
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    HELD = "SELECT r.provider, r.connection_id, r.account, r.vendor_user, max(CASE WHEN b.end_at > r.opened_at THEN b.end_at ELSE r.opened_at END)
        FROM rooms r JOIN bookings b ON b.tenant_id = r.tenant_id AND b.id = r.booking_id
        WHERE r.tenant_id = $1 AND r.id >= $2 AND r.connection_id IS NOT NULL
        GROUP BY r.provider, r.connection_id, r.account, r.vendor_user ORDER BY r.connection_id, r.vendor_user";
    WANT = "INSERT INTO sweeps (tenant_id, connection_id, vendor_user, provider, account, next_at, until_at, unknown_rooms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
        ON CONFLICT (tenant_id, connection_id, vendor_user) DO UPDATE
            SET until_at = CASE WHEN excluded.until_at > sweeps.until_at THEN excluded.until_at ELSE sweeps.until_at END";
    DUE = "SELECT tenant_id, connection_id, vendor_user, provider, account FROM sweeps
        WHERE next_at <= $1 ORDER BY next_at, tenant_id, connection_id, vendor_user LIMIT $2";
    DONE = "UPDATE sweeps SET next_at = $4, swept_at = $5, unknown_rooms = $6 WHERE tenant_id = $1 AND connection_id = $2 AND vendor_user = $3";
    COUNTED = "UPDATE sweeps SET swept_at = $4, unknown_rooms = $5 WHERE tenant_id = $1 AND connection_id = $2 AND vendor_user = $3";
    PUT_OFF = "UPDATE sweeps SET next_at = $4 WHERE tenant_id = $1 AND connection_id = $2 AND vendor_user = $3";
    FORGET = "DELETE FROM sweeps WHERE until_at <= $1";
    UNKNOWN = "SELECT count(*), CAST(coalesce(sum(unknown_rooms), 0) AS BIGINT), max(swept_at) FROM sweeps WHERE tenant_id = $1";
}

/// One vendor user of one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Whose connection.
    pub tenant: Tenant,
    /// Which connection and user.
    pub place: Place,
}

type Named = (Uuid, Uuid, String, String, String);

/// Who holds rooms of a tenant that were opened since then, and until when at the latest.
///
/// # Errors
/// The database's.
pub async fn held(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    since: Instant,
) -> Result<Vec<(Place, Instant)>, StoreError> {
    type Row = (String, Uuid, String, String, i64);
    let first = RoomId::new(since, [0; 10]);
    run!(tx, HELD, [tenant.uuid(), first.uuid()], Row, fetch_all)?
        .into_iter()
        .map(|(provider, connection, account, user, until)| {
            Ok((place(&provider, connection, account, user)?, Instant::from_micros(until)))
        })
        .collect()
}

fn place(
    provider: &str,
    connection: Uuid,
    account: String,
    user: String,
) -> Result<Place, StoreError> {
    Ok(Place {
        provider: Provider::from_code(provider)
            .ok_or_else(|| StoreError::corrupt("sweeps", provider))?,
        connection: Some(ConnectionId::from_uuid(connection)),
        account,
        user,
    })
}

/// Has a vendor user looked after until then: for the first time at `first`, if it is new.
///
/// # Errors
/// The database's.
pub async fn want(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    place: &Place,
    first: Instant,
    until: Instant,
) -> Result<(), StoreError> {
    run!(
        tx,
        WANT,
        [
            tenant.uuid(),
            place.connection.map(ConnectionId::uuid),
            &place.user,
            place.provider.as_str(),
            &place.account,
            first.as_micros(),
            until.as_micros(),
        ],
        execute
    )?;
    Ok(())
}

/// Whose turn it is, the longest due first.
///
/// # Errors
/// The database's.
pub async fn due(tx: &mut Tx<'_>, now: Instant, limit: u32) -> Result<Vec<Target>, StoreError> {
    run!(tx, DUE, [now.as_micros(), i64::from(limit)], Named, fetch_all)?
        .into_iter()
        .map(|(tenant, connection, user, provider, account)| {
            Ok(Target {
                tenant: Tenant::from_row(tenant),
                place: place(&provider, connection, account, user)?,
            })
        })
        .collect()
}

/// Writes down that a vendor user was looked at, and how many rooms were there that carry our
/// marker and that no booking knows.
///
/// # Errors
/// The database's.
pub async fn done(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    place: &Place,
    next: Instant,
    unknown: usize,
    now: Instant,
) -> Result<(), StoreError> {
    run!(
        tx,
        DONE,
        [
            tenant.uuid(),
            place.connection.map(ConnectionId::uuid),
            &place.user,
            next.as_micros(),
            now.as_micros(),
            i64::try_from(unknown).unwrap_or(i64::MAX),
        ],
        execute
    )?;
    Ok(())
}

/// Writes down what somebody else saw there; the next look is when it would have been.
///
/// # Errors
/// The database's.
pub async fn counted(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    place: &Place,
    unknown: usize,
    now: Instant,
) -> Result<(), StoreError> {
    run!(
        tx,
        COUNTED,
        [
            tenant.uuid(),
            place.connection.map(ConnectionId::uuid),
            &place.user,
            now.as_micros(),
            i64::try_from(unknown).unwrap_or(i64::MAX),
        ],
        execute
    )?;
    Ok(())
}

/// Puts a look off; what is known stays.
///
/// # Errors
/// The database's.
pub async fn put_off(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    place: &Place,
    next: Instant,
) -> Result<(), StoreError> {
    let connection = place.connection.map(ConnectionId::uuid);
    run!(tx, PUT_OFF, [tenant.uuid(), connection, &place.user, next.as_micros()], execute)?;
    Ok(())
}

/// Forgets who has held nothing for long enough.
///
/// # Errors
/// The database's.
pub async fn forget(tx: &mut Tx<'_>, now: Instant) -> Result<(), StoreError> {
    run!(tx, FORGET, [now.as_micros()], execute)?;
    Ok(())
}

/// What the sweeps know of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    /// Vendor users who are looked after.
    pub users: i64,
    /// Rooms with our marker that no booking knows.
    pub unknown_rooms: i64,
    /// When one of them was last looked at.
    pub swept_at: Option<Instant>,
}

/// What the sweeps know of a tenant.
///
/// # Errors
/// The database's.
pub async fn known(tx: &mut Tx<'_>, tenant: Tenant) -> Result<Known, StoreError> {
    let (users, unknown_rooms, swept_at) =
        run!(tx, UNKNOWN, [tenant.uuid()], (i64, i64, Option<i64>), fetch_one)?;
    Ok(Known { users, unknown_rooms, swept_at: swept_at.map(Instant::from_micros) })
}
