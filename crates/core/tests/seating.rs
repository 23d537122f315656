//! How one session plans its seat among others: it leaves those in peace who were there first,
//! waits for those who move for it, and keeps no seat that it does not use.

#![expect(clippy::panic, reason = "a test that cannot go on fails")]
#![expect(clippy::wildcard_enum_match_arm, reason = "of the steps, one matters")]

use std::collections::BTreeMap;
use std::time::Duration;

use roomkey_core::booking::{Booking, Mode, Status};
use roomkey_core::id::{BookingId, ConnectionId, HostId, RoomId};
use roomkey_core::plan::{Plan, Policy, Situation, Step, plan, wanted_spec};
use roomkey_core::presence::Presence;
use roomkey_core::room::{Fact, Moment, Room, Seen, State, Unmet};
use roomkey_core::route::{Connection, HostAccounts, Place, Provider, RouteOption, Use};
use roomkey_core::seats::{Mobility, Occupancy, Rules, Sitting, Span, Turn, turn};
use roomkey_core::settings::Settings;
use roomkey_core::{Instant, Zone};

const HOUR: u64 = 60;

/// Minutes from now.
fn at(minutes: u64) -> Instant {
    Instant::from_micros(1_800_000_000_000_000).plus(Duration::from_secs(minutes * 60))
}

fn bytes(n: u32) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[6..].copy_from_slice(&n.to_be_bytes());
    bytes
}

fn seat(n: u32) -> String {
    format!("seat{n}@practice.example")
}

fn connection() -> ConnectionId {
    ConnectionId::new(at(0), bytes(2))
}

fn booking(n: u32, from: u64, to: u64) -> Booking {
    Booking {
        id: BookingId::new(at(0), bytes(n)),
        status: Status::Confirmed,
        mode: Mode::Online,
        start: at(from),
        end: at(to),
        time_zone: Zone::utc(),
        title: "Session".to_owned(),
        agenda: None,
        private: false,
        host: HostId::new(at(0), bytes(1)),
        route: vec![RouteOption {
            uses: Use::Seats(connection()),
            ..RouteOption::host(Provider::Zoom)
        }],
        settings: Settings::default(),
        generation: 0,
        version: 1,
        seat: None,
        current: None,
        confirmed_at: Some(at(0).minus(Duration::from_secs(3600))),
    }
}

/// Its room, live on a seat.
fn room(booking: &mut Booking, user: &str) -> Room {
    let opened_at = at(0).minus(Duration::from_secs(60));
    let id = RoomId::new(opened_at, bytes(99));
    booking.current = Some(id);
    booking.seat = Some(user.to_owned());
    Room {
        id,
        place: Place {
            provider: Provider::Zoom,
            connection: Some(connection()),
            account: "acc-1".to_owned(),
            user: user.to_owned(),
        },
        host: booking.host,
        position: 0,
        generation: 0,
        opened_at,
        deadline: at(0),
        request: wanted_spec(booking),
        state: State::Live,
        changed_at: opened_at,
        vendor_id: Some("1".to_owned()),
        seen: Some(Seen::at(at(0))),
        presence: Presence::default(),
        unmet: Unmet::default(),
        read_due: None,
        next_at: at(0),
        failures: 0,
        reason: None,
        effect: None,
    }
}

fn sitting(n: u32, from: u64, to: u64, on: u32, bound_for: Option<u32>) -> Sitting {
    Sitting {
        booking: BookingId::new(at(0), bytes(n)),
        span: Span { start: at(from), end: at(to) },
        at: Some(seat(on)),
        bound_for: bound_for.map(seat),
        since: Some(at(0).minus(Duration::from_secs(3600))),
        mobility: if bound_for.is_none() { Mobility::Movable } else { Mobility::Soon },
    }
}

fn rules() -> Rules {
    Rules { buffer: Duration::ZERO, ..Rules::default() }
}

fn look(
    booking: &Booking,
    rooms: Vec<Room>,
    seats: u32,
    sittings: Vec<Sitting>,
    now: Instant,
) -> Plan {
    let situation = Situation {
        booking: booking.clone(),
        host_name: "Ana".to_owned(),
        accounts: HostAccounts {
            logins: BTreeMap::new(),
            email: "ana@practice.example".to_owned(),
        },
        connections: vec![Connection {
            id: connection(),
            provider: Provider::Zoom,
            host: None,
            account: "acc-1".to_owned(),
            seats: (1..=seats).map(seat).collect(),
            seat_rules: rules(),
            disabled: false,
            needs_reconnect: None,
            credentials_at: Instant::default(),
        }],
        rooms,
        listeners: vec![],
        occupancy: vec![Occupancy { connection: connection(), sittings, calls: BTreeMap::new() }],
        parked: BTreeMap::new(),
        silent: BTreeMap::new(),
        paused: BTreeMap::new(),
    };
    assert_eq!(situation.seats_to_know(now).len(), 1, "it must know who sits where");
    plan(&situation, &Policy::default(), now)
}

fn opens_at(plan: &Plan) -> Option<&str> {
    plan.steps.iter().find_map(|due| match &due.step {
        Step::Open(opening) => Some(opening.place.user.as_str()),
        _ => None,
    })
}

#[test]
fn who_came_later_leaves_a_shared_seat() {
    let mut one = booking(20, 60 * HOUR, 61 * HOUR);
    let live = room(&mut one, &seat(1));
    let other = sitting(12, 60 * HOUR, 61 * HOUR, 1, None);
    let plan = look(&one, vec![live.clone()], 2, vec![other.clone()], at(40 * HOUR));
    assert_eq!(opens_at(&plan), Some(seat(2).as_str()));
    // Whoever was there first stays.
    let later = Sitting { since: Some(at(1)), ..other };
    let plan = look(&one, vec![live], 2, vec![later], at(30 * HOUR));
    assert_eq!(opens_at(&plan), None);
    assert!(plan.view.settled);
}

#[test]
fn a_session_moved_far_away_onto_anothers_time_changes_seats_at_once() {
    let mut one = booking(20, 600 * HOUR, 601 * HOUR);
    let mut live = room(&mut one, &seat(1));
    live.request.start = at(30 * HOUR);
    let other = sitting(12, 600 * HOUR, 601 * HOUR, 1, None);
    let plan = look(&one, vec![live], 2, vec![other], at(0));
    assert!(
        plan.steps.iter().all(|due| !matches!(due.step, Step::Update(..))),
        "it is not put beside the other: {:?}",
        plan.steps
    );
}

#[test]
fn who_waits_for_a_seat_looks_again_soon() {
    let mut one = booking(20, 60 * HOUR, 61 * HOUR);
    let live = room(&mut one, &seat(1));
    one.seat = Some(seat(2));
    // The other holds it, and is about to leave.
    let leaving = sitting(5, 60 * HOUR, 61 * HOUR, 2, Some(3));
    let plan = look(&one, vec![live], 3, vec![leaving], at(HOUR));
    assert!(plan.look_at.is_some_and(|look| look <= at(HOUR + 1)), "{:?}", plan.look_at);
    assert_eq!(plan.seat, Some(seat(2)), "the promise stands");
}

#[test]
fn for_whom_others_move_waits_and_is_not_turned_away() {
    let mut one = booking(20, 20 * HOUR, 22 * HOUR);
    let early = sitting(11, 19 * HOUR, 20 * HOUR + 30, 1, None);
    let late = sitting(12, 21 * HOUR, 23 * HOUR, 2, None);
    let first = look(&one, vec![], 2, vec![early.clone(), late.clone()], at(0));
    let [(mover, to)] = first.moves.as_slice() else { panic!("one moves: {:?}", first.moves) };
    one.seat.clone_from(&first.seat);
    let moving = |it: Sitting| {
        if it.booking == *mover {
            Sitting { bound_for: Some(to.clone()), mobility: Mobility::Soon, ..it }
        } else {
            it
        }
    };
    let again = look(&one, vec![], 2, vec![moving(early), moving(late)], at(1));
    assert_eq!(again.view.reason, None, "nobody is needed");
    assert!(!again.view.settled);
    assert!(again.look_at.is_some_and(|look| look <= at(2)));
}

#[test]
fn who_found_a_room_elsewhere_keeps_no_seat() {
    let mut one = booking(20, 11 * HOUR, 12 * HOUR);
    one.route[0].before_start = Some(Duration::from_secs(24 * 3600));
    one.route.push(RouteOption::link("https://rooms.example/1".to_owned(), None));
    let mut live = room(&mut one, "https://rooms.example/1");
    live.position = 1;
    live.place.provider = Provider::Link;
    live.place.connection = None;
    one.seat = Some(seat(2));
    assert_eq!(look(&one, vec![live], 2, vec![], at(0)).seat, None);
}

#[test]
fn a_room_is_given_up_in_a_circle_only() {
    let five = sitting(5, HOUR, 2 * HOUR, 1, Some(2));
    let nine = sitting(9, HOUR, 2 * HOUR, 2, Some(3));
    let rules = rules();
    assert_eq!(turn(&five, &seat(2), std::slice::from_ref(&nine), &rules), Turn::Wait);
    assert_eq!(turn(&nine, &seat(3), std::slice::from_ref(&five), &rules), Turn::Go);
    let back = Sitting { bound_for: Some(seat(1)), ..nine };
    assert_eq!(turn(&five, &seat(2), std::slice::from_ref(&back), &rules), Turn::GiveUp);
    assert_eq!(turn(&back, &seat(1), std::slice::from_ref(&five), &rules), Turn::Wait);
}

#[test]
fn a_passcode_asked_for_later_makes_another_room_first() {
    let mut one = booking(20, 30 * HOUR, 31 * HOUR);
    one.route = vec![RouteOption::host(Provider::Zoom)];
    let mut live = room(&mut one, "ana@practice.example");
    one.seat = None;
    one.settings.passcode = Some(true);
    let policy = Policy::default();
    let moment =
        Moment { now: at(0), start: one.start, settle: policy.settle, schedule: &policy.schedule };
    let mut open = Seen::at(at(0));
    open.settings.passcode = Some(false);
    live.learn(Fact::Read(open.clone()), &moment);
    let situation = |room: Room| Situation {
        booking: one.clone(),
        host_name: "Ana".to_owned(),
        accounts: HostAccounts {
            logins: BTreeMap::new(),
            email: "ana@practice.example".to_owned(),
        },
        connections: vec![Connection {
            id: connection(),
            provider: Provider::Zoom,
            host: None,
            account: "acc-1".to_owned(),
            seats: vec![],
            seat_rules: rules(),
            disabled: false,
            needs_reconnect: None,
            credentials_at: Instant::default(),
        }],
        rooms: vec![room],
        listeners: vec![],
        occupancy: vec![],
        parked: BTreeMap::new(),
        silent: BTreeMap::new(),
        paused: BTreeMap::new(),
    };
    let plan = plan(&situation(live.clone()), &policy, at(0));
    assert_eq!(opens_at(&plan), Some("ana@practice.example"));
    assert_eq!(plan.current, Some(live.id), "the old one stays until the new one is there");
}
