//! Where a session sits, if seats lend it its room.

use std::time::Duration;

use super::Planner;
use super::choose::Choice;
use crate::failure::Reason;
use crate::room::Room;
use crate::route::{Connection, Place, Standing, Use, connection_of};
use crate::seats::{self, Mobility, Occupancy, Seating, Sitting, Turn};
use crate::time::Instant;

/// So long before its start a room is not moved to another seat any more: hosts may be at its door.
const STAYS: Duration = Duration::from_secs(75 * 60);
/// When it is looked again whether others have moved.
const SHIFT_AGAIN: Duration = Duration::from_secs(10);
/// When it is looked again whether somebody has gone: near the start, and else.
const FULL_AGAIN_NEAR: Duration = Duration::from_secs(30);
const FULL_AGAIN: Duration = Duration::from_secs(10 * 60);
const FULL_NEAR: Duration = Duration::from_secs(60 * 60);

impl Planner<'_> {
    /// A seat for the session at one option of the route.
    pub(super) fn seat_at(&mut self, position: u32, places: Vec<Place>, retry: Instant) -> Choice {
        let Some(connection) = places.first().and_then(|place| self.connection_at(place)).cloned()
        else {
            return Choice::Blocked(Reason::no_seats());
        };
        let Some(first) = places.first().cloned() else {
            return Choice::Blocked(Reason::no_seats());
        };
        let opens = self.booking.start.minus(connection.seat_rules.lead);
        if self.now < opens {
            self.opens_at = Some(opens);
            return Choice::Open { position, place: first, at: opens };
        }
        let (ready, parked): (Vec<Place>, Vec<Place>) =
            places.into_iter().partition(|place| self.parked(place).is_none());
        if ready.is_empty() {
            let parked = parked.iter().filter_map(|place| self.parked(place));
            let soonest = parked.min_by_key(|(until, _)| *until).cloned();
            let (until, reason) = soonest.unwrap_or_else(|| (retry, Reason::no_seats()));
            self.put_off = Some(reason);
            return Choice::Open { position, place: first, at: until.max(retry) };
        }
        let empty = self.nobody(&connection);
        let occupancy = self.occupancy(&connection).unwrap_or(&empty);
        let mut users: Vec<String> = ready.iter().map(|place| place.user.clone()).collect();
        // Those that have done least today come first, so that no seat's day is used up early.
        users.sort_by_key(|user| occupancy.calls.get(user).copied().unwrap_or(0));
        let held = self.rooms.iter().find(|room| Some(room.id) == self.booking.current);
        let own = self.sitting(held.filter(|room| self.lends(room).is_some()));
        let promise = self.booking.seat.as_ref().filter(|seat| users.contains(seat)).cloned();
        if let Some(promise) = promise {
            // Those who move for it are waited for; they look often.
            match seats::turn(&own, &promise, &occupancy.sittings, &connection.seat_rules) {
                Turn::Wait | Turn::GiveUp => {
                    return Choice::Wait(self.now.plus(SHIFT_AGAIN));
                }
                Turn::Go | Turn::Never => {}
            }
        }
        match seats::seat(&own, &occupancy.sittings, &users, &connection.seat_rules) {
            Seating::Free(user) => match ready.into_iter().find(|place| place.user == user) {
                Some(place) => {
                    let at = self.not_before(&place, retry);
                    Choice::Open { position, place, at }
                }
                None => Choice::Blocked(Reason::no_seats()),
            },
            Seating::Shift { seat, moves } => {
                self.promised = Some(seat);
                self.moves = moves;
                Choice::Wait(self.now.plus(SHIFT_AGAIN))
            }
            Seating::Wait => Choice::Wait(self.now.plus(SHIFT_AGAIN)),
            Seating::Full
                if self.is_merely_parked(&own, &parked, &users, occupancy, &connection) =>
            {
                let parked = parked.iter().filter_map(|place| self.parked(place));
                let soonest = parked.min_by_key(|(until, _)| *until).cloned();
                let (until, reason) = soonest.unwrap_or_else(|| (retry, Reason::no_seats()));
                self.put_off = Some(reason);
                Choice::Wait(until.max(retry))
            }
            Seating::Full => {
                let near = self.now >= self.booking.start.minus(FULL_NEAR);
                let again = if near { FULL_AGAIN_NEAR } else { FULL_AGAIN };
                self.look_later(self.now.plus(again));
                Choice::Blocked(Reason::no_free_seat())
            }
        }
    }

    /// Whether there is a seat that merely may do nothing more today.
    fn is_merely_parked(
        &self,
        own: &Sitting,
        parked: &[Place],
        users: &[String],
        occupancy: &Occupancy,
        connection: &Connection,
    ) -> bool {
        if parked.is_empty() {
            return false;
        }
        let mut all = users.to_vec();
        all.extend(parked.iter().map(|place| place.user.clone()));
        let found = seats::seat(own, &occupancy.sittings, &all, &connection.seat_rules);
        found != Seating::Full
    }

    /// Whether a room has to leave its seat: it was promised another, or its new time is somebody
    /// else's there.
    pub(super) fn is_displaced(&self, room: &Room) -> bool {
        let Some((_, occupancy)) = self.seated(room) else { return false };
        self.is_crowded(room) || matches!(self.turn(room, occupancy), Some(Turn::Go | Turn::GiveUp))
    }

    /// Whether a room has to go before the session has another: somebody waits for its seat who
    /// cannot move before.
    pub(super) fn gives_up(&self, room: &Room) -> bool {
        let Some((_, occupancy)) = self.seated(room) else { return false };
        self.turn(room, occupancy) == Some(Turn::GiveUp)
    }

    /// Whether the session has been moved to a time at which its seat is another's, or shares it with
    /// one who was there first. Near its start a room that is as it should be stays where it is.
    pub(super) fn is_crowded(&self, room: &Room) -> bool {
        let Some((connection, occupancy)) = self.seated(room) else { return false };
        let wanted = super::wanted_spec(self.booking);
        let moved = room.request.start != wanted.start || room.request.minutes != wanted.minutes;
        let (seat, rules) = (&room.place.user, &connection.seat_rules);
        if moved {
            return !seats::is_free(seat, &self.booking.span(), &occupancy.sittings, rules);
        }
        self.now < self.booking.start.minus(STAYS)
            && !self.is_held(room)
            && seats::is_crowded(&self.sitting(Some(room)), seat, &occupancy.sittings, rules)
    }

    fn turn(&self, room: &Room, occupancy: &Occupancy) -> Option<Turn> {
        let bound_for = self.booking.seat.as_ref().filter(|seat| **seat != room.place.user)?;
        let (connection, _) = self.seated(room)?;
        if self.now >= self.booking.start.minus(STAYS) || self.is_held(room) {
            return None;
        }
        let own = self.sitting(Some(room));
        Some(seats::turn(&own, bound_for, &occupancy.sittings, &connection.seat_rules))
    }

    /// The seat that the booking is to have written down.
    pub(super) fn seat(&mut self, current: Option<crate::id::RoomId>) -> Option<String> {
        if !self.wants_room_now() {
            return None;
        }
        if let Some(seat) = &self.promised {
            return Some(seat.clone());
        }
        let room = self.rooms.iter().find(|room| Some(room.id) == current);
        let Some(room) = room.filter(|room| self.lends(room).is_some()) else {
            // Whoever found a room elsewhere keeps no seat from others.
            let elsewhere = room.is_some_and(|room| self.fits(room));
            return self.booking.seat.clone().filter(|_| !elsewhere);
        };
        let Some((_, occupancy)) = self.seated(room) else {
            return self.booking.seat.clone().or_else(|| Some(room.place.user.clone()));
        };
        // A promise that nothing can come of is none.
        match self.turn(room, occupancy) {
            Some(Turn::Go | Turn::GiveUp) => self.booking.seat.clone(),
            Some(Turn::Wait) => {
                self.look_later(self.now.plus(SHIFT_AGAIN));
                self.booking.seat.clone()
            }
            Some(Turn::Never) | None => Some(room.place.user.clone()),
        }
    }

    /// The connection that lends a room its seat, if one does.
    pub(super) fn lends(&self, room: &Room) -> Option<&Connection> {
        let index = usize::try_from(room.position).ok()?;
        let option = self.booking.route.get(index)?;
        let accounts = &self.situation.accounts;
        let guessed = !accounts.logins.contains_key(&option.provider);
        let is_seat = match option.uses {
            Use::Seats(_) => true,
            Use::Host | Use::Connection(_) => guessed && room.place.user != accounts.email,
            Use::Link => false,
        };
        self.connection_at(&room.place).filter(|_| is_seat)
    }

    /// The same, with who else sits there, as far as that is known.
    fn seated(&self, room: &Room) -> Option<(&Connection, &Occupancy)> {
        let connection = self.lends(room)?;
        Some((connection, self.occupancy(connection)?))
    }

    fn connection_at(&self, place: &Place) -> Option<&Connection> {
        connection_of(place, self.situation.connections.iter())
    }

    fn occupancy(&self, connection: &Connection) -> Option<&Occupancy> {
        self.situation.occupancy.iter().find(|it| it.connection == connection.id)
    }

    fn nobody(&self, connection: &Connection) -> Occupancy {
        Occupancy { connection: connection.id, sittings: Vec::new(), calls: <_>::default() }
    }

    fn sitting(&self, room: Option<&Room>) -> Sitting {
        Sitting {
            booking: self.booking.id,
            span: self.booking.span(),
            at: room.map(|room| room.place.user.clone()),
            bound_for: self.booking.seat.clone(),
            since: room.map(|room| room.opened_at),
            mobility: Mobility::Fixed,
        }
    }
}

/// Whether the room of a session that begins then may be moved to another seat.
#[must_use]
pub fn may_move(start: Instant, now: Instant) -> bool {
    now < start.minus(STAYS)
}

impl super::Situation {
    /// The connections of whose seats the plan must know who else sits there: those that its route
    /// draws on, and that it has fallen back to.
    #[must_use]
    pub fn seats_to_know(&self, now: Instant) -> Vec<&Connection> {
        let booking = &self.booking;
        if !booking.wants_room() || now >= booking.end {
            return Vec::new();
        }
        let disowned = self
            .rooms
            .iter()
            .any(|room| room.state == crate::room::State::Gone(crate::room::Ending::UserUnknown));
        // Who sits somewhere already must know beyond the lead too whether the seat is still theirs.
        let may_be_there = |room: &Room| room.state.has_door() || room.state.is_open();
        let sits = booking.seat.is_some() || self.rooms.iter().any(may_be_there);
        let mut found: Vec<&Connection> = Vec::new();
        for option in &booking.route {
            let lends = matches!(option.uses, Use::Seats(_)) || disowned;
            let standing =
                crate::route::standing(option, booking.host, &self.accounts, &self.connections);
            let Standing::Ready { seats, .. } = standing else { continue };
            let connection = seats
                .first()
                .filter(|_| lends)
                .and_then(|place| connection_of(place, self.connections.iter()))
                .filter(|it| sits || now >= booking.start.minus(it.seat_rules.lead))
                .filter(|it| found.iter().all(|known| known.id != it.id));
            found.extend(connection);
        }
        found
    }
}
