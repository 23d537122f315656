//! How connections are doing.

use roomkey_core::Instant;
use roomkey_core::route::Lane;
use roomkey_store::attempt::Tallies;
use roomkey_store::connection::Record;
use roomkey_store::lane;

use crate::pages::operator::Health;

/// How a connection is doing, by what is known of it and by how its calls went for a day.
pub(super) fn of(
    record: &Record,
    lanes: &[lane::State],
    tallies: &Tallies,
    now: Instant,
) -> Health {
    let connection = &record.connection;
    if connection.disabled {
        return Health::Disabled;
    }
    if let Some(reason) = &connection.needs_reconnect {
        return Health::NeedsReconnect(reason.clone());
    }
    if let Some(slow) = paused(Lane::Connection(connection.id), lanes, now) {
        return slow;
    }
    let tally = tallies.by_connection.get(&connection.id);
    by_calls(tally.map(|it| (it.calls, it.succeeded)), record.checked_at)
}

/// What the calls of a day say: what was asked more often in vain than not is no health, and what
/// was asked at all has been tried.
fn by_calls(calls: Option<(u64, u64)>, checked_at: Option<Instant>) -> Health {
    match calls {
        Some((calls, succeeded)) if succeeded < calls.div_ceil(2) => {
            Health::Refuses { calls, succeeded }
        }
        Some((1.., _)) => Health::Works { checked_at },
        Some(_) | None if checked_at.is_some() => Health::Works { checked_at },
        Some(_) | None => Health::Untried,
    }
}

/// Why nothing is asked in a lane for a while.
pub(super) fn paused(lane: Lane, lanes: &[lane::State], now: Instant) -> Option<Health> {
    let state = lanes.iter().find(|it| it.lane == lane && it.paused_until > now)?;
    Some(Health::Slow(state.reason.clone()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_is_never_told_as_untried() {
        let checked = Some(Instant::default());
        assert_eq!(by_calls(None, None), Health::Untried);
        assert_eq!(by_calls(None, checked), Health::Works { checked_at: checked });
        let refuses = |calls, succeeded| Health::Refuses { calls, succeeded };
        assert_eq!(by_calls(Some((797, 0)), None), refuses(797, 0));
        assert_eq!(by_calls(Some((1, 0)), checked), refuses(1, 0));
        assert_eq!(by_calls(Some((10, 4)), None), refuses(10, 4));
        assert_eq!(by_calls(Some((10, 5)), None), Health::Works { checked_at: None });
    }
}
