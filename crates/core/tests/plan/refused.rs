//! What only a person can change: refusals for good, personal rooms, accounts that need somebody.

use std::time::Duration;

use proptest::prelude::*;
use roomkey_core::Instant;
use roomkey_core::failure::Failure;
use roomkey_core::id::ConnectionId;
use roomkey_core::plan::Step;
use roomkey_core::room::{EffectKind, Fact, Seen};
use roomkey_core::route::{Connection, Provider, RouteOption, Use};

use crate::closing::under_way;
use crate::luck::{Luck, oops};
use crate::whim::Whim;
use crate::world::{CALL, World, id_bytes};

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
