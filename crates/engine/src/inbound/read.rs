//! A kept event, opened, and whom it concerns.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::id::{AppId, BookingId, ConnectionId, RoomId};
use roomkey_core::route::Provider;
use roomkey_providers::zoom::events::{self, Event};
use roomkey_store::inbound::{Inbound, Whom};
use roomkey_store::{StoreError, Tenant, Tx, app, connection, inbound, installation};
use roomkey_vault::Place;
use secrecy::ExposeSecret as _;

use crate::parts::Shared;

/// An event, and whom it concerns.
pub(super) struct Understood {
    /// What was told.
    pub(super) event: Event,
    /// When it happened.
    pub(super) at: Instant,
    /// The rooms that it is about.
    pub(super) rooms: Vec<(Tenant, BookingId, RoomId)>,
    /// The connections that it came for.
    pub(super) connections: Vec<(Tenant, ConnectionId)>,
}

/// What a kept event comes to.
pub(super) enum Read {
    /// It concerns somebody, or may.
    Understood(Box<Understood>),
    /// It is of no concern to anybody here.
    Nothing,
    /// It is about a meeting that is not known, and one is being made whose name is not known yet.
    TooEarly,
    /// It cannot be opened with the sealing keys that there are.
    NotNow,
}

/// How long after it came an event waits for its meeting to become known: longer than a room stays
/// unknown at a vendor that answers.
const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// How long before it came an event can have happened.
const OLDEST: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) async fn read(
    tx: &mut Tx<'_>,
    shared: &Shared,
    kept: &Inbound,
    now: Instant,
) -> Result<Read, StoreError> {
    let place = Place { table: "inbound", row: kept.id.uuid(), field: "sealed" };
    let Ok(body) = shared.ring.open(place, &kept.sealed) else { return Ok(Read::NotNow) };
    let Some(event) = events::read(body.expose_secret()) else { return Ok(Read::Nothing) };
    let Some(whom) = whom(tx, kept, &event).await? else { return Ok(Read::Nothing) };
    let rooms = match &event.meeting {
        Some(meeting) => inbound::rooms(tx, &whom, meeting).await?,
        None => Vec::new(),
    };
    // Zoom tells of a meeting before it has answered who asked for it. Anybody else's meetings are
    // told of too: those are forgotten as soon as nobody waits for an answer.
    if event.meeting.is_some()
        && rooms.is_empty()
        && now < kept.received_at.plus(PATIENCE)
        && inbound::is_room_under_way(tx, &whom, kept.received_at).await?
    {
        return Ok(Read::TooEarly);
    }
    let mut connections = inbound::connections(tx, &whom).await?;
    if let Ok(id) = kept.address.parse::<ConnectionId>() {
        connections.retain(|(_, it)| *it == id);
    }
    // A vendor repeats itself for hours and not for days: what says otherwise is not believed.
    let at = event.at.filter(|at| *at > kept.received_at.minus(OLDEST));
    let at = at.unwrap_or(kept.received_at).min(kept.received_at);
    Ok(Read::Understood(Box::new(Understood { event, at, rooms, connections })))
}

/// Whose address it came to; nobody's, if what was there is gone by now.
async fn whom(tx: &mut Tx<'_>, kept: &Inbound, event: &Event) -> Result<Option<Whom>, StoreError> {
    let whom = |tenant, client_id| Whom {
        provider: Provider::Zoom,
        account: event.account.clone(),
        tenant,
        client_id,
    };
    if kept.tenant == installation::tenant() {
        return Ok(Some(whom(None, None)));
    }
    if let Ok(id) = kept.address.parse::<AppId>() {
        let app = app::by_address(tx, id).await?;
        return Ok(app.map(|app| whom(Some(app.tenant), Some(app.client_id))));
    }
    let Ok(id) = kept.address.parse::<ConnectionId>() else { return Ok(None) };
    let record = connection::by_address(tx, id).await?;
    let ours = record.is_some_and(|it| it.connection.account == event.account);
    Ok(ours.then(|| whom(Some(kept.tenant), None)))
}
