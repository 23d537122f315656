//! What a room's invitation says at the vendor.

use std::time::Duration;

use roomkey_core::booking::Booking;
use roomkey_core::id::BookingId;
use roomkey_store::both_databases;
use serde_json::json;

use crate::world::World;

const TOMORROW: Duration = Duration::from_secs(26 * 3600);
const A_WHILE: Duration = Duration::from_secs(300);
const LINE: &str = "Arranged by Roomkey. Please keep this line: rk-";

both_databases! {
    an_agenda_follows_the_marker = follows;
    an_agenda_whose_answer_was_lost_is_there = lost;
}

async fn book(world: &World, agenda: &'static str) -> BookingId {
    let id = world.book(&world.first, TOMORROW).await;
    say(world, id, agenda).await;
    id
}

async fn say(world: &World, id: BookingId, agenda: &'static str) {
    world.change(id, move |booking: &mut Booking, _| booking.agenda = Some(agenda.into())).await;
    world.settle(A_WHILE).await;
    world.assert_one_room(id, &world.first).await;
}

/// The marker's line and what follows it.
async fn shown(world: &World) -> (String, String) {
    let meetings = world.at_zoom().await;
    let agenda = meetings[0]["agenda"].as_str().expect("an agenda");
    let (line, words) = agenda.split_once('\n').unwrap_or((agenda, ""));
    (line.to_owned(), words.to_owned())
}

async fn updates(world: &World) -> usize {
    let calls = world.get("_sandbox/calls").await;
    calls.as_array().expect("calls").iter().filter(|it| it["method"] == "PATCH").count()
}

async fn follows(url: String) {
    let world = World::new(url).await;
    let id = book(&world, "Bring the book\nand a pen").await;
    let (line, words) = shown(&world).await;
    assert!(line.starts_with(LINE), "{line}");
    assert_eq!(words, "Bring the book\nand a pen");
    assert_eq!(updates(&world).await, 0, "the room was made like that");

    // Another one is an update of the same room, and only one; the marker stays where it is.
    let room = world.record(id).await.booking.current;
    say(&world, id, "Bring nothing").await;
    assert_eq!(shown(&world).await, (line.clone(), "Bring nothing".to_owned()));
    assert_eq!(world.record(id).await.booking.current, room);
    assert_eq!(updates(&world).await, 1);

    // What a host adds is left alone until there is something else to say.
    let meeting = world.at_zoom().await[0]["id"].to_string();
    let by_hand = format!("{line}\r\nBring nothing \r\nand call me");
    let patch = json!({ "patch": { "agenda": by_hand } });
    world.post(&format!("_sandbox/meetings/{meeting}"), &patch).await;
    world.settle(Duration::from_secs(12 * 3600)).await;
    assert_eq!(world.at_zoom().await[0]["agenda"], by_hand);
    assert_eq!(updates(&world).await, 1);

    // None any more: nothing but the marker is left.
    say(&world, id, "").await;
    assert_eq!(shown(&world).await, (line, String::new()));
    assert_eq!(updates(&world).await, 2);
}

async fn lost(url: String) {
    let world = World::new(url).await;
    let id = book(&world, "Bring the book").await;
    let fault = json!({
        "match": "PATCH /zoom/v2/meetings/*", "fault": "fail_after_effect", "times": 1,
    });
    world.fault(fault).await;
    say(&world, id, "Bring nothing").await;
    assert_eq!(shown(&world).await.1, "Bring nothing");
    assert_eq!(updates(&world).await, 1, "it is looked at, and not changed again");
}
