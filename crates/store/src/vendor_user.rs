//! Vendor users: what each made and changed today, for vendors that count it, and until when it may
//! do no more.

use std::collections::BTreeMap;
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::failure::Reason;
use roomkey_core::id::ConnectionId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::json;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    SPEND = "INSERT INTO vendor_users (tenant_id, connection_id, vendor_user, day, calls, parked_until) VALUES ($1, $2, $3, $4, 1, 0)
        ON CONFLICT (tenant_id, connection_id, vendor_user) DO UPDATE
            SET calls = (CASE WHEN vendor_users.day = excluded.day THEN vendor_users.calls ELSE 0 END) + 1, day = excluded.day
            WHERE vendor_users.parked_until <= $5 AND (vendor_users.day <> excluded.day OR vendor_users.calls < $6)";
    CORRECT = "UPDATE vendor_users SET calls = CASE WHEN calls + $5 < 0 THEN 0 ELSE calls + $5 END
        WHERE tenant_id = $1 AND connection_id = $2 AND vendor_user = $3 AND day = $4";
    PARK = "INSERT INTO vendor_users (tenant_id, connection_id, vendor_user, day, calls, parked_until, reason) VALUES ($1, $2, $3, $4, 0, $5, $6)
        ON CONFLICT (tenant_id, connection_id, vendor_user) DO UPDATE SET parked_until = excluded.parked_until, reason = excluded.reason";
    LEAVE_ALONE = "INSERT INTO vendor_users (tenant_id, connection_id, vendor_user, day, calls, parked_until, silent_until) VALUES ($1, $2, $3, $4, 0, 0, $5)
        ON CONFLICT (tenant_id, connection_id, vendor_user) DO UPDATE SET silent_until = excluded.silent_until";
    SILENT = "SELECT connection_id, vendor_user, silent_until FROM vendor_users WHERE tenant_id = $1 AND silent_until > $2";
    STATES = "SELECT connection_id, vendor_user, CASE WHEN day = $2 THEN calls ELSE 0 END, parked_until, reason FROM vendor_users
        WHERE tenant_id = $1 AND (parked_until > $3 OR (day = $2 AND calls >= $4))";
    CALLS = "SELECT vendor_user, calls FROM vendor_users WHERE tenant_id = $1 AND connection_id = $2 AND day = $3";
}

/// The vendor's midnight may come a little later than ours.
const MARGIN: Duration = Duration::from_secs(60);

/// Which of a vendor account's users.
#[derive(Debug, Clone, Copy)]
pub struct User<'a> {
    /// By which connection.
    pub connection: ConnectionId,
    /// The vendor's name for it.
    pub name: &'a str,
}

/// Users who may make and change nothing more, until when, and why.
pub type Parked = BTreeMap<(ConnectionId, String), (Instant, Reason)>;

/// Users about whom nothing is asked, and until when.
pub type Silent = BTreeMap<(ConnectionId, String), Instant>;

/// Counts a call that makes or changes something, under [`crate::seat::lock`]; whether the user's day had room for it.
///
/// # Errors
/// The database's.
pub async fn spend(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    user: User<'_>,
    limit: u32,
    now: Instant,
) -> Result<bool, StoreError> {
    let spent = run!(
        tx,
        SPEND,
        [
            tenant.uuid(),
            user.connection.uuid(),
            user.name,
            now.utc_day(),
            now.as_micros(),
            i64::from(limit),
        ],
        execute
    )?;
    Ok(spent == 1)
}

/// Corrects the count of a day when it is known how many calls were really made.
///
/// # Errors
/// The database's.
pub async fn correct(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    user: User<'_>,
    by: i64,
    day_of: Instant,
) -> Result<(), StoreError> {
    run!(
        tx,
        CORRECT,
        [tenant.uuid(), user.connection.uuid(), user.name, day_of.utc_day(), by],
        execute
    )?;
    Ok(())
}

/// The vendor said that a user may do no more until then.
///
/// # Errors
/// The database's.
pub async fn park(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    user: User<'_>,
    until: Instant,
    reason: &Reason,
    now: Instant,
) -> Result<(), StoreError> {
    run!(
        tx,
        PARK,
        [
            tenant.uuid(),
            user.connection.uuid(),
            user.name,
            now.utc_day(),
            until.as_micros(),
            json::write(reason),
        ],
        execute
    )?;
    Ok(())
}

/// The vendor does not answer about a user: nobody asks before `until`. In the past, once it has
/// answered.
///
/// # Errors
/// The database's.
pub async fn leave_alone(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    user: User<'_>,
    until: Instant,
    now: Instant,
) -> Result<(), StoreError> {
    run!(
        tx,
        LEAVE_ALONE,
        [tenant.uuid(), user.connection.uuid(), user.name, now.utc_day(), until.as_micros()],
        execute
    )?;
    Ok(())
}

/// A tenant's vendor users about whom the vendor does not answer, and until when nobody asks.
///
/// # Errors
/// The database's.
pub async fn silent(tx: &mut Tx<'_>, tenant: Tenant, now: Instant) -> Result<Silent, StoreError> {
    let rows = run!(tx, SILENT, [tenant.uuid(), now.as_micros()], (Uuid, String, i64), fetch_all)?;
    Ok(rows
        .into_iter()
        .map(|(connection, user, until)| {
            ((ConnectionId::from_uuid(connection), user), Instant::from_micros(until))
        })
        .collect())
}

/// A tenant's vendor users who may make and change nothing more. Whose count is full waits for the
/// next day (UTC).
///
/// # Errors
/// The database's.
pub async fn parked(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    limit: u32,
    now: Instant,
) -> Result<Parked, StoreError> {
    type Row = (Uuid, String, i64, i64, Option<String>);
    let rows = run!(
        tx,
        STATES,
        [tenant.uuid(), now.utc_day(), now.as_micros(), i64::from(limit)],
        Row,
        fetch_all
    )?;
    let mut parked = Parked::new();
    for (connection, user, calls, until, reason) in rows {
        let said = Instant::from_micros(until);
        let state = if said > now {
            let reason = json::read_option("vendor_users", reason.as_deref())?;
            (said, reason.unwrap_or_else(|| Reason::day_is_used_up(&user)))
        } else if calls >= i64::from(limit) {
            (now.next_utc_day().plus(MARGIN), Reason::day_is_used_up(&user))
        } else {
            continue;
        };
        parked.insert((ConnectionId::from_uuid(connection), user), state);
    }
    Ok(parked)
}

/// What each user of a connection made and changed today (UTC).
///
/// # Errors
/// The database's.
pub async fn calls(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    connection: ConnectionId,
    now: Instant,
) -> Result<BTreeMap<String, u32>, StoreError> {
    let rows = run!(
        tx,
        CALLS,
        [tenant.uuid(), connection.uuid(), now.utc_day()],
        (String, i64),
        fetch_all
    )?;
    Ok(rows.into_iter().map(|(user, calls)| (user, u32::try_from(calls).unwrap_or(0))).collect())
}
