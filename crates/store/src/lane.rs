//! Lanes: what can block by itself, and until when it does.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::failure::Reason;
use roomkey_core::id::TenantId;
use roomkey_core::route::Lane;

use crate::error::StoreError;
use crate::installation::RESERVED;
use crate::json;
use crate::sql::{run, statements};
use crate::tx::Tx;

statements! {
    ALL = "SELECT lane, paused_until, failures, reason FROM lanes WHERE tenant_id = $1";
    SET = "INSERT INTO lanes (tenant_id, lane, paused_until, failures, reason) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, lane) DO UPDATE SET paused_until = excluded.paused_until, failures = excluded.failures, reason = excluded.reason";
    SPEND = "INSERT INTO budgets (tenant_id, lane, next_at) VALUES ($1, $2, $3)
        ON CONFLICT (tenant_id, lane) DO UPDATE
            SET next_at = (CASE WHEN budgets.next_at < $4 THEN $4 ELSE budgets.next_at END) + $5
            WHERE (CASE WHEN budgets.next_at < $4 THEN $4 ELSE budgets.next_at END) + $5 <= $6";
    CLEAR = "DELETE FROM lanes WHERE tenant_id = $1 AND lane = $2";
}

/// A lane with something to remember. Lanes belong to the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Which.
    pub lane: Lane,
    /// Nothing is claimed in it before.
    pub paused_until: Instant,
    /// Calls in a row that the vendor did not answer.
    pub failures: u32,
    /// Why it is paused, in words.
    pub reason: Option<Reason>,
}

/// Every lane with something to remember.
///
/// # Errors
/// The database's.
pub async fn all(tx: &mut Tx<'_>) -> Result<Vec<State>, StoreError> {
    run!(tx, ALL, [RESERVED.uuid()], (String, i64, i64, Option<String>), fetch_all)?
        .into_iter()
        .map(|(lane, paused_until, failures, reason)| {
            Ok(State {
                lane: lane.parse().map_err(|_| StoreError::corrupt("lanes", lane))?,
                paused_until: Instant::from_micros(paused_until),
                failures: u32::try_from(failures).unwrap_or(u32::MAX),
                reason: json::read_option("lanes", reason.as_deref())?,
            })
        })
        .collect()
}

/// Remembers something about a lane.
///
/// # Errors
/// The database's.
pub async fn set(tx: &mut Tx<'_>, state: &State) -> Result<(), StoreError> {
    run!(
        tx,
        SET,
        [
            TenantId::uuid(RESERVED),
            state.lane.to_string(),
            state.paused_until.as_micros(),
            i64::from(state.failures),
            json::write_option(state.reason.as_ref()),
        ],
        execute
    )?;
    Ok(())
}

/// Takes calls that are worth `cost` from a lane's budget, which all processes share and which
/// never holds more than `burst`; whether it held so much.
///
/// # Errors
/// The database's.
pub async fn spend(
    tx: &mut Tx<'_>,
    lane: Lane,
    cost: Duration,
    burst: Duration,
    now: Instant,
) -> Result<bool, StoreError> {
    let full = now.minus(burst);
    let spent = run!(
        tx,
        SPEND,
        [
            TenantId::uuid(RESERVED),
            lane.to_string(),
            full.plus(cost).as_micros(),
            full.as_micros(),
            i64::try_from(cost.as_micros()).unwrap_or(i64::MAX),
            now.as_micros(),
        ],
        execute
    )?;
    Ok(spent == 1)
}

/// Forgets a lane's troubles.
///
/// # Errors
/// The database's.
pub async fn clear(tx: &mut Tx<'_>, lane: Lane) -> Result<(), StoreError> {
    run!(tx, CLEAR, [TenantId::uuid(RESERVED), lane.to_string()], execute)?;
    Ok(())
}
