//! People are in a room, and the vendor fails at everything else.

use std::time::Duration;

use roomkey_core::booking::Status;
use roomkey_core::id::BookingId;
use roomkey_core::seats::Rules;
use roomkey_store::both_databases;
use serde_json::json;

use crate::world::World;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const SEAT: [&str; 1] = ["seat2@practice.example"];

both_databases! {
    people_keep_their_room_whatever_else_fails = kept;
    a_session_is_not_over_while_people_are_inside = not_over;
    a_seat_is_kept_free_after_a_session_that_is_over = buffer;
    a_seat_whose_room_has_people_in_it_is_taken = overtime;
}

/// Whoever has this booking goes into its room, or all leave it.
async fn now_in(world: &World, id: BookingId, status: &str) {
    let current = world.record(id).await.booking.current.expect("a room");
    let rooms = world.rooms(id).await;
    let room = rooms.iter().find(|it| it.room.id == current).expect("known");
    let number = room.room.vendor_id.clone().expect("made");
    world.post(&format!("_sandbox/meetings/{number}"), &json!({ "status": status })).await;
}

/// Has the room read at the next look.
async fn read(world: &World, id: BookingId) {
    let now = world.store.now();
    let tenant = world.tenant;
    let rooms = world.rooms(id).await;
    world
        .store
        .write(roomkey_store::Priority::Interactive, move |tx| {
            let rooms = rooms.clone();
            Box::pin(async move {
                for mut record in rooms {
                    if record.room.state.has_door() {
                        record.room.read_due = Some(now);
                        roomkey_store::room::update(tx, tenant, &record.room).await?;
                    }
                }
                Ok::<_, roomkey_store::StoreError>(())
            })
        })
        .await
        .expect("written");
    world.change(id, |_, _| {}).await;
    world.settle(Duration::ZERO).await;
}

async fn kept(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, 20 * MINUTE).await;
    world.settle(MINUTE).await;
    let room = world.record(id).await.booking.current;
    now_in(&world, id, "started").await;
    read(&world, id).await;
    world
        .fault(json!({ "match": "PATCH /zoom/v2/meetings/*", "fault": "500", "ratio": 1.0 }))
        .await;
    world.change(id, |booking, _| booking.title = "Another name".to_owned()).await;
    // Three times by now.
    world.settle(MINUTE / 4).await;
    world.change(id, |booking, _| booking.generation += 1).await;
    world.settle(10 * MINUTE).await;
    assert_eq!(world.record(id).await.booking.current, room, "they are still inside");
    assert_eq!(world.at_zoom().await.len(), 1);
    now_in(&world, id, "waiting").await;
    world.settle(10 * MINUTE).await;
    assert_ne!(world.record(id).await.booking.current, room, "now there is another");
    assert_eq!(world.at_zoom().await.len(), 1);
}

async fn not_over(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, 20 * MINUTE).await;
    world.settle(MINUTE).await;
    now_in(&world, id, "started").await;
    read(&world, id).await;
    assert_eq!(world.record(id).await.booking.status, Status::InProgress);
    world.fault(json!({ "match": "* /zoom/v2/meetings/*", "fault": "500", "ratio": 1.0 })).await;
    world.settle(5 * HOUR).await;
    assert_eq!(world.record(id).await.booking.status, Status::InProgress, "nobody said they left");
    world.forget_faults().await;
    now_in(&world, id, "waiting").await;
    world.settle(HOUR).await;
    assert_eq!(world.record(id).await.booking.status, Status::Completed);
}

/// A second session on the only seat: shortly after the first one's end, and when its buffer is over.
async fn buffer(url: String) {
    let world = World::new(url).await;
    world.lend(&SEAT, Rules { buffer: 20 * MINUTE, ..Rules::default() }).await;
    let first = world.book_on_a_seat(10 * MINUTE).await;
    world.settle(MINUTE).await;
    assert!(world.record(first).await.booking.current.is_some());
    world.settle(72 * MINUTE).await;
    let second = world.book_on_a_seat(5 * MINUTE).await;
    world.settle(MINUTE).await;
    let record = world.record(second).await;
    assert_eq!(record.booking.current, None, "the seat is kept free for those who overrun");
    assert_eq!(record.meeting_reason.expect("a reason").code, "no_free_seat");
    world.settle(18 * MINUTE).await;
    assert!(world.record(second).await.booking.current.is_some(), "and then it is given");
}

async fn overtime(url: String) {
    let world = World::new(url).await;
    world.lend(&SEAT, Rules { buffer: Duration::ZERO, ..Rules::default() }).await;
    let first = world.book_on_a_seat(10 * MINUTE).await;
    world.settle(MINUTE).await;
    now_in(&world, first, "started").await;
    read(&world, first).await;
    world.settle(75 * MINUTE).await;
    let second = world.book_on_a_seat(5 * MINUTE).await;
    world.settle(MINUTE).await;
    assert_eq!(world.record(second).await.booking.current, None, "there are people on the seat");
    now_in(&world, first, "waiting").await;
    world.settle(20 * MINUTE).await;
    assert!(world.record(second).await.booking.current.is_some(), "they have left");
}
