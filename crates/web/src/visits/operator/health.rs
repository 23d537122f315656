//! How connections are doing.

use roomkey_core::Instant;
use roomkey_core::route::Lane;
use roomkey_store::connection::Record;
use roomkey_store::lane;

use crate::pages::operator::Health;

/// How a connection is doing.
pub(super) fn of(record: &Record, lanes: &[lane::State], now: Instant) -> Health {
    let connection = &record.connection;
    if connection.disabled {
        return Health::Disabled;
    }
    if let Some(reason) = &connection.needs_reconnect {
        return Health::NeedsReconnect(reason.clone());
    }
    match (paused(Lane::Connection(connection.id), lanes, now), record.checked_at) {
        (Some(slow), _) => slow,
        (None, Some(checked_at)) => Health::Works { checked_at },
        (None, None) => Health::Untried,
    }
}

/// Why nothing is asked in a lane for a while.
pub(super) fn paused(lane: Lane, lanes: &[lane::State], now: Instant) -> Option<Health> {
    let state = lanes.iter().find(|it| it.lane == lane && it.paused_until > now)?;
    Some(Health::Slow(state.reason.clone()?))
}
