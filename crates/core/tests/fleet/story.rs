//! What happens to a fleet, many times.

use std::time::Duration;

use proptest::prelude::*;
use roomkey_core::booking::Status;
use roomkey_core::seats::{Span, admits};

use crate::fleet::{Fleet, MINUTE};

#[derive(Debug, Clone, Copy)]
enum Event {
    /// So many quarters of an hour ahead, and as long.
    Book(u32, u32),
    Move(usize, u32),
    Cancel(usize),
    /// Somebody goes into a room, and the vendor tells.
    Come(usize),
    /// Everybody goes home.
    Leave,
    AddSeat,
    RemoveSeat,
    /// Creates are answered at once, or later.
    Slow(bool),
    Wait(u32),
}

fn event(everything: bool) -> impl Strategy<Value = Event> {
    let rare = u32::from(everything);
    prop_oneof![
        8 => (0u32..20, 1u32..7).prop_map(|(ahead, long)| Event::Book(ahead, long)),
        2 => (any::<prop::sample::Index>(), 0u32..20).prop_map(|(which, ahead)| Event::Move(which.index(64), ahead)),
        1 => any::<prop::sample::Index>().prop_map(|which| Event::Cancel(which.index(64))),
        rare => any::<prop::sample::Index>().prop_map(|which| Event::Come(which.index(64))),
        rare => Just(Event::Leave),
        rare => Just(Event::AddSeat),
        rare => Just(Event::RemoveSeat),
        1 => any::<bool>().prop_map(Event::Slow),
        3 => (1u32..90).prop_map(Event::Wait),
    ]
}

impl Fleet {
    /// Whether a session may be at that time beside all others.
    fn admits(&self, span: &Span, except: Option<usize>) -> bool {
        let all = self.members.iter().enumerate();
        let others = all.filter(|(index, it)| Some(*index) != except && it.booking.wants_room());
        let others: Vec<Span> = others.map(|(_, it)| it.booking.span()).collect();
        admits(span, &others, self.connection.seats.len(), &self.connection.seat_rules)
    }

    /// From look to look for so long.
    fn run(&mut self, span: Duration) {
        let until = self.now.plus(span);
        loop {
            let mut next = until;
            for round in 0.. {
                assert!(round < 200, "they never come to rest");
                let mut busy = false;
                for index in 0..self.members.len() {
                    let plan = self.look(index);
                    busy |= !plan.steps.is_empty() || !plan.changed.is_empty();
                    busy |= !plan.moves.is_empty();
                    next = plan.look_at.map_or(next, |at| next.min(at));
                }
                if !busy {
                    break;
                }
            }
            self.answer_all();
            self.check_started();
            if self.now >= until {
                break;
            }
            self.now = next.max(self.now.plus(Duration::from_secs(1))).min(until);
        }
    }

    fn check_started(&mut self) {
        if !self.is_certain {
            return;
        }
        for member in &self.members {
            let booking = &member.booking;
            let runs = booking.start <= self.now && self.now < booking.end;
            assert!(
                !(runs && booking.wants_room()) || member.served,
                "a session that was admitted has no room: {:#?} {:#?}",
                member.booking,
                member.rooms
            );
        }
    }

    fn happen(&mut self, event: Event) {
        let quarter = 15 * MINUTE;
        // Long enough before for rooms to be moved.
        let first = self.now.floor_second().plus(150 * MINUTE);
        let at = |ahead: u32| first.plus(quarter * ahead);
        match event {
            Event::Book(ahead, long) => {
                let span = Span { start: at(ahead), end: at(ahead + long) };
                if self.members.len() < 8 && self.admits(&span, None) {
                    self.book(span);
                }
            }
            Event::Move(which, ahead) => {
                let Some(index) = which.checked_rem(self.members.len()) else { return };
                let booking = &self.members[index].booking;
                let long = booking.end.since(booking.start);
                let span = Span { start: at(ahead), end: at(ahead).plus(long) };
                let early = booking.status == Status::Confirmed && self.now < booking.start;
                if early && self.admits(&span, Some(index)) {
                    let booking = &mut self.members[index].booking;
                    (booking.start, booking.end) = (span.start, span.end);
                    booking.version += 1;
                }
            }
            Event::Cancel(which) => {
                let Some(index) = which.checked_rem(self.members.len()) else { return };
                self.members[index].booking.status = Status::Cancelled;
            }
            Event::Come(which) => {
                let Some(index) = which.checked_rem(self.members.len()) else { return };
                let now = self.now;
                let member = &mut self.members[index];
                let current = member.booking.current;
                if let Some(room) = member.rooms.iter_mut().find(|it| Some(it.id) == current) {
                    room.hear(None, true, now, now);
                    self.people.push(room.id);
                }
            }
            Event::Leave => self.people.clear(),
            Event::AddSeat => {
                let seat = format!("more{}@practice.example", self.connection.seats.len());
                if self.connection.seats.len() < 4 && !self.connection.seats.contains(&seat) {
                    self.connection.seats.push(seat);
                }
            }
            Event::RemoveSeat => {
                if self.connection.seats.len() > 1 {
                    self.connection.seats.remove(0);
                }
            }
            Event::Slow(slow) => self.is_slow = slow,
            Event::Wait(minutes) => self.run(MINUTE * minutes),
        }
        self.run(Duration::ZERO);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn who_was_admitted_has_a_room_when_it_begins(
        seats in 1usize..4,
        cap in 1u32..3,
        events in prop::collection::vec(event(false), 1..16),
    ) {
        let mut fleet = Fleet::new(seats, cap, u32::MAX);
        fleet.is_certain = true;
        for event in events {
            fleet.happen(event);
        }
        fleet.run(10 * 60 * MINUTE);
    }

    #[test]
    fn whatever_happens_no_seat_and_no_day_is_overdrawn(
        seats in 1usize..4,
        cap in 1u32..3,
        limit in 1u32..6,
        events in prop::collection::vec(event(true), 1..16),
    ) {
        let mut fleet = Fleet::new(seats, cap, limit);
        for event in events {
            fleet.happen(event);
        }
        fleet.run(10 * 60 * MINUTE);
    }
}
