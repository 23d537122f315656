//! The vendor fails, lies, forgets, or is away.

use std::time::Duration;

use roomkey_core::booking::Status;
use roomkey_core::meeting;
use roomkey_store::both_databases;
use serde_json::json;

use crate::world::World;

const TOMORROW: Duration = Duration::from_secs(26 * 3600);
const LONG: Duration = Duration::from_secs(3 * 3600);

both_databases! {
    two_like_sessions_keep_apart_when_an_answer_is_lost = two_like_sessions;
    a_third_of_all_calls_fail_and_half_of_those_took_effect = a_third_fails;
    a_room_that_somebody_removed_is_made_anew = removed_by_hand;
    one_gone_from_a_confused_vendor_moves_nobody = one_gone_is_doubted;
    a_bad_secret_waits_for_a_person_and_keeps_nobody_else_waiting = bad_secret;
    a_lost_update_is_read_again_before_it_counts = lost_update;
    what_zoom_refuses_for_good_uses_up_nobodys_day = refused_for_good;
    a_change_that_zoom_refuses_for_good_uses_up_nobodys_day = change_refused_for_good;
    a_personal_room_is_not_made_again_and_again = personal;
}

async fn two_like_sessions(url: String) {
    let world = World::new(url).await;
    world
        .fault(json!({
            "match": "POST /zoom/v2/users/*/meetings", "fault": "fail_after_effect", "times": 1
        }))
        .await;
    let first = world.book(&world.first, TOMORROW).await;
    let second = world.book(&world.first, TOMORROW).await;
    world.settle(LONG).await;
    assert_eq!(world.at_zoom().await.len(), 2);
    let mut vendor_ids = Vec::new();
    for id in [first, second] {
        let current = world.record(id).await.booking.current.expect("a room");
        let rooms = world.rooms(id).await;
        assert_eq!(rooms.len(), 1, "the room whose answer was lost was found again");
        assert_eq!(rooms[0].room.id, current);
        vendor_ids.push(rooms[0].room.vendor_id.clone());
    }
    assert_ne!(vendor_ids[0], vendor_ids[1]);
}

async fn a_third_fails(url: String) {
    let world = World::new(url).await;
    world.post("_sandbox/reset", &json!({ "seed": 11 })).await;
    world.fault(json!({ "match": "* /zoom/v2/*", "fault": "500", "ratio": 0.15 })).await;
    world
        .fault(json!({ "match": "* /zoom/v2/*", "fault": "fail_after_effect", "ratio": 0.15 }))
        .await;
    let mut ids = Vec::new();
    for hour in 0..12 {
        ids.push(world.book(&world.first, TOMORROW + Duration::from_secs(hour * 3600)).await);
    }
    world.settle(LONG).await;
    for id in &ids[..4] {
        world.change(*id, |booking, parties| booking.host = parties[1].id).await;
    }
    for id in &ids[8..] {
        world.change(*id, |booking, _| booking.status = Status::Cancelled).await;
    }
    world.settle(LONG).await;
    let meetings = world.at_zoom().await;
    assert_eq!(meetings.len(), 8, "{meetings:#?}");
    for (index, id) in ids[..8].iter().enumerate() {
        let record = world.record(*id).await;
        let current = record.booking.current.expect("a room");
        let rooms = world.rooms(*id).await;
        let room = rooms.iter().find(|it| it.room.id == current).expect("known");
        let host = if index < 4 { &world.second } else { &world.first };
        let there = meetings.iter().find(|meeting| {
            Some(meeting["id"].to_string()) == room.room.vendor_id
                && meeting["host_email"] == host.email.as_str()
        });
        assert!(there.is_some(), "{id} has a room that is not there");
    }
}

async fn removed_by_hand(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.settle(Duration::ZERO).await;
    let meeting = world.at_zoom().await[0]["id"].to_string();
    world.post(&format!("_sandbox/meetings/{meeting}"), &json!({ "delete": true })).await;
    // Past the look 24 hours before the start, which finds it gone, and the second that believes it.
    world.settle(LONG).await;
    world.assert_one_room(id, &world.first).await;
    assert_ne!(world.at_zoom().await[0]["id"].to_string(), meeting);
}

async fn one_gone_is_doubted(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.settle(Duration::ZERO).await;
    let meeting = world.at_zoom().await[0]["id"].to_string();
    world.post(&format!("_sandbox/meetings/{meeting}"), &json!({ "delete": true })).await;
    world.settle(Duration::from_secs(2 * 3600 + 1)).await;
    let record = world.record(id).await;
    assert_eq!(record.meeting, meeting::Status::Active, "the door stays open");
    assert_eq!(world.rooms(id).await[0].room.state.as_str(), "doubtful");
    assert!(!record.is_settled());
}

async fn bad_secret(url: String) {
    let world = World::new(url).await;
    world
        .fault(json!({ "match": "POST /zoom/oauth/token", "fault": "invalid_grant", "ratio": 1.0 }))
        .await;
    let id = world.book(&world.first, TOMORROW).await;
    world.settle(Duration::from_secs(120)).await;
    let record = world.record(id).await;
    assert_eq!(record.meeting, meeting::Status::Pending);
    assert!(record.is_settled(), "a person is needed");
    let reason = record.meeting_reason.expect("the reason is shown");
    assert!(reason.action.is_some(), "and what to click: {reason:?}");
    let mails = world.get("_sandbox/mail").await;
    assert_eq!(mails.as_array().expect("a list").len(), 2, "people are told all the same");
    let before = world.get("_sandbox/calls").await.as_array().expect("a list").len();
    world.settle(LONG).await;
    let calls = world.get("_sandbox/calls").await;
    assert_eq!(calls.as_array().expect("a list").len(), before, "dead credentials are left alone");
}

async fn lost_update(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.settle(Duration::ZERO).await;
    world
        .fault(json!({
            "match": "PATCH /zoom/v2/meetings/*", "fault": "late_effect", "times": 1, "delay": "20s"
        }))
        .await;
    world
        .change(id, |booking, _| {
            booking.start = booking.start.plus(Duration::from_secs(1800));
            booking.end = booking.end.plus(Duration::from_secs(1800));
        })
        .await;
    world.engine.run_until_idle().await.expect("the engine works");
    // The session moves again, and that update is answered; then the first takes effect after all.
    world
        .change(id, |booking, _| {
            booking.start = booking.start.plus(Duration::from_secs(1800));
            booking.end = booking.end.plus(Duration::from_secs(1800));
        })
        .await;
    world.settle(Duration::from_secs(10)).await;
    assert!(!world.record(id).await.is_settled(), "the lost update may still take effect");
    world.advance_sandbox("25s").await;
    world.settle(Duration::from_secs(600)).await;
    world.assert_one_room(id, &world.first).await;
}

/// How often Zoom was asked for that.
async fn asked(world: &World, method: &str) -> usize {
    let calls = world.get("_sandbox/calls").await;
    let counts = |call: &&serde_json::Value| {
        call["method"] == method && call["path"].as_str().unwrap_or_default().contains("/meetings")
    };
    calls.as_array().expect("a list").iter().filter(counts).count()
}

async fn may_host(world: &World, may: bool) {
    let user = json!({"email": world.first.email, "may_host": may});
    let order = json!({"vendor": "zoom", "account": "acc-1", "users": [user]});
    world.post("_sandbox/accounts", &order).await;
}

async fn refused_for_good(url: String) {
    let world = World::new(url).await;
    may_host(&world, false).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.settle(Duration::ZERO).await;
    let record = world.record(id).await;
    assert_eq!(record.meeting, meeting::Status::Failed, "it is shown at once");
    assert!(record.is_settled(), "and nobody waits for it");
    let reason = record.meeting_reason.expect("why");
    assert_eq!(reason.code, "zoom_user_may_not_host");
    world.settle(Duration::from_secs(25 * 3600)).await;
    let tries = asked(&world, "POST").await;
    assert!((2..=4).contains(&tries), "asked {tries} times");
    // The administrator has mended it: whatever is asked for now is there, and what was refused when a
    // person says so.
    may_host(&world, true).await;
    let other = world.book(&world.first, TOMORROW).await;
    world.settle(Duration::ZERO).await;
    assert_eq!(world.record(other).await.meeting, meeting::Status::Active);
    assert_eq!(world.record(id).await.meeting, meeting::Status::Failed);
    world.change(id, |booking, _| booking.generation += 1).await;
    world.settle(Duration::ZERO).await;
    assert_eq!(world.record(id).await.meeting, meeting::Status::Active);
}

async fn change_refused_for_good(url: String) {
    let world = World::new(url).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.settle(Duration::ZERO).await;
    may_host(&world, false).await;
    world.change(id, |booking, _| booking.title = "Geometry".to_owned()).await;
    world.settle(Duration::ZERO).await;
    let record = world.record(id).await;
    assert_eq!(record.meeting, meeting::Status::Active, "the room is there and works");
    assert_eq!(record.meeting_reason.map(|it| it.code), Some("zoom_user_may_not_host".to_owned()));
    world.settle(Duration::from_secs(25 * 3600)).await;
    let tries = asked(&world, "PATCH").await;
    assert!((2..=4).contains(&tries), "asked {tries} times");
    may_host(&world, true).await;
    world.change(id, |booking, _| booking.title = "Geometry and more".to_owned()).await;
    world.settle(Duration::ZERO).await;
    assert_eq!(world.at_zoom().await[0]["topic"], "Geometry and more");
    assert_eq!(world.record(id).await.meeting_reason, None);
}

async fn personal(url: String) {
    let world = World::new(url).await;
    let locked = |on: bool| {
        let locked: &[&str] = if on { &["use_pmi"] } else { &[] };
        json!({
            "vendor": "zoom", "account": "acc-1", "settings": {"use_pmi": on}, "locked": locked,
        })
    };
    world.post("_sandbox/accounts", &locked(true)).await;
    let id = world.book(&world.first, TOMORROW).await;
    world.settle(LONG).await;
    let record = world.record(id).await;
    assert_eq!(record.meeting, meeting::Status::Failed);
    assert_eq!(record.meeting_reason.map(|it| it.code), Some("personal_room".to_owned()));
    let rooms = world.rooms(id).await;
    let left = world.at_zoom().await;
    assert_eq!((rooms.len(), left.len()), (1, 1), "one is made, and no more");
    assert_eq!(rooms[0].room.vendor_id, Some(left[0]["id"].to_string()), "and it is known");
    assert_eq!(rooms[0].room.state.as_str(), "retiring");
    assert_eq!(
        rooms[0].room.reason.as_ref().map(|it| it.code.as_str()),
        Some("zoom_cannot_remove"),
        "with what a person has to do"
    );
    world.post("_sandbox/accounts", &locked(false)).await;
    world.change(id, |booking, _| booking.generation += 1).await;
    world.settle(Duration::ZERO).await;
    assert_eq!(world.record(id).await.meeting, meeting::Status::Active);
    // Somebody removes by hand what Zoom would not remove.
    let path = format!("_sandbox/meetings/{}", left[0]["id"]);
    world.post(&path, &json!({"delete": true})).await;
    world.settle(Duration::from_secs(7 * 3600)).await;
    world.assert_one_room(id, &world.first).await;
    let gone = world.rooms(id).await;
    assert!(gone.iter().any(|it| it.room.state.as_str() == "gone"), "{gone:#?}");
}
