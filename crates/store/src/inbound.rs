//! Vendors' events, from when they came until they have been seen to, and long enough afterwards to
//! know a repeat.
//!
//! An event says which account and which meeting it is about; whom that concerns is found by the
//! address it came to. An event is seen to in the transaction that says so.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::id::{BookingId, ConnectionId, EventId, RoomId};
use roomkey_core::route::Provider;
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    KEEP = "INSERT INTO inbound (tenant_id, id, address, event, said, sealed, received_at, due_at, tries, vendor)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 0, $8) ON CONFLICT DO NOTHING";
    ANY_DUE = "SELECT count(*) FROM (SELECT id FROM inbound WHERE vendor = $1 AND due_at <= $2 LIMIT 1) AS waiting";
    DUE = "SELECT tenant_id, id, vendor, address, event, said, sealed, received_at, tries FROM inbound
        WHERE vendor = $1 AND due_at <= $2 ORDER BY due_at, id LIMIT $3 {skip}";
    WAITING = "SELECT tenant_id, id FROM inbound WHERE vendor = $1 AND due_at <= $2 ORDER BY due_at, id LIMIT $3";
    TAKE = "SELECT tenant_id, id, vendor, address, event, said, sealed, received_at, tries FROM inbound
        WHERE tenant_id = $1 AND id = $2 AND due_at <= $3 {lock}";
    DONE = "UPDATE inbound SET due_at = NULL, sealed = NULL WHERE tenant_id = $1 AND id = $2";
    WAIT = "UPDATE inbound SET due_at = $3 WHERE tenant_id = $1 AND id = $2";
    PUT_OFF = "UPDATE inbound SET due_at = $3, tries = tries + 1 WHERE tenant_id = $1 AND id = $2";
    SWEEP = "DELETE FROM inbound WHERE received_at < $1";
    ROOMS = "SELECT r.tenant_id, r.booking_id, r.id FROM connections c
        JOIN rooms r ON r.tenant_id = c.tenant_id AND r.connection_id = c.id
        WHERE c.provider = $1 AND c.account = $2 AND (c.tenant_id = $3 OR $3 IS NULL) AND (c.client_id = $4 OR $4 IS NULL) AND r.vendor_id = $5
        ORDER BY r.tenant_id, r.booking_id, r.id";
    UNDER_WAY = "SELECT count(*) FROM (SELECT r.id FROM connections c
        JOIN rooms r ON r.tenant_id = c.tenant_id AND r.connection_id = c.id
        WHERE c.provider = $1 AND c.account = $2 AND (c.tenant_id = $3 OR $3 IS NULL) AND (c.client_id = $4 OR $4 IS NULL)
            AND r.state IN ('intended', 'unknown') AND r.opened_at <= $5 LIMIT 1) AS waiting";
    CONNECTIONS = "SELECT tenant_id, id FROM connections
        WHERE provider = $1 AND account = $2 AND (tenant_id = $3 OR $3 IS NULL) AND (client_id = $4 OR $4 IS NULL) AND deleted_at IS NULL
        ORDER BY tenant_id, id";
    HEARD = "INSERT INTO heard (tenant_id, connection_id, heard_at) VALUES ($1, $2, $3)
        ON CONFLICT (tenant_id, connection_id) DO UPDATE SET heard_at = excluded.heard_at WHERE heard.heard_at < $4";
    LAST_HEARD = "SELECT connection_id, heard_at FROM heard WHERE tenant_id = $1";
}

/// How long it is known that something was said before: longer than any vendor repeats itself,
/// which is three days.
const KEPT: Duration = Duration::from_secs(96 * 60 * 60);
/// How long an event waits that could not be seen to, the first time.
const FIRST_WAIT: Duration = Duration::from_secs(60);
/// How exactly it is known when an event last came.
const MINUTE: Duration = Duration::from_secs(60);

/// Who tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// Zoom, of meetings: seen to by the engine.
    Zoom,
    /// Stripe, of payments: seen to where bookings are confirmed.
    Stripe,
}

impl Vendor {
    /// As the database keeps it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zoom => "zoom",
            Self::Stripe => "stripe",
        }
    }

    fn from_code(code: &str) -> Result<Self, StoreError> {
        [Self::Zoom, Self::Stripe]
            .into_iter()
            .find(|it| it.as_str() == code)
            .ok_or_else(|| StoreError::corrupt("inbound", format!("the vendor {code}")))
    }
}

/// One event as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// Whose address it came to: the reserved tenant's, if it was the installation's.
    pub tenant: Tenant,
    /// Its id.
    pub id: EventId,
    /// Who tells.
    pub vendor: Vendor,
    /// To which address: `default`, `app_…`, `con_…` or `ten_…`.
    pub address: String,
    /// What: `meeting.started`.
    pub event: String,
    /// What makes it the same if it comes again.
    pub said: [u8; 32],
    /// The event as it came, sealed; nothing once it has been seen to.
    pub sealed: Vec<u8>,
    /// When it came.
    pub received_at: Instant,
    /// How often seeing to it has failed.
    pub tries: u32,
}

#[derive(sqlx::FromRow)]
struct Row {
    tenant_id: Uuid,
    id: Uuid,
    vendor: String,
    address: String,
    event: String,
    said: Vec<u8>,
    sealed: Option<Vec<u8>>,
    received_at: i64,
    tries: i64,
}

impl Row {
    fn read(self) -> Result<Inbound, StoreError> {
        Ok(Inbound {
            tenant: Tenant::from_row(self.tenant_id),
            id: EventId::from_uuid(self.id),
            vendor: Vendor::from_code(&self.vendor)?,
            address: self.address,
            event: self.event,
            said: self
                .said
                .try_into()
                .map_err(|_| StoreError::corrupt("inbound", "what was said is no hash"))?,
            sealed: self.sealed.unwrap_or_default(),
            received_at: Instant::from_micros(self.received_at),
            tries: u32::try_from(self.tries).unwrap_or(u32::MAX),
        })
    }
}

/// Keeps an event; whether it had not been said before.
///
/// # Errors
/// The database's: the vendor is to send it again.
pub async fn keep(tx: &mut Tx<'_>, event: &Inbound) -> Result<bool, StoreError> {
    let kept = run!(
        tx,
        KEEP,
        [
            event.tenant.uuid(),
            event.id.uuid(),
            &event.address,
            &event.event,
            event.said.as_slice(),
            &event.sealed,
            event.received_at.as_micros(),
            event.vendor.as_str(),
        ],
        execute
    )?;
    Ok(kept == 1)
}

/// Whether an event of this vendor waits to be seen to.
///
/// # Errors
/// The database's.
pub async fn any_due(tx: &mut Tx<'_>, vendor: Vendor, now: Instant) -> Result<bool, StoreError> {
    let (some,) = run!(tx, ANY_DUE, [vendor.as_str(), now.as_micros()], (i64,), fetch_one)?;
    Ok(some > 0)
}

/// Takes up to `limit` of a vendor's events that wait, oldest first; those that another process
/// has just taken are passed over. They are taken until the end of the transaction.
///
/// # Errors
/// The database's.
pub async fn due(
    tx: &mut Tx<'_>,
    vendor: Vendor,
    now: Instant,
    limit: u32,
) -> Result<Vec<Inbound>, StoreError> {
    run!(tx, DUE, [vendor.as_str(), now.as_micros(), i64::from(limit)], Row, fetch_all)?
        .into_iter()
        .map(Row::read)
        .collect()
}

/// Up to `limit` of a vendor's events that wait, oldest first, for whoever takes each by itself.
///
/// # Errors
/// The database's.
pub async fn waiting(
    tx: &mut Tx<'_>,
    vendor: Vendor,
    now: Instant,
    limit: u32,
) -> Result<Vec<(Tenant, EventId)>, StoreError> {
    let rows = run!(
        tx,
        WAITING,
        [vendor.as_str(), now.as_micros(), i64::from(limit)],
        (Uuid, Uuid),
        fetch_all
    )?;
    Ok(rows
        .into_iter()
        .map(|(tenant, id)| (Tenant::from_row(tenant), EventId::from_uuid(id)))
        .collect())
}

/// Takes one event that waits until the end of the transaction; nothing if it waits no longer.
///
/// # Errors
/// The database's.
pub async fn take(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: EventId,
    now: Instant,
) -> Result<Option<Inbound>, StoreError> {
    run!(tx, TAKE, [tenant.uuid(), id.uuid(), now.as_micros()], Row, fetch_optional)?
        .map(Row::read)
        .transpose()
}

/// An event has been seen to: its words are forgotten, that it was said is not.
///
/// # Errors
/// The database's.
pub async fn done(tx: &mut Tx<'_>, event: &Inbound) -> Result<(), StoreError> {
    run!(tx, DONE, [event.tenant.uuid(), event.id.uuid()], execute)?;
    Ok(())
}

/// Puts an event off until then: what it is about is not known yet. That is no try.
///
/// # Errors
/// The database's.
pub async fn wait(tx: &mut Tx<'_>, event: &Inbound, until: Instant) -> Result<(), StoreError> {
    run!(tx, WAIT, [event.tenant.uuid(), event.id.uuid(), until.as_micros()], execute)?;
    Ok(())
}

/// Seeing to an event has failed: it is tried again later, and later each time.
///
/// # Errors
/// The database's.
pub async fn put_off(tx: &mut Tx<'_>, event: &Inbound, now: Instant) -> Result<(), StoreError> {
    let until = now.plus(FIRST_WAIT.saturating_mul(1 << event.tries.min(8)));
    run!(tx, PUT_OFF, [event.tenant.uuid(), event.id.uuid(), until.as_micros()], execute)?;
    Ok(())
}

/// Forgets what no vendor says any more.
///
/// # Errors
/// The database's.
pub async fn sweep(tx: &mut Tx<'_>, now: Instant) -> Result<u64, StoreError> {
    Ok(run!(tx, SWEEP, [now.minus(KEPT).as_micros()], execute)?)
}

/// Whom an event may concern: what its address stands for, and the account it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whom {
    /// The vendor.
    pub provider: Provider,
    /// The vendor's name for the account.
    pub account: String,
    /// Whose connections; anybody's, if it came to the installation's address.
    pub tenant: Option<Tenant>,
    /// Only connections by this client, if it came to an app's address.
    pub client_id: Option<String>,
}

/// The rooms that an event about a vendor's meeting concerns: those that connections of that
/// account made, and which the vendor calls so.
///
/// # Errors
/// The database's.
pub async fn rooms(
    tx: &mut Tx<'_>,
    whom: &Whom,
    vendor_id: &str,
) -> Result<Vec<(Tenant, BookingId, RoomId)>, StoreError> {
    let rows = run!(
        tx,
        ROOMS,
        [
            whom.provider.as_str(),
            &whom.account,
            whom.tenant.map(Tenant::uuid),
            whom.client_id.as_deref(),
            vendor_id,
        ],
        (Uuid, Uuid, Uuid),
        fetch_all
    )?;
    Ok(rows
        .into_iter()
        .map(|(tenant, booking, room)| {
            (Tenant::from_row(tenant), BookingId::from_uuid(booking), RoomId::from_uuid(room))
        })
        .collect())
}

/// Whether a create of that account was under way at a time, and has not been answered yet for
/// certain: what the vendor calls its room is not known then.
///
/// # Errors
/// The database's.
pub async fn is_room_under_way(
    tx: &mut Tx<'_>,
    whom: &Whom,
    at: Instant,
) -> Result<bool, StoreError> {
    let (some,) = run!(
        tx,
        UNDER_WAY,
        [
            whom.provider.as_str(),
            &whom.account,
            whom.tenant.map(Tenant::uuid),
            whom.client_id.as_deref(),
            at.as_micros(),
        ],
        (i64,),
        fetch_one
    )?;
    Ok(some > 0)
}

/// The connections that an event about an account concerns.
///
/// # Errors
/// The database's.
pub async fn connections(
    tx: &mut Tx<'_>,
    whom: &Whom,
) -> Result<Vec<(Tenant, ConnectionId)>, StoreError> {
    let rows = run!(
        tx,
        CONNECTIONS,
        [
            whom.provider.as_str(),
            &whom.account,
            whom.tenant.map(Tenant::uuid),
            whom.client_id.as_deref(),
        ],
        (Uuid, Uuid),
        fetch_all
    )?;
    Ok(rows
        .into_iter()
        .map(|(tenant, id)| (Tenant::from_row(tenant), ConnectionId::from_uuid(id)))
        .collect())
}

/// Notes that an event has come for a connection, to the minute.
///
/// # Errors
/// The database's.
pub async fn heard(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: ConnectionId,
    now: Instant,
) -> Result<(), StoreError> {
    let stale = now.minus(MINUTE).as_micros();
    run!(tx, HEARD, [tenant.uuid(), id.uuid(), now.as_micros(), stale], execute)?;
    Ok(())
}

/// When an event last came for each of a tenant's connections, where one ever did.
///
/// # Errors
/// The database's.
pub async fn last_heard(
    tx: &mut Tx<'_>,
    tenant: Tenant,
) -> Result<Vec<(ConnectionId, Instant)>, StoreError> {
    let rows = run!(tx, LAST_HEARD, [tenant.uuid()], (Uuid, i64), fetch_all)?;
    Ok(rows
        .into_iter()
        .map(|(id, at)| (ConnectionId::from_uuid(id), Instant::from_micros(at)))
        .collect())
}
