//! What the web and the engine are made of.

use std::sync::Arc;
use std::time::Duration;

use roomkey_core::plan::Policy;
use roomkey_engine::SharedTokens;
use roomkey_messages::{Mailbox, Relay, RelaySettings};
use roomkey_providers::{Http, Providers};
use roomkey_store::Store;
use roomkey_vault::{Entropy, Ring};
use roomkey_web::proxies::TrustedProxies;
use secrecy::SecretString;
use tokio::sync::Notify;
use url::Url;

use crate::configuration::Configuration;
use crate::failure::Failure;

/// What the web and the engine are made of, and share.
pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) ring: Arc<Ring>,
    pub(crate) entropy: Entropy,
    providers: Arc<Providers>,
    wake: Arc<Notify>,
    public_url: Url,
    trusted_proxies: TrustedProxies,
    rate_limits: bool,
    zoom_webhook_secrets: Vec<SecretString>,
    stripe_webhook_secrets: Vec<SecretString>,
    relay: Option<RelaySettings>,
    mail_from: Mailbox,
    pub(super) policy: Policy,
    http_timeout: Duration,
    budgets: bool,
    user_daily_limit: u32,
}

impl Parts {
    /// Makes them of a configuration.
    pub(crate) fn new(configuration: &Configuration, store: Store) -> Result<Self, Failure> {
        let ring = configuration.ring.clone().ok_or_else(|| {
            Failure::Refused("there are no sealing keys; see `roomkey check`".to_owned())
        })?;
        let entropy = Entropy::system();
        let tokens = SharedTokens::new(store.clone(), Arc::clone(&ring), entropy.clone());
        let http = Http::new(configuration.http_timeout)?;
        let providers = Providers::new(http, configuration.addresses.clone());
        Ok(Self {
            store,
            ring,
            entropy,
            providers: Arc::new(providers.sharing(Arc::new(tokens))),
            wake: Arc::new(Notify::new()),
            public_url: configuration.public_url.clone(),
            trusted_proxies: configuration.trusted_proxies.clone(),
            rate_limits: configuration.rate_limits,
            zoom_webhook_secrets: configuration.zoom_webhook_secrets.clone(),
            stripe_webhook_secrets: configuration.stripe_webhook_secrets.clone(),
            relay: configuration.relay.clone(),
            mail_from: configuration.mail_from.clone(),
            policy: configuration.policy.clone(),
            http_timeout: configuration.http_timeout,
            budgets: configuration.budgets,
            user_daily_limit: configuration.user_daily_limit,
        })
    }

    /// How long a claim lasts.
    pub(super) const fn lease(&self) -> Duration {
        self.http_timeout.saturating_mul(3)
    }

    /// Those of the engine.
    pub(crate) fn for_engine(&self) -> Result<roomkey_engine::Parts, Failure> {
        Ok(roomkey_engine::Parts {
            store: self.store.clone(),
            ring: Arc::clone(&self.ring),
            entropy: self.entropy.clone(),
            providers: Arc::clone(&self.providers),
            relay: self.relay.as_ref().map(Relay::new).transpose()?,
            mail_from: self.mail_from.clone(),
            public_url: self.public_url.clone(),
            wake: Arc::clone(&self.wake),
            policy: self.policy.clone(),
            http_timeout: self.http_timeout,
            budgets: self.budgets,
            user_daily_limit: self.budgets.then_some(self.user_daily_limit),
        })
    }

    /// Those of the web.
    pub(super) fn for_web(self) -> roomkey_web::Parts {
        roomkey_web::Parts {
            store: self.store,
            ring: self.ring,
            entropy: self.entropy,
            providers: self.providers,
            wake: self.wake,
            public_url: self.public_url,
            mail_from: self.mail_from,
            trusted_proxies: self.trusted_proxies,
            rate_limits: self.rate_limits,
            user_daily_limit: self.budgets.then_some(self.user_daily_limit),
            zoom_webhook_secrets: self.zoom_webhook_secrets,
            stripe_webhook_secrets: self.stripe_webhook_secrets,
        }
    }
}
