//! Zoom meetings, by a server-to-server app.
//!
//! Zoom has no key of ours: a create whose answer was lost is found by the marker in its agenda.
//! `refusal` hears an answer, `errors` says what it means, `session` how one is had, `meetings` what
//! is asked, `insist` for what less, `wire` and `settings` how it is written.

mod addresses;
mod agenda;
mod dial_in;
mod errors;
pub mod events;
mod hosts;
mod insist;
mod meetings;
mod paths;
mod refusal;
mod session;
mod settings;
mod sightings;
mod token;
mod tokens;
mod transcripts;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use roomkey_core::Instant;
use roomkey_core::room::Spec;

use crate::contract::{
    Answer, Call, Capabilities, HostLink, Provider, Sighting, Transcript, VendorRoom,
};
use crate::http::Http;
use crate::shelf::Shelf;

pub use addresses::ZoomAddresses;

use session::Session;

/// Zoom.
#[derive(Debug)]
pub struct Zoom {
    http: Http,
    addresses: ZoomAddresses,
    tokens: tokens::Tokens,
}

impl Zoom {
    /// Zoom at these addresses.
    #[must_use]
    pub fn new(http: Http, addresses: ZoomAddresses) -> Self {
        Self { http, addresses, tokens: tokens::Tokens::default() }
    }

    /// The same, sharing access tokens with other processes.
    #[must_use]
    pub fn sharing(mut self, shelf: Arc<dyn Shelf>) -> Self {
        self.tokens = tokens::Tokens::sharing(shelf);
        self
    }
}

#[async_trait]
impl Provider for Zoom {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            create_is_idempotent: false,
            deletes: true,
            host_link: true,
            keeps_time: true,
            counts_user_calls: true,
            transcripts: true,
        }
    }

    async fn create(&self, call: &Call, marker: &str, spec: &Spec) -> Answer<VendorRoom> {
        let mut session = Session::new(self, call);
        let result = meetings::create(&mut session, marker, spec).await;
        session.answer(result)
    }

    async fn find(&self, call: &Call, marker: &str, spec: &Spec) -> Answer<Vec<VendorRoom>> {
        let mut session = Session::new(self, call);
        let result = meetings::find(&mut session, marker, spec).await;
        session.answer(result)
    }

    async fn sightings(
        &self,
        call: &Call,
        beginning: &str,
        from: Instant,
        to: Instant,
    ) -> Answer<Vec<Sighting>> {
        let mut session = Session::new(self, call);
        let result = sightings::sightings(&mut session, beginning, from, to).await;
        session.answer(result)
    }

    async fn update(
        &self,
        call: &Call,
        vendor_id: &str,
        marker: &str,
        spec: &Spec,
    ) -> Answer<VendorRoom> {
        let mut session = Session::new(self, call);
        let result = meetings::update(&mut session, vendor_id, marker, spec).await;
        session.answer(result)
    }

    async fn retire(&self, call: &Call, vendor_id: &str) -> Answer<()> {
        let mut session = Session::new(self, call);
        let result = meetings::retire(&mut session, vendor_id).await;
        session.answer(result)
    }

    async fn inspect(&self, call: &Call, vendor_id: &str) -> Answer<VendorRoom> {
        let mut session = Session::new(self, call);
        let result = meetings::inspect(&mut session, vendor_id).await;
        session.answer(result)
    }

    async fn host_link(&self, call: &Call, vendor_id: &str) -> Answer<HostLink> {
        let mut session = Session::new(self, call);
        let result = meetings::host_link(&mut session, vendor_id).await;
        session.answer(result)
    }

    async fn transcript(&self, call: &Call, instance: &str, file: &str) -> Answer<Transcript> {
        let mut session = Session::new(self, call);
        let result = transcripts::transcript(&mut session, instance, file).await;
        session.answer(result)
    }

    async fn check(&self, call: &Call) -> Answer<()> {
        let mut session = Session::new(self, call);
        let result = meetings::check(&mut session).await;
        session.answer(result)
    }
}
