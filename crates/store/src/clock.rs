//! The clock: the one place where Roomkey asks what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use roomkey_core::Instant;

/// What time it is. On PostgreSQL it is the database's time, by an offset that is measured; it
/// never runs backwards. A test's clock stands still until it is moved.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: Source,
    /// The latest time that was told.
    latest: AtomicI64,
}

#[derive(Debug)]
enum Source {
    /// The machine's time and the measured offset, in microseconds.
    System { offset: AtomicI64 },
    /// A test's time.
    Manual,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(Inner {
            source: Source::System { offset: AtomicI64::new(0) },
            latest: AtomicI64::new(i64::MIN),
        }))
    }

    /// A clock that stands at `now` until it is moved.
    #[must_use]
    pub fn manual(now: Instant) -> Self {
        Self(Arc::new(Inner { source: Source::Manual, latest: AtomicI64::new(now.as_micros()) }))
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Instant {
        match &self.0.source {
            Source::System { offset } => {
                let now = machine_now().saturating_add(offset.load(Ordering::Relaxed));
                let latest = self.0.latest.fetch_max(now, Ordering::Relaxed);
                Instant::from_micros(now.max(latest))
            }
            Source::Manual => Instant::from_micros(self.0.latest.load(Ordering::Relaxed)),
        }
    }

    /// Moves a manual clock; a system clock is not moved by anybody.
    pub fn advance(&self, by: Duration) {
        if matches!(self.0.source, Source::Manual) {
            let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
            self.0.latest.fetch_add(micros, Ordering::Relaxed);
        }
    }

    /// Sets a manual clock, never backwards.
    pub fn advance_to(&self, now: Instant) {
        if matches!(self.0.source, Source::Manual) {
            self.0.latest.fetch_max(now.as_micros(), Ordering::Relaxed);
        }
    }

    /// Whether it stands still until it is moved.
    #[must_use]
    pub fn is_manual(&self) -> bool {
        matches!(self.0.source, Source::Manual)
    }

    /// Takes over the database's time; answers by how much the offset moved.
    pub(crate) fn adjust(&self, database_now: Instant) -> Duration {
        match &self.0.source {
            Source::System { offset } => {
                let fresh = database_now.as_micros().saturating_sub(machine_now());
                let before = offset.swap(fresh, Ordering::Relaxed);
                Duration::from_micros(fresh.abs_diff(before))
            }
            Source::Manual => Duration::ZERO,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock's room")]
fn machine_now() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}
