//! The plan: what is to be done now so that the vendors and the people agree with a booking.
//!
//! [`plan`] is pure and total. It is asked after every event and every answer, always from fresh
//! state, and never about the event that woke it: creation, reschedule, cancellation,
//! regeneration, change of host, repair and restart are all the same question. Doing what it says
//! and asking again ends in a plan that says nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::booking::{Booking, DoorTimes, Status as BookingStatus};
use crate::failure::Reason;
use crate::id::{HostId, RoomId};
use crate::meeting::{self, View};
use crate::retry::Schedule;
use crate::room::{EffectKind, Ending, Fact, Moment, NEAR, Room, Spec, State};
use crate::route::{
    Connection, HostAccounts, Lane, Place, RouteOption, Standing, connection_of, standing,
};
use crate::time::Instant;
use crate::told::{self, Listener, Occasion, Saying, Statement};

/// How long a room is kept after the session.
const KEEP_AFTER_END: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a confirmation waits for the room.
const MAIL_PATIENCE: Duration = Duration::from_secs(60);
/// Mails that are sent in one go.
const MAILS_AT_ONCE: usize = 8;
/// Without a room so shortly before the start, people are told.
const LAST_CALL: Duration = Duration::from_secs(30 * 60);
/// A reading of a room that is younger says who is inside.
const FRESH: Duration = Duration::from_secs(60);
/// How often a room with people in it is looked at while something waits for it.
const OCCUPIED_AGAIN: Duration = Duration::from_secs(2 * 60);
/// When a room is looked at before its session, so that a broken one is mended in time.
const CHECKPOINTS: [Duration; 3] = [
    Duration::from_secs(24 * 60 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(15 * 60),
];

/// Everything about a booking that the plan depends on.
#[derive(Debug, Clone)]
pub struct Situation {
    /// The booking as it should now be.
    pub booking: Booking,
    /// The host's name, for messages.
    pub host_name: String,
    /// Who the host is at the vendors.
    pub accounts: HostAccounts,
    /// The tenant's connections.
    pub connections: Vec<Connection>,
    /// Every room that was ever opened for the booking.
    pub rooms: Vec<Room>,
    /// Every person of the booking, and what they were told.
    pub listeners: Vec<Listener>,
}

/// The figures that the plan depends on.
#[derive(Debug, Clone)]
pub struct Policy {
    /// How long an effect may stay invisible after its call's deadline.
    pub settle: Duration,
    /// When to try again.
    pub schedule: Schedule,
}

impl Default for Policy {
    fn default() -> Self {
        Self { settle: Duration::from_secs(30), schedule: Schedule::default() }
    }
}

/// A room to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Where.
    pub place: Place,
    /// Which option of the route it is.
    pub position: u32,
    /// Which request for a room it answers.
    pub generation: i32,
    /// For which host.
    pub host: HostId,
    /// What it should be like.
    pub spec: Spec,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Open a room.
    Open(Opening),
    /// Look for a room by its marker.
    Find(RoomId),
    /// Make a room as it should be.
    Update(RoomId, Spec),
    /// Look at a room.
    Read(RoomId),
    /// Remove a room.
    Retire(RoomId),
    /// Tell people.
    Say(Vec<Saying>),
}

/// A step, who must do it, and how soon it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// What can block it.
    pub lane: Lane,
    /// What to do.
    pub step: Step,
    /// The sooner, the more it hurts: the start of the session, or later.
    pub urgency: Instant,
}

/// What is to be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Rooms that time or accounts have changed; to be written down.
    pub changed: Vec<Room>,
    /// People who may have been told by a message whose answer was lost; to be written down.
    pub may_know: Vec<Listener>,
    /// The room that the door should lead to.
    pub current: Option<RoomId>,
    /// The session's time is over.
    pub completed: bool,
    /// Steps that are due, at most one per lane.
    pub steps: Vec<Due>,
    /// What people see.
    pub view: View,
    /// When to look again, if nothing happens before.
    pub look_at: Option<Instant>,
}

/// What is to be done now.
#[must_use]
pub fn plan(situation: &Situation, policy: &Policy, now: Instant) -> Plan {
    Planner::new(situation, policy, now).plan()
}

/// What the room of a booking should be like.
#[must_use]
pub fn wanted_spec(booking: &Booking) -> Spec {
    Spec {
        topic: booking.title.clone(),
        start: booking.start.floor_second(),
        minutes: booking.minutes(),
        time_zone: booking.time_zone.clone(),
        settings: booking.settings.clone(),
    }
}

struct Planner<'a> {
    situation: &'a Situation,
    booking: &'a Booking,
    policy: &'a Policy,
    now: Instant,
    rooms: Vec<Room>,
    /// Steps by lane, with their rank: the lowest is done first.
    steps: BTreeMap<Lane, (u8, Due)>,
    look_at: Option<Instant>,
    /// When a room is next tried for, if it is.
    retry_at: Option<Instant>,
    /// Why no room can be tried for.
    blocked: Option<Reason>,
}

/// What the route says now.
enum Choice {
    /// Open a room here, not before then.
    Open { position: u32, place: Place, at: Instant },
    /// A person is needed first.
    Blocked(Reason),
}

impl<'a> Planner<'a> {
    fn new(situation: &'a Situation, policy: &'a Policy, now: Instant) -> Self {
        Self {
            booking: &situation.booking,
            situation,
            policy,
            now,
            rooms: situation.rooms.clone(),
            steps: BTreeMap::new(),
            look_at: None,
            retry_at: None,
            blocked: None,
        }
    }

    fn plan(mut self) -> Plan {
        self.let_time_pass();
        let keep = self.keep();
        let current = self.current(keep);
        if self.wants_opening(keep) {
            self.open(current);
        }
        for index in 0..self.rooms.len() {
            self.tend(index, keep, current);
        }
        let completed = self.completes();
        let (may_know, listeners) = self.listeners();
        self.tell(&listeners, current.is_some());
        let view = self.view(current);
        let changed = self
            .rooms
            .iter()
            .filter(|room| !self.situation.rooms.contains(room))
            .cloned()
            .collect();
        Plan {
            changed,
            may_know,
            current,
            completed,
            steps: self.steps.into_values().map(|(_, due)| due).collect(),
            view,
            look_at: self.look_at,
        }
    }

    fn moment(&self) -> Moment<'a> {
        Moment {
            now: self.now,
            start: self.booking.start,
            settle: self.policy.settle,
            schedule: &self.policy.schedule,
        }
    }

    /// Deadlines that have passed, accounts that have come or gone, and patience that has ended.
    fn let_time_pass(&mut self) {
        let moment = self.moment();
        for index in 0..self.rooms.len() {
            self.rooms[index].pass(&moment);
            if self.rooms[index].state == State::Stuck
                && self.account_trouble(&self.rooms[index].place).is_none()
            {
                self.rooms[index].learn(Fact::AccountBack, &moment);
            }
            let hurry = moment.is_near() && self.wants_room_now();
            let place = &self.rooms[index].place;
            // Where nobody can look, nobody is waited for.
            let orphaned = place.connection.is_some()
                && connection_of(place, self.situation.connections.iter()).is_none();
            if matches!(self.rooms[index].state, State::Unknown { .. })
                && (hurry || orphaned || self.route_goes_on_from(&self.rooms[index]))
            {
                self.rooms[index].learn(Fact::GivenUp, &moment);
            }
        }
    }

    /// Why the account of a place cannot be used now, if it cannot. A connection that was only
    /// switched off still removes what it made.
    fn account_trouble(&self, place: &Place) -> Option<Reason> {
        place.connection?;
        match connection_of(place, self.situation.connections.iter()) {
            Some(connection) => connection.needs_reconnect.clone(),
            None => Some(Reason::account_missing()),
        }
    }

    /// Whether a session is ahead or under way that needs a room.
    fn wants_room_now(&self) -> bool {
        self.booking.wants_room() && self.now < self.booking.end
    }

    /// Whether rooms of the booking may stay: during the session, and for a day after it.
    fn keeps_rooms(&self) -> bool {
        let over = matches!(self.booking.status, BookingStatus::Completed | BookingStatus::NoShow);
        let kept_until = self.booking.end.plus(KEEP_AFTER_END);
        self.booking.mode == crate::booking::Mode::Online
            && (self.booking.status.is_on() || over)
            && self.now < kept_until
    }

    /// Whether a room is the one that was asked for.
    fn fits(&self, room: &Room) -> bool {
        room.host == self.booking.host
            && room.generation == self.booking.generation
            && usize::try_from(room.position).is_ok_and(|it| it < self.booking.route.len())
    }

    /// The room to keep: the current one if it is as asked, or has people in it; else the first
    /// that is as asked. A room that works is never given up for a better option of the route.
    fn keep(&mut self) -> Option<usize> {
        if !self.keeps_rooms() {
            return None;
        }
        self.look_later(self.booking.end.plus(KEEP_AFTER_END));
        let has_door = |room: &&Room| room.state.has_door();
        let current = self.rooms.iter().position(|it| Some(it.id) == self.booking.current);
        if let Some(index) = current {
            let room = &self.rooms[index];
            if room.state.has_door() && (self.fits(room) || self.is_held(room)) {
                return Some(index);
            }
        }
        self.rooms
            .iter()
            .filter(has_door)
            .filter(|room| self.fits(room))
            .min_by_key(|room| (room.position, room.opened_at, room.id))
            .and_then(|best| self.rooms.iter().position(|it| it.id == best.id))
    }

    /// Where the door leads: to the room that is kept, else to the present one until there is a
    /// better one.
    fn current(&self, keep: Option<usize>) -> Option<RoomId> {
        if !self.keeps_rooms() {
            return None;
        }
        keep.map(|index| self.rooms[index].id).or_else(|| {
            self.rooms
                .iter()
                .find(|room| Some(room.id) == self.booking.current && room.state.has_door())
                .map(|room| room.id)
        })
    }

    /// Whether a new room is asked for that nothing there can be.
    fn wants_opening(&self, keep: Option<usize>) -> bool {
        let kept_fits = keep.is_some_and(|index| self.fits(&self.rooms[index]));
        self.wants_room_now() && !kept_fits
    }

    fn open(&mut self, current: Option<RoomId>) {
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
            Choice::Open { at, .. } => self.retry_later(at),
            Choice::Blocked(reason) => self.blocked = Some(reason),
        }
    }

    /// Whether people in a room keep it from being replaced. Where nobody can say any longer, the
    /// wish for another room wins.
    fn is_held(&self, room: &Room) -> bool {
        room.seen.as_ref().is_some_and(|seen| seen.occupied)
            && room.failures < 3
            && self.account_trouble(&room.place).is_none()
    }

    /// A room with people in it is not replaced. Around the session, somebody may be inside
    /// without our knowing: it is looked at first. If nobody can say, people come first.
    fn may_replace(&mut self, index: usize) -> bool {
        let room = &self.rooms[index];
        let asked = room.next_at;
        let read_at = if self.is_held(room) {
            room.seen.as_ref().map_or(asked, |seen| asked.max(seen.at.plus(OCCUPIED_AGAIN)))
        } else {
            let around = self.now >= self.booking.start.minus(DoorTimes::HOSTS_BEFORE);
            let fresh = room.seen.as_ref().is_some_and(|seen| self.now < seen.at.plus(FRESH));
            let silent = room.failures >= 3 || self.account_trouble(&room.place).is_some();
            if !around || fresh || silent {
                return true;
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
            match standing {
                Standing::Ready(places) => match self.place_at(position, places) {
                    Ok((place, at)) => return Choice::Open { position, place, at },
                    Err(reason) => held = reason,
                },
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
            || option.after_failures.is_some_and(|limit| failures >= limit)
            || option
                .before_start
                .is_some_and(|before| self.now >= self.booking.start.minus(before))
    }

    /// Whether the route has left an unknown room's option behind.
    fn route_goes_on_from(&self, room: &Room) -> bool {
        if !self.wants_room_now() || !self.fits(room) {
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

    /// The first of an option's places whose user the vendor has not disowned, and when it may be
    /// tried.
    fn place_at(&self, position: u32, places: Vec<Place>) -> Result<(Place, Instant), Reason> {
        let disowned = |place: &Place| {
            self.rooms.iter().find(|room| {
                room.state == State::Gone(Ending::UserUnknown)
                    && room.place == *place
                    && room.generation == self.booking.generation
            })
        };
        let mut trouble = None;
        for place in places {
            match disowned(&place) {
                Some(room) => trouble = room.reason.clone(),
                None => {
                    let (failures, last) = self.failures(position);
                    let retry = last.map_or(self.now, |room| {
                        let schedule = &self.policy.schedule;
                        schedule.next(failures, room.changed_at, self.booking.start, room.jitter())
                    });
                    let put_off = self
                        .rooms
                        .iter()
                        .filter(|room| {
                            room.state == State::Gone(Ending::PutOff) && room.place == place
                        })
                        .map(|room| room.next_at)
                        .max();
                    return Ok((place, put_off.map_or(retry, |until| until.max(retry))));
                }
            }
        }
        Err(trouble.unwrap_or_else(Reason::no_seats))
    }

    /// Failures in a row of making the room that is asked for at one option, and the last of them
    /// that the schedule waits after. An attempt that was waited out needs no further wait.
    fn failures(&self, position: u32) -> (u32, Option<&Room>) {
        let mut tries: Vec<&Room> =
            self.rooms.iter().filter(|room| room.position == position && self.fits(room)).collect();
        tries.sort_by_key(|room| (room.opened_at, room.id));
        let mut failures = 0;
        let mut last = None;
        for room in tries {
            match room.state {
                State::Gone(Ending::Refused) => {
                    failures += 1;
                    last = Some(room);
                }
                State::Lost { .. } => {
                    failures += 1;
                    last = None;
                }
                State::Unknown { .. } => failures += 1,
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

    /// What is due for one room.
    fn tend(&mut self, index: usize, keep: Option<usize>, current: Option<RoomId>) {
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
                let later = self.now.plus(Duration::from_secs(24 * 60 * 60));
                self.call(index, 6, EffectKind::Find, room.next_at, later);
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
        for before in CHECKPOINTS {
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
            self.call(index, 3, EffectKind::Update(wanted_spec(self.booking)), next_at, start);
            return;
        }
        if let Some(due) = room.read_due {
            self.call(index, 4, EffectKind::Read, due.max(next_at), start);
            return;
        }
        let last = room.seen.as_ref().map_or(room.opened_at, |seen| seen.at);
        for before in CHECKPOINTS {
            let checkpoint = start.minus(before);
            if last < checkpoint {
                if self.now < start {
                    self.call(index, 4, EffectKind::Read, checkpoint.max(next_at), start);
                }
                return;
            }
        }
    }

    /// Whether the kept room is not as it should be, and can still be made so. A start that is past
    /// cannot be mended: vendors ignore it.
    fn is_outdated(&self, room: &Room) -> bool {
        let wanted = wanted_spec(self.booking);
        // What the vendor has refused to apply so often stays as it is until something new is asked.
        let drifted = self.now < self.booking.start
            && !self.policy.schedule.is_used_up(room.failures)
            && room.seen.as_ref().is_some_and(|seen| seen.differs_from(&wanted));
        self.now < self.booking.end && self.fits(room) && (room.request != wanted || drifted)
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

    /// A call about a room: due now, or a reason to look again.
    fn call(&mut self, index: usize, rank: u8, kind: EffectKind, at: Instant, urgency: Instant) {
        let room = &self.rooms[index];
        if room.effect.is_some() {
            return;
        }
        if at > self.now {
            self.look_later(at);
            return;
        }
        let (id, lane) = (room.id, room.place.lane());
        // Without its account nothing can be asked; the booking is looked at when it is back.
        if self.account_trouble(&room.place).is_some() {
            return;
        }
        let step = match kind {
            EffectKind::Update(spec) => Step::Update(id, spec),
            EffectKind::Retire => Step::Retire(id),
            EffectKind::Read => Step::Read(id),
            EffectKind::Find => Step::Find(id),
        };
        self.due(lane, rank, step, urgency);
    }

    fn due(&mut self, lane: Lane, rank: u8, step: Step, urgency: Instant) {
        let due = Due { lane, step, urgency };
        match self.steps.get(&lane) {
            Some((other, _)) if *other <= rank => {}
            Some(_) | None => {
                self.steps.insert(lane, (rank, due));
            }
        }
    }

    fn retry_later(&mut self, at: Instant) {
        self.retry_at = Some(at);
        self.look_later(at);
    }

    fn look_later(&mut self, at: Instant) {
        if at > self.now && at != Instant::NEVER {
            self.look_at = Some(self.look_at.map_or(at, |before| before.min(at)));
        }
    }

    /// Whether the session's time, and the door's after it, is over.
    fn completes(&mut self) -> bool {
        if !self.booking.status.is_on() {
            return false;
        }
        let closes = self.booking.end.plus(DoorTimes::AFTER_END);
        self.look_later(closes);
        self.now >= closes
    }

    /// People as they are after messages whose answers were lost: those count as told.
    fn listeners(&self) -> (Vec<Listener>, Vec<Listener>) {
        let mut all = self.situation.listeners.clone();
        let mut changed = Vec::new();
        for listener in &mut all {
            let lost = listener
                .queued
                .as_ref()
                .is_some_and(|it| it.sending_until.is_some_and(|until| until <= self.now));
            if lost && let Some(queued) = &mut listener.queued {
                queued.sending_until = None;
                listener.said = Some(queued.statement.clone());
                changed.push(listener.clone());
            }
        }
        (changed, all)
    }

    fn tell(&mut self, listeners: &[Listener], ready: bool) {
        let mut sayings = Vec::new();
        for listener in listeners.iter().filter(|it| it.reachable) {
            if let Some(saying) = self.saying(listener, ready) {
                sayings.push(saying);
            }
        }
        // A lease must outlast them; the rest is said at the next look.
        sayings.truncate(MAILS_AT_ONCE);
        if !sayings.is_empty() {
            self.due(Lane::Mail, 0, Step::Say(sayings), self.booking.start);
        }
    }

    fn saying(&mut self, listener: &Listener, ready: bool) -> Option<Saying> {
        let wanted = told::wanted(self.booking, &self.situation.host_name, listener.present);
        if let Some(queued) = &listener.queued {
            if let Some(until) = queued.sending_until {
                self.look_later(until);
                return None;
            }
            // Nothing new to say: the same bytes go again until they are off the table.
            if wanted.as_ref() == Some(&queued.statement) {
                if self.now >= told::worth_until(&queued.statement, listener.said.as_ref()) {
                    return None;
                }
                if queued.next_at > self.now {
                    self.look_later(queued.next_at);
                    return None;
                }
                return Some(Saying {
                    person: listener.person,
                    occasion: queued.occasion,
                    statement: queued.statement.clone(),
                    before: listener.said.clone(),
                    again: Some(queued.message),
                });
            }
        }
        let wanted = wanted?;
        let occasion = told::occasion(listener.said.as_ref(), &wanted)?;
        if self.now >= told::worth_until(&wanted, listener.said.as_ref()) {
            return None;
        }
        if occasion == Occasion::Confirmation && !ready && self.booking.wants_room() {
            let confirmed = self.booking.confirmed_at.unwrap_or(self.now);
            let patience = confirmed.plus(MAIL_PATIENCE);
            if self.now < patience {
                self.look_later(patience);
                return None;
            }
        }
        Some(Saying {
            person: listener.person,
            occasion,
            statement: wanted,
            before: listener.said.clone().filter(|said: &Statement| said.on),
            again: None,
        })
    }

    fn view(&mut self, current: Option<RoomId>) -> View {
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
            || self.policy.schedule.is_used_up(failures);
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
                } else if self.blocked.is_some() {
                    Status::Pending
                } else {
                    Status::Creating
                }
            }
            BookingStatus::Completed | BookingStatus::NoShow if current.is_some() => Status::Active,
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
                    || (self.is_outdated(room) && !self.policy.schedule.is_used_up(room.failures)))
        });
        let shut_out = self
            .rooms
            .iter()
            .find(|room| Some(room.id) == current)
            .and_then(|room| self.account_trouble(&room.place));
        let person_needed =
            self.blocked.is_some() || shut_out.is_some() || status == Status::Failed;
        let done = !calls
            && !unwanted
            && !uncertain
            && (kept_fits || !self.wants_room_now() || status == Status::NotNeeded);
        let reason = match status {
            Status::Active if kept_fits => shut_out,
            Status::Active | Status::Creating | Status::Failed | Status::Pending => {
                self.blocked.clone().or(trouble)
            }
            Status::Cancelling => self
                .rooms
                .iter()
                .filter(|room| matches!(room.state, State::Stuck | State::Retiring))
                .find_map(|room| room.reason.clone()),
            Status::Cancelled | Status::NotNeeded => None,
        };
        let waits = matches!(status, Status::Creating | Status::Failed) && self.blocked.is_none();
        View {
            status,
            reason,
            failures,
            next_attempt_at: self.retry_at.filter(|_| waits),
            settled: done || person_needed,
        }
    }

    /// Failures of making the room that is asked for, at the option that was tried last.
    fn trouble(&self) -> (u32, Option<Reason>) {
        let last = self
            .rooms
            .iter()
            .filter(|room| self.fits(room))
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
