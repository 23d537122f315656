//! Bookings that wait for an account or for a route, once there may be one.

use roomkey_core::Instant;
use roomkey_core::route::Lane;
use roomkey_store::{StoreError, Tenant, Tx, booking, host, service, tenant, work};

use super::pin;

/// Asks for a look at every booking ahead whose rooms are not as they should be: after a connection
/// was made or mended, or a route was given. Where nothing was pinned for want of any route, what
/// there is now is; what was pinned stays.
///
/// # Errors
/// The database's.
pub async fn look_at_waiting(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    now: Instant,
) -> Result<usize, StoreError> {
    booking::unsettle_waiting(tx, tenant, now).await?;
    let waiting = booking::waiting(tx, tenant, now).await?;
    let row = tenant::get(tx, tenant).await?;
    for (id, start) in &waiting {
        let Some(known) = booking::get(tx, tenant, *id).await? else { continue };
        if known.booking.route.is_empty()
            && let Some(mut record) = booking::lock(tx, tenant, *id).await?
            && let Some(host) = host::get(tx, tenant, record.booking.host).await?
            && let Some(service) = service::get(tx, tenant, record.service).await?
        {
            pin::pin_route(&mut record, &host, &service, &row);
            booking::update_asked(tx, &record).await?;
        }
        work::enqueue(tx, tenant, *id, Lane::Plan, *start, now, now).await?;
    }
    Ok(waiting.len())
}
