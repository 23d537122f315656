//! One room or none: what is made, kept, changed and removed, and when that is given up.

use std::time::Duration;

use roomkey_core::booking::Mode;
use roomkey_core::failure::Failure;
use roomkey_core::plan::Step;
use roomkey_core::room::Fact;

use crate::luck::{Luck, oops};
use crate::whim::Whim;
use crate::world::{CALL, World};

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
