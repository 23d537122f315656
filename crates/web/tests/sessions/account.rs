//! An account that removes the app.

use std::time::Duration;

use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::practice::Practice;

both_databases! {
    a_removed_app_needs_a_person_and_is_forgotten = removed;
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
