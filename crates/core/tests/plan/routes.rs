//! What makes a session go on to the next way to a room, and what does not.

use std::time::Duration;

use roomkey_core::plan::Step;
use roomkey_core::route::{Provider, RouteOption};

use crate::luck::Luck;
use crate::world::World;

/// The provider of the room that is opened next, if one is opened now.
fn opened(world: &mut World) -> Option<Provider> {
    world.look().steps.iter().find_map(|due| match &due.step {
        Step::Open(opening) => Some(opening.place.provider),
        _ => None,
    })
}

fn after_one_failure() -> World {
    let mut world = World::new(72);
    world.situation.booking.route[0].after_failures = Some(1);
    world.situation.booking.route.push(RouteOption::link("https://rooms.example/1".into(), None));
    world
}

#[test]
fn a_create_whose_process_was_killed_does_not_switch_the_route() {
    let mut world = after_one_failure();
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::Killed);
    for _ in 0..3 {
        world.now = world.now.plus(Duration::from_secs(41));
        let plan = world.look();
        assert_eq!(plan.view.failures, 0, "nobody knows of a failure");
        for due in plan.steps {
            let again = matches!(due.step, Step::Open(_) | Step::Find(_) | Step::Say(_));
            assert!(again, "{due:?}");
            if let Step::Open(opening) = &due.step {
                assert_eq!(opening.place.provider, Provider::Zoom);
            }
            world.step(&due.step, Luck::Answered);
        }
    }
    assert!(world.situation.booking.current.is_some() || world.look().current.is_some());
}

#[test]
fn a_create_whose_answer_was_lost_does() {
    let mut world = after_one_failure();
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::AnswerLost);
    assert_eq!(opened(&mut world), Some(Provider::Link));
}

#[test]
fn being_put_off_is_no_failure() {
    let mut world = after_one_failure();
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::Throttled);
    assert_eq!(opened(&mut world), None);
    world.now = world.now.plus(Duration::from_secs(90));
    assert_eq!(opened(&mut world), Some(Provider::Zoom));
}
