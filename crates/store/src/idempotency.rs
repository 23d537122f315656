//! Idempotency keys: a repeated request gets the first one's answer.
//!
//! The answer is kept as what it was about, not as bytes: links are never stored in answers.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::id::ApiKeyId;

use crate::error::StoreError;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    BEGIN = "INSERT INTO idempotency (tenant_id, api_key_id, request, body_hash, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, api_key_id, request) DO UPDATE
            SET body_hash = excluded.body_hash, created_at = excluded.created_at, status = NULL, answer = NULL
            WHERE idempotency.created_at <= $6 OR (idempotency.status IS NULL AND idempotency.created_at <= $7)";
    GET = "SELECT body_hash, status, answer FROM idempotency WHERE tenant_id = $1 AND api_key_id = $2 AND request = $3";
    FINISH = "UPDATE idempotency SET status = $4, answer = $5 WHERE tenant_id = $1 AND api_key_id = $2 AND request = $3";
    FORGET = "DELETE FROM idempotency WHERE tenant_id = $1 AND api_key_id = $2 AND request = $3 AND status IS NULL";
    SWEEP = "DELETE FROM idempotency WHERE created_at <= $1";
}

/// How long an answer is kept.
pub const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// A request that was not answered for so long was cut short; its key is free again.
const ABANDONED: Duration = Duration::from_secs(60);

/// What a key says about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is new: do it.
    New,
    /// The same request is being answered just now.
    InProgress,
    /// The key was used for another body.
    Conflict,
    /// It was answered: with this status, about this.
    Answered {
        /// The HTTP status.
        status: u16,
        /// What the answer was about, as JSON.
        answer: String,
    },
}

/// Begins a request under a key; `request` is method, path and key.
///
/// # Errors
/// The database's.
pub async fn begin(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    api_key: ApiKeyId,
    request: &str,
    body_hash: &[u8; 32],
    now: Instant,
) -> Result<Begun, StoreError> {
    let begun = run!(
        tx,
        BEGIN,
        [
            tenant.uuid(),
            api_key.uuid(),
            request,
            body_hash.as_slice(),
            now.as_micros(),
            now.minus(KEPT).as_micros(),
            now.minus(ABANDONED).as_micros(),
        ],
        execute
    )?;
    if begun == 1 {
        return Ok(Begun::New);
    }
    let (hash, status, answer) = run!(
        tx,
        GET,
        [tenant.uuid(), api_key.uuid(), request],
        (Vec<u8>, Option<i64>, Option<String>),
        fetch_one
    )?;
    Ok(match (status, answer) {
        _ if hash != body_hash.as_slice() => Begun::Conflict,
        (Some(status), Some(answer)) => {
            Begun::Answered { status: u16::try_from(status).unwrap_or(500), answer }
        }
        _ => Begun::InProgress,
    })
}

/// Keeps what a request was answered with.
///
/// # Errors
/// The database's.
pub async fn finish(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    api_key: ApiKeyId,
    request: &str,
    status: u16,
    answer: &str,
) -> Result<(), StoreError> {
    run!(tx, FINISH, [tenant.uuid(), api_key.uuid(), request, i64::from(status), answer], execute)?;
    Ok(())
}

/// Frees a key whose request failed on our side.
///
/// # Errors
/// The database's.
pub async fn forget(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    api_key: ApiKeyId,
    request: &str,
) -> Result<(), StoreError> {
    run!(tx, FORGET, [tenant.uuid(), api_key.uuid(), request], execute)?;
    Ok(())
}

/// Forgets answers that were kept long enough.
///
/// # Errors
/// The database's.
pub async fn sweep(tx: &mut Tx<'_>, now: Instant) -> Result<u64, StoreError> {
    Ok(run!(tx, SWEEP, [now.minus(KEPT).as_micros()], execute)?)
}
