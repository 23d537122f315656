//! What an engine is made of.

use std::sync::Arc;
use std::time::Duration;

use roomkey_core::plan::Policy;
use roomkey_messages::{Mailbox, Relay};
use roomkey_providers::Providers;
use roomkey_store::Store;
use roomkey_vault::{Entropy, Ring};
use tokio::sync::Notify;
use url::Url;

/// What an engine is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The sealing keys.
    pub ring: Arc<Ring>,
    /// The dice.
    pub entropy: Entropy,
    /// The vendors.
    pub providers: Arc<Providers>,
    /// The mail relay; without one, mails wait.
    pub relay: Option<Relay>,
    /// Who mails are from.
    pub mail_from: Mailbox,
    /// Where people find Roomkey.
    pub public_url: Url,
    /// Rung by whoever has committed a change.
    pub wake: Arc<Notify>,
    /// The figures of the plan.
    pub policy: Policy,
    /// How long one request to a vendor may take; a lease is three of them.
    pub http_timeout: Duration,
    /// Whether the vendors' budgets are kept.
    pub budgets: bool,
    /// What one vendor user may make and change a day (UTC), where vendors count it; nothing is
    /// counted without.
    pub user_daily_limit: Option<u32>,
}

/// What the engine's parts share while it runs.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) ring: Arc<Ring>,
    pub(crate) entropy: Entropy,
    pub(crate) providers: Arc<Providers>,
    pub(crate) relay: Option<Relay>,
    pub(crate) mail_from: Mailbox,
    pub(crate) public_url: Url,
    pub(crate) policy: Policy,
    /// Names this installation in markers.
    pub(crate) installation: String,
    /// How long a whole call may take, with all its requests.
    pub(crate) call_limit: Duration,
    /// How long a claim lasts.
    pub(crate) lease: Duration,
    /// What one vendor user may make and change a day (UTC).
    pub(crate) user_daily_limit: Option<u32>,
}

impl Shared {
    /// A number from 0 to 1 that is different each time.
    pub(crate) fn jitter(&self) -> f64 {
        let [high, low] = self.entropy.bytes::<2>();
        f64::from(u16::from_be_bytes([high, low])) / 65_536.0
    }
}
