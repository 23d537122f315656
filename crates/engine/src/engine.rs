//! The engine: a loop that takes what is ready, calls who is to be called, and writes down what
//! came back.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use roomkey_core::Instant;
use roomkey_core::route::Lane;
use roomkey_store::work::Whose;
use roomkey_store::{
    Priority, Store, StoreError, attendance, event, inbound as kept, installation, lane, work,
};
use roomkey_vault::Entropy;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::claim::{Taken, take};
use crate::inbound;
use crate::job::{Job, Outcome};
use crate::lanes::{BLOCK_COST, BURST, Lanes};
use crate::line;
use crate::parts::{Parts, Shared};
use crate::perform::perform;
use crate::record::{Learnt, learn_lanes, record};
use crate::situation::LONG;

/// How often a process looks for work of which nobody told it.
const TICK: Duration = Duration::from_millis(200);
/// Outcomes that are written down together.
const BATCH: usize = 64;
/// Work that is made ready at once.
const RIPEN: u32 = 1_000;
/// Vendors' events that are seen to at once.
const HEAR: u32 = 64;
/// Events that are numbered at once.
const NUMBER: u32 = 500;
/// How long the sequencer's lease lasts.
const SEQUENCER_LEASE: Duration = Duration::from_secs(10);

/// Makes the vendors and the people agree with the bookings. Any number of these may work on one
/// PostgreSQL database, one on a SQLite file.
#[derive(Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
    pub(crate) lanes: Arc<Lanes>,
    pub(crate) wake: Arc<Notify>,
    pub(crate) holder: Uuid,
}

/// How long a piece of work is put off that cannot be taken.
const PUT_OFF: Duration = Duration::from_secs(60);
/// How often an outcome is tried to be written down, a second apart.
const RECORD_TRIES: u32 = 30;

/// Outcomes that could not be written down.
#[derive(Debug, thiserror::Error)]
#[error("{} outcomes were not written down", left.len())]
pub struct Unrecorded {
    /// Which.
    left: Vec<Arc<Outcome>>,
    /// Why.
    #[source]
    error: StoreError,
}

/// What one pass came to.
pub struct Pass {
    /// How many pieces of work were taken.
    pub taken: usize,
    /// The calls that are to be made now. Their intents are committed.
    pub jobs: Vec<Job>,
}

impl Pass {
    fn add(&mut self, taken: Taken) {
        self.taken += taken.count;
        self.jobs.extend(taken.jobs);
    }
}

impl Engine {
    /// An engine on these parts. Gives the installation its name in markers if it has none.
    ///
    /// # Errors
    /// The database's.
    pub async fn new(parts: Parts) -> Result<Self, StoreError> {
        let proposed = proposed_marker(&parts.entropy);
        let now = parts.store.now();
        let installation = parts
            .store
            .write(Priority::Interactive, move |tx| {
                let proposed = proposed.clone();
                Box::pin(async move { installation::marker(tx, &proposed, now).await })
            })
            .await?;
        let holder = roomkey_core::id::EffectId::new(now, parts.entropy.id()).uuid();
        // A pause that a vendor asked for holds for whoever starts anew.
        let lanes = Lanes::new(parts.budgets);
        lanes.learn(parts.store.read(|tx| Box::pin(lane::all(tx))).await?, now);
        Ok(Self {
            lanes: Arc::new(lanes),
            wake: parts.wake,
            holder,
            shared: Arc::new(Shared {
                store: parts.store,
                ring: parts.ring,
                entropy: parts.entropy,
                providers: parts.providers,
                relay: parts.relay,
                mail_from: parts.mail_from,
                public_url: parts.public_url,
                policy: parts.policy,
                installation,
                call_limit: parts.http_timeout.saturating_mul(2),
                lease: parts.http_timeout.saturating_mul(3),
                user_daily_limit: parts.user_daily_limit,
            }),
        })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Takes everything that is ready and for which there is room, and commits the intents of
    /// what is to be called.
    ///
    /// # Errors
    /// The database's.
    pub async fn pass(&self) -> Result<Pass, StoreError> {
        if !self.store().clock().is_steady() {
            // By which time a lease would end is not known: what is under way ends first.
            return Ok(Pass { taken: 0, jobs: Vec::new() });
        }
        self.hear().await?;
        let now = self.store().now();
        self.ripen(now).await?;
        let lanes = self.store().read(|tx| Box::pin(work::lanes(tx))).await?;
        let mut pass = Pass { taken: 0, jobs: Vec::new() };
        for lane in lanes {
            if lane == Lane::Mail && self.shared.relay.is_none() {
                continue;
            }
            if self.lanes.wants_more(lane, now) {
                self.take_budget(lane, now).await?;
            }
            let limit = self.lanes.room_in(lane, now);
            if limit == 0 {
                continue;
            }
            // Each lane anew: a lease must not be spent on waiting for another lane's turn.
            let now = self.store().now();
            match self.take(lane, limit, now).await {
                Ok(taken) => pass.add(taken),
                Err(error) => {
                    line::of_trouble("work was not taken; each piece has its own chance", &error);
                    self.take_each(&mut pass, lane, limit, now).await?;
                }
            }
        }
        Ok(pass)
    }

    /// Sees to what vendors have told, and tells of it.
    async fn hear(&self) -> Result<(), StoreError> {
        let now = self.store().now();
        while self
            .store()
            .read(move |tx| {
                Box::pin(async move { kept::any_due(tx, kept::Vendor::Zoom, now).await })
            })
            .await?
        {
            let seen = match self.see_to(HEAR, now).await {
                Ok(seen) => seen,
                Err(error) => {
                    line::of_trouble("events were not seen to; each has its own chance", &error);
                    self.see_to_each(now).await?
                }
            };
            if seen == 0 {
                // Another process is at them.
                break;
            }
        }
        if self
            .store()
            .read(move |tx| Box::pin(async move { attendance::any_due(tx, now).await }))
            .await?
        {
            let shared = Arc::clone(&self.shared);
            self.store()
                .write(Priority::Background, move |tx| {
                    let shared = Arc::clone(&shared);
                    Box::pin(async move { inbound::tell(tx, &shared, HEAR, now).await })
                })
                .await?;
        }
        Ok(())
    }

    async fn see_to(&self, limit: u32, now: Instant) -> Result<usize, StoreError> {
        let shared = Arc::clone(&self.shared);
        self.store()
            .write(Priority::Background, move |tx| {
                let shared = Arc::clone(&shared);
                Box::pin(async move { inbound::see_to(tx, &shared, limit, now).await })
            })
            .await
    }

    /// One event that cannot be seen to keeps no other waiting: it is put off.
    async fn see_to_each(&self, now: Instant) -> Result<usize, StoreError> {
        let mut count = 0;
        for _ in 0..HEAR {
            match self.see_to(1, now).await {
                Ok(0) => break,
                Ok(seen) => count += seen,
                Err(error) => {
                    line::of_trouble("an event was not seen to; it is tried again", &error);
                    self.store()
                        .write(Priority::Background, move |tx| Box::pin(inbound::put_off(tx, now)))
                        .await?;
                    count += 1;
                }
            }
        }
        Ok(count)
    }

    /// Takes a block of a vendor's budget, which all processes share.
    pub(crate) async fn take_budget(&self, lane: Lane, now: Instant) -> Result<(), StoreError> {
        let spent = self
            .store()
            .write(Priority::Background, move |tx| {
                Box::pin(async move { lane::spend(tx, lane, BLOCK_COST, BURST, now).await })
            })
            .await?;
        if spent {
            self.lanes.granted(lane, now);
        }
        Ok(())
    }

    async fn take(&self, lane: Lane, limit: u32, now: Instant) -> Result<Taken, StoreError> {
        let shared = Arc::clone(&self.shared);
        let under_way = Arc::new(self.lanes.under_way(lane, now));
        let taken = self
            .store()
            .write(Priority::Background, move |tx| {
                let (shared, under_way) = (Arc::clone(&shared), Arc::clone(&under_way));
                Box::pin(async move { take(tx, &shared, lane, limit, &under_way, now).await })
            })
            .await?;
        for job in &taken.jobs {
            self.lanes.begun(lane, job.claimed.tenant, now);
        }
        Ok(taken)
    }

    /// One piece of work that cannot be taken keeps nobody else's waiting: it is put off.
    async fn take_each(
        &self,
        pass: &mut Pass,
        lane: Lane,
        limit: u32,
        now: Instant,
    ) -> Result<(), StoreError> {
        for _ in 0..limit {
            match self.take(lane, 1, now).await {
                Ok(taken) if taken.count == 0 => break,
                Ok(taken) => pass.add(taken),
                Err(_) => self.put_off(lane, now).await?,
            }
        }
        Ok(())
    }

    /// Takes the soonest piece of work of a lane and has it looked at later.
    async fn put_off(&self, lane: Lane, now: Instant) -> Result<(), StoreError> {
        let (token, lease) = (self.holder, now.plus(self.shared.lease));
        self.store()
            .write(Priority::Background, move |tx| {
                Box::pin(async move {
                    let taken = work::claim(tx, lane, Whose::Anybody, 1, token, lease).await?;
                    for claimed in taken {
                        let later = now.plus(PUT_OFF);
                        work::finish(tx, &claimed, Some(later), claimed.urgency, now).await?;
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
    }

    /// Makes one call. Nothing is written down by it.
    pub async fn perform(&self, job: Job) -> Outcome {
        let lane = job.claimed.lane;
        let urgency = job.claimed.urgency;
        let outcome = perform(&self.shared, job).await;
        line::of_work(lane, urgency, &outcome);
        outcome
    }

    /// Writes down what came back, whatever has happened in the meantime. What ends a batch ends it
    /// for all: then each part has its own chance.
    ///
    /// # Errors
    /// The database's, with what was not written: try it again.
    pub async fn record(&self, outcomes: Vec<Outcome>) -> Result<(), Unrecorded> {
        let now = self.store().now();
        let learnt = learn_lanes(&self.lanes, &outcomes, now);
        let batch: Arc<Vec<Arc<Outcome>>> = Arc::new(outcomes.into_iter().map(Arc::new).collect());
        let long = |state: &&lane::State| state.paused_until > now.plus(LONG);
        let paused: Vec<Lane> = learnt.lanes.iter().filter(long).map(|state| state.lane).collect();
        if self.write_down(Arc::clone(&batch), learnt).await.is_ok() {
            self.look_at_lanes(paused).await;
            return Ok(());
        }
        self.record_each(&batch).await
    }

    /// Who waits in a lane that is left alone for long is looked at, so that people see why nothing
    /// happens, and when something will. If that fails, they see it a little later.
    async fn look_at_lanes(&self, lanes: Vec<Lane>) {
        for lane in lanes {
            let now = self.store().now();
            let looked = self
                .store()
                .write(Priority::Background, move |tx| {
                    Box::pin(async move { work::look_at_lane(tx, lane, now).await })
                })
                .await;
            if let Err(error) = looked {
                line::of_trouble("who waits in a paused lane was not looked at", &error);
            }
        }
    }

    async fn record_each(&self, outcomes: &[Arc<Outcome>]) -> Result<(), Unrecorded> {
        let mut left = Vec::new();
        let mut last = None;
        for outcome in outcomes {
            let alone = Arc::new(vec![Arc::clone(outcome)]);
            if let Err(error) = self.write_down(alone, Learnt::default()).await {
                left.push(Arc::clone(outcome));
                last = Some(error);
            }
        }
        match last {
            Some(error) => Err(Unrecorded { left, error }),
            None => Ok(()),
        }
    }

    async fn write_down(
        &self,
        batch: Arc<Vec<Arc<Outcome>>>,
        learnt: Learnt,
    ) -> Result<(), StoreError> {
        let now = self.store().now();
        let (shared, learnt) = (Arc::clone(&self.shared), Arc::new(learnt));
        self.store()
            .write(Priority::Background, move |tx| {
                let (shared, batch, learnt) =
                    (Arc::clone(&shared), Arc::clone(&batch), Arc::clone(&learnt));
                Box::pin(async move { record(tx, &shared, &batch, &learnt, now).await })
            })
            .await
    }

    /// Works until nothing is ready: for tests and commands, with whatever clock the store has.
    ///
    /// # Errors
    /// The database's.
    pub async fn run_until_idle(&self) -> Result<(), StoreError> {
        loop {
            let pass = self.pass().await?;
            if pass.taken == 0 {
                break;
            }
            let outcomes = join_all(pass.jobs.into_iter().map(|job| self.perform(job))).await;
            if !outcomes.is_empty() {
                self.record(outcomes).await.map_err(|unrecorded| unrecorded.error)?;
            }
        }
        self.number_events().await?;
        Ok(())
    }

    /// Works until told to stop; then finishes what is under way.
    pub async fn run(&self, stop: CancellationToken) {
        let calls = TaskTracker::new();
        let (sender, receiver) = mpsc::channel::<Outcome>(1_024);
        let recorder = calls.spawn(self.clone().keep_records(receiver));
        let minute = calls.spawn(self.clone().keep_time(stop.clone()));
        calls.spawn(self.clone().keep_sweeping(stop.clone()));
        calls.spawn(self.clone().keep_fetching(stop.clone()));
        calls.spawn(self.clone().notice_sealing_keys(stop.clone()));
        let mut steady = true;
        while !stop.is_cancelled() {
            match self.pass().await {
                Ok(pass) => {
                    let busy = pass.taken > 0;
                    for job in pass.jobs {
                        let (engine, sender) = (self.clone(), sender.clone());
                        calls.spawn(async move {
                            let outcome = engine.perform(job).await;
                            // The recorder goes last.
                            let _ = sender.send(outcome).await;
                        });
                    }
                    if busy {
                        continue;
                    }
                    steady = true;
                }
                Err(error) => {
                    if steady {
                        line::of_trouble("the database did not answer; trying on", &error);
                    }
                    steady = false;
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.wake.notified() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
        drop(sender);
        calls.close();
        let _ = recorder.await;
        let _ = minute.await;
        calls.wait().await;
    }

    /// Writes outcomes down in small batches, until nobody can send any more.
    async fn keep_records(self, mut outcomes: mpsc::Receiver<Outcome>) {
        let mut batch = Vec::with_capacity(BATCH);
        while outcomes.recv_many(&mut batch, BATCH).await > 0 {
            let mut written = self.record(std::mem::take(&mut batch)).await;
            // A database that is away for a moment must not cost an answer.
            for _ in 0..RECORD_TRIES {
                let Err(unrecorded) = written else { break };
                line::of_trouble("outcomes are not written down yet", &unrecorded.error);
                tokio::time::sleep(Duration::from_secs(1)).await;
                written = self.record_each(&unrecorded.left).await;
            }
            if let Err(unrecorded) = written {
                // Their leases run out, and they are looked for as lost answers.
                line::of_trouble("outcomes were not written down", &unrecorded.error);
            }
            self.wake.notify_one();
        }
    }

    /// Everything that happens by the minute or by the tick, and not by the booking.
    async fn keep_time(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let now = self.store().now();
            if let Err(error) = self.number_events().await {
                line::of_trouble("events were not numbered", &error);
            }
            if self.store().is_shared()
                && let Ok(states) = self.store().read(|tx| Box::pin(lane::all(tx))).await
            {
                self.lanes.learn(states, now);
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Makes ready what has become due.
    async fn ripen(&self, now: Instant) -> Result<(), StoreError> {
        let due = self.store().read(|tx| Box::pin(work::next_due(tx))).await?;
        if due.is_some_and(|due| due <= now) {
            self.store()
                .write(Priority::Background, move |tx| {
                    Box::pin(async move { work::ripen(tx, now, RIPEN).await })
                })
                .await?;
        }
        Ok(())
    }

    /// Numbers committed events, if this process has the sequencer's lease.
    async fn number_events(&self) -> Result<(), StoreError> {
        while self.store().read(|tx| Box::pin(event::any_unnumbered(tx))).await? {
            let now = self.store().now();
            let holder = self.holder;
            let numbered = self
                .store()
                .write(Priority::Background, move |tx| {
                    Box::pin(async move {
                        let until = now.plus(SEQUENCER_LEASE);
                        if !installation::lease(tx, "sequencer", holder, until, now).await? {
                            return Ok::<_, StoreError>(0);
                        }
                        event::number(tx, NUMBER).await
                    })
                })
                .await?;
            if numbered == 0 {
                break;
            }
        }
        Ok(())
    }
}

/// Eight characters that hardly any other installation has.
fn proposed_marker(entropy: &Entropy) -> String {
    let bits = u128::from_be_bytes(entropy.bytes::<16>());
    roomkey_core::id::encode(bits).split_off(18)
}
