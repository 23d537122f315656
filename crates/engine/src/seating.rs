//! Giving seats away: under a lock of the connection, so that no two sessions get the same one.

use std::collections::BTreeMap;

use roomkey_core::Instant;
use roomkey_core::plan::{Plan, Step};
use roomkey_core::route::Lane;
use roomkey_store::{StoreError, Tx, booking, seat, work};

use crate::look::step_in;
use crate::situation::Loaded;

/// Locks every connection whose seats may be given away, or whose users' days be counted, in this
/// piece of work: all at once and in order, so that no two processes wait for each other.
pub(crate) async fn hold(
    tx: &mut Tx<'_>,
    loaded: impl Iterator<Item = &Loaded>,
    lane: Lane,
    now: Instant,
) -> Result<(), StoreError> {
    let mut connections = BTreeMap::new();
    for booking in loaded {
        let seats = booking.situation.seats_to_know(now).into_iter().map(|it| it.id);
        let own = match lane {
            Lane::Connection(id) => Some(id),
            Lane::Plan | Lane::Fixed | Lane::Mail => None,
        };
        connections.extend(seats.chain(own).map(|id| (id, booking.tenant())));
    }
    for (connection, tenant) in connections {
        seat::lock(tx, tenant, connection).await?;
    }
    Ok(())
}

/// Whether a plan is about to take a seat, to change when one is taken, or to have others move: then
/// it must be asked again while nobody else can.
pub(crate) fn is_at_stake(loaded: &Loaded, plan: &Plan, lane: Lane) -> bool {
    let takes_one = matches!(step_in(plan, lane), Some(Step::Open(_) | Step::Update(..)));
    let lends = !loaded.situation.occupancy.is_empty();
    lends && (takes_one || !plan.moves.is_empty())
}

/// Promises the session its seat, and those who move for it theirs. Whoever is being looked at just
/// now is asked again at the next look.
pub(crate) async fn promise(
    tx: &mut Tx<'_>,
    loaded: &mut Loaded,
    plan: &Plan,
    now: Instant,
) -> Result<(), StoreError> {
    let (tenant, id) = (loaded.tenant(), loaded.id());
    let movers: Vec<_> = plan.moves.iter().map(|(booking, _)| (tenant, *booking)).collect();
    if movers.is_empty() {
        return Ok(());
    }
    let free = booking::lock_many(tx, &movers, false).await?;
    if free.len() < movers.len() {
        return Ok(());
    }
    for (booking, seat) in &plan.moves {
        seat::promise(tx, tenant, *booking, seat).await?;
        let start = free.iter().find(|it| it.booking.id == *booking).map(|it| it.booking.start);
        work::enqueue(tx, tenant, *booking, Lane::Plan, start.unwrap_or(now), now, now).await?;
    }
    if let Some(seat) = &plan.seat {
        seat::promise(tx, tenant, id, seat).await?;
        loaded.record.booking.seat = Some(seat.clone());
    }
    Ok(())
}
