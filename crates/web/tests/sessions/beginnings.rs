//! Sessions begin when people come and end when they have left for good.

use std::time::Duration;

use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::practice::Practice;

both_databases! {
    a_session_begins_and_ends_as_the_vendor_says = whole;
    who_rejoins_is_one_person_and_the_room_was_open_twice = rejoins;
    a_session_that_runs_over_stays_open_though_its_end_was_never_told = lost_end;
    events_that_wait_through_a_kill_are_seen_to_once_by_any_process = killed;
}

const MINUTE: Duration = Duration::from_secs(60);

async fn whole(url: String) {
    let practice = Practice::open(&url).await;
    let session = practice.book(30 * MINUTE, json!({})).await;
    assert_eq!(session.part("attendance").await["started_at"], Value::Null);
    practice.pass(30 * MINUTE).await;
    assert_eq!(session.status().await, "confirmed", "the clock alone begins nothing");
    session.open().await;
    let ana = session.come("Ana Sousa").await;
    practice.told("meeting.participant_joined", 2).await;
    practice.work().await;
    assert_eq!(
        (session.status().await.as_str(), session.count("booking.started").await),
        ("in_progress", 1)
    );
    let inside = session.part("attendance").await;
    assert_eq!(inside["people"].as_array().unwrap().len(), 2, "{inside}");
    assert_eq!(inside["ended_at"], Value::Null);

    practice.pass(20 * MINUTE).await;
    session.go(&ana).await;
    session.end().await;
    practice.told("meeting.ended", 1).await;
    practice.told("meeting.participant_left", 2).await;
    practice.pass(30 * MINUTE).await;
    assert_eq!(session.status().await, "in_progress", "they may come back until the end");
    assert_eq!(session.count("booking.ended").await, 0);
    practice.pass(21 * MINUTE).await;
    assert_eq!(session.count("booking.ended").await, 1);
    practice.pass(50 * MINUTE).await;
    assert_eq!(
        (session.status().await.as_str(), session.count("booking.completed").await),
        ("completed", 1)
    );
    assert_eq!(
        (session.count("booking.ended").await, session.count("booking.started").await),
        (1, 1)
    );

    let there = session.part("attendance").await;
    assert!((1_190..=1_210).contains(&there["seconds"].as_u64().unwrap()), "{there}");
    let person = |role: &str| {
        let people = there["people"].as_array().unwrap();
        people.iter().find(|it| it["role"] == role).cloned().unwrap()
    };
    assert_eq!(
        (person("guest")["name"].as_str(), person("host")["email"].as_str()),
        (Some("Ana Sousa"), Some("host@practice.example"))
    );
    assert!(person("guest")["person"].as_str().unwrap().starts_with("gst_"));
    assert!((1_190..=1_210).contains(&person("guest")["seconds"].as_u64().unwrap()), "{there}");
    assert!(person("guest")["last_leave"].is_string());
    let told = session.count("attendance.updated").await;
    assert!((2..=5).contains(&told), "told {told} times");
    practice.close().await;
}

async fn rejoins(url: String) {
    let practice = Practice::open(&url).await;
    let session = practice.book(10 * MINUTE, json!({})).await;
    practice.pass(10 * MINUTE).await;
    for round in 1..=2 {
        session.open().await;
        session.come("Ana Sousa").await;
        practice.told("meeting.participant_joined", 2 * round).await;
        practice.pass(10 * MINUTE).await;
        session.end().await;
        practice.told("meeting.ended", round).await;
        practice.told("meeting.participant_left", 2 * round).await;
        practice.pass(5 * MINUTE).await;
    }
    let there = session.part("attendance").await;
    let people = there["people"].as_array().unwrap();
    assert_eq!(people.len(), 2, "{there}");
    assert!(people.iter().all(|it| it["intervals"].as_array().unwrap().len() == 2), "{there}");
    assert!((1_180..=1_220).contains(&there["seconds"].as_u64().unwrap()), "{there}");
    assert_eq!(session.count("booking.started").await, 1);
    practice.close().await;
}

async fn lost_end(url: String) {
    let practice = Practice::open(&url).await;
    let session = practice.book(10 * MINUTE, json!({})).await;
    practice.pass(10 * MINUTE).await;
    session.open().await;
    practice.told("meeting.participant_joined", 1).await;
    practice.work().await;
    // Nothing more is heard from here on.
    let deaf = json!({"vendor": "zoom", "account": "acc-1", "event_url": "http://127.0.0.1:9/"});
    practice.control("/accounts", deaf).await;
    practice.pass(180 * MINUTE).await;
    assert_eq!(session.status().await, "in_progress", "there are people inside");
    let reads = reads(&practice).await;
    session.end().await;
    practice.pass(30 * MINUTE).await;
    assert_eq!(session.status().await, "completed", "it was looked for");
    assert!(reads <= 12, "{reads} looks in three hours");
    practice.close().await;
}

/// How often Zoom was asked how a meeting is.
async fn reads(practice: &Practice) -> usize {
    let calls = practice.sandbox("/calls").await;
    let is_read = |call: &&Value| {
        call["method"] == "GET" && call["path"].as_str().unwrap().starts_with("/zoom/v2/meetings/")
    };
    calls.as_array().unwrap().iter().filter(is_read).count()
}

async fn killed(url: String) {
    let practice = Practice::open(&url).await;
    let session = practice.book(10 * MINUTE, json!({})).await;
    practice.pass(10 * MINUTE).await;
    session.open().await;
    session.come("Ana Sousa").await;
    practice.told("meeting.participant_joined", 2).await;
    practice.told("meeting.started", 1).await;
    // The process that took them is gone before it has seen to any; two others come.
    let (one, other) = (practice.another_engine().await, practice.another_engine().await);
    let (first, second) = tokio::join!(one.run_until_idle(), other.run_until_idle());
    first.unwrap();
    second.unwrap();
    assert_eq!(
        (session.status().await.as_str(), session.count("booking.started").await),
        ("in_progress", 1)
    );
    let there = session.part("attendance").await;
    assert_eq!(there["people"].as_array().unwrap().len(), 2, "{there}");
    practice.close().await;
}
