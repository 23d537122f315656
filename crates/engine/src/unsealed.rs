//! Connections whose secrets could not be opened, once they can.
//!
//! The ring of sealing keys is read when a process starts, so that is the moment at which a sealing
//! key may have come back. The vendor has refused nothing: no person is needed to try again.

use std::time::Duration;

use roomkey_core::id::EventId;
use roomkey_core::route::Lane;
use roomkey_store::event::Event;
use roomkey_store::{Priority, StoreError, Tx, booking, connection, event, work};
use tokio_util::sync::CancellationToken;

use crate::engine::Engine;
use crate::line;
use crate::parts::Shared;
use crate::perform::{UNREADABLE, account};

/// How soon it is tried again if the database does not answer.
const AGAIN: Duration = Duration::from_secs(60);

impl Engine {
    /// Once, when the engine starts.
    pub(crate) async fn notice_sealing_keys(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            match self.mend_unsealed().await {
                Ok(0) => return,
                Ok(_) => return self.wake.notify_one(),
                Err(error) => {
                    line::of_trouble("connections in trouble were not looked at yet", &error);
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    }

    /// Clears the trouble of connections whose secrets can be opened again, and asks for a look at
    /// the bookings that waited for them. How many there were.
    ///
    /// # Errors
    /// The database's.
    async fn mend_unsealed(&self) -> Result<usize, StoreError> {
        let troubled = self.store().read(|tx| Box::pin(connection::troubled(tx))).await?;
        let mut count = 0;
        for record in troubled.into_iter().filter(|it| opens(&self.shared, it)) {
            let (shared, tenant, id) = (self.shared.clone(), record.tenant, record.connection.id);
            let cleared = self
                .store()
                .write(Priority::Background, move |tx| {
                    let (shared, record) = (shared.clone(), record.clone());
                    Box::pin(async move { clear(tx, &shared, &record).await })
                })
                .await?;
            if cleared {
                count += 1;
                line::of_open_secrets(tenant, id);
            }
        }
        Ok(count)
    }
}

/// Whether a connection was in trouble for its secrets, and no longer has to be.
fn opens(shared: &Shared, record: &connection::Record) -> bool {
    let trouble = record.connection.needs_reconnect.as_ref();
    trouble.is_some_and(|it| it.code == UNREADABLE) && account(shared, record).is_ok()
}

/// Bookings first: whoever has one in hand writes to its connection next.
async fn clear(
    tx: &mut Tx<'_>,
    shared: &Shared,
    seen: &connection::Record,
) -> Result<bool, StoreError> {
    let (tenant, id, now) = (seen.tenant, seen.connection.id, shared.store.now());
    let waiting = booking::waiting(tx, tenant, now).await?;
    let keys: Vec<_> = waiting.into_iter().map(|(booking, _)| (tenant, booking)).collect();
    let waiting = booking::lock_many(tx, &keys, true).await?;
    let held = connection::lock(tx, tenant, id).await?;
    if held.is_none_or(|it| it.revision != seen.revision || !opens(shared, &it)) {
        return Ok(false);
    }
    connection::set_trouble(tx, tenant, id, seen.revision, None).await?;
    let event = Event {
        id: EventId::new(now, shared.entropy.id()),
        booking: None,
        kind: "connection.recovered".to_owned(),
        seq: 0,
        at: now,
        actor: "roomkey".to_owned(),
        data: serde_json::json!({ "connection": id }).to_string(),
        number: None,
    };
    event::insert(tx, tenant, &event).await?;
    let ids: Vec<_> = waiting.iter().map(|it| it.booking.id).collect();
    booking::unsettle_waiting(tx, tenant, &ids, now).await?;
    for record in &waiting {
        let (id, start) = (record.booking.id, record.booking.start);
        work::enqueue(tx, tenant, id, Lane::Plan, start, now, now).await?;
    }
    Ok(true)
}
