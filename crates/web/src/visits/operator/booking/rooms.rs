//! A booking's rooms as the page shows them.

use roomkey_core::id::RoomId;
use roomkey_core::route::Provider;
use roomkey_store::{booking, room};

use crate::pages::operator::booking::RoomRow;

/// What a room is called here: it counts the booking's rooms from 1, oldest first.
pub(super) fn number(rooms: &[room::Record], id: RoomId) -> usize {
    rooms.iter().position(|it| it.room.id == id).map_or(0, |place| place + 1)
}

/// The number by which people know a room, or else the vendor's id. A typed link has neither.
pub(super) fn known_as(record: &room::Record) -> Option<String> {
    match record.room.place.provider {
        Provider::Zoom => record.door.number.clone().or_else(|| record.room.vendor_id.clone()),
        Provider::Link => None,
    }
}

/// Who holds a room at the vendor.
pub(super) fn held_by(record: &room::Record) -> Option<String> {
    match record.room.place.provider {
        Provider::Zoom => {
            Some(record.door.owner.clone().unwrap_or_else(|| record.room.place.user.clone()))
        }
        // Behind a typed link is nobody whom we know; what stands there is the address.
        Provider::Link => None,
    }
}

/// The rooms, newest first.
pub(super) fn rows(record: &booking::Record, rooms: &[room::Record]) -> Vec<RoomRow> {
    rooms
        .iter()
        .map(|it| RoomRow {
            number: u32::try_from(number(rooms, it.room.id)).unwrap_or(0),
            provider: it.room.place.provider,
            state: it.room.state,
            account: held_by(it),
            vendor_id: known_as(it),
            made_at: it.room.opened_at,
            current: record.booking.current == Some(it.room.id),
            reason: it.room.reason.as_ref().map(|reason| reason.message.clone()),
        })
        .rev()
        .collect()
}
