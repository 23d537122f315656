//! The pages behind the links, as people click through them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Harness;

fn link<'a>(meeting: &'a Value, name: &str) -> &'a str {
    meeting[name].as_str().unwrap()
}

async fn start(harness: &Harness, meeting: &Value) -> u16 {
    harness.form(link(meeting, "start_url"), &[("action", "start")]).await.0
}

#[tokio::test]
async fn from_door_to_door() {
    let harness = Harness::start().await;
    let meeting = harness.meeting(json!({"settings": {"waiting_room": true}})).await;
    let (join_url, start_url) = (link(&meeting, "join_url"), link(&meeting, "start_url"));

    let (status, page) = harness.page(join_url).await;
    assert_eq!(status, 200);
    assert!(page.contains("data-door=\"guest\"") && page.contains("Join as guest"));
    assert!(page.contains("Algebra with Ana"));
    let (status, location, _) =
        harness.form(join_url, &[("action", "join"), ("name", "Ana")]).await;
    assert_eq!(status, 303);
    let mine = harness.url(&location);
    assert!(harness.page(&mine).await.1.contains("Waiting for the host"));

    let (_, page) = harness.page(start_url).await;
    assert!(page.contains("data-door=\"host\"") && page.contains("Start meeting"));
    assert_eq!(start(&harness, &meeting).await, 303);
    assert_eq!(harness.read(&meeting["id"]).await["status"], "started");
    assert!(harness.page(&mine).await.1.contains("Waiting room"));
    harness.form(start_url, &[("action", "admit")]).await;
    assert!(harness.page(&mine).await.1.contains("You are in the meeting"));

    let state = &harness.existing().await[0];
    let people: Vec<(&str, &str)> = state["participants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|person| (person["name"].as_str().unwrap(), person["place"].as_str().unwrap()))
        .collect();
    assert_eq!(people, [("Ana", "in_meeting"), ("host@practice.example", "in_meeting")]);

    harness.form(start_url, &[("action", "end")]).await;
    let state = &harness.existing().await[0];
    assert_eq!((&state["status"], &state["participants"]), (&json!("waiting"), &json!([])));
    assert!(harness.page(&mine).await.1.contains("You have left"));
}

#[tokio::test]
async fn the_last_one_out_ends_it() {
    let harness = Harness::start().await;
    let meeting = harness.meeting(json!({"settings": {"join_before_host": true}})).await;
    let join_url = link(&meeting, "join_url");
    let (_, location, _) = harness.form(join_url, &[("name", "Ana")]).await;
    assert_eq!(harness.existing().await[0]["status"], "started");
    let me = location.split("me=").nth(1).unwrap();
    harness.form(join_url, &[("action", "leave"), ("me", me)]).await;
    assert_eq!(harness.existing().await[0]["status"], "waiting");
}

#[tokio::test]
async fn the_passcode_is_asked_for_without_the_right_link() {
    let harness = Harness::start().await;
    let meeting = harness.meeting(json!({"password": "abc123"})).await;
    let bare = link(&meeting, "join_url").split('?').next().unwrap().to_owned();
    let (_, page) = harness.page(&bare).await;
    assert!(page.contains("Meeting passcode") && !page.contains("Join as guest"));
    assert!(!page.contains(link(&meeting, "join_url").split("pwd=").nth(1).unwrap()));
    assert_eq!(harness.form(&bare, &[("name", "Eve")]).await.0, 403);
    assert!(harness.page(&format!("{bare}?passcode=abc123")).await.1.contains("Join as guest"));

    harness.patch(&meeting["id"], json!({"password": "xyz789"})).await;
    let (_, page) = harness.page(link(&meeting, "join_url")).await;
    assert!(page.contains("no longer, right"), "an old link asks for the new passcode");
}

#[tokio::test]
async fn start_links_run_out_after_two_hours() {
    let mut harness = Harness::start().await;
    let meeting = harness.meeting(json!({})).await;
    harness.advance("119m").await;
    assert_eq!(harness.page(link(&meeting, "start_url")).await.0, 200);
    harness.advance("1m").await;
    let (status, page) = harness.page(link(&meeting, "start_url")).await;
    assert_eq!(status, 410);
    assert!(page.contains("expired"));
    assert_eq!(start(&harness, &meeting).await, 410);
    harness.sign_in().await;
    let fresh = harness.read(&meeting["id"]).await;
    assert_eq!(harness.page(link(&fresh, "start_url")).await.0, 200);
    let other = harness.meeting(json!({})).await;
    let zak = link(&other, "start_url").split("zak=").nth(1).unwrap();
    let borrowed = format!("{}?zak={zak}", link(&fresh, "start_url").split('?').next().unwrap());
    assert_eq!(harness.page(&borrowed).await.0, 403, "a start link is for one meeting");
}

#[tokio::test]
async fn a_host_runs_one_meeting_at_a_time() {
    let harness = Harness::start().await;
    let first = harness.meeting(json!({})).await;
    let second = harness.meeting(json!({"settings": {"join_before_host": true}})).await;
    assert_eq!(start(&harness, &first).await, 303);
    assert_eq!(start(&harness, &second).await, 409);
    let (status, _, page) = harness.form(link(&second, "join_url"), &[("name", "Ana")]).await;
    assert_eq!(status, 409);
    assert!(page.contains("another meeting in progress"));
    assert_eq!(harness.read(&second["id"]).await["status"], "waiting");

    let order = json!({"vendor": "zoom", "account": "acc-1", "concurrent": 2});
    harness.control(Method::POST, "/accounts", Some(order)).await;
    assert_eq!(start(&harness, &second).await, 303);
}

#[tokio::test]
async fn what_the_plan_allows_is_for_licensed_users() {
    let harness = Harness::start().await;
    let order = json!({"vendor": "zoom", "account": "acc-1", "plan": "business"});
    harness.control(Method::POST, "/accounts", Some(order)).await;
    for (user, most) in [("host@practice.example", 2), ("basic@practice.example", 1)] {
        for number in 1..=3 {
            let made = harness
                .zoom(Method::POST, &format!("/users/{user}/meetings"), Some(json!({})))
                .await;
            let started = start(&harness, &made.body).await;
            assert_eq!(started, if number > most { 409 } else { 303 }, "{user}: {number}");
        }
    }
}

#[tokio::test]
async fn a_deleted_meeting_has_no_room() {
    let harness = Harness::start().await;
    let meeting = harness.meeting(json!({})).await;
    harness.delete(&meeting["id"]).await;
    for door in ["join_url", "start_url"] {
        let (status, page) = harness.page(link(&meeting, door)).await;
        assert_eq!(status, 404);
        assert!(page.contains("Invalid meeting ID"));
    }
    assert_eq!(harness.page(&harness.url("/rooms/zoom/j/1")).await.0, 404);
    assert_eq!(harness.page(&harness.url("/rooms/elsewhere")).await.0, 404);
}
