//! A sealing key that is missing from the ring, and comes back.

use std::time::{Duration, Instant as Stopwatch};

use roomkey_engine::Engine;
use roomkey_store::{both_databases, connection, event};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::world::World;

const TOMORROW: Duration = Duration::from_secs(26 * 3600);
/// Longer than a look takes on a machine that is doing something else.
const PATIENCE: Duration = Duration::from_secs(60);

both_databases! {
    a_sealing_key_that_is_back_is_noticed_at_the_start = back;
}

/// An engine that is started, works until this is so, and is stopped.
async fn started(engine: &Engine, world: &World, until: impl AsyncFn(&World) -> bool) {
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let (running, stopped) = (engine.clone(), stop.clone());
    tasks.spawn(async move { running.run(stopped).await });
    let began = Stopwatch::now();
    while !until(world).await {
        assert!(began.elapsed() < PATIENCE, "it never came to that");
        tokio::task::yield_now().await;
    }
    stop.cancel();
    tasks.close();
    tasks.wait().await;
}

async fn trouble(world: &World) -> Option<String> {
    let tenant = world.tenant;
    let read = world.store.read(move |tx| Box::pin(connection::of_tenant(tx, tenant)));
    let known = read.await.expect("readable");
    known[0].connection.needs_reconnect.as_ref().map(|it| it.code.clone())
}

async fn back(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, TOMORROW).await;
    let keyless = world.engine_without_the_sealing_key().await;
    started(&keyless, &world, async |world| trouble(world).await.is_some()).await;
    assert_eq!(trouble(&world).await.as_deref(), Some("secrets_unreadable"));
    world.assert_no_room().await;
    // Started again with the same ring, it has noticed nothing.
    let waiting = world.book(&world.second, TOMORROW).await;
    started(&keyless, &world, async |world| world.record(waiting).await.meeting_reason.is_some())
        .await;
    assert_eq!(trouble(&world).await.as_deref(), Some("secrets_unreadable"));

    let whole = world.another_engine().await;
    started(&whole, &world, async |world| {
        let current = |record: roomkey_store::booking::Record| record.booking.current.is_some();
        current(world.record(id).await) && current(world.record(waiting).await)
    })
    .await;
    assert_eq!(trouble(&world).await, None);
    assert_eq!(world.at_zoom().await.len(), 2);
    // Whoever numbered events before has stopped: its lease runs out.
    world.clock.advance(Duration::from_secs(60));
    world.engine.run_until_idle().await.expect("events are numbered");
    let tenant = world.tenant;
    let read = world.store.read(move |tx| Box::pin(event::feed(tx, tenant, 0, 100)));
    let events = read.await.expect("readable");
    let recovered = events.iter().filter(|it| it.kind == "connection.recovered");
    assert_eq!(recovered.count(), 1, "{events:#?}");
}
