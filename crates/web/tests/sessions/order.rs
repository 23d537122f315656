//! Events that come late, early, or in the wrong order.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::practice::{Practice, Session};

both_databases! {
    a_late_word_of_an_end_takes_nobody_out_of_a_room = late_end;
    what_is_told_after_a_newer_reading_is_known_all_the_same = after_a_reading;
    what_is_told_before_the_create_is_answered_is_not_lost = before_the_answer;
    what_is_told_of_a_room_whose_answer_was_lost_is_not_lost = lost_answer;
    times_that_cannot_be_are_not_believed = absurd_times;
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

async fn told(session: &Session<'_>, event: &str, at: Instant, instance: &str) {
    let meeting = session.meeting().await;
    let object = json!({"id": meeting["id"].to_string(), "uuid": instance});
    let payload = json!({"account_id": "acc-1", "object": object});
    session.practice.tell(event, at, payload).await;
}

/// Something was changed, so that the room is read.
async fn read(session: &Session<'_>) {
    told(session, "meeting.updated", session.practice.clock.now(), "u0").await;
    session.practice.work().await;
}

async fn late_end(url: String) {
    let practice = Practice::open(&url).await;
    let session = practice.book(10 * MINUTE, json!({})).await;
    practice.deafen().await;
    practice.pass(10 * MINUTE).await;
    read(&session).await;
    practice.pass(30 * SECOND).await;
    let now = practice.clock.now();
    let meeting = session.meeting().await;
    let path = format!("/meetings/{}", meeting["id"]);
    practice.control(&path, json!({"status": "started"})).await;
    for (event, ago, instance) in
        [("meeting.started", 20, "u1"), ("meeting.started", 5, "u2"), ("meeting.ended", 10, "u1")]
    {
        told(&session, event, now.minus(ago * SECOND), instance).await;
        practice.work().await;
    }
    practice.post(&format!("/v1/bookings/{}/meeting/regenerate", session.id), json!({})).await;
    practice.work().await;
    let state = practice.sandbox("/state").await;
    let meetings = state["zoom"]["accounts"][0]["meetings"].as_array().unwrap();
    assert_eq!(meetings.len(), 1, "another room was opened beside the one with people in it");
    practice.close().await;
}

async fn after_a_reading(url: String) {
    let practice = Practice::open(&url).await;
    let session = practice.book(10 * MINUTE, json!({})).await;
    practice.deafen().await;
    practice.pass(10 * MINUTE).await;
    let before = practice.clock.now();
    practice.pass(MINUTE).await;
    read(&session).await;
    told(&session, "meeting.started", before, "u1").await;
    told(&session, "meeting.ended", before.plus(10 * SECOND), "u1").await;
    practice.work().await;
    assert_eq!(
        (session.status().await.as_str(), session.count("booking.started").await),
        ("in_progress", 1)
    );
    practice.pass(75 * MINUTE).await;
    assert_eq!(session.count("booking.ended").await, 1, "and they have left");
    practice.close().await;
}

/// A booking that is not worked on yet.
async fn asked(practice: &Practice, ahead: Duration) -> Session<'_> {
    let start = practice.clock.now().floor_second().plus(ahead);
    let asked = json!({
        "service": "ext:algebra", "host": "ext:rui", "start": start.to_string(),
        "guests": [{"name": "Ana Sousa", "email": "ana@example.org"}],
    });
    let made = practice.post("/v1/bookings", asked).await;
    Session { practice, id: made["id"].as_str().unwrap().to_owned() }
}

async fn before_the_answer(url: String) {
    let practice = Practice::open(&url).await;
    let session = asked(&practice, 10 * MINUTE).await;
    let hang =
        json!({"match": "POST /zoom/v2/users/*/meetings", "fault": "hang", "form": "effect_first"});
    practice.control("/faults", hang).await;
    let meanwhile = async {
        while session.meeting().await == Value::Null {
            tokio::task::yield_now().await;
        }
        session.open().await;
        practice.told("meeting.participant_joined", 1).await;
        practice.told("meeting.started", 1).await;
        practice.another_engine().await.run_until_idle().await.unwrap();
        practice.forget_faults().await;
    };
    tokio::join!(practice.work(), meanwhile);
    assert_eq!(session.get().await["meeting"]["status"], "active");
    practice.pass(5 * SECOND).await;
    assert_eq!(session.status().await, "in_progress");
    let there = session.part("attendance").await;
    assert_eq!(there["people"].as_array().unwrap().len(), 1, "{there}");
    practice.close().await;
}

async fn lost_answer(url: String) {
    let practice = Practice::open(&url).await;
    let session = asked(&practice, 30 * MINUTE).await;
    let lost = json!({
        "match": "POST /zoom/v2/users/*/meetings", "fault": "fail_after_effect", "times": 1,
    });
    practice.control("/faults", lost).await;
    practice.work().await;
    session.open().await;
    practice.told("meeting.participant_joined", 1).await;
    practice.told("meeting.started", 1).await;
    practice.pass(10 * SECOND).await;
    assert_eq!(session.status().await, "confirmed", "it is not known yet whose meeting that was");
    practice.pass(3 * MINUTE).await;
    assert_eq!(session.status().await, "in_progress");
    let state = practice.sandbox("/state").await;
    assert_eq!(state["zoom"]["accounts"][0]["meetings"].as_array().unwrap().len(), 1);
    let there = session.part("attendance").await;
    assert_eq!(there["people"].as_array().unwrap().len(), 1, "{there}");
    practice.close().await;
}

async fn absurd_times(url: String) {
    let practice = Practice::open(&url).await;
    let session = practice.book(10 * MINUTE, json!({})).await;
    practice.deafen().await;
    practice.pass(10 * MINUTE).await;
    let meeting = session.meeting().await;
    let body = json!({
        "event": "meeting.participant_joined", "event_ts": i64::MIN,
        "payload": {"account_id": "acc-1", "object": {
            "id": meeting["id"], "uuid": "u1", "participant": {
                "participant_uuid": "p1", "user_name": "Ana Sousa",
                "join_time": "0001-01-01T00:00:00Z",
            },
        }},
    });
    practice.tell_raw(&body.to_string()).await;
    practice.work().await;
    assert_eq!(session.status().await, "in_progress", "that somebody came is believed");
    let there = session.part("attendance").await;
    assert_eq!(there["people"][0]["seconds"], 0, "when, is not: {there}");
    let file = |size: i64| {
        json!({"id": format!("f{size}"), "file_type": "MP4", "file_size": size,
            "recording_start": "0001-01-01T00:00:00Z"})
    };
    let object = json!({
        "id": meeting["id"], "uuid": "u1", "recording_files": [file(-5), file(7)],
    });
    let payload = json!({"account_id": "acc-1", "object": object});
    practice.tell("recording.completed", practice.clock.now(), payload).await;
    practice.work().await;
    let known = session.part("recordings").await;
    let sizes: Vec<_> =
        known["data"].as_array().unwrap().iter().map(|it| it["size"].clone()).collect();
    assert!(sizes.contains(&json!(7)) && sizes.contains(&Value::Null), "{known}");
    assert!(!known.to_string().contains("0001-01-01"), "{known}");
    practice.close().await;
}
