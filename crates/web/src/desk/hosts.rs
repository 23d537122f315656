//! The commands on hosts.

use std::collections::BTreeMap;

use roomkey_core::Zone;
use roomkey_core::id::HostId;
use roomkey_core::route::{Provider, RouteOption};
use roomkey_store::host::{self, Host};
use roomkey_store::{Reference, StoreError, Tenant, Tx, connection, person};

use super::asked::{external_id_checked, keep_external_id};
use super::draft::taken;
use super::{Desk, Held, check, hold_waiting, known_route, look_at_held};
use crate::error::{Code, Fault, Problem};

/// What is asked of a host; what is not said stays.
#[derive(Debug, Clone, Default)]
pub struct HostAsked {
    /// The platform's id.
    pub external_id: Option<Option<String>>,
    /// The name people read.
    pub name: Option<String>,
    /// Where the host is written to.
    pub email: Option<String>,
    /// Where the host lives.
    pub time_zone: Option<Zone>,
    /// In which language.
    pub locale: Option<String>,
    /// The telephone.
    pub phone: Option<Option<String>>,
    /// The logins at vendors, where they are not the e-mail address.
    pub accounts: Option<BTreeMap<Provider, String>>,
    /// The route of services that have none.
    pub route: Option<Option<Vec<RouteOption>>>,
}

impl HostAsked {
    /// What is wrong with it by itself.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut note = |pointer: &str, checked: Result<(), (&'static str, String)>| {
            if let Err((code, words)) = checked {
                faults.push(Fault::new(pointer, code, words));
            }
        };
        if let Some(name) = &self.name {
            note("/name", check::name(name, check::NAME));
        }
        if let Some(email) = &self.email {
            note("/email", check::email(email));
        }
        if let Some(locale) = &self.locale {
            note("/locale", check::locale(locale));
        }
        if let Some(Some(phone)) = &self.phone {
            note("/phone", check::phone(phone));
        }
        for (provider, login) in self.accounts.iter().flatten() {
            note(&format!("/accounts/{}", provider.as_str()), check::name(login, 254));
        }
        if let Some(Some(external_id)) = &self.external_id {
            note("/external_id", external_id_checked(external_id));
        }
        if let Some(Some(route)) = &self.route {
            faults.extend(check::route(route, "/route"));
        }
        faults
    }

    fn fill(&self, host: &mut Host) {
        let Self { external_id, name, email, time_zone, locale, phone, accounts, route } =
            self.clone();
        host.external_id = external_id.unwrap_or_else(|| host.external_id.clone());
        host.name = name.unwrap_or_else(|| host.name.clone());
        host.email = email.unwrap_or_else(|| host.email.clone());
        host.time_zone = time_zone.unwrap_or_else(|| host.time_zone.clone());
        host.locale = locale.unwrap_or_else(|| host.locale.clone());
        host.phone = phone.unwrap_or_else(|| host.phone.clone());
        host.accounts = accounts.unwrap_or_else(|| host.accounts.clone());
        host.route = route.unwrap_or_else(|| host.route.clone());
    }
}

/// Makes a host.
///
/// # Errors
/// [`Problem`]: the external id is taken, or the route names a connection of nobody's.
pub async fn add_host_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    tenant: Tenant,
    asked: &HostAsked,
) -> Result<HostId, Problem> {
    let now = desk.now();
    known_route(tx, tenant, asked.route.as_ref()).await?;
    let mut host = Host {
        id: HostId::new(now, desk.entropy.id()),
        external_id: None,
        name: String::new(),
        email: String::new(),
        time_zone: Zone::utc(),
        locale: "en".to_owned(),
        phone: None,
        accounts: BTreeMap::new(),
        route: None,
        version: 1,
        created_at: now,
        deleted_at: None,
    };
    asked.fill(&mut host);
    if let Some(external_id) = &host.external_id {
        let reference = Reference::External(external_id.clone());
        if host::find(tx, tenant, &reference).await?.is_some() {
            return Err(Problem::new(Code::ExternalIdTaken));
        }
    }
    host::insert(tx, tenant, &host).await.map_err(taken)?;
    Ok(host.id)
}

/// Brings back a host that was removed, and changes it; `None` if none of this external id was. An
/// external id belongs to one host for ever, so that there is no other way to it. The host's own connections stay removed.
///
/// # Errors
/// [`Problem`]: as [`change_host_in`].
pub async fn restore_host_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    tenant: Tenant,
    external_id: &str,
    asked: &HostAsked,
) -> Result<Option<HostId>, Problem> {
    let Some(id) = host::id_of(tx, tenant, external_id).await? else { return Ok(None) };
    // Bookings are locked before it.
    let waiting = hold_waiting(tx, tenant, desk.now()).await?;
    if !host::restore(tx, tenant, id).await? {
        return Ok(None);
    }
    let Some(row) = host::lock(tx, tenant, id).await? else { return Ok(None) };
    let held = Held { row, waiting: Some(waiting) };
    change_host_in(tx, desk, tenant, held, asked).await?;
    Ok(Some(id))
}

/// A host, held to be changed like this.
///
/// # Errors
/// The database's.
pub async fn hold_host_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    tenant: Tenant,
    reference: &Reference<HostId>,
    asked: &HostAsked,
) -> Result<Option<Held<Host>>, StoreError> {
    let Some(seen) = host::find(tx, tenant, reference).await? else { return Ok(None) };
    let mut next = seen.clone();
    asked.fill(&mut next);
    let waiting = match is_waited_for(&seen, &next) {
        true => Some(hold_waiting(tx, tenant, desk.now()).await?),
        false => None,
    };
    let row = host::lock(tx, tenant, seen.id).await?;
    Ok(row.map(|row| Held { row, waiting }))
}

/// Whether bookings that wait may have waited for this.
fn is_waited_for(before: &Host, after: &Host) -> bool {
    before.at_vendors() != after.at_vendors() || before.route != after.route
}

/// Changes a host. What is so already changes nothing.
///
/// # Errors
/// [`Problem`]: the external id is taken, or the route names a connection of nobody's.
pub async fn change_host_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    tenant: Tenant,
    held: Held<Host>,
    asked: &HostAsked,
) -> Result<(), Problem> {
    let Held { row: mut host, waiting } = held;
    known_route(tx, tenant, asked.route.as_ref()).await?;
    let before = host.clone();
    if let Some(external_id) = &asked.external_id
        && let Some(fault) = keep_external_id(&mut host.external_id, external_id.as_ref())
    {
        return Err(Problem::invalid(vec![fault]));
    }
    asked.fill(&mut host);
    if host == before {
        return Ok(());
    }
    let now = desk.now();
    host::update(tx, tenant, &host).await.map_err(taken)?;
    // Sessions ahead write to the host where the host is now.
    person::describe_host(tx, tenant, &host, now).await?;
    if is_waited_for(&before, &host) {
        look_at_held(tx, tenant, waiting, now).await?;
    }
    Ok(())
}

/// Removes a host, and the host's own connections. Refused while sessions are ahead.
///
/// # Errors
/// [`Problem`], with how many sessions are ahead.
pub async fn remove_host_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    tenant: Tenant,
    id: HostId,
) -> Result<(), Problem> {
    let now = desk.now();
    let ahead = host::sessions_ahead(tx, tenant, id, now).await?;
    if ahead > 0 {
        let words =
            format!("The host has {ahead} session(s) ahead. Reassign or cancel them first.");
        return Err(Problem::with(Code::HostBusy, words).and("sessions", ahead));
    }
    for it in connection::of_tenant(tx, tenant).await? {
        if it.connection.host == Some(id) {
            connection::delete(tx, tenant, it.connection.id, now).await?;
        }
    }
    host::delete(tx, tenant, id, now).await?;
    Ok(())
}
