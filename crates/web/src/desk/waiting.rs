//! Bookings that wait for an account or for a route, once there may be one.

use roomkey_core::Instant;
use roomkey_core::id::ConnectionId;
use roomkey_core::route::Lane;
use roomkey_store::booking::Record;
use roomkey_store::{StoreError, Tenant, Tx, booking, host, service, tenant, work};

use super::pin;

/// Every booking ahead whose rooms are not as they should be, held until the transaction ends.
///
/// Bookings are locked before whatever they wait for: the engine writes to a connection with its
/// bookings in hand, and two who lock in different orders wait for each other.
#[derive(Debug)]
pub struct Waiting(Vec<Record>);

/// Holds the bookings that wait.
///
/// # Errors
/// The database's.
pub async fn hold_waiting(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    now: Instant,
) -> Result<Waiting, StoreError> {
    let waiting = booking::waiting(tx, tenant, now).await?;
    let keys: Vec<_> = waiting.into_iter().map(|(id, _)| (tenant, id)).collect();
    Ok(Waiting(booking::lock_many(tx, &keys, true).await?))
}

/// Holds the bookings that have rooms at a connection, which is about to go.
///
/// # Errors
/// The database's.
pub(super) async fn hold_housed(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    connection: ConnectionId,
) -> Result<Waiting, StoreError> {
    let housed = booking::housed(tx, tenant, connection).await?;
    let keys: Vec<_> = housed.into_iter().map(|id| (tenant, id)).collect();
    Ok(Waiting(booking::lock_many(tx, &keys, true).await?))
}

/// Asks for a look at the bookings that wait: after a connection was made or mended, or a route was
/// given. Where nothing was pinned for want of any route, what there is now is; what was pinned
/// stays.
///
/// # Errors
/// The database's.
pub async fn look_at(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    Waiting(waiting): Waiting,
    now: Instant,
) -> Result<usize, StoreError> {
    let ids: Vec<_> = waiting.iter().map(|it| it.booking.id).collect();
    booking::unsettle_waiting(tx, tenant, &ids, now).await?;
    let row = tenant::get(tx, tenant).await?;
    for mut record in waiting {
        if record.booking.route.is_empty()
            && let Some(host) = host::get(tx, tenant, record.booking.host).await?
            && let Some(service) = service::get(tx, tenant, record.service).await?
        {
            pin::pin_route(&mut record, &host, &service, &row);
            booking::update_asked(tx, &record).await?;
        }
        let (id, start) = (record.booking.id, record.booking.start);
        work::enqueue(tx, tenant, id, Lane::Plan, start, now, now).await?;
    }
    Ok(ids.len())
}

/// Holds the bookings that wait, and asks for a look at them.
///
/// # Errors
/// The database's.
pub async fn look_at_waiting(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    now: Instant,
) -> Result<usize, StoreError> {
    let waiting = hold_waiting(tx, tenant, now).await?;
    look_at(tx, tenant, waiting, now).await
}

/// A row that nobody else changes until the transaction ends, to be changed as a whole; and the
/// bookings that wait, if the change may be what they wait for.
#[derive(Debug)]
pub struct Held<T> {
    pub(super) row: T,
    pub(super) waiting: Option<Waiting>,
}

impl<T> Held<T> {
    /// The row as it is now.
    pub const fn row(&self) -> &T {
        &self.row
    }
}

/// As [`look_at`], of what is held; of what waits now, where nobody could know that it would be
/// needed.
pub(crate) async fn look_at_held(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    waiting: Option<Waiting>,
    now: Instant,
) -> Result<(), StoreError> {
    let waiting = match waiting {
        Some(waiting) => waiting,
        None => hold_waiting(tx, tenant, now).await?,
    };
    look_at(tx, tenant, waiting, now).await?;
    Ok(())
}
