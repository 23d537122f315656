//! A room: one instance at one vendor, made for one booking in one attempt.
//!
//! A room is written down before the vendor is called, and every vendor key of ours derives from
//! it. It changes only by [`Room::learn`], which is total: any fact may arrive in any state, late
//! or twice, and each pair has one meaning. So an illegal transition cannot be written.
//!
//! ```text
//! intended ──made──────────▶ live ◀──seen── doubtful ──gone, twice──▶ gone
//!    │  └──refused──▶ gone     │  └──gone──▶ doubtful
//!    └─no answer─▶ unknown ────┤ (found)
//!                    └─not found, twice─▶ lost ──found──▶ live
//!                              └──to be removed──▶ retiring ──▶ gone ──seen again──▶ retiring
//!                                                     └▶ stuck (no account) ─▶ retiring
//! ```

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Reason};
use crate::id::{EffectId, HostId, RoomId};
use crate::presence::Presence;
use crate::retry::Schedule;
use crate::route::Place;
use crate::settings::Settings;
use crate::time::{Instant, Zone};

/// What a room at a vendor should be like.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Spec {
    /// The words on the door.
    pub topic: String,
    /// When the session begins, in whole seconds.
    pub start: Instant,
    /// How long it is to take.
    pub minutes: u32,
    /// The zone that the vendor shows times in.
    pub time_zone: Zone,
    /// What was asked of the account.
    pub settings: Settings,
    /// What people read about the session at the vendor. `None` asks for nothing, and what a host
    /// wrote there stays; an empty one asks that there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agenda: Option<String>,
}

/// What a vendor said a room is like.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Seen {
    /// When the reading was begun.
    pub at: Instant,
    /// The words on the door, where the vendor says.
    pub topic: Option<String>,
    /// The start, where the vendor says.
    pub start: Option<Instant>,
    /// The length, where the vendor says.
    pub minutes: Option<u32>,
    /// Whether there are people in it, where the vendor says.
    #[serde(default)]
    pub occupied: Option<bool>,
    /// The vendor's name for the instance that runs, or ran last, where it says.
    #[serde(default)]
    pub instance: Option<String>,
    /// Its settings, where the vendor says.
    #[serde(default)]
    pub settings: Settings,
    /// Alternative hosts that were asked for and that the vendor would not have.
    #[serde(default)]
    pub dropped: Vec<String>,
    /// Since when readings after this one were not answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unanswered_since: Option<Instant>,
    /// Alternative hosts that were left out because the vendor would not say whom it will not have.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// It leads into a user's personal room, where sessions would meet each other.
    #[serde(default)]
    pub personal: bool,
}

impl Seen {
    /// A reading that says nothing but that the room is there.
    #[must_use]
    pub fn at(at: Instant) -> Self {
        Self {
            at,
            topic: None,
            start: None,
            minutes: None,
            occupied: None,
            instance: None,
            settings: Settings::default(),
            dropped: Vec::new(),
            unanswered_since: None,
            left_out: Vec::new(),
            personal: false,
        }
    }

    /// Whether it shows a room just as wanted, in all that a vendor can show.
    #[must_use]
    pub fn confirms(&self, wanted: &Spec) -> bool {
        self.topic.as_ref() == Some(&wanted.topic)
            && self.start == Some(wanted.start)
            && self.minutes == Some(wanted.minutes)
    }

    /// Whether its settings are others than are wanted, apart from those that the account is known
    /// to keep.
    #[must_use]
    pub fn drifts_from(&self, wanted: &Spec, unmet: &Unmet) -> bool {
        let differ = wanted.settings.contradicted_by(&self.settings);
        !differ.without(&unmet.settings).named().is_empty()
    }

    /// Whether it contradicts what is wanted. What the vendor does not say contradicts nothing.
    #[must_use]
    pub fn differs_from(&self, wanted: &Spec) -> bool {
        self.topic.as_ref().is_some_and(|topic| *topic != wanted.topic)
            || self.start.is_some_and(|start| start != wanted.start)
            || self.minutes.is_some_and(|minutes| minutes != wanted.minutes)
    }
}

/// What a vendor would not do for a room.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Unmet {
    /// Settings that the account keeps otherwise than was asked, as it keeps them.
    #[serde(default)]
    pub settings: Settings,
    /// Alternative hosts that it would not have.
    #[serde(default)]
    pub alternative_hosts: Vec<String>,
    /// Alternative hosts that were left out because it would not say whom it will not have.
    #[serde(default)]
    pub hosts_left_out: Vec<String>,
    /// The last change of it that it would not make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Box<Refused>>,
}

/// A change that a vendor understood and will not make.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Refused {
    /// What was asked.
    pub request: Spec,
    /// Why not.
    pub reason: Reason,
    /// When it said so.
    pub at: Instant,
    /// When the same is asked again.
    pub again: Instant,
}

/// How a room came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ending {
    /// The vendor did not make it, and may the next time; this counts as a failure.
    Refused,
    /// The vendor understood and will not: it is not asked again for the same before a person has
    /// changed something, but for a few looks before the session.
    Rejected,
    /// The vendor put us off, or needs a person; this does not count.
    PutOff,
    /// The vendor does not know the user who should hold it.
    UserUnknown,
    /// We removed it.
    Removed,
    /// It was gone when we looked, twice.
    Vanished,
}

/// Where a room stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Written down; the vendor is being asked.
    Intended,
    /// Nobody knows whether the vendor made it; so many looks have not found it.
    Unknown {
        /// Answered look-ups that did not find it.
        finds: u8,
        /// Whether an outcome of the create was recorded. Without one, whoever asked was killed,
        /// which is no failure of the vendor's.
        recorded: bool,
    },
    /// It is there.
    Live,
    /// The vendor said that it is gone; the door stays open until that is believed.
    Doubtful {
        /// When a reading first said so.
        first_gone: Option<Instant>,
    },
    /// It is being removed.
    Retiring,
    /// It is not there.
    Gone(Ending),
    /// It was never found; its marker is looked for again.
    Lost {
        /// How many of the later looks were answered.
        checks: u8,
        /// Whether an outcome of the create was recorded.
        recorded: bool,
    },
    /// It should be removed, and the account that made it is not there to do it.
    Stuck,
}

impl State {
    /// The word for people and for the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Unknown { .. } => "unknown",
            Self::Live => "live",
            Self::Doubtful { .. } => "doubtful",
            Self::Retiring => "retiring",
            Self::Gone(_) => "gone",
            Self::Lost { .. } => "lost",
            Self::Stuck => "stuck",
        }
    }

    /// A create that has not been answered for certain.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Intended | Self::Unknown { .. })
    }

    /// Whether a door may lead into it.
    #[must_use]
    pub const fn has_door(self) -> bool {
        matches!(self, Self::Live | Self::Doubtful { .. })
    }
}

/// What is done to a room that exists.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EffectKind {
    /// Made like this.
    Update(Spec),
    /// Removed.
    Retire,
    /// Looked at.
    Read,
    /// Looked for by its marker.
    Find,
}

impl EffectKind {
    /// The word for records.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Update(_) => "update",
            Self::Retire => "retire",
            Self::Read => "read",
            Self::Find => "find",
        }
    }
}

/// A call about a room that has not been answered yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Effect {
    /// Its id.
    pub id: EffectId,
    /// What is asked.
    pub kind: EffectKind,
    /// Until when an answer can come.
    pub deadline: Instant,
}

/// A room as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// Its id; the marker derives from it.
    pub id: RoomId,
    /// Where it was made, for life.
    pub place: Place,
    /// For which host it was opened.
    pub host: HostId,
    /// Which option of the route it is.
    pub position: u32,
    /// Which request for a room it answers.
    pub generation: i32,
    /// When it was written down.
    pub opened_at: Instant,
    /// Until when the create can be answered.
    pub deadline: Instant,
    /// What was last successfully asked of the vendor, or is being asked.
    pub request: Spec,
    /// Where it stands.
    pub state: State,
    /// Since when.
    pub changed_at: Instant,
    /// The vendor's own id, once known.
    pub vendor_id: Option<String>,
    /// What the vendor last said of it.
    pub seen: Option<Seen>,
    /// What it has said of the people in it.
    pub presence: Presence,
    /// What the vendor would not do when it was last made or changed.
    pub unmet: Unmet,
    /// It must be read at this time or later before it counts as settled: an update whose answer
    /// was lost may still take effect until then.
    pub read_due: Option<Instant>,
    /// No call about it before this time.
    pub next_at: Instant,
    /// Failures of what is being tried, in a row.
    pub failures: u32,
    /// The last trouble, in words.
    pub reason: Option<Reason>,
    /// The call under way.
    pub effect: Option<Effect>,
}

/// What came back from a vendor, or did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The create was answered.
    Made {
        /// The vendor's id.
        vendor_id: String,
        /// What the answer said.
        seen: Seen,
    },
    /// The create was not done, for certain, or nobody knows ([`Failure::Unknown`]).
    NotMade(Failure),
    /// A look-up found it by its marker.
    Found {
        /// The vendor's id.
        vendor_id: String,
        /// What the list said.
        seen: Seen,
    },
    /// A look-up was answered and did not find it.
    NotFound,
    /// A look-up was not answered.
    FindFailed(Failure),
    /// It was read.
    Read(Seen),
    /// It was not read.
    ReadFailed(Failure),
    /// It was updated, and then looks like this.
    Updated {
        /// What was asked.
        request: Spec,
        /// What a reading then said.
        seen: Seen,
    },
    /// It was not updated, or nobody knows.
    UpdateFailed(Failure),
    /// It was removed, or was not there.
    Retired,
    /// It was not removed, or nobody knows.
    RetireFailed(Failure),
    /// It is to be removed; the vendor is being asked.
    RetireBegun,
    /// It is to be removed, and there is no account to do it with.
    AccountMissing(Reason),
    /// The account that made it is back.
    AccountBack,
    /// Nobody waits for the unknown any longer.
    GivenUp,
}

/// What the rules need to judge a fact.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// When the fact is learnt.
    pub now: Instant,
    /// When the session begins.
    pub start: Instant,
    /// How long an effect may stay invisible after its call's deadline.
    pub settle: Duration,
    /// When to try again.
    pub schedule: &'a Schedule,
}

/// Within this time before the start, waiting costs more than a short-lived extra room.
pub const NEAR: Duration = Duration::from_secs(15 * 60);

/// When a room is looked at before its session, so that a broken one is mended in time.
pub(crate) const LOOKS: [Duration; 3] =
    [Duration::from_secs(24 * 60 * 60), Duration::from_secs(2 * 60 * 60), NEAR];

/// The first look before a session that begins at `start` which comes after `at`; never, if the last
/// is over.
pub(crate) fn next_look(start: Instant, at: Instant) -> Instant {
    let looks = LOOKS.into_iter().map(|before| start.minus(before));
    looks.filter(|look| *look > at).min().unwrap_or(Instant::NEVER)
}

/// When the marker of a room that was given up is looked for again, in settle times after the
/// create's deadline.
const LOST_CHECKS: [u32; 3] = [2, 20, 120];
/// And once more so long before the start.
const LOST_PREFLIGHT: Duration = NEAR;

const OCCUPIED_AGAIN: Duration = Duration::from_secs(2 * 60);

/// How often a removal is tried that the vendor refuses: only a person can mend that.
const REFUSED_REMOVAL_AGAIN: Duration = Duration::from_secs(6 * 60 * 60);

impl Moment<'_> {
    /// Whether the session is so near, or under way, that waiting costs more than it saves.
    #[must_use]
    pub fn is_near(&self) -> bool {
        self.now >= self.start.minus(NEAR)
    }
}

impl Room {
    /// Takes in one fact. Total over every state and fact.
    pub fn learn(&mut self, fact: Fact, moment: &Moment<'_>) {
        match fact {
            Fact::Made { vendor_id, seen } | Fact::Found { vendor_id, seen } => {
                self.found(vendor_id, seen, moment);
            }
            Fact::NotMade(failure) => self.not_made(&failure, moment),
            Fact::NotFound => self.not_found(moment),
            Fact::Read(seen) => self.read(seen, moment),
            Fact::ReadFailed(Failure::Gone) => self.gone(moment),
            Fact::FindFailed(failure) => {
                self.effect = None;
                self.failed(&failure, moment);
            }
            Fact::ReadFailed(failure) => {
                self.effect = None;
                self.not_heard(&failure, moment.now);
                self.failed(&failure, moment);
            }
            Fact::Updated { request, seen } => {
                // An update that was taken and not applied has failed as often as it was tried.
                let tried = if self.request == request { self.failures } else { 0 };
                self.request = request;
                let passcode = self.unmet.settings.passcode;
                self.note_unmet(&seen);
                // Only when a room is made can its account refuse a passcode.
                self.unmet.settings.passcode = passcode;
                self.read(seen, moment);
                self.failures = tried;
                if self.seen.as_ref().is_some_and(|seen| seen.differs_from(&self.request)) {
                    let reason = Reason::new(
                        "not_applied",
                        format!(
                            "{} kept other details than it was given.",
                            self.place.provider.label()
                        ),
                    );
                    self.failed(&Failure::Transient(reason), moment);
                } else {
                    self.failures = 0;
                }
            }
            Fact::UpdateFailed(failure) => self.not_updated(&failure, moment),
            Fact::Retired => self.retired(moment),
            Fact::RetireFailed(Failure::Gone) => self.retired(moment),
            Fact::RetireFailed(failure) => self.not_retired(&failure, moment),
            Fact::RetireBegun => {
                if self.state.has_door() || self.state == State::Stuck {
                    self.enter(State::Retiring, moment.now);
                }
            }
            Fact::AccountMissing(reason) => {
                if self.state.has_door() || self.state == State::Retiring {
                    self.enter(State::Stuck, moment.now);
                }
                self.reason = Some(reason);
            }
            Fact::AccountBack => {
                if self.state == State::Stuck {
                    self.enter(State::Retiring, moment.now);
                    self.next_at = moment.now;
                    self.reason = None;
                }
            }
            Fact::GivenUp => {
                if self.state.is_open() {
                    self.lose(0, moment);
                }
            }
        }
    }

    /// Takes in the answer to one effect. If the effect is no longer under way (its lease was lost,
    /// and another was begun), the fact counts all the same and the other effect goes on.
    pub fn answer(&mut self, effect: EffectId, fact: Fact, moment: &Moment<'_>) {
        if self.effect.as_ref().is_some_and(|it| it.id == effect) {
            self.learn(fact, moment);
        } else {
            let other = self.effect.take();
            self.learn(fact, moment);
            self.effect = other;
        }
    }

    /// What time alone has made true: a call whose deadline has passed was not answered.
    pub fn pass(&mut self, moment: &Moment<'_>) {
        if self.state == State::Intended && moment.now >= self.deadline {
            self.doubt_made(interrupted(), false, moment);
        }
        let expired = self.effect.as_ref().is_some_and(|effect| moment.now >= effect.deadline);
        if let Some(effect) = self.effect.take_if(|_| expired) {
            if let EffectKind::Update(_) = effect.kind {
                self.may_take_effect_until(effect.deadline.plus(moment.settle));
            }
            // Whoever was to answer was killed: that is no failure of the vendor's, and is tried
            // again soon.
            self.reason = Some(interrupted());
            self.next_at =
                moment.schedule.next(1, moment.now, moment.start, self.jitter()).max(self.next_at);
        }
    }

    /// An update whose answer was lost may still take effect until then.
    fn may_take_effect_until(&mut self, visible: Instant) {
        self.read_due = Some(self.read_due.map_or(visible, |due| due.max(visible)));
    }

    /// A number from 0 to 1 that is this room's own, so that retries spread without a die.
    #[must_use]
    pub fn jitter(&self) -> f64 {
        let low = u32::try_from(self.id.uuid().as_u128() & 0xffff).unwrap_or(0);
        f64::from(low) / 65_535.0
    }

    /// When the marker of a room that was given up is looked for next. A session that has been moved
    /// nearer is looked at before its new start.
    #[must_use]
    pub fn next_look_for_lost(&self, moment: &Moment<'_>) -> Instant {
        match self.state {
            State::Lost { checks, .. } if self.failures == 0 => {
                self.next_at.min(self.next_lost_check(checks, moment.start, moment.settle))
            }
            State::Intended
            | State::Unknown { .. }
            | State::Live
            | State::Doubtful { .. }
            | State::Retiring
            | State::Gone(_)
            | State::Lost { .. }
            | State::Stuck => self.next_at,
        }
    }

    /// When an unfound marker is next looked for, if ever.
    fn next_lost_check(&self, checks: u8, start: Instant, settle: Duration) -> Instant {
        let preflight = start.minus(LOST_PREFLIGHT);
        match LOST_CHECKS.get(usize::from(checks)) {
            Some(times) => self.deadline.plus(settle.saturating_mul(*times)),
            None if usize::from(checks) == LOST_CHECKS.len() && preflight > self.changed_at => {
                preflight
            }
            None => Instant::NEVER,
        }
    }

    fn enter(&mut self, state: State, now: Instant) {
        if std::mem::discriminant(&self.state) != std::mem::discriminant(&state) {
            self.changed_at = now;
            self.failures = 0;
        }
        self.state = state;
    }

    fn found(&mut self, vendor_id: String, seen: Seen, moment: &Moment<'_>) {
        self.effect = None;
        match self.state {
            State::Intended
            | State::Unknown { .. }
            | State::Lost { .. }
            | State::Gone(
                Ending::Refused | Ending::Rejected | Ending::PutOff | Ending::UserUnknown,
            ) => {
                self.vendor_id = Some(vendor_id);
                self.enter(State::Live, moment.now);
                self.next_at = moment.now;
                self.reason = None;
                self.note_unmet(&seen);
                self.see(seen);
            }
            State::Live | State::Doubtful { .. } => {
                self.vendor_id = Some(vendor_id);
                self.enter(State::Live, moment.now);
                self.see(seen);
            }
            State::Retiring | State::Stuck => self.vendor_id = Some(vendor_id),
            // Somebody brought it back, or an effect was very late. It was given up, and nobody is
            // sent there again: it goes once more. What was seen before it went says nothing.
            State::Gone(Ending::Removed | Ending::Vanished) if seen.at > self.changed_at => {
                self.vendor_id = Some(vendor_id);
                self.enter(State::Retiring, moment.now);
                self.next_at = moment.now;
                self.reason = None;
                self.see(seen);
            }
            State::Gone(Ending::Removed | Ending::Vanished) => {}
        }
    }

    fn not_made(&mut self, failure: &Failure, moment: &Moment<'_>) {
        if let State::Lost { recorded, .. } = &mut self.state {
            *recorded = true;
        }
        if !self.state.is_open() {
            return;
        }
        self.reason = Some(failure.reason());
        let ending = match failure {
            Failure::Unknown(_) | Failure::Occupied => {
                self.doubt_made(failure.reason(), true, moment);
                return;
            }
            Failure::Transient(_) | Failure::Gone => Ending::Refused,
            Failure::Rejected(_) => Ending::Rejected,
            Failure::Throttled { .. } | Failure::NeedsReconnect(_) => Ending::PutOff,
            Failure::UnknownUser(_) => Ending::UserUnknown,
        };
        self.enter(State::Gone(ending), moment.now);
        self.next_at = match failure {
            Failure::Throttled { until, .. } => *until,
            Failure::Transient(_)
            | Failure::NeedsReconnect(_)
            | Failure::Rejected(_)
            | Failure::UnknownUser(_)
            | Failure::Gone
            | Failure::Occupied
            | Failure::Unknown(_) => moment.now,
        };
    }

    /// Nobody knows whether it was made.
    fn doubt_made(&mut self, reason: Reason, recorded: bool, moment: &Moment<'_>) {
        self.enter(State::Unknown { finds: 0, recorded }, moment.now);
        self.reason = Some(reason);
        self.next_at = self.deadline.plus(moment.settle);
    }

    fn not_found(&mut self, moment: &Moment<'_>) {
        self.effect = None;
        match self.state {
            State::Unknown { finds, .. } if finds >= 1 => self.lose(1, moment),
            State::Unknown { finds, recorded } => {
                self.state = State::Unknown { finds: finds + 1, recorded };
                self.next_at = moment.now.plus(moment.settle);
                self.failures = 0;
            }
            State::Lost { checks, recorded } => {
                // Looks that fell due together are one look.
                let mut checks = checks.saturating_add(1);
                while usize::from(checks) < LOST_CHECKS.len()
                    && self.next_lost_check(checks, moment.start, moment.settle) <= moment.now
                {
                    checks += 1;
                }
                let next = self.next_lost_check(checks, moment.start, moment.settle);
                self.next_at = if next <= moment.now { Instant::NEVER } else { next };
                self.state = State::Lost { checks, recorded };
            }
            State::Intended
            | State::Live
            | State::Doubtful { .. }
            | State::Retiring
            | State::Gone(_)
            | State::Stuck => {}
        }
    }

    fn lose(&mut self, checks: u8, moment: &Moment<'_>) {
        let recorded = matches!(self.state, State::Unknown { recorded: true, .. });
        self.enter(State::Lost { checks, recorded }, moment.now);
        self.next_at = self.next_lost_check(checks, moment.start, moment.settle).max(moment.now);
    }

    /// What was asked and is shown otherwise right afterwards is what the account insists on.
    fn note_unmet(&mut self, seen: &Seen) {
        self.unmet = Unmet {
            settings: self.request.settings.contradicted_by(&seen.settings),
            alternative_hosts: seen.dropped.clone(),
            hosts_left_out: seen.left_out.clone(),
            change: None,
        };
    }

    fn see(&mut self, seen: Seen) {
        if self.read_due.is_some_and(|due| seen.at >= due) {
            self.read_due = None;
        }
        self.presence.read(&seen);
        if self.seen.as_ref().is_none_or(|before| before.at <= seen.at) {
            self.seen = Some(seen);
        }
    }

    fn read(&mut self, seen: Seen, moment: &Moment<'_>) {
        self.effect = None;
        if let State::Doubtful { .. } = self.state {
            self.enter(State::Live, moment.now);
        }
        if self.state.has_door() {
            self.failures = 0;
            self.reason = None;
            self.next_at = moment.now;
        }
        self.see(seen);
    }

    fn gone(&mut self, moment: &Moment<'_>) {
        self.effect = None;
        match self.state {
            State::Live | State::Doubtful { first_gone: None } if !moment.is_near() => {
                self.enter(State::Doubtful { first_gone: Some(moment.now) }, moment.now);
                self.next_at = moment.now.plus(moment.settle);
                self.failures = 0;
            }
            State::Doubtful { first_gone: Some(first) }
                if !moment.is_near() && moment.now < first.plus(moment.settle) =>
            {
                self.next_at = first.plus(moment.settle);
            }
            State::Live | State::Doubtful { .. } => {
                self.enter(State::Gone(Ending::Vanished), moment.now);
            }
            State::Retiring | State::Stuck => {
                self.enter(State::Gone(Ending::Removed), moment.now);
            }
            State::Intended | State::Unknown { .. } | State::Gone(_) | State::Lost { .. } => {}
        }
    }

    fn not_updated(&mut self, failure: &Failure, moment: &Moment<'_>) {
        let effect = self.effect.take();
        match failure {
            Failure::Gone => {
                if self.state == State::Live {
                    self.enter(State::Doubtful { first_gone: None }, moment.now);
                    self.next_at = moment.now;
                }
            }
            Failure::Unknown(_) => {
                let deadline = effect.map_or(moment.now, |it| it.deadline);
                self.may_take_effect_until(deadline.plus(moment.settle));
                self.failed(failure, moment);
            }
            // The room is there and works: what was refused is remembered, and it goes on.
            Failure::Rejected(reason) => {
                if let Some(EffectKind::Update(request)) = effect.map(|it| it.kind) {
                    self.unmet.change = Some(Box::new(Refused {
                        request,
                        reason: reason.clone(),
                        at: moment.now,
                        again: next_look(moment.start, moment.now),
                    }));
                }
            }
            Failure::Transient(_)
            | Failure::Throttled { .. }
            | Failure::NeedsReconnect(_)
            | Failure::UnknownUser(_)
            | Failure::Occupied => self.failed(failure, moment),
        }
    }

    fn retired(&mut self, moment: &Moment<'_>) {
        self.effect = None;
        if !matches!(self.state, State::Gone(_)) {
            self.enter(State::Gone(Ending::Removed), moment.now);
            self.reason = None;
        }
    }

    fn not_retired(&mut self, failure: &Failure, moment: &Moment<'_>) {
        self.effect = None;
        self.failed(failure, moment);
        if matches!(failure, Failure::Rejected(_)) {
            self.next_at = self.next_at.max(moment.now.plus(REFUSED_REMOVAL_AGAIN));
        }
    }

    fn failed(&mut self, failure: &Failure, moment: &Moment<'_>) {
        // Of a room that is there, only waiting is no failure: for its turn, for people to leave, or
        // for a person to connect the account again.
        if !matches!(
            failure,
            Failure::Throttled { .. } | Failure::Occupied | Failure::NeedsReconnect(_)
        ) {
            self.failures = self.failures.saturating_add(1);
        }
        self.reason = Some(failure.reason());
        self.next_at = match failure {
            Failure::Throttled { until, .. } => *until,
            Failure::Occupied => moment.now.plus(OCCUPIED_AGAIN),
            Failure::Transient(_)
            | Failure::NeedsReconnect(_)
            | Failure::Rejected(_)
            | Failure::UnknownUser(_)
            | Failure::Gone
            | Failure::Unknown(_) => {
                moment.schedule.next(self.failures.max(1), moment.now, moment.start, self.jitter())
            }
        };
    }
}

fn interrupted() -> Reason {
    Reason::new(
        "interrupted",
        "Roomkey was interrupted while it was asking the vendor, and looks what has become of it.",
    )
}
