//! What belongs to the installation: its name in markers, and the leases of its single tasks.

use roomkey_core::Instant;
use roomkey_core::id::TenantId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    INSERT = "INSERT INTO installation (tenant_id, marker, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    GET = "SELECT marker FROM installation WHERE tenant_id = $1";
    LEASE = "INSERT INTO leases (tenant_id, name, holder, until_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant_id, name) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at
        WHERE leases.holder = excluded.holder OR leases.until_at <= $5";
}

/// The reserved tenant, to whom belongs what belongs to nobody else.
pub(crate) const RESERVED: TenantId = TenantId::from_uuid(Uuid::nil());

/// The reserved tenant: for whoever has shown a secret of the installation. No practice's rows are
/// its own.
#[must_use]
pub const fn tenant() -> Tenant {
    Tenant::proven(RESERVED)
}

/// The installation's name in markers: `proposed` if it had none.
///
/// # Errors
/// The database's.
pub async fn marker(tx: &mut Tx<'_>, proposed: &str, now: Instant) -> Result<String, StoreError> {
    run!(tx, INSERT, [RESERVED.uuid(), proposed, now.as_micros()], execute)?;
    let (marker,) = run!(tx, GET, [RESERVED.uuid()], (String,), fetch_one)?;
    Ok(marker)
}

/// Takes or keeps a lease until `until`; whether `holder` has it now.
///
/// # Errors
/// The database's.
pub async fn lease(
    tx: &mut Tx<'_>,
    name: &str,
    holder: Uuid,
    until: Instant,
    now: Instant,
) -> Result<bool, StoreError> {
    let taken = run!(
        tx,
        LEASE,
        [RESERVED.uuid(), name, holder, until.as_micros(), now.as_micros()],
        execute
    )?;
    Ok(taken == 1)
}
