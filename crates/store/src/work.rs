//! Work: which booking needs a look, in which lane, and who is at it.
//!
//! A row is keyed by booking and lane and says nothing of what is to be done: whoever takes it
//! loads fresh state and asks the plan. Enqueuing never touches a claim; finishing, fenced by the
//! claim, re-arms at once if something was enqueued meanwhile. So no wish is ever overlooked.

use roomkey_core::Instant;
use roomkey_core::id::BookingId;
use roomkey_core::route::Lane;
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    ENQUEUE = "INSERT INTO work (tenant_id, booking_id, lane, urgency, due_at, ready, wanted_seq, claim, claims)
        VALUES ($1, $2, $3, $4, $5, $6, 1, NULL, 0)
        ON CONFLICT (tenant_id, booking_id, lane) DO UPDATE SET
            wanted_seq = work.wanted_seq + 1,
            urgency = CASE WHEN excluded.urgency < work.urgency OR work.claim IS NULL THEN excluded.urgency ELSE work.urgency END,
            ready = CASE WHEN work.claim IS NULL THEN (work.ready OR excluded.ready) ELSE work.ready END,
            due_at = CASE WHEN work.claim IS NULL AND (work.due_at IS NULL OR excluded.due_at < work.due_at)
                THEN excluded.due_at ELSE work.due_at END";
    LOOK_AT_LANE = "INSERT INTO work (tenant_id, booking_id, lane, urgency, due_at, ready, wanted_seq, claim, claims)
        SELECT w.tenant_id, w.booking_id, 'plan', w.urgency, CAST($2 AS BIGINT), TRUE, 1, NULL, 0 FROM work w WHERE w.lane = $1 AND w.ready
        ORDER BY w.tenant_id, w.booking_id
        ON CONFLICT (tenant_id, booking_id, lane) DO UPDATE SET
            wanted_seq = work.wanted_seq + 1,
            ready = CASE WHEN work.claim IS NULL THEN TRUE ELSE work.ready END,
            due_at = CASE WHEN work.claim IS NULL THEN excluded.due_at ELSE work.due_at END";
    RIPEN = "WITH ripe AS MATERIALIZED (
            SELECT tenant_id, booking_id, lane FROM work WHERE due_at <= $1 AND NOT ready ORDER BY due_at LIMIT $2 {skip})
        UPDATE work SET ready = TRUE, claim = NULL
        WHERE (tenant_id, booking_id, lane) IN (SELECT tenant_id, booking_id, lane FROM ripe)";
    LANES = "WITH RECURSIVE found(lane) AS (
            SELECT min(lane) FROM work WHERE ready
            UNION ALL
            SELECT (SELECT min(w.lane) FROM work w WHERE w.ready AND w.lane > found.lane) FROM found WHERE found.lane IS NOT NULL)
        SELECT lane FROM found WHERE lane IS NOT NULL";
    CLAIM = "WITH picked AS MATERIALIZED (
            SELECT w.tenant_id, w.booking_id, w.lane FROM work w
            JOIN bookings b ON b.tenant_id = w.tenant_id AND b.id = w.booking_id
            WHERE w.lane = $1 AND w.ready
                AND (w.tenant_id <> $5 OR $5 IS NULL) AND (w.tenant_id = $6 OR $6 IS NULL)
            ORDER BY w.urgency LIMIT $2 {skip_both})
        UPDATE work SET ready = FALSE, claim = $3, due_at = $4, claims = claims + 1
        WHERE (tenant_id, booking_id, lane) IN (SELECT tenant_id, booking_id, lane FROM picked)
        RETURNING tenant_id, booking_id, lane, urgency, wanted_seq, claims";
    RELEASE = "UPDATE work SET claim = NULL, ready = TRUE, due_at = $5, claims = claims - 1
        WHERE tenant_id = $1 AND booking_id = $2 AND lane = $3 AND claim = $4";
    FINISH_REARM = "UPDATE work SET claim = NULL, claims = 0, urgency = $7,
            ready = (wanted_seq <> $5), due_at = CASE WHEN wanted_seq <> $5 THEN CAST($6 AS BIGINT) ELSE CAST($8 AS BIGINT) END
        WHERE tenant_id = $1 AND booking_id = $2 AND lane = $3 AND claim = $4 AND (wanted_seq <> $5 OR CAST($8 AS BIGINT) IS NOT NULL)";
    FINISH_DELETE = "DELETE FROM work
        WHERE tenant_id = $1 AND booking_id = $2 AND lane = $3 AND claim = $4 AND wanted_seq = $5";
    NEXT_DUE = "SELECT min(due_at) FROM work WHERE due_at IS NOT NULL AND NOT ready";
    BACKLOG = "SELECT lane, count(*), min(due_at) FROM work WHERE tenant_id = $1 AND ready GROUP BY lane";
    LATER = "SELECT count(*), min(due_at) FROM work WHERE tenant_id = $1 AND due_at > $2 AND claim IS NULL AND NOT ready";
    UNDER_WAY = "SELECT count(*) FROM work WHERE tenant_id = $1 AND claim IS NOT NULL";
    LOOPING = "SELECT count(*) FROM work WHERE tenant_id = $1 AND claims > 5";
    OF_BOOKING = "SELECT lane, due_at, claims FROM work WHERE tenant_id = $1 AND booking_id = $2 ORDER BY lane";
    PENDING = "SELECT count(*) FROM work WHERE ready OR claim IS NOT NULL";
}

/// A piece of work that this process has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Whose it is.
    pub tenant: Tenant,
    /// Which booking needs a look.
    pub booking: BookingId,
    /// In which lane.
    pub lane: Lane,
    /// How soon it matters.
    pub urgency: Instant,
    /// The proof that nobody else has taken it since.
    pub token: Uuid,
    /// The wishes that this look answers.
    pub seen_seq: i64,
    /// How often it was taken without being finished: many mean that it kills whoever takes it.
    pub claims: i64,
}

/// Asks for a look, at `due` or as soon as somebody is free.
///
/// # Errors
/// The database's.
pub async fn enqueue(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
    lane: Lane,
    urgency: Instant,
    due: Instant,
    now: Instant,
) -> Result<(), StoreError> {
    run!(
        tx,
        ENQUEUE,
        [
            tenant.uuid(),
            booking.uuid(),
            lane.to_string(),
            urgency.as_micros(),
            due.as_micros(),
            due <= now,
        ],
        execute
    )?;
    Ok(())
}

/// Asks for a look at every booking that waits in a lane.
///
/// # Errors
/// The database's.
pub async fn look_at_lane(tx: &mut Tx<'_>, lane: Lane, now: Instant) -> Result<(), StoreError> {
    run!(tx, LOOK_AT_LANE, [lane.to_string(), now.as_micros()], execute)?;
    Ok(())
}

/// Makes ready what has become due: new looks, and work whose taker's lease has run out.
///
/// # Errors
/// The database's.
pub async fn ripen(tx: &mut Tx<'_>, now: Instant, limit: u32) -> Result<u64, StoreError> {
    Ok(run!(tx, RIPEN, [now.as_micros(), i64::from(limit)], execute)?)
}

/// The lanes in which something is ready.
///
/// # Errors
/// The database's.
pub async fn lanes(tx: &mut Tx<'_>) -> Result<Vec<Lane>, StoreError> {
    run!(tx, LANES, [], (String,), fetch_all)?
        .into_iter()
        .map(|(lane,)| lane.parse().map_err(|_| StoreError::corrupt("work", lane)))
        .collect()
}

/// Which tenants' work is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Anybody's.
    Anybody,
    /// This tenant's only.
    Only(Tenant),
    /// Anybody's but this tenant's.
    AllBut(Tenant),
}

/// Takes up to `limit` ready pieces of work of one lane, soonest first, until `lease_end`. The
/// bookings are locked first: whoever holds a work row for longer than a statement holds its
/// booking too, so that two claimers never wait for each other.
///
/// # Errors
/// The database's.
pub async fn claim(
    tx: &mut Tx<'_>,
    lane: Lane,
    whose: Whose,
    limit: u32,
    token: Uuid,
    lease_end: Instant,
) -> Result<Vec<Claimed>, StoreError> {
    let (not, only) = match whose {
        Whose::Anybody => (None, None),
        Whose::Only(tenant) => (None, Some(tenant.uuid())),
        Whose::AllBut(tenant) => (Some(tenant.uuid()), None),
    };
    let mut claimed = run!(
        tx,
        CLAIM,
        [lane.to_string(), i64::from(limit), token, lease_end.as_micros(), not, only],
        (Uuid, Uuid, String, i64, i64, i64),
        fetch_all
    )?
    .into_iter()
    .map(|(tenant, booking, lane, urgency, seen_seq, claims)| {
        Ok(Claimed {
            tenant: Tenant::from_row(tenant),
            booking: BookingId::from_uuid(booking),
            lane: lane.parse().map_err(|_| StoreError::corrupt("work", lane))?,
            urgency: Instant::from_micros(urgency),
            token,
            seen_seq,
            claims,
        })
    })
    .collect::<Result<Vec<_>, StoreError>>()?;
    // What is returned has no order on either database.
    claimed.sort_by_key(|it| (it.urgency, it.booking));
    Ok(claimed)
}

/// Gives a piece of work back untouched: its booking is in somebody else's hands just now.
///
/// # Errors
/// The database's.
pub async fn release(tx: &mut Tx<'_>, claimed: &Claimed, now: Instant) -> Result<(), StoreError> {
    run!(
        tx,
        RELEASE,
        [
            claimed.tenant.uuid(),
            claimed.booking.uuid(),
            claimed.lane.to_string(),
            claimed.token,
            now.as_micros(),
        ],
        execute
    )?;
    Ok(())
}

/// Ends a piece of work: it is looked at again at `next`, or at once if something was asked
/// meanwhile, or never. Says whether the claim was still ours; if not, somebody else is at it.
///
/// # Errors
/// The database's.
pub async fn finish(
    tx: &mut Tx<'_>,
    claimed: &Claimed,
    next: Option<Instant>,
    urgency: Instant,
    now: Instant,
) -> Result<bool, StoreError> {
    let (tenant, booking, lane) =
        (claimed.tenant.uuid(), claimed.booking.uuid(), claimed.lane.to_string());
    if next.is_none() {
        let deleted = run!(
            tx,
            FINISH_DELETE,
            [tenant, booking, &lane, claimed.token, claimed.seen_seq],
            execute
        )?;
        if deleted == 1 {
            return Ok(true);
        }
    }
    let rearmed = run!(
        tx,
        FINISH_REARM,
        [
            tenant,
            booking,
            &lane,
            claimed.token,
            claimed.seen_seq,
            now.as_micros(),
            urgency.as_micros(),
            next.map(Instant::as_micros),
        ],
        execute
    )?;
    Ok(rearmed == 1)
}

/// When the next work becomes due.
///
/// # Errors
/// The database's.
pub async fn next_due(tx: &mut Tx<'_>) -> Result<Option<Instant>, StoreError> {
    let (due,) = run!(tx, NEXT_DUE, [], (Option<i64>,), fetch_one)?;
    Ok(due.map(Instant::from_micros))
}

/// How much is ready or being worked on, over all tenants: for tests and for shutdown.
///
/// # Errors
/// The database's.
pub async fn pending(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let (count,) = run!(tx, PENDING, [], (i64,), fetch_one)?;
    Ok(count)
}

/// What waits in one lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// Where.
    pub lane: Lane,
    /// How much is ready.
    pub ready: i64,
    /// Since when the oldest waits.
    pub since: Option<Instant>,
}

/// What waits for a tenant, by lane.
///
/// # Errors
/// The database's.
pub async fn backlog(tx: &mut Tx<'_>, tenant: Tenant) -> Result<Vec<Backlog>, StoreError> {
    run!(tx, BACKLOG, [tenant.uuid()], (String, i64, Option<i64>), fetch_all)?
        .into_iter()
        .map(|(lane, ready, since)| {
            Ok(Backlog {
                lane: lane.parse().map_err(|_| StoreError::corrupt("work", lane))?,
                ready,
                since: since.map(Instant::from_micros),
            })
        })
        .collect()
}

/// How much of a tenant's work is due later, and when the next is.
///
/// # Errors
/// The database's.
pub async fn later(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    now: Instant,
) -> Result<(i64, Option<Instant>), StoreError> {
    let (count, next) =
        run!(tx, LATER, [tenant.uuid(), now.as_micros()], (i64, Option<i64>), fetch_one)?;
    Ok((count, next.map(Instant::from_micros)))
}

/// How many pieces of a tenant's work somebody has taken, or had taken when it died.
///
/// # Errors
/// The database's.
pub async fn under_way(tx: &mut Tx<'_>, tenant: Tenant) -> Result<i64, StoreError> {
    let (count,) = run!(tx, UNDER_WAY, [tenant.uuid()], (i64,), fetch_one)?;
    Ok(count)
}

/// How many pieces of a tenant's work were taken again and again without being finished.
///
/// # Errors
/// The database's.
pub async fn looping(tx: &mut Tx<'_>, tenant: Tenant) -> Result<i64, StoreError> {
    let (count,) = run!(tx, LOOPING, [tenant.uuid()], (i64,), fetch_one)?;
    Ok(count)
}

/// The looks that a booking waits for: lane, when, and how often taken without being finished.
///
/// # Errors
/// The database's.
pub async fn of_booking(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    booking: BookingId,
) -> Result<Vec<(Lane, Option<Instant>, i64)>, StoreError> {
    run!(tx, OF_BOOKING, [tenant.uuid(), booking.uuid()], (String, Option<i64>, i64), fetch_all)?
        .into_iter()
        .map(|(lane, due, claims)| {
            Ok((
                lane.parse().map_err(|_| StoreError::corrupt("work", lane))?,
                due.map(Instant::from_micros),
                claims,
            ))
        })
        .collect()
}
