//! Somebody sets the clock.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_engine::measure;
use roomkey_store::{Clock, Hand, Measured, both_databases};

use crate::world::{SETTLE, TIMEOUT, World};

const HOUR: Duration = Duration::from_secs(3600);
const LEASE: Duration = Duration::from_secs(30);

both_databases! {
    a_clock_that_ran_ahead_is_followed_back_and_holds_nobody_up = ran_ahead;
    nothing_new_is_begun_while_the_clock_jumps = jumps;
}

/// Time goes by for the world, its vendor and its machine.
async fn pass(world: &World, hand: &Hand, by: Duration) -> Measured {
    let mut last = Measured::Steady;
    let step = Duration::from_secs(5);
    for _ in 0..(by.as_secs() / step.as_secs()) {
        hand.pass(step);
        last = measure(&world.store, LEASE, SETTLE, &mut None).await.expect("measured");
        world.engine.run_until_idle().await.expect("the engine works");
        if matches!(last, Measured::Followed { .. }) {
            break;
        }
    }
    last
}

async fn world(url: String) -> (World, std::sync::Arc<Hand>, Instant) {
    let start = Clock::system().now();
    let (clock, hand) = Clock::by_hand(start);
    (World::by_clock(url, clock).await, hand, start)
}

async fn jumps(url: String) {
    let (world, hand, _) = world(url).await;
    assert_eq!(TIMEOUT * 3, LEASE);
    hand.set_backwards(HOUR);
    pass(&world, &hand, LEASE / 6).await;
    let id = world.book(&world.first, HOUR * 26).await;
    world.engine.run_until_idle().await.expect("the engine works");
    assert!(world.at_zoom().await.is_empty(), "by which clock is the lease?");
    // It was a mistake, and is mended: nothing is waited for.
    hand.set_forwards(HOUR);
    assert_eq!(pass(&world, &hand, LEASE / 6).await, Measured::Steady);
    world.assert_one_room(id, &world.first).await;
}

async fn ran_ahead(url: String) {
    let (world, hand, start) = world(url).await;
    let before = world.book(&world.first, HOUR * 50).await;
    pass(&world, &hand, LEASE).await;
    world.assert_one_room(before, &world.first).await;
    // The machine's clock is set three hours ahead, long enough to be believed.
    hand.set_forwards(HOUR * 3);
    assert!(matches!(pass(&world, &hand, LEASE * 6).await, Measured::Followed { .. }));
    assert!(world.store.now() > start.plus(HOUR * 3));
    // By that clock the vendor fails, and the next try is put off: to hours ahead, in truth.
    world
        .fault(serde_json::json!({
            "match": "POST /zoom/v2/users/*/meetings", "fault": "500", "ratio": 1.0
        }))
        .await;
    let meanwhile = world.book(&world.second, HOUR * 50).await;
    pass(&world, &hand, LEASE).await;
    world.forget_faults().await;
    // It is set right: first nothing is begun, then everything goes on by the true time.
    hand.set_backwards(HOUR * 3);
    let Measured::Followed { from, to } = pass(&world, &hand, LEASE * 6).await else {
        panic!("the clock has not followed")
    };
    assert!(from > to.plus(HOUR * 2));
    assert!(world.store.now() < start.plus(HOUR));
    let after = world.book(&world.first, HOUR * 30).await;
    pass(&world, &hand, LEASE * 8).await;
    for id in [before, meanwhile, after] {
        let record = world.record(id).await;
        assert!(record.is_settled(), "{:?} {:?}", record.meeting, record.next_attempt_at);
        assert!(record.booking.current.is_some());
    }
    assert_eq!(world.at_zoom().await.len(), 3);
    assert!(world.store.now() < start.plus(HOUR), "and none of it took hours");
}
