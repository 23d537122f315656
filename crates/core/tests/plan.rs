//! The plan against a model vendor: lost answers, late effects, kills, and people who change
//! their minds, in any order. Whatever happened, doing what the plan says ends in exactly one room
//! for a session that is on, and in none for one that is off.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![expect(clippy::wildcard_enum_match_arm, reason = "of luck, some matters and the rest does not")]

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use roomkey_core::booking::{Booking, Mode, Status};
use roomkey_core::failure::{Failure, Reason};
use roomkey_core::id::{BookingId, ConnectionId, EffectId, HostId, MessageId, PersonId, RoomId};
use roomkey_core::plan::{Plan, Policy, Situation, Step, plan};
use roomkey_core::presence::Presence;
use roomkey_core::room::{Effect, EffectKind, Fact, Moment, Room, Seen, Spec, State, Unmet};
use roomkey_core::route::{Connection, HostAccounts, Provider, RouteOption, Use};
use roomkey_core::seats::Rules;
use roomkey_core::settings::{Recording, Settings};
use roomkey_core::told::{Listener, Occasion, Queued, Saying, Statement};
use roomkey_core::{Instant, Zone};

const CALL: Duration = Duration::from_secs(10);

/// What becomes of one call.
#[derive(Debug, Clone, Copy)]
enum Luck {
    Answered,
    Refused,
    AnswerLost,
    EffectLate,
    Killed,
    KilledAfterEffect,
}

/// What people do meanwhile.
#[derive(Debug, Clone, Copy)]
enum Whim {
    Nothing,
    Move,
    Reassign,
    Regenerate,
    Cancel,
    Reopen,
    HandDelete,
    /// The vendor tells that somebody came in, which may be a lie by now.
    ToldOfComing,
    /// The vendor tells that everybody has left.
    ToldOfLeaving,
    /// The vendor tells that something was changed.
    ToldOfChange,
}

#[derive(Debug, Clone)]
struct VendorRoom {
    spec: Spec,
    host: HostId,
    exists: bool,
}

/// An effect and the time at which it happens: a room made or changed, or removed.
type Late = (Instant, RoomId, Option<(HostId, Spec)>, bool);

struct World {
    now: Instant,
    situation: Situation,
    policy: Policy,
    vendor: BTreeMap<RoomId, VendorRoom>,
    /// Effects on their way.
    late: Vec<Late>,
    made: u32,
}

fn id_bytes(n: u32) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[6..].copy_from_slice(&n.to_be_bytes());
    bytes
}

impl World {
    fn new(hours_ahead: u64) -> Self {
        let now = Instant::from_micros(1_800_000_000_000_000);
        let host = HostId::new(now, id_bytes(1));
        let start = now.plus(Duration::from_secs(hours_ahead * 3600));
        let connection = ConnectionId::new(now, id_bytes(2));
        Self {
            now,
            policy: Policy::default(),
            vendor: BTreeMap::new(),
            late: Vec::new(),
            made: 10,
            situation: Situation {
                booking: Booking {
                    id: BookingId::new(now, id_bytes(3)),
                    status: Status::Confirmed,
                    mode: Mode::Online,
                    start,
                    end: start.plus(Duration::from_secs(3600)),
                    time_zone: Zone::utc(),
                    title: "Session".to_owned(),
                    agenda: None,
                    host,
                    route: vec![RouteOption::host(Provider::Zoom)],
                    settings: Settings::default(),
                    generation: 0,
                    version: 1,
                    seat: None,
                    current: None,
                    confirmed_at: Some(now),
                },
                host_name: "Ana".to_owned(),
                accounts: HostAccounts {
                    logins: BTreeMap::new(),
                    email: "ana@practice.example".to_owned(),
                },
                connections: vec![Connection {
                    id: connection,
                    provider: Provider::Zoom,
                    host: None,
                    account: "acc-1".to_owned(),
                    seats: vec![],
                    seat_rules: Rules::default(),
                    disabled: false,
                    needs_reconnect: None,
                    credentials_at: Instant::default(),
                }],
                rooms: vec![],
                listeners: vec![Listener {
                    link: 0,
                    person: PersonId::new(now, id_bytes(4)),
                    reachable: true,
                    present: true,
                    said: None,
                    heard: None,
                    queued: None,
                }],
                occupancy: vec![],
                parked: BTreeMap::new(),
            },
        }
    }

    fn fresh(&mut self) -> u32 {
        self.made += 1;
        self.made
    }

    fn learn(&mut self, id: RoomId, fact: Fact) {
        let moment = Moment {
            now: self.now,
            start: self.situation.booking.start,
            settle: self.policy.settle,
            schedule: &self.policy.schedule,
        };
        let room = self.situation.rooms.iter_mut().find(|room| room.id == id).expect("a room");
        room.learn(fact, &moment);
    }

    fn happen(&mut self) {
        let now = self.now;
        let (due, later): (Vec<_>, Vec<_>) = self.late.drain(..).partition(|it| it.0 <= now);
        self.late = later;
        for (_, id, create, delete) in due {
            if let Some((host, spec)) = create {
                let exists = self.vendor.get(&id).is_none_or(|room| room.exists);
                self.vendor.insert(id, VendorRoom { spec, host, exists });
            } else if delete && let Some(room) = self.vendor.get_mut(&id) {
                room.exists = false;
            }
        }
    }

    fn whim(&mut self, whim: Whim) {
        let now = self.now;
        let rooms = &mut self.situation.rooms;
        match whim {
            Whim::ToldOfComing => rooms.iter_mut().for_each(|it| {
                it.hear(None, true, now, now);
            }),
            Whim::ToldOfLeaving => rooms.iter_mut().for_each(|it| {
                it.hear(None, false, now, now);
            }),
            Whim::ToldOfChange => rooms.iter_mut().for_each(|it| {
                it.doubt(now, now);
            }),
            _ => {}
        }
        let booking = &mut self.situation.booking;
        booking.version += 1;
        match whim {
            Whim::Nothing | Whim::ToldOfComing | Whim::ToldOfLeaving | Whim::ToldOfChange => {
                booking.version -= 1;
            }
            Whim::Move => {
                booking.start = booking.start.plus(Duration::from_secs(1800));
                booking.end = booking.end.plus(Duration::from_secs(1800));
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
            Whim::HandDelete => {
                if let Some(room) = self.vendor.values_mut().find(|room| room.exists) {
                    room.exists = false;
                }
            }
        }
    }

    /// Asks for the plan and writes down what it says of rooms and people.
    fn look(&mut self) -> Plan {
        let plan = plan(&self.situation, &self.policy, self.now);
        for changed in &plan.changed {
            let room = self.situation.rooms.iter_mut().find(|room| room.id == changed.id);
            *room.expect("a changed room is known") = changed.clone();
        }
        self.situation.booking.current = plan.current;
        if plan.started {
            self.situation.booking.status = Status::InProgress;
        }
        if plan.completed {
            self.situation.booking.status = Status::Completed;
        }
        plan
    }

    fn step(&mut self, step: &Step, luck: Luck) {
        let deadline = self.now.plus(CALL);
        match step {
            Step::Open(opening) => {
                let id = RoomId::new(self.now, id_bytes(self.fresh()));
                let open = self.situation.rooms.iter().filter(|room| room.state.is_open()).count();
                assert_eq!(open, 0, "a second create was opened");
                self.situation.rooms.push(Room {
                    id,
                    place: opening.place.clone(),
                    host: opening.host,
                    position: opening.position,
                    generation: opening.generation,
                    opened_at: self.now,
                    deadline,
                    request: opening.spec.clone(),
                    state: State::Intended,
                    changed_at: self.now,
                    vendor_id: None,
                    seen: None,
                    presence: Presence::default(),
                    unmet: Unmet::default(),
                    read_due: None,
                    next_at: self.now,
                    failures: 0,
                    reason: None,
                    effect: None,
                });
                let effect = (opening.host, opening.spec.clone());
                let late = self.policy.settle.saturating_mul(15);
                if self.act(luck, late, (id, Some(effect), false)) {
                    self.learn(
                        id,
                        match luck {
                            Luck::Answered => {
                                Fact::Made { vendor_id: id.to_string(), seen: self.read(id) }
                            }
                            Luck::Refused => Fact::NotMade(Failure::Transient(oops())),
                            _ => Fact::NotMade(Failure::Unknown(oops())),
                        },
                    );
                }
            }
            Step::Find(id) => {
                self.begin(*id, EffectKind::Find, deadline);
                if self.act(luck, CALL, (*id, None, false)) {
                    let there = self.vendor.get(id).is_some_and(|room| room.exists);
                    self.learn(
                        *id,
                        match luck {
                            Luck::Answered if there => {
                                Fact::Found { vendor_id: id.to_string(), seen: self.read(*id) }
                            }
                            Luck::Answered => Fact::NotFound,
                            _ => Fact::FindFailed(Failure::Transient(oops())),
                        },
                    );
                }
            }
            Step::Read(id) => {
                self.begin(*id, EffectKind::Read, deadline);
                if self.act(luck, CALL, (*id, None, false)) {
                    let there = self.vendor.get(id).is_some_and(|room| room.exists);
                    self.learn(
                        *id,
                        match luck {
                            Luck::Answered if there => Fact::Read(self.read(*id)),
                            Luck::Answered => Fact::ReadFailed(Failure::Gone),
                            _ => Fact::ReadFailed(Failure::Transient(oops())),
                        },
                    );
                }
            }
            Step::Update(id, spec) => {
                self.begin(*id, EffectKind::Update(spec.clone()), deadline);
                let there = self.vendor.get(id).is_some_and(|room| room.exists);
                if !there {
                    self.learn(*id, Fact::UpdateFailed(Failure::Gone));
                    return;
                }
                let host = self.vendor[id].host;
                if self.act(luck, CALL, (*id, Some((host, spec.clone())), false)) {
                    self.learn(
                        *id,
                        match luck {
                            Luck::Answered => {
                                Fact::Updated { request: spec.clone(), seen: self.read(*id) }
                            }
                            Luck::Refused => Fact::UpdateFailed(Failure::Transient(oops())),
                            _ => Fact::UpdateFailed(Failure::Unknown(oops())),
                        },
                    );
                }
            }
            Step::Retire(id) => {
                self.learn(*id, Fact::RetireBegun);
                self.begin(*id, EffectKind::Retire, deadline);
                if self.act(luck, CALL, (*id, None, true)) {
                    self.learn(
                        *id,
                        match luck {
                            Luck::Answered => Fact::Retired,
                            Luck::Refused => Fact::RetireFailed(Failure::Transient(oops())),
                            _ => Fact::RetireFailed(Failure::Unknown(oops())),
                        },
                    );
                }
            }
            Step::Say(sayings) => {
                for saying in sayings {
                    let listeners = &mut self.situation.listeners;
                    let listener =
                        listeners.iter_mut().find(|it| it.person == saying.person).expect("known");
                    assert_ne!(listener.said.as_ref(), Some(&saying.statement), "told twice");
                    listener.said = Some(saying.statement.clone());
                }
            }
        }
    }

    /// Lets the call take its effect or not; says whether its outcome is recorded.
    fn act(
        &mut self,
        luck: Luck,
        late: Duration,
        (id, create, delete): (RoomId, Option<(HostId, Spec)>, bool),
    ) -> bool {
        let at = match luck {
            Luck::Answered | Luck::AnswerLost | Luck::KilledAfterEffect => Some(self.now),
            Luck::EffectLate => Some(self.now.plus(late)),
            Luck::Refused | Luck::Killed => None,
        };
        if let Some(at) = at {
            self.late.push((at, id, create, delete));
            self.happen();
        }
        !matches!(luck, Luck::Killed | Luck::KilledAfterEffect)
    }

    fn begin(&mut self, id: RoomId, kind: EffectKind, deadline: Instant) {
        let effect = EffectId::new(self.now, id_bytes(self.fresh()));
        let room = self.situation.rooms.iter_mut().find(|room| room.id == id).expect("a room");
        assert!(room.effect.is_none(), "a second effect was opened");
        room.effect = Some(Effect { id: effect, kind, deadline });
    }

    fn read(&self, id: RoomId) -> Seen {
        let room = &self.vendor[&id];
        Seen {
            topic: Some(room.spec.topic.clone()),
            start: Some(room.spec.start),
            minutes: Some(room.spec.minutes),
            occupied: Some(false),
            ..Seen::at(self.now)
        }
    }

    fn existing(&self) -> Vec<(&RoomId, &VendorRoom)> {
        self.vendor.iter().filter(|(_, room)| room.exists).collect()
    }
}

fn oops() -> Reason {
    Reason::new("test", "The vendor had a bad day.")
}

fn luck() -> impl Strategy<Value = Luck> {
    prop_oneof![
        3 => Just(Luck::Answered),
        1 => Just(Luck::Refused),
        1 => Just(Luck::AnswerLost),
        1 => Just(Luck::EffectLate),
        1 => Just(Luck::Killed),
        1 => Just(Luck::KilledAfterEffect),
    ]
}

fn whim() -> impl Strategy<Value = Whim> {
    prop_oneof![
        8 => Just(Whim::Nothing),
        2 => Just(Whim::Move),
        2 => Just(Whim::Reassign),
        1 => Just(Whim::Regenerate),
        1 => Just(Whim::Cancel),
        1 => Just(Whim::Reopen),
        1 => Just(Whim::HandDelete),
        1 => Just(Whim::ToldOfComing),
        1 => Just(Whim::ToldOfLeaving),
        1 => Just(Whim::ToldOfChange),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_there_is_exactly_one_room_or_none(
        hours in prop_oneof![Just(1u64), Just(5), Just(72)],
        turns in prop::collection::vec((luck(), whim(), 0u64..40), 0..40),
    ) {
        let mut world = World::new(hours);
        for (luck, whim, seconds) in turns {
            world.whim(whim);
            let plan = world.look();
            if let Some(due) = plan.steps.first() {
                world.step(&due.step, luck);
            }
            world.now = world.now.plus(Duration::from_secs(seconds));
            world.happen();
        }
        // From now on everything is answered. Time goes from one look to the next, past every
        // late effect and every look for what was lost, and stops before the session.
        let until = world.now.plus(Duration::from_secs(2 * 3600));
        if world.situation.booking.status.is_on() {
            world.situation.booking.start = until.plus(Duration::from_secs(5 * 3600));
            world.situation.booking.end = until.plus(Duration::from_secs(6 * 3600));
        }
        let mut looks = 0;
        loop {
            looks += 1;
            prop_assert!(looks < 400, "the plan never comes to rest");
            let plan = world.look();
            if let Some(due) = plan.steps.first() {
                world.step(&due.step, Luck::Answered);
                continue;
            }
            let again = world.look();
            prop_assert!(again.changed.is_empty() && again.may_know.is_empty() && again.steps.is_empty());
            match plan.look_at.into_iter().chain(world.late.iter().map(|it| it.0)).min() {
                Some(at) if at < until => world.now = at.max(world.now),
                Some(_) | None => break,
            }
            world.happen();
        }
        // A room that a person removed by hand is noticed at the next look before the session.
        world.now = world.situation.booking.start.minus(Duration::from_secs(7200));
        for _ in 0..40 {
            let plan = world.look();
            match plan.steps.first() {
                Some(due) => world.step(&due.step.clone(), Luck::Answered),
                None if plan.view.settled => break,
                None => world.now = plan.look_at.expect("a reason to look again"),
            }
        }
        let existing = world.existing();
        let booking = &world.situation.booking;
        if booking.status.is_on() {
            prop_assert_eq!(existing.len(), 1, "rooms: {:#?}", world.situation.rooms);
            let (id, room) = existing[0];
            prop_assert_eq!(Some(*id), booking.current);
            prop_assert_eq!(room.spec.start, booking.start.floor_second());
            prop_assert_eq!(room.host, booking.host);
            prop_assert!(world.situation.listeners[0].said.as_ref().is_some_and(|said| said.on));
        } else {
            prop_assert_eq!(existing.len(), 0, "rooms: {:#?}", world.situation.rooms);
            prop_assert!(world.situation.listeners[0].said.as_ref().is_none_or(|said| !said.on));
        }
    }
}

#[test]
fn there_and_back_before_anything_ran_makes_no_second_room() {
    let mut world = World::new(72);
    let plan = world.look();
    world.step(&plan.steps[0].step, Luck::Answered);
    world.look();
    world.whim(Whim::Reassign);
    world.whim(Whim::Reassign);
    let plan = world.look();
    assert!(plan.steps.iter().all(|due| matches!(due.step, Step::Say(_))), "{:?}", plan.steps);
}

#[test]
fn nothing_is_opened_for_a_session_without_a_room() {
    for mode in [Mode::Phone, Mode::InPerson] {
        let mut world = World::new(72);
        world.situation.booking.mode = mode;
        let plan = world.look();
        assert!(plan.steps.iter().all(|due| matches!(due.step, Step::Say(_))));
        assert_eq!(plan.view.status.as_str(), "not_needed");
    }
}

#[test]
fn people_in_a_room_keep_it_until_they_leave() {
    let mut world = World::new(72);
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::Answered);
    world.look();
    let id = world.situation.booking.current.expect("a room");
    world.now = world.situation.booking.start;
    let mut seen = world.read(id);
    seen.occupied = Some(true);
    world.learn(id, Fact::Read(seen));
    world.whim(Whim::Regenerate);
    let plan = world.look();
    assert_eq!(plan.current, Some(id));
    assert!(plan.steps.iter().all(|due| !matches!(due.step, Step::Open(_) | Step::Retire(_))));
    world.now = world.now.plus(Duration::from_secs(120));
    let plan = world.look();
    assert!(
        plan.steps.iter().any(|due| matches!(due.step, Step::Read(_))),
        "it is looked at again"
    );
}

#[test]
fn a_vendor_that_applies_nothing_is_not_asked_for_ever() {
    let mut world = World::new(72);
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::Answered);
    world.look();
    let id = world.situation.booking.current.expect("a room");
    world.situation.booking.title = "Another name".to_owned();
    world.situation.booking.version += 1;
    let mut updates = 0;
    let until = world.situation.booking.start.minus(Duration::from_secs(30 * 3600));
    while world.now < until {
        let plan = world.look();
        let update = plan.steps.iter().find_map(|due| match &due.step {
            Step::Update(_, spec) => Some(spec.clone()),
            _ => None,
        });
        match (update, plan.look_at) {
            (Some(request), _) => {
                updates += 1;
                let seen = world.read(id);
                world.learn(id, Fact::Updated { request, seen });
            }
            (None, Some(at)) if at < until => world.now = at,
            (None, Some(_) | None) => break,
        }
    }
    assert!(updates <= 6, "asked {updates} times");
    assert!(world.look().view.settled, "it stays as it is");
}

#[test]
fn a_refused_removal_is_tried_ever_more_rarely() {
    let mut world = World::new(72);
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::Answered);
    world.look();
    world.whim(Whim::Cancel);
    let end = world.situation.booking.end.plus(Duration::from_secs(7 * 24 * 3600));
    let mut tries = 0;
    while world.now < end {
        let plan = world.look();
        let retire = plan.steps.iter().find_map(|due| match due.step {
            Step::Retire(id) => Some(id),
            _ => None,
        });
        match (retire, plan.look_at) {
            (Some(id), _) => {
                tries += 1;
                world.learn(id, Fact::RetireBegun);
                world.learn(id, Fact::RetireFailed(Failure::Rejected(oops())));
            }
            (None, Some(at)) => world.now = at,
            (None, None) => break,
        }
    }
    assert!(tries < 600, "tried {tries} times in ten days");
}

/// A session with a room, at its start.
fn under_way() -> (World, RoomId) {
    let mut world = World::new(72);
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::Answered);
    world.look();
    let id = world.situation.booking.current.expect("a room");
    world.now = world.situation.booking.start;
    (world, id)
}

fn hear(world: &mut World, id: RoomId, occupied: bool) {
    let now = world.now;
    let room = world.situation.rooms.iter_mut().find(|room| room.id == id).expect("a room");
    room.hear(None, occupied, now, now);
}

#[test]
fn a_session_begins_when_people_come_and_not_before_its_door_opens() {
    let (mut world, id) = under_way();
    let (start, end) = (world.situation.booking.start, world.situation.booking.end);
    assert!(!world.look().started);
    world.now = start.minus(Duration::from_secs(2 * 3600));
    hear(&mut world, id, true);
    let early = world.look();
    assert!(!early.started);
    assert_eq!(early.look_at.map(|at| at <= start.minus(Duration::from_secs(3600))), Some(true));
    world.now = start.minus(Duration::from_secs(3600));
    assert!(world.look().started);
    // Everybody has left: that is final only a while after the end.
    world.now = end.minus(Duration::from_secs(1200));
    hear(&mut world, id, false);
    assert!(!world.look().deserted);
    world.now = end.plus(Duration::from_secs(600));
    assert!(world.look().deserted);
}

#[test]
fn a_session_is_over_when_they_have_left_and_after_a_day_whatever_is_said() {
    let (mut world, id) = under_way();
    let end = world.situation.booking.end;
    hear(&mut world, id, true);
    world.look();
    world.now = end.plus(Duration::from_secs(3600));
    let plan = world.look();
    assert!(!plan.completed);
    assert!(plan.steps.iter().any(|due| matches!(due.step, Step::Read(_))), "it is looked for");
    world.now = end.plus(Duration::from_secs(4000));
    hear(&mut world, id, false);
    let plan = world.look();
    assert!(!plan.completed, "they may come back");
    assert_eq!(plan.look_at, Some(world.now.plus(Duration::from_secs(600))));
    let (mut other, id) = under_way();
    hear(&mut other, id, true);
    other.look();
    other.now = end.plus(Duration::from_secs(24 * 3600));
    assert!(other.look().completed, "a lost word keeps nothing open for ever");
    world.now = world.now.plus(Duration::from_secs(600));
    assert!(world.look().completed);
}

#[test]
fn a_room_less_private_than_demanded_is_not_used_and_not_made_again() {
    let mut world = World::new(72);
    world.situation.booking.settings.waiting_room = Some(true);
    let opening = world.look();
    let Step::Open(_) = &opening.steps[0].step else { panic!("no room is opened") };
    world.step(&opening.steps[0].step, Luck::Killed);
    let id = world.situation.rooms[0].id;
    let open = |world: &World| Seen {
        settings: Settings { waiting_room: Some(false), ..Settings::default() },
        topic: Some(world.situation.booking.title.clone()),
        ..Seen::at(world.now)
    };
    world.learn(id, Fact::Made { vendor_id: "1".to_owned(), seen: open(&world) });
    let plan = world.look();
    assert_eq!(plan.current, None, "nobody is sent there");
    assert_eq!(plan.view.reason.as_ref().map(|it| it.code.as_str()), Some("settings_refused"));
    assert!(plan.view.settled, "a person is needed");
    assert!(matches!(plan.steps[0].step, Step::Retire(it) if it == id), "{:?}", plan.steps);
    world.learn(id, Fact::RetireBegun);
    world.learn(id, Fact::Retired);
    let plan = world.look();
    assert!(plan.steps.iter().all(|due| matches!(due.step, Step::Say(_))), "{:?}", plan.steps);
    // Asked for anew, or for less, it is tried again.
    world.situation.booking.settings.waiting_room = None;
    assert!(matches!(world.look().steps[0].step, Step::Open(_)));
}

#[test]
fn the_next_option_of_the_route_is_taken_where_one_is_less_private() {
    let mut world = World::new(72);
    world.situation.booking.settings.recording = Some(Recording::None);
    world.situation.booking.route.push(RouteOption::link("https://rooms.example/1".into(), None));
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::Killed);
    let id = world.situation.rooms[0].id;
    let settings = Settings { recording: Some(Recording::Cloud), ..Settings::default() };
    let seen = Seen { settings, ..Seen::at(world.now) };
    world.learn(id, Fact::Made { vendor_id: "1".to_owned(), seen });
    let plan = world.look();
    let opened = plan.steps.iter().find_map(|due| match &due.step {
        Step::Open(opening) => Some(opening.place.provider),
        _ => None,
    });
    assert_eq!(opened, Some(Provider::Link));
}

#[test]
fn what_is_merely_otherwise_is_a_warning_and_asked_for_once() {
    let mut world = World::new(72);
    world.situation.booking.settings.mute_on_entry = Some(true);
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::Killed);
    let id = world.situation.rooms[0].id;
    let loud = |world: &World| Seen {
        settings: Settings { mute_on_entry: Some(false), ..Settings::default() },
        ..Seen::at(world.now)
    };
    world.learn(id, Fact::Made { vendor_id: "1".to_owned(), seen: loud(&world) });
    let plan = world.look();
    assert_eq!(plan.current, Some(id));
    assert_eq!(plan.view.warnings[0].code, "settings_kept");
    assert!(plan.steps.iter().all(|due| !matches!(due.step, Step::Update(..))), "{:?}", plan.steps);
    // What somebody changed by hand is another matter: it is put right.
    world.situation.booking.settings.mute_on_entry = None;
    world.situation.rooms[0].unmet = Unmet::default();
    world.situation.booking.settings.waiting_room = Some(true);
    world.situation.rooms[0].request.settings = world.situation.booking.settings.clone();
    world.learn(
        id,
        Fact::Read(Seen {
            settings: Settings { waiting_room: Some(false), ..Settings::default() },
            ..Seen::at(world.now)
        }),
    );
    let plan = world.look();
    assert!(plan.steps.iter().any(|due| matches!(due.step, Step::Update(..))), "{:?}", plan.steps);
}

#[test]
fn a_room_on_a_seat_is_opened_days_before_and_nobody_waits_for_it() {
    let mut world = World::new(24 * 14);
    world.situation.connections[0].seats = vec!["seat1@practice.example".to_owned()];
    let connection = world.situation.connections[0].id;
    world.situation.booking.route =
        vec![RouteOption { uses: Use::Seats(connection), ..RouteOption::host(Provider::Zoom) }];
    let plan = world.look();
    assert!(plan.view.settled);
    assert_eq!(plan.view.status.as_str(), "pending");
    let opens = world.situation.booking.start.minus(Rules::default().lead);
    assert_eq!(plan.view.next_attempt_at, Some(opens));
    assert!(matches!(plan.steps[0].step, Step::Say(_)), "people are told at once");
    world.now = opens;
    assert!(world.look().steps.iter().any(|due| matches!(due.step, Step::Open(_))));
}

#[test]
fn a_user_whose_day_is_used_up_is_left_in_peace() {
    let mut world = World::new(72);
    let connection = world.situation.connections[0].id;
    let until = world.now.next_utc_day();
    let user = world.situation.accounts.email.clone();
    world.situation.parked.insert((connection, user), (until, oops()));
    let plan = world.look();
    assert!(plan.steps.iter().all(|due| matches!(due.step, Step::Say(_))), "{:?}", plan.steps);
    assert_eq!(plan.view.next_attempt_at, Some(until));
    world.now = until;
    assert!(world.look().steps.iter().any(|due| matches!(due.step, Step::Open(_))));
}

/// What is to be said to the one person of the world.
fn said(world: &mut World) -> Vec<Saying> {
    let steps = world.look().steps;
    steps
        .into_iter()
        .find_map(|due| match due.step {
            Step::Say(sayings) => Some(sayings),
            Step::Open(_) | Step::Find(_) | Step::Update(..) | Step::Read(_) | Step::Retire(_) => {
                None
            }
        })
        .unwrap_or_default()
}

/// A message that was written down and is not certain to have gone.
fn queued(world: &World, saying: &Saying) -> Queued {
    Queued {
        message: MessageId::new(world.now, id_bytes(9)),
        statement: saying.statement.clone(),
        occasion: saying.occasion,
        next_at: world.now,
        sending_until: None,
    }
}

#[test]
fn a_cancellation_of_doubtful_fate_goes_again_whatever_else_has_changed() {
    let mut world = World::new(72);
    world.situation.booking.mode = Mode::InPerson;
    let confirmed = said(&mut world).remove(0).statement;
    let listener = &mut world.situation.listeners[0];
    (listener.said, listener.heard) = (Some(confirmed.clone()), Some(confirmed));
    world.situation.booking.status = Status::Cancelled;
    let cancellation = said(&mut world).remove(0);
    assert_eq!(cancellation.occasion, Occasion::Cancellation);
    // The answer is lost: it counts as told. Then it is brought back, moved and cancelled again.
    let doubtful = queued(&world, &cancellation);
    let listener = &mut world.situation.listeners[0];
    listener.said = Some(cancellation.statement);
    listener.queued = Some(doubtful.clone());
    world.situation.booking.start = world.situation.booking.start.plus(Duration::from_secs(3600));
    world.situation.booking.end = world.situation.booking.end.plus(Duration::from_secs(3600));
    let again = said(&mut world);
    assert_eq!(again.first().and_then(|it| it.again), Some(doubtful.message));
}

#[test]
fn what_counts_as_told_is_said_once_more_if_it_was_overtaken_and_is_true_again() {
    let mut world = World::new(72);
    world.situation.booking.mode = Mode::InPerson;
    let confirmed = said(&mut world).remove(0).statement;
    let moved =
        Statement { start: confirmed.start.plus(Duration::from_secs(3600)), ..confirmed.clone() };
    // The confirmation was heard, the change is of doubtful fate, and another change that overtook
    // it has not gone: now the first change is true after all.
    let listener = &mut world.situation.listeners[0];
    (listener.said, listener.heard) = (Some(moved.clone()), Some(confirmed.clone()));
    let overtaking = Saying {
        person: listener.person,
        occasion: Occasion::Change,
        statement: Statement { title: "Other".to_owned(), ..moved.clone() },
        before: Some(moved.clone()),
        again: None,
    };
    let overtaking = queued(&world, &overtaking);
    world.situation.listeners[0].queued = Some(overtaking);
    world.situation.booking.start = moved.start;
    let due = said(&mut world);
    assert_eq!(due.first().map(|it| it.occasion), Some(Occasion::Change));
    assert_eq!(due.first().and_then(|it| it.before.clone()), Some(confirmed));
    // Had the first change been heard, there would be nothing to say.
    world.situation.listeners[0].heard = Some(moved);
    assert!(said(&mut world).is_empty());
}

#[test]
fn a_day_that_is_used_up_does_not_hide_that_a_lost_update_was_done() {
    let mut world = World::new(72);
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::Answered);
    world.look();
    let id = world.situation.booking.current.expect("a room");
    world.situation.booking.title = "Another name".to_owned();
    world.situation.booking.version += 1;
    let plan = world.look();
    let update = plan.steps.iter().find(|due| matches!(due.step, Step::Update(..)));
    world.step(&update.expect("it is renamed").step.clone(), Luck::AnswerLost);
    let connection = world.situation.connections[0].id;
    let user = world.situation.accounts.email.clone();
    let until = world.now.next_utc_day();
    world.situation.parked.insert((connection, user), (until, oops()));
    world.now = world.now.plus(Duration::from_secs(120));
    let plan = world.look();
    let read = plan.steps.iter().find(|due| due.step == Step::Read(id));
    world.step(&read.expect("it is looked at").step.clone(), Luck::Answered);
    let plan = world.look();
    assert!(plan.view.settled, "{:#?}", world.situation.rooms);
    assert!(plan.steps.iter().all(|due| matches!(due.step, Step::Say(_))), "{:?}", plan.steps);
}

#[test]
fn a_process_that_was_killed_is_no_failure_of_the_vendors() {
    let mut world = World::new(72);
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::Answered);
    world.look();
    world.whim(Whim::Cancel);
    for _ in 0..30 {
        let plan = world.look();
        let retire = plan.steps.iter().find(|due| matches!(due.step, Step::Retire(_)));
        world.step(&retire.expect("it is removed").step.clone(), Luck::Killed);
        world.now = world.now.plus(CALL);
        // Somebody else notices that nobody answers any more, and waits a moment.
        world.look();
        world.now = world.now.plus(Duration::from_secs(3));
    }
    assert_eq!(world.situation.rooms[0].failures, 0);
}

/// Does what the plan says until that time, with a vendor that refuses every create and every change
/// for good; answers when it was asked.
fn refused_until(world: &mut World, until: Instant) -> Vec<Instant> {
    let mut asked = Vec::new();
    for _ in 0..1_000 {
        let plan = world.look();
        let step = plan
            .steps
            .iter()
            .map(|due| due.step.clone())
            .find(|step| matches!(step, Step::Open(_) | Step::Update(..) | Step::Read(_)));
        match (step, plan.look_at) {
            (Some(step @ Step::Open(_)), _) => {
                asked.push(world.now);
                world.step(&step, Luck::Killed);
                let id = world.situation.rooms.last().expect("opened").id;
                world.learn(id, Fact::NotMade(Failure::Rejected(oops())));
            }
            (Some(Step::Update(id, spec)), _) => {
                asked.push(world.now);
                let deadline = world.now.plus(CALL);
                world.begin(id, EffectKind::Update(spec), deadline);
                world.learn(id, Fact::UpdateFailed(Failure::Rejected(oops())));
            }
            (Some(step), _) => world.step(&step, Luck::Answered),
            (None, Some(at)) if at < until => world.now = at,
            (None, Some(_) | None) => break,
        }
    }
    world.now = world.now.max(until);
    asked
}

#[test]
fn what_only_a_person_can_change_is_shown_at_once_and_asked_for_a_few_times() {
    let mut world = World::new(72);
    let (now, start) = (world.now, world.situation.booking.start);
    assert_eq!(refused_until(&mut world, now.plus(CALL)).len(), 1);
    let view = world.look().view;
    assert_eq!((view.status.as_str(), view.settled), ("failed", true));
    assert_eq!(view.next_attempt_at, Some(start.minus(Duration::from_secs(24 * 3600))));
    let looks = refused_until(&mut world, start.plus(Duration::from_secs(3600)));
    let before: Vec<u64> = looks.iter().map(|at| start.since(*at).as_secs() / 60).collect();
    assert_eq!(before, [24 * 60, 120, 15]);
    let view = world.look().view;
    assert_eq!(view.next_attempt_at, None, "after the last look only a person helps");
}

#[test]
fn what_was_refused_is_tried_at_once_when_something_has_changed() {
    type Change = fn(&mut World);
    let changes: [Change; 5] = [
        |world| world.situation.booking.title = "Another name".to_owned(),
        |world| world.situation.booking.settings.waiting_room = Some(true),
        |world| world.situation.booking.generation += 1,
        |world| world.whim(Whim::Reassign),
        |world| world.situation.connections[0].credentials_at = world.now,
    ];
    for change in changes {
        let mut world = World::new(72);
        let soon = world.now.plus(Duration::from_secs(60));
        assert_eq!(refused_until(&mut world, soon).len(), 1);
        change(&mut world);
        let plan = world.look();
        assert!(plan.steps.iter().any(|due| matches!(due.step, Step::Open(_))), "{plan:#?}");
    }
}

#[test]
fn a_refusal_is_enough_for_the_route_to_go_on_after_failures() {
    let mut world = World::new(72);
    world.situation.booking.route[0].after_failures = Some(5);
    world.situation.booking.route.push(RouteOption::link("https://rooms.example/1".into(), None));
    let open = world.look().steps[0].step.clone();
    world.step(&open, Luck::Killed);
    let id = world.situation.rooms[0].id;
    world.learn(id, Fact::NotMade(Failure::Rejected(oops())));
    let plan = world.look();
    assert_eq!(plan.view.status.as_str(), "creating", "nobody is alarmed");
    let next = plan.steps.iter().find_map(|due| match &due.step {
        Step::Open(opening) => Some(opening.place.provider),
        _ => None,
    });
    assert_eq!(next, Some(Provider::Link));
}

#[test]
fn of_several_seats_one_that_may_not_host_leaves_the_others() {
    let mut world = World::new(72);
    world.situation.connections[0].seats =
        ["seat1@x.example", "seat2@x.example"].map(str::to_owned).to_vec();
    let connection = world.situation.connections[0].id;
    world.situation.booking.route =
        vec![RouteOption { uses: Use::Seats(connection), ..RouteOption::host(Provider::Zoom) }];
    let soon = world.now.plus(Duration::from_secs(60));
    assert_eq!(refused_until(&mut world, soon).len(), 2, "each is asked once");
    let users: Vec<&str> = world.situation.rooms.iter().map(|it| it.place.user.as_str()).collect();
    assert_ne!(users[0], users[1]);
    assert_eq!(world.look().view.status.as_str(), "failed");
}

#[test]
fn a_refused_change_leaves_the_room_as_it_is_and_is_asked_for_a_few_times() {
    let mut world = World::new(72);
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::Answered);
    world.look();
    world.situation.booking.title = "Another name".to_owned();
    world.situation.booking.version += 1;
    let (start, soon) = (world.situation.booking.start, world.now.plus(CALL));
    assert_eq!(refused_until(&mut world, soon).len(), 1);
    let view = world.look().view;
    assert_eq!((view.status.as_str(), view.settled), ("active", true));
    assert_eq!(view.reason, Some(oops()), "and why it is not as it should be is shown");
    assert_eq!(world.situation.rooms[0].failures, 0, "the vendor answers: people keep their room");
    world.situation.booking.title = "A third name".to_owned();
    assert_eq!(refused_until(&mut world, soon.plus(CALL)).len(), 1, "that is another wish");
    // A person changes something there by hand: the room is read all the same.
    world.whim(Whim::ToldOfChange);
    assert!(world.look().steps.iter().any(|due| matches!(due.step, Step::Read(_))));
    assert_eq!(refused_until(&mut world, start).len(), 3);
}

#[test]
fn a_personal_room_is_written_down_and_no_second_one_is_made() {
    let mut world = World::new(72);
    let open = world.look().steps[0].step.clone();
    world.step(&open, Luck::Killed);
    let id = world.situation.rooms[0].id;
    let seen = Seen { personal: true, ..Seen::at(world.now) };
    world.learn(id, Fact::Made { vendor_id: "1".to_owned(), seen });
    let plan = world.look();
    assert_eq!((plan.current, plan.view.status.as_str()), (None, "failed"));
    assert_eq!(plan.view.reason.map(|it| it.code), Some("personal_room".to_owned()));
    let until = world.situation.booking.end;
    let mut removals = 0;
    loop {
        let plan = world.look();
        assert!(plan.steps.iter().all(|due| !matches!(due.step, Step::Open(_))));
        if plan.steps.iter().any(|due| due.step == Step::Retire(id)) {
            removals += 1;
            world.learn(id, Fact::RetireBegun);
            world.learn(id, Fact::RetireFailed(Failure::Rejected(oops())));
            continue;
        }
        match plan.look_at.filter(|at| *at < until) {
            Some(at) => world.now = at,
            None => break,
        }
    }
    assert!((2..20).contains(&removals), "tried {removals} times in three days");
    world.now = world.situation.booking.start.minus(Duration::from_secs(7200));
    world.situation.booking.generation += 1;
    let plan = world.look();
    assert!(plan.steps.iter().any(|due| matches!(due.step, Step::Open(_))), "asked for anew");
}

#[test]
fn waiting_for_a_person_is_no_failure_of_a_room() {
    let (mut world, id) = under_way();
    let reason = || Failure::NeedsReconnect(oops());
    for fact in
        [Fact::ReadFailed(reason()), Fact::UpdateFailed(reason()), Fact::FindFailed(reason())]
    {
        world.learn(id, fact);
        assert_eq!(world.situation.rooms[0].failures, 0);
    }
}

proptest! {
    /// Whatever people change meanwhile, a vendor that refuses for good is asked for a room of one
    /// booking a handful of times a day.
    #[test]
    fn a_vendor_that_refuses_for_good_is_asked_a_handful_of_times_a_day(
        changes in prop::collection::vec((0u8..4, 1u64..10_000), 0..60),
    ) {
        let mut world = World::new(120);
        let mut asked = Vec::new();
        for (change, seconds) in changes {
            let until = world.now.plus(Duration::from_secs(seconds));
            asked.extend(refused_until(&mut world, until));
            match change {
                0 => world.situation.booking.title.push('x'),
                1 => world.whim(Whim::Move),
                2 => world.situation.connections[0].credentials_at = world.now,
                _ => {}
            }
        }
        let until = world.situation.booking.end;
        asked.extend(refused_until(&mut world, until));
        for (index, at) in asked.iter().enumerate() {
            let day = at.plus(Duration::from_secs(24 * 3600));
            let count = asked[index..].iter().filter(|it| **it < day).count();
            prop_assert!(count <= 6, "{} creates in one day", count);
        }
    }
}

#[test]
fn of_two_connections_the_one_that_works_is_used() {
    let mut world = World::new(72);
    let old = world.situation.connections[0].clone();
    let works = ConnectionId::new(world.now, id_bytes(8));
    world.situation.connections.push(Connection { id: works, ..old.clone() });
    world.situation.connections[0].needs_reconnect = Some(oops());
    let opened = |world: &mut World| {
        world.look().steps.iter().find_map(|due| match &due.step {
            Step::Open(opening) => opening.place.connection,
            _ => None,
        })
    };
    assert_eq!(opened(&mut world), Some(works));
    // The host's own goes before the practice's, whatever state it is in.
    world.situation.connections[0].host = Some(world.situation.booking.host);
    assert_eq!(opened(&mut world), None, "nobody is moved to another account unasked");
}
