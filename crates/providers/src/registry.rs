//! Which adapter speaks for which provider.

use std::sync::Arc;

use roomkey_core::route;

use crate::contract::Provider;
use crate::http::Http;
use crate::link::Link;
use crate::shelf::Shelf;
use crate::zoom::{Zoom, ZoomAddresses};

/// Where the vendors are. The default is where everybody finds them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Zoom's.
    pub zoom: ZoomAddresses,
}

/// All adapters. There is one of these in a process: access tokens are kept in it, and on the shelf
/// that it shares with others.
#[derive(Debug)]
pub struct Providers {
    zoom: Zoom,
    link: Link,
}

impl Providers {
    /// All adapters, calling through this client.
    #[must_use]
    pub fn new(http: Http, addresses: Addresses) -> Self {
        Self { zoom: Zoom::new(http, addresses.zoom), link: Link }
    }

    /// The same, sharing access tokens with other processes.
    #[must_use]
    pub fn sharing(self, shelf: Arc<dyn Shelf>) -> Self {
        Self { zoom: self.zoom.sharing(shelf), link: self.link }
    }

    /// The adapter of a provider.
    #[must_use]
    pub fn get(&self, provider: route::Provider) -> &dyn Provider {
        match provider {
            route::Provider::Zoom => &self.zoom,
            route::Provider::Link => &self.link,
        }
    }
}
