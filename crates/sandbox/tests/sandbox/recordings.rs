//! Cloud recordings, as an app reads them and as people see them.

use reqwest::Method;
use serde_json::json;

use crate::harness::Harness;

#[tokio::test]
async fn a_recorded_meeting_has_recordings_once_they_are_processed() {
    let mut harness = Harness::start().await;
    harness.sign_in().await;
    let meeting = harness.meeting(json!({"settings": {"auto_recording": "cloud"}})).await;
    let path = format!("/meetings/{}/recordings", meeting["id"]);
    let none = harness.get(&path).await;
    assert_eq!((none.status, none.body["code"].as_i64()), (404, Some(3301)));
    let control = format!("/meetings/{}", meeting["id"]);
    for status in ["started", "waiting"] {
        harness.control(Method::POST, &control, Some(json!({ "status": status }))).await;
    }
    assert_eq!(harness.get(&path).await.status, 404, "it is being processed");
    harness.advance("2s").await;
    let ready = harness.get(&path).await.body;
    assert_eq!(ready["recording_files"].as_array().unwrap().len(), 2, "{ready}");
    harness.advance("2s").await;
    let transcribed = harness.get(&path).await.body;
    assert_eq!(transcribed["recording_files"][2]["file_type"], "TRANSCRIPT");
    let (status, page) = harness.page(transcribed["share_url"].as_str().unwrap()).await;
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("Algebra with Ana"));
}

#[tokio::test]
async fn a_meeting_that_nobody_records_has_none() {
    let mut harness = Harness::start().await;
    harness.sign_in().await;
    let meeting = harness.meeting(json!({})).await;
    let control = format!("/meetings/{}", meeting["id"]);
    for status in ["started", "waiting"] {
        harness.control(Method::POST, &control, Some(json!({ "status": status }))).await;
    }
    harness.advance("10s").await;
    let path = format!("/meetings/{}/recordings", meeting["id"]);
    assert_eq!(harness.get(&path).await.status, 404);
}
