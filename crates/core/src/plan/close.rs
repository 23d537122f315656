//! How a session begins and ends: by what the vendor says of the people in its rooms.

use std::time::Duration;

use super::Planner;
use crate::booking::{DoorTimes, Status};
use crate::room::{EffectKind, Room, State};

/// How often a room is looked at that should be empty by now and is not.
const STILL_THERE: Duration = Duration::from_secs(15 * 60);
/// The same while others may wait for its seat.
const STILL_SEATED: Duration = Duration::from_secs(5 * 60);

impl Planner<'_> {
    /// Whether people have come, so that the session is taking place: inside the door's window, of
    /// a room that has a door.
    pub(super) fn begins(&mut self) -> bool {
        if self.booking.status != Status::Confirmed {
            return false;
        }
        let opens = self.booking.start.minus(DoorTimes::HOSTS_BEFORE);
        let with_door = self.rooms.iter().filter(|room| room.state.has_door());
        let met =
            with_door.clone().any(|room| room.presence.met_at().is_some_and(|it| it >= opens));
        let inside = with_door.clone().any(Room::is_occupied);
        if inside {
            self.look_later(opens);
        }
        self.now >= opens && (met || inside)
    }

    /// Whether everybody has left for good: a while after the end, as the vendor says.
    pub(super) fn is_deserted(&mut self, started: bool) -> bool {
        if self.booking.status != Status::InProgress && !started {
            return false;
        }
        let final_from = self.booking.end.plus(DoorTimes::GRACE);
        self.look_later(final_from);
        let met = self.rooms.iter().any(|room| room.presence.met_at().is_some());
        let last = self.booking.end.plus(DoorTimes::AT_THE_LATEST);
        let inside = self.now < last && self.rooms.iter().any(is_inside);
        self.now >= final_from && met && !inside
    }

    /// Whether the session is over: an hour after its end, and ten minutes after everybody has
    /// left. Who should have left long ago is looked for, since the word of it may be lost; after
    /// a day it is over whatever anybody says.
    pub(super) fn completes(&mut self) -> bool {
        if !self.booking.status.is_on() {
            return false;
        }
        let end = self.booking.end;
        let usual = end.plus(DoorTimes::AFTER_END);
        let last = end.plus(DoorTimes::AT_THE_LATEST);
        self.look_for_overtime();
        self.look_later(usual);
        if self.now < usual || self.now >= last {
            return self.now >= last;
        }
        self.look_later(last);
        let mut over = true;
        for index in 0..self.rooms.len() {
            let room = &self.rooms[index];
            if !room.state.has_door() {
                over &= !is_inside(room);
                continue;
            }
            if is_inside(room) {
                over = false;
                let read = room.seen.as_ref().map_or(usual, |seen| seen.at);
                let again = if read < usual { usual } else { read.plus(STILL_THERE) };
                let later = self.now.plus(STILL_THERE);
                let at = again.max(room.next_at);
                self.call(index, 4, EffectKind::Read, at, later);
            } else {
                let closes = DoorTimes::closes_after(end, room.presence.left_at());
                over &= self.now >= closes;
                self.look_later(closes);
            }
        }
        over
    }

    /// Whoever still sits on a seat when the session's time is over is looked for often: the seat is
    /// taken until they have left.
    fn look_for_overtime(&mut self) {
        let end = self.booking.end;
        for index in 0..self.rooms.len() {
            let room = &self.rooms[index];
            if !room.state.has_door() || !room.is_occupied() || self.lends(room).is_none() {
                continue;
            }
            let read = room.seen.as_ref().map_or(end, |seen| seen.at.plus(STILL_SEATED));
            let (at, urgency) = (read.max(end).max(room.next_at), self.now.plus(STILL_SEATED));
            self.call(index, 4, EffectKind::Read, at, urgency);
        }
    }
}

/// Whether the vendor's last word is that there are people in a room. One that is on its way out is
/// still theirs until they have left it.
fn is_inside(room: &Room) -> bool {
    let is_there = room.state.has_door() || matches!(room.state, State::Retiring | State::Stuck);
    is_there && room.is_occupied()
}
