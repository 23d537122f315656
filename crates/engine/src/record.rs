//! Writing down what came back: always, whatever has happened to lease, revision or route in the
//! meantime. Then the booking is looked at again.

use std::sync::Arc;

use roomkey_core::Instant;
use roomkey_core::failure::{Failure, Reason, ThrottleScope};
use roomkey_core::id::{AttemptId, ConnectionId, EventId, RoomId};
use roomkey_core::room::Moment;
use roomkey_core::route::Lane;
use roomkey_providers::contract::VendorRoom;
use roomkey_store::attempt::Attempt;
use roomkey_store::event::Event;
use roomkey_store::message::{State, Told};
use roomkey_store::room::Door;
use roomkey_store::{
    StoreError, Tenant, Tx, attempt, booking, connection, event, lane, message, room,
};
use roomkey_vault::Place;
use secrecy::ExposeSecret as _;

use crate::budget;
use crate::door;
use crate::job::{Came, Delivery, Outcome, Outgoing, VendorOutcome};
use crate::lanes::Lanes;
use crate::look::{arrange, look};
use crate::parts::Shared;
use crate::situation::{Loaded, load};

/// Writes down outcomes, of any bookings.
pub(crate) async fn record(
    tx: &mut Tx<'_>,
    shared: &Arc<Shared>,
    outcomes: &[Arc<Outcome>],
    learnt: &Learnt,
    now: Instant,
) -> Result<(), StoreError> {
    let mut keys: Vec<_> =
        outcomes.iter().map(|it| (it.claimed.tenant, it.claimed.booking)).collect();
    keys.sort_by_key(|(_, booking)| *booking);
    keys.dedup();
    let mut loaded = load(tx, &keys, true, shared, now).await?;
    for outcome in outcomes {
        let Some(booking) = loaded.get_mut(&outcome.claimed.booking) else { continue };
        match &outcome.came {
            Came::Vendor(came) => {
                learn(tx, shared, booking, came, now).await?;
            }
            Came::Mail(mails) => {
                for (outgoing, delivery) in mails {
                    delivered(tx, shared, booking, outgoing, delivery, now).await?;
                }
            }
        }
        booking.refresh();
        let plan = look(tx, booking, &shared.policy, &shared.entropy, now).await?;
        arrange(tx, &outcome.claimed, booking, &plan, false, now).await?;
    }
    for state in &learnt.lanes {
        lane::set(tx, state).await?;
    }
    budget::settle(tx, shared, outcomes, &learnt.users, now).await
}

async fn learn(
    tx: &mut Tx<'_>,
    shared: &Shared,
    loaded: &mut Loaded,
    came: &VendorOutcome,
    now: Instant,
) -> Result<(), StoreError> {
    let tenant = loaded.tenant();
    let moment = Moment {
        now,
        start: loaded.record.booking.start,
        settle: shared.policy.settle,
        schedule: &shared.policy.schedule,
    };
    let booking = loaded.id();
    let Some(record) = loaded.rooms.iter_mut().find(|it| it.room.id == came.task.room) else {
        return Ok(());
    };
    match came.task.effect {
        Some(effect) => record.room.answer(effect, came.fact.clone(), &moment),
        None => record.room.learn(came.fact.clone(), &moment),
    }
    room::update(tx, tenant, &record.room).await?;
    if let Some(seen) = &came.seen {
        let door = door(shared, came.task.room, seen, &record.door);
        room::set_door(tx, tenant, came.task.room, &door).await?;
        record.door = door;
    }
    let attempt = Attempt {
        id: AttemptId::new(came.started_at, shared.entropy.id()),
        booking,
        room: came.task.room,
        operation: came.task.ask.as_str().to_owned(),
        started_at: came.started_at,
        took: came.took,
        outcome: came.failure.as_ref().map_or("ok", Failure::class).to_owned(),
        status: came.trace.status,
        code: came.trace.code.clone(),
        request_id: came.trace.request_id.clone(),
        message: came.failure.as_ref().map(|failure| failure.reason().message),
    };
    attempt::insert(tx, tenant, &attempt).await?;
    match (&came.failure, &came.task.connection) {
        (Some(Failure::NeedsReconnect(reason)), Some(used)) => {
            let id = used.connection.id;
            connection::set_trouble(tx, tenant, id, used.revision, Some(reason)).await?;
            // What follows in this transaction should see it too, unless somebody has pasted new
            // credentials meanwhile.
            let fresh = loaded
                .connections
                .iter()
                .any(|it| it.connection.id == id && it.revision != used.revision);
            if fresh {
                return Ok(());
            }
            for known in &mut loaded.situation.connections {
                if known.id == id {
                    known.needs_reconnect = Some(reason.clone());
                }
            }
            let event = Event {
                id: EventId::new(now, shared.entropy.id()),
                booking: None,
                kind: "connection.needs_reconnect".to_owned(),
                seq: 0,
                at: now,
                actor: "vendor".to_owned(),
                data: serde_json::json!({ "connection": id, "reason": reason }).to_string(),
                number: None,
            };
            if used.connection.needs_reconnect.is_none() {
                event::insert(tx, tenant, &event).await?;
            }
        }
        (None, Some(used)) => {
            // Once a minute is often enough to know that it works.
            let stale = used.checked_at.is_none_or(|at| now.since(at).as_secs() >= 60);
            if stale {
                connection::set_checked(tx, tenant, used.connection.id, now).await?;
            }
        }
        (Some(_) | None, Some(_) | None) => {}
    }
    Ok(())
}

/// What a room's doors need, with its secrets sealed. Vendors do not always say everything: what is
/// known is kept.
pub(crate) fn door(shared: &Shared, room: RoomId, seen: &VendorRoom, before: &Door) -> Door {
    let place = Place { table: "rooms", row: room.uuid(), field: "door" };
    let known = || {
        let secrets = shared.ring.open_text(place, before.sealed.as_deref()?).ok()?;
        serde_json::from_str(secrets.expose_secret()).ok()
    };
    let secrets = door::secrets(seen, &known().unwrap_or_default());
    Door {
        sealed: Some(shared.ring.seal(&shared.entropy, place, secrets.to_string().as_bytes())),
        instance: seen.instance.clone(),
        number: seen.number.clone(),
        owner: seen.owner.clone(),
    }
}

async fn delivered(
    tx: &mut Tx<'_>,
    shared: &Shared,
    loaded: &mut Loaded,
    outgoing: &Outgoing,
    delivery: &Delivery,
    now: Instant,
) -> Result<(), StoreError> {
    let tenant = loaded.tenant();
    let id = outgoing.message;
    let again = || {
        let start = loaded.record.booking.start;
        let low = u32::try_from(id.uuid().as_u128() & 0xffff).unwrap_or(0);
        let jitter = f64::from(low) / 65_535.0;
        shared.policy.schedule.next(outgoing.attempts.max(1), now, start, jitter)
    };
    let (state, next_at, settled_at, trouble, counts) = match delivery {
        Delivery::Sent => (State::Sent, now, Some(now), None, true),
        Delivery::NotBegun => (State::Queued, now, None, None, false),
        Delivery::Later(why) | Delivery::PutOff(why) => {
            (State::Queued, again(), None, Some(why.as_str()), false)
        }
        Delivery::Refused(why) => (State::Failed, now, Some(now), Some(why.as_str()), true),
        // It counts as told: if nothing has changed the same bytes go again.
        Delivery::Unknown(why) => (State::Queued, again(), None, Some(why.as_str()), true),
    };
    if loaded.queued.get(&outgoing.person).is_none_or(|queued| queued.id != id) {
        // Something newer is said by now, or nothing: this outcome is of its own row alone.
        if state != State::Queued {
            message::update(tx, tenant, id, state, next_at, settled_at, trouble).await?;
        }
        return Ok(());
    }
    message::update(tx, tenant, id, state, next_at, settled_at, trouble).await?;
    if counts {
        let sequence = loaded.told.get(&outgoing.person).map_or(-1, |told| told.sequence);
        let told =
            Told { person: outgoing.person, said: Some(outgoing.statement.clone()), sequence };
        message::set_told(tx, tenant, loaded.id(), &told).await?;
        loaded.told.insert(outgoing.person, told);
    }
    if state == State::Queued {
        if let Some(queued) = loaded.queued.get_mut(&outgoing.person) {
            queued.sending_until = None;
            queued.next_at = next_at;
        }
        return Ok(());
    }
    loaded.queued.remove(&outgoing.person);
    loaded.record.seq += 1;
    loaded.record.updated_at = now;
    let kind = if state == State::Sent { "message.sent" } else { "message.failed" };
    let event = Event {
        id: EventId::new(now, shared.entropy.id()),
        booking: Some(loaded.id()),
        kind: kind.to_owned(),
        seq: loaded.record.seq,
        at: now,
        actor: "roomkey".to_owned(),
        data: serde_json::json!({ "message": id, "person": outgoing.person }).to_string(),
        number: None,
    };
    event::insert(tx, tenant, &event).await?;
    booking::update_seen(tx, &loaded.record).await
}

/// What outcomes have taught, for everybody else's calls; to be written down.
#[derive(Debug, Default)]
pub(crate) struct Learnt {
    pub(crate) lanes: Vec<lane::State>,
    users: Vec<Silence>,
}

/// A vendor user whose circuit has opened, or closed.
#[derive(Debug)]
pub(crate) struct Silence {
    pub(crate) tenant: Tenant,
    pub(crate) connection: ConnectionId,
    pub(crate) user: String,
    /// Nobody asks about the user before; in the past once the vendor has answered.
    pub(crate) until: Instant,
}

/// Takes in what outcomes say about lanes and vendor users.
pub(crate) fn learn_lanes(lanes: &Lanes, outcomes: &[Outcome], now: Instant) -> Learnt {
    let mut learnt = Learnt::default();
    for outcome in outcomes {
        let (lane, tenant): (Lane, Tenant) = (outcome.claimed.lane, outcome.claimed.tenant);
        lanes.ended(lane, tenant, now);
        match &outcome.came {
            Came::Vendor(came) => {
                learnt.lanes.extend(heard(lanes, lane, came.failure.as_ref(), now));
                learnt.users.extend(heard_of_user(lanes, tenant, came, now));
            }
            Came::Mail(mails) => learnt.lanes.extend(heard_of_relay(lanes, lane, mails, now)),
        }
    }
    learnt
}

/// A relay that has taken, refused or put off one mail works, whatever became of the others.
fn heard_of_relay(
    lanes: &Lanes,
    lane: Lane,
    mails: &[(Outgoing, Delivery)],
    now: Instant,
) -> Option<lane::State> {
    let mut silence = None;
    for (_, delivery) in mails {
        match delivery {
            Delivery::Sent | Delivery::Refused(_) | Delivery::PutOff(_) => {
                return closed(lanes, lane, now);
            }
            Delivery::Later(why) | Delivery::Unknown(why) => silence = Some(why),
            Delivery::NotBegun => {}
        }
    }
    let reason = Reason::new("mail_relay", silence?.clone());
    lanes.silent(lane, &reason, now)
}

/// What an answer, or none, says about the vendor user whom the call was about.
fn heard_of_user(
    lanes: &Lanes,
    tenant: Tenant,
    came: &VendorOutcome,
    now: Instant,
) -> Option<Silence> {
    let place = &came.task.place;
    let connection = place.connection?;
    let until = if is_silence(came.failure.as_ref()) {
        lanes.user_silent(connection, &place.user, now)?
    } else {
        lanes.user_answered(connection, &place.user).then_some(now)?
    };
    Some(Silence { tenant, connection, user: place.user.clone(), until })
}

/// Whether the vendor did not answer, or only that it could not.
const fn is_silence(failure: Option<&Failure>) -> bool {
    match failure {
        Some(Failure::Unknown(_) | Failure::Transient(_)) => true,
        Some(
            Failure::Throttled { .. }
            | Failure::NeedsReconnect(_)
            | Failure::Rejected(_)
            | Failure::UnknownUser(_)
            | Failure::Gone
            | Failure::Occupied,
        )
        | None => false,
    }
}

/// The news that a circuit is closed, if it was open.
fn closed(lanes: &Lanes, lane: Lane, now: Instant) -> Option<lane::State> {
    lanes.answered(lane, now).then_some(lane::State {
        lane,
        paused_until: now,
        failures: 0,
        reason: None,
    })
}

/// What one answer of a vendor, or none, says about its lane.
pub(crate) fn heard(
    lanes: &Lanes,
    lane: Lane,
    failure: Option<&Failure>,
    now: Instant,
) -> Option<lane::State> {
    match failure {
        Some(Failure::Throttled { until, scope: ThrottleScope::Account, reason }) => {
            Some(lanes.pause(lane, *until, reason, now))
        }
        Some(Failure::Unknown(reason) | Failure::Transient(reason)) => {
            lanes.silent(lane, reason, now)
        }
        Some(
            Failure::Throttled { .. }
            | Failure::NeedsReconnect(_)
            | Failure::Rejected(_)
            | Failure::UnknownUser(_)
            | Failure::Gone
            | Failure::Occupied,
        )
        | None => closed(lanes, lane, now),
    }
}
