//! The clock: the one place where Roomkey asks what time it is.
//!
//! Between two measurements the time goes on by the machine's monotonic timer, which nobody sets.
//! What is measured is the truth (the database's time on PostgreSQL, the machine's on SQLite); a
//! small difference is made up for without ever running backwards, a large one is a *jump*: the
//! clock is unsteady, goes on as before, and follows only a jump that lasts.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use roomkey_core::Instant;

/// What time it is. It runs backwards only where [`Clock::measure`] says so, when it follows a
/// jump. A test's clock stands still until it is moved.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Source,
    state: Mutex<State>,
}

#[derive(Debug)]
enum Source {
    /// The machine's two clocks; the monotonic one counts from here.
    System(std::time::Instant),
    /// Two clocks that are moved by hand, as a machine's would.
    Hand(Arc<Hand>),
    /// One that stands still until it is moved.
    Manual,
}

/// All in microseconds.
#[derive(Debug)]
struct State {
    /// From the monotonic timer to the time.
    offset: i64,
    /// The latest time that was told.
    latest: i64,
    jump: Option<Jump>,
}

/// A large difference that was measured and not followed yet.
#[derive(Debug, Clone, Copy)]
struct Jump {
    by: i64,
    /// By the monotonic timer.
    since: i64,
}

/// What a measurement came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measured {
    /// The clock tells the time.
    Steady,
    /// The time has jumped by so much, forwards or backwards; the clock goes on as before until
    /// the jump has lasted. Nothing is claimed meanwhile.
    Unsteady {
        /// By how much.
        by: Duration,
        /// Whether this is the first that is heard of it.
        new: bool,
    },
    /// The jump has lasted: the clock has followed it.
    Followed {
        /// What the clock told before.
        from: Instant,
        /// What it tells now.
        to: Instant,
    },
}

/// When a difference is a jump, and when a jump is followed.
#[derive(Debug, Clone, Copy)]
pub struct Tolerance {
    /// A difference up to this is made up for at once.
    pub small: Duration,
    /// How long a jump must last: until whatever was under way has ended everywhere.
    pub lasts: Duration,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        let clock = Self::of(Source::System(monotonic_now()), 0, i64::MIN);
        clock.set(Instant::from_micros(machine_now()));
        clock
    }

    /// A clock that stands at `now` until it is moved.
    #[must_use]
    pub fn manual(now: Instant) -> Self {
        Self::of(Source::Manual, 0, now.as_micros())
    }

    /// A clock like the machine's, whose two sources are moved by hand.
    #[must_use]
    pub fn by_hand(now: Instant) -> (Self, Arc<Hand>) {
        let hand =
            Arc::new(Hand { ticks: AtomicI64::new(0), wall: AtomicI64::new(now.as_micros()) });
        (Self::of(Source::Hand(Arc::clone(&hand)), now.as_micros(), i64::MIN), hand)
    }

    fn of(source: Source, offset: i64, latest: i64) -> Self {
        Self(Arc::new(Inner { source, state: Mutex::new(State { offset, latest, jump: None }) }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Instant {
        let mut state = self.state();
        if let Some(ticks) = self.ticks() {
            state.latest = state.latest.max(ticks.saturating_add(state.offset));
        }
        Instant::from_micros(state.latest)
    }

    /// The monotonic timer, if there is one.
    fn ticks(&self) -> Option<i64> {
        match &self.0.source {
            Source::System(began) => {
                Some(i64::try_from(began.elapsed().as_micros()).unwrap_or(i64::MAX))
            }
            Source::Hand(hand) => Some(hand.ticks.load(Ordering::Relaxed)),
            Source::Manual => None,
        }
    }

    /// Moves a manual clock; a system clock is not moved by anybody.
    pub fn advance(&self, by: Duration) {
        if self.is_manual() {
            let mut state = self.state();
            state.latest = state.latest.saturating_add(micros(by));
        }
    }

    /// Sets a manual clock, never backwards.
    pub fn advance_to(&self, now: Instant) {
        if self.is_manual() {
            let mut state = self.state();
            state.latest = state.latest.max(now.as_micros());
        }
    }

    /// Whether it stands still until it is moved.
    #[must_use]
    pub fn is_manual(&self) -> bool {
        matches!(self.0.source, Source::Manual)
    }

    /// Whether it is known to tell the time: no jump is waiting to be followed.
    #[must_use]
    pub fn is_steady(&self) -> bool {
        self.state().jump.is_none()
    }

    /// What the machine says, where the database has no clock of its own.
    pub(crate) fn machine(&self) -> Option<Instant> {
        match &self.0.source {
            Source::System(_) => Some(Instant::from_micros(machine_now())),
            Source::Hand(hand) => Some(Instant::from_micros(hand.wall.load(Ordering::Relaxed))),
            Source::Manual => None,
        }
    }

    /// Whether the database's time is to be asked for: a clock in a test is used as given.
    pub(crate) fn follows_database(&self) -> bool {
        matches!(self.0.source, Source::System(_))
    }

    /// Takes over the time before anything has been done by it.
    pub(crate) fn set(&self, truth: Instant) {
        if let (true, Some(ticks)) = (self.follows_database(), self.ticks()) {
            let mut state = self.state();
            state.offset = truth.as_micros().saturating_sub(ticks);
            state.latest = truth.as_micros();
        }
    }

    /// When a measurement begins; to be handed to [`Clock::measure`] with its answer.
    pub(crate) fn begin(&self) -> i64 {
        self.ticks().unwrap_or_default()
    }

    /// Takes in what the truth was at some moment since `begun`.
    pub(crate) fn measure(&self, truth: Instant, begun: i64, tolerance: Tolerance) -> Measured {
        let Some(ticks) = self.ticks() else { return Measured::Steady };
        let (small, lasts) = (micros(tolerance.small), micros(tolerance.lasts));
        let mut state = self.state();
        let took = ticks.saturating_sub(begun);
        let told = begun.saturating_add(took / 2).saturating_add(state.offset);
        let by = truth.as_micros().saturating_sub(told);
        let jumped = |new| Measured::Unsteady { by: Duration::from_micros(by.unsigned_abs()), new };
        if took > small {
            // An answer that was so long on its way says nothing.
            return if state.jump.is_some() { jumped(false) } else { Measured::Steady };
        }
        if by.saturating_abs() <= small {
            state.jump = None;
            state.offset = state.offset.saturating_add(by);
            return Measured::Steady;
        }
        let same = state.jump.filter(|it| it.by.saturating_sub(by).saturating_abs() <= small);
        let Some(jump) = same else {
            state.jump = Some(Jump { by, since: ticks });
            return jumped(true);
        };
        if ticks.saturating_sub(jump.since) < lasts {
            return jumped(false);
        }
        let from = state.latest.max(ticks.saturating_add(state.offset));
        state.offset = state.offset.saturating_add(by);
        state.latest = ticks.saturating_add(state.offset);
        state.jump = None;
        Measured::Followed {
            from: Instant::from_micros(from),
            to: Instant::from_micros(state.latest),
        }
    }
}

/// Two clocks that are moved by hand: the timer, which only goes on, and the machine's time, which
/// people and programs set.
#[derive(Debug)]
pub struct Hand {
    ticks: AtomicI64,
    wall: AtomicI64,
}

impl Hand {
    /// Time goes by.
    pub fn pass(&self, by: Duration) {
        self.ticks.fetch_add(micros(by), Ordering::Relaxed);
        self.wall.fetch_add(micros(by), Ordering::Relaxed);
    }

    /// Somebody sets the machine's time forwards.
    pub fn set_forwards(&self, by: Duration) {
        self.wall.fetch_add(micros(by), Ordering::Relaxed);
    }

    /// Somebody sets the machine's time backwards.
    pub fn set_backwards(&self, by: Duration) {
        self.wall.fetch_sub(micros(by), Ordering::Relaxed);
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

#[expect(clippy::disallowed_methods, reason = "this is the clock's room")]
fn machine_now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

fn monotonic_now() -> std::time::Instant {
    std::time::Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLERANCE: Tolerance =
        Tolerance { small: Duration::from_secs(7), lasts: Duration::from_secs(30) };
    const SECOND: Duration = Duration::from_secs(1);
    const HOUR: Duration = Duration::from_secs(3600);

    fn measured(clock: &Clock) -> Measured {
        let truth = clock.machine().expect("two sources");
        clock.measure(truth, clock.begin(), TOLERANCE)
    }

    #[test]
    fn a_small_step_back_is_waited_out() {
        let (clock, hand) = Clock::by_hand(Instant::from_micros(0));
        hand.pass(HOUR);
        let before = clock.now();
        hand.set_backwards(SECOND);
        assert_eq!(measured(&clock), Measured::Steady);
        assert_eq!(clock.now(), before, "it stands still");
        hand.pass(SECOND * 3);
        assert_eq!(clock.now(), before.plus(SECOND * 2));
    }

    #[test]
    fn nobody_who_sets_the_machines_time_moves_the_clock_at_once() {
        let (clock, hand) = Clock::by_hand(Instant::from_micros(0));
        hand.set_forwards(HOUR);
        hand.pass(SECOND);
        assert_eq!(clock.now(), Instant::from_micros(0).plus(SECOND));
        assert!(matches!(measured(&clock), Measured::Unsteady { new: true, .. }));
        assert!(!clock.is_steady());
        hand.set_backwards(HOUR);
        assert_eq!(measured(&clock), Measured::Steady, "it was a mistake, and is mended");
    }

    #[test]
    fn a_jump_that_lasts_is_followed_both_ways() {
        let (clock, hand) = Clock::by_hand(Instant::from_micros(0).plus(HOUR * 9));
        for back in [false, true] {
            if back {
                hand.set_backwards(HOUR);
            } else {
                hand.set_forwards(HOUR);
            }
            assert!(matches!(measured(&clock), Measured::Unsteady { new: true, .. }));
            hand.pass(SECOND * 29);
            assert!(matches!(measured(&clock), Measured::Unsteady { new: false, .. }));
            hand.pass(SECOND);
            assert!(matches!(measured(&clock), Measured::Followed { .. }));
            assert_eq!(Some(clock.now()), clock.machine());
            assert!(clock.is_steady());
        }
    }

    #[test]
    fn a_clock_that_goes_on_jumping_is_not_followed() {
        let (clock, hand) = Clock::by_hand(Instant::from_micros(0));
        for _ in 0..10 {
            hand.set_forwards(HOUR);
            hand.pass(SECOND * 20);
            assert!(matches!(measured(&clock), Measured::Unsteady { new: true, .. }));
        }
    }

    #[test]
    fn an_answer_that_was_long_on_its_way_says_nothing() {
        let (clock, hand) = Clock::by_hand(Instant::from_micros(0));
        let begun = clock.begin();
        let truth = clock.machine().expect("two sources");
        hand.pass(SECOND * 20);
        assert_eq!(clock.measure(truth, begun, TOLERANCE), Measured::Steady);
    }
}
