//! What vendors of rooms told us is seen to: kept events become facts about rooms, and what people
//! want to know of their sessions. Nothing is decided here: the plan is asked afterwards, from fresh
//! state.
//!
//! An event is seen to in the transaction that says so, under the lock of its booking, so that a
//! kill loses nothing and two processes do nothing twice. Events come in any order; each is judged
//! by when it happened.

mod account;
mod apply;
mod people;
mod read;
mod recordings;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::id::EventId;
use roomkey_core::route::Lane;
use roomkey_store::event::Event;
use roomkey_store::inbound::Vendor;
use roomkey_store::{StoreError, Tx, attendance, booking, event, inbound, work};

use crate::parts::Shared;
use crate::situation::{Loaded, load};

use read::Understood;

/// How soon it is looked again whether the meeting of an event has become known.
const UNKNOWN_AGAIN: Duration = Duration::from_secs(2);
/// And how soon once it has been unknown for longer than an answer takes.
const UNKNOWN_LATER: Duration = Duration::from_secs(60);

/// Sees to events that wait, oldest first; answers how many there were.
pub(crate) async fn see_to(
    tx: &mut Tx<'_>,
    shared: &Arc<Shared>,
    limit: u32,
    now: Instant,
) -> Result<usize, StoreError> {
    let kept = inbound::due(tx, Vendor::Zoom, now, limit).await?;
    let count = kept.len();
    let mut told: Vec<Understood> = Vec::new();
    for kept in kept {
        match read::read(tx, shared, &kept, now).await? {
            read::Read::Understood(understood) => told.push(*understood),
            read::Read::Nothing => {}
            read::Read::TooEarly => {
                inbound::wait(tx, &kept, soon(kept.received_at, now)).await?;
                continue;
            }
            read::Read::NotNow => {
                inbound::put_off(tx, &kept, now).await?;
                continue;
            }
        }
        inbound::done(tx, &kept).await?;
    }
    // By Zoom's own clock, whatever ours said when they came.
    told.sort_by_key(|it| it.event.at.unwrap_or(it.at));
    let mut keys: BTreeMap<_, _> = BTreeMap::new();
    for (tenant, booking, _) in told.iter().flat_map(|it| &it.rooms) {
        keys.insert(*booking, *tenant);
    }
    let keys: Vec<_> = keys.into_iter().map(|(booking, tenant)| (tenant, booking)).collect();
    let mut loaded = if keys.is_empty() {
        Default::default()
    } else {
        load(tx, &keys, true, shared, now).await?
    };
    let mut touched = HashSet::new();
    let mut heard = HashSet::new();
    for understood in &told {
        for (tenant, booking, room) in &understood.rooms {
            let Some(loaded) = loaded.get_mut(booking).filter(|it| it.tenant() == *tenant) else {
                continue;
            };
            if apply::apply(tx, shared, loaded, *room, understood, now).await? {
                touched.insert(*booking);
            }
        }
        for (tenant, connection) in &understood.connections {
            if heard.insert(*connection) {
                inbound::heard(tx, *tenant, *connection, now).await?;
            }
        }
        account::apply(tx, shared, understood, now).await?;
    }
    let mut touched: Vec<_> = touched.into_iter().collect();
    touched.sort();
    for id in touched {
        if let Some(loaded) = loaded.get(&id) {
            let (tenant, start) = (loaded.tenant(), loaded.record.booking.start);
            work::enqueue(tx, tenant, id, Lane::Plan, start, now, now).await?;
        }
    }
    Ok(count)
}

/// An event that cannot be seen to keeps none of the others waiting.
pub(crate) async fn put_off(tx: &mut Tx<'_>, now: Instant) -> Result<(), StoreError> {
    for kept in inbound::due(tx, Vendor::Zoom, now, 1).await? {
        inbound::put_off(tx, &kept, now).await?;
    }
    Ok(())
}

/// An answer mostly comes within seconds. One that was lost is looked for within a minute or two.
fn soon(received_at: Instant, now: Instant) -> Instant {
    let young = now.since(received_at) < UNKNOWN_LATER.saturating_mul(2);
    now.plus(if young { UNKNOWN_AGAIN } else { UNKNOWN_LATER })
}

/// Tells of sessions' people, each at most once a minute; answers of how many.
pub(crate) async fn tell(
    tx: &mut Tx<'_>,
    shared: &Arc<Shared>,
    limit: u32,
    now: Instant,
) -> Result<usize, StoreError> {
    let keys = attendance::due(tx, now, limit).await?;
    if keys.is_empty() {
        return Ok(0);
    }
    let mut count = 0;
    for (id, mut loaded) in load(tx, &keys, false, shared, now).await? {
        let tenant = loaded.tenant();
        if !attendance::told(tx, tenant, id, now).await? {
            continue;
        }
        count += 1;
        let people = people::of(tx, shared, tenant, id, now).await?;
        happened(tx, shared, &mut loaded, "attendance.updated", people, now).await?;
    }
    Ok(count)
}

/// Writes down that something happened to a booking, as the vendor told.
async fn happened(
    tx: &mut Tx<'_>,
    shared: &Shared,
    loaded: &mut Loaded,
    kind: &str,
    data: serde_json::Value,
    now: Instant,
) -> Result<(), StoreError> {
    loaded.record.seq += 1;
    loaded.record.updated_at = now;
    let event = Event {
        id: EventId::new(now, shared.entropy.id()),
        booking: Some(loaded.id()),
        kind: kind.to_owned(),
        seq: loaded.record.seq,
        at: now,
        actor: "vendor".to_owned(),
        data: data.to_string(),
        number: None,
    };
    event::insert(tx, loaded.tenant(), &event).await?;
    booking::update_seen(tx, &loaded.record).await
}
