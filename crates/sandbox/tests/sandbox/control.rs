//! The controls themselves.

use reqwest::Method;
use serde_json::json;

use crate::harness::Harness;

#[tokio::test]
async fn calls_are_written_down_without_secrets() {
    let harness = Harness::start().await;
    let made = harness.meeting(json!({"topic": "Algebra"})).await;
    harness.get("/users/me/meetings?type=scheduled").await;
    let calls = harness.calls().await;
    assert_eq!(calls.len(), 3);
    let (token, create, list) = (&calls[0], &calls[1], &calls[2]);

    assert_eq!((&token["vendor"], &token["method"]), (&json!("zoom"), &json!("POST")));
    assert_eq!(token["authorization"], "Basic client-1");
    assert_eq!(token["request_body"], "grant_type=account_credentials&account_id=acc-1");
    assert_eq!(token["response_body"]["access_token"], "redacted");

    assert_eq!(create["authorization"], "Bearer acc-1");
    assert_eq!(create["request_body"]["topic"], "Algebra");
    assert_eq!(create["response_body"]["id"], made["id"]);
    assert_eq!(create["status"], 201);
    assert_eq!(list["path"], "/zoom/v2/users/me/meetings?type=scheduled");

    let everything = json!(calls).to_string();
    assert!(!everything.contains(&harness.token));
    assert!(!everything.contains("secret-1"));
    let start_url = made["start_url"].as_str().unwrap();
    assert!(!everything.contains(start_url.split("zak=").nth(1).unwrap()));

    let later = harness.control(Method::GET, "/calls?since=2", None).await;
    assert_eq!(later.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_state_leaves_out_what_is_deleted_unless_asked() {
    let harness = Harness::start().await;
    let made = harness.meeting(json!({"agenda": "rk-marker"})).await;
    let state = harness.control(Method::GET, "/state", None).await;
    let account = &state["zoom"]["accounts"][0];
    assert_eq!(account["account"], "acc-1");
    assert_eq!(account["users"].as_array().unwrap().len(), 7);
    let meeting = &account["meetings"][0];
    for (name, value) in [
        ("id", made["id"].clone()),
        ("agenda", json!("rk-marker")),
        ("host_email", json!("host@practice.example")),
        ("status", json!("waiting")),
        ("deleted", json!(false)),
        ("visible_in_list", json!(true)),
        ("participants", json!([])),
    ] {
        assert_eq!(meeting[name], value, "{name}");
    }
    harness.delete(&made["id"]).await;
    assert!(harness.existing().await.is_empty());
    let state = harness.control(Method::GET, "/state?deleted=1", None).await;
    assert_eq!(state["zoom"]["accounts"][0]["meetings"][0]["deleted"], true);
    assert_eq!(
        state["counts"]["zoom"],
        json!({"meetings": 0, "started": 0, "deleted": 1, "made": 1})
    );
}

#[tokio::test]
async fn people_change_things_by_hand() {
    let harness = Harness::start().await;
    let made = harness.meeting(json!({})).await;
    let path = format!("/meetings/{}", made["id"]);
    let patch = json!({"patch": {"topic": "Moved by hand", "start_time": "2027-12-02T15:00:00Z"}});
    harness.control(Method::POST, &path, Some(patch)).await;
    let read = harness.read(&made["id"]).await;
    assert_eq!(read["topic"], "Moved by hand");
    assert_eq!(read["start_time"], "2027-12-02T15:00:00Z");
    harness.control(Method::POST, &path, Some(json!({"delete": true}))).await;
    assert_eq!(harness.get(&path).await.status, 404);
    let nobody =
        harness.control_raw(Method::POST, "/meetings/1", Some(json!({"delete": true}))).await;
    assert_eq!(nobody.status, 404);
}

#[tokio::test]
async fn reset_is_as_at_the_start() {
    let mut harness = Harness::start().await;
    harness.meeting(json!({})).await;
    harness.fault(json!({"match": "*", "fault": "500"})).await;
    harness.advance("1h").await;
    harness.control(Method::POST, "/reset", None).await;
    assert!(harness.existing().await.is_empty());
    assert!(harness.calls().await.is_empty());
    assert_eq!(harness.control(Method::GET, "/clock", None).await["ahead_ms"], 0);
    assert_eq!(harness.control(Method::GET, "/faults", None).await, json!([]));
    assert_eq!(harness.get("/users/me").await.status, 401, "tokens are forgotten too");
    harness.sign_in().await;
    harness.meeting(json!({})).await;
}

#[tokio::test]
async fn a_seed_repeats_the_same_world() {
    let mut harness = Harness::start().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        harness.control(Method::POST, "/reset", Some(json!({"seed": 42}))).await;
        harness.sign_in().await;
        ids.push(harness.meeting(json!({})).await["id"].clone());
    }
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn orders_that_are_wrong_say_why() {
    let harness = Harness::start().await;
    for (path, body) in [
        ("/faults", json!({"match": "*", "fault": "explode"})),
        ("/faults", json!({"match": "*", "fault": "500", "count": 1})),
        ("/faults", json!({"match": "*", "fault": "slow", "delay": "soon"})),
        ("/clock", json!({"advance": "soon"})),
        ("/accounts", json!({"vendor": "teams", "account": "a"})),
        ("/accounts", json!({"account": "a"})),
        ("/webhooks", json!({"event": "meeting.started"})),
    ] {
        let said = harness.control_raw(Method::POST, path, Some(body.clone())).await;
        assert_eq!(said.status, 400, "{path} {body}");
        assert!(said.body["error"].is_string());
    }
    assert_eq!(harness.control_raw(Method::GET, "/nothing", None).await.status, 404);
}

#[tokio::test]
async fn faults_are_listed_and_switched_off_one_by_one() {
    let harness = Harness::start().await;
    let fault = harness.fault(json!({"match": "*", "fault": "500", "times": 3})).await;
    harness.get("/users/me").await;
    let listed = harness.control(Method::GET, "/faults", None).await;
    assert_eq!(
        listed,
        json!([{"id": fault["id"], "match": "*", "fault": "500", "times": 3, "struck": 1}])
    );
    harness.control(Method::DELETE, &format!("/faults/{}", fault["id"]), None).await;
    assert_eq!(harness.get("/users/me").await.status, 200);
}

#[tokio::test]
async fn the_front_page_has_a_switchboard() {
    let harness = Harness::start().await;
    let order = [("match", "*"), ("fault", "500"), ("times", "1"), ("ratio", "")];
    let (status, location, _) = harness.form(&harness.url("/faults"), &order).await;
    assert_eq!((status, location.as_str()), (303, "/"));
    let (_, page) = harness.page(&harness.url("/")).await;
    assert!(page.contains("500 for *, 1 times"), "{page}");
    let (status, _, page) = harness
        .form(&harness.url("/faults"), &[("match", "*"), ("fault", "500"), ("times", "often")])
        .await;
    assert_eq!(status, 400);
    assert!(page.contains("role=\"alert\""));
    harness.form(&harness.url("/faults/clear"), &[]).await;
    assert_eq!(harness.get("/users/me").await.status, 200);
}

#[tokio::test]
async fn pages_say_that_they_are_not_real() {
    let harness = Harness::start().await;
    harness.meeting(json!({"topic": "<b>Algebra</b>", "agenda": "rk-marker"})).await;
    let (status, page) = harness.page(&harness.url("/zoom")).await;
    assert_eq!(status, 200);
    assert!(page.contains("not the real Zoom"));
    assert!(page.contains("rk-marker") && page.contains("15:00 (UTC)"));
    assert!(!page.contains("<b>Algebra"), "what others wrote is escaped");
    for path in ["/", "/calls", "/mail", "/sandbox.css"] {
        assert_eq!(harness.page(&harness.url(path)).await.0, 200, "{path}");
    }
    assert_eq!(harness.page(&harness.url("/mail/1")).await.0, 404);
}

#[tokio::test]
async fn it_stops() {
    let harness = Harness::start().await;
    let address = harness.sandbox.smtp_addr();
    let url = harness.url("/");
    harness.sandbox.stop().await;
    assert!(harness.http.get(url).send().await.is_err());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
