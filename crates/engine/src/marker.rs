//! Markers: what a room is found by at a vendor that knows no key of ours.

use roomkey_core::id::{RoomId, encode};

/// A marker names the installation and the room, opaquely. Guests may see it.
#[must_use]
pub fn marker(installation: &str, room: RoomId) -> String {
    format!("rk-{installation}-{}", encode(room.uuid().as_u128()))
}
