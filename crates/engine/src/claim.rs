//! Taking work: claim, load, plan and the intents of what is to be called, in one transaction.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::id::{BookingId, EffectId, RoomId};
use roomkey_core::meeting::View;
use roomkey_core::plan::{Opening, Step};
use roomkey_core::presence::Presence;
use roomkey_core::room::{Effect, EffectKind, Fact, Moment, Room, State, Unmet};
use roomkey_core::route::{Lane, Provider, connection_of};
use roomkey_store::work::{Claimed, Whose};
use roomkey_store::{StoreError, Tenant, Tx, room, work};
use secrecy::SecretString;

use crate::job::{Ask, Job, Task, VendorTask};
use crate::look::{arrange, look, step_in};
use crate::mail;
use crate::marker::marker;
use crate::parts::Shared;
use crate::passcode;
use crate::situation::{self, Loaded, load};
use crate::{budget, seating};

/// What one claim came to.
pub(crate) struct Taken {
    /// How many pieces of work were taken.
    pub(crate) count: usize,
    /// Those of them that are calls.
    pub(crate) jobs: Vec<Job>,
}

/// Within this time of its start a session goes before fairness between tenants.
const SOON: Duration = Duration::from_secs(60 * 60);

/// Takes up to `limit` pieces of work of a lane, in which these tenants' calls are under way.
pub(crate) async fn take(
    tx: &mut Tx<'_>,
    shared: &Arc<Shared>,
    lane: Lane,
    limit: u32,
    under_way: &HashMap<Tenant, u32>,
    now: Instant,
) -> Result<Taken, StoreError> {
    let lease_end = now.plus(shared.lease);
    let claimed = claim_fairly(tx, shared, lane, limit, under_way, lease_end, now).await?;
    let keys: Vec<_> = claimed.iter().map(|it| (it.tenant, it.booking)).collect();
    let mut loaded = load(tx, &keys, false, shared, now).await?;
    seating::hold(tx, loaded.values(), lane, now).await?;
    let mut jobs = Vec::new();
    let mut count = 0;
    for claimed in claimed {
        let Some(booking) = loaded.get_mut(&claimed.booking) else {
            // Somebody else holds the booking just now: it is not waited for, and not forgotten.
            work::release(tx, &claimed, now).await?;
            continue;
        };
        count += 1;
        let mut plan = look(tx, booking, &shared.policy, &shared.entropy, now).await?;
        if seating::is_at_stake(booking, &plan, lane) {
            situation::see_seats(tx, booking, now).await?;
            plan = look(tx, booking, &shared.policy, &shared.entropy, now).await?;
            seating::promise(tx, booking, &plan, now).await?;
        }
        let step = step_in(&plan, lane).cloned();
        let task = match step {
            Some(step) => intend(tx, shared, booking, step, &plan.view, now).await?,
            None => None,
        };
        arrange(tx, &claimed, booking, &plan, task.is_some(), now).await?;
        if let Some(task) = task {
            jobs.push(Job { claimed, task, lease_end });
        }
    }
    Ok(Taken { count, jobs })
}

/// Soonest first; but no tenant has more than half of what is under way and free while another has
/// ready work, except for sessions within the hour.
async fn claim_fairly(
    tx: &mut Tx<'_>,
    shared: &Shared,
    lane: Lane,
    limit: u32,
    under_way: &HashMap<Tenant, u32>,
    lease_end: Instant,
    now: Instant,
) -> Result<Vec<Claimed>, StoreError> {
    let token = || EffectId::new(now, shared.entropy.id()).uuid();
    let mut claimed = work::claim(tx, lane, Whose::Anybody, limit, token(), lease_end).await?;
    if u32::try_from(claimed.len()).is_ok_and(|taken| taken < limit) {
        // Nobody else has anything ready.
        return Ok(claimed);
    }
    let half = (limit + under_way.values().sum::<u32>()).div_ceil(2);
    let Some((tenant, excess)) = greedy(&claimed, under_way, half, now.plus(SOON)) else {
        return Ok(claimed);
    };
    let others = work::claim(tx, lane, Whose::AllBut(tenant), excess, token(), lease_end).await?;
    for _ in 0..others.len() {
        // The last are the least urgent.
        let last =
            claimed.iter().rposition(|it| it.tenant == tenant && it.urgency > now.plus(SOON));
        if let Some(last) = last {
            work::release(tx, &claimed.remove(last), now).await?;
        }
    }
    claimed.extend(others);
    claimed.sort_by_key(|it| (it.urgency, it.booking));
    Ok(claimed)
}

/// The tenant who would have more than `half`, and how much of what was claimed for it can wait:
/// what is not for a session before `soon`.
fn greedy(
    claimed: &[Claimed],
    under_way: &HashMap<Tenant, u32>,
    half: u32,
    soon: Instant,
) -> Option<(Tenant, u32)> {
    let count = |them: &mut dyn Iterator<Item = &Claimed>| u32::try_from(them.count()).unwrap_or(0);
    claimed
        .iter()
        .map(|it| it.tenant)
        .map(|tenant| {
            let theirs = || claimed.iter().filter(|it| it.tenant == tenant);
            let has = count(&mut theirs()) + under_way.get(&tenant).copied().unwrap_or(0);
            let can_wait = count(&mut theirs().filter(|it| it.urgency > soon));
            (tenant, has.saturating_sub(half).min(can_wait))
        })
        .find(|(_, excess)| *excess > 0)
}

/// Writes down the intent of a step; `None` if there is nothing to call after all.
async fn intend(
    tx: &mut Tx<'_>,
    shared: &Shared,
    loaded: &mut Loaded,
    step: Step,
    view: &View,
    now: Instant,
) -> Result<Option<Task>, StoreError> {
    match step {
        Step::Open(opening) => open(tx, shared, loaded, opening, now).await,
        Step::Find(id) => begin(tx, shared, loaded, id, EffectKind::Find, now).await,
        Step::Update(id, spec) => {
            begin(tx, shared, loaded, id, EffectKind::Update(spec), now).await
        }
        Step::Read(id) => begin(tx, shared, loaded, id, EffectKind::Read, now).await,
        Step::Retire(id) => begin(tx, shared, loaded, id, EffectKind::Retire, now).await,
        Step::Say(sayings) => mail::intend(tx, shared, loaded, &sayings, view, now).await,
    }
}

async fn open(
    tx: &mut Tx<'_>,
    shared: &Shared,
    loaded: &mut Loaded,
    opening: Opening,
    now: Instant,
) -> Result<Option<Task>, StoreError> {
    let id = RoomId::new(now, shared.entropy.id());
    let marker = marker(&shared.installation, id);
    if !budget::spend(tx, shared, loaded.tenant(), &opening.place, now).await? {
        return Ok(None);
    }
    let room = Room {
        id,
        place: opening.place,
        host: opening.host,
        position: opening.position,
        generation: opening.generation,
        opened_at: now,
        deadline: now.plus(shared.call_limit),
        request: opening.spec,
        state: State::Intended,
        changed_at: now,
        vendor_id: None,
        seen: None,
        presence: Presence::default(),
        unmet: Unmet::default(),
        read_due: None,
        next_at: now,
        failures: 0,
        reason: None,
        effect: None,
    };
    let (tenant, booking): (Tenant, BookingId) = (loaded.tenant(), loaded.id());
    if !room::open(tx, tenant, booking, &room, &marker).await? {
        // Another create is open: its answer is looked for first.
        return Ok(None);
    }
    let ask = Ask::Create(room.request.clone());
    let mut task = task(loaded, &room, marker, None, ask);
    // A room is asked for once: each has a passcode of its own, which the vendor keeps from then on.
    // A fixed link has the one that was typed with it, or none.
    let is_made = room.place.provider != Provider::Link;
    if is_made && room.request.settings.passcode == Some(true) {
        task.passcode = Some(passcode::made_up(&shared.entropy));
    }
    Ok(Some(Task::Vendor(Box::new(task))))
}

async fn begin(
    tx: &mut Tx<'_>,
    shared: &Shared,
    loaded: &mut Loaded,
    id: RoomId,
    kind: EffectKind,
    now: Instant,
) -> Result<Option<Task>, StoreError> {
    let Some(record) = loaded.room(id).cloned() else { return Ok(None) };
    let mut room = record.room;
    if room.effect.is_some() {
        return Ok(None);
    }
    let ask = match (&kind, room.vendor_id.clone()) {
        (EffectKind::Find, _) => Ask::Find(room.request.clone()),
        (EffectKind::Update(spec), Some(vendor_id)) => {
            Ask::Update { vendor_id, spec: spec.clone() }
        }
        (EffectKind::Read, Some(vendor_id)) => Ask::Read { vendor_id },
        (EffectKind::Retire, Some(vendor_id)) => Ask::Retire { vendor_id },
        (EffectKind::Update(_) | EffectKind::Read | EffectKind::Retire, None) => {
            return Err(StoreError::Corrupt {
                table: "rooms",
                what: format!("{id} is there and has no vendor id"),
            });
        }
    };
    if matches!(kind, EffectKind::Update(_))
        && !budget::spend(tx, shared, loaded.tenant(), &room.place, now).await?
    {
        return Ok(None);
    }
    if kind == EffectKind::Retire {
        let moment = Moment {
            now,
            start: loaded.record.booking.start,
            settle: shared.policy.settle,
            schedule: &shared.policy.schedule,
        };
        room.learn(Fact::RetireBegun, &moment);
    }
    let effect = EffectId::new(now, shared.entropy.id());
    room.effect = Some(Effect { id: effect, kind, deadline: now.plus(shared.call_limit) });
    room::update(tx, loaded.tenant(), &room).await?;
    Ok(Some(Task::Vendor(Box::new(task(loaded, &room, record.marker, Some(effect), ask)))))
}

fn task(
    loaded: &Loaded,
    room: &Room,
    marker: String,
    effect: Option<EffectId>,
    ask: Ask,
) -> VendorTask {
    let reached = connection_of(&room.place, loaded.connections.iter().map(|it| &it.connection));
    let connection = reached.and_then(|reached| {
        loaded.connections.iter().find(|it| it.connection.id == reached.id).cloned()
    });
    let passcode = loaded
        .record
        .booking
        .route
        .get(usize::try_from(room.position).unwrap_or(usize::MAX))
        .filter(|_| room.place.provider == Provider::Link)
        .and_then(|option| option.passcode.clone())
        .map(SecretString::from);
    VendorTask {
        room: room.id,
        effect,
        place: room.place.clone(),
        marker,
        connection,
        passcode,
        ask,
    }
}
