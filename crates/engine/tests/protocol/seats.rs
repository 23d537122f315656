//! Seats and days: licensed users lend their rooms, one session at a time, and nobody's day is
//! overdrawn.

use std::time::Duration;

use roomkey_core::id::BookingId;
use roomkey_core::seats::Rules;
use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::world::{self, World};

const HOUR: Duration = Duration::from_secs(3600);
const A_MINUTE: Duration = Duration::from_secs(60);
const SEATS: [&str; 2] = ["seat2@practice.example", "seat3@practice.example"];

both_databases! {
    sessions_at_once_get_seats_of_their_own = apart;
    a_room_is_opened_on_a_seat_in_time = in_time;
    rooms_move_to_make_room_for_one_more = moving_over;
    two_processes_never_give_one_seat_away_twice = two_processes;
    a_session_that_moves_onto_anothers_time_changes_seats = moved_onto;
    a_seat_whose_day_is_used_up_is_passed_over = passed_over;
    a_users_day_is_never_overdrawn = never_overdrawn;
    neighbours_whose_rooms_are_being_made_are_waited_for = being_made;
}

/// Where each meeting at Zoom is, by its number.
async fn seat_of(world: &World, id: BookingId) -> String {
    let record = world.record(id).await;
    let current = record.booking.current.expect("a room");
    let rooms = world.rooms(id).await;
    let room = rooms.iter().find(|it| it.room.id == current).expect("known");
    let at_zoom = world.at_zoom().await;
    let number: u64 = room.room.vendor_id.as_deref().expect("made").parse().expect("a number");
    let meeting = at_zoom.iter().find(|it| it["id"] == number).expect("at Zoom");
    assert_eq!(meeting["host_email"], room.room.place.user.as_str());
    assert_eq!(record.booking.seat.as_deref(), Some(room.room.place.user.as_str()));
    room.room.place.user.clone()
}

async fn apart(url: String) {
    let world = World::new(url).await;
    world.lend(&SEATS, Rules::default()).await;
    let one = world.book_on_a_seat(26 * HOUR).await;
    let other = world.book_on_a_seat(26 * HOUR).await;
    world.settle(A_MINUTE).await;
    assert_ne!(seat_of(&world, one).await, seat_of(&world, other).await);
    // A third finds no seat; it is told so, and gets one when somebody leaves.
    let third = world.book_on_a_seat(26 * HOUR).await;
    world.settle(A_MINUTE).await;
    let reason = world.record(third).await.meeting_reason.expect("a reason");
    assert_eq!(reason.code, "no_free_seat");
    world.change(one, |booking, _| booking.status = roomkey_core::booking::Status::Cancelled).await;
    world.settle(HOUR).await;
    assert_ne!(seat_of(&world, third).await, seat_of(&world, other).await);
    assert_eq!(world.at_zoom().await.len(), 2);
}

async fn in_time(url: String) {
    let world = World::new(url).await;
    world.lend(&SEATS, Rules::default()).await;
    let id = world.book_on_a_seat(100 * HOUR).await;
    world.settle(A_MINUTE).await;
    world.assert_no_room().await;
    assert!(world.record(id).await.is_settled(), "nothing is left to do for now");
    let mails = world.get("_sandbox/mail").await;
    assert_eq!(mails.as_array().expect("a list").len(), 2, "people are told all the same");
    world.settle(29 * HOUR).await;
    assert_eq!(world.at_zoom().await.len(), 1);
    assert_eq!(seat_of(&world, id).await, SEATS[0]);
}

/// Two seats: the first session on one, a later one on the other; a third that overlaps both finds
/// a seat only if one of them moves.
async fn moving_over(url: String) {
    let world = World::new(url).await;
    world.lend(&SEATS, Rules::default()).await;
    let early = world.book_on_a_seat(26 * HOUR).await;
    world.settle(Duration::ZERO).await;
    // The seat that has done least today is given first.
    let late = world.book_on_a_seat(28 * HOUR).await;
    world.settle(Duration::ZERO).await;
    assert_ne!(seat_of(&world, early).await, seat_of(&world, late).await);
    // From the middle of the first to the middle of the second.
    let middle = world.book_on_a_seat(26 * HOUR).await;
    world
        .change(middle, |booking, _| {
            booking.start = booking.start.plus(HOUR / 2);
            booking.end = booking.start.plus(2 * HOUR);
        })
        .await;
    world.settle(HOUR).await;
    let (a, b, c) =
        (seat_of(&world, early).await, seat_of(&world, late).await, seat_of(&world, middle).await);
    assert_eq!(a, b, "one of them has moved over");
    assert_ne!(a, c);
    assert_eq!(world.at_zoom().await.len(), 3, "nothing is left behind");
}

/// The same while the first two rooms are still being made: it is no lack of seats.
async fn being_made(url: String) {
    let world = World::new(url).await;
    world.lend(&SEATS, Rules::default()).await;
    let early = world.book_on_a_seat(26 * HOUR).await;
    let late = world.book_on_a_seat(28 * HOUR).await;
    let mut jobs = Vec::new();
    loop {
        let pass = world.engine.pass().await.expect("the engine works");
        if pass.taken == 0 {
            break;
        }
        jobs.extend(pass.jobs);
    }
    assert!(jobs.len() >= 2, "both rooms are asked for");
    let middle = world.book_on_a_seat(26 * HOUR).await;
    world
        .change(middle, |booking, _| {
            booking.start = booking.start.plus(HOUR / 2);
            booking.end = booking.start.plus(2 * HOUR);
        })
        .await;
    while world.engine.pass().await.expect("the engine works").taken > 0 {}
    let record = world.record(middle).await;
    assert_eq!(record.meeting_reason, None, "nobody is needed");
    assert!(record.next_attempt_at.is_some());
    for job in jobs {
        let outcome = world.engine.perform(job).await;
        world.engine.record(vec![outcome]).await.expect("recorded");
    }
    world.settle(HOUR).await;
    for id in [early, late, middle] {
        seat_of(&world, id).await;
    }
    assert_eq!(world.at_zoom().await.len(), 3, "nothing is left behind");
}

async fn two_processes(url: String) {
    let world = World::new(url).await;
    world.lend(&SEATS, Rules::default()).await;
    let another = world.another_engine().await;
    let mut booked = Vec::new();
    for hour in 0..6 {
        let at = 26 * HOUR + hour * Duration::from_secs(70 * 60);
        booked.push(world.book_on_a_seat(at).await);
        booked.push(world.book_on_a_seat(at).await);
    }
    let (one, other) = tokio::join!(world.engine.run_until_idle(), another.run_until_idle());
    one.and(other).expect("both work");
    let engines = [&world.engine, &another];
    world::settle(&engines, &world.store, &world.clock, HOUR).await;
    let meetings = world.at_zoom().await;
    assert_eq!(meetings.len(), 12);
    for pair in booked.chunks(2) {
        let [one, other] = pair else { panic!("they come in pairs") };
        assert_ne!(seat_of(&world, *one).await, seat_of(&world, *other).await);
    }
}

async fn moved_onto(url: String) {
    let world = World::new(url).await;
    world.lend(&SEATS, Rules::default()).await;
    let one = world.book_on_a_seat(26 * HOUR).await;
    let two = world.book_on_a_seat(26 * HOUR).await;
    let other = world.book_on_a_seat(30 * HOUR).await;
    world.settle(A_MINUTE).await;
    world.change(two, |booking, _| booking.status = roomkey_core::booking::Status::Cancelled).await;
    world.settle(HOUR).await;
    let (first, third) = (seat_of(&world, one).await, seat_of(&world, other).await);
    // Whichever shares the seat is moved onto the other's time.
    world
        .change(other, |booking, _| {
            booking.start = booking.start.minus(4 * HOUR);
            booking.end = booking.end.minus(4 * HOUR);
        })
        .await;
    world.settle(HOUR).await;
    let now = seat_of(&world, other).await;
    assert_ne!(now, seat_of(&world, one).await);
    if first != third {
        assert_eq!(now, third, "who sits well keeps the seat");
    }
    assert_eq!(world.at_zoom().await.len(), 2);
}

async fn passed_over(url: String) {
    let world = World::new(url).await;
    world.lend(&SEATS, Rules::default()).await;
    world
        .fault(json!({ "match": "POST /zoom/v2/users/seat2@practice.example/meetings", "fault": "429", "form": "user_daily" }))
        .await;
    let id = world.book_on_a_seat(26 * HOUR).await;
    world.settle(A_MINUTE).await;
    assert_eq!(seat_of(&world, id).await, SEATS[1]);
    // The refused one is not asked again today.
    let asked = |calls: &Value| {
        let all = calls.as_array().expect("calls").clone();
        all.iter()
            .filter(|it| {
                it["path"]
                    .as_str()
                    .is_some_and(|it| it.contains("/seat2@") && it.ends_with("/meetings"))
            })
            .count()
    };
    assert_eq!(asked(&world.get("_sandbox/calls").await), 1);
    world.book_on_a_seat(30 * HOUR).await;
    world.settle(A_MINUTE).await;
    assert_eq!(asked(&world.get("_sandbox/calls").await), 1);
}

/// A hundred creates and updates a day and user: the next one waits for midnight, others go on.
async fn never_overdrawn(url: String) {
    let world = World::new(url).await;
    for _ in 0..103 {
        world.book(&world.first, 50 * HOUR).await;
    }
    let free = world.book(&world.second, 50 * HOUR).await;
    world.settle(Duration::ZERO).await;
    let held = |meetings: &[Value]| {
        meetings.iter().filter(|it| it["host_email"] == "host@practice.example").count()
    };
    assert_eq!(held(&world.at_zoom().await), 100);
    assert!(world.record(free).await.booking.current.is_some(), "nobody else waits");
    // On the next day the rest is made, and not before.
    world.settle(25 * HOUR).await;
    assert_eq!(held(&world.at_zoom().await), 103);
}
