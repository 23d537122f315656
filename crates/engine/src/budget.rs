//! What a vendor user makes and changes in a day, where the vendor counts it: written down before
//! each call, put right after it.

use std::collections::BTreeMap;
use std::sync::Arc;

use roomkey_core::Instant;
use roomkey_core::failure::{Failure, Reason, ThrottleScope};
use roomkey_core::id::ConnectionId;
use roomkey_core::route::Place;
use roomkey_store::vendor_user::{self, User};
use roomkey_store::{StoreError, Tenant, Tx, seat};

use crate::job::{Ask, Came, Outcome, VendorOutcome};
use crate::parts::Shared;
use crate::record::Silence;

/// Counts a call that makes or changes a room; whether its user's day has room for it. The lane's
/// connection must be locked.
pub(crate) async fn spend(
    tx: &mut Tx<'_>,
    shared: &Shared,
    tenant: Tenant,
    place: &Place,
    now: Instant,
) -> Result<bool, StoreError> {
    let counts = shared.providers.get(place.provider).capabilities().counts_user_calls;
    let (Some(limit), Some(connection), true) = (shared.user_daily_limit, place.connection, counts)
    else {
        return Ok(true);
    };
    let user = User { connection, name: &place.user };
    vendor_user::spend(tx, tenant, user, limit, now).await
}

/// What is to be written down of a user.
struct Account<'a> {
    tenant: Tenant,
    /// Calls that were made beyond those that were counted, or counted and not made.
    by: i64,
    day_of: Instant,
    parked: Option<(Instant, &'a Reason)>,
    /// Its circuit has opened until then, or closed.
    silent: Option<Instant>,
}

impl Account<'_> {
    const fn of(tenant: Tenant, day_of: Instant) -> Self {
        Self { tenant, by: 0, day_of, parked: None, silent: None }
    }
}

/// Puts the counts right, parks users whom the vendor has sent away, and leaves those alone who are
/// not answered.
pub(crate) async fn settle(
    tx: &mut Tx<'_>,
    shared: &Shared,
    outcomes: &[Arc<Outcome>],
    silences: &[Silence],
    now: Instant,
) -> Result<(), StoreError> {
    // In order, so that two processes never wait for each other.
    let mut users: BTreeMap<(ConnectionId, &str), Account<'_>> = BTreeMap::new();
    for outcome in outcomes {
        let Came::Vendor(came) = &outcome.came else { continue };
        let Some(connection) = came.task.place.connection else { continue };
        let (by, parked) = (miscounted(shared, came), sent_away(came, now));
        if by == 0 && parked.is_none() {
            continue;
        }
        let tenant = outcome.claimed.tenant;
        let account = users
            .entry((connection, &came.task.place.user))
            .or_insert(Account::of(tenant, came.started_at));
        account.by += by;
        account.parked = parked.into_iter().chain(account.parked).max_by_key(|(until, _)| *until);
    }
    for silence in silences {
        let account = users
            .entry((silence.connection, &silence.user))
            .or_insert(Account::of(silence.tenant, now));
        account.silent = Some(silence.until);
    }
    let mut held = None;
    for ((connection, name), account) in users {
        let tenant = account.tenant;
        if held != Some(connection) {
            seat::lock(tx, tenant, connection).await?;
            held = Some(connection);
        }
        let user = User { connection, name };
        if account.by != 0 {
            vendor_user::correct(tx, tenant, user, account.by, account.day_of).await?;
        }
        if let Some((until, reason)) = account.parked {
            vendor_user::park(tx, tenant, user, until, reason, now).await?;
        }
        if let Some(until) = account.silent {
            vendor_user::leave_alone(tx, tenant, user, until, now).await?;
        }
    }
    Ok(())
}

/// How many calls more were made than the one that was counted. Whoever got no answer may have
/// made it.
fn miscounted(shared: &Shared, came: &VendorOutcome) -> i64 {
    let counted = matches!(came.task.ask, Ask::Create(_) | Ask::Update { .. });
    let counts = shared.providers.get(came.task.place.provider).capabilities().counts_user_calls;
    let lost = matches!(came.failure, Some(Failure::Unknown(_))) && came.trace.requests == 0;
    if shared.user_daily_limit.is_none() || !counted || !counts || lost {
        return 0;
    }
    i64::from(came.trace.writes) - 1
}

/// Until when the vendor wants to hear no more of this user, if it said so.
fn sent_away(came: &VendorOutcome, now: Instant) -> Option<(Instant, &Reason)> {
    match &came.failure {
        Some(Failure::Throttled { until, scope: ThrottleScope::User, reason }) if *until > now => {
            Some((*until, reason))
        }
        Some(_) | None => None,
    }
}
