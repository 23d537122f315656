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
    SWEEPS = "SELECT sweeps_off_since FROM installation WHERE tenant_id = $1";
    SET_SWEEPS = "UPDATE installation SET sweeps_off_since = $2 WHERE tenant_id = $1";
    SWEPT_TO = "SELECT swept_to FROM installation WHERE tenant_id = $1";
    SET_SWEPT_TO = "UPDATE installation SET swept_to = $2 WHERE tenant_id = $1";
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

/// Since when sweeps are off; nothing while they are on.
///
/// # Errors
/// The database's.
pub async fn sweeps_off_since(tx: &mut Tx<'_>) -> Result<Option<Instant>, StoreError> {
    let row = run!(tx, SWEEPS, [RESERVED.uuid()], (Option<i64>,), fetch_optional)?;
    Ok(row.and_then(|(since,)| since).map(Instant::from_micros))
}

/// Switches sweeps off since then, or on. A database that no engine has worked on yet has nothing
/// to sweep; whether it is otherwise.
///
/// # Errors
/// The database's.
pub async fn set_sweeps(tx: &mut Tx<'_>, off_since: Option<Instant>) -> Result<bool, StoreError> {
    let since = off_since.map(Instant::as_micros);
    Ok(run!(tx, SET_SWEEPS, [RESERVED.uuid(), since], execute)? == 1)
}

/// Until when the rooms that were opened are known to the sweeps.
///
/// # Errors
/// The database's.
pub async fn swept_to(tx: &mut Tx<'_>) -> Result<Option<Instant>, StoreError> {
    let row = run!(tx, SWEPT_TO, [RESERVED.uuid()], (Option<i64>,), fetch_optional)?;
    Ok(row.and_then(|(to,)| to).map(Instant::from_micros))
}

/// Writes down until when the rooms that were opened are known to the sweeps.
///
/// # Errors
/// The database's.
pub async fn set_swept_to(tx: &mut Tx<'_>, to: Instant) -> Result<(), StoreError> {
    run!(tx, SET_SWEPT_TO, [RESERVED.uuid(), to.as_micros()], execute)?;
    Ok(())
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
