//! Which adapter speaks for which provider.

use roomkey_core::route;

use crate::contract::Provider;
use crate::http::Http;
use crate::link::Link;
use crate::zoom::{Zoom, ZoomAddresses};

/// Where the vendors are. The default is where everybody finds them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Zoom's.
    pub zoom: ZoomAddresses,
}

/// All adapters. There is one of these in a process: access tokens are kept in it.
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

    /// The adapter of a provider.
    #[must_use]
    pub fn get(&self, provider: route::Provider) -> &dyn Provider {
        match provider {
            route::Provider::Zoom => &self.zoom,
            route::Provider::Link => &self.link,
        }
    }
}
