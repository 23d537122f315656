//! Services: what is booked.

use std::collections::BTreeMap;
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::booking::Mode;
use roomkey_core::id::ServiceId;
use roomkey_core::payment::Money;
use roomkey_core::route::RouteOption;
use roomkey_core::settings::Settings;
use uuid::Uuid;

use crate::error::StoreError;
use crate::json;
use crate::reference::Reference;
use crate::sql::{run, statements};
use crate::tenant::Tenant;
use crate::tx::Tx;

statements! {
    INSERT = "INSERT INTO services (tenant_id, id, external_id, name, duration_minutes, mode, title_template, requires_approval, requires_payment, reminders, door_opens, route, settings, version, created_at, agenda_template, private, price)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $15, $16, $17)";
    UPDATE = "UPDATE services SET external_id = $3, name = $4, duration_minutes = $5, mode = $6, title_template = $7, requires_approval = $8, requires_payment = $9, reminders = $10, door_opens = $11, route = $12, settings = $13, agenda_template = $14, private = $15, price = $16, version = version + 1
        WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";
    GET = "SELECT id, external_id, name, duration_minutes, mode, title_template, requires_approval, requires_payment, reminders, door_opens, route, settings, version, created_at, deleted_at, agenda_template, private, price
        FROM services WHERE tenant_id = $1 AND id = $2";
    LOCK = "SELECT id, external_id, name, duration_minutes, mode, title_template, requires_approval, requires_payment, reminders, door_opens, route, settings, version, created_at, deleted_at, agenda_template, private, price
        FROM services WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL {hold}";
    BY_EXTERNAL_ID = "SELECT id, external_id, name, duration_minutes, mode, title_template, requires_approval, requires_payment, reminders, door_opens, route, settings, version, created_at, deleted_at, agenda_template, private, price
        FROM services WHERE tenant_id = $1 AND external_id = $2";
    ID_OF = "SELECT id FROM services WHERE tenant_id = $1 AND external_id = $2";
    LIST = "SELECT id, external_id, name, duration_minutes, mode, title_template, requires_approval, requires_payment, reminders, door_opens, route, settings, version, created_at, deleted_at, agenda_template, private, price
        FROM services WHERE tenant_id = $1 AND deleted_at IS NULL AND (CAST($2 AS BIGINT) IS NULL OR (created_at, id) < ($2, $3))
        ORDER BY created_at DESC, id DESC LIMIT $4";
    SESSIONS_AHEAD = "SELECT service_id, count(*) FROM bookings WHERE tenant_id = $1 AND end_at > $2
        AND status NOT IN ('cancelled', 'completed', 'no_show') GROUP BY service_id";
    RESTORE = "UPDATE services SET deleted_at = NULL, version = version + 1 WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL";
    DELETE = "UPDATE services SET deleted_at = $3 WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL";
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// The platform's id.
    pub external_id: Option<String>,
    /// The name people read.
    pub name: String,
    /// How long a session is, if a booking does not say.
    pub duration_minutes: u32,
    /// How it is held.
    pub mode: Mode,
    /// The words of a session's title.
    pub title_template: Option<String>,
    /// What people read about a session in its room's invitation.
    pub agenda_template: Option<String>,
    /// Others read neutral words about its sessions, and their rooms let nobody and nothing out.
    pub private: bool,
    /// A booking waits for the host's word.
    pub requires_approval: bool,
    /// A booking waits for the guest's money.
    pub requires_payment: bool,
    /// What a session costs; what pays for it must be as much.
    pub price: Option<Money>,
    /// When people are reminded, before the start.
    pub reminders: Vec<String>,
    /// How long before the start guests may go in.
    pub door_opens: Duration,
    /// The rooms to try, in order.
    pub route: Option<Vec<RouteOption>>,
    /// What a room must be like.
    pub settings: Settings,
    /// Counts changes.
    pub version: i64,
    /// Since when.
    pub created_at: Instant,
    /// Since when no longer.
    pub deleted_at: Option<Instant>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    external_id: Option<String>,
    name: String,
    duration_minutes: i64,
    mode: String,
    title_template: Option<String>,
    requires_approval: bool,
    requires_payment: bool,
    reminders: String,
    door_opens: i64,
    route: Option<String>,
    settings: String,
    version: i64,
    created_at: i64,
    deleted_at: Option<i64>,
    agenda_template: Option<String>,
    private: bool,
    price: Option<String>,
}

impl Row {
    fn read(self) -> Result<Service, StoreError> {
        Ok(Service {
            id: ServiceId::from_uuid(self.id),
            external_id: self.external_id,
            name: self.name,
            duration_minutes: u32::try_from(self.duration_minutes).unwrap_or(0),
            mode: crate::booking::mode("services", &self.mode)?,
            title_template: self.title_template,
            agenda_template: self.agenda_template,
            private: self.private,
            requires_approval: self.requires_approval,
            requires_payment: self.requires_payment,
            price: json::read_option("services", self.price.as_deref())?,
            reminders: json::read("services", &self.reminders)?,
            door_opens: Duration::from_micros(u64::try_from(self.door_opens).unwrap_or(0)),
            route: json::read_option("services", self.route.as_deref())?,
            settings: json::read("services", &self.settings)?,
            version: self.version,
            created_at: Instant::from_micros(self.created_at),
            deleted_at: self.deleted_at.map(Instant::from_micros),
        })
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Makes a service.
///
/// # Errors
/// The database's; [`StoreError::is_taken`] for a used external id.
pub async fn insert(tx: &mut Tx<'_>, tenant: Tenant, service: &Service) -> Result<(), StoreError> {
    run!(
        tx,
        INSERT,
        [
            tenant.uuid(),
            service.id.uuid(),
            service.external_id.as_deref(),
            &service.name,
            i64::from(service.duration_minutes),
            service.mode.as_str(),
            service.title_template.as_deref(),
            service.requires_approval,
            service.requires_payment,
            json::write(&service.reminders),
            micros(service.door_opens),
            json::write_option(service.route.as_ref()),
            json::write(&service.settings),
            service.created_at.as_micros(),
            service.agenda_template.as_deref(),
            service.private,
            json::write_option(service.price.as_ref()),
        ],
        execute
    )?;
    Ok(())
}

/// Writes a service anew. Bookings that exist keep what was pinned to them.
///
/// # Errors
/// The database's; [`StoreError::is_taken`] for a used external id.
pub async fn update(tx: &mut Tx<'_>, tenant: Tenant, service: &Service) -> Result<(), StoreError> {
    run!(
        tx,
        UPDATE,
        [
            tenant.uuid(),
            service.id.uuid(),
            service.external_id.as_deref(),
            &service.name,
            i64::from(service.duration_minutes),
            service.mode.as_str(),
            service.title_template.as_deref(),
            service.requires_approval,
            service.requires_payment,
            json::write(&service.reminders),
            micros(service.door_opens),
            json::write_option(service.route.as_ref()),
            json::write(&service.settings),
            service.agenda_template.as_deref(),
            service.private,
            json::write_option(service.price.as_ref()),
        ],
        execute
    )?;
    Ok(())
}

/// Reads a service, also one that was removed: bookings still name it.
///
/// # Errors
/// The database's.
pub async fn get(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: ServiceId,
) -> Result<Option<Service>, StoreError> {
    run!(tx, GET, [tenant.uuid(), id.uuid()], Row, fetch_optional)?.map(Row::read).transpose()
}

/// Reads a service that nobody else may change until the transaction ends; not one that was removed.
/// Bookings come before it: whoever wants both locks them first.
///
/// # Errors
/// The database's.
pub async fn lock(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: ServiceId,
) -> Result<Option<Service>, StoreError> {
    run!(tx, LOCK, [tenant.uuid(), id.uuid()], Row, fetch_optional)?.map(Row::read).transpose()
}

/// Which service the platform's id names, also if it was removed.
///
/// # Errors
/// The database's.
pub async fn id_of(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    external_id: &str,
) -> Result<Option<ServiceId>, StoreError> {
    let found = run!(tx, ID_OF, [tenant.uuid(), external_id], (Uuid,), fetch_optional)?;
    Ok(found.map(|(id,)| ServiceId::from_uuid(id)))
}

/// Finds a service by id or by the platform's id; not one that was removed.
///
/// # Errors
/// The database's.
pub async fn find(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    reference: &Reference<ServiceId>,
) -> Result<Option<Service>, StoreError> {
    let found = match reference {
        Reference::Id(id) => get(tx, tenant, *id).await?,
        Reference::External(external_id) => {
            run!(tx, BY_EXTERNAL_ID, [tenant.uuid(), external_id], Row, fetch_optional)?
                .map(Row::read)
                .transpose()?
        }
    };
    Ok(found.filter(|service| service.deleted_at.is_none()))
}

/// A page of services, newest first, after the given one.
///
/// # Errors
/// The database's.
pub async fn list(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    after: Option<(Instant, ServiceId)>,
    limit: u32,
) -> Result<Vec<Service>, StoreError> {
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

/// How many sessions of each service are ahead, where there are any.
///
/// # Errors
/// The database's.
pub async fn sessions_ahead(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    now: Instant,
) -> Result<BTreeMap<ServiceId, u64>, StoreError> {
    let rows = run!(tx, SESSIONS_AHEAD, [tenant.uuid(), now.as_micros()], (Uuid, i64), fetch_all)?;
    Ok(rows
        .into_iter()
        .map(|(id, count)| (ServiceId::from_uuid(id), u64::try_from(count).unwrap_or(0)))
        .collect())
}

/// Removes a service from what can be booked.
///
/// # Errors
/// The database's.
pub async fn delete(
    tx: &mut Tx<'_>,
    tenant: Tenant,
    id: ServiceId,
    now: Instant,
) -> Result<bool, StoreError> {
    Ok(run!(tx, DELETE, [tenant.uuid(), id.uuid(), now.as_micros()], execute)? == 1)
}

/// Brings back a service that was removed; whether it was.
///
/// # Errors
/// The database's.
pub async fn restore(tx: &mut Tx<'_>, tenant: Tenant, id: ServiceId) -> Result<bool, StoreError> {
    Ok(run!(tx, RESTORE, [tenant.uuid(), id.uuid()], execute)? == 1)
}
