//! Who sits where, as the database would say it, and what must hold of it.

use roomkey_core::booking::DoorTimes;
use roomkey_core::plan::{Opening, Plan, may_move, wanted_spec};
use roomkey_core::room::{Room, State};
use roomkey_core::seats::{Mobility, Rules, Sitting, Span};

use crate::fleet::{Fleet, Member, STAYS};

/// The most sessions at one moment, by counting.
pub(crate) fn most(spans: &[Span], rules: &Rules) -> usize {
    let at = |it: &Span| {
        let now = it.start;
        spans.iter().filter(|it| it.start <= now && now < it.end.plus(rules.buffer)).count()
    };
    spans.iter().map(at).max().unwrap_or(0)
}

/// Whether there is any way to seat all of these, by trying every one.
fn is_possible(
    placed: &mut Vec<(String, Span)>,
    rest: &[Span],
    users: &[String],
    rules: &Rules,
) -> bool {
    let Some((span, rest)) = rest.split_first() else { return true };
    users.iter().any(|user| {
        let mut there: Vec<Span> =
            placed.iter().filter(|it| it.0 == *user).map(|it| it.1).collect();
        there.push(*span);
        if most(&there, rules) > rules.cap as usize {
            return false;
        }
        placed.push((user.clone(), *span));
        let possible = is_possible(placed, rest, users, rules);
        placed.pop();
        possible
    })
}

impl Fleet {
    fn holds(&self, member: &Member, room: &Room) -> bool {
        let booking = &member.booking;
        let inside = room.is_occupied() && booking.end.plus(DoorTimes::AT_THE_LATEST) > self.now;
        let lasts = booking.end.plus(self.connection.seat_rules.buffer) > self.now || inside;
        match room.state {
            State::Intended | State::Unknown { .. } | State::Live | State::Doubtful { .. } => lasts,
            State::Retiring => lasts && (booking.start <= self.now || inside),
            State::Gone(_) | State::Lost { .. } | State::Stuck => false,
        }
    }

    fn span(&self, member: &Member, room: &Room) -> Span {
        let span = member.booking.span();
        if room.is_occupied() { span.with_people_inside(self.now) } else { span }
    }

    /// The sessions of others, as a session's plan is told of them.
    pub(crate) fn sittings(&self, except: usize) -> Vec<Sitting> {
        let mut all = Vec::new();
        for (_, member) in self.members.iter().enumerate().filter(|(index, _)| *index != except) {
            let booking = &member.booking;
            let may = may_move(booking.start, self.now);
            let rooms: Vec<&Room> =
                member.rooms.iter().filter(|it| self.holds(member, it)).collect();
            let alone = rooms.len() == 1;
            if rooms.is_empty() && booking.wants_room() && booking.end > self.now {
                let promised = booking.seat.iter().filter(|it| self.connection.seats.contains(it));
                all.extend(promised.map(|seat| Sitting {
                    booking: booking.id,
                    span: booking.span(),
                    at: None,
                    bound_for: Some(seat.clone()),
                    since: None,
                    mobility: if may { Mobility::Soon } else { Mobility::Fixed },
                }));
            }
            all.extend(rooms.into_iter().map(|room| {
                let rests = room.state == State::Live && room.effect.is_none() && alone;
                let mobility = match may && !room.is_occupied() {
                    true if rests => Mobility::Movable,
                    true => Mobility::Soon,
                    false => Mobility::Fixed,
                };
                let at = room.place.user.clone();
                Sitting {
                    booking: booking.id,
                    span: self.span(member, room),
                    bound_for: booking.seat.clone().filter(|seat| *seat != at),
                    at: Some(at),
                    since: Some(room.opened_at),
                    mobility,
                }
            }));
        }
        all
    }

    /// Never more at once on one seat than it can run, each where it is to be.
    pub(crate) fn check_seats(&self) {
        let rules = &self.connection.seat_rules;
        let mut users: Vec<&str> = Vec::new();
        for member in &self.members {
            users.extend(member.rooms.iter().map(|it| it.place.user.as_str()));
        }
        users.sort_unstable();
        users.dedup();
        for user in users {
            let mut spans = Vec::new();
            for member in &self.members {
                let booking = &member.booking;
                let wanted = wanted_spec(booking);
                let there = member.rooms.iter().any(|room| {
                    room.state == State::Live
                        && room.place.user == user
                        && Some(room.id) == booking.current
                        && room.request == wanted
                });
                if there && booking.wants_room() && self.now < booking.end {
                    spans.push(booking.span());
                }
            }
            let most = most(&spans, rules);
            assert!(most <= rules.cap as usize, "{user} runs {most} at once");
        }
    }

    /// A room is opened where there is a place for it, and not for a session that is about to begin
    /// and has one.
    pub(crate) fn check_opening(&self, index: usize, opening: &Opening) {
        let rules = &self.connection.seat_rules;
        let member = &self.members[index];
        let mut spans = vec![member.booking.span()];
        for (other, member) in self.members.iter().enumerate() {
            let held = member.rooms.iter().filter(|room| {
                other != index && room.place.user == opening.place.user && self.holds(member, room)
            });
            spans.extend(held.map(|room| self.span(member, room)));
        }
        let close: Vec<Span> =
            spans.iter().filter(|it| it.meets(&spans[0], rules.buffer)).copied().collect();
        assert!(most(&close, rules) <= rules.cap as usize, "{} is taken", opening.place.user);
        let wanted = wanted_spec(&member.booking);
        let has_one = member.rooms.iter().any(|room| {
            Some(room.id) == member.booking.current
                && room.state == State::Live
                && room.request == wanted
        });
        let near = self.now >= member.booking.start.minus(STAYS);
        assert!(!(has_one && near), "a room is moved when hosts may be at its door");
    }

    /// Nobody is told that every seat is taken whom any other way of seating would serve.
    pub(crate) fn check_refusal(&self, index: usize, plan: &Plan) {
        let refused = plan.view.reason.as_ref().is_some_and(|it| it.code == "no_free_seat");
        let others = self.sittings(index);
        if !refused || others.len() > 7 {
            return;
        }
        let rules = &self.connection.seat_rules;
        let mut placed = Vec::new();
        let mut rest = vec![self.members[index].booking.span()];
        let mut movers = Vec::new();
        for it in &others {
            if it.mobility == Mobility::Fixed {
                placed
                    .extend(it.at.iter().chain(&it.bound_for).map(|seat| (seat.clone(), it.span)));
            } else if !movers.contains(&it.booking) {
                movers.push(it.booking);
                rest.push(it.span);
            }
        }
        let possible = is_possible(&mut placed, &rest, &self.connection.seats, rules);
        assert!(!possible, "refused without need: {others:#?}");
    }
}
