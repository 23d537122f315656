//! Who came and who went.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::attendance::{self as rules, Mark};
use roomkey_core::id::{BookingId, EventId, RoomId};
use roomkey_providers::zoom::events::Visitor;
use roomkey_store::attendance::{self, Noted};
use roomkey_store::{StoreError, Tenant, Tx};
use roomkey_vault::Place;
use serde_json::json;

use crate::parts::Shared;
use crate::situation::Loaded;

/// How far a vendor's clock may be behind ours.
const SKEW: Duration = Duration::from_secs(60);

/// Notes that somebody came or went.
#[expect(clippy::too_many_arguments, reason = "each is one part of one sentence")]
pub(super) async fn note(
    tx: &mut Tx<'_>,
    shared: &Shared,
    loaded: &Loaded,
    room: RoomId,
    instance: &str,
    came: bool,
    visitor: &Visitor,
    at: Instant,
    now: Instant,
) -> Result<(), StoreError> {
    let id = EventId::new(now, shared.entropy.id()).uuid();
    let place = Place { table: "attendance", row: id, field: "sealed" };
    let who = json!({"name": visitor.name, "email": visitor.email, "user": visitor.user});
    let record = loaded.rooms.iter().find(|it| it.room.id == room);
    let opened = record.map(|it| it.room.opened_at.minus(SKEW));
    let owner = record.map(|it| it.door.owner.as_deref().unwrap_or(&it.room.place.user));
    let is_owner = visitor
        .email
        .as_deref()
        .is_some_and(|email| owner.is_some_and(|owner| owner.eq_ignore_ascii_case(email)));
    let noted = Noted {
        id,
        room,
        instance: instance.to_owned(),
        visitor: visitor.id.clone(),
        came,
        // Nobody came before there was a room.
        at: visitor
            .at
            .filter(|it| opened.is_none_or(|opened| *it >= opened))
            .unwrap_or(at)
            .min(now),
        is_host: visitor.is_host || is_owner,
        sealed: Some(shared.ring.seal(&shared.entropy, place, who.to_string().as_bytes())),
    };
    if attendance::note(tx, loaded.tenant(), loaded.id(), &noted).await? {
        attendance::news(tx, loaded.tenant(), loaded.id(), now).await?;
    }
    Ok(())
}

/// What an event says of a session's people: numbers, and no names.
pub(super) async fn of(
    tx: &mut Tx<'_>,
    _shared: &Shared,
    tenant: Tenant,
    booking: BookingId,
    now: Instant,
) -> Result<serde_json::Value, StoreError> {
    let runs = attendance::runs(tx, tenant, booking).await?;
    let marks: Vec<Mark> = attendance::of_booking(tx, tenant, booking)
        .await?
        .into_iter()
        .map(|noted| Mark {
            room: noted.room,
            instance: noted.instance,
            visitor: noted.visitor,
            came: noted.came,
            at: noted.at,
            is_host: noted.is_host,
            user: None,
            name: None,
            email: None,
        })
        .collect();
    let people = rules::attendees(&marks, &runs, now);
    let sitting = rules::sitting(&runs, &people, now);
    let inside =
        people.iter().filter(|it| it.stays.last().is_some_and(|stay| stay.to.is_none())).count();
    Ok(json!({
        "inside": inside,
        "started_at": sitting.first().map(|stay| stay.from),
        "ended_at": sitting.last().and_then(|stay| stay.to),
        "seconds": rules::total(&sitting, now).as_secs(),
    }))
}
