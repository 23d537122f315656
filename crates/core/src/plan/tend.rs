//! What is due for the rooms that there are.

use std::time::Duration;

use super::{Planner, wanted_spec};
use crate::id::RoomId;
use crate::room::{EffectKind, Fact, LOOKS, Refused, Room, State};

impl Planner<'_> {
    /// What is due for one room.
    pub(super) fn tend(&mut self, index: usize, keep: Option<usize>, current: Option<RoomId>) {
        let room = &self.rooms[index];
        if let Some(effect) = &room.effect {
            let deadline = effect.deadline;
            self.look_later(deadline);
            return;
        }
        let start = self.booking.start;
        match room.state {
            State::Intended => {
                let deadline = room.deadline;
                self.look_later(deadline);
            }
            State::Unknown { .. } => self.call(index, 1, EffectKind::Find, room.next_at, start),
            State::Lost { .. } => {
                let next = room.next_look_for_lost(&self.moment());
                let later = self.now.plus(Duration::from_secs(24 * 60 * 60));
                self.call(index, 6, EffectKind::Find, next, later);
            }
            State::Live | State::Doubtful { .. } => {
                if keep == Some(index) {
                    self.tend_kept(index);
                } else if Some(room.id) != current {
                    self.retire(index);
                }
            }
            State::Retiring => self.retire(index),
            State::Gone(_) | State::Stuck => {}
        }
    }

    /// The room that the session is to take place in: it is there, and as it should be.
    fn tend_kept(&mut self, index: usize) {
        for before in LOOKS {
            self.look_later(self.booking.start.minus(before));
        }
        let room = &self.rooms[index];
        if self.account_trouble(&room.place).is_some() {
            return;
        }
        let (next_at, start) = (room.next_at, self.booking.start);
        if let State::Doubtful { .. } = room.state {
            self.call(index, 2, EffectKind::Read, next_at, start);
            return;
        }
        if self.is_outdated(room) {
            // What changes a room counts against its user's day, and so does what is refused.
            let refused = self.refused_change(room).map(|it| (it.again, it.reason.clone()));
            let parked = self.parked(&room.place).cloned();
            let waits = refused.into_iter().chain(parked).max_by_key(|(until, _)| *until);
            if let (Some(due), Some(_)) = (room.read_due, &waits) {
                // Looking costs nothing, and may show that nothing is left to do.
                self.call(index, 4, EffectKind::Read, due.max(next_at), start);
            }
            let next_at = waits.as_ref().map_or(next_at, |(until, _)| next_at.max(*until));
            self.put_off = waits.map(|(_, reason)| reason);
            self.call(index, 3, EffectKind::Update(wanted_spec(self.booking)), next_at, start);
            return;
        }
        if let Some(due) = room.read_due {
            self.call(index, 4, EffectKind::Read, due.max(next_at), start);
            return;
        }
        let last = room.seen.as_ref().map_or(room.opened_at, |seen| seen.at);
        for before in LOOKS {
            let checkpoint = start.minus(before);
            if last < checkpoint {
                if self.now < start {
                    self.call(index, 4, EffectKind::Read, checkpoint.max(next_at), start);
                }
                return;
            }
        }
    }

    /// The change that is wanted of a room and that its vendor refuses, if nobody has changed
    /// anything since.
    pub(super) fn refused_change<'r>(&self, room: &'r Room) -> Option<&'r Refused> {
        let refused = room.unmet.change.as_deref()?;
        let same = refused.request == wanted_spec(self.booking);
        (same && !self.has_new_credentials(&room.place, refused.at)).then_some(refused)
    }

    /// Whether the kept room is not as it should be, and can still be made so. A start that is past
    /// cannot be mended: vendors ignore it.
    pub(super) fn is_outdated(&self, room: &Room) -> bool {
        let wanted = wanted_spec(self.booking);
        // What the vendor has refused to apply so often stays as it is until something new is asked.
        let drifted = self.now < self.booking.start
            && !self.policy.schedule.is_used_up(room.failures)
            && room.seen.as_ref().is_some_and(|seen| {
                seen.differs_from(&wanted) || seen.drifts_from(&wanted, &room.unmet)
            });
        // An update whose answer was lost is done if the room is seen to be as was asked.
        let done = room.request.settings == wanted.settings
            && room.request.time_zone == wanted.time_zone
            && room.request.agenda == wanted.agenda
            && room.seen.as_ref().is_some_and(|seen| seen.confirms(&wanted));
        let differs = room.request != wanted && !done;
        self.now < self.booking.end && self.fits(room) && (differs || drifted)
    }

    fn retire(&mut self, index: usize) {
        let room = &self.rooms[index];
        let (next_at, place) = (room.next_at, room.place.clone());
        match self.account_trouble(&place) {
            Some(reason) => {
                let moment = self.moment();
                self.rooms[index].learn(Fact::AccountMissing(reason), &moment);
            }
            None => {
                // An update that may still take effect does no harm to a room that goes away.
                let soonest = if self.now >= self.booking.end {
                    Duration::from_secs(24 * 60 * 60)
                } else {
                    Duration::from_secs(60 * 60)
                };
                let urgency = self.booking.start.max(self.now.plus(soonest));
                self.call(index, 5, EffectKind::Retire, next_at, urgency);
            }
        }
    }
}
