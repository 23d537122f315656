//! What the sweeps have to say to people: that they are off, and what nobody knows.

use roomkey_core::Instant;
use roomkey_core::failure::Reason;
use roomkey_store::{StoreError, Tenant, Tx, installation, sweep};

/// What the sweeps have to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sweeps {
    /// Since when they are off, if they are; for the whole installation.
    pub(crate) off_since: Option<Instant>,
    /// What they know of the tenant.
    pub(crate) known: sweep::Known,
}

impl Sweeps {
    pub(crate) async fn load(tx: &mut Tx<'_>, tenant: Tenant) -> Result<Self, StoreError> {
        Ok(Self {
            off_since: installation::sweeps_off_since(tx).await?,
            known: sweep::known(tx, tenant).await?,
        })
    }

    /// What a person should look at.
    pub(crate) fn reasons(&self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if let Some(since) = self.off_since {
            reasons.push(Reason::new(
                "sweeps_off",
                format!(
                    "Sweeps have been off since {since}, as after a restored backup: rooms that only a sweep would find stay at the vendor. \
                     Look with `roomkey reconcile plan`, then switch them on with `roomkey sweeps on`."
                ),
            ));
        }
        match self.known.unknown_rooms {
            0 => {}
            1 => reasons.push(unknown(
                "One room at the vendor carries our mark and belongs to no booking here.",
            )),
            count => reasons.push(unknown(&format!(
                "{count} rooms at the vendor carry our mark and belong to no booking here."
            ))),
        }
        reasons
    }
}

fn unknown(what: &str) -> Reason {
    Reason::new(
        "unknown_rooms",
        format!(
            "{what} See them with `roomkey reconcile plan`; `roomkey reconcile apply` removes them."
        ),
    )
}
