//! Where a room is to be opened: the route, walked.

use std::time::Duration;

use super::{LAST_CALL, MAIL_PATIENCE, Opening, Planner, Step, is_personal, wanted_spec};
use crate::booking::DoorTimes;
use crate::failure::Reason;
use crate::id::RoomId;
use crate::room::{EffectKind, Ending, NEAR, Room, State, next_look};
use crate::route::{Place, RouteOption, Standing, standing};
use crate::time::Instant;

/// A reading of a room that is younger says who is inside.
const FRESH: Duration = Duration::from_secs(60);
/// So many creates of a booking may be refused for good in a day.
const HANDFUL: usize = 6;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How often a room with people in it is looked at while something waits for it.
const OCCUPIED_AGAIN: Duration = Duration::from_secs(2 * 60);
/// So long it is tried to hear whether somebody is in a room of whom nothing was said.
const UNHEARD: Duration = Duration::from_secs(10);

/// What the route says now.
pub(super) enum Choice {
    /// Open a room here, not before then.
    Open { position: u32, place: Place, at: Instant },
    /// Somebody else has to make room first; look again then.
    Wait(Instant),
    /// A person is needed first.
    Blocked(Reason),
}

impl Planner<'_> {
    /// Whether a new room is asked for that nothing there can be.
    pub(super) fn wants_opening(&self, keep: Option<usize>) -> bool {
        let kept_fits = keep.is_some_and(|index| self.fits(&self.rooms[index]));
        self.wants_room_now() && !kept_fits
    }

    pub(super) fn open(&mut self, current: Option<RoomId>) {
        let start = self.booking.start;
        self.look_later(start.minus(LAST_CALL));
        self.look_later(start.minus(NEAR));
        for option in &self.booking.route {
            if let Some(before) = option.before_start {
                self.look_later(start.minus(before));
            }
        }
        if let Some(confirmed) = self.booking.confirmed_at {
            self.look_later(confirmed.plus(MAIL_PATIENCE));
        }
        if let Some(open) = self.rooms.iter().position(|room| room.state.is_open()) {
            // A try more of what was refused is no news until it is answered.
            let (position, place) = (self.rooms[open].position, self.rooms[open].place.clone());
            self.rejected = self.rejection(position, &place).is_some();
            // One create at a time: the answer to the open one is looked for first.
            if matches!(self.rooms[open].state, State::Unknown { .. }) {
                self.retry_later(self.rooms[open].next_at);
            }
            return;
        }
        if let Some(index) = self.rooms.iter().position(|room| Some(room.id) == current)
            && !self.may_replace(index)
        {
            return;
        }
        match self.choose() {
            Choice::Open { position, place, at } if at <= self.now => {
                let opening = Opening {
                    place,
                    position,
                    generation: self.booking.generation,
                    host: self.booking.host,
                    spec: wanted_spec(self.booking),
                };
                let lane = opening.place.lane();
                self.due(lane, 0, Step::Open(opening), self.booking.start);
            }
            Choice::Open { at, .. } | Choice::Wait(at) => self.retry_later(at),
            Choice::Blocked(reason) => self.blocked = Some(reason),
        }
    }

    /// A room with people in it is not replaced. Around the session, somebody may be inside
    /// without our knowing: it is looked at first. If nobody can say, people come first.
    fn may_replace(&mut self, index: usize) -> bool {
        let room = &self.rooms[index];
        let asked = room.next_at;
        let silent_since = self.silent_since(room);
        let read_at = if let Some(until) = self.held_until(room) {
            let read_at =
                room.seen.as_ref().map_or(asked, |seen| asked.max(seen.at.plus(OCCUPIED_AGAIN)));
            self.look_later(until);
            read_at
        } else {
            let around = self.now >= self.booking.start.minus(DoorTimes::HOSTS_BEFORE);
            let fresh = room.seen.as_ref().is_some_and(|seen| self.now < seen.at.plus(FRESH));
            let given_up = silent_since.map(|since| since.plus(UNHEARD));
            if !around || fresh || given_up.is_some_and(|given_up| self.now >= given_up) {
                return true;
            }
            if let Some(given_up) = given_up {
                self.look_later(given_up);
            }
            asked
        };
        self.call(index, 1, EffectKind::Read, read_at, self.booking.start);
        false
    }

    /// Walks the route.
    fn choose(&mut self) -> Choice {
        let Some(last) = self.booking.route.len().checked_sub(1) else {
            return Choice::Blocked(Reason::no_route());
        };
        let mut held = Reason::no_route();
        for (index, option) in self.booking.route.iter().enumerate() {
            let position = u32::try_from(index).unwrap_or(u32::MAX);
            let standing = standing(
                option,
                self.booking.host,
                &self.situation.accounts,
                &self.situation.connections,
            );
            if index < last {
                if self.goes_on(option, position, &standing) {
                    continue;
                }
                if let Some(before) = option.before_start {
                    self.look_later(self.booking.start.minus(before));
                }
            }
            if let Some(reason) = self.refused_at(position) {
                // Never weaker than the service demands: the option is passed over.
                held = reason;
                self.refused = index == last;
                continue;
            }
            match standing {
                Standing::Ready { own, seats } => return self.place_at(position, own, seats),
                Standing::NotConnected(reason) | Standing::NeedsReconnect(reason) => {
                    held = reason;
                }
            }
            break;
        }
        Choice::Blocked(held)
    }

    /// Whether an option's own rules say that the next is to be tried instead.
    fn goes_on(&self, option: &RouteOption, position: u32, standing: &Standing) -> bool {
        let (failures, _) = self.failures(position);
        (option.on_not_connected && matches!(standing, Standing::NotConnected(_)))
            || (option.on_reconnect_needed && matches!(standing, Standing::NeedsReconnect(_)))
            || option.after_failures.is_some_and(|limit| {
                failures >= limit || self.is_rejected_everywhere(position, standing)
            })
            || option
                .before_start
                .is_some_and(|before| self.now >= self.booking.start.minus(before))
    }

    /// Whether the route has left an unknown room's option behind.
    pub(super) fn route_goes_on_from(&self, room: &Room) -> bool {
        if !self.wants_room_now() || !self.answers(room) {
            return false;
        }
        let index = usize::try_from(room.position).unwrap_or(usize::MAX);
        let Some(option) = self.booking.route.get(index) else { return false };
        if index + 1 >= self.booking.route.len() {
            return false;
        }
        let standing = standing(
            option,
            self.booking.host,
            &self.situation.accounts,
            &self.situation.connections,
        );
        self.goes_on(option, room.position, &standing)
    }

    /// Why an option's account is less private than the service demands, if a room there showed it.
    fn refused_at(&self, position: u32) -> Option<Reason> {
        let mut theirs = self.rooms.iter().filter(|it| it.position == position && self.answers(it));
        theirs.find_map(|room| {
            let breaches = self.breaches(room);
            if !breaches.is_empty() {
                return Some(Reason::not_private(room.place.provider, &breaches));
            }
            // Each that is made stays behind at the vendor: one is enough until a person says so.
            let stands =
                is_personal(room) && !self.has_new_credentials(&room.place, room.opened_at);
            stands.then(|| Reason::personal_room(room.place.provider, &room.place.user))
        })
    }

    /// The room that its vendor refused to make at a place, for good: if that is the last that was
    /// heard from there, the same is asked now, and nobody has pasted new credentials since.
    fn rejection(&self, position: u32, place: &Place) -> Option<&Room> {
        let theirs = self.rooms.iter().filter(|room| {
            room.position == position
                && room.place == *place
                && self.answers(room)
                && !room.state.is_open()
        });
        theirs.max_by_key(|room| (room.opened_at, room.id)).filter(|room| {
            room.state == State::Gone(Ending::Rejected)
                && room.request == wanted_spec(self.booking)
                && !self.has_new_credentials(place, room.changed_at)
        })
    }

    /// Whether an option has no place left at which the vendor has not refused for good.
    fn is_rejected_everywhere(&self, position: u32, standing: &Standing) -> bool {
        let Standing::Ready { own, seats } = standing else { return false };
        let refuses = |place: &Place| self.rejection(position, place).is_some();
        match own {
            Some(place) if self.disowned(place).is_none() => refuses(place),
            Some(_) | None => !seats.is_empty() && seats.iter().all(refuses),
        }
    }

    /// The room that shows that a vendor does not know a place's user.
    fn disowned(&self, place: &Place) -> Option<&Room> {
        self.rooms.iter().find(|room| {
            room.state == State::Gone(Ending::UserUnknown)
                && room.place == *place
                && room.generation == self.booking.generation
        })
    }

    /// When a place may be tried, after what its vendor has refused for good: at the looks before the
    /// session, at once if something has been changed, and only so often a day whatever is changed.
    fn after_rejections(&self, position: u32, place: &Place, retry: Instant) -> Instant {
        let again = match self.rejection(position, place) {
            Some(room) => next_look(self.booking.start, room.changed_at),
            None => retry,
        };
        let mut refused: Vec<Instant> = self
            .rooms
            .iter()
            .filter(|room| room.state == State::Gone(Ending::Rejected) && self.answers(room))
            .map(|room| room.opened_at)
            .collect();
        refused.sort();
        match refused.iter().rev().nth(HANDFUL - 1) {
            Some(at) => again.max(at.plus(DAY)),
            None => again,
        }
    }

    /// The first of an option's places whose user the vendor has not disowned, and when it may be
    /// tried.
    fn place_at(&mut self, position: u32, own: Option<Place>, seats: Vec<Place>) -> Choice {
        let (failures, last) = self.failures(position);
        let retry = last.map_or(self.now, |room| {
            let schedule = &self.policy.schedule;
            schedule.next(failures, room.changed_at, self.booking.start, room.jitter())
        });
        let mut trouble = None;
        if let Some(place) = own {
            match self.disowned(&place) {
                Some(room) => trouble = room.reason.clone(),
                None => {
                    let at = self.after_rejections(position, &place, retry);
                    if let Some(reason) = self.rejected_by(position, &place) {
                        self.rejected = true;
                        if at == Instant::NEVER {
                            return Choice::Blocked(reason);
                        }
                    }
                    let at = self.not_before(&place, at);
                    self.put_off = self.parked(&place).map(|(_, reason)| reason.clone());
                    return Choice::Open { position, place, at };
                }
            }
        }
        let mut lent = Vec::new();
        for place in seats {
            match self.disowned(&place) {
                Some(room) => trouble = room.reason.clone(),
                None => lent.push(place),
            }
        }
        let Some(first) = lent.first().cloned() else {
            return Choice::Blocked(trouble.unwrap_or_else(Reason::no_seats));
        };
        let (refusing, willing): (Vec<Place>, Vec<Place>) =
            lent.into_iter().partition(|place| self.rejection(position, place).is_some());
        let retry = self.after_rejections(position, willing.first().unwrap_or(&first), retry);
        if willing.is_empty() {
            self.rejected = true;
            if retry == Instant::NEVER {
                let reason = self.rejected_by(position, &first);
                return Choice::Blocked(reason.unwrap_or_else(Reason::no_seats));
            }
            return self.seat_at(position, refusing, retry);
        }
        self.seat_at(position, willing, retry)
    }

    fn rejected_by(&self, position: u32, place: &Place) -> Option<Reason> {
        self.rejection(position, place).map(|room| {
            let nameless = || Reason::new("rejected", "The vendor will not make this room.");
            room.reason.clone().unwrap_or_else(nameless)
        })
    }

    /// When a place may be tried: not before the vendor, or its user's day, lets us.
    pub(super) fn not_before(&self, place: &Place, at: Instant) -> Instant {
        let put_off = self
            .rooms
            .iter()
            .filter(|room| room.state == State::Gone(Ending::PutOff) && room.place == *place)
            .map(|room| room.next_at);
        let parked = self.parked(place).map(|(until, _)| *until);
        put_off.chain(parked).chain(self.silent_until(place)).fold(at, Instant::max)
    }

    /// Until when a vendor user, or the whole account, may make and change nothing more, and why.
    pub(super) fn parked(&self, place: &Place) -> Option<&(Instant, Reason)> {
        let connection = place.connection?;
        let user = self.situation.parked.get(&(connection, place.user.clone()));
        let account = self.situation.paused.get(&connection);
        let waits = [user, account].into_iter().flatten().filter(|(until, _)| self.now < *until);
        waits.max_by_key(|(until, _)| *until)
    }

    /// Failures in a row of making the room that is asked for at one option, and the last of them
    /// that the schedule waits after. An attempt that was waited out needs no further wait, and one that
    /// was refused for good has times of its own.
    pub(super) fn failures(&self, position: u32) -> (u32, Option<&Room>) {
        let mut tries: Vec<&Room> = self
            .rooms
            .iter()
            .filter(|room| room.position == position && self.answers(room))
            .collect();
        tries.sort_by_key(|room| (room.opened_at, room.id));
        let mut failures = 0;
        let mut last = None;
        for room in tries {
            match room.state {
                State::Gone(Ending::Refused) => {
                    failures += 1;
                    last = Some(room);
                }
                State::Gone(Ending::Rejected) => {
                    failures += 1;
                    last = None;
                }
                // Whoever asked was killed: nobody knows of a failure.
                State::Unknown { recorded: false, .. } => {}
                State::Lost { recorded, .. } => {
                    failures += u32::from(recorded);
                    last = None;
                }
                State::Unknown { recorded: true, .. } => failures += 1,
                State::Gone(Ending::Removed | Ending::Vanished)
                | State::Live
                | State::Doubtful { .. }
                | State::Retiring
                | State::Stuck => {
                    failures = 0;
                    last = None;
                }
                State::Intended | State::Gone(Ending::PutOff | Ending::UserUnknown) => {}
            }
        }
        (failures, last)
    }
}
