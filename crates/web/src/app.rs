//! What everything in this crate is made of, and what runs beside the requests.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_messages::Mailbox;
use roomkey_providers::Providers;
use roomkey_store::{Priority, Store, StoreError, idempotency, inbound, retired_link, session};
use roomkey_vault::{Entropy, Ring};
use secrecy::SecretString;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::desk::Desk;
use crate::error::Problem;
use crate::hooks::{self, Ways};
use crate::limits::Limits;
use crate::proxies::TrustedProxies;
use crate::watch::Watch;

/// How often old answers, sessions and replaced links are forgotten.
const SWEEP: Duration = Duration::from_secs(60 * 60);
/// How often the clock is asked whether it is time to.
const TICK: Duration = Duration::from_secs(60);

/// What an [`App`] is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The sealing keys.
    pub ring: Arc<Ring>,
    /// The dice.
    pub entropy: Entropy,
    /// The vendors, for what is read live.
    pub providers: Arc<Providers>,
    /// Rung after a change is committed; the engine listens.
    pub wake: Arc<Notify>,
    /// Where people find Roomkey.
    pub public_url: Url,
    /// Who mails and calendar files are from.
    pub mail_from: Mailbox,
    /// Whose word on the client's address is believed.
    pub trusted_proxies: TrustedProxies,
    /// Whether our own limits are kept: on guessing, and for each link and API key.
    pub rate_limits: bool,
    /// What one vendor user may make and change a day (UTC), where vendors count it and we keep count.
    pub user_daily_limit: Option<u32>,
    /// What Zoom signs the events of the installation's own app with; the present one first.
    pub zoom_webhook_secrets: Vec<SecretString>,
    /// What Stripe signs the events with of tenants that have no secret of their own.
    pub stripe_webhook_secrets: Vec<SecretString>,
}

/// Everything that a request may need. A clone is the same one.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What an [`App`] holds.
pub struct Inner {
    /// The commands, and what they are given with.
    pub desk: Desk,
    /// The vendors, for what is read live.
    pub providers: Arc<Providers>,
    /// Where people find Roomkey.
    pub public_url: Url,
    /// Who mails and calendar files are from.
    pub mail_from: Mailbox,
    /// Whose word on the client's address is believed.
    pub trusted_proxies: TrustedProxies,
    /// What one vendor user may make and change a day (UTC), if that is counted.
    pub user_daily_limit: Option<u32>,
    /// Where vendors' events come to.
    pub(crate) ways: Ways,
    /// Rung when a payment has been told of.
    pub(crate) told: Notify,
    /// Our own limits, and how far they are used up.
    pub limits: Limits,
    /// Who is told when a booking has changed.
    pub watch: Watch,
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let watch = Watch::new(parts.store.clone());
        Self(Arc::new(Inner {
            desk: Desk {
                store: parts.store,
                ring: parts.ring,
                entropy: parts.entropy,
                wake: parts.wake,
                rehearsal: None,
            },
            providers: parts.providers,
            public_url: parts.public_url,
            mail_from: parts.mail_from,
            trusted_proxies: parts.trusted_proxies,
            user_daily_limit: parts.user_daily_limit,
            ways: Ways::new(parts.zoom_webhook_secrets, parts.stripe_webhook_secrets),
            told: Notify::new(),
            limits: Limits::new(parts.rate_limits),
            watch,
        }))
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.desk.store
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.desk.store.now()
    }

    /// An address of ours: `path` below the public address, without a leading slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// Sees to what was told of payments until nothing of it waits, as [`App::background`] does by
    /// itself; answers how much it was.
    ///
    /// # Errors
    /// [`Problem`]: the database does not answer.
    pub async fn see_to_payments(&self) -> Result<usize, Problem> {
        hooks::see_to(self).await
    }

    /// Starts what runs beside the requests, until it is cancelled.
    pub fn background(&self, tracker: &TaskTracker, cancel: CancellationToken) {
        let watch = self.watch.clone();
        let stop = cancel.clone();
        tracker.spawn(async move {
            stop.run_until_cancelled(watch.run()).await;
            // An open lobby is no reason for the program to stay.
            watch.end();
        });
        tracker
            .spawn(cancel.clone().run_until_cancelled_owned(hooks::keep_seeing_to(self.clone())));
        let store = self.desk.store.clone();
        tracker.spawn(cancel.run_until_cancelled_owned(async move { sweep(&store).await }));
    }
}

/// Forgets what was kept long enough, once an hour by the store's clock.
async fn sweep(store: &Store) {
    let mut last = store.now();
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now = store.now();
        if now < last.plus(SWEEP) {
            continue;
        }
        last = now;
        let swept = store
            .write(Priority::Background, move |tx| {
                Box::pin(async move {
                    idempotency::sweep(tx, now).await?;
                    session::sweep(tx, now).await?;
                    inbound::sweep(tx, now).await?;
                    retired_link::sweep(tx, now).await?;
                    Ok::<_, StoreError>(())
                })
            })
            .await;
        if let Err(error) = swept {
            tracing::warn!(error.message = %error, "old answers, sessions and events were not forgotten");
        }
    }
}
