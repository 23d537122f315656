//! Markers: what a room is found by at a vendor that knows no key of ours.

use roomkey_core::id::{RoomId, encode};

/// A marker names the installation and the room, opaquely. Guests may see it.
#[must_use]
pub fn marker(installation: &str, room: RoomId) -> String {
    format!("{}{}", beginning(installation), encode(room.uuid().as_u128()))
}

/// What all markers of an installation begin with.
pub(crate) fn beginning(installation: &str) -> String {
    format!("rk-{installation}-")
}

/// The room that a marker of this installation names. What only looks like a marker names none.
pub(crate) fn room_of(installation: &str, marker: &str) -> Option<RoomId> {
    let room = marker.strip_prefix(&beginning(installation))?;
    format!("rom_{room}").parse().ok()
}

#[cfg(test)]
mod tests {
    use roomkey_core::Instant;

    use super::*;

    #[test]
    fn a_marker_names_its_room_and_its_installation() {
        let room = RoomId::new(Instant::from_micros(1_800_000_000_000_000), [7; 10]);
        let ours = marker("7f3a", room);
        assert_eq!(room_of("7f3a", &ours), Some(room));
        assert_eq!(room_of("7f3b", &ours), None);
        assert_eq!(room_of("7f3a", "rk-7f3a-hello"), None);
    }
}
