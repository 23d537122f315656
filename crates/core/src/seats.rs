//! Seats: licensed vendor users who lend their rooms to others' sessions, so many at a time.
//!
//! Sessions on seats are intervals, and seats are their colours. As long as the rooms that are
//! not yet near may be moved, there is a seat for a session exactly if never more sessions run at
//! once than all seats can hold; [`seat`] finds it, and says who has to move for it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::{BookingId, ConnectionId};
use crate::time::Instant;

/// How the seats of a connection may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Sessions that one seat can run at once.
    pub cap: u32,
    /// Kept free after each session on the same seat: sessions overrun.
    #[serde(with = "crate::time::duration_member")]
    pub buffer: Duration,
    /// So long before its start a room is opened; people have our link long before.
    #[serde(with = "crate::time::duration_member")]
    pub lead: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            cap: 1,
            buffer: Duration::from_secs(10 * 60),
            lead: Duration::from_secs(72 * 60 * 60),
        }
    }
}

/// The time of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its start.
    pub start: Instant,
    /// Its end.
    pub end: Instant,
}

/// So much longer a session is taken to last that should be over and has people in its room.
const OVERTIME: Duration = Duration::from_secs(30 * 60);

impl Span {
    /// The time for which a seat is taken in whose room there are people: from now, should they be
    /// early, and for a while yet, should they be late.
    #[must_use]
    pub fn with_people_inside(self, now: Instant) -> Self {
        let end = if self.end <= now { now.plus(OVERTIME) } else { self.end };
        Self { start: self.start.min(now), end }
    }

    /// Whether two sessions are too close for one seat that can run one at a time.
    #[must_use]
    pub fn meets(&self, other: &Self, buffer: Duration) -> bool {
        self.start < other.end.plus(buffer) && other.start < self.end.plus(buffer)
    }
}

/// Whether the room of a session may be moved to another seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mobility {
    /// Now.
    Movable,
    /// As soon as the call about it is answered, or the move that it is making is done.
    Soon,
    /// Not any more: it is near, has people in it, or is there by no choice of ours.
    Fixed,
}

/// A session on a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitting {
    /// Whose.
    pub booking: BookingId,
    /// When.
    pub span: Span,
    /// Where its room is, if it has one.
    pub at: Option<String>,
    /// Where its room is to be opened or moved to. Both count until it has moved.
    pub bound_for: Option<String>,
    /// Since when its room is there; of those who crowd a seat, the first one stays.
    pub since: Option<Instant>,
    /// Whether its room may be moved to another seat.
    pub mobility: Mobility,
}

impl Sitting {
    fn seats(&self) -> impl Iterator<Item = &str> {
        let second = self.bound_for.as_deref().filter(|seat| self.at.as_deref() != Some(*seat));
        self.at.as_deref().into_iter().chain(second)
    }

    fn may_move_now(&self) -> bool {
        self.mobility == Mobility::Movable && self.at.is_some() && self.bound_for.is_none()
    }

    fn is_moving_away_from(&self, seat: &str) -> bool {
        self.at.as_deref() == Some(seat) && self.bound_for.as_deref().is_some_and(|it| it != seat)
    }
}

/// Who sits where at one connection, as far as a booking has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupancy {
    /// Which connection.
    pub connection: ConnectionId,
    /// The sessions of others.
    pub sittings: Vec<Sitting>,
    /// What each seat has made and changed today.
    pub calls: BTreeMap<String, u32>,
}

/// Where a session may sit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seating {
    /// Here, at once.
    Free(String),
    /// Here, when others have moved.
    Shift {
        /// The seat.
        seat: String,
        /// Who moves where.
        moves: Vec<(BookingId, String)>,
    },
    /// Somewhere, when those have come to rest who are just being given their rooms or moved.
    Wait,
    /// Nowhere: more sessions run at once than all seats can hold.
    Full,
}

/// Finds a seat for a session among those of others. `users` are the seats that may be given, the
/// best first; a seat that the session has or was promised already is kept if it can be.
#[must_use]
pub fn seat(of: &Sitting, others: &[Sitting], users: &[String], rules: &Rules) -> Seating {
    let placed = Placed::of(others.iter(), rules);
    let own = [&of.bound_for, &of.at].into_iter().flatten().filter(|seat| users.contains(seat));
    if let Some(free) = own.chain(users).find(|seat| placed.has_room(seat, &of.span)) {
        return Seating::Free(free.clone());
    }
    if let Some((seat, moves)) = shift(of, others, users, rules, |it| it.may_move_now()) {
        return Seating::Shift { seat, moves };
    }
    match shift(of, others, users, rules, |it| it.mobility != Mobility::Fixed) {
        Some(_) => Seating::Wait,
        None => Seating::Full,
    }
}

/// Whether a session has to leave its seat to those who were there first, and are not leaving.
#[must_use]
pub fn is_crowded(of: &Sitting, seat: &str, others: &[Sitting], rules: &Rules) -> bool {
    let first = |it: &&Sitting| {
        let theirs = it.since.is_some_and(|theirs| {
            of.since.is_none_or(|own| (theirs, it.booking) < (own, of.booking))
        });
        it.at.as_deref() == Some(seat) && theirs && !it.is_moving_away_from(seat)
    };
    !Placed::of(others.iter().filter(first), rules).has_room(seat, &of.span)
}

/// What a session does next that is to move to another seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// A room is opened there, then the old one is removed.
    Go,
    /// Others wait for this one's seat and this one for theirs: its room goes first.
    GiveUp,
    /// Somebody else moves first.
    Wait,
    /// Nobody who is there moves, so nothing will come of it.
    Never,
}

/// Whose turn it is to move. Of those who wait for each other in a circle one gives up its room
/// before it has another: none of them is near, and people have our link.
#[must_use]
pub fn turn(of: &Sitting, seat: &str, others: &[Sitting], rules: &Rules) -> Turn {
    if is_free(seat, &of.span, others, rules) {
        return Turn::Go;
    }
    let leaving =
        |it: &&Sitting| it.is_moving_away_from(seat) && it.span.meets(&of.span, rules.buffer);
    let is_first = others.iter().filter(leaving).all(|it| of.booking < it.booking);
    let in_a_circle = of.at.as_deref().is_some_and(|own| leads_to(seat, own, others));
    let stay = Placed::of(others.iter().filter(|it| !leaving(it)), rules);
    match (stay.has_room(seat, &of.span), in_a_circle && is_first) {
        (true, true) => Turn::GiveUp,
        (true, false) => Turn::Wait,
        (false, _) => Turn::Never,
    }
}

/// Whether those who leave one seat, and those who leave where they go, end at another.
fn leads_to(from: &str, to: &str, others: &[Sitting]) -> bool {
    let mut reached = vec![from];
    let mut next = 0;
    while let Some(seat) = reached.get(next).copied() {
        if seat == to {
            return true;
        }
        for sitting in others.iter().filter(|it| it.is_moving_away_from(seat)) {
            if let Some(bound_for) = sitting.bound_for.as_deref()
                && !reached.contains(&bound_for)
            {
                reached.push(bound_for);
            }
        }
        next += 1;
    }
    false
}

/// Whether a seat can take a session beside those of others.
#[must_use]
pub fn is_free(seat: &str, span: &Span, others: &[Sitting], rules: &Rules) -> bool {
    Placed::of(others.iter(), rules).has_room(seat, span)
}

/// Whether one more session can be held at all: with it, never more run at once than `seats` seats
/// can hold.
#[must_use]
pub fn admits(span: &Span, others: &[Span], seats: usize, rules: &Rules) -> bool {
    let total = seats.saturating_mul(usize::try_from(rules.cap).unwrap_or(usize::MAX));
    peak(span, others.iter(), rules.buffer) < total
}

/// So many seats are tried at most: enough for those who can really meet.
const TRIES: usize = 2_000;

/// Everybody who may move is seated anew from the left, each where they are if they can stay: where
/// the one session may sit then, and who has to move for it. Where those who stay leave gaps that
/// the first way does not fit, other ways are tried.
fn shift(
    of: &Sitting,
    others: &[Sitting],
    users: &[String],
    rules: &Rules,
    may_move: impl Fn(&Sitting) -> bool,
) -> Option<(String, Vec<(BookingId, String)>)> {
    let mut placed = Placed::of(others.iter().filter(|it| !may_move(it)), rules);
    let mut rest: Vec<&Sitting> = others.iter().filter(|it| may_move(it)).chain([of]).collect();
    rest.sort_by_key(|it| (it.span.start, it.span.end, it.booking));
    // With two rooms, or a room and a promise, it is one session all the same.
    rest.dedup_by_key(|it| it.booking);
    let seats = seat_all(&rest, of, users, &mut placed)?;
    let mut moves = Vec::new();
    let mut found = None;
    for (sitting, seat) in rest.into_iter().zip(seats) {
        if sitting.booking == of.booking {
            found = Some(seat.to_owned());
        } else if sitting.at.as_deref() != Some(seat) {
            moves.push((sitting.booking, seat.to_owned()));
        }
    }
    found.map(|seat| (seat, moves))
}

/// A seat for each of these, in their order, if there is one for each.
fn seat_all<'a>(
    all: &[&'a Sitting],
    of: &Sitting,
    users: &'a [String],
    placed: &mut Placed<'a>,
) -> Option<Vec<&'a str>> {
    let choices = |sitting: &'a Sitting| {
        let is_own = sitting.booking == of.booking;
        let there = sitting.bound_for.iter().chain(&sitting.at);
        let there = there.filter(|seat| !is_own || users.contains(seat));
        let mut seats: Vec<&str> = Vec::new();
        for seat in there.chain(users) {
            if !seats.contains(&seat.as_str()) {
                seats.push(seat);
            }
        }
        seats
    };
    let choices: Vec<Vec<&str>> = all.iter().copied().map(choices).collect();
    // Which choice each is to be given next, should the present one lead nowhere.
    let mut next = vec![0; all.len()];
    let mut seats: Vec<&str> = Vec::with_capacity(all.len());
    let mut dead_ends = 0;
    while let Some(sitting) = all.get(seats.len()) {
        let place = seats.len();
        let left = &choices[place][next[place]..];
        if let Some(step) = left.iter().position(|seat| placed.has_room(seat, &sitting.span)) {
            let seat = left[step];
            next[place] += step + 1;
            placed.add(seat, sitting.span);
            seats.push(seat);
        } else {
            next[place] = 0;
            dead_ends += 1;
            let seat = seats.pop().filter(|_| dead_ends < TRIES)?;
            placed.remove(seat);
        }
    }
    Some(seats)
}

/// Sessions by the seat that they take.
struct Placed<'a> {
    spans: BTreeMap<&'a str, Vec<Span>>,
    cap: usize,
    buffer: Duration,
}

impl<'a> Placed<'a> {
    fn of(sittings: impl Iterator<Item = &'a Sitting>, rules: &Rules) -> Self {
        let cap = usize::try_from(rules.cap).unwrap_or(usize::MAX);
        let mut placed = Self { spans: BTreeMap::new(), cap, buffer: rules.buffer };
        for sitting in sittings {
            for seat in sitting.seats() {
                placed.add(seat, sitting.span);
            }
        }
        placed
    }

    fn add(&mut self, seat: &'a str, span: Span) {
        self.spans.entry(seat).or_default().push(span);
    }

    /// Takes back what was added last.
    fn remove(&mut self, seat: &str) {
        if let Some(spans) = self.spans.get_mut(seat) {
            spans.pop();
        }
    }

    fn has_room(&self, seat: &str, span: &Span) -> bool {
        let there = self.spans.get(seat).map_or(&[][..], Vec::as_slice);
        peak(span, there.iter(), self.buffer) < self.cap
    }
}

/// The most sessions of others that run at one moment of a session, each with its buffer.
fn peak<'a>(span: &Span, others: impl Iterator<Item = &'a Span>, buffer: Duration) -> usize {
    let close: Vec<&Span> = others.filter(|it| it.meets(span, buffer)).collect();
    // The number only rises where a session begins.
    let moments = close.iter().map(|it| it.start).chain([span.start]);
    moments
        .filter(|at| *at >= span.start)
        .map(|at| close.iter().filter(|it| it.start <= at && at < it.end.plus(buffer)).count())
        .max()
        .unwrap_or(0)
}
