//! The sweep: now and then, each vendor user who holds rooms of ours is looked at, for rooms that
//! no booking's work would find. Below every booking's work, one process at a time, and never
//! while sweeps are off.
//!
//! It removes nothing. A room that this database knows and has given up learns that it is there,
//! and the plan retires it under the booking's lock. A marker of ours that names no room of this
//! database is counted for people to see, and left alone.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::failure::Failure;
use roomkey_core::route::{Lane, Place};
use roomkey_providers::contract::{Sighting, VendorRoom};
use roomkey_store::sweep::Target;
use roomkey_store::{
    Priority, StoreError, Tenant, connection, installation, lane, room, sweep, tenant, work,
};
use tokio_util::sync::CancellationToken;

use crate::engine::Engine;
use crate::line;
use crate::record::heard;
use crate::sight::{self, Sighted, is_given_up};

/// How often a vendor user is looked at.
const EVERY: Duration = Duration::from_secs(6 * 60 * 60);
/// Up to so much later, so that not all are looked at together.
const JITTER: Duration = Duration::from_secs(60 * 60);
/// How long a vendor user is looked after, from the last session there.
const AFTERWARDS: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How often it is asked who holds rooms now.
const LEARN: Duration = Duration::from_secs(60 * 60);
/// What was committed late is not missed.
const OVERLAP: Duration = Duration::from_secs(10 * 60);
/// Rooms of which nothing is known yet are looked for so far back.
const FIRST: Duration = Duration::from_secs(60 * 24 * 60 * 60);
/// How often it is asked whether anything is due.
const REST: Duration = Duration::from_secs(10);
/// So long a vendor user waits whose lane is paused or wanted: others, who have waited for less, are
/// not kept waiting by it.
const BUSY: Duration = Duration::from_secs(5 * 60);
/// Vendor users who are considered at once.
const CANDIDATES: u32 = 20;

/// What became of one vendor user's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Rooms that carry a marker of ours.
    pub sighted: usize,
    /// Those of them that had been given up, and are retired now unless they are wanted.
    pub found: usize,
    /// Those of them that no booking knows.
    pub unknown: usize,
}

impl Engine {
    /// Sweeps until told to stop.
    pub(crate) async fn keep_sweeping(self, stop: CancellationToken) {
        let mut steady = true;
        while !stop.is_cancelled() {
            match self.sweep().await {
                Ok(Some(_)) => continue,
                Ok(None) => steady = true,
                Err(error) => {
                    if steady {
                        line::of_trouble("nothing was swept; trying on", &error);
                    }
                    steady = false;
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(REST) => {}
            }
        }
    }

    /// Looks at one vendor user whose turn it is; nothing if it is nobody's, if their lanes are
    /// wanted for bookings or closed, if another process sweeps, or if sweeps are off.
    ///
    /// # Errors
    /// The database's.
    pub async fn sweep(&self) -> Result<Option<Swept>, StoreError> {
        if !self.store().clock().is_steady() {
            return Ok(None);
        }
        let now = self.store().now();
        let (off, swept_to, due) = self
            .store()
            .read(|tx| {
                Box::pin(async move {
                    Ok::<_, StoreError>((
                        installation::sweeps_off_since(tx).await?,
                        installation::swept_to(tx).await?,
                        sweep::due(tx, now, CANDIDATES).await?,
                    ))
                })
            })
            .await?;
        let learns = swept_to.is_none_or(|to| now >= to.plus(LEARN));
        if off.is_some() || (!learns && due.is_empty()) || !self.leads_the_sweep(now).await? {
            return Ok(None);
        }
        if learns {
            self.learn_whom_to_sweep(swept_to, now).await?;
        }
        for target in due {
            if self.is_free(target.place.lane()).await? {
                return self.look_at(target).await.map(Some);
            }
            self.not_now(target, BUSY).await?;
        }
        Ok(None)
    }

    async fn leads_the_sweep(&self, now: Instant) -> Result<bool, StoreError> {
        let holder = self.holder;
        let until = now.plus(self.shared.lease.saturating_mul(2));
        self.store()
            .write(Priority::Background, move |tx| {
                Box::pin(
                    async move { installation::lease(tx, "sweeper", holder, until, now).await },
                )
            })
            .await
    }

    /// Learns who holds rooms that were opened since the last time, and forgets who has held
    /// nothing for long.
    async fn learn_whom_to_sweep(
        &self,
        swept_to: Option<Instant>,
        now: Instant,
    ) -> Result<(), StoreError> {
        let since = swept_to.map_or(now.minus(FIRST), |to| to.minus(OVERLAP));
        let tenants = self.store().read(|tx| Box::pin(tenant::all(tx))).await?;
        let mut held = Vec::new();
        for tenant in tenants {
            let places = self
                .store()
                .read(move |tx| Box::pin(async move { sweep::held(tx, tenant, since).await }))
                .await?;
            held.extend(places.into_iter().map(|(place, until)| {
                (Target { tenant, place }, now.plus(self.interval()), until.plus(AFTERWARDS))
            }));
        }
        self.store()
            .write(Priority::Background, move |tx| {
                let held = held.clone();
                Box::pin(async move {
                    for (target, first, until) in &held {
                        sweep::want(tx, target.tenant, &target.place, *first, *until).await?;
                    }
                    sweep::forget(tx, now).await?;
                    installation::set_swept_to(tx, now).await
                })
            })
            .await
    }

    /// A while that is different each time.
    fn interval(&self) -> Duration {
        EVERY + JITTER.mul_f64(self.shared.jitter())
    }

    /// Whether a lane has room that no booking's work wants.
    pub(crate) async fn is_free(&self, lane: Lane) -> Result<bool, StoreError> {
        let now = self.store().now();
        let (ready, paused) = self
            .store()
            .read(|tx| {
                Box::pin(async move {
                    Ok::<_, StoreError>((work::lanes(tx).await?, lane::all(tx).await?))
                })
            })
            .await?;
        if ready.contains(&lane) || paused.iter().any(|it| it.lane == lane && it.paused_until > now)
        {
            return Ok(false);
        }
        if self.lanes.wants_more(lane, now) {
            self.take_budget(lane, now).await?;
        }
        Ok(self.lanes.room_in(lane, now) > 0)
    }

    async fn look_at(&self, target: Target) -> Result<Swept, StoreError> {
        let (tenant, place) = (target.tenant, target.place.clone());
        let connections = self
            .store()
            .read(|tx| Box::pin(async move { connection::of_tenant(tx, tenant).await }))
            .await?;
        let reached =
            sight::reach(&connections, &place).filter(|it| it.connection.needs_reconnect.is_none());
        let Some(connection) = reached else {
            // Without its account nobody can look; bookings whose rooms are there say so.
            self.not_now(target, EVERY).await?;
            return Ok(Swept::default());
        };
        let lane = place.lane();
        let begun = self.store().now();
        self.lanes.begun(lane, target.tenant, begun);
        let answer = sight::sightings(&self.shared, connection, &place).await;
        let now = self.store().now();
        self.lanes.ended(lane, target.tenant, now);
        let news = heard(&self.lanes, lane, answer.result.as_ref().err(), now);
        let sightings = match answer.result {
            Ok(sightings) => sightings,
            Err(failure) => {
                line::of_sweep(&target, Err(&failure), now.since(begun));
                self.write_lane(news).await?;
                self.not_now(target, LEARN).await?;
                return Ok(Swept::default());
            }
        };
        let sorted = self.sorted(tenant, &place, &sightings).await?;
        let mut back = Vec::new();
        for (sighting, known) in sightings.iter().zip(&sorted) {
            let Sighted::Known(record) = known else { continue };
            if !is_given_up(record.room.state) {
                continue;
            }
            // A list may be behind: what it shows is believed when it is read.
            match sight::inspect(&self.shared, connection, &record.room.place, &sighting.vendor_id)
                .await
            {
                Ok(seen) => back.push((record.as_ref().clone(), seen)),
                Err(Failure::Gone) => {}
                Err(failure) => {
                    line::of_sweep(&target, Err(&failure), now.since(begun));
                    self.write_lane(heard(&self.lanes, lane, Some(&failure), now)).await?;
                    self.not_now(target, LEARN).await?;
                    return Ok(Swept::default());
                }
            }
        }
        let swept = Swept {
            sighted: sightings.len(),
            found: 0,
            unknown: sorted.iter().filter(|it| matches!(it, Sighted::Unknown)).count(),
        };
        self.write_lane(news).await?;
        let swept = self.write_down_sweep(&target, swept, back).await?;
        line::of_sweep(&target, Ok(&swept), self.store().now().since(begun));
        Ok(swept)
    }

    /// What this database knows of what was seen.
    pub(crate) async fn sorted(
        &self,
        tenant: Tenant,
        place: &Place,
        sightings: &[Sighting],
    ) -> Result<Vec<Sighted>, StoreError> {
        let shared = self.shared.clone();
        let (place, sightings) = (place.clone(), sightings.to_vec());
        self.store()
            .read(move |tx| {
                Box::pin(async move {
                    sight::sort(tx, &shared.installation, tenant, &place, &sightings).await
                })
            })
            .await
    }

    /// Writes down what was found, if sweeps are still on.
    async fn write_down_sweep(
        &self,
        target: &Target,
        swept: Swept,
        back: Vec<(room::Record, VendorRoom)>,
    ) -> Result<Swept, StoreError> {
        let now = self.store().now();
        let next = now.plus(self.interval());
        let (shared, target) = (self.shared.clone(), target.clone());
        let swept = self
            .store()
            .write(Priority::Background, move |tx| {
                let (shared, target, back) = (shared.clone(), target.clone(), back.clone());
                Box::pin(async move {
                    let mut swept = swept;
                    if installation::sweeps_off_since(tx).await?.is_none() {
                        swept.found = sight::found(tx, &shared, &back, now).await?;
                    }
                    let Target { tenant, place } = &target;
                    sweep::done(tx, *tenant, place, next, swept.unknown, now).await?;
                    Ok::<_, StoreError>(swept)
                })
            })
            .await?;
        if swept.found > 0 {
            self.wake.notify_one();
        }
        Ok(swept)
    }

    pub(crate) async fn write_lane(&self, state: Option<lane::State>) -> Result<(), StoreError> {
        let Some(state) = state else { return Ok(()) };
        self.store()
            .write(Priority::Background, move |tx| {
                let state = state.clone();
                Box::pin(async move { lane::set(tx, &state).await })
            })
            .await
    }

    async fn not_now(&self, target: Target, rest: Duration) -> Result<(), StoreError> {
        let next = self.store().now().plus(rest);
        self.store()
            .write(Priority::Background, move |tx| {
                let target = target.clone();
                Box::pin(
                    async move { sweep::put_off(tx, target.tenant, &target.place, next).await },
                )
            })
            .await
    }
}
