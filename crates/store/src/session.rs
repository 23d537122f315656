//! One-time sign-ins, and the sessions that come of them. Tokens are kept as hashes.

use roomkey_core::Instant;
use roomkey_core::id::HostId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    INSERT_SIGN_IN = "INSERT INTO sign_ins (tenant_id, hash, role, host_id, expires_at) VALUES ($1, $2, $3, $4, $5)";
    LOOK = "SELECT tenant_id, role, host_id, expires_at FROM sign_ins WHERE hash = $1 AND used_at IS NULL AND expires_at > $2";
    USE_UP = "UPDATE sign_ins SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2
        RETURNING tenant_id, role, host_id, expires_at";
    INSERT = "INSERT INTO sessions (tenant_id, hash, role, host_id, csrf, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    GET = "SELECT tenant_id, role, host_id, csrf, expires_at FROM sessions WHERE hash = $1 AND expires_at > $2";
    DELETE = "DELETE FROM sessions WHERE hash = $1";
    SWEEP = "DELETE FROM sessions WHERE expires_at <= $1";
}

/// Who is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Somebody who runs the practice.
    Operator,
    /// A host.
    Host(HostId),
}

impl Who {
    const fn role(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Host(_) => "host",
        }
    }

    const fn host(self) -> Option<HostId> {
        match self {
            Self::Operator => None,
            Self::Host(host) => Some(host),
        }
    }

    fn read(role: &str, host: Option<Uuid>) -> Result<Self, StoreError> {
        match (role, host) {
            ("operator", None) => Ok(Self::Operator),
            ("host", Some(host)) => Ok(Self::Host(HostId::from_uuid(host))),
            (other, _) => Err(StoreError::corrupt("sessions", format!("the role {other}"))),
        }
    }
}

/// A session, or the promise of one: the proof that its holder may see the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub tenant: Tenant,
    /// Who is signed in.
    pub who: Who,
    /// What forms carry, so that no other page can send them.
    pub csrf: String,
    /// Until when.
    pub expires_at: Instant,
}

/// Promises a session to whoever brings the token with this hash.
///
/// # Errors
/// The database's.
pub async fn promise(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    who: Who,
    hash: &[u8; 32],
    expires_at: Instant,
) -> Result<(), StoreError> {
    run!(
        tx,
        INSERT_SIGN_IN,
        [
            tenant.uuid(),
            hash.as_slice(),
            who.role(),
            who.host().map(HostId::uuid),
            expires_at.as_micros(),
        ],
        execute
    )?;
    Ok(())
}

type SignIn = (Uuid, String, Option<Uuid>, i64);

/// Who would be signed in by a token, without using it up.
///
/// # Errors
/// The database's.
pub async fn promised(
    tx: &mut Tx<'_>,
    hash: &[u8; 32],
    now: Instant,
) -> Result<Option<(Tenant, Who)>, StoreError> {
    run!(tx, LOOK, [hash.as_slice(), now.as_micros()], SignIn, fetch_optional)?
        .map(|(tenant, role, host, _)| Ok((Tenant::from_row(tenant), Who::read(&role, host)?)))
        .transpose()
}

/// Uses a one-time token up.
///
/// # Errors
/// The database's.
pub async fn redeem(
    tx: &mut Tx<'_>,
    hash: &[u8; 32],
    now: Instant,
) -> Result<Option<(Tenant, Who)>, StoreError> {
    run!(tx, USE_UP, [hash.as_slice(), now.as_micros()], SignIn, fetch_optional)?
        .map(|(tenant, role, host, _)| Ok((Tenant::from_row(tenant), Who::read(&role, host)?)))
        .transpose()
}

/// Begins a session.
///
/// # Errors
/// The database's.
pub async fn begin(
    tx: &mut Tx<'_>,
    session: &Session,
    hash: &[u8; 32],
    now: Instant,
) -> Result<(), StoreError> {
    run!(
        tx,
        INSERT,
        [
            session.tenant.uuid(),
            hash.as_slice(),
            session.who.role(),
            session.who.host().map(HostId::uuid),
            &session.csrf,
            now.as_micros(),
            session.expires_at.as_micros(),
        ],
        execute
    )?;
    Ok(())
}

/// The session whose token has this hash.
///
/// # Errors
/// The database's.
pub async fn get(
    tx: &mut Tx<'_>,
    hash: &[u8; 32],
    now: Instant,
) -> Result<Option<Session>, StoreError> {
    run!(
        tx,
        GET,
        [hash.as_slice(), now.as_micros()],
        (Uuid, String, Option<Uuid>, String, i64),
        fetch_optional
    )?
    .map(|(tenant, role, host, csrf, expires_at)| {
        Ok(Session {
            tenant: Tenant::from_row(tenant),
            who: Who::read(&role, host)?,
            csrf,
            expires_at: Instant::from_micros(expires_at),
        })
    })
    .transpose()
}

/// Ends a session.
///
/// # Errors
/// The database's.
pub async fn end(tx: &mut Tx<'_>, hash: &[u8; 32]) -> Result<(), StoreError> {
    run!(tx, DELETE, [hash.as_slice()], execute)?;
    Ok(())
}

/// Forgets sessions that have run out.
///
/// # Errors
/// The database's.
pub async fn sweep(tx: &mut Tx<'_>, now: Instant) -> Result<u64, StoreError> {
    Ok(run!(tx, SWEEP, [now.as_micros()], execute)?)
}
