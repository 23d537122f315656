//! What people do meanwhile.

use std::time::Duration;

use proptest::prelude::*;
use roomkey_core::Instant;
use roomkey_core::booking::Status;
use roomkey_core::id::HostId;

use crate::luck::oops;
use crate::world::{World, id_bytes};

#[derive(Debug, Clone, Copy)]
pub(crate) enum Whim {
    Nothing,
    Move,
    Reassign,
    Regenerate,
    Cancel,
    Reopen,
    HandDelete,
    /// Somebody goes into the room that the door leads to.
    Come,
    /// Everybody leaves.
    Leave,
    /// The vendor tells that somebody came in, which may be a lie by now.
    ToldOfComing,
    /// The vendor tells that everybody has left.
    ToldOfLeaving,
    /// The vendor tells that something was changed.
    ToldOfChange,
    /// A connection is switched off.
    Disable(usize),
    /// A connection is removed.
    Remove(usize),
    /// All connections are there, on and well again.
    Mend,
}

pub(crate) fn whim() -> impl Strategy<Value = Whim> {
    prop_oneof![
        14 => Just(Whim::Nothing),
        2 => Just(Whim::Move),
        2 => Just(Whim::Reassign),
        1 => Just(Whim::Regenerate),
        1 => Just(Whim::Cancel),
        1 => Just(Whim::Reopen),
        1 => Just(Whim::HandDelete),
        1 => Just(Whim::Come),
        1 => Just(Whim::Leave),
        1 => Just(Whim::ToldOfComing),
        1 => Just(Whim::ToldOfLeaving),
        1 => Just(Whim::ToldOfChange),
        1 => (0usize..2).prop_map(Whim::Disable),
        1 => (0usize..2).prop_map(Whim::Remove),
        2 => Just(Whim::Mend),
    ]
}

impl World {
    pub(crate) fn whim(&mut self, whim: Whim) {
        let now = self.now;
        let half_an_hour = Duration::from_secs(1800);
        let current = self.situation.booking.current;
        let rooms = &mut self.situation.rooms;
        let booking = &mut self.situation.booking;
        let mut asked = true;
        match whim {
            Whim::Move => {
                booking.start = booking.start.plus(half_an_hour);
                booking.end = booking.end.plus(half_an_hour);
            }
            Whim::Reassign => {
                // There and back again, from one call to the next.
                let other = HostId::new(Instant::from_micros(1), id_bytes(7));
                let first = HostId::new(Instant::from_micros(1_800_000_000_000_000), id_bytes(1));
                booking.host = if booking.host == first { other } else { first };
            }
            Whim::Regenerate => booking.generation += 1,
            Whim::Cancel => booking.status = Status::Cancelled,
            Whim::Reopen => booking.status = Status::Confirmed,
            _ => asked = false,
        }
        booking.version += i64::from(asked);
        match whim {
            Whim::HandDelete => {
                let there = self.vendor.rooms.values_mut().find(|it| it.exists && !it.is_link);
                if let Some(room) = there {
                    (room.exists, room.people) = (false, false);
                }
            }
            Whim::Come => {
                let opens = booking.start.minus(Duration::from_secs(3600));
                let there = current.and_then(|id| self.vendor.rooms.get_mut(&id));
                if let Some(room) = there.filter(|room| room.exists && now >= opens) {
                    room.people = !room.is_link;
                }
            }
            Whim::Leave => self.empty(),
            Whim::ToldOfComing => rooms.iter_mut().for_each(|it| {
                it.hear(None, true, now, now);
            }),
            Whim::ToldOfLeaving => rooms.iter_mut().for_each(|it| {
                it.hear(None, false, now, now);
            }),
            Whim::ToldOfChange => rooms.iter_mut().for_each(|it| {
                it.doubt(now, now);
            }),
            Whim::Disable(which) => {
                if let Some(connection) = self.situation.connections.get_mut(which) {
                    connection.disabled = true;
                }
            }
            Whim::Remove(which) if which < self.situation.connections.len() => {
                self.situation.connections.remove(which);
            }
            Whim::Mend => self.mend(),
            _ => {}
        }
    }

    pub(crate) fn empty(&mut self) {
        self.vendor.rooms.values_mut().for_each(|room| room.people = false);
    }

    pub(crate) fn mend(&mut self) {
        self.situation.connections.clone_from(&self.connections);
    }

    /// A connection needs a person.
    pub(crate) fn break_off(&mut self, id: roomkey_core::id::ConnectionId) {
        let mut all = self.situation.connections.iter_mut();
        if let Some(connection) = all.find(|it| it.id == id) {
            connection.needs_reconnect = Some(oops());
        }
    }
}
