//! The hosts and services that there are, by the words with which a file names them.

use std::collections::HashMap;
use std::hash::Hash;

use roomkey_core::id::{HostId, ServiceId};
use roomkey_store::host::{self, Host};
use roomkey_store::service::{self, Service};
use roomkey_store::{Store, StoreError, Tenant};

use crate::desk::normal;

const PAGE: u32 = 200;

/// Who is meant by a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meant<I> {
    /// Nobody yet.
    Nobody,
    /// This one.
    One(I),
    /// One of several.
    Several,
}

/// Ids by word.
pub(crate) struct Words<I>(HashMap<String, Meant<I>>);

impl<I: Copy + Eq + Hash> Words<I> {
    pub(crate) fn add(&mut self, word: String, id: I) {
        self.0.entry(word).and_modify(|meant| *meant = Meant::Several).or_insert(Meant::One(id));
    }

    pub(crate) fn get(&self, word: &str) -> Meant<I> {
        self.0.get(word).copied().unwrap_or(Meant::Nobody)
    }
}

/// The hosts, by normalised e-mail address.
pub(crate) async fn hosts(store: &Store, tenant: Tenant) -> Result<Words<HostId>, StoreError> {
    let mut words = Words(HashMap::new());
    let mut after = None;
    loop {
        let page: Vec<Host> =
            store.read(|tx| Box::pin(host::list(tx, tenant, after, PAGE))).await?;
        let Some(last) = page.last() else { return Ok(words) };
        after = Some((last.created_at, last.id));
        for host in &page {
            words.add(normal(&host.email), host.id);
        }
    }
}

/// The services, by name, however it is written in capitals.
pub(crate) async fn services(
    store: &Store,
    tenant: Tenant,
) -> Result<Words<ServiceId>, StoreError> {
    let mut words = Words(HashMap::new());
    let mut after = None;
    loop {
        let page: Vec<Service> =
            store.read(|tx| Box::pin(service::list(tx, tenant, after, PAGE))).await?;
        let Some(last) = page.last() else { return Ok(words) };
        after = Some((last.created_at, last.id));
        for service in &page {
            words.add(service.name.trim().to_lowercase(), service.id);
        }
    }
}
