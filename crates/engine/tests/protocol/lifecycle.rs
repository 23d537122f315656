//! One session's life: made, moved, given to another host, cancelled.

use std::time::Duration;

use roomkey_core::booking::Status;
use roomkey_core::meeting;
use roomkey_store::both_databases;

use crate::world::World;

const TOMORROW: Duration = Duration::from_secs(26 * 3600);
const A_WHILE: Duration = Duration::from_secs(300);

both_databases! {
    a_session_lives = a_session_lives;
}

async fn a_session_lives(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.settle(Duration::ZERO).await;
    world.assert_one_room(id, &world.first).await;
    let mails = world.get("_sandbox/mail").await;
    assert_eq!(mails.as_array().expect("a list").len(), 2, "host and guest are told: {mails:#}");

    world
        .change(id, |booking, _| {
            booking.start = booking.start.plus(Duration::from_secs(1800));
            booking.end = booking.end.plus(Duration::from_secs(1800));
        })
        .await;
    world.settle(Duration::ZERO).await;
    world.assert_one_room(id, &world.first).await;
    assert_eq!(world.rooms(id).await.len(), 1, "it is the same room");

    world.change(id, |booking, parties| booking.host = parties[1].id).await;
    world.settle(Duration::ZERO).await;
    world.assert_one_room(id, &world.second).await;

    world.change(id, |booking, _| booking.status = Status::Cancelled).await;
    world.settle(A_WHILE).await;
    world.assert_no_room().await;
    assert_eq!(world.record(id).await.meeting, meeting::Status::Cancelled);
}
