//! The hosts and services that there are, by the words with which a file names them.

use std::collections::HashMap;

use roomkey_core::id::{HostId, ServiceId};
use roomkey_store::host::{self, Host};
use roomkey_store::service::{self, Service};
use roomkey_store::{Store, StoreError, Tenant};

use crate::desk::{HostAsked, ServiceAsked, normal};

const PAGE: u32 = 200;

/// Who is meant by a word.
#[derive(Debug, Clone)]
pub(crate) enum Meant<I> {
    /// Nobody yet.
    Nobody,
    /// This one.
    One(I),
    /// One of several.
    Several,
}

/// A host or a service: one that is there, or one that a row makes.
#[derive(Debug, Clone)]
pub(crate) enum Named<I, A> {
    /// It is there.
    There(I),
    /// To be made like this.
    New(A),
}

pub(crate) type NamedHost = Named<HostId, HostAsked>;
pub(crate) type NamedService = Named<ServiceId, ServiceAsked>;

impl<I, A> Named<I, A> {
    pub(crate) const fn is_new(&self) -> bool {
        matches!(self, Self::New(_))
    }
}

/// Hosts or services by word.
pub(crate) struct Words<I>(HashMap<String, Meant<I>>);

impl<I: Clone> Words<I> {
    pub(crate) fn add(&mut self, word: String, id: I) {
        self.0.entry(word).and_modify(|meant| *meant = Meant::Several).or_insert(Meant::One(id));
    }

    pub(crate) fn get(&self, word: &str) -> Meant<I> {
        self.0.get(word).cloned().unwrap_or(Meant::Nobody)
    }
}

/// The hosts, by normalised e-mail address.
pub(crate) async fn hosts(store: &Store, tenant: Tenant) -> Result<Words<NamedHost>, StoreError> {
    let mut words = Words(HashMap::new());
    let mut after = None;
    loop {
        let page: Vec<Host> =
            store.read(|tx| Box::pin(host::list(tx, tenant, after, PAGE))).await?;
        let Some(last) = page.last() else { return Ok(words) };
        after = Some((last.created_at, last.id));
        for host in &page {
            words.add(normal(&host.email), Named::There(host.id));
        }
    }
}

/// The services, by name, however it is written in capitals.
pub(crate) async fn services(
    store: &Store,
    tenant: Tenant,
) -> Result<Words<NamedService>, StoreError> {
    let mut words = Words(HashMap::new());
    let mut after = None;
    loop {
        let page: Vec<Service> =
            store.read(|tx| Box::pin(service::list(tx, tenant, after, PAGE))).await?;
        let Some(last) = page.last() else { return Ok(words) };
        after = Some((last.created_at, last.id));
        for service in &page {
            words.add(service.name.trim().to_lowercase(), Named::There(service.id));
        }
    }
}
