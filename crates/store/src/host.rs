//! Hosts: who gives the sessions.

use std::collections::BTreeMap;

use roomkey_core::id::HostId;
use roomkey_core::route::{HostAccounts, Provider, RouteOption};
use roomkey_core::{Instant, Zone};
use uuid::Uuid;

use crate::error::StoreError;
use crate::json;
use crate::reference::Reference;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    INSERT = "INSERT INTO hosts (tenant_id, id, external_id, name, email, time_zone, locale, phone, accounts, route, version, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11)";
    UPDATE = "UPDATE hosts SET external_id = $3, name = $4, email = $5, time_zone = $6, locale = $7, phone = $8, accounts = $9, route = $10, version = version + 1
        WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";
    GET = "SELECT id, external_id, name, email, time_zone, locale, phone, accounts, route, version, created_at, deleted_at
        FROM hosts WHERE tenant_id = $1 AND id = $2";
    LOCK = "SELECT id, external_id, name, email, time_zone, locale, phone, accounts, route, version, created_at, deleted_at
        FROM hosts WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL {hold}";
    BY_EXTERNAL_ID = "SELECT id, external_id, name, email, time_zone, locale, phone, accounts, route, version, created_at, deleted_at
        FROM hosts WHERE tenant_id = $1 AND external_id = $2";
    ID_OF = "SELECT id FROM hosts WHERE tenant_id = $1 AND external_id = $2";
    LIST = "SELECT id, external_id, name, email, time_zone, locale, phone, accounts, route, version, created_at, deleted_at
        FROM hosts WHERE tenant_id = $1 AND deleted_at IS NULL AND (CAST($2 AS BIGINT) IS NULL OR (created_at, id) < ($2, $3))
        ORDER BY created_at DESC, id DESC LIMIT $4";
    USUAL_ZONE = "SELECT time_zone FROM hosts WHERE tenant_id = $1 AND deleted_at IS NULL
        GROUP BY time_zone ORDER BY count(*) DESC, min(created_at), time_zone LIMIT 1";
    SESSIONS_AHEAD = "SELECT count(*) FROM bookings WHERE tenant_id = $1 AND host_id = $2 AND end_at > $3
        AND status NOT IN ('cancelled', 'completed', 'no_show')";
    ALL_SESSIONS_AHEAD = "SELECT host_id, count(*) FROM bookings WHERE tenant_id = $1 AND end_at > $2
        AND status NOT IN ('cancelled', 'completed', 'no_show') GROUP BY host_id";
    RESTORE = "UPDATE hosts SET deleted_at = NULL, version = version + 1 WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL";
    DELETE = "UPDATE hosts SET deleted_at = $3 WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";
}

/// A host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its id.
    pub id: HostId,
    /// The platform's id.
    pub external_id: Option<String>,
    /// The name people read.
    pub name: String,
    /// Where the host is written to.
    pub email: String,
    /// Where the host lives.
    pub time_zone: Zone,
    /// In which language.
    pub locale: String,
    /// The telephone.
    pub phone: Option<String>,
    /// The logins at vendors, where they are not the e-mail address.
    pub accounts: BTreeMap<Provider, String>,
    /// The route of services that have none.
    pub route: Option<Vec<RouteOption>>,
    /// Counts changes.
    pub version: i64,
    /// Since when.
    pub created_at: Instant,
    /// Since when no longer.
    pub deleted_at: Option<Instant>,
}

impl Host {
    /// Who the host is at the vendors.
    #[must_use]
    pub fn at_vendors(&self) -> HostAccounts {
        HostAccounts { logins: self.accounts.clone(), email: self.email.clone() }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    external_id: Option<String>,
    name: String,
    email: String,
    time_zone: String,
    locale: String,
    phone: Option<String>,
    accounts: String,
    route: Option<String>,
    version: i64,
    created_at: i64,
    deleted_at: Option<i64>,
}

impl Row {
    fn read(self) -> Result<Host, StoreError> {
        Ok(Host {
            id: HostId::from_uuid(self.id),
            external_id: self.external_id,
            name: self.name,
            email: self.email,
            time_zone: self.time_zone.parse().map_err(|e| StoreError::corrupt("hosts", e))?,
            locale: self.locale,
            phone: self.phone,
            accounts: json::read("hosts", &self.accounts)?,
            route: json::read_option("hosts", self.route.as_deref())?,
            version: self.version,
            created_at: Instant::from_micros(self.created_at),
            deleted_at: self.deleted_at.map(Instant::from_micros),
        })
    }
}

/// Makes a host.
///
/// # Errors
/// The database's; [`StoreError::is_taken`] for a used external id.
pub async fn insert(tx: &mut Tx<'_>, tenant: Tenant, host: &Host) -> Result<(), StoreError> {
    run!(
        tx,
        INSERT,
        [
            tenant.uuid(),
            host.id.uuid(),
            host.external_id.as_deref(),
            &host.name,
            &host.email,
            host.time_zone.name(),
            &host.locale,
            host.phone.as_deref(),
            json::write(&host.accounts),
            json::write_option(host.route.as_ref()),
            host.created_at.as_micros(),
        ],
        execute
    )?;
    Ok(())
}

/// Writes a host anew.
///
/// # Errors
/// The database's; [`StoreError::is_taken`] for a used external id.
pub async fn update(tx: &mut Tx<'_>, tenant: Tenant, host: &Host) -> Result<(), StoreError> {
    run!(
        tx,
        UPDATE,
        [
            tenant.uuid(),
            host.id.uuid(),
            host.external_id.as_deref(),
            &host.name,
            &host.email,
            host.time_zone.name(),
            &host.locale,
            host.phone.as_deref(),
            json::write(&host.accounts),
            json::write_option(host.route.as_ref()),
        ],
        execute
    )?;
    Ok(())
}

/// Reads a host, also one that was removed: old bookings still name them.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx<'_>, tenant: Tenant, id: HostId) -> Result<Option<Host>, StoreError> {
    run!(tx, GET, [tenant.uuid(), id.uuid()], Row, fetch_optional)?.map(Row::read).transpose()
}

/// Reads a host that nobody else may change until the transaction ends; not one that was removed.
/// Bookings come before it: whoever wants both locks them first.
///
/// # Errors
/// The database's.
pub async fn lock(tx: &mut Tx<'_>, tenant: Tenant, id: HostId) -> Result<Option<Host>, StoreError> {
    run!(tx, LOCK, [tenant.uuid(), id.uuid()], Row, fetch_optional)?.map(Row::read).transpose()
}

/// Whom the platform's id names, also if it was removed.
///
/// # Errors
/// The database's.
pub async fn id_of(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    external_id: &str,
) -> Result<Option<HostId>, StoreError> {
    let found = run!(tx, ID_OF, [tenant.uuid(), external_id], (Uuid,), fetch_optional)?;
    Ok(found.map(|(id,)| HostId::from_uuid(id)))
}

/// Finds a host by id or by the platform's id; not one that was removed.
///
/// # Errors
/// The database's.
pub async fn find(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    reference: &Reference<HostId>,
) -> Result<Option<Host>, StoreError> {
    let found = match reference {
        Reference::Id(id) => get(tx, tenant, *id).await?,
        Reference::External(external_id) => {
            run!(tx, BY_EXTERNAL_ID, [tenant.uuid(), external_id], Row, fetch_optional)?
                .map(Row::read)
                .transpose()?
        }
    };
    Ok(found.filter(|host| host.deleted_at.is_none()))
}

/// A page of hosts, newest first, after the given one.
///
/// # Errors
/// The database's.
pub async fn list(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    after: Option<(Instant, HostId)>,
    limit: u32,
) -> Result<Vec<Host>, StoreError> {
    run!(
        tx,
        LIST,
        [
            tenant.uuid(),
            after.map(|(at, _)| at.as_micros()),
            after.map(|(_, id)| id.uuid()),
            i64::from(limit),
        ],
        Row,
        fetch_all
    )?
    .into_iter()
    .map(Row::read)
    .collect()
}

/// Where most of a tenant's hosts live; of several such zones, that of the host who is here longest.
///
/// # Errors
/// The database's.
pub async fn usual_zone(tx: &mut Tx<'_>, tenant: Tenant) -> Result<Option<Zone>, StoreError> {
    run!(tx, USUAL_ZONE, [tenant.uuid()], (String,), fetch_optional)?
        .map(|(zone,)| zone.parse().map_err(|e| StoreError::corrupt("hosts", e)))
        .transpose()
}

/// How many sessions a host has ahead.
///
/// # Errors
/// The database's.
pub async fn sessions_ahead(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: HostId,
    now: Instant,
) -> Result<i64, StoreError> {
    let (count,) =
        run!(tx, SESSIONS_AHEAD, [tenant.uuid(), id.uuid(), now.as_micros()], (i64,), fetch_one)?;
    Ok(count)
}

/// How many sessions each host has ahead, who has any.
///
/// # Errors
/// The database's.
pub async fn all_sessions_ahead(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    now: Instant,
) -> Result<BTreeMap<HostId, u64>, StoreError> {
    let rows =
        run!(tx, ALL_SESSIONS_AHEAD, [tenant.uuid(), now.as_micros()], (Uuid, i64), fetch_all)?;
    Ok(rows
        .into_iter()
        .map(|(id, count)| (HostId::from_uuid(id), u64::try_from(count).unwrap_or(0)))
        .collect())
}

/// Removes a host; their past sessions keep the name.
///
/// # Errors
/// The database's.
pub async fn delete(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: HostId,
    now: Instant,
) -> Result<bool, StoreError> {
    Ok(run!(tx, DELETE, [tenant.uuid(), id.uuid(), now.as_micros()], execute)? == 1)
}

/// Brings back a host that was removed; whether it was.
///
/// # Errors
/// The database's.
pub async fn restore(tx: &mut Tx<'_>, tenant: Tenant, id: HostId) -> Result<bool, StoreError> {
    Ok(run!(tx, RESTORE, [tenant.uuid(), id.uuid()], execute)? == 1)
}
