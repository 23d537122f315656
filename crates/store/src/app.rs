//! Apps: OAuth applications at vendors, with the secrets that their events are signed with.

use roomkey_core::Instant;
use roomkey_core::id::AppId;
use roomkey_core::route::Provider;
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

macro_rules! columns {
    () => {
        "tenant_id, id, provider, client_id, secrets, revision, created_at"
    };
}

statements! {
    INSERT = "INSERT INTO apps (tenant_id, id, provider, client_id, secrets, revision, created_at) VALUES ($1, $2, $3, $4, $5, 1, $6)";
    UPDATE = "UPDATE apps SET client_id = $3, secrets = $4, revision = revision + 1 WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";
    DELETE = "UPDATE apps SET deleted_at = $3, secrets = $4 WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";
    OF_TENANT = concat!("SELECT ", columns!(), " FROM apps WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY created_at, id");
    LIST = concat!("SELECT ", columns!(), " FROM apps WHERE tenant_id = $1 AND deleted_at IS NULL
        AND (CAST($2 AS BIGINT) IS NULL OR (created_at, id) < ($2, $3)) ORDER BY created_at DESC, id DESC LIMIT $4");
    LOCK = concat!("SELECT ", columns!(), " FROM apps WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL {hold}");
    BY_ADDRESS = concat!("SELECT ", columns!(), " FROM apps WHERE id = $1 AND deleted_at IS NULL");
    STRANDED = "SELECT count(*) FROM connections c JOIN apps a ON a.tenant_id = c.tenant_id AND a.provider = c.provider AND a.client_id = c.client_id
        WHERE a.tenant_id = $1 AND a.id = $2 AND c.deleted_at IS NULL";
}

/// An app with its sealed secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose it is.
    pub tenant: Tenant,
    /// Its id.
    pub id: AppId,
    /// At whom.
    pub provider: Provider,
    /// The client's name at the vendor.
    pub client_id: String,
    /// The client's secret and what the vendor signs events with, sealed.
    pub secrets: Vec<u8>,
    /// Counts its changes.
    pub revision: i64,
    /// Since when.
    pub created_at: Instant,
}

#[derive(sqlx::FromRow)]
struct Row {
    tenant_id: Uuid,
    id: Uuid,
    provider: String,
    client_id: String,
    secrets: Vec<u8>,
    revision: i64,
    created_at: i64,
}

impl Row {
    fn read(self) -> Result<Record, StoreError> {
        Ok(Record {
            tenant: Tenant::from_row(self.tenant_id),
            id: AppId::from_uuid(self.id),
            provider: Provider::from_code(&self.provider)
                .ok_or_else(|| StoreError::corrupt("apps", &self.provider))?,
            client_id: self.client_id,
            secrets: self.secrets,
            revision: self.revision,
            created_at: Instant::from_micros(self.created_at),
        })
    }
}

/// Makes an app.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx<'_>, record: &Record) -> Result<(), StoreError> {
    run!(
        tx,
        INSERT,
        [
            record.tenant.uuid(),
            record.id.uuid(),
            record.provider.as_str(),
            &record.client_id,
            &record.secrets,
            record.created_at.as_micros(),
        ],
        execute
    )?;
    Ok(())
}

/// Writes an app's credentials anew.
///
/// # Errors
/// The database's.
pub async fn update(tx: &mut Tx<'_>, record: &Record) -> Result<(), StoreError> {
    run!(
        tx,
        UPDATE,
        [record.tenant.uuid(), record.id.uuid(), &record.client_id, &record.secrets],
        execute
    )?;
    Ok(())
}

/// Removes an app and its secrets.
///
/// # Errors
/// The database's.
pub async fn delete(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: AppId,
    now: Instant,
) -> Result<bool, StoreError> {
    let empty: &[u8] = &[];
    Ok(run!(tx, DELETE, [tenant.uuid(), id.uuid(), now.as_micros(), empty], execute)? == 1)
}

/// A tenant's apps, oldest first.
///
/// # Errors
/// The database's.
pub async fn of_tenant(tx: &mut Tx<'_>, tenant: Tenant) -> Result<Vec<Record>, StoreError> {
    run!(tx, OF_TENANT, [tenant.uuid()], Row, fetch_all)?.into_iter().map(Row::read).collect()
}

/// A page of apps, newest first, after the given one.
///
/// # Errors
/// The database's.
pub async fn list(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    after: Option<(Instant, AppId)>,
    limit: u32,
) -> Result<Vec<Record>, StoreError> {
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

/// Reads an app that nobody else may change until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: AppId,
) -> Result<Option<Record>, StoreError> {
    run!(tx, LOCK, [tenant.uuid(), id.uuid()], Row, fetch_optional)?.map(Row::read).transpose()
}

/// The app that an address for events names. Nothing is proven by it: whoever comes has yet to
/// sign with the app's secret.
///
/// # Errors
/// The database's.
pub async fn by_address(tx: &mut Tx<'_>, id: AppId) -> Result<Option<Record>, StoreError> {
    run!(tx, BY_ADDRESS, [id.uuid()], Row, fetch_optional)?.map(Row::read).transpose()
}

/// How many connections were authorised by an app and would not be heard of without it.
///
/// # Errors
/// The database's.
pub async fn stranded(tx: &mut Tx<'_>, tenant: Tenant, id: AppId) -> Result<i64, StoreError> {
    let (count,) = run!(tx, STRANDED, [tenant.uuid(), id.uuid()], (i64,), fetch_one)?;
    Ok(count)
}
