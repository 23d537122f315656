//! People change their minds while a create is in flight, unknown, or late.

use std::time::Duration;

use roomkey_core::booking::{Booking, Status};
use roomkey_core::id::BookingId;
use roomkey_core::room::State;
use roomkey_engine::Job;
use roomkey_store::both_databases;
use serde_json::json;

use crate::world::{Party, World};

const TOMORROW: Duration = Duration::from_secs(26 * 3600);
/// Past every look for what was lost.
const LONG: Duration = Duration::from_secs(2 * 3600);

both_databases! {
    while_the_create_is_in_flight = while_in_flight;
    while_nobody_knows_whether_it_was_made = while_unknown;
    before_a_late_create_takes_effect = before_it_is_late;
    there_and_back_before_the_second_host_has_a_room = there_and_back_before;
    there_and_back_after_the_second_host_has_a_room = there_and_back_after;
}

type Change = fn(&mut Booking, &[Party; 2]);

fn cancel(booking: &mut Booking, _: &[Party; 2]) {
    booking.status = Status::Cancelled;
}

fn reschedule(booking: &mut Booking, _: &[Party; 2]) {
    booking.start = booking.start.plus(Duration::from_secs(1800));
    booking.end = booking.end.plus(Duration::from_secs(1800));
}

fn regenerate(booking: &mut Booking, _: &[Party; 2]) {
    booking.generation += 1;
}

fn to_second(booking: &mut Booking, parties: &[Party; 2]) {
    booking.host = parties[1].id;
}

fn to_first(booking: &mut Booking, parties: &[Party; 2]) {
    booking.host = parties[0].id;
}

const CHANGES: [Change; 3] = [cancel, reschedule, regenerate];

/// The call that makes the room of a booking, written down and not yet made.
async fn create(world: &World) -> Vec<Job> {
    loop {
        let pass = world.engine.pass().await.expect("the engine works");
        if !pass.jobs.is_empty() {
            return pass.jobs;
        }
        assert!(pass.taken > 0, "nothing is to be called");
    }
}

async fn finish(world: &World, jobs: Vec<Job>) {
    for job in jobs {
        let outcome = world.engine.perform(job).await;
        world.engine.record(vec![outcome]).await.expect("recorded");
    }
}

async fn assert_as_wanted(world: &World, id: BookingId) {
    if world.record(id).await.booking.status.is_on() {
        world.assert_one_room(id, &world.first).await;
        world.change(id, cancel).await;
        world.settle(LONG).await;
    }
    world.assert_no_room().await;
}

async fn while_in_flight(url: String) {
    let world = World::new(url).await;
    for change in CHANGES {
        let id = world.book(&world.first, TOMORROW).await;
        let jobs = create(&world).await;
        world.change(id, change).await;
        world.engine.run_until_idle().await.expect("the engine works");
        assert_eq!(world.rooms(id).await.len(), 1, "one open create, whatever is asked");
        finish(&world, jobs).await;
        world.settle(LONG).await;
        assert_as_wanted(&world, id).await;
    }
}

async fn while_unknown(url: String) {
    let world = World::new(url).await;
    for change in CHANGES {
        world
            .fault(json!({
                "match": "POST /zoom/v2/users/*/meetings", "fault": "fail_after_effect", "times": 1
            }))
            .await;
        let id = world.book(&world.first, TOMORROW).await;
        world.engine.run_until_idle().await.expect("the engine works");
        let rooms = world.rooms(id).await;
        assert!(matches!(rooms[0].room.state, State::Unknown { .. }), "{:?}", rooms[0].room.state);
        world.change(id, change).await;
        world.settle(LONG).await;
        assert_as_wanted(&world, id).await;
    }
}

async fn before_it_is_late(url: String) {
    let world = World::new(url).await;
    for change in CHANGES {
        world
            .fault(json!({
                "match": "POST /zoom/v2/users/*/meetings", "fault": "late_effect", "times": 1,
                "delay": "300s"
            }))
            .await;
        let id = world.book(&world.first, TOMORROW).await;
        world.engine.run_until_idle().await.expect("the engine works");
        world.change(id, change).await;
        world.settle(Duration::from_secs(240)).await;
        let rooms = world.rooms(id).await;
        assert!(matches!(rooms[0].room.state, State::Lost { .. }), "{:?}", rooms[0].room.state);
        world.advance_sandbox("310s").await;
        world.settle(LONG).await;
        assert_as_wanted(&world, id).await;
    }
}

async fn there_and_back_before(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.settle(Duration::ZERO).await;
    world.change(id, to_second).await;
    world.change(id, to_first).await;
    world.settle(LONG).await;
    world.assert_one_room(id, &world.first).await;
    assert_eq!(world.rooms(id).await.len(), 1, "the first host's room was never given up");
}

async fn there_and_back_after(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.settle(Duration::ZERO).await;
    world.change(id, to_second).await;
    world.settle(Duration::ZERO).await;
    world.assert_one_room(id, &world.second).await;
    world.change(id, to_first).await;
    world.settle(LONG).await;
    world.assert_one_room(id, &world.first).await;
    assert_eq!(world.rooms(id).await.len(), 3, "a room that was given up never comes back");
}
