//! The plan: what is to be done now so that the vendors and the people agree with a booking.
//!
//! [`plan`] is pure and total. It is asked after every event and every answer, always from fresh
//! state, and never about the event that woke it: creation, reschedule, cancellation,
//! regeneration, change of host, repair and restart are all the same question. Doing what it says
//! and asking again ends in a plan that says nothing.

mod choose;
mod close;
mod hold;
mod people;
mod seating;
mod tend;
mod view;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::booking::{Booking, Status as BookingStatus};
use crate::failure::Reason;
use crate::id::{BookingId, ConnectionId, HostId, RoomId};
use crate::meeting::View;
use crate::retry::Schedule;
use crate::room::{EffectKind, Fact, Moment, Room, Spec, State};
use crate::route::{Connection, HostAccounts, Lane, Place, connection_of};
use crate::seats::Occupancy;
use crate::settings::Breach;
use crate::time::Instant;
use crate::told::{Listener, Saying};

pub use seating::may_move;

/// How long a room is kept after the session.
const KEEP_AFTER_END: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a confirmation waits for the room.
const MAIL_PATIENCE: Duration = Duration::from_secs(60);
/// Without a room so shortly before the start, people are told.
const LAST_CALL: Duration = Duration::from_secs(30 * 60);

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
    /// Who else sits where, for connections whose seats may lend it a room.
    pub occupancy: Vec<Occupancy>,
    /// Vendor users who may make and change nothing more until then, and why.
    pub parked: BTreeMap<(ConnectionId, String), (Instant, Reason)>,
    /// Vendor users about whom the vendor does not answer, and until when nobody asks.
    pub silent: BTreeMap<(ConnectionId, String), Instant>,
    /// Vendor accounts of which nothing may be asked until then, for long enough that people are told,
    /// and why.
    pub paused: BTreeMap<ConnectionId, (Instant, Reason)>,
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
    /// People have come: the session is taking place.
    pub started: bool,
    /// Everybody has left for good, as the vendor says.
    pub deserted: bool,
    /// The session's time is over.
    pub completed: bool,
    /// Steps that are due, at most one per lane.
    pub steps: Vec<Due>,
    /// The seat that its room is on or bound for; to be written down.
    pub seat: Option<String>,
    /// Sessions that have to move to another seat for this one; to be written down with them.
    pub moves: Vec<(BookingId, String)>,
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
        topic: booking.public_title().to_owned(),
        start: booking.start.floor_second(),
        minutes: booking.minutes(),
        time_zone: booking.time_zone.clone(),
        settings: booking.settings.clone(),
        agenda: booking.public_agenda(),
    }
}

/// Whether the vendor made a user's personal room of it, where sessions would meet each other.
fn is_personal(room: &Room) -> bool {
    room.seen.as_ref().is_some_and(|seen| seen.personal)
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
    /// The vendor's accounts are less private than the service demands, and nothing else is left.
    refused: bool,
    /// The vendor will not make the room, and a person must change something.
    rejected: bool,
    /// Why one is only tried for later, or changed later.
    put_off: Option<Reason>,
    /// When the room is opened that nobody needs before.
    opens_at: Option<Instant>,
    /// The seat that is kept for it while others move.
    promised: Option<String>,
    moves: Vec<(BookingId, String)>,
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
            refused: false,
            rejected: false,
            put_off: None,
            opens_at: None,
            promised: None,
            moves: Vec::new(),
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
        let started = self.begins();
        let deserted = self.is_deserted(started);
        let completed = self.completes();
        let (may_know, listeners) = self.listeners();
        // A room that is opened later on purpose is nothing to wait for.
        self.tell(&listeners, current.is_some() || self.opens_at.is_some());
        let view = self.view(current);
        let seat = self.seat(current);
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
            started,
            deserted,
            completed,
            steps: self.steps.into_values().map(|(_, due)| due).collect(),
            seat,
            moves: self.moves,
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

    /// Whether a person has pasted credentials for a place's account after that time.
    fn has_new_credentials(&self, place: &Place, at: Instant) -> bool {
        connection_of(place, self.situation.connections.iter())
            .is_some_and(|connection| connection.credentials_at > at)
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

    /// Whether a room can be the session's: it answers what was asked, is as private as that, and
    /// has its seat for itself.
    fn fits(&self, room: &Room) -> bool {
        self.answers(room)
            && self.breaches(room).is_empty()
            && !is_personal(room)
            && !self.lacks_passcode(room)
            && !self.is_displaced(room)
    }

    /// Whether a passcode is demanded that the room was not made with: vendors change none without
    /// changing the address, so another room is made here, and this one goes when that is there.
    fn lacks_passcode(&self, room: &Room) -> bool {
        self.booking.settings.passcode == Some(true)
            && room.unmet.settings.passcode.is_none()
            && room.seen.as_ref().is_some_and(|seen| seen.settings.passcode == Some(false))
    }

    /// Where the vendor's account makes a room less private than was asked.
    fn breaches(&self, room: &Room) -> Vec<Breach> {
        self.booking.settings.breaches(&room.unmet.settings)
    }

    /// Whether a room was opened for what is asked now.
    fn answers(&self, room: &Room) -> bool {
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
                .filter(|room| self.breaches(room).is_empty() && !is_personal(room))
                .filter(|room| !self.gives_up(room))
                .map(|room| room.id)
        })
    }

    /// A call about a room: due now, or a reason to look again.
    fn call(&mut self, index: usize, rank: u8, kind: EffectKind, at: Instant, urgency: Instant) {
        let room = &self.rooms[index];
        if room.effect.is_some() {
            return;
        }
        let at = self.silent_until(&room.place).map_or(at, |until| at.max(until));
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

    /// Until when nobody asks about the vendor user of a place, because the vendor does not answer.
    fn silent_until(&self, place: &Place) -> Option<Instant> {
        let key = (place.connection?, place.user.clone());
        self.situation.silent.get(&key).copied().filter(|until| self.now < *until)
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
}
