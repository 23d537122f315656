//! Keeping an event until it is seen to.

use roomkey_core::id::EventId;
use roomkey_store::Priority;
use roomkey_store::inbound::{self, Inbound, Vendor};
use roomkey_vault::Place;
use sha2::{Digest as _, Sha256};

use super::ways::{self, Way};
use crate::app::App;
use crate::error::Problem;

/// Where a kept event's words rest.
pub(super) fn place(id: EventId) -> Place<'static> {
    Place { table: "inbound", row: id.uuid(), field: "sealed" }
}

/// Keeps an event as it came, sealed; whether it had not been said before. `said` is what makes it
/// the same if it comes again.
pub(super) async fn keep(
    app: &App,
    way: &Way,
    vendor: Vendor,
    name: &str,
    said: &str,
    body: &[u8],
) -> Result<bool, Problem> {
    let now = app.now();
    let id = EventId::new(now, app.desk.entropy.id());
    let inbound = Inbound {
        tenant: way.tenant,
        id,
        vendor,
        address: way.address.clone(),
        event: name.to_owned(),
        said: Sha256::digest(said.as_bytes()).into(),
        sealed: app.desk.ring.seal(&app.desk.entropy, place(id), body),
        received_at: now,
        tries: 0,
    };
    let kept = app.store().write(Priority::Interactive, move |tx| {
        let inbound = inbound.clone();
        Box::pin(async move { inbound::keep(tx, &inbound).await })
    });
    kept.await.map_err(|error| {
        tracing::warn!(error.message = %error, "a vendor's event was not kept; it is sent again");
        ways::unavailable()
    })
}
