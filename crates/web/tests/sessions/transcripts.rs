//! Texts of transcripts, from Zoom's word that there is one until it is here, or until it is clear
//! that it will not be.

use std::time::Duration;

use reqwest::Method;
use roomkey_core::route::Lane;
use roomkey_engine::Engine;
use roomkey_store::{Priority, StoreError, both_databases, lane};
use serde_json::{Value, json};

use crate::practice::{Practice, Session};

both_databases! {
    a_text_is_stored_and_told_of_once_whoever_is_killed = stored_once;
    a_late_answer_changes_nothing = late_answer;
    a_text_that_is_not_there_is_asked_for_later = later;
    a_missing_scope_is_said_and_costs_no_room = missing_scope;
    nothing_is_fetched_where_nothing_is_to_be_recorded = not_wanted;
    what_was_fetched_goes_with_the_app = deauthorised;
    a_text_that_was_forgotten_meanwhile_stays_forgotten = forgotten;
    an_account_that_is_off_or_paused_is_left_alone = left_alone;
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A lease is three times the limit of a request.
const LEASE: Duration = Duration::from_secs(31);

/// A recorded session that has just ended. Nothing is processed at Zoom yet.
async fn ended(practice: &Practice) -> Session<'_> {
    let session = practice.book(10 * MINUTE, json!({"settings": {"recording": "cloud"}})).await;
    practice.pass(10 * MINUTE).await;
    session.open().await;
    session.come("Ana Sousa").await;
    practice.told("meeting.participant_joined", 2).await;
    practice.pass(MINUTE).await;
    session.end().await;
    practice.told("meeting.ended", 1).await;
    practice.work().await;
    session
}

/// The same, and Zoom has told of the transcript.
async fn transcribed(practice: &Practice) -> Session<'_> {
    let session = ended(practice).await;
    practice.pass(MINUTE).await;
    practice.told("recording.transcript_completed", 1).await;
    practice.work().await;
    session
}

/// Zoom tells of the transcript now, whether it is there or not.
async fn tell_now(practice: &Practice, session: &Session<'_>, times: u32) {
    let meeting = session.meeting().await;
    let order = json!({
        "event": "recording.transcript_completed", "meeting": meeting["id"], "times": times,
    });
    practice.control("/webhooks", order).await;
    practice.work().await;
}

/// The transcript as the list of recordings has it.
async fn transcript(session: &Session<'_>) -> Value {
    let listed = session.part("recordings").await;
    let files = listed["data"].as_array().unwrap();
    let mut found = files.iter().filter(|it| it["kind"] == "transcript");
    let file = found.next().cloned().unwrap();
    assert!(found.next().is_none(), "{listed}");
    file
}

fn text_path(session: &Session<'_>, file: &Value) -> String {
    format!("/v1/bookings/{}/recordings/{}/transcript", session.id, file["id"].as_str().unwrap())
}

async fn text(session: &Session<'_>) -> (u16, String, String) {
    let path = text_path(session, &transcript(session).await);
    session.practice.answered(Method::GET, &path).await
}

fn state(file: &Value) -> (&str, &str) {
    let it = &file["transcript"];
    (it["state"].as_str().unwrap(), it["reason"]["code"].as_str().unwrap_or_default())
}

/// How often Zoom was asked for recordings or their files.
async fn asked(practice: &Practice) -> usize {
    let calls = practice.sandbox("/calls").await;
    let of_recordings = |it: &&Value| {
        let path = it["path"].as_str().unwrap();
        path.contains("/recordings") || path.contains("/download/")
    };
    calls.as_array().unwrap().iter().filter(of_recordings).count()
}

async fn stored_once(url: String) {
    let practice = Practice::open(&url).await;
    let session = transcribed(&practice).await;
    tell_now(&practice, &session, 2).await;
    assert_eq!(state(&transcript(&session).await), ("pending", ""));
    // One process dies before it has asked, and one before it has written down what it heard.
    let taken = practice.engine.take_transcripts().await.unwrap();
    assert_eq!(taken.len(), 1);
    drop(taken);
    let second = practice.another_engine().await;
    assert!(second.take_transcripts().await.unwrap().is_empty(), "it is taken");
    practice.clock.advance(LEASE);
    for fetch in second.take_transcripts().await.unwrap() {
        drop(second.fetch_transcript(fetch).await);
    }
    assert_eq!(session.count("transcript.ready").await, 0);
    practice.clock.advance(LEASE);
    let third = practice.another_engine().await;
    assert_eq!(third.fetch_transcripts().await.unwrap(), 1);
    assert_eq!(third.fetch_transcripts().await.unwrap(), 0);
    practice.clock.advance(DAY);
    assert_eq!(third.fetch_transcripts().await.unwrap(), 0);

    let file = transcript(&session).await;
    assert_eq!(state(&file), ("stored", ""));
    let (status, kind, said) = text(&session).await;
    assert_eq!((status, kind.as_str()), (200, "text/vtt; charset=utf-8"));
    assert!(said.starts_with("WEBVTT\n") && said.contains("Ana Sousa: Good afternoon."), "{said}");
    let events = session.part("events").await;
    let told: Vec<&Value> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["type"] == "transcript.ready")
        .collect();
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&told[0]["data"]["recording"], &told[0]["actor"]),
        (&file["id"], &json!("roomkey"))
    );
    assert!(!events.to_string().contains("Good afternoon"), "what was said is in no event");
    tell_now(&practice, &session, 1).await;
    assert_eq!(practice.fetch(HOUR).await, 0, "told again, it is known");
    assert_eq!(session.count("transcript.ready").await, 1);
    practice.close().await;
}

/// Takes and asks, and keeps what it heard for later.
async fn hold(engine: &Engine) -> roomkey_engine::Fetched {
    let mut taken = engine.take_transcripts().await.unwrap();
    engine.fetch_transcript(taken.pop().unwrap()).await
}

async fn late_answer(url: String) {
    let practice = Practice::open(&url).await;
    let session = transcribed(&practice).await;
    let second = practice.another_engine().await;
    // The first was held up for longer than its lease; what it heard is as good as the second's.
    let first_heard = hold(&practice.engine).await;
    practice.clock.advance(LEASE);
    let second_heard = hold(&second).await;
    practice.engine.keep_transcript(first_heard).await.unwrap();
    assert_eq!(state(&transcript(&session).await).0, "stored");
    second.keep_transcript(second_heard).await.unwrap();
    assert_eq!(session.count("transcript.ready").await, 1);
    assert_eq!(text(&session).await.0, 200);
    practice.close().await;
}

async fn later(url: String) {
    let practice = Practice::open(&url).await;
    let order = json!({"vendor": "zoom", "account": "acc-1", "processing": "10m"});
    practice.control("/accounts", order).await;
    let session = ended(&practice).await;
    // Zoom tells before anything is processed: 3301, then a list without the transcript.
    tell_now(&practice, &session, 1).await;
    assert!(practice.fetch(Duration::ZERO).await == 1);
    let file = transcript(&session).await;
    assert_eq!(state(&file), ("pending", "zoom_transcript_not_ready"));
    let (status, _, said) = text(&session).await;
    assert!(status == 404 && said.contains("\"transcript_pending\""), "{said}");
    assert_eq!(practice.fetch(Duration::ZERO).await, 0, "not at once again");
    let before = asked(&practice).await;
    practice.fetch(10 * MINUTE).await;
    let tries = asked(&practice).await - before;
    assert!((1..=8).contains(&tries), "ever more rarely: {tries}");
    practice.control("/clock", json!({"advance": "21m"})).await;
    practice.fetch(HOUR).await;
    assert_eq!(state(&transcript(&session).await), ("stored", ""));
    assert_eq!(session.count("transcript.ready").await, 1);
    let connection = practice.get(&format!("/v1/connections/{}", practice.connection)).await;
    assert_eq!(connection["status"], "connected");
    practice.close().await;
}

async fn missing_scope(url: String) {
    let practice = Practice::open(&url).await;
    let scopes =
        ["write:meeting", "read:meeting", "read:list_meetings", "update:meeting", "delete:meeting"]
            .map(|it| format!("meeting:{it}:admin"));
    let change = |scopes: Value| json!({"vendor": "zoom", "account": "acc-1", "scopes": scopes});
    practice.control("/accounts", change(json!(scopes))).await;
    let session = transcribed(&practice).await;
    practice.fetch(HOUR).await;
    let file = transcript(&session).await;
    assert_eq!(state(&file), ("pending", "zoom_transcript_scope"));
    let message = file["transcript"]["reason"]["message"].as_str().unwrap();
    assert!(message.contains("cloud_recording:read:list_recording_files:admin"), "{message}");
    let before = asked(&practice).await;
    practice.fetch(DAY).await;
    let tries = asked(&practice).await - before;
    assert!((2..=4).contains(&tries), "every six hours or so: {tries}");
    // The connection is as good as ever.
    let connection = practice.get(&format!("/v1/connections/{}", practice.connection)).await;
    assert_eq!((&connection["status"], &connection["reason"]), (&json!("connected"), &Value::Null));
    practice.book(2 * DAY, json!({})).await;
    // In a week nobody has added the scope.
    practice.fetch(7 * DAY).await;
    let file = transcript(&session).await;
    assert_eq!(state(&file), ("refused", "transcript_given_up"));
    let message = file["transcript"]["reason"]["message"].as_str().unwrap();
    assert!(message.contains("cloud_recording:read:list_recording_files:admin"), "{message}");
    let (status, _, said) = text(&session).await;
    assert!(status == 404 && said.contains("\"transcript_refused\""), "{said}");
    let before = asked(&practice).await;
    practice.fetch(2 * DAY).await;
    assert_eq!(asked(&practice).await, before, "it is not asked for any more");
    assert_eq!(session.count("transcript.ready").await, 0);
    practice.close().await;
}

async fn not_wanted(url: String) {
    let practice = Practice::open(&url).await;
    let session = practice.book(10 * MINUTE, json!({"settings": {"recording": "none"}})).await;
    let meeting = session.meeting().await;
    // Somebody has pressed the button all the same.
    let payload = json!({"account_id": "acc-1", "object": {
        "id": meeting["id"], "uuid": meeting["uuid"],
        "recording_files": [{"id": "file-1", "file_type": "TRANSCRIPT", "status": "completed"}],
    }});
    let order =
        json!({"event": "recording.transcript_completed", "account": "acc-1", "payload": payload});
    practice.control("/webhooks", order).await;
    practice.work().await;
    assert_eq!(practice.fetch(DAY).await, 0);
    assert_eq!(asked(&practice).await, 0);
    assert_eq!(state(&transcript(&session).await), ("not_fetched", "recording_not_wanted"));
    let (status, _, said) = text(&session).await;
    assert!(status == 404 && said.contains("\"transcript_not_fetched\""), "{said}");
    assert_eq!(session.count("transcript.ready").await, 0);
    practice.close().await;
}

async fn deauthorised(url: String) {
    let practice = Practice::open(&url).await;
    let session = transcribed(&practice).await;
    practice.fetch(Duration::ZERO).await;
    assert_eq!(text(&session).await.0, 200);
    let order = json!({"vendor": "zoom", "account": "acc-1", "deauthorise": true});
    practice.control("/accounts", order).await;
    practice.told("app_deauthorized", 1).await;
    practice.work().await;
    assert_eq!(state(&transcript(&session).await), ("forgotten", "zoom_deauthorised"));
    let (status, _, said) = text(&session).await;
    assert!(status == 404 && said.contains("\"transcript_forgotten\""), "{said}");
    practice.close().await;
}

async fn forgotten(url: String) {
    let practice = Practice::open(&url).await;
    let session = transcribed(&practice).await;
    let heard = hold(&practice.engine).await;
    let path = text_path(&session, &transcript(&session).await);
    for _ in 0..2 {
        assert_eq!(practice.answered(Method::DELETE, &path).await.0, 204);
    }
    practice.engine.keep_transcript(heard).await.unwrap();
    assert_eq!(state(&transcript(&session).await), ("forgotten", "transcript_deleted"));
    assert_eq!(practice.fetch(DAY).await, 0);
    let counts =
        [session.count("transcript.ready").await, session.count("transcript.forgotten").await];
    assert_eq!(counts, [0, 1]);
    practice.close().await;
}

async fn left_alone(url: String) {
    let practice = Practice::open(&url).await;
    let session = transcribed(&practice).await;
    let connection = format!("/v1/connections/{}", practice.connection);
    practice.patch(&connection, json!({"disabled": true})).await;
    practice.fetch(30 * MINUTE).await;
    assert_eq!(asked(&practice).await, 0);
    assert_eq!(state(&transcript(&session).await), ("pending", "connection_disabled"));
    practice.patch(&connection, json!({"disabled": false})).await;
    // Zoom has asked everybody to wait until tomorrow.
    let lane = Lane::Connection(practice.connection.parse().unwrap());
    let paused_until = practice.clock.now().plus(DAY);
    let paused: Result<(), StoreError> = practice
        .app
        .store()
        .write(Priority::Background, move |tx| {
            let state = lane::State { lane, paused_until, failures: 0, reason: None };
            Box::pin(async move { lane::set(tx, &state).await })
        })
        .await;
    paused.unwrap();
    practice.fetch(DAY - MINUTE).await;
    assert_eq!(asked(&practice).await, 0, "and nobody asks");
    practice.fetch(HOUR).await;
    assert_eq!(state(&transcript(&session).await), ("stored", ""));
    practice.close().await;
}
