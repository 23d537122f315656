//! Access tokens are had once for all processes.

use std::time::Duration;

use roomkey_store::both_databases;
use serde_json::json;

use crate::world::World;

const TOMORROW: Duration = Duration::from_secs(26 * 3600);
/// Bookings whose rooms are made, and then moved, by two processes at once.
const MANY: u64 = 50;

both_databases! {
    two_processes_sign_in_once_and_so_does_a_third_not_at_all = one_sign_in;
    a_dead_token_is_replaced_once_for_all_processes = one_renewal;
    who_dies_while_signing_in_holds_nobody_up = dead_asker;
}

/// How often the vendor was asked for a token.
async fn sign_ins(world: &World) -> usize {
    let calls = world.get("_sandbox/calls").await;
    let calls = calls.as_array().expect("a list");
    calls.iter().filter(|call| call["path"] == "/zoom/oauth/token").count()
}

async fn book_many(world: &World) {
    for half_hour in 0..MANY {
        let ahead = TOMORROW + Duration::from_secs(half_hour * 1800);
        world.book(&world.first, ahead).await;
    }
}

async fn one_sign_in(url: String) {
    let world = World::new(url).await;
    let other = world.another_engine().await;
    book_many(&world).await;
    let (one, two) = tokio::join!(world.engine.run_until_idle(), other.run_until_idle());
    one.expect("the first works");
    two.expect("the second works");
    assert_eq!(world.at_zoom().await.len(), 50);
    assert_eq!(sign_ins(&world).await, 1);
    // A process that starts anew finds the token that is there.
    let third = world.another_engine().await;
    world.book(&world.second, TOMORROW).await;
    third.run_until_idle().await.expect("the third works");
    assert_eq!(world.at_zoom().await.len(), 51);
    assert_eq!(sign_ins(&world).await, 1);
}

async fn one_renewal(url: String) {
    let world = World::new(url).await;
    let other = world.another_engine().await;
    world.book(&world.second, TOMORROW).await;
    world.engine.run_until_idle().await.expect("the first works");
    world.book(&world.second, TOMORROW * 2).await;
    other.run_until_idle().await.expect("the second works");
    assert_eq!(sign_ins(&world).await, 1);
    // The vendor's clock goes on without ours: both hold a token that is dead.
    world.post("_sandbox/clock", &json!({ "advance": "61m" })).await;
    book_many(&world).await;
    let (one, two) = tokio::join!(world.engine.run_until_idle(), other.run_until_idle());
    one.expect("the first works");
    two.expect("the second works");
    assert_eq!(world.at_zoom().await.len(), 52);
    assert_eq!(sign_ins(&world).await, 2, "once at first, and once for all when it was dead");
}

async fn dead_asker(url: String) {
    let world = World::new(url).await;
    let match_token = "POST /zoom/oauth/token";
    world.fault(json!({ "match": match_token, "fault": "hang", "times": 1 })).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.engine.pass().await.expect("the plan's lane");
    let job = world.engine.pass().await.expect("the connection's lane").jobs.pop().expect("a call");
    let dying = world.engine.perform(job);
    let arrived = async {
        while sign_ins(&world).await == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = dying => panic!("the vendor does not answer"),
        () = arrived => {}
    }
    // It is dead, and its turn is not over. Its room is made by another, when its lease has ended.
    let other = world.another_engine().await;
    crate::world::settle(&[&other], &world.store, &world.clock, TOMORROW / 2).await;
    world.assert_one_room(id, &world.first).await;
}
