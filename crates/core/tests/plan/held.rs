//! People in a room keep it, as long as anybody can say that they are there.

use std::time::Duration;

use roomkey_core::failure::Failure;
use roomkey_core::id::RoomId;
use roomkey_core::plan::Step;
use roomkey_core::room::Fact;

use crate::luck::{Luck, oops};
use crate::whim::Whim;
use crate::world::World;

const MINUTE: Duration = Duration::from_secs(60);

/// A session at its start, with somebody in its room.
fn occupied() -> (World, RoomId) {
    let mut world = World::new(72);
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::Answered);
    world.look();
    let id = world.situation.booking.current.expect("a room");
    world.now = world.situation.booking.start;
    world.whim(Whim::Come);
    let seen = world.read(id);
    world.learn(id, Fact::Read(seen));
    (world, id)
}

fn opens(world: &mut World) -> bool {
    world.look().steps.iter().any(|due| matches!(due.step, Step::Open(_)))
}

/// From look to look for so long, with every reading coming to this; whether a room is opened.
fn opens_within(world: &mut World, span: Duration, luck: Luck) -> bool {
    let until = world.now.plus(span);
    loop {
        let plan = world.look();
        for due in &plan.steps {
            match due.step {
                Step::Open(_) => return true,
                Step::Read(_) => world.step(&due.step, luck),
                _ => {}
            }
        }
        match world.look().look_at {
            Some(at) if at < until => world.now = at,
            Some(_) | None => break,
        }
    }
    world.now = until;
    opens(world)
}

#[test]
fn failures_of_other_calls_do_not_empty_a_room() {
    let (mut world, id) = occupied();
    for _ in 0..10 {
        world.learn(id, Fact::UpdateFailed(Failure::Transient(oops())));
    }
    world.whim(Whim::Regenerate);
    assert!(!opens_within(&mut world, 50 * MINUTE, Luck::Answered));
    assert_eq!(world.situation.booking.current, Some(id));
}

#[test]
fn a_vendor_that_answers_no_reading_for_half_an_hour_holds_nobody_up() {
    let (mut world, _) = occupied();
    world.whim(Whim::Regenerate);
    assert!(!opens_within(&mut world, 20 * MINUTE, Luck::Refused));
    // One answer, and it begins anew.
    assert!(!opens_within(&mut world, 15 * MINUTE, Luck::Answered));
    let (mut world, _) = occupied();
    world.whim(Whim::Regenerate);
    assert!(opens_within(&mut world, 40 * MINUTE, Luck::Refused));
}

#[test]
fn an_account_that_needs_a_person_lets_the_last_word_grow_old() {
    let (mut world, _) = occupied();
    let link = "https://rooms.example/1".to_owned();
    world.situation.booking.route[0].on_reconnect_needed = true;
    world.situation.booking.route.push(roomkey_core::route::RouteOption::link(link, None));
    world.break_off(world.connections[0].id);
    world.whim(Whim::Regenerate);
    assert!(!opens(&mut world), "a moment ago there was somebody inside");
    assert!(!opens_within(&mut world, 29 * MINUTE, Luck::Answered));
    assert!(opens_within(&mut world, 2 * MINUTE, Luck::Answered));
}

#[test]
fn a_room_of_whom_nothing_can_be_heard_is_waited_for_a_moment() {
    let mut world = World::new(72);
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::Answered);
    world.look();
    world.now = world.situation.booking.start;
    world.whim(Whim::Regenerate);
    assert!(!opens(&mut world), "it is looked at first");
    assert!(opens_within(&mut world, MINUTE, Luck::Refused));
}

#[test]
fn nobody_is_sent_home_because_other_calls_fail() {
    let (mut world, id) = occupied();
    world.look();
    for _ in 0..10 {
        world.learn(id, Fact::UpdateFailed(Failure::Transient(oops())));
    }
    world.now = world.situation.booking.end.plus(11 * MINUTE);
    assert!(!world.look().deserted);
    world.now = world.situation.booking.end.plus(120 * MINUTE);
    world.break_off(world.connections[0].id);
    let plan = world.look();
    assert!(!plan.completed && !plan.deserted, "the vendor's word is that they are there");
    world.now = world.situation.booking.end.plus(24 * 60 * MINUTE);
    let plan = world.look();
    assert!(plan.completed && plan.deserted, "and a day later nobody asks");
}
