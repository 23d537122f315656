//! What people in a room keep from happening to it.
//!
//! The vendor's word that somebody is inside holds until the vendor says otherwise. It may be that
//! nobody can say any longer: readings are made and not answered, or cannot be made because the
//! account needs a person. After half an hour of that the word is too old to stand in the way of
//! people who ask for another room. It never holds for longer than a day after the session's end.
//! Calls that were to change the room say nothing about who is in it, whatever becomes of them.

use std::time::Duration;

use super::Planner;
use crate::booking::DoorTimes;
use crate::room::Room;
use crate::time::Instant;

/// So long the last word on people in a room holds while nobody can say any longer.
const SILENCE: Duration = Duration::from_secs(30 * 60);

impl Planner<'_> {
    /// Whether people in a room keep it from being replaced.
    pub(super) fn is_held(&self, room: &Room) -> bool {
        self.held_until(room).is_some()
    }

    /// Until when people in a room keep it from being replaced, if nothing more is heard of them.
    pub(super) fn held_until(&self, room: &Room) -> Option<Instant> {
        let last = self.booking.end.plus(DoorTimes::AT_THE_LATEST);
        let until = self.silent_since(room).map_or(last, |since| last.min(since.plus(SILENCE)));
        Some(until).filter(|until| room.is_occupied() && self.now < *until)
    }

    /// Since when nobody can say who is in a room, if so.
    pub(super) fn silent_since(&self, room: &Room) -> Option<Instant> {
        if self.account_trouble(&room.place).is_some() {
            return Some(room.heard_at());
        }
        room.unanswered_since()
    }
}
