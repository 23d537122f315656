//! Each fault does what it says, and nothing else.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{HOST, Harness};

const CREATE: &str = "POST /zoom/v2/users/*/meetings";

fn body() -> Value {
    json!({"topic": "Algebra", "type": 2, "start_time": "2027-12-01T15:00:00Z"})
}

/// A create whose connection is expected to be cut.
async fn cut(harness: &Harness) -> bool {
    harness
        .request(Method::POST, &format!("/users/{HOST}/meetings"), Some(&body()))
        .send()
        .await
        .is_err()
}

async fn last_call(harness: &Harness) -> Value {
    harness.calls().await.pop().unwrap()
}

#[tokio::test]
async fn a_server_error_has_no_effect_and_wears_off() {
    let harness = Harness::start().await;
    harness.fault(json!({"match": CREATE, "fault": "500", "times": 1})).await;
    let said = harness.create(body()).await;
    assert_eq!(said.status, 500);
    assert!(harness.existing().await.is_empty());
    let call = last_call(&harness).await;
    assert_eq!((&call["fault"], &call["status"]), (&json!("500"), &json!(500)));
    assert_eq!(harness.create(body()).await.status, 201);
}

#[tokio::test]
async fn a_fault_strikes_what_it_matches_and_no_more() {
    let harness = Harness::start().await;
    harness.fault(json!({"match": "PATCH *", "fault": "500"})).await;
    let made = harness.meeting(json!({})).await;
    assert_eq!(harness.patch(&made["id"], json!({"topic": "x"})).await.status, 500);
    assert_eq!(harness.read(&made["id"]).await["topic"], made["topic"]);
    harness.control(Method::DELETE, "/faults", None).await;
    assert_eq!(harness.patch(&made["id"], json!({"topic": "x"})).await.status, 204);
}

#[tokio::test]
async fn the_first_fault_that_draws_wins() {
    let harness = Harness::start().await;
    harness.fault(json!({"match": "*", "fault": "500", "ratio": 0.0})).await;
    harness.fault(json!({"match": "*", "fault": "outage", "times": 1})).await;
    harness.fault(json!({"match": "*", "fault": "500"})).await;
    assert_eq!(harness.get("/users/me").await.status, 503);
    assert_eq!(harness.get("/users/me").await.status, 500);
}

#[tokio::test]
async fn throttling_has_zooms_four_forms() {
    let harness = Harness::start().await;
    for (form, words, header) in [
        (json!("qps"), "per-second rate limit", Some("x-ratelimit-reset")),
        (json!("daily"), "maximum daily rate limit", Some("retry-after")),
        (json!("user_daily"), "daily rate limit (100)", None),
        (json!("concurrent"), "Too many concurrent requests", None),
        (json!(null), "per-second rate limit", Some("x-ratelimit-reset")),
    ] {
        harness.control(Method::DELETE, "/faults", None).await;
        harness.fault(json!({"match": CREATE, "fault": "429", "form": form})).await;
        let said = harness.create(body()).await;
        assert_eq!((said.status, &said.body["code"]), (429, &json!(429)), "{form}");
        assert!(said.body["message"].as_str().unwrap().contains(words), "{said:?}");
        match header {
            Some(header) => assert!(said.headers.contains_key(header), "{form}"),
            None => assert!(!said.headers.contains_key("retry-after"), "{form}"),
        }
    }
    harness.control(Method::DELETE, "/faults", None).await;
    harness.fault(json!({"match": CREATE, "fault": "429", "form": "daily"})).await;
    let said = harness.create(body()).await;
    let until = said.headers["retry-after"].to_str().unwrap();
    let until: jiff::Timestamp = until.parse().unwrap();
    assert_eq!(until.as_second() % 86_400, 0, "an instant, at midnight");
    assert_eq!(said.headers["x-ratelimit-remaining"], "0");
    assert!(harness.existing().await.is_empty());
}

#[tokio::test]
async fn the_quota_counts_creates_and_updates_per_host_and_day() {
    let mut harness = Harness::start().await;
    harness.meeting(json!({})).await;
    harness.fault(json!({"match": "*", "fault": "quota"})).await;
    let made = harness.meeting(json!({})).await;
    for round in 0..99 {
        let topic = json!({"topic": format!("Round {round}")});
        assert_eq!(harness.patch(&made["id"], topic).await.status, 204);
    }
    assert_eq!(harness.patch(&made["id"], json!({"topic": "x"})).await.status, 429);
    let said = harness.create(body()).await;
    assert!(said.body["message"].as_str().unwrap().contains("daily rate limit (100)"));
    let seat = "/users/seat1@practice.example/meetings";
    assert_eq!(harness.zoom(Method::POST, seat, Some(body())).await.status, 201);
    assert_eq!(harness.delete(&made["id"]).await.status, 204, "deletes are not counted");

    harness.advance("24h").await;
    harness.sign_in().await;
    assert_eq!(harness.create(body()).await.status, 201);
}

#[tokio::test]
async fn reset_before_has_no_effect() {
    let harness = Harness::start().await;
    harness.fault(json!({"match": CREATE, "fault": "reset_before", "times": 1})).await;
    assert!(cut(&harness).await);
    assert!(harness.existing().await.is_empty());
    let call = last_call(&harness).await;
    assert_eq!((&call["fault"], &call["status"]), (&json!("reset_before"), &Value::Null));
}

#[tokio::test]
async fn reset_after_has_its_effect() {
    let harness = Harness::start().await;
    harness.fault(json!({"match": CREATE, "fault": "reset_after", "times": 1})).await;
    assert!(cut(&harness).await);
    assert_eq!(harness.existing().await.len(), 1);
    assert_eq!(harness.listed().await.len(), 1);
}

#[tokio::test]
async fn fail_after_effect_has_its_effect() {
    let harness = Harness::start().await;
    harness.fault(json!({"match": "*", "fault": "fail_after_effect", "times": 1})).await;
    assert_eq!(harness.create(body()).await.status, 500);
    assert_eq!(harness.existing().await.len(), 1);
}

#[tokio::test]
async fn late_effect_happens_later() {
    let harness = Harness::start().await;
    harness
        .fault(json!({"match": CREATE, "fault": "late_effect", "delay": "10m", "times": 1}))
        .await;
    assert_eq!(harness.create(body()).await.status, 500);
    harness.advance("9m").await;
    assert!(harness.existing().await.is_empty());
    harness.advance("1m").await;
    assert_eq!(harness.existing().await.len(), 1);
}

#[tokio::test]
async fn a_late_update_overwrites_a_newer_one() {
    let harness = Harness::start().await;
    let made = harness.meeting(json!({})).await;
    harness
        .fault(json!({"match": "PATCH *", "fault": "late_effect", "delay": "10m", "times": 1}))
        .await;
    assert_eq!(harness.patch(&made["id"], json!({"topic": "First"})).await.status, 500);
    assert_eq!(harness.patch(&made["id"], json!({"topic": "Second"})).await.status, 204);
    harness.advance("10m").await;
    assert_eq!(harness.read(&made["id"]).await["topic"], "First");
}

#[tokio::test]
async fn list_lag_hides_from_lists_alone() {
    let harness = Harness::start().await;
    harness.fault(json!({"match": CREATE, "fault": "list_lag", "delay": "10m"})).await;
    let made = harness.meeting(json!({})).await;
    assert_eq!(harness.read(&made["id"]).await["id"], made["id"]);
    assert!(harness.listed().await.is_empty());
    assert_eq!(harness.existing().await[0]["visible_in_list"], false);
    harness.advance("10m").await;
    assert_eq!(harness.listed().await.len(), 1);
}

#[tokio::test]
async fn list_lag_on_the_list_hides_what_is_new() {
    let harness = Harness::start().await;
    harness.meeting(json!({})).await;
    harness
        .fault(
            json!({"match": "GET /zoom/v2/users/*/meetings", "fault": "list_lag", "delay": "10m"}),
        )
        .await;
    assert!(harness.listed().await.is_empty());
    harness.advance("10m").await;
    assert_eq!(harness.listed().await.len(), 1);
}

#[tokio::test]
async fn list_lag_goes_together_with_a_lost_answer() {
    let harness = Harness::start().await;
    harness.fault(json!({"match": CREATE, "fault": "reset_after", "times": 1})).await;
    harness.fault(json!({"match": CREATE, "fault": "list_lag", "delay": "10m", "times": 1})).await;
    assert!(cut(&harness).await);
    assert!(harness.listed().await.is_empty());
    assert_eq!(harness.existing().await.len(), 1);
}

/// A create that runs on its own while the test goes on.
fn running(harness: &Harness) -> impl Future<Output = reqwest::Result<reqwest::Response>> + use<> {
    harness.request(Method::POST, &format!("/users/{HOST}/meetings"), Some(&body())).send()
}

/// Returns when the sandbox has received that many calls; each look is a call over the network.
async fn until_calls(harness: &Harness, count: usize) {
    while harness.calls().await.len() < count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_slow_answer_is_late_and_its_effect_is_not() {
    let harness = Harness::start().await;
    let before = harness.calls().await.len();
    harness.fault(json!({"match": CREATE, "fault": "slow", "delay": "1h"})).await;
    let watch = async {
        until_calls(&harness, before + 1).await;
        assert_eq!(last_call(&harness).await["status"], Value::Null);
        assert_eq!(harness.existing().await.len(), 1);
        harness.advance("1h").await;
    };
    let (answer, ()) = tokio::join!(running(&harness), watch);
    assert_eq!(answer.unwrap().status(), 201);
    assert_eq!(last_call(&harness).await["status"], 201);
}

#[tokio::test]
async fn a_slow_answer_goes_when_faults_are_removed() {
    let harness = Harness::start().await;
    let before = harness.calls().await.len();
    harness.fault(json!({"match": CREATE, "fault": "slow", "delay": "1h"})).await;
    let watch = async {
        until_calls(&harness, before + 1).await;
        harness.control(Method::DELETE, "/faults", None).await;
    };
    let (answer, ()) = tokio::join!(running(&harness), watch);
    assert_eq!(answer.unwrap().status(), 201);
}

#[tokio::test]
async fn a_hanging_call_begins_when_it_is_let_go() {
    let harness = Harness::start().await;
    let before = harness.calls().await.len();
    harness.fault(json!({"match": CREATE, "fault": "hang"})).await;
    let watch = async {
        until_calls(&harness, before + 1).await;
        assert!(harness.existing().await.is_empty());
        harness.control(Method::DELETE, "/faults", None).await;
    };
    let (answer, ()) = tokio::join!(running(&harness), watch);
    assert_eq!(answer.unwrap().status(), 201);
    assert_eq!(harness.existing().await.len(), 1);
}

#[tokio::test]
async fn a_hanging_call_with_a_delay_goes_on_after_it() {
    let harness = Harness::start().await;
    let before = harness.calls().await.len();
    harness.fault(json!({"match": CREATE, "fault": "hang", "delay": "1h"})).await;
    let watch = async {
        until_calls(&harness, before + 1).await;
        harness.advance("1h").await;
    };
    let (answer, ()) = tokio::join!(running(&harness), watch);
    assert_eq!(answer.unwrap().status(), 201);
}

#[tokio::test]
async fn a_client_that_gives_up_on_a_hanging_call() {
    for (form, effects) in [("effect_first", 1), ("effect_last", 0)] {
        let harness = Harness::start().await;
        harness.fault(json!({"match": CREATE, "fault": "hang", "form": form})).await;
        let before = harness.calls().await.len();
        tokio::select! {
            answer = running(&harness) => panic!("{form}: {answer:?}"),
            () = until_calls(&harness, before + 1) => {}
        }
        assert_eq!(harness.existing().await.len(), effects, "{form}");
    }
}

#[tokio::test]
async fn refused_tokens_and_dead_grants() {
    let harness = Harness::start().await;
    harness.fault(json!({"match": "*", "fault": "401", "times": 1})).await;
    harness.fault(json!({"match": "*", "fault": "invalid_grant", "times": 1})).await;
    let token = harness.token_call("client-1", "secret-1", "acc-1").await;
    assert_eq!((token.status, &token.body["error"]), (400, &json!("invalid_grant")));
    let said = harness.get("/users/me").await;
    assert_eq!((said.status, &said.body["code"]), (401, &json!(124)));
    assert_eq!(harness.get("/users/me").await.status, 200);
    assert_eq!(harness.token_call("client-1", "secret-1", "acc-1").await.status, 200);
}

#[tokio::test]
async fn an_outage_is_no_json_or_no_connection() {
    let harness = Harness::start().await;
    harness.fault(json!({"match": "* /zoom/*", "fault": "outage", "times": 2})).await;
    let said = harness.create(body()).await;
    assert_eq!(said.status, 503);
    assert!(said.body.is_string(), "a gateway's page, not Zoom's JSON");
    assert_eq!(harness.token_call("client-1", "secret-1", "acc-1").await.status, 503);
    harness.fault(json!({"match": "* /zoom/*", "fault": "outage", "form": "refused"})).await;
    assert!(cut(&harness).await);
    assert!(harness.existing().await.is_empty());
}

#[tokio::test]
async fn controls_and_pages_are_never_struck() {
    let harness = Harness::start().await;
    harness.fault(json!({"match": "*", "fault": "outage"})).await;
    assert_eq!(harness.page(&harness.url("/zoom")).await.0, 200);
    assert_eq!(harness.page(&harness.url("/mail")).await.0, 200);
    harness.control(Method::GET, "/state", None).await;
}
