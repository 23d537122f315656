//! How a session begins and ends, by what the vendor says of its people.

use std::time::Duration;

use roomkey_core::id::RoomId;
use roomkey_core::plan::Step;

use crate::luck::Luck;
use crate::world::World;

/// A session with a room, at its start.
pub(crate) fn under_way() -> (World, RoomId) {
    let mut world = World::new(72);
    let opening = world.look();
    world.step(&opening.steps[0].step, Luck::Answered);
    world.look();
    let id = world.situation.booking.current.expect("a room");
    world.now = world.situation.booking.start;
    (world, id)
}

fn hear(world: &mut World, id: RoomId, occupied: bool) {
    let now = world.now;
    let room = world.situation.rooms.iter_mut().find(|room| room.id == id).expect("a room");
    room.hear(None, occupied, now, now);
}

#[test]
fn a_session_begins_when_people_come_and_not_before_its_door_opens() {
    let (mut world, id) = under_way();
    let (start, end) = (world.situation.booking.start, world.situation.booking.end);
    assert!(!world.look().started);
    world.now = start.minus(Duration::from_secs(2 * 3600));
    hear(&mut world, id, true);
    let early = world.look();
    assert!(!early.started);
    assert_eq!(early.look_at.map(|at| at <= start.minus(Duration::from_secs(3600))), Some(true));
    world.now = start.minus(Duration::from_secs(3600));
    assert!(world.look().started);
    // Everybody has left: that is final only a while after the end.
    world.now = end.minus(Duration::from_secs(1200));
    hear(&mut world, id, false);
    assert!(!world.look().deserted);
    world.now = end.plus(Duration::from_secs(600));
    assert!(world.look().deserted);
}

#[test]
fn a_session_is_over_when_they_have_left_and_after_a_day_whatever_is_said() {
    let (mut world, id) = under_way();
    let end = world.situation.booking.end;
    hear(&mut world, id, true);
    world.look();
    world.now = end.plus(Duration::from_secs(3600));
    let plan = world.look();
    assert!(!plan.completed);
    assert!(plan.steps.iter().any(|due| matches!(due.step, Step::Read(_))), "it is looked for");
    world.now = end.plus(Duration::from_secs(4000));
    hear(&mut world, id, false);
    let plan = world.look();
    assert!(!plan.completed, "they may come back");
    assert_eq!(plan.look_at, Some(world.now.plus(Duration::from_secs(600))));
    let (mut other, id) = under_way();
    hear(&mut other, id, true);
    other.look();
    other.now = end.plus(Duration::from_secs(24 * 3600));
    assert!(other.look().completed, "a lost word keeps nothing open for ever");
    world.now = world.now.plus(Duration::from_secs(600));
    assert!(world.look().completed);
}
