//! A booking with its rooms, a model vendor and a clock: everything that the plan is asked about.

use std::collections::BTreeMap;
use std::time::Duration;

use roomkey_core::booking::{Booking, Mode, Status};
use roomkey_core::failure::{Failure, ThrottleScope};
use roomkey_core::id::{BookingId, ConnectionId, EffectId, HostId, PersonId, RoomId};
use roomkey_core::plan::{Opening, Plan, Policy, Situation, Step, plan};
use roomkey_core::presence::Presence;
use roomkey_core::room::{self, EffectKind, Fact, Moment, Room, Seen, State, Unmet};
use roomkey_core::route::{Connection, HostAccounts, Provider, RouteOption};
use roomkey_core::seats::Rules;
use roomkey_core::settings::Settings;
use roomkey_core::told::{Listener, Saying};
use roomkey_core::{Instant, Zone};

use crate::luck::{Luck, oops};
use crate::vendor::{Effect, Late, Vendor};

pub(crate) const CALL: Duration = Duration::from_secs(10);

pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) situation: Situation,
    pub(crate) policy: Policy,
    pub(crate) vendor: Vendor,
    /// The connections as they are when all is well.
    pub(crate) connections: Vec<Connection>,
    /// Creates of which a failure was recorded: by option, request for a room, and host.
    pub(crate) failed: BTreeMap<(u32, i32, HostId), u32>,
    made: u32,
}

pub(crate) fn id_bytes(n: u32) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[6..].copy_from_slice(&n.to_be_bytes());
    bytes
}

fn connection(now: Instant, n: u32, account: &str) -> Connection {
    Connection {
        id: ConnectionId::new(now, id_bytes(n)),
        credentials_at: Instant::default(),
        provider: Provider::Zoom,
        host: None,
        account: account.to_owned(),
        seats: vec![],
        seat_rules: Rules::default(),
        disabled: false,
        needs_reconnect: None,
    }
}

impl World {
    pub(crate) fn new(hours_ahead: u64) -> Self {
        Self::ahead(Duration::from_secs(hours_ahead * 3600))
    }

    pub(crate) fn ahead(ahead: Duration) -> Self {
        let now = Instant::from_micros(1_800_000_000_000_000);
        let host = HostId::new(now, id_bytes(1));
        let start = now.plus(ahead);
        let connections = vec![connection(now, 2, "acc-1")];
        Self {
            now,
            policy: Policy::default(),
            vendor: Vendor::default(),
            connections: connections.clone(),
            failed: BTreeMap::new(),
            made: 10,
            situation: Situation {
                booking: Booking {
                    private: false,
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
                connections,
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
                silent: BTreeMap::new(),
                paused: BTreeMap::new(),
            },
        }
    }

    /// A second account, for the routes that go on to it.
    pub(crate) fn with_another_account(mut self) -> Self {
        self.connections.push(connection(self.now, 5, "acc-2"));
        self.mend();
        self
    }

    fn fresh(&mut self) -> u32 {
        self.made += 1;
        self.made
    }

    pub(crate) fn moment(&self) -> Moment<'_> {
        Moment {
            now: self.now,
            start: self.situation.booking.start,
            settle: self.policy.settle,
            schedule: &self.policy.schedule,
        }
    }

    pub(crate) fn room(&self, id: RoomId) -> &Room {
        self.situation.rooms.iter().find(|room| room.id == id).expect("a room")
    }

    pub(crate) fn learn(&mut self, id: RoomId, fact: Fact) {
        let before = self.room(id).clone();
        let mut after = before.clone();
        if let Fact::NotMade(Failure::Transient(_) | Failure::Unknown(_)) = fact {
            *self.failed.entry((before.position, before.generation, before.host)).or_default() += 1;
        }
        after.learn(fact, &self.moment());
        self.check_change(&before, &after);
        let room = self.situation.rooms.iter_mut().find(|room| room.id == id).expect("a room");
        *room = after;
    }

    /// Asks for the plan and writes down what it says of rooms and people.
    pub(crate) fn look(&mut self) -> Plan {
        let plan = plan(&self.situation, &self.policy, self.now);
        self.check_plan(&plan);
        for changed in &plan.changed {
            self.check_change(self.room(changed.id), changed);
            let room = self.situation.rooms.iter_mut().find(|room| room.id == changed.id);
            *room.expect("a changed room is known") = changed.clone();
        }
        self.situation.booking.current = plan.current;
        self.check_rooms(&plan);
        if plan.started {
            self.situation.booking.status = Status::InProgress;
        }
        if plan.completed {
            self.situation.booking.status = Status::Completed;
        }
        plan
    }

    pub(crate) fn step(&mut self, step: &Step, luck: Luck) {
        match step {
            Step::Open(opening) => self.open(opening, luck),
            Step::Find(id) => self.about(*id, EffectKind::Find, luck),
            Step::Read(id) => self.about(*id, EffectKind::Read, luck),
            Step::Update(id, spec) => self.about(*id, EffectKind::Update(spec.clone()), luck),
            Step::Retire(id) => {
                self.learn(*id, Fact::RetireBegun);
                self.about(*id, EffectKind::Retire, luck);
            }
            Step::Say(sayings) => self.say(sayings),
        }
    }

    fn open(&mut self, opening: &Opening, luck: Luck) {
        let id = RoomId::new(self.now, id_bytes(self.fresh()));
        let open = self.situation.rooms.iter().filter(|room| room.state.is_open()).count();
        assert_eq!(open, 0, "a second create was opened");
        self.situation.rooms.push(Room {
            id,
            presence: Presence::default(),
            place: opening.place.clone(),
            host: opening.host,
            position: opening.position,
            generation: opening.generation,
            opened_at: self.now,
            deadline: self.now.plus(CALL),
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
        let is_link = opening.place.connection.is_none();
        let (host, spec) = (opening.host, opening.spec.clone());
        let luck = self.act(id, Effect::Make { host, spec, is_link }, luck);
        let fact = match luck {
            _ if !luck.is_recorded() => return,
            Luck::Answered | Luck::SaysGone => {
                Fact::Made { vendor_id: id.to_string(), seen: self.read(id) }
            }
            other => Fact::NotMade(self.failure(id, other)),
        };
        self.learn(id, fact);
    }

    /// A call about a room is under way until then, or until it is answered.
    pub(crate) fn begin(&mut self, id: RoomId, kind: EffectKind, deadline: Instant) {
        let effect = EffectId::new(self.now, id_bytes(self.fresh()));
        let room = self.situation.rooms.iter_mut().find(|room| room.id == id).expect("a room");
        assert!(room.effect.is_none(), "a second effect was opened");
        room.effect = Some(room::Effect { id: effect, kind, deadline });
    }

    /// A call about a room that is known.
    fn about(&mut self, id: RoomId, kind: EffectKind, luck: Luck) {
        let deadline = self.now.plus(CALL);
        self.begin(id, kind.clone(), deadline);
        // Near the start one word is believed, and what it cost is for the sweep to find.
        if luck == Luck::SaysGone && kind != EffectKind::Find && !self.is_near() {
            self.vendor.lie(id, self.now, self.policy.settle);
        }
        let there = match kind {
            EffectKind::Find => self.vendor.exists(id),
            _ if self.is_near() => self.vendor.exists(id),
            _ => self.vendor.says_there(id, self.now),
        };
        let occupied = self.vendor.is_occupied(id);
        let luck = self.act(
            id,
            match &kind {
                EffectKind::Update(spec) if there => Effect::Change(spec.clone()),
                EffectKind::Retire => Effect::Remove,
                _ => Effect::Nothing,
            },
            luck,
        );
        if !luck.is_recorded() {
            return;
        }
        let answered = matches!(luck, Luck::Answered | Luck::SaysGone);
        let fact = match kind {
            EffectKind::Find if answered && there => {
                Fact::Found { vendor_id: id.to_string(), seen: self.read(id) }
            }
            EffectKind::Find if answered => Fact::NotFound,
            EffectKind::Find => Fact::FindFailed(self.failure(id, luck)),
            EffectKind::Read if answered && there => Fact::Read(self.read(id)),
            EffectKind::Read if answered => Fact::ReadFailed(Failure::Gone),
            EffectKind::Read => Fact::ReadFailed(self.failure(id, luck)),
            EffectKind::Update(_) if !there => Fact::UpdateFailed(Failure::Gone),
            EffectKind::Update(request) if answered => {
                Fact::Updated { request, seen: self.read(id) }
            }
            EffectKind::Update(_) => Fact::UpdateFailed(self.failure(id, luck)),
            EffectKind::Retire if answered && occupied => Fact::RetireFailed(Failure::Occupied),
            EffectKind::Retire if answered => Fact::Retired,
            EffectKind::Retire => Fact::RetireFailed(self.failure(id, luck)),
        };
        self.learn(id, fact);
    }

    fn say(&mut self, sayings: &[Saying]) {
        for saying in sayings {
            let listeners = &mut self.situation.listeners;
            let listener =
                listeners.iter_mut().find(|it| it.person == saying.person).expect("known");
            assert_ne!(listener.said.as_ref(), Some(&saying.statement), "told twice");
            listener.said = Some(saying.statement.clone());
        }
    }

    /// What the vendor says of a call that was not done, or of which nobody knows.
    fn failure(&mut self, id: RoomId, luck: Luck) -> Failure {
        match luck {
            Luck::Refused => Failure::Transient(oops()),
            Luck::Throttled => Failure::Throttled {
                until: self.now.plus(Duration::from_secs(90)),
                scope: ThrottleScope::User,
                reason: oops(),
            },
            Luck::NeedsPerson => {
                if let Some(connection) = self.room(id).place.connection {
                    self.break_off(connection);
                }
                Failure::NeedsReconnect(oops())
            }
            // Whoever only asks knows that nothing was done.
            _ if matches!(
                self.room(id).effect.as_ref().map(|it| &it.kind),
                Some(EffectKind::Find | EffectKind::Read)
            ) =>
            {
                Failure::Transient(oops())
            }
            _ => Failure::Unknown(oops()),
        }
    }

    /// Lets the call take its effect or not, and says what became of it.
    fn act(&mut self, id: RoomId, effect: Effect, luck: Luck) -> Luck {
        let place = &self.room(id).place;
        let luck = if place.connection.is_none() { luck.of_a_link() } else { luck };
        let deadline = self.now.plus(CALL);
        let settle = self.policy.settle;
        let makes = matches!(effect, Effect::Make { .. });
        let timely = match luck {
            Luck::Answered | Luck::SaysGone | Luck::AnswerLost | Luck::KilledAfterEffect => {
                Some(self.now)
            }
            // A create is waited for two settle times, a change one.
            Luck::EffectLate | Luck::KilledEffectLate if makes => {
                Some(deadline.plus(settle).plus(settle / 2))
            }
            Luck::EffectLate | Luck::KilledEffectLate => {
                Some(deadline.plus(settle).minus(Duration::from_secs(1)))
            }
            Luck::EffectVeryLate if makes => None,
            Luck::EffectVeryLate => Some(deadline),
            Luck::Refused | Luck::Throttled | Luck::NeedsPerson | Luck::Killed => return luck,
        };
        // So that one of the looks for what was lost is left: a quarter of an hour before the start.
        let preflight = self.situation.booking.start.minus(Duration::from_secs(20 * 60));
        let hours = self.now.plus(Duration::from_secs(2 * 3600));
        let very_late =
            if hours < preflight { hours } else { self.now.plus(settle.saturating_mul(15)) };
        self.vendor.late.push(Late {
            at: timely.unwrap_or(very_late),
            room: id,
            effect,
            is_timely: timely.is_some(),
        });
        self.vendor.happen(self.now);
        luck
    }

    pub(crate) fn read(&self, id: RoomId) -> Seen {
        self.vendor.read(id, self.now)
    }
}
