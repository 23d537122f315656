//! What can be read of meetings that have been held.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Harness;

fn link<'a>(meeting: &'a Value, name: &str) -> &'a str {
    meeting[name].as_str().unwrap()
}

/// Once and twice, as a path needs it.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn guest(harness: &Harness, meeting: &Value, name: &str) -> String {
    let (status, location, _) = harness.form(link(meeting, "join_url"), &[("name", name)]).await;
    assert_eq!(status, 303);
    location.split("me=").nth(1).unwrap().to_owned()
}

async fn host(harness: &Harness, meeting: &Value, action: &str) {
    assert_eq!(harness.form(link(meeting, "start_url"), &[("action", action)]).await.0, 303);
}

async fn leaves(harness: &Harness, meeting: &Value, me: &str) {
    harness.form(link(meeting, "join_url"), &[("action", "leave"), ("me", me)]).await;
}

#[tokio::test]
async fn who_was_there_and_how_long() {
    let mut harness = Harness::start().await;
    let meeting = harness.meeting(json!({"settings": {"waiting_room": true}})).await;
    let id = &meeting["id"];
    guest(&harness, &meeting, "Early").await;
    harness.advance("5m").await;
    host(&harness, &meeting, "start").await;
    harness.advance("2m").await;
    host(&harness, &meeting, "admit").await;
    let ana = guest(&harness, &meeting, "Ana").await;
    host(&harness, &meeting, "admit").await;
    assert_eq!(harness.get(&format!("/past_meetings/{id}")).await.status, 404, "not over");
    harness.advance("30m").await;
    leaves(&harness, &meeting, &ana).await;
    harness.advance("1m").await;
    guest(&harness, &meeting, "Ana").await;
    host(&harness, &meeting, "admit").await;
    harness.advance("9m").await;
    host(&harness, &meeting, "end").await;
    harness.sign_in().await;

    let past = harness.get(&format!("/past_meetings/{id}")).await.body;
    assert_eq!(past["participants_count"], 3);
    // The clock goes on while the test runs, and begun minutes count.
    assert!((42..=43).contains(&past["duration"].as_i64().unwrap()), "{past}");
    assert!((121..=125).contains(&past["total_minutes"].as_i64().unwrap()), "{past}");
    assert_eq!(past["uuid"], meeting["uuid"]);

    let uuid = encoded(&encoded(link(&meeting, "uuid")));
    let all = harness.get(&format!("/past_meetings/{uuid}/participants")).await.body;
    let rows: Vec<(&str, i64, &str, bool)> = all["participants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["name"].as_str().unwrap(),
                row["duration"].as_i64().unwrap() / 60,
                row["status"].as_str().unwrap(),
                row["internal_user"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("host@practice.example", 42, "in_meeting", true),
            ("Early", 2, "in_waiting_room", false),
            ("Early", 40, "in_meeting", false),
            ("Ana", 0, "in_waiting_room", false),
            ("Ana", 30, "in_meeting", false),
            ("Ana", 0, "in_waiting_room", false),
            ("Ana", 9, "in_meeting", false),
        ]
    );
    let report = harness.get(&format!("/report/meetings/{uuid}/participants")).await;
    assert_eq!(report.headers["x-ratelimit-category"], "Heavy");
    assert_eq!(report.body["participants"].as_array().unwrap().len(), rows.len());

    let first = format!("/past_meetings/{id}/participants?page_size=4");
    let page = harness.get(&first).await.body;
    assert_eq!((&page["page_count"], &page["total_records"]), (&json!(2), &json!(7)));
    let token = page["next_page_token"].as_str().unwrap();
    let rest = harness.get(&format!("{first}&next_page_token={token}")).await.body;
    assert_eq!(rest["participants"].as_array().unwrap().len(), 3);
    assert_eq!(rest["next_page_token"], "");
    harness.advance("16m").await;
    assert_eq!(harness.get(&format!("{first}&next_page_token={token}")).await.status, 400);
}

#[tokio::test]
async fn a_number_is_the_latest_instance_and_each_has_an_id() {
    let mut harness = Harness::start().await;
    let meeting = harness.meeting(json!({"settings": {"join_before_host": true}})).await;
    let id = &meeting["id"];
    let instances = format!("/past_meetings/{id}/instances");
    assert_eq!(harness.get(&instances).await.status, 404, "not held yet");
    for name in ["Ana", "Ben"] {
        let me = guest(&harness, &meeting, name).await;
        harness.advance("3m").await;
        leaves(&harness, &meeting, &me).await;
    }
    let held = harness.get(&instances).await.body["meetings"].clone();
    let uuids: Vec<&str> = held.as_array().unwrap().iter().map(|it| link(it, "uuid")).collect();
    assert_eq!(uuids.len(), 2);
    assert_ne!(uuids[0], uuids[1]);
    assert_eq!(harness.get(&format!("/past_meetings/{id}")).await.body["uuid"], uuids[1]);
    let first = harness.get(&format!("/past_meetings/{}", encoded(&encoded(uuids[0])))).await;
    assert_eq!(first.body["uuid"], uuids[0]);

    // One guest alone: nobody to list, and no report.
    let alone = harness.get(&format!("/past_meetings/{id}/participants")).await.body;
    assert_eq!(alone["participants"], json!([]));
    let report = harness.get(&format!("/report/meetings/{id}/participants")).await;
    assert_eq!((report.status, &report.body["code"]), (404, &json!(3001)));

    // They stay readable when the meeting itself is deleted, for a year.
    harness.zoom(Method::DELETE, &format!("/meetings/{id}"), None).await;
    assert_eq!(harness.get(&format!("/past_meetings/{id}")).await.status, 200);
    harness.advance("366d").await;
    harness.sign_in().await;
    let old = harness.get(&format!("/past_meetings/{id}")).await;
    assert_eq!((old.status, &old.body["code"]), (400, &json!(12702)));
    assert_eq!(harness.get(&instances).await.status, 200, "for fifteen months");

    let order = json!({"vendor": "zoom", "account": "acc-1", "plan": "free"});
    harness.control(Method::POST, "/accounts", Some(order)).await;
    let free = harness.get(&format!("/past_meetings/{id}")).await;
    assert_eq!((free.status, &free.body["code"]), (400, &json!(200)));
    assert_eq!(free.headers["x-ratelimit-limit"], "4");
}
