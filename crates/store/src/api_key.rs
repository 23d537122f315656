//! API keys: what programs sign in with.

use roomkey_core::Instant;
use roomkey_core::id::ApiKeyId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::json;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    INSERT = "INSERT INTO api_keys (tenant_id, id, name, scopes, hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
    BY_HASH = "SELECT tenant_id, id, name, scopes, created_at, revoked_at FROM api_keys WHERE hash = $1 AND revoked_at IS NULL";
    LIST = "SELECT tenant_id, id, name, scopes, created_at, revoked_at FROM api_keys WHERE tenant_id = $1 ORDER BY created_at, id";
    REVOKE = "UPDATE api_keys SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL";
}

/// An API key, without the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Whose it is: it proves that its holder may see the tenant.
    pub tenant: Tenant,
    /// Its id.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// What it may do; `*` is everything.
    pub scopes: Vec<String>,
    /// Since when.
    pub created_at: Instant,
    /// Since when no longer.
    pub revoked_at: Option<Instant>,
}

impl ApiKey {
    /// Whether it may do what `scope` names.
    #[must_use]
    pub fn may(&self, scope: &str) -> bool {
        self.scopes.iter().any(|it| it == "*" || it == scope)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    tenant_id: Uuid,
    id: Uuid,
    name: String,
    scopes: String,
    created_at: i64,
    revoked_at: Option<i64>,
}

impl Row {
    fn read(self) -> Result<ApiKey, StoreError> {
        Ok(ApiKey {
            tenant: Tenant::from_row(self.tenant_id),
            id: ApiKeyId::from_uuid(self.id),
            name: self.name,
            scopes: json::read("api_keys", &self.scopes)?,
            created_at: Instant::from_micros(self.created_at),
            revoked_at: self.revoked_at.map(Instant::from_micros),
        })
    }
}

/// Makes an API key.
///
/// # Errors
/// The database's.
pub async fn insert(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: ApiKeyId,
    name: &str,
    scopes: &[String],
    hash: &[u8; 32],
    now: Instant,
) -> Result<(), StoreError> {
    run!(
        tx,
        INSERT,
        [tenant.uuid(), id.uuid(), name, json::write(&scopes), hash.as_slice(), now.as_micros()],
        execute
    )?;
    Ok(())
}

/// The API key with this hash, unless it was revoked.
///
/// # Errors
/// The database's.
pub async fn authenticate(tx: &mut Tx<'_>, hash: &[u8; 32]) -> Result<Option<ApiKey>, StoreError> {
    run!(tx, BY_HASH, [hash.as_slice()], Row, fetch_optional)?.map(Row::read).transpose()
}

/// A tenant's API keys.
///
/// # Errors
/// The database's.
pub async fn list(tx: &mut Tx<'_>, tenant: Tenant) -> Result<Vec<ApiKey>, StoreError> {
    run!(tx, LIST, [tenant.uuid()], Row, fetch_all)?.into_iter().map(Row::read).collect()
}

/// Revokes an API key; whether there was one to revoke.
///
/// # Errors
/// The database's.
pub async fn revoke(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: ApiKeyId,
    now: Instant,
) -> Result<bool, StoreError> {
    Ok(run!(tx, REVOKE, [tenant.uuid(), id.uuid(), now.as_micros()], execute)? == 1)
}
