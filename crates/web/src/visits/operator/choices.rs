//! Hosts and services as things to choose.

use roomkey_store::host::{self, Host};
use roomkey_store::service::{self, Service};
use roomkey_store::{StoreError, Tenant, Tx};

use crate::pages::form::Choice;

/// So many hosts or services are shown at the most.
const MOST: u32 = 1000;

/// Every host, by name.
pub(super) async fn hosts(tx: &mut Tx<'_>, tenant: Tenant) -> Result<Vec<Host>, StoreError> {
    let mut hosts = host::list(tx, tenant, None, MOST).await?;
    hosts.sort_by_key(|host| host.name.to_lowercase());
    Ok(hosts)
}

/// Every service, by name.
pub(super) async fn services(tx: &mut Tx<'_>, tenant: Tenant) -> Result<Vec<Service>, StoreError> {
    let mut services = service::list(tx, tenant, None, MOST).await?;
    services.sort_by_key(|service| service.name.to_lowercase());
    Ok(services)
}

pub(super) fn of_hosts(hosts: &[Host]) -> Vec<Choice> {
    hosts.iter().map(|host| Choice::new(host.id.to_string(), host.name.clone())).collect()
}

pub(super) fn of_services(services: &[Service]) -> Vec<Choice> {
    let words = |it: &Service| format!("{} ({} minutes)", it.name, it.duration_minutes);
    services.iter().map(|it| Choice::new(it.id.to_string(), words(it))).collect()
}
