//! Connections: authorised accounts at providers.

use std::collections::BTreeMap;

use roomkey_core::Instant;
use roomkey_core::failure::Reason;
use roomkey_core::id::{ConnectionId, HostId};
use roomkey_core::route::{Connection, Provider};
use uuid::Uuid;

use crate::access_token;
use crate::error::StoreError;
use crate::json;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

macro_rules! columns {
    () => {
        "tenant_id, id, provider, kind, host_id, account, client_id, secrets, seats, disabled, trouble, revision, created_at, checked_at, deleted_at, seat_rules, credentials_at"
    };
}

statements! {
    INSERT = "INSERT INTO connections (tenant_id, id, provider, kind, host_id, account, client_id, secrets, seats, disabled, revision, created_at, seat_rules, credentials_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $13)";
    UPDATE = "UPDATE connections SET client_id = $3, secrets = $4, seats = $5, disabled = $6, trouble = $7, seat_rules = $8, credentials_at = $9, revision = revision + 1
        WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";
    SET_TROUBLE = "UPDATE connections SET trouble = $4 WHERE tenant_id = $1 AND id = $2 AND revision = $3";
    SET_CHECKED = "UPDATE connections SET checked_at = $3 WHERE tenant_id = $1 AND id = $2";
    DELETE = "UPDATE connections SET deleted_at = $3, secrets = $4 WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";
    OF_TENANT = concat!("SELECT ", columns!(), " FROM connections WHERE tenant_id = $1 AND deleted_at IS NULL ORDER BY created_at, id");
    TROUBLED = concat!("SELECT ", columns!(), " FROM connections WHERE trouble IS NOT NULL AND deleted_at IS NULL ORDER BY tenant_id, created_at, id");
    LIST = concat!("SELECT ", columns!(), " FROM connections WHERE tenant_id = $1 AND deleted_at IS NULL
        AND (CAST($2 AS BIGINT) IS NULL OR (created_at, id) < ($2, $3)) ORDER BY created_at DESC, id DESC LIMIT $4");
    LOCK = concat!("SELECT ", columns!(), " FROM connections WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL {hold}");
    BY_ADDRESS = concat!("SELECT ", columns!(), " FROM connections WHERE id = $1 AND deleted_at IS NULL");
    HOLDS = "SELECT r.connection_id, count(DISTINCT r.booking_id) FROM rooms r
        JOIN bookings b ON b.tenant_id = r.tenant_id AND b.id = r.booking_id
        WHERE r.tenant_id = $1 AND r.connection_id IS NOT NULL AND r.state IN ('live', 'doubtful') AND b.end_at > $2 GROUP BY r.connection_id";
    STRANDED = "SELECT count(*) FROM rooms WHERE tenant_id = $1 AND connection_id = $2 AND state IN ('intended', 'unknown', 'live', 'doubtful', 'retiring', 'stuck')";
}

/// A connection with its sealed secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose it is.
    pub tenant: Tenant,
    /// As the rules see it.
    pub connection: Connection,
    /// How it was authorised: `server_to_server`.
    pub kind: String,
    /// The client's name at the vendor.
    pub client_id: String,
    /// The client's secret and whatever else is secret, sealed.
    pub secrets: Vec<u8>,
    /// Counts changes of the credentials.
    pub revision: i64,
    /// Since when.
    pub created_at: Instant,
    /// When the vendor last answered with it.
    pub checked_at: Option<Instant>,
}

#[derive(sqlx::FromRow)]
struct Row {
    tenant_id: Uuid,
    id: Uuid,
    provider: String,
    kind: String,
    host_id: Option<Uuid>,
    account: String,
    client_id: String,
    secrets: Vec<u8>,
    seats: String,
    disabled: bool,
    trouble: Option<String>,
    revision: i64,
    created_at: i64,
    checked_at: Option<i64>,
    seat_rules: Option<String>,
    credentials_at: Option<i64>,
}

const TABLE: &str = "connections";

impl Row {
    fn read(self) -> Result<Record, StoreError> {
        Ok(Record {
            tenant: Tenant::from_row(self.tenant_id),
            connection: Connection {
                id: ConnectionId::from_uuid(self.id),
                provider: Provider::from_code(&self.provider)
                    .ok_or_else(|| StoreError::corrupt(TABLE, &self.provider))?,
                host: self.host_id.map(HostId::from_uuid),
                account: self.account,
                seats: json::read(TABLE, &self.seats)?,
                seat_rules: json::read_option(TABLE, self.seat_rules.as_deref())?
                    .unwrap_or_default(),
                disabled: self.disabled,
                needs_reconnect: json::read_option(TABLE, self.trouble.as_deref())?,
                credentials_at: Instant::from_micros(
                    self.credentials_at.unwrap_or(self.created_at),
                ),
            },
            kind: self.kind,
            client_id: self.client_id,
            secrets: self.secrets,
            revision: self.revision,
            created_at: Instant::from_micros(self.created_at),
            checked_at: self.checked_at.map(Instant::from_micros),
        })
    }
}

/// Makes a connection.
///
/// # Errors
/// The database's.
pub async fn insert(tx: &mut Tx<'_>, record: &Record) -> Result<(), StoreError> {
    let connection = &record.connection;
    run!(
        tx,
        INSERT,
        [
            record.tenant.uuid(),
            connection.id.uuid(),
            connection.provider.as_str(),
            &record.kind,
            connection.host.map(HostId::uuid),
            &connection.account,
            &record.client_id,
            &record.secrets,
            json::write(&connection.seats),
            connection.disabled,
            record.created_at.as_micros(),
            json::write(&connection.seat_rules),
            connection.credentials_at.as_micros(),
        ],
        execute
    )?;
    Ok(())
}

/// Writes a connection's credentials and switches anew.
///
/// # Errors
/// The database's.
pub async fn update(tx: &mut Tx<'_>, record: &Record) -> Result<(), StoreError> {
    run!(
        tx,
        UPDATE,
        [
            record.tenant.uuid(),
            record.connection.id.uuid(),
            &record.client_id,
            &record.secrets,
            json::write(&record.connection.seats),
            record.connection.disabled,
            json::write_option(record.connection.needs_reconnect.as_ref()),
            json::write(&record.connection.seat_rules),
            record.connection.credentials_at.as_micros(),
        ],
        execute
    )?;
    Ok(())
}

/// Writes down that the credentials of `revision` need a person; newer ones are not blamed.
///
/// # Errors
/// The database's.
pub async fn set_trouble(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: ConnectionId,
    revision: i64,
    trouble: Option<&Reason>,
) -> Result<(), StoreError> {
    run!(
        tx,
        SET_TROUBLE,
        [tenant.uuid(), id.uuid(), revision, json::write_option(trouble)],
        execute
    )?;
    Ok(())
}

/// Every tenant's connections that need a person: the engine looks at them when it starts.
///
/// # Errors
/// The database's.
pub async fn troubled(tx: &mut Tx<'_>) -> Result<Vec<Record>, StoreError> {
    run!(tx, TROUBLED, [], Row, fetch_all)?.into_iter().map(Row::read).collect()
}

/// Writes down when the vendor last answered.
///
/// # Errors
/// The database's.
pub async fn set_checked(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: ConnectionId,
    now: Instant,
) -> Result<(), StoreError> {
    run!(tx, SET_CHECKED, [tenant.uuid(), id.uuid(), now.as_micros()], execute)?;
    Ok(())
}

/// Removes a connection, its secrets and its token. Rooms that it made and that are still there are stuck.
///
/// # Errors
/// The database's.
pub async fn delete(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: ConnectionId,
    now: Instant,
) -> Result<bool, StoreError> {
    let empty: &[u8] = &[];
    access_token::forget(tx, id).await?;
    Ok(run!(tx, DELETE, [tenant.uuid(), id.uuid(), now.as_micros(), empty], execute)? == 1)
}

/// A tenant's connections, oldest first.
///
/// # Errors
/// The database's.
pub async fn of_tenant(tx: &mut Tx<'_>, tenant: Tenant) -> Result<Vec<Record>, StoreError> {
    run!(tx, OF_TENANT, [tenant.uuid()], Row, fetch_all)?.into_iter().map(Row::read).collect()
}

/// A page of connections, newest first, after the given one.
///
/// # Errors
/// The database's.
pub async fn list(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    after: Option<(Instant, ConnectionId)>,
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

/// Reads a connection that nobody else may change until the transaction ends. Bookings come before it:
/// whoever wants both locks them first, as the engine does.
///
/// # Errors
/// The database's.
pub async fn lock(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: ConnectionId,
) -> Result<Option<Record>, StoreError> {
    run!(tx, LOCK, [tenant.uuid(), id.uuid()], Row, fetch_optional)?.map(Row::read).transpose()
}

/// The connection that an address for events names. Nothing is proven by it: whoever comes has yet
/// to sign with the connection's secret.
///
/// # Errors
/// The database's.
pub async fn by_address(tx: &mut Tx<'_>, id: ConnectionId) -> Result<Option<Record>, StoreError> {
    run!(tx, BY_ADDRESS, [id.uuid()], Row, fetch_optional)?.map(Row::read).transpose()
}

/// How many rooms would be stranded without a connection.
///
/// # Errors
/// The database's.
pub async fn stranded(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: ConnectionId,
) -> Result<i64, StoreError> {
    let (count,) = run!(tx, STRANDED, [tenant.uuid(), id.uuid()], (i64,), fetch_one)?;
    Ok(count)
}

/// How many sessions ahead have their room at each connection, where there are any.
///
/// # Errors
/// The database's.
pub async fn holds(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    now: Instant,
) -> Result<BTreeMap<ConnectionId, u64>, StoreError> {
    let rows = run!(tx, HOLDS, [tenant.uuid(), now.as_micros()], (Uuid, i64), fetch_all)?;
    Ok(rows
        .into_iter()
        .map(|(id, count)| (ConnectionId::from_uuid(id), u64::try_from(count).unwrap_or(0)))
        .collect())
}
