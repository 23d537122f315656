//! Looking at a vendor user: what is there that carries our marker, and what this database knows
//! of it.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::failure::Failure;
use roomkey_core::id::{EffectId, RoomId};
use roomkey_core::room::{Ending, Fact, Moment, State};
use roomkey_core::route::{Connection, Lane, Place, connection_of};
use roomkey_providers::contract::{Answer, Call, Sighting, Trace, VendorRoom};
use roomkey_store::{StoreError, Tenant, Tx, connection, room, work};

use crate::marker::{beginning, room_of};
use crate::parts::Shared;
use crate::perform::account;
use crate::record::door;
use crate::situation::load;

/// Sessions are looked for from so long ago: what is older is nobody's trouble any more.
const BACK: Duration = Duration::from_secs(2 * 24 * 60 * 60);
/// And so far ahead.
const AHEAD: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// What is known of a room that was seen at a vendor.
pub(crate) enum Sighted {
    /// A room of this tenant.
    Known(Box<room::Record>),
    /// A room of another tenant of this installation, who looks after it.
    Elsewhere,
    /// A marker of ours, and no room.
    Unknown,
}

/// The connection by which a place is reached now.
pub(crate) fn reach<'a>(
    connections: &'a [connection::Record],
    place: &Place,
) -> Option<&'a connection::Record> {
    let all: Vec<&Connection> = connections.iter().map(|it| &it.connection).collect();
    let id = connection_of(place, all.into_iter())?.id;
    connections.iter().find(|it| it.connection.id == id)
}

/// A call by a connection.
pub(crate) fn call(
    shared: &Shared,
    connection: &connection::Record,
    place: &Place,
) -> Result<Call, Failure> {
    let account = account(shared, connection).map_err(Failure::NeedsReconnect)?;
    Ok(Call { account, place: place.clone(), now: shared.store.now(), passcode: None })
}

/// Everything on a vendor user that carries a marker of this installation.
pub(crate) async fn sightings(
    shared: &Shared,
    connection: &connection::Record,
    place: &Place,
) -> Answer<Vec<Sighting>> {
    let call = match call(shared, connection, place) {
        Ok(call) => call,
        Err(failure) => return Answer { result: Err(failure), trace: Trace::default() },
    };
    let (from, to) = (call.now.minus(BACK), call.now.plus(AHEAD));
    let provider = shared.providers.get(place.provider);
    let beginning = beginning(&shared.installation);
    let asked = provider.sightings(&call, &beginning, from, to);
    tokio::time::timeout(shared.call_limit, asked).await.unwrap_or_else(|_| unanswered())
}

/// A room that a list showed, read by its id: lists may be behind.
pub(crate) async fn inspect(
    shared: &Shared,
    connection: &connection::Record,
    place: &Place,
    vendor_id: &str,
) -> Result<VendorRoom, Failure> {
    let call = call(shared, connection, place)?;
    let asked = shared.providers.get(place.provider).inspect(&call, vendor_id);
    tokio::time::timeout(shared.call_limit, asked).await.unwrap_or_else(|_| unanswered()).result
}

/// Removes a room that no booking knows.
pub(crate) async fn remove(
    shared: &Shared,
    connection: &connection::Record,
    place: &Place,
    vendor_id: &str,
) -> Result<(), Failure> {
    let call = call(shared, connection, place)?;
    let asked = shared.providers.get(place.provider).retire(&call, vendor_id);
    tokio::time::timeout(shared.call_limit, asked).await.unwrap_or_else(|_| unanswered()).result
}

pub(crate) fn unanswered<T>() -> Answer<T> {
    let reason =
        roomkey_core::failure::Reason::new("no_answer", "The vendor did not answer in time.");
    Answer { result: Err(Failure::Transient(reason)), trace: Trace::default() }
}

/// What this database knows of what was seen. To be asked after the vendor: a room is written down
/// before it is made, so whatever was seen and is ours is known by then.
pub(crate) async fn sort(
    tx: &mut Tx<'_>,
    installation: &str,
    tenant: Tenant,
    place: &Place,
    sightings: &[Sighting],
) -> Result<Vec<Sighted>, StoreError> {
    if sightings.is_empty() {
        return Ok(Vec::new());
    }
    let named: Vec<Option<RoomId>> =
        sightings.iter().map(|it| room_of(installation, &it.marker)).collect();
    let ids: Vec<RoomId> = named.iter().flatten().copied().collect();
    let by_marker: HashMap<RoomId, room::Record> =
        room::of_ids(tx, tenant, &ids).await?.into_iter().map(|it| (it.room.id, it)).collect();
    let vendor_ids: Vec<String> = sightings.iter().map(|it| it.vendor_id.clone()).collect();
    let mut by_vendor_id = HashMap::new();
    if let Some(connection) = place.connection {
        for record in room::of_vendor_ids(tx, tenant, connection, &vendor_ids).await? {
            if let Some(vendor_id) = record.room.vendor_id.clone() {
                by_vendor_id.insert(vendor_id, record);
            }
        }
    }
    let strangers: Vec<RoomId> =
        ids.iter().filter(|id| !by_marker.contains_key(id)).copied().collect();
    let elsewhere: HashSet<RoomId> = if strangers.is_empty() {
        HashSet::new()
    } else {
        room::anywhere(tx, &strangers).await?.into_iter().collect()
    };
    // A marker that was copied beside another one makes nobody a stranger.
    let known_ids: HashSet<&str> = sightings
        .iter()
        .zip(&named)
        .filter(|(_, id)| {
            id.is_some_and(|id| by_marker.contains_key(&id) || elsewhere.contains(&id))
        })
        .map(|(it, _)| it.vendor_id.as_str())
        .collect();
    let mut sorted = Vec::with_capacity(sightings.len());
    for (sighting, id) in sightings.iter().zip(&named) {
        let named = id.and_then(|id| by_marker.get(&id));
        if let Some(record) = named.or_else(|| by_vendor_id.get(&sighting.vendor_id)) {
            sorted.push(Sighted::Known(Box::new(record.clone())));
            continue;
        }
        sorted.push(match id {
            Some(id) if elsewhere.contains(id) => Sighted::Elsewhere,
            Some(_) | None if known_ids.contains(sighting.vendor_id.as_str()) => Sighted::Elsewhere,
            Some(_) | None => Sighted::Unknown,
        });
    }
    Ok(sorted)
}

/// Whether a room is one that this database has given up, so that being there is news.
pub(crate) const fn is_given_up(state: State) -> bool {
    match state {
        State::Lost { .. } => true,
        State::Gone(ending) => match ending {
            Ending::Refused
            | Ending::Rejected
            | Ending::PutOff
            | Ending::UserUnknown
            | Ending::Removed
            | Ending::Vanished => true,
        },
        State::Intended
        | State::Unknown { .. }
        | State::Live
        | State::Doubtful { .. }
        | State::Retiring
        | State::Stuck => false,
    }
}

/// Writes down that rooms are there which had been given up, and asks for looks: the plan keeps
/// such a room if nothing better is there, and retires it otherwise. How many were news.
pub(crate) async fn found(
    tx: &mut Tx<'_>,
    shared: &Shared,
    back: &[(room::Record, VendorRoom)],
    now: Instant,
) -> Result<usize, StoreError> {
    let mut keys: Vec<_> = back.iter().map(|(it, _)| (it.tenant, it.booking)).collect();
    keys.sort_by_key(|(_, booking)| *booking);
    keys.dedup();
    let mut loaded = load(tx, &keys, true, shared, now).await?;
    let mut news = 0;
    for (record, seen) in back {
        let Some(loaded) = loaded.get_mut(&record.booking) else { continue };
        let start = loaded.record.booking.start;
        let moment =
            Moment { now, start, settle: shared.policy.settle, schedule: &shared.policy.schedule };
        let same = |it: &&mut room::Record| it.room.id == record.room.id;
        let Some(fresh) = loaded.rooms.iter_mut().find(same) else { continue };
        if !is_given_up(fresh.room.state) {
            continue;
        }
        let before = fresh.room.clone();
        // No effect asked for this: one that is under way goes on.
        let nobodys = EffectId::new(now, shared.entropy.id());
        let fact = Fact::Found { vendor_id: seen.vendor_id.clone(), seen: seen.seen.clone() };
        fresh.room.answer(nobodys, fact, &moment);
        if fresh.room == before {
            continue;
        }
        room::update(tx, record.tenant, &fresh.room).await?;
        let door = door(shared, fresh.room.id, seen, &fresh.door);
        room::set_door(tx, record.tenant, fresh.room.id, &door).await?;
        work::enqueue(tx, record.tenant, record.booking, Lane::Plan, start, now, now).await?;
        news += 1;
    }
    Ok(news)
}
