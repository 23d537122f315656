//! Who is told when a booking has changed, or anything of a tenant's.
//!
//! One task per process asks the database, while somebody watches, how far the watched bookings
//! and tenants have come, and tells the watchers. So it does not matter which process made the
//! change, and a thousand open lobbies cost one statement every 200 ms.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use roomkey_core::id::BookingId;
use roomkey_store::{Store, StoreError, Tenant, booking, tenant};
use tokio::sync::{Notify, watch};

const EVERY: Duration = Duration::from_millis(200);
/// How many bookings are asked about in one statement.
const BATCH: usize = 500;

/// What is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    /// One booking.
    Booking(Tenant, BookingId),
    /// Everything that happens at a tenant.
    Tenant(Tenant),
}

/// The watcher. A clone is the same one.
#[derive(Clone)]
pub struct Watch(Arc<Inner>);

struct Inner {
    store: Store,
    watched: Mutex<HashMap<Key, watch::Sender<i64>>>,
    /// Rung when the first watcher comes.
    begun: Notify,
}

/// Somebody who watches one booking or a whole tenant, for as long as this lives.
pub struct Watcher(watch::Receiver<i64>);

impl Watcher {
    /// Waits for the next change; whether there was one. There is none when the program stops.
    /// What changed is read fresh from the database by whoever wants to know.
    pub async fn changed(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}

impl Watch {
    pub(crate) fn new(store: Store) -> Self {
        Self(Arc::new(Inner { store, watched: Mutex::new(HashMap::new()), begun: Notify::new() }))
    }

    /// Watches a booking. Watch first and read then: what changes after that is told.
    #[must_use]
    pub fn booking(&self, tenant: Tenant, id: BookingId) -> Watcher {
        self.watcher(Key::Booking(tenant, id))
    }

    /// Watches a tenant: every event of its bookings is a change. Watch first and read then.
    #[must_use]
    pub fn tenant(&self, tenant: Tenant) -> Watcher {
        self.watcher(Key::Tenant(tenant))
    }

    fn watcher(&self, key: Key) -> Watcher {
        let receiver =
            self.watched().entry(key).or_insert_with(|| watch::Sender::new(0)).subscribe();
        self.0.begun.notify_one();
        Watcher(receiver)
    }

    /// Waits until what was asked of a booking is done or waits for a person, for so long at the
    /// most.
    ///
    /// # Errors
    /// The database's.
    pub async fn settled(
        &self,
        tenant: Tenant,
        id: BookingId,
        patience: Duration,
    ) -> Result<(), StoreError> {
        let mut watcher = self.booking(tenant, id);
        let waiting = async {
            loop {
                let record = self
                    .0
                    .store
                    .read(|tx| Box::pin(async move { booking::get(tx, tenant, id).await }))
                    .await?;
                if record.is_none_or(|record| record.is_settled()) || !watcher.changed().await {
                    return Ok(());
                }
            }
        };
        tokio::time::timeout(patience, waiting).await.unwrap_or(Ok(()))
    }

    /// Asks and tells, for ever.
    pub(crate) async fn run(&self) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let keys = self.keys();
            if keys.is_empty() {
                self.0.begun.notified().await;
                continue;
            }
            for batch in keys.chunks(BATCH) {
                if let Err(error) = self.look(batch).await {
                    tracing::warn!(error.message = %error, "watched bookings were not looked at");
                }
            }
            ticks.tick().await;
        }
    }

    /// Lets all watchers go: nothing is told any more.
    pub(crate) fn end(&self) {
        self.watched().clear();
    }

    /// What somebody watches; what nobody watches any longer is forgotten.
    fn keys(&self) -> Vec<Key> {
        let mut watched = self.watched();
        watched.retain(|_, sender| sender.receiver_count() > 0);
        watched.keys().copied().collect()
    }

    async fn look(&self, keys: &[Key]) -> Result<(), StoreError> {
        let mut bookings = Vec::new();
        let mut tenants = Vec::new();
        for key in keys {
            match key {
                Key::Booking(tenant, id) => bookings.push((*tenant, *id)),
                Key::Tenant(tenant) => tenants.push(*tenant),
            }
        }
        let found: Vec<(Key, i64)> = self
            .0
            .store
            .read::<_, StoreError, _>(|tx| {
                Box::pin(async move {
                    let mut found = Vec::new();
                    if !bookings.is_empty() {
                        let versions = booking::versions(tx, &bookings).await?;
                        found.extend(
                            versions
                                .into_iter()
                                .map(|(of, id, seq, _)| (Key::Booking(of, id), seq)),
                        );
                    }
                    if !tenants.is_empty() {
                        let numbers = tenant::numbers(tx, &tenants).await?;
                        found.extend(
                            numbers.into_iter().map(|(of, number)| (Key::Tenant(of), number)),
                        );
                    }
                    Ok(found)
                })
            })
            .await?;
        let watched = self.watched();
        for (key, come) in found {
            if let Some(sender) = watched.get(&key) {
                sender.send_if_modified(|known| std::mem::replace(known, come) != come);
            }
        }
        Ok(())
    }

    fn watched(&self) -> MutexGuard<'_, HashMap<Key, watch::Sender<i64>>> {
        self.0.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
