//! Lanes: how much may be under way in each, and which are to be left alone for a while.
//!
//! That is bulkhead, budget and circuit in one place. What must survive a restart is in the
//! database; what changes with every call is kept here.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::failure::Reason;
use roomkey_core::route::Lane;
use roomkey_store::lane;

/// Calls under way in one lane of one process.
const SLOTS: u32 = 16;
/// Bookings looked at together.
const LOOKS: u32 = 64;
/// Calls in a row without an answer that open the circuit.
const CIRCUIT: u32 = 8;
/// How long it stays open at first, and at the most.
const OPEN_FIRST: Duration = Duration::from_secs(5);
const OPEN_MOST: Duration = Duration::from_secs(60);
/// Calls a second that a vendor's account takes, and how many may come at once: below every
/// vendor's published limit for paying accounts.
const PER_SECOND: f64 = 15.0;
const BURST: f64 = 15.0;

/// What is known of the lanes.
pub(crate) struct Lanes {
    budgets: bool,
    inner: Mutex<HashMap<Lane, Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    under_way: u32,
    paused_until: Instant,
    failures: u32,
    reason: Option<Reason>,
    tokens: f64,
    filled_at: Instant,
}

impl Known {
    fn new(now: Instant) -> Self {
        Self {
            under_way: 0,
            paused_until: Instant::default(),
            failures: 0,
            reason: None,
            tokens: BURST,
            filled_at: now,
        }
    }

    fn fill(&mut self, now: Instant) {
        let elapsed = now.since(self.filled_at).as_secs_f64();
        self.tokens = elapsed.mul_add(PER_SECOND, self.tokens).min(BURST);
        self.filled_at = now;
    }
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
        Self { budgets, inner: Mutex::new(HashMap::new()) }
    }

    fn with<T>(&self, lane: Lane, now: Instant, f: impl FnOnce(&mut Known) -> T) -> T {
        let mut inner = self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        f(inner.entry(lane).or_insert_with(|| Known::new(now)))
    }

    /// Takes over what other processes have learnt.
    pub(crate) fn learn(&self, states: Vec<lane::State>, now: Instant) {
        for state in states {
            self.with(state.lane, now, |known| {
                known.paused_until = known.paused_until.max(state.paused_until);
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
            let free = slots.saturating_sub(known.under_way);
            if self.budgets && is_vendor(lane) {
                known.fill(now);
                let whole = known.tokens.floor().max(0.0);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a whole number from 0 to the burst"
                )]
                let tokens = whole as u32;
                return free.min(tokens);
            }
            free
        })
    }

    pub(crate) fn begun(&self, lane: Lane, now: Instant) {
        self.with(lane, now, |known| {
            known.under_way += 1;
            known.tokens -= 1.0;
        });
    }

    pub(crate) fn ended(&self, lane: Lane, now: Instant) {
        self.with(lane, now, |known| known.under_way = known.under_way.saturating_sub(1));
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
            known.failures = known.failures.saturating_add(1);
            known.reason = Some(reason.clone());
            let times = known.failures.checked_sub(CIRCUIT)?;
            let wait = OPEN_FIRST.saturating_mul(1 << times.min(4)).min(OPEN_MOST);
            known.paused_until = known.paused_until.max(now.plus(wait));
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
    fn a_vendors_budget_is_kept() {
        let lanes = Lanes::new(true);
        let now = Instant::from_micros(1_000_000);
        let id = roomkey_core::id::ConnectionId::new(now, [0; 10]);
        let lane = Lane::Connection(id);
        let mut calls = 0;
        while lanes.room_in(lane, now) > 0 {
            lanes.begun(lane, now);
            lanes.ended(lane, now);
            calls += 1;
        }
        assert_eq!(f64::from(calls), BURST);
        assert!(lanes.room_in(lane, now.plus(Duration::from_secs(1))) > 0);
    }
}
