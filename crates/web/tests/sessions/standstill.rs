//! Why nothing is happening is said: by the booking, by the connection, and overall.

use std::time::Duration;

use reqwest::Method;
use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::practice::Practice;

both_databases! {
    a_connection_that_is_switched_off_says_so = switched_off;
    an_account_that_is_sent_away_says_until_when = sent_away;
    a_user_whose_day_is_used_up_says_so = used_up;
    plan_b_is_the_next_option_and_then_there_is_none = plan_b;
}

const TOMORROW: Duration = Duration::from_secs(26 * 60 * 60);

/// A session that is asked for, with or without a room.
async fn asked(practice: &Practice, ahead: Duration) -> String {
    let start = practice.clock.now().floor_second().plus(ahead);
    let made = practice.post(
        "/v1/bookings",
        json!({
            "service": "ext:algebra", "host": "ext:rui", "start": start.to_string(),
            "guests": [{"name": "Ana Sousa", "email": "ana@example.org"}],
        }),
    );
    made.await["id"].as_str().unwrap().to_owned()
}

async fn meeting(practice: &Practice, id: &str) -> Value {
    practice.get(&format!("/v1/bookings/{id}/meeting")).await
}

fn codes(reasons: &Value) -> Vec<&str> {
    reasons.as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect()
}

async fn switched_off(url: String) {
    let practice = Practice::open(&url).await;
    let connection = format!("/v1/connections/{}", practice.connection);
    practice.ask(Method::PATCH, &connection, json!({"disabled": true})).await;
    // Nobody waits for it: it is off, and that is all.
    let status = practice.get("/v1/status").await;
    assert_eq!((&status["status"], &status["reasons"]), (&json!("ok"), &json!([])));
    assert_eq!(status["connections"][0]["reason"]["code"], "connection_disabled");
    let id = asked(&practice, TOMORROW).await;
    practice.work().await;
    let waiting = meeting(&practice, &id).await;
    assert_eq!(waiting["status"], "pending");
    let reason = &waiting["reason"];
    assert_eq!(
        (&reason["code"], &reason["action"]),
        (&json!("connection_disabled"), &json!("Switch on"))
    );
    let address = format!("{}/operator/connections", practice.url());
    assert_eq!(reason["action_url"], json!(address));
    let status = practice.get("/v1/status").await;
    assert_eq!(status["status"], "attention");
    assert_eq!(codes(&status["reasons"]), ["connection_disabled"]);

    practice.ask(Method::PATCH, &connection, json!({"disabled": false})).await;
    practice.work().await;
    assert_eq!(meeting(&practice, &id).await["status"], "active");
    let status = practice.get("/v1/status").await;
    assert_eq!((&status["status"], &status["reasons"]), (&json!("ok"), &json!([])));
    for calls in [&status["calls"], &status["connections"][0]["calls"]] {
        assert!(calls["count"].as_u64() > Some(0), "{calls}");
        assert_eq!(calls["success_rate"], 1.0);
        let (p50, p95) = (&calls["latency_ms"]["p50"], &calls["latency_ms"]["p95"]);
        assert!(p50.is_f64() && p50.as_f64() <= p95.as_f64(), "{calls}");
    }
    practice.close().await;
}

async fn sent_away(url: String) {
    let practice = Practice::open(&url).await;
    let fault = json!({"match": "POST /zoom/v2/users/*/meetings", "fault": "429", "form": "daily"});
    practice.control("/faults", fault).await;
    // More than are called at once: the last are not called at all.
    let mut ids = Vec::new();
    for number in 0..20 {
        ids.push(asked(&practice, TOMORROW + Duration::from_secs(7_200 * number)).await);
    }
    practice.work().await;
    // And one that comes later.
    ids.push(asked(&practice, TOMORROW).await);
    practice.work().await;
    for id in &ids {
        let waiting = meeting(&practice, id).await;
        assert_eq!(waiting["status"], "creating", "{waiting}");
        assert!(waiting["reason"]["code"].is_string(), "{waiting}");
        assert!(waiting["next_attempt_at"].is_string(), "{waiting}");
    }
    let status = practice.get("/v1/status").await;
    assert_eq!(status["status"], "attention");
    assert!(!codes(&status["reasons"]).is_empty());
    let connection = &status["connections"][0];
    assert!(connection["paused_until"].is_string() && connection["reason"].is_object());
    assert_eq!(connection["calls"]["success_rate"], 0.0);
    practice.close().await;
}

async fn used_up(url: String) {
    let practice = Practice::open(&url).await;
    let fault =
        json!({"match": "POST /zoom/v2/users/*/meetings", "fault": "429", "form": "user_daily"});
    practice.control("/faults", fault).await;
    let first = asked(&practice, TOMORROW).await;
    practice.work().await;
    let second = asked(&practice, TOMORROW * 2).await;
    practice.work().await;
    for id in [first, second] {
        let waiting = meeting(&practice, &id).await;
        assert!(waiting["reason"]["code"].is_string(), "{waiting}");
        assert!(waiting["next_attempt_at"].is_string(), "{waiting}");
    }
    let status = practice.get("/v1/status").await;
    assert_eq!(status["status"], "attention");
    assert!(!codes(&status["reasons"]).is_empty());
    let connection = &status["connections"][0];
    assert_eq!(connection["parked"][0]["user"], "host@practice.example");
    assert!(connection["parked"][0]["until"].is_string());
    assert!(connection["reason"]["code"].is_string());
    practice.close().await;
}

async fn plan_b(url: String) {
    let practice = Practice::open(&url).await;
    let route = json!([
        {"use": "host", "provider": "zoom"},
        {"use": "link", "provider": "link", "url": "https://meet.example/ana"},
    ]);
    let session = practice.book(TOMORROW, json!({"route": route})).await;
    assert_eq!(session.get().await["meeting"]["provider"], "zoom");
    let path = format!("/v1/bookings/{}/meeting/plan-b", session.id);
    practice.post(&path, json!({})).await;
    practice.work().await;
    practice.pass(Duration::from_secs(60)).await;
    let shown = session.get().await;
    assert_eq!(
        (&shown["meeting"]["provider"], &shown["meeting"]["status"]),
        (&json!("link"), &json!("active"))
    );
    assert_eq!(shown["route"], route, "what was asked for is as it was");
    let state = practice.sandbox("/state").await;
    assert_eq!(
        state["zoom"]["accounts"][0]["meetings"].as_array().map_or(0, Vec::len),
        0,
        "{state}"
    );
    let (status, problem) = practice.ask(Method::POST, &path, json!({})).await;
    assert_eq!((status, &problem["code"]), (409, &json!("no_plan_b")));
    practice.close().await;
}
