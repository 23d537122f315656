//! The model vendor: its rooms, and what is on its way to them.

use std::collections::BTreeMap;
use std::time::Duration;

use roomkey_core::Instant;
use roomkey_core::id::{HostId, RoomId};
use roomkey_core::room::{Seen, Spec};

#[derive(Debug, Clone)]
pub(crate) struct VendorRoom {
    pub(crate) spec: Spec,
    pub(crate) host: HostId,
    pub(crate) exists: bool,
    pub(crate) people: bool,
    pub(crate) is_link: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Effect {
    Make { host: HostId, spec: Spec, is_link: bool },
    Change(Spec),
    Remove,
    Nothing,
}

/// An effect that is on its way.
#[derive(Debug, Clone)]
pub(crate) struct Late {
    pub(crate) at: Instant,
    pub(crate) room: RoomId,
    pub(crate) effect: Effect,
    /// It comes while it is still waited for.
    pub(crate) is_timely: bool,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Vendor {
    pub(crate) rooms: BTreeMap<RoomId, VendorRoom>,
    pub(crate) late: Vec<Late>,
    /// Until when a room is said to be gone which is there; once for each.
    lies: BTreeMap<RoomId, Instant>,
}

impl Vendor {
    pub(crate) fn happen(&mut self, now: Instant) {
        let (due, later): (Vec<_>, Vec<_>) = self.late.drain(..).partition(|it| it.at <= now);
        self.late = later;
        for late in due {
            let there = self.rooms.get_mut(&late.room);
            match (late.effect, there) {
                (Effect::Make { host, spec, is_link }, None) => {
                    let room = VendorRoom { spec, host, exists: true, people: false, is_link };
                    self.rooms.insert(late.room, room);
                }
                (Effect::Change(spec), Some(room)) => room.spec = spec,
                // A room with people in it is not removed.
                (Effect::Remove, Some(room)) => room.exists &= room.people,
                _ => {}
            }
        }
    }

    pub(crate) fn exists(&self, id: RoomId) -> bool {
        self.rooms.get(&id).is_some_and(|room| room.exists)
    }

    pub(crate) fn is_occupied(&self, id: RoomId) -> bool {
        self.rooms.get(&id).is_some_and(|room| room.exists && room.people)
    }

    /// Whether a room is there, or will be while it is still waited for.
    pub(crate) fn is_coming(&self, id: RoomId) -> bool {
        let made = |late: &&Late| late.room == id && matches!(late.effect, Effect::Make { .. });
        self.exists(id) || self.late.iter().filter(made).any(|late| late.is_timely)
    }

    /// From now on a room is said to be gone, for less than a settle time, if that was never said
    /// of it before.
    pub(crate) fn lie(&mut self, id: RoomId, now: Instant, settle: Duration) {
        let until = now.plus(settle).minus(Duration::from_secs(1));
        self.lies.entry(id).or_insert(until);
    }

    pub(crate) fn says_there(&self, id: RoomId, now: Instant) -> bool {
        self.exists(id) && self.lies.get(&id).is_none_or(|until| now >= *until)
    }

    pub(crate) fn read(&self, id: RoomId, now: Instant) -> Seen {
        let room = &self.rooms[&id];
        Seen {
            topic: Some(room.spec.topic.clone()),
            start: Some(room.spec.start),
            minutes: Some(room.spec.minutes),
            occupied: Some(room.people),
            ..Seen::at(now)
        }
    }

    /// What is there that would have to be removed. Nobody can remove what is behind a link.
    pub(crate) fn existing(&self) -> Vec<(&RoomId, &VendorRoom)> {
        self.rooms.iter().filter(|(_, room)| room.exists && !room.is_link).collect()
    }
}
