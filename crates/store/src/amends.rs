//! Amends after a clock that ran ahead: nothing waits for a time that only the wrong clock knew.
//!
//! What was put off by the wrong clock lies between the true time and what the wrong clock told,
//! or a little later. It is looked at now instead: a look too many does no harm, and everything
//! that a look finds early is put off again by the right clock.

use std::time::Duration;

use roomkey_core::Instant;

use crate::error::StoreError;
use crate::sql::{run, statements};
use crate::tx::Tx;

statements! {
    WORK = "WITH late AS MATERIALIZED (
            SELECT tenant_id, booking_id, lane FROM work WHERE due_at > $1 AND due_at <= $2 AND NOT ready {skip})
        UPDATE work SET due_at = $1 WHERE (tenant_id, booking_id, lane) IN (SELECT tenant_id, booking_id, lane FROM late)";
    ROOMS = "WITH late AS MATERIALIZED (
            SELECT tenant_id, id FROM rooms WHERE state IN ('intended', 'unknown', 'live', 'doubtful', 'retiring', 'lost')
                AND ((next_at > $1 AND next_at <= $2) OR (deadline > $1 AND deadline <= $2) OR (effect_deadline > $1 AND effect_deadline <= $2)) {skip})
        UPDATE rooms SET
            next_at = CASE WHEN next_at > $1 AND next_at <= $2 THEN $3 ELSE next_at END,
            deadline = CASE WHEN deadline > $1 AND deadline <= $2 THEN $1 ELSE deadline END,
            opened_at = CASE WHEN opened_at > $1 THEN $1 ELSE opened_at END,
            changed_at = CASE WHEN changed_at > $1 THEN $1 ELSE changed_at END,
            effect_deadline = CASE WHEN effect_deadline > $1 AND effect_deadline <= $2 THEN $1 ELSE effect_deadline END,
            seen = NULL,
            read_due = CASE WHEN state IN ('live', 'doubtful') THEN $1 ELSE read_due END
        WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM late)";
    // A room that was refused, or put off, says when the next is tried.
    GONE = "WITH late AS MATERIALIZED (
            SELECT tenant_id, id FROM rooms WHERE state = 'gone' AND (changed_at > $1 OR opened_at > $1 OR (next_at > $1 AND next_at <= $2)) {skip})
        UPDATE rooms SET
            next_at = CASE WHEN next_at > $1 AND next_at <= $2 THEN $1 ELSE next_at END,
            opened_at = CASE WHEN opened_at > $1 THEN $1 ELSE opened_at END,
            changed_at = CASE WHEN changed_at > $1 THEN $1 ELSE changed_at END
        WHERE (tenant_id, id) IN (SELECT tenant_id, id FROM late)";
    SWEPT = "UPDATE installation SET swept_to = $1 WHERE swept_to > $1";
    MESSAGES = "UPDATE messages SET next_at = $1, sending_until = CASE WHEN sending_until > $1 THEN $1 ELSE sending_until END
        WHERE state = 'queued' AND (next_at > $1 OR sending_until > $1) AND next_at <= $2";
    LANES = "UPDATE lanes SET paused_until = $1 WHERE paused_until > $1 AND paused_until <= $2";
    BUDGETS = "UPDATE budgets SET next_at = $1 WHERE next_at > $1";
    VENDOR_USERS = "UPDATE vendor_users SET parked_until = $1 WHERE parked_until > $1 AND parked_until <= $2";
    SWEEPS = "UPDATE sweeps SET next_at = $1 WHERE next_at > $1 AND next_at <= $2";
    LEASES = "UPDATE leases SET until_at = $1 WHERE until_at > $1 AND until_at <= $2";
}

/// What the wrong clock put off a little is within this time after what it told.
const LITTLE: Duration = Duration::from_secs(60 * 60);

/// Pulls to `now` what a clock that told `wrong` has put off; rooms rest for `settle` first.
///
/// # Errors
/// The database's.
pub async fn pull(
    tx: &mut Tx<'_>,
    wrong: Instant,
    now: Instant,
    settle: Duration,
) -> Result<(), StoreError> {
    let (from, until) = (now.as_micros(), wrong.plus(LITTLE).as_micros());
    run!(tx, WORK, [from, until], execute)?;
    run!(tx, ROOMS, [from, until, now.plus(settle).as_micros()], execute)?;
    run!(tx, GONE, [from, until], execute)?;
    run!(tx, SWEPT, [from], execute)?;
    run!(tx, MESSAGES, [from, until], execute)?;
    run!(tx, LANES, [from, until], execute)?;
    run!(tx, BUDGETS, [from], execute)?;
    run!(tx, VENDOR_USERS, [from, until], execute)?;
    run!(tx, SWEEPS, [from, until], execute)?;
    run!(tx, LEASES, [from, until], execute)?;
    Ok(())
}
