//! Lanes: how much may be under way in each, and which are to be left alone for a while.
//!
//! That is bulkhead, budget and circuit in one place. What must survive a restart is in the
//! database; what changes with every call is kept here. A vendor user who alone is not answered has
//! a circuit of its own, so that it takes the probes of nobody else.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::failure::Reason;
use roomkey_core::id::ConnectionId;
use roomkey_core::route::Lane;
use roomkey_store::{Tenant, lane};

/// Calls under way in one lane of one process.
const SLOTS: u32 = 16;
/// Bookings looked at together.
const LOOKS: u32 = 64;
/// Calls in a row without an answer that open the circuit.
const CIRCUIT: u32 = 8;
/// And those that open the circuit of one vendor user.
const USER_CIRCUIT: u32 = 4;
/// How long a circuit stays open at first, and at the most.
const OPEN_FIRST: Duration = Duration::from_secs(5);
const OPEN_MOST: Duration = Duration::from_secs(60);
/// Calls that are taken from a vendor account's budget at once, and what they are worth: fifteen a
/// second, below every vendor's published limit for paying accounts.
const BLOCK: u32 = 5;
pub(crate) const BLOCK_COST: Duration = Duration::from_micros(333_333);
/// How much of a budget may be spent at once.
pub(crate) const BURST: Duration = Duration::from_secs(1);

/// By so much time never goes back, but where the clock follows a jump.
const STEP_BACK: Duration = Duration::from_secs(5);

/// What is known of the lanes.
pub(crate) struct Lanes {
    budgets: bool,
    inner: Mutex<HashMap<Lane, Known>>,
    users: Mutex<HashMap<(ConnectionId, String), Silence>>,
}

/// Calls in a row about one vendor user that were not answered.
#[derive(Debug, Clone, Copy, Default)]
struct Silence {
    failures: u32,
    until: Instant,
}

#[derive(Debug, Clone)]
struct Known {
    /// Calls under way, by whose they are.
    under_way: HashMap<Tenant, u32>,
    paused_until: Instant,
    failures: u32,
    reason: Option<Reason>,
    /// Calls taken from the budget and not made yet, and when they were taken.
    tokens: u32,
    taken_at: Instant,
    /// When it was last asked about.
    asked_at: Instant,
}

impl Known {
    fn new(now: Instant) -> Self {
        Self {
            under_way: HashMap::new(),
            paused_until: Instant::default(),
            failures: 0,
            reason: None,
            tokens: 0,
            taken_at: now,
            asked_at: now,
        }
    }

    fn all_under_way(&self) -> u32 {
        self.under_way.values().sum()
    }

    /// Calls that may be made now. What was taken and not used for so long is given up.
    fn tokens(&self, now: Instant) -> u32 {
        if now.since(self.taken_at) > BURST { 0 } else { self.tokens }
    }
}

/// How long a circuit stays open that was tried so often in vain.
fn open_for(times: u32) -> Duration {
    OPEN_FIRST.saturating_mul(1 << times.min(4)).min(OPEN_MOST)
}

/// Whether a lane calls a vendor whose limits are to be kept.
const fn is_vendor(lane: Lane) -> bool {
    match lane {
        Lane::Connection(_) => true,
        Lane::Plan | Lane::Fixed | Lane::Mail => false,
    }
}

impl Lanes {
    pub(crate) fn new(budgets: bool) -> Self {
        Self { budgets, inner: Mutex::default(), users: Mutex::default() }
    }

    fn with<T>(&self, lane: Lane, now: Instant, f: impl FnOnce(&mut Known) -> T) -> T {
        let mut inner = self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = inner.entry(lane).or_insert_with(|| Known::new(now));
        if now.plus(STEP_BACK) < known.asked_at {
            // The clock ran ahead and has stepped back: what it named is not waited for.
            known.paused_until = Instant::default();
        }
        known.asked_at = now;
        f(known)
    }

    /// Takes over what other processes have learnt, and what was known before a restart.
    pub(crate) fn learn(&self, states: Vec<lane::State>, now: Instant) {
        for state in states {
            self.with(state.lane, now, |known| {
                known.paused_until = known.paused_until.max(state.paused_until);
                let is_open = state.failures >= CIRCUIT;
                if is_open {
                    known.failures = known.failures.max(state.failures);
                    known.reason = known.reason.take().or(state.reason);
                } else if known.failures >= CIRCUIT && now >= known.paused_until {
                    // Somebody else's call has found out that the vendor is back.
                    known.failures = 0;
                }
            });
        }
    }

    /// How many pieces of work may be taken in a lane now.
    pub(crate) fn room_in(&self, lane: Lane, now: Instant) -> u32 {
        self.with(lane, now, |known| {
            if now < known.paused_until {
                return 0;
            }
            if lane == Lane::Plan {
                return LOOKS;
            }
            // After a pause for silence, one call finds out whether the vendor is back.
            let slots = if known.failures >= CIRCUIT { 1 } else { SLOTS };
            let free = slots.saturating_sub(known.all_under_way());
            if self.budgets && is_vendor(lane) { free.min(known.tokens(now)) } else { free }
        })
    }

    /// Whether a lane is to be left alone for a while.
    pub(crate) fn is_paused(&self, lane: Lane, now: Instant) -> bool {
        self.with(lane, now, |known| now < known.paused_until)
    }

    /// Whether more of a lane's budget is to be taken before anything can be done in it.
    pub(crate) fn wants_more(&self, lane: Lane, now: Instant) -> bool {
        self.budgets
            && is_vendor(lane)
            && self.with(lane, now, |known| {
                now >= known.paused_until && known.all_under_way() < SLOTS && known.tokens(now) == 0
            })
    }

    /// More of a lane's budget was taken.
    pub(crate) fn granted(&self, lane: Lane, now: Instant) {
        self.with(lane, now, |known| (known.tokens, known.taken_at) = (BLOCK, now));
    }

    pub(crate) fn begun(&self, lane: Lane, tenant: Tenant, now: Instant) {
        self.with(lane, now, |known| {
            *known.under_way.entry(tenant).or_default() += 1;
            known.tokens = known.tokens.saturating_sub(1);
        });
    }

    pub(crate) fn ended(&self, lane: Lane, tenant: Tenant, now: Instant) {
        self.with(lane, now, |known| {
            if let Some(count) = known.under_way.get_mut(&tenant) {
                *count = count.saturating_sub(1);
            }
            known.under_way.retain(|_, count| *count > 0);
        });
    }

    /// Whose calls are under way in a lane.
    pub(crate) fn under_way(&self, lane: Lane, now: Instant) -> HashMap<Tenant, u32> {
        self.with(lane, now, |known| known.under_way.clone())
    }

    /// A vendor user was answered. Answers whether that is news.
    pub(crate) fn user_answered(&self, connection: ConnectionId, user: &str) -> bool {
        let mut users = self.users.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = users.remove(&(connection, user.to_owned()));
        known.is_some_and(|silence| silence.failures >= USER_CIRCUIT)
    }

    /// A call about a vendor user was not answered. Answers until when that user is to be left
    /// alone, if its circuit opens.
    pub(crate) fn user_silent(
        &self,
        connection: ConnectionId,
        user: &str,
        now: Instant,
    ) -> Option<Instant> {
        let mut users = self.users.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = users.entry((connection, user.to_owned())).or_default();
        if known.failures >= USER_CIRCUIT && now < known.until {
            // It was under way when the circuit opened: the same silence, not another one.
            return None;
        }
        known.failures = known.failures.saturating_add(1);
        let times = known.failures.checked_sub(USER_CIRCUIT)?;
        known.until = now.plus(open_for(times));
        Some(known.until)
    }

    /// The vendor answered: the circuit is closed. Answers whether that is news.
    pub(crate) fn answered(&self, lane: Lane, now: Instant) -> bool {
        self.with(lane, now, |known| {
            let news = known.failures >= CIRCUIT;
            known.failures = 0;
            known.reason = None;
            news
        })
    }

    /// The vendor did not answer. Answers the lane's new state if the circuit opens.
    pub(crate) fn silent(&self, lane: Lane, reason: &Reason, now: Instant) -> Option<lane::State> {
        self.with(lane, now, |known| {
            if known.failures >= CIRCUIT && now < known.paused_until {
                // It was under way when the circuit opened: the same silence, not another one.
                return None;
            }
            known.failures = known.failures.saturating_add(1);
            known.reason = Some(reason.clone());
            let times = known.failures.checked_sub(CIRCUIT)?;
            known.paused_until = known.paused_until.max(now.plus(open_for(times)));
            Some(lane::State {
                lane,
                paused_until: known.paused_until,
                failures: known.failures,
                reason: known.reason.clone(),
            })
        })
    }

    /// The vendor asked for a pause. Answers the lane's new state.
    pub(crate) fn pause(
        &self,
        lane: Lane,
        until: Instant,
        reason: &Reason,
        now: Instant,
    ) -> lane::State {
        self.with(lane, now, |known| {
            known.paused_until = known.paused_until.max(until);
            known.reason = Some(reason.clone());
            lane::State {
                lane,
                paused_until: known.paused_until,
                failures: known.failures,
                reason: known.reason.clone(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_opens_the_circuit_and_an_answer_closes_it() {
        let lanes = Lanes::new(false);
        let now = Instant::from_micros(1_000_000);
        let reason = Reason::new("test", "Silence.");
        for _ in 1..CIRCUIT {
            assert!(lanes.silent(Lane::Fixed, &reason, now).is_none());
        }
        assert!(lanes.silent(Lane::Fixed, &reason, now).is_some());
        assert_eq!(lanes.room_in(Lane::Fixed, now), 0);
        let later = now.plus(OPEN_MOST);
        assert_eq!(lanes.room_in(Lane::Fixed, later), 1, "one call finds out");
        assert!(lanes.answered(Lane::Fixed, later));
        assert_eq!(lanes.room_in(Lane::Fixed, later), SLOTS);
    }

    #[test]
    fn calls_that_fail_together_are_one_silence() {
        let lanes = Lanes::new(false);
        let now = Instant::from_micros(1_000_000);
        let reason = Reason::new("test", "Silence.");
        for _ in 0..SLOTS {
            lanes.silent(Lane::Fixed, &reason, now);
        }
        let later = now.plus(OPEN_FIRST);
        assert_eq!(lanes.room_in(Lane::Fixed, later), 1, "it is tried again soon");
        lanes.silent(Lane::Fixed, &reason, later);
        assert_eq!(lanes.room_in(Lane::Fixed, later.plus(OPEN_FIRST)), 0, "and then less soon");
        assert_eq!(lanes.room_in(Lane::Fixed, later.plus(OPEN_FIRST * 2)), 1);
    }

    #[test]
    fn a_user_who_is_not_answered_is_left_alone_and_nobody_else() {
        let lanes = Lanes::new(false);
        let now = Instant::from_micros(1_000_000);
        let id = ConnectionId::new(now, [0; 10]);
        for _ in 1..USER_CIRCUIT {
            assert_eq!(lanes.user_silent(id, "ana", now), None);
        }
        let until = lanes.user_silent(id, "ana", now).expect("its circuit opens");
        assert_eq!(lanes.user_silent(id, "ana", now), None, "the same silence");
        assert_eq!(lanes.user_silent(id, "ben", now), None);
        let later = lanes.user_silent(id, "ana", until).expect("it opens again");
        assert!(later.since(until) > until.since(now), "and for longer");
        assert!(lanes.user_answered(id, "ana"));
        assert!(!lanes.user_answered(id, "ana"), "that is no news any more");
        assert_eq!(lanes.user_silent(id, "ana", later), None);
    }

    #[test]
    fn what_another_process_knows_holds_here_too() {
        let lanes = Lanes::new(false);
        let now = Instant::from_micros(1_000_000);
        let until = now.plus(OPEN_FIRST);
        let open = |failures| {
            let reason = Some(Reason::new("test", "Silence."));
            vec![lane::State { lane: Lane::Fixed, paused_until: until, failures, reason }]
        };
        lanes.learn(open(CIRCUIT), now);
        assert_eq!(lanes.room_in(Lane::Fixed, now), 0);
        assert_eq!(lanes.room_in(Lane::Fixed, until), 1, "one call finds out");
        lanes.learn(open(0), until);
        assert_eq!(lanes.room_in(Lane::Fixed, until), SLOTS, "somebody has found out");
    }

    #[test]
    fn a_vendors_budget_is_kept() {
        let lanes = Lanes::new(true);
        let now = Instant::from_micros(1_000_000);
        let id = ConnectionId::new(now, [0; 10]);
        let (lane, tenant) = (Lane::Connection(id), roomkey_store::installation::tenant());
        assert!(lanes.wants_more(lane, now));
        assert_eq!(lanes.room_in(lane, now), 0);
        lanes.granted(lane, now);
        for _ in 0..BLOCK {
            assert!(lanes.room_in(lane, now) > 0);
            lanes.begun(lane, tenant, now);
            lanes.ended(lane, tenant, now);
        }
        assert!(lanes.wants_more(lane, now));
        lanes.granted(lane, now);
        assert!(lanes.wants_more(lane, now.plus(BURST * 2)), "what was not used is given up");
    }
}
