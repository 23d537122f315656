//! Tenants, and the proof that somebody may see one.

use roomkey_core::Instant;
use roomkey_core::id::TenantId;
use roomkey_core::route::RouteOption;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::StoreError;
use crate::json;
use crate::sql::{ids, run, statements};
use crate::tx::Tx;

statements! {
    INSERT = "INSERT INTO tenants (tenant_id, name, contact, default_route, policies, next_number, version, created_at)
        VALUES ($1, $2, $3, $4, $5, 1, 1, $6)";
    GET = "SELECT tenant_id, name, contact, default_route, policies, version, created_at FROM tenants WHERE tenant_id = $1";
    LOCK = "SELECT tenant_id, name, contact, default_route, policies, version, created_at FROM tenants WHERE tenant_id = $1 {hold}";
    UPDATE = "UPDATE tenants SET name = $2, contact = $3, default_route = $4, policies = $5, version = version + 1
        WHERE tenant_id = $1";
    SECRETS = "SELECT secrets FROM tenants WHERE tenant_id = $1";
    SET_SECRETS = "UPDATE tenants SET secrets = $2 WHERE tenant_id = $1";
    BY_ADDRESS = "SELECT tenant_id, secrets FROM tenants WHERE tenant_id = $1";
    NUMBERS = "SELECT tenant_id, next_number FROM tenants WHERE tenant_id IN ({ids})";
    LIST = "SELECT tenant_id FROM tenants ORDER BY created_at, tenant_id";
}

/// The proof that the holder may see and change what belongs to one tenant. Made by whatever
/// authenticated them, and by nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tenant(TenantId);

impl Tenant {
    pub(crate) const fn proven(id: TenantId) -> Self {
        Self(id)
    }

    pub(crate) const fn from_row(id: Uuid) -> Self {
        Self(TenantId::from_uuid(id))
    }

    /// Which one.
    #[must_use]
    pub const fn id(self) -> TenantId {
        self.0
    }

    pub(crate) const fn uuid(self) -> Uuid {
        self.0.uuid()
    }
}

/// How a host gets through the host's door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostDoor {
    /// With a host session on that browser.
    #[default]
    SignIn,
    /// With the host's link alone.
    Link,
}

/// What a tenant has decided.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policies {
    /// How a host gets through the host's door.
    pub host_door: HostDoor,
    /// How long before the start guests may change or cancel; `None`: not by themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_until: Option<String>,
    /// The door is open from the beginning.
    pub door_always_open: bool,
    /// Who is written to if a call does not say: `all`, `guests`, `host` or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<String>,
}

/// A tenant's own particulars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRow {
    /// Its id.
    pub id: TenantId,
    /// The practice's name.
    pub name: String,
    /// Whom people ask.
    pub contact: Option<String>,
    /// The route of hosts and services that have none.
    pub default_route: Option<Vec<RouteOption>>,
    /// What it has decided.
    pub policies: Policies,
    /// Counts its changes.
    pub version: i64,
    /// Since when.
    pub created_at: Instant,
}

#[derive(sqlx::FromRow)]
struct Row {
    tenant_id: Uuid,
    name: String,
    contact: Option<String>,
    default_route: Option<String>,
    policies: String,
    version: i64,
    created_at: i64,
}

impl Row {
    fn read(self) -> Result<TenantRow, StoreError> {
        Ok(TenantRow {
            id: TenantId::from_uuid(self.tenant_id),
            name: self.name,
            contact: self.contact,
            default_route: json::read_option("tenants", self.default_route.as_deref())?,
            policies: json::read("tenants", &self.policies)?,
            version: self.version,
            created_at: Instant::from_micros(self.created_at),
        })
    }
}

/// Makes a tenant. Whoever may do so is proven by having the command line.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx<'_>, row: &TenantRow) -> Result<Tenant, StoreError> {
    run!(
        tx,
        INSERT,
        [
            row.id.uuid(),
            &row.name,
            row.contact.as_deref(),
            json::write_option(row.default_route.as_ref()),
            json::write(&row.policies),
            row.created_at.as_micros(),
        ],
        execute
    )?;
    Ok(Tenant::proven(row.id))
}

/// Reads a tenant.
///
/// # Errors
/// The database's.
pub async fn get(tx: &mut Tx<'_>, tenant: Tenant) -> Result<TenantRow, StoreError> {
    run!(tx, GET, [tenant.uuid()], Row, fetch_one)?.read()
}

/// Reads a tenant that nobody else may change until the transaction ends. Bookings come before it:
/// whoever wants both locks them first.
///
/// # Errors
/// The database's.
pub async fn lock(tx: &mut Tx<'_>, tenant: Tenant) -> Result<TenantRow, StoreError> {
    run!(tx, LOCK, [tenant.uuid()], Row, fetch_one)?.read()
}

/// Writes a tenant's particulars.
///
/// # Errors
/// The database's.
pub async fn update(tx: &mut Tx<'_>, tenant: Tenant, row: &TenantRow) -> Result<(), StoreError> {
    run!(
        tx,
        UPDATE,
        [
            tenant.uuid(),
            &row.name,
            row.contact.as_deref(),
            json::write_option(row.default_route.as_ref()),
            json::write(&row.policies),
        ],
        execute
    )?;
    Ok(())
}

/// What others sign their events to a tenant with, sealed.
///
/// # Errors
/// The database's.
pub async fn secrets(tx: &mut Tx<'_>, tenant: Tenant) -> Result<Option<Vec<u8>>, StoreError> {
    let (secrets,) = run!(tx, SECRETS, [tenant.uuid()], (Option<Vec<u8>>,), fetch_one)?;
    Ok(secrets)
}

/// Writes down what others sign their events to a tenant with. The tenant must be locked.
///
/// # Errors
/// The database's.
pub async fn set_secrets(tx: &mut Tx<'_>, tenant: Tenant, sealed: &[u8]) -> Result<(), StoreError> {
    run!(tx, SET_SECRETS, [tenant.uuid(), sealed], execute)?;
    Ok(())
}

/// The tenant to whose address an event came, and what it must be signed with to be believed,
/// sealed. Nothing if there is no such tenant.
///
/// # Errors
/// The database's.
pub async fn by_address(
    tx: &mut Tx<'_>,
    id: TenantId,
) -> Result<Option<(Tenant, Option<Vec<u8>>)>, StoreError> {
    let row = run!(tx, BY_ADDRESS, [id.uuid()], (Uuid, Option<Vec<u8>>), fetch_optional)?;
    Ok(row.map(|(id, secrets)| (Tenant::from_row(id), secrets)))
}

/// How far tenants' events are numbered: what the watcher polls.
///
/// # Errors
/// The database's.
pub async fn numbers(tx: &mut Tx<'_>, of: &[Tenant]) -> Result<Vec<(Tenant, i64)>, StoreError> {
    let ids = ids(of.iter().map(|it| it.uuid()));
    let rows = run!(tx, NUMBERS, [ids], (Uuid, i64), fetch_all)?;
    Ok(rows.into_iter().map(|(id, number)| (Tenant::from_row(id), number)).collect())
}

/// Every tenant: for the command line, whose user holds the whole database.
///
/// # Errors
/// The database's.
pub async fn all(tx: &mut Tx<'_>) -> Result<Vec<Tenant>, StoreError> {
    let rows = run!(tx, LIST, [], (Uuid,), fetch_all)?;
    Ok(rows.into_iter().map(|(id,)| Tenant::from_row(id)).collect())
}
