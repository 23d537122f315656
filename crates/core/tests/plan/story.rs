//! The whole story, many times.

use std::time::Duration;

use proptest::prelude::*;
use roomkey_core::Instant;
use roomkey_core::booking::Status;
use roomkey_core::route::{Provider, RouteOption, Use};
use roomkey_core::told::worth_until;

use crate::jump::{Jump, jump};
use crate::luck::{Luck, luck};
use crate::whim::{Whim, whim};
use crate::world::World;

const HOUR: Duration = Duration::from_secs(3600);

/// Ways from one account to another and to a link.
fn routes(world: &mut World, which: usize) {
    let host = RouteOption::host(Provider::Zoom);
    let link = RouteOption::link("https://rooms.example/1".to_owned(), None);
    let second = Use::Connection(world.connections[1].id);
    let second = RouteOption { uses: second, ..host.clone() };
    let routes = [
        vec![host.clone()],
        vec![RouteOption { after_failures: Some(2), ..host.clone() }, link.clone()],
        vec![
            RouteOption { on_reconnect_needed: true, on_not_connected: true, ..host.clone() },
            link.clone(),
        ],
        vec![RouteOption { before_start: Some(HOUR), ..host.clone() }, second.clone()],
        vec![
            RouteOption { after_failures: Some(3), on_reconnect_needed: true, ..host },
            RouteOption { on_not_connected: true, before_start: Some(HOUR / 2), ..second },
            link,
        ],
    ];
    world.situation.booking.route.clone_from(&routes[which]);
}

/// Everything is answered, and time goes from one look to the next.
fn run(world: &mut World, until: Instant) {
    let mut looks = 0;
    loop {
        looks += 1;
        assert!(looks < 2_000, "the plan never comes to rest");
        let plan = world.look();
        if let Some(due) = plan.steps.first() {
            world.step(&due.step, Luck::Answered);
            continue;
        }
        let again = world.look();
        assert!(again.changed.is_empty() && again.may_know.is_empty() && again.steps.is_empty());
        let next = plan.look_at.into_iter().chain(world.vendor.late.iter().map(|it| it.at)).min();
        match next {
            Some(at) if at < until => world.now = at.max(world.now),
            Some(_) | None => break,
        }
        world.vendor.happen(world.now);
    }
    world.now = until;
    world.vendor.happen(until);
}

fn check_end(world: &World, calm_from: Instant) {
    let existing = world.vendor.existing();
    let booking = &world.situation.booking;
    let said = world.situation.listeners[0].said.as_ref();
    let rooms = &world.situation.rooms;
    if !booking.wants_room() {
        assert_eq!(existing.len(), 0, "rooms: {rooms:#?}");
        if booking.status == Status::Cancelled {
            // Nobody is told of what is over already.
            let told = said.is_none_or(|said| !said.on || worth_until(said, None) <= calm_from);
            assert!(told, "they wait for a session that is cancelled");
        }
        return;
    }
    let current = world.room(booking.current.expect("a room"));
    assert!(said.is_some_and(|said| said.on));
    assert_eq!(current.host, booking.host);
    if current.place.connection.is_none() {
        assert_eq!(existing.len(), 0, "rooms: {rooms:#?}");
        return;
    }
    assert_eq!(existing.len(), 1, "rooms: {rooms:#?}");
    let (id, room) = existing[0];
    assert_eq!(*id, current.id);
    assert_eq!(room.spec.start, booking.start.floor_second());
    assert_eq!(room.host, booking.host);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_there_is_exactly_one_room_or_none(
        minutes in prop_oneof![Just(10u64), Just(60), Just(5 * 60), Just(72 * 60)],
        route in prop_oneof![5 => Just(0usize), 1 => 1..5usize],
        turns in prop::collection::vec((luck(), whim(), jump()), 0..40),
        runs_out in any::<bool>(),
    ) {
        tell(minutes, route, &turns, runs_out);
    }

    /// The same with more than one way to a room.
    #[test]
    fn whatever_way_the_route_takes_there_is_exactly_one_room_or_none(
        minutes in prop_oneof![Just(10u64), Just(60), Just(5 * 60), Just(72 * 60)],
        route in 1..5usize,
        turns in prop::collection::vec((luck(), whim(), jump()), 0..40),
        runs_out in any::<bool>(),
    ) {
        tell(minutes, route, &turns, runs_out);
    }
}

fn tell(minutes: u64, route: usize, turns: &[(Luck, Whim, Jump)], runs_out: bool) {
    let mut world = World::ahead(Duration::from_secs(minutes * 60)).with_another_account();
    routes(&mut world, route);
    for (luck, whim, jump) in turns {
        world.whim(*whim);
        let plan = world.look();
        if let Some(due) = plan.steps.first() {
            world.step(&due.step, *luck);
        }
        world.jump(*jump, plan.look_at);
    }
    // From now on all is well, and everybody goes home.
    let calm_from = world.now;
    world.mend();
    world.empty();
    if runs_out {
        let over = world.situation.booking.end.max(world.now).plus(26 * HOUR);
        run(&mut world, over);
        let status = world.situation.booking.status;
        assert!(matches!(status, Status::Completed | Status::Cancelled), "it is {status:?}");
    } else {
        let booking = &mut world.situation.booking;
        if booking.status != Status::Cancelled {
            booking.status = Status::Confirmed;
            booking.version += 1;
            booking.start = world.now.plus(8 * HOUR);
            booking.end = booking.start.plus(HOUR);
        }
        // Past the last look before the session, at which what somebody removed by hand is noticed
        // and what was lost is looked for once more.
        let soon = world.situation.booking.start.max(world.now.plus(8 * HOUR)).minus(HOUR / 6);
        run(&mut world, soon);
    }
    check_end(&world, calm_from);
}
