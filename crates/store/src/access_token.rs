//! Access tokens of connections, one for all processes, and whose turn it is to ask for the next.
//!
//! A token belongs to the credentials of one revision; with new credentials begins a new row in all
//! but its key. A turn is named by a ticket and ends by itself, so that whoever dies while asking
//! holds nobody up.

use roomkey_core::Instant;
use roomkey_core::id::{ConnectionId, TenantId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::installation::RESERVED;
use crate::sql::{run, statements};
use crate::tx::Tx;

statements! {
    READ = "SELECT revision, number, sealed, renew_at FROM access_tokens WHERE tenant_id = $1 AND connection_id = $2";
    TURN = "INSERT INTO access_tokens (tenant_id, connection_id, revision, number, renew_at, asker, asking_until) VALUES ($1, $2, $3, 0, 0, $4, $5)
        ON CONFLICT (tenant_id, connection_id) DO UPDATE
            SET revision = excluded.revision, sealed = NULL, asker = excluded.asker, asking_until = excluded.asking_until
            WHERE access_tokens.revision < excluded.revision OR (access_tokens.revision = excluded.revision
                AND (access_tokens.sealed IS NULL OR access_tokens.renew_at <= $6) AND access_tokens.asking_until <= $6)";
    FORCE = "INSERT INTO access_tokens (tenant_id, connection_id, revision, number, renew_at, asker, asking_until) VALUES ($1, $2, $3, 0, 0, $4, $5)
        ON CONFLICT (tenant_id, connection_id) DO UPDATE
            SET revision = excluded.revision, sealed = NULL, asker = excluded.asker, asking_until = excluded.asking_until
            WHERE access_tokens.revision <= excluded.revision";
    KEEP = "UPDATE access_tokens SET number = number + 1, sealed = $5, renew_at = $6, asker = NULL, asking_until = 0
        WHERE tenant_id = $1 AND connection_id = $2 AND revision = $3 AND asker = $4 RETURNING number";
    LEAVE = "UPDATE access_tokens SET asker = NULL, asking_until = 0 WHERE tenant_id = $1 AND connection_id = $2 AND revision = $3 AND asker = $4";
    DISCARD = "UPDATE access_tokens SET sealed = NULL WHERE tenant_id = $1 AND connection_id = $2 AND revision = $3 AND number = $4";
    FORGET = "DELETE FROM access_tokens WHERE tenant_id = $1 AND connection_id = $2";
}

/// A connection's credentials as they were at one revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Of {
    /// The connection.
    pub connection: ConnectionId,
    /// Counts changes of the credentials.
    pub revision: i64,
}

/// A token that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Which of all that there were.
    pub number: i64,
    /// The token, sealed.
    pub sealed: Vec<u8>,
    /// From when on another is to be had.
    pub renew_at: Instant,
}

/// What somebody finds who needs a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// There is one.
    Kept(Kept),
    /// There is none, and the caller is to ask.
    Ours,
    /// There is none, and somebody else is asking.
    Theirs,
    /// The credentials have changed since.
    Outdated,
}

/// The token of these credentials; if there is none that still lives at `now`, the turn to ask for
/// it, which lasts until `until`, or the news that somebody else has it.
///
/// # Errors
/// The database's.
pub async fn turn(
    tx: &mut Tx<'_>,
    of: Of,
    ticket: Uuid,
    until: Instant,
    now: Instant,
) -> Result<Turn, StoreError> {
    let taken = run!(
        tx,
        TURN,
        [
            TenantId::uuid(RESERVED),
            of.connection.uuid(),
            of.revision,
            ticket,
            until.as_micros(),
            now.as_micros(),
        ],
        execute
    )?;
    if taken == 1 {
        return Ok(Turn::Ours);
    }
    Ok(match read(tx, of.connection).await? {
        Some((revision, _)) if revision > of.revision => Turn::Outdated,
        Some((_, Some(kept))) if now < kept.renew_at => Turn::Kept(kept),
        Some(_) | None => Turn::Theirs,
    })
}

/// The token of these credentials that still lives at `now`, if there is one. Takes no turn.
///
/// # Errors
/// The database's.
pub async fn kept(tx: &mut Tx<'_>, of: Of, now: Instant) -> Result<Option<Kept>, StoreError> {
    let found = read(tx, of.connection).await?;
    Ok(found
        .filter(|(revision, _)| *revision == of.revision)
        .and_then(|(_, kept)| kept)
        .filter(|kept| now < kept.renew_at))
}

/// Takes the turn from whoever has it, and the token away; not for credentials that have changed
/// since.
///
/// # Errors
/// The database's.
pub async fn force(
    tx: &mut Tx<'_>,
    of: Of,
    ticket: Uuid,
    until: Instant,
) -> Result<Turn, StoreError> {
    let taken = run!(
        tx,
        FORCE,
        [TenantId::uuid(RESERVED), of.connection.uuid(), of.revision, ticket, until.as_micros(),],
        execute
    )?;
    Ok(if taken == 1 { Turn::Ours } else { Turn::Outdated })
}

/// Keeps what a turn has brought, and answers its number; nothing, if the turn is somebody else's
/// by now.
///
/// # Errors
/// The database's.
pub async fn keep(
    tx: &mut Tx<'_>,
    of: Of,
    ticket: Uuid,
    sealed: &[u8],
    renew_at: Instant,
) -> Result<Option<i64>, StoreError> {
    let row = run!(
        tx,
        KEEP,
        [
            TenantId::uuid(RESERVED),
            of.connection.uuid(),
            of.revision,
            ticket,
            sealed,
            renew_at.as_micros(),
        ],
        (i64,),
        fetch_optional
    )?;
    Ok(row.map(|(number,)| number))
}

/// Ends a turn that has brought nothing.
///
/// # Errors
/// The database's.
pub async fn leave(tx: &mut Tx<'_>, of: Of, ticket: Uuid) -> Result<(), StoreError> {
    let tenant = TenantId::uuid(RESERVED);
    run!(tx, LEAVE, [tenant, of.connection.uuid(), of.revision, ticket], execute)?;
    Ok(())
}

/// Takes away a token that the vendor has refused; a later one stays.
///
/// # Errors
/// The database's.
pub async fn discard(tx: &mut Tx<'_>, of: Of, number: i64) -> Result<(), StoreError> {
    let tenant = TenantId::uuid(RESERVED);
    run!(tx, DISCARD, [tenant, of.connection.uuid(), of.revision, number], execute)?;
    Ok(())
}

/// Forgets the token of a connection that is gone.
pub(crate) async fn forget(tx: &mut Tx<'_>, connection: ConnectionId) -> Result<(), StoreError> {
    run!(tx, FORGET, [TenantId::uuid(RESERVED), connection.uuid()], execute)?;
    Ok(())
}

async fn read(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
) -> Result<Option<(i64, Option<Kept>)>, StoreError> {
    type Row = (i64, i64, Option<Vec<u8>>, i64);
    let tenant = TenantId::uuid(RESERVED);
    let row = run!(tx, READ, [tenant, connection.uuid()], Row, fetch_optional)?;
    Ok(row.map(|(revision, number, sealed, renew_at)| {
        let renew_at = Instant::from_micros(renew_at);
        (revision, sealed.map(|sealed| Kept { number, sealed, renew_at }))
    }))
}
