//! Links that were replaced by others. For a while each says so; then it is like any other that
//! was never given out.

use std::time::Duration;

use roomkey_core::Instant;
use uuid::Uuid;

use crate::error::StoreError;
use crate::person::Person;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    RETIRE = "INSERT INTO retired_links (tenant_id, hash, person_id, retired_at) VALUES ($1, $2, $3, $4)";
    WHOSE = "SELECT tenant_id FROM retired_links WHERE hash = $1 AND retired_at > $2";
    SWEEP = "DELETE FROM retired_links WHERE retired_at <= $1";
}

/// How long a link says that it was replaced.
pub const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Keeps the link that a person has had until now. Called before [`crate::person::replace_link`].
///
/// # Errors
/// The database's.
pub async fn retire(tx: &mut Tx<'_>, person: &Person, now: Instant) -> Result<(), StoreError> {
    run!(
        tx,
        RETIRE,
        [person.tenant.uuid(), person.link_hash.as_slice(), person.id.uuid(), now.as_micros()],
        execute
    )?;
    Ok(())
}

/// Whose link this was, if it was replaced no longer than [`REMEMBERED`] ago. Having had the token
/// proves enough to be told whom to ask, and nothing of the booking.
///
/// # Errors
/// The database's.
pub async fn whose(
    tx: &mut Tx<'_>,
    hash: &[u8; 32],
    now: Instant,
) -> Result<Option<Tenant>, StoreError> {
    let since = now.minus(REMEMBERED).as_micros();
    let found = run!(tx, WHOSE, [hash.as_slice(), since], (Uuid,), fetch_optional)?;
    Ok(found.map(|(tenant,)| Tenant::from_row(tenant)))
}

/// Forgets links that were replaced long enough ago. Answers how many.
///
/// # Errors
/// The database's.
pub async fn sweep(tx: &mut Tx<'_>, now: Instant) -> Result<u64, StoreError> {
    Ok(run!(tx, SWEEP, [now.minus(REMEMBERED).as_micros()], execute)?)
}
