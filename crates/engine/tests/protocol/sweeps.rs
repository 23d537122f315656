//! Rooms that nobody remembers, and what the sweep and a person do about them.

use std::time::Duration;

use reqwest::Method;
use roomkey_core::Instant;
use roomkey_core::booking::Status;
use roomkey_core::id::BookingId;
use roomkey_core::route::{Lane, Place, Provider};
use roomkey_core::seats::Rules;
use roomkey_engine::{Action, Kind, Swept};
use roomkey_store::{
    Priority, StoreError, both_databases, connection as connections, host, installation, lane,
    sweep,
};
use serde_json::{Value, json};

use crate::world::World;

const DAY: Duration = Duration::from_secs(24 * 3600);
const LONG: Duration = Duration::from_secs(3 * 3600);

both_databases! {
    a_room_that_somebody_brought_back_is_retired_again = brought_back;
    a_room_that_came_hours_late_is_retired = hours_late;
    a_paused_account_keeps_nobody_elses_sweep_waiting = paused;
    nothing_is_swept_while_sweeps_are_off = off;
    what_nobody_knows_is_counted_and_only_a_person_removes_it = unknown;
    what_differs_is_shown_and_mended = differs;
    who_waits_for_a_seat_that_opens_later_is_not_missed = later;
    a_session_that_somebody_moved_at_the_vendor_is_put_right_before_it_begins = drifted;
}

/// A booking whose room was removed, and then brought back by hand.
async fn cancelled_and_back(world: &World) -> (BookingId, String) {
    let id = world.book(&world.first, DAY * 5).await;
    world.settle(Duration::ZERO).await;
    let meeting = world.at_zoom().await[0]["id"].to_string();
    world.change(id, |booking, _| booking.status = Status::Cancelled).await;
    world.settle(LONG).await;
    world.assert_no_room().await;
    let path = format!("meetings/{meeting}/status");
    world.ask_zoom(Method::PUT, &path, &json!({"action": "recover"})).await;
    assert_eq!(world.at_zoom().await.len(), 1);
    (id, meeting)
}

async fn brought_back(url: String) {
    let world = World::new(url).await;
    let (id, _) = cancelled_and_back(&world).await;
    world.settle(LONG).await;
    assert_eq!(world.at_zoom().await.len(), 1, "no work of the booking's finds it");
    let turns = world.sweep().await;
    assert_eq!(turns.iter().map(|it| it.found).sum::<usize>(), 1, "{turns:?}");
    world.assert_no_room().await;
    assert!(world.record(id).await.is_settled());
}

async fn hours_late(url: String) {
    let world = World::new(url).await;
    world
        .fault(json!({
            "match": "POST /zoom/v2/users/*/meetings", "fault": "late_effect", "times": 1, "delay": "4h"
        }))
        .await;
    let id = world.book(&world.first, DAY * 5).await;
    world.settle(LONG).await;
    assert_eq!(world.at_zoom().await.len(), 1, "the lost one was replaced");
    world.advance_sandbox("5h").await;
    assert_eq!(world.at_zoom().await.len(), 2, "and came all the same");
    world.settle(LONG).await;
    assert_eq!(world.at_zoom().await.len(), 2, "after the last look for its marker");
    world.sweep().await;
    world.assert_one_room(id, &world.first).await;
}

async fn switch(world: &World, off: Option<Instant>) {
    world
        .store
        .write(Priority::Interactive, move |tx| {
            Box::pin(async move { installation::set_sweeps(tx, off).await })
        })
        .await
        .expect("switched");
}

async fn paused(url: String) {
    let world = World::new(url).await;
    let parties = [world.party("first@practice.example"), world.party("second@practice.example")];
    let (other, _) = world.another_practice([&parties[0], &parties[1]]).await;
    let (tenant, connection, now) = (world.tenant, world.connection, world.store.now());
    let place = |id, user: String| Place {
        provider: Provider::Zoom,
        connection: Some(id),
        account: "acc-1".to_owned(),
        user,
    };
    let wanted = world.store.write::<_, StoreError, _>(Priority::Interactive, move |tx| {
        Box::pin(async move {
            let until = now.plus(DAY);
            let later = now.plus(Duration::from_secs(1));
            for number in 0..45 {
                let user = place(connection, format!("user{number}@practice.example"));
                sweep::want(tx, tenant, &user, now, until).await?;
            }
            let theirs = connections::of_tenant(tx, other).await?[0].connection.id;
            let user = place(theirs, "first@practice.example".to_owned());
            sweep::want(tx, other, &user, later, until).await?;
            let lane = Lane::Connection(connection);
            lane::set(tx, &lane::State { lane, paused_until: until, failures: 9, reason: None })
                .await
        })
    });
    wanted.await.expect("wanted");
    world.clock.advance(Duration::from_secs(2));
    let mut turns = Vec::new();
    for _ in 0..3 {
        turns.push(world.engine.sweep().await.expect("swept").is_some());
    }
    assert_eq!(turns, [false, false, true], "the others' turn comes");
    // Who was put off is not forgotten.
    world.clock.advance(Duration::from_secs(301));
    let now = world.store.now();
    let due = world.store.read(|tx| Box::pin(async move { sweep::due(tx, now, 100).await })).await;
    assert_eq!(due.expect("readable").len(), 45);
}

async fn off(url: String) {
    let world = World::new(url).await;
    cancelled_and_back(&world).await;
    switch(&world, Some(world.store.now())).await;
    assert_eq!(world.sweep().await, []);
    assert_eq!(world.at_zoom().await.len(), 1);
    switch(&world, None).await;
    world.sweep().await;
    world.assert_no_room().await;
}

/// Somebody's meeting at Zoom, with these words in it.
async fn meeting(world: &World, agenda: &str, ahead: Duration) -> String {
    let start = world.store.now().floor_second().plus(ahead);
    let body = json!({
        "topic": "Somebody's", "type": 2, "start_time": start, "duration": 60, "agenda": agenda
    });
    let path = format!("users/{}/meetings", world.first.email);
    world.ask_zoom(Method::POST, &path, &body).await["id"].to_string()
}

/// A marker of this installation for a room that is not there, as after a restored backup.
async fn strange_marker(world: &World, id: BookingId) -> String {
    let marker = world.rooms(id).await[0].marker.clone();
    let other = world.book(&world.second, DAY * 6).await;
    let tail = other.to_string();
    let tail = tail.strip_prefix("bkg_").expect("an id");
    let (beginning, _) = marker.rsplit_once('-').expect("a marker");
    world.change(other, |booking, _| booking.status = Status::Cancelled).await;
    format!("{beginning}-{tail}")
}

fn ids(meetings: &[Value]) -> Vec<String> {
    meetings.iter().map(|it| it["id"].to_string()).collect()
}

async fn unknown(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, DAY * 5).await;
    world.settle(Duration::ZERO).await;
    let marker = strange_marker(&world, id).await;
    world.settle(Duration::ZERO).await;
    let strange = meeting(&world, &format!("Arranged. {marker}"), DAY * 3).await;
    let elsewhere = meeting(&world, "rk-zzzzzzzz-01hf8q2m5d9k7c1x0a2b3c4d5e", DAY * 3).await;
    let nobodys = meeting(&world, "Bring the book", DAY * 3).await;
    let turns = world.sweep().await;
    assert!(turns.contains(&Swept { sighted: 2, found: 0, unknown: 1 }), "{turns:?}");
    let tenant = world.tenant;
    let known = || async {
        let read = world.store.read(|tx| Box::pin(async move { sweep::known(tx, tenant).await }));
        Ok::<_, StoreError>(read.await?.unknown_rooms)
    };
    assert_eq!(known().await.expect("readable"), 1);
    assert_eq!(world.at_zoom().await.len(), 4, "and nothing was removed");

    let survey = world.engine.survey().await.expect("a survey");
    assert_eq!(survey.unread, []);
    assert_eq!(survey.in_order, 1);
    assert_eq!(survey.findings.len(), 1, "{:#?}", survey.findings);
    assert_eq!(survey.findings[0].kind, Kind::Unknown);
    assert_eq!(survey.findings[0].vendor_id.as_ref(), Some(&strange));
    let mut actions = Vec::new();
    let tell = |_: &_, action: &Action| actions.push(action.clone());
    world.engine.reconcile(&survey, tell).await.expect("reconciled");
    assert_eq!(actions, [Action::Removed]);
    let left = ids(&world.at_zoom().await);
    assert!(!left.contains(&strange), "{left:?}");
    assert!(left.contains(&elsewhere) && left.contains(&nobodys), "{left:?}");
    assert_eq!(left.len(), 3);
    assert_eq!(known().await.expect("readable"), 0);
}

async fn differs(url: String) {
    let world = World::new(url).await;
    let (cancelled, back) = cancelled_and_back(&world).await;
    let moved = world.book(&world.first, DAY * 3).await;
    let gone = world.book(&world.second, DAY * 4).await;
    let doubled = world.book(&world.second, DAY * 5).await;
    world.settle(Duration::ZERO).await;
    let vendor_id = |id: BookingId| {
        let world = &world;
        async move { world.rooms(id).await[0].room.vendor_id.clone().expect("a room") }
    };
    let order = json!({"patch": {"topic": "Mine"}});
    world.post(&format!("_sandbox/meetings/{}", vendor_id(moved).await), &order).await;
    let order = json!({"delete": true});
    world.post(&format!("_sandbox/meetings/{}", vendor_id(gone).await), &order).await;
    let marker = world.rooms(doubled).await[0].marker.clone();
    let double = meeting(&world, &marker, DAY * 5).await;

    let survey = world.engine.survey().await.expect("a survey");
    let mut found: Vec<_> = survey
        .findings
        .iter()
        .map(|it| (it.kind.as_str(), it.booking, it.vendor_id.clone()))
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            ("drift", Some(moved), Some(vendor_id(moved).await)),
            ("duplicate", Some(doubled), Some(double)),
            ("missing", Some(gone), Some(vendor_id(gone).await)),
            ("should_be_gone", Some(cancelled), Some(back)),
        ]
    );
    let mut actions = Vec::new();
    let tell = |_: &_, action: &Action| actions.push(action.clone());
    world.engine.reconcile(&survey, tell).await.expect("reconciled");
    assert_eq!(actions.iter().filter(|it| **it == Action::Removed).count(), 1);
    assert_eq!(actions.iter().filter(|it| **it == Action::Woken).count(), 3);
    world.settle(Duration::from_secs(600)).await;
    let survey = world.engine.survey().await.expect("a survey");
    assert!(survey.findings.is_empty(), "{:#?}", survey.findings);
    assert_eq!((survey.in_order, world.at_zoom().await.len()), (3, 3));
}

async fn later(url: String) {
    let world = World::new(url).await;
    world.lend(&["seat2@practice.example"], Rules::default()).await;
    // An address that Zoom does not know: a seat stands in for it, but not yet.
    let (tenant, host) = (world.tenant, world.first.id);
    let renamed = world.store.write::<_, StoreError, _>(Priority::Interactive, move |tx| {
        Box::pin(async move {
            let mut row = host::lock(tx, tenant, host).await?.expect("there");
            row.email = "nobody@practice.example".to_owned();
            host::update(tx, tenant, &row).await
        })
    });
    renamed.await.expect("renamed");
    let id = world.book(&world.first, DAY * 5).await;
    for wait in [Duration::ZERO, Duration::from_secs(600), DAY] {
        world.settle(wait).await;
        let survey = world.engine.survey().await.expect("a survey");
        assert!(survey.findings.is_empty(), "{:#?}", survey.findings);
    }
    world.settle(DAY * 2).await;
    assert_eq!(world.at_zoom().await.len(), 1, "the seat's time has come");
    assert!(world.record(id).await.booking.current.is_some());
}

async fn drifted(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, DAY * 2).await;
    world.settle(Duration::ZERO).await;
    let meeting = world.at_zoom().await[0]["id"].to_string();
    let wrong = world.store.now().floor_second().plus(DAY * 3);
    let order = json!({"patch": {"topic": "Mine", "start_time": wrong}});
    world.post(&format!("_sandbox/meetings/{meeting}"), &order).await;
    // The look a day before the session sees it.
    world.settle(DAY + LONG).await;
    world.assert_one_room(id, &world.first).await;
    let meetings = world.at_zoom().await;
    assert_eq!(
        (meetings[0]["id"].to_string(), &meetings[0]["topic"]),
        (meeting, &json!("Algebra"))
    );
}
