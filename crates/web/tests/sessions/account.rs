//! An account that removes the app.

use std::time::Duration;

use roomkey_core::Instant;
use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::practice::{Practice, Session};

both_databases! {
    a_removed_app_needs_a_person_and_is_forgotten = removed;
    a_removed_app_is_forgotten_though_its_connection_was_in_trouble = in_trouble;
    a_late_word_of_a_removal_leaves_what_was_connected_again = late;
    an_app_that_is_removed_twice_is_removed_twice = twice;
    a_connection_that_is_deleted_is_forgotten = deleted;
}

const MINUTE: Duration = Duration::from_secs(60);

async fn removed(url: String) {
    let practice = Practice::open(&url).await;
    let session = practice.book(10 * MINUTE, json!({"settings": {"recording": "cloud"}})).await;
    practice.pass(10 * MINUTE).await;
    session.open().await;
    session.come("Ana Sousa").await;
    practice.told("meeting.participant_joined", 2).await;
    practice.pass(MINUTE).await;
    session.end().await;
    practice.told("meeting.ended", 1).await;
    practice.pass(MINUTE).await;
    practice.told("recording.completed", 1).await;
    practice.work().await;
    let before = session.part("attendance").await;
    assert!(before.to_string().contains("Ana Sousa"), "{before}");
    assert!(session.part("recordings").await["data"][0]["share_url"].is_string());

    let order = json!({"vendor": "zoom", "account": "acc-1", "deauthorise": true});
    practice.control("/accounts", order).await;
    practice.told("app_deauthorized", 1).await;
    practice.work().await;
    let connection = practice.get(&format!("/v1/connections/{}", practice.connection)).await;
    assert_eq!(
        (&connection["status"], &connection["reason"]["code"]),
        (&json!("needs_reconnect"), &json!("zoom_deauthorised"))
    );
    assert_eq!(connection["reason"]["action"], "Reconnect");
    assert!(connection["last_event_at"].is_string());
    let after = session.part("attendance").await;
    assert!(!after.to_string().contains("Ana"), "{after}");
    assert!(!after.to_string().contains("practice.example"), "{after}");
    assert_eq!(after["seconds"], before["seconds"], "that it was stays");
    let recordings = session.part("recordings").await;
    let files = recordings["data"].as_array().unwrap();
    assert!(
        !files.is_empty()
            && files
                .iter()
                .all(|it| it["share_url"] == Value::Null && it["passcode"] == Value::Null)
    );
    let feed = practice.get("/v1/events?limit=200").await;
    let told = feed["data"].as_array().unwrap().iter();
    assert_eq!(told.filter(|it| it["type"] == "connection.needs_reconnect").count(), 1);
    practice.close().await;
}

/// A session to which somebody came.
async fn met(practice: &Practice) -> Session<'_> {
    let session = practice.book(10 * MINUTE, json!({})).await;
    practice.pass(10 * MINUTE).await;
    session.open().await;
    session.come("Ana Sousa").await;
    practice.told("meeting.participant_joined", 2).await;
    practice.pass(MINUTE).await;
    assert!(session.part("attendance").await.to_string().contains("Ana Sousa"));
    session
}

/// As Zoom writes it: its times are inside, and nowhere else.
async fn removal(practice: &Practice, at: Instant) {
    let payload = json!({
        "account_id": "acc-1", "user_id": "u-1", "signature": "", "client_id": "client-1",
        "deauthorization_time": at.floor_second().to_string(), "event_ts": at.to_string(),
    });
    practice.tell_raw(&json!({"event": "app_deauthorized", "payload": payload}).to_string()).await;
    practice.work().await;
}

async fn status(practice: &Practice) -> Value {
    let connection = practice.get(&format!("/v1/connections/{}", practice.connection)).await;
    json!([connection["status"], connection["reason"]["code"]])
}

async fn reconnect(practice: &Practice) {
    let path = format!("/v1/connections/{}", practice.connection);
    practice.patch(&path, json!({"client_secret": "secret-1"})).await;
    assert_eq!(status(practice).await[0], "connected");
}

async fn in_trouble(url: String) {
    let practice = Practice::open(&url).await;
    let session = met(&practice).await;
    let off = json!({"vendor": "zoom", "account": "acc-1", "disabled": true});
    practice.control("/accounts", off).await;
    // A call that finds out.
    practice.post(&format!("/v1/bookings/{}/cancel", session.id), json!({})).await;
    practice.work().await;
    assert_eq!(status(&practice).await[0], "needs_reconnect");
    removal(&practice, practice.clock.now()).await;
    assert_eq!(status(&practice).await, json!(["needs_reconnect", "zoom_deauthorised"]));
    let after = session.part("attendance").await;
    assert!(!after.to_string().contains("Ana"), "{after}");
    practice.close().await;
}

async fn late(url: String) {
    let practice = Practice::open(&url).await;
    let session = met(&practice).await;
    let removed_at = practice.clock.now();
    practice.pass(20 * MINUTE).await;
    reconnect(&practice).await;
    removal(&practice, removed_at).await;
    assert_eq!(status(&practice).await[0], "connected", "it was connected again since");
    let after = session.part("attendance").await;
    assert!(!after.to_string().contains("Ana"), "what was known until then is forgotten: {after}");
    practice.close().await;
}

async fn twice(url: String) {
    let practice = Practice::open(&url).await;
    practice.pass(MINUTE).await;
    removal(&practice, practice.clock.now()).await;
    assert_eq!(status(&practice).await, json!(["needs_reconnect", "zoom_deauthorised"]));
    practice.pass(MINUTE).await;
    reconnect(&practice).await;
    practice.pass(MINUTE).await;
    removal(&practice, practice.clock.now()).await;
    assert_eq!(status(&practice).await, json!(["needs_reconnect", "zoom_deauthorised"]));
    practice.close().await;
}

async fn deleted(url: String) {
    let practice = Practice::open(&url).await;
    let session = met(&practice).await;
    practice.delete(&format!("/v1/connections/{}?force=true", practice.connection)).await;
    let after = session.part("attendance").await;
    assert!(!after.to_string().contains("Ana"), "{after}");
    assert_eq!(after["people"].as_array().unwrap().len(), 2, "that they were there stays");
    practice.close().await;
}
