//! A process dies, or is stopped and goes on, at any step of the loop.

use std::time::Duration;

use roomkey_core::booking::{Booking, Status};
use roomkey_engine::Engine;
use roomkey_store::both_databases;
use serde_json::json;

use crate::world::{Party, TIMEOUT, World, settle};

const TOMORROW: Duration = Duration::from_secs(26 * 3600);
const LONG: Duration = Duration::from_secs(2 * 3600);

both_databases! {
    killed_at_every_step_in_turn = killed_at_every_step;
    a_stopped_process_that_continues_after_its_lease_calls_nobody = stopped_before_the_call;
    an_answer_after_the_lease_is_recorded_all_the_same = stopped_during_the_call;
    two_processes_at_once_stand_in_nobodys_way = two_at_once;
}

/// Works until nothing is ready, and dies at the step with this number; says whether it did.
async fn work_and_die(engine: &Engine, steps: &mut u32, fatal: u32) -> bool {
    let mut dies = || {
        *steps += 1;
        *steps == fatal
    };
    loop {
        let pass = engine.pass().await.expect("the engine works");
        // Here the claims and the intents are committed, and nobody was called.
        if dies() {
            return true;
        }
        if pass.taken == 0 {
            return false;
        }
        for job in pass.jobs {
            let outcome = engine.perform(job).await;
            // Here the vendor has answered, and nobody has written it down.
            if dies() {
                return true;
            }
            engine.record(vec![outcome]).await.expect("recorded");
            // Here it is written down, and nobody has been told.
            if dies() {
                return true;
            }
        }
    }
}

async fn killed_at_every_step(url: String) {
    let world = World::new(url).await;
    let mut fatal = 0;
    loop {
        fatal += 1;
        let mut steps = 0;
        let id = world.book(&world.first, TOMORROW).await;
        let mut died = work_and_die(&world.engine, &mut steps, fatal).await;
        world
            .change(id, |booking, _| {
                booking.start = booking.start.plus(Duration::from_secs(1800));
                booking.end = booking.end.plus(Duration::from_secs(1800));
            })
            .await;
        died = died || work_and_die(&world.engine, &mut steps, fatal).await;
        world.change(id, |booking, parties| booking.host = parties[1].id).await;
        died = died || work_and_die(&world.engine, &mut steps, fatal).await;
        // Whatever died is gone; another process finds what it left.
        let survivor = world.another_engine().await;
        settle(&[&survivor], &world.store, &world.clock, LONG).await;
        world.assert_one_room(id, &world.second).await;
        world.change(id, |booking, _| booking.status = Status::Cancelled).await;
        died = died || work_and_die(&world.engine, &mut steps, fatal).await;
        settle(&[&survivor], &world.store, &world.clock, LONG).await;
        world.assert_no_room().await;
        if !died {
            break;
        }
    }
    assert!(fatal > 12, "there are more steps than {fatal} to die at");
}

async fn stopped_before_the_call(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.engine.pass().await.expect("the plan's lane");
    let stopped = world.engine.pass().await.expect("the connection's lane").jobs;
    assert_eq!(stopped.len(), 1);
    world.clock.advance(TIMEOUT * 4);
    let other = world.another_engine().await;
    settle(&[&other], &world.store, &world.clock, Duration::from_secs(600)).await;
    world.assert_one_room(id, &world.first).await;
    for job in stopped {
        let outcome = world.engine.perform(job).await;
        world.engine.record(vec![outcome]).await.expect("recorded");
    }
    settle(&[&other], &world.store, &world.clock, LONG).await;
    world.assert_one_room(id, &world.first).await;
    let calls = world.get("_sandbox/calls").await;
    let creates = calls.as_array().expect("a list").iter().filter(|call| {
        call["method"] == "POST"
            && call["path"].as_str().is_some_and(|it| it.ends_with("/meetings"))
    });
    assert_eq!(creates.count(), 1, "the stopped process called nobody");
}

async fn stopped_during_the_call(url: String) {
    let world = World::new(url).await;
    world
        .fault(json!({ "match": "POST /zoom/v2/users/*/meetings", "fault": "hang", "times": 1 }))
        .await;
    let id = world.book(&world.first, TOMORROW).await;
    world.engine.pass().await.expect("the plan's lane");
    let job = world.engine.pass().await.expect("the connection's lane").jobs.pop().expect("a call");
    let held = world.engine.perform(job);
    let meanwhile = async {
        // The call has arrived at the vendor, and is held there.
        loop {
            let calls = world.get("_sandbox/calls").await;
            let held = calls
                .as_array()
                .expect("a list")
                .iter()
                .any(|call| call["fault"] == "hang" && call["method"] == "POST");
            if held {
                break;
            }
            tokio::task::yield_now().await;
        }
        world.clock.advance(TIMEOUT * 4);
        let other = world.another_engine().await;
        settle(&[&other], &world.store, &world.clock, Duration::from_secs(120)).await;
        world.assert_one_room(id, &world.first).await;
        world.forget_faults().await;
    };
    let (late, ()) = tokio::join!(held, meanwhile);
    assert_eq!(world.at_zoom().await.len(), 2, "the late call made a second meeting");
    world.engine.record(vec![late]).await.expect("recorded");
    world.settle(LONG).await;
    world.assert_one_room(id, &world.first).await;
}

async fn two_at_once(url: String) {
    let world = World::new(url).await;
    let other = world.another_engine().await;
    let mut ids = Vec::new();
    for hour in 0..24 {
        ids.push(world.book(&world.first, TOMORROW + Duration::from_secs(hour * 3600)).await);
    }
    for round in 0..3 {
        let (one, two) = tokio::join!(world.engine.run_until_idle(), other.run_until_idle());
        one.expect("the first works");
        two.expect("the second works");
        for id in &ids {
            let change: fn(&mut Booking, &[Party; 2]) = match round {
                0 => |booking, parties| booking.host = parties[1].id,
                _ => |booking, parties| booking.host = parties[0].id,
            };
            world.change(*id, change).await;
        }
    }
    settle(&[&world.engine, &other], &world.store, &world.clock, LONG).await;
    let meetings = world.at_zoom().await;
    assert_eq!(meetings.len(), ids.len(), "{meetings:#?}");
    assert!(meetings.iter().all(|meeting| meeting["host_email"] == world.first.email.as_str()));
}
