//! What people see of a booking's rooms.

use super::{Due, LAST_CALL, MAIL_PATIENCE, Planner, Step};
use crate::booking::Status as BookingStatus;
use crate::failure::Reason;
use crate::id::RoomId;
use crate::meeting::{self, View};
use crate::room::{Room, State};
use crate::route::Lane;

impl Planner<'_> {
    pub(super) fn view(&mut self, current: Option<RoomId>) -> View {
        use meeting::Status;
        let (failures, trouble) = self.trouble();
        let leftover = self.rooms.iter().any(|room| {
            matches!(
                room.state,
                State::Intended
                    | State::Unknown { .. }
                    | State::Live
                    | State::Doubtful { .. }
                    | State::Retiring
            )
        });
        let stuck = self.rooms.iter().any(|room| room.state == State::Stuck);
        let calls = self
            .steps
            .values()
            .any(|(_, due)| due.lane != Lane::Mail && !is_late_look(due, &self.rooms));
        let last_call = self.now >= self.booking.start.minus(LAST_CALL);
        // So late, a room that is merely put off is as good as none.
        let patient = self
            .booking
            .confirmed_at
            .is_none_or(|confirmed| self.now < confirmed.plus(MAIL_PATIENCE));
        let given_notice = last_call && (failures > 0 || self.blocked.is_some() || !patient)
            || self.policy.schedule.is_used_up(failures)
            || self.refused
            || self.rejected;
        let status = match self.booking.status {
            _ if self.booking.mode != crate::booking::Mode::Online && !leftover && !stuck => {
                Status::NotNeeded
            }
            BookingStatus::Pending(_) => Status::Pending,
            BookingStatus::Confirmed | BookingStatus::InProgress
                if self.booking.mode == crate::booking::Mode::Online =>
            {
                if current.is_some() {
                    Status::Active
                } else if !self.wants_room_now() {
                    // The session is over: what is left goes away, and nothing is missed.
                    if leftover || stuck { Status::Cancelling } else { Status::NotNeeded }
                } else if given_notice {
                    Status::Failed
                } else if self.blocked.is_some() || self.opens_at.is_some() {
                    Status::Pending
                } else {
                    Status::Creating
                }
            }
            BookingStatus::Completed | BookingStatus::NoShow if current.is_some() => Status::Active,
            // It is over, and never had one.
            BookingStatus::Completed | BookingStatus::NoShow if self.rooms.is_empty() => {
                Status::NotNeeded
            }
            BookingStatus::Confirmed
            | BookingStatus::InProgress
            | BookingStatus::Completed
            | BookingStatus::Cancelled
            | BookingStatus::NoShow => {
                if leftover || stuck {
                    Status::Cancelling
                } else {
                    Status::Cancelled
                }
            }
        };
        let kept_fits = self
            .rooms
            .iter()
            .any(|room| Some(room.id) == current && (self.fits(room) || !self.wants_room_now()));
        let unwanted = self.rooms.iter().any(|room| {
            Some(room.id) != current
                && matches!(
                    room.state,
                    State::Intended
                        | State::Unknown { .. }
                        | State::Live
                        | State::Doubtful { .. }
                        | State::Retiring
                )
        });
        let uncertain = self.rooms.iter().any(|room| {
            Some(room.id) == current
                && (room.read_due.is_some()
                    || room.effect.is_some()
                    || room.state != State::Live
                    || (self.is_outdated(room)
                        && self.refused_change(room).is_none()
                        && !self.policy.schedule.is_used_up(room.failures)))
        });
        let shut_out = self
            .rooms
            .iter()
            .find(|room| Some(room.id) == current)
            .and_then(|room| self.account_trouble(&room.place));
        let person_needed = self.blocked.is_some()
            || self.rejected
            || shut_out.is_some()
            || status == Status::Failed;
        let done = !calls
            && !unwanted
            && !uncertain
            && (kept_fits
                || !self.wants_room_now()
                || status == Status::NotNeeded
                || (self.opens_at.is_some() && current.is_none()));
        let reason = match status {
            // A room that is opened later on purpose is no trouble, whatever was tried before.
            Status::Pending if self.opens_at.is_some() && self.blocked.is_none() => None,
            Status::Active if kept_fits => shut_out.or_else(|| self.put_off.clone()),
            Status::Active | Status::Creating | Status::Failed | Status::Pending => {
                self.blocked.clone().or_else(|| self.put_off.clone()).or(trouble)
            }
            Status::Cancelling => self
                .rooms
                .iter()
                .filter(|room| matches!(room.state, State::Stuck | State::Retiring))
                .find_map(|room| room.reason.clone()),
            Status::Cancelled | Status::NotNeeded => None,
        };
        let waits = self.blocked.is_none()
            && (matches!(status, Status::Creating | Status::Failed) || self.opens_at.is_some());
        let warnings = self
            .rooms
            .iter()
            .find(|room| Some(room.id) == current)
            .map_or_else(Vec::new, |room| self.warnings(room));
        View {
            status,
            reason,
            warnings,
            failures,
            next_attempt_at: self.retry_at.filter(|_| waits),
            settled: done || person_needed,
            stalled: current.is_none() && self.wants_room_now() && self.blocked.is_some(),
        }
    }

    /// What a room that is used has otherwise than was asked.
    fn warnings(&self, room: &Room) -> Vec<Reason> {
        let provider = room.place.provider;
        let kept = self.booking.settings.contradicted_by(&room.unmet.settings).named();
        let dropped = &room.unmet.alternative_hosts;
        let mut warnings = Vec::new();
        if !kept.is_empty() {
            warnings.push(Reason::settings_kept(provider, &kept));
        }
        if !dropped.is_empty() {
            warnings.push(Reason::hosts_dropped(provider, dropped));
        }
        let left_out = &room.unmet.hosts_left_out;
        if !left_out.is_empty() {
            warnings.push(Reason::hosts_left_out(provider, left_out));
        }
        warnings
    }

    /// Failures of making the room that is asked for, at the option that was tried last.
    fn trouble(&self) -> (u32, Option<Reason>) {
        let last = self
            .rooms
            .iter()
            .filter(|room| self.answers(room))
            .max_by_key(|room| (room.opened_at, room.id));
        match last {
            Some(room) => {
                let (failures, _) = self.failures(room.position);
                (failures, room.reason.clone())
            }
            None => (0, None),
        }
    }
}

/// A look for a room that was given up keeps nobody waiting.
fn is_late_look(due: &Due, rooms: &[Room]) -> bool {
    match &due.step {
        Step::Find(id) => {
            rooms.iter().any(|room| room.id == *id && matches!(room.state, State::Lost { .. }))
        }
        Step::Open(_) | Step::Update(..) | Step::Read(_) | Step::Retire(_) | Step::Say(_) => false,
    }
}
