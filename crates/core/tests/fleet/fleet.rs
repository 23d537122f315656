//! Bookings, their rooms, and a vendor that answers.

use std::collections::BTreeMap;
use std::time::Duration;

use roomkey_core::booking::{Booking, Mode, Status};
use roomkey_core::failure::Reason;
use roomkey_core::id::{BookingId, ConnectionId, EffectId, HostId, RoomId};
use roomkey_core::plan::{Opening, Plan, Policy, Situation, Step, plan, wanted_spec};
use roomkey_core::presence::Presence;
use roomkey_core::room::{Effect, EffectKind, Fact, Moment, Room, Seen, Spec, State, Unmet};
use roomkey_core::route::{Connection, HostAccounts, Provider, RouteOption, Use};
use roomkey_core::seats::{Occupancy, Rules, Span};
use roomkey_core::settings::Settings;
use roomkey_core::{Instant, Zone};

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
/// So long before its start a room stays where it is.
pub(crate) const STAYS: Duration = Duration::from_secs(75 * 60);

pub(crate) fn bytes(n: u32) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[6..].copy_from_slice(&n.to_be_bytes());
    bytes
}

pub(crate) struct Member {
    pub(crate) booking: Booking,
    pub(crate) rooms: Vec<Room>,
    /// Whether it has a room now that is where it should be.
    pub(crate) served: bool,
}

pub(crate) struct Fleet {
    pub(crate) now: Instant,
    pub(crate) connection: Connection,
    pub(crate) members: Vec<Member>,
    /// What each seat has made and changed, by day.
    pub(crate) calls: BTreeMap<(String, i64), u32>,
    /// How much it may.
    pub(crate) limit: u32,
    /// Creates are answered later.
    pub(crate) is_slow: bool,
    /// Whose rooms have people in them, as the vendor knows.
    pub(crate) people: Vec<RoomId>,
    /// Whether nothing happens that could leave a session without a room.
    pub(crate) is_certain: bool,
    policy: Policy,
    made: u32,
}

impl Fleet {
    pub(crate) fn new(seats: usize, cap: u32, limit: u32) -> Self {
        let now = Instant::from_micros(1_800_000_000_000_000);
        let rules = Rules { cap, buffer: 10 * MINUTE, lead: 6 * 60 * MINUTE };
        let connection = Connection {
            id: ConnectionId::new(now, bytes(2)),
            credentials_at: Instant::default(),
            provider: Provider::Zoom,
            host: None,
            account: "acc-1".to_owned(),
            seats: (0..seats).map(|n| format!("seat{n}@practice.example")).collect(),
            seat_rules: rules,
            disabled: false,
            needs_reconnect: None,
        };
        Self {
            now,
            connection,
            members: Vec::new(),
            calls: BTreeMap::new(),
            limit,
            is_slow: false,
            people: Vec::new(),
            is_certain: false,
            policy: Policy::default(),
            made: 100,
        }
    }

    pub(crate) fn book(&mut self, span: Span) {
        let n = u32::try_from(self.members.len()).expect("few") + 10;
        self.members.push(Member {
            booking: Booking {
                private: false,
                id: BookingId::new(Instant::from_micros(0), bytes(n)),
                status: Status::Confirmed,
                mode: Mode::Online,
                start: span.start,
                end: span.end,
                time_zone: Zone::utc(),
                title: "Session".to_owned(),
                agenda: None,
                host: HostId::new(Instant::from_micros(0), bytes(1)),
                route: vec![RouteOption {
                    uses: Use::Seats(self.connection.id),
                    ..RouteOption::host(Provider::Zoom)
                }],
                settings: Settings::default(),
                generation: 0,
                version: 1,
                seat: None,
                current: None,
                confirmed_at: Some(self.now),
            },
            rooms: Vec::new(),
            served: false,
        });
    }

    fn situation(&self, index: usize) -> Situation {
        let member = &self.members[index];
        let day = self.now.utc_day();
        let today = self.calls.iter().filter(|((_, it), _)| *it == day);
        let calls: BTreeMap<String, u32> =
            today.map(|((user, _), calls)| (user.clone(), *calls)).collect();
        let used_up = calls.iter().filter(|(_, calls)| **calls >= self.limit);
        let until = self.now.next_utc_day();
        let parked = used_up
            .map(|(user, _)| {
                ((self.connection.id, user.clone()), (until, Reason::day_is_used_up(user)))
            })
            .collect();
        let mut situation = Situation {
            booking: member.booking.clone(),
            host_name: "Ana".to_owned(),
            accounts: HostAccounts {
                logins: BTreeMap::new(),
                email: "ana@practice.example".to_owned(),
            },
            connections: vec![self.connection.clone()],
            rooms: member.rooms.clone(),
            listeners: vec![],
            occupancy: vec![],
            parked,
            silent: BTreeMap::new(),
            paused: BTreeMap::new(),
        };
        if !situation.seats_to_know(self.now).is_empty() {
            let sittings = self.sittings(index);
            let occupancy = Occupancy { connection: self.connection.id, sittings, calls };
            situation.occupancy.push(occupancy);
        }
        situation
    }

    /// Looks at one session, writes down what the plan says, and does it.
    pub(crate) fn look(&mut self, index: usize) -> Plan {
        let situation = self.situation(index);
        let plan = plan(&situation, &self.policy, self.now);
        self.check_refusal(index, &plan);
        for changed in &plan.changed {
            *self.room(index, changed.id) = changed.clone();
        }
        for (booking, seat) in &plan.moves {
            let mover = self.members.iter_mut().find(|it| it.booking.id == *booking);
            mover.expect("known").booking.seat = Some(seat.clone());
        }
        let member = &mut self.members[index];
        member.booking.seat.clone_from(&plan.seat);
        member.booking.current = plan.current;
        if plan.started {
            member.booking.status = Status::InProgress;
        }
        if plan.completed {
            member.booking.status = Status::Completed;
        }
        let current = member.rooms.iter().find(|it| Some(it.id) == plan.current);
        let wanted = wanted_spec(&member.booking);
        member.served = current.is_some_and(|it| it.state == State::Live && it.request == wanted);
        for due in &plan.steps {
            self.step(index, &due.step);
        }
        self.check_seats();
        plan
    }

    fn room(&mut self, index: usize, id: RoomId) -> &mut Room {
        self.members[index].rooms.iter_mut().find(|it| it.id == id).expect("a room")
    }

    fn learn(&mut self, index: usize, id: RoomId, fact: Fact) {
        let schedule = self.policy.schedule.clone();
        let moment = Moment {
            now: self.now,
            start: self.members[index].booking.start,
            settle: self.policy.settle,
            schedule: &schedule,
        };
        self.room(index, id).learn(fact, &moment);
    }

    fn spend(&mut self, user: &str) {
        let calls = self.calls.entry((user.to_owned(), self.now.utc_day())).or_default();
        *calls += 1;
        assert!(*calls <= self.limit, "{user} has done {calls} today");
    }

    fn seen(&self, id: RoomId, spec: &Spec) -> Seen {
        Seen {
            topic: Some(spec.topic.clone()),
            start: Some(spec.start),
            minutes: Some(spec.minutes),
            occupied: Some(self.people.contains(&id)),
            ..Seen::at(self.now)
        }
    }

    fn step(&mut self, index: usize, step: &Step) {
        match step {
            Step::Open(opening) => self.open(index, opening),
            Step::Update(id, spec) => {
                let user = self.room(index, *id).place.user.clone();
                self.spend(&user);
                let seen = self.seen(*id, spec);
                self.learn(index, *id, Fact::Updated { request: spec.clone(), seen });
            }
            Step::Read(id) => {
                let request = self.room(index, *id).request.clone();
                let seen = self.seen(*id, &request);
                self.learn(index, *id, Fact::Read(seen));
            }
            Step::Find(id) => {
                let request = self.room(index, *id).request.clone();
                let seen = self.seen(*id, &request);
                self.learn(index, *id, Fact::Found { vendor_id: id.to_string(), seen });
            }
            Step::Retire(id) => {
                self.learn(index, *id, Fact::RetireBegun);
                let effect = EffectId::new(self.now, bytes(self.made));
                let deadline = self.now.plus(Duration::from_secs(10));
                self.room(index, *id).effect =
                    Some(Effect { id: effect, kind: EffectKind::Retire, deadline });
                let occupied = self.people.contains(id);
                let failure = roomkey_core::failure::Failure::Occupied;
                let fact = if occupied { Fact::RetireFailed(failure) } else { Fact::Retired };
                self.learn(index, *id, fact);
            }
            Step::Say(_) => {}
        }
    }

    fn open(&mut self, index: usize, opening: &Opening) {
        self.check_opening(index, opening);
        self.spend(&opening.place.user);
        self.made += 1;
        let id = RoomId::new(self.now, bytes(self.made));
        self.members[index].rooms.push(Room {
            id,
            presence: Presence::default(),
            place: opening.place.clone(),
            host: opening.host,
            position: opening.position,
            generation: opening.generation,
            opened_at: self.now,
            deadline: self.now.plus(MINUTE),
            request: opening.spec.clone(),
            state: State::Intended,
            changed_at: self.now,
            vendor_id: None,
            seen: None,
            unmet: Unmet::default(),
            read_due: None,
            next_at: self.now,
            failures: 0,
            reason: None,
            effect: None,
        });
        if !self.is_slow {
            self.answer(index, id);
        }
    }

    fn answer(&mut self, index: usize, id: RoomId) {
        let request = self.room(index, id).request.clone();
        let seen = self.seen(id, &request);
        self.learn(index, id, Fact::Made { vendor_id: id.to_string(), seen });
    }

    /// What was asked and not answered is.
    pub(crate) fn answer_all(&mut self) {
        for index in 0..self.members.len() {
            let open = self.members[index].rooms.iter().find(|it| it.state == State::Intended);
            if let Some(id) = open.map(|it| it.id) {
                self.answer(index, id);
            }
        }
    }
}
