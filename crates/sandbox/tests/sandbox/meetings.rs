//! Meetings and Zoom's habits with them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{HOST, Harness};

fn code(body: &Value) -> i64 {
    body["code"].as_i64().unwrap()
}

#[tokio::test]
async fn a_created_meeting_is_answered_in_full() {
    let harness = Harness::start().await;
    let made = harness
        .meeting(json!({"agenda": "rk-1 marker", "settings": {"mute_upon_entry": true}}))
        .await;
    assert!(made["id"].as_i64().unwrap() > i64::from(u32::MAX));
    assert_eq!(made["status"], "waiting");
    assert_eq!(made["start_time"], "2027-12-01T15:00:00Z");
    assert_eq!(made["host_email"], HOST);
    assert_eq!(made["settings"]["mute_upon_entry"], true);
    assert_eq!(made["settings"]["approval_type"], 2, "defaults are echoed");
    assert!(!made["password"].as_str().unwrap().is_empty(), "a passcode is made up");
    assert!(made["join_url"].as_str().unwrap().contains("?pwd="));

    let mut read = harness.read(&made["id"]).await;
    assert_ne!(read["start_url"], made["start_url"], "start links are fresh each time");
    read["start_url"] = made["start_url"].clone();
    assert_eq!(read, made);
}

#[tokio::test]
async fn what_is_too_long_or_misspelt_is_refused() {
    let harness = Harness::start().await;
    let meeting = harness.meeting(json!({})).await;
    for (field, value) in [
        ("topic", json!("x".repeat(201))),
        ("agenda", json!("x".repeat(2_001))),
        ("password", json!("12345678901")),
        ("password", json!("with space")),
        ("password", json!("naïve")),
        ("start_time", json!("2027-12-01 15:00")),
        ("start_time", json!("")),
        ("duration", json!("60")),
        ("timezone", json!("Lisbon")),
        ("type", json!(4)),
    ] {
        for said in [
            harness.create(json!({field: value})).await,
            harness.patch(&meeting["id"], json!({field: value})).await,
        ] {
            assert_eq!((said.status, code(&said.body)), (400, 300), "{field}");
            assert_eq!(said.body["errors"][0]["field"], field);
        }
    }
    let said = harness.zoom(Method::POST, &format!("/users/{HOST}/meetings"), None).await;
    assert_eq!((said.status, code(&said.body)), (400, 300));
    let longest =
        json!({"topic": "é".repeat(200), "agenda": "é".repeat(2_000), "password": "1234567890"});
    assert_eq!(harness.create(longest).await.status, 201);
}

#[tokio::test]
async fn a_time_without_z_is_local() {
    let harness = Harness::start().await;
    let made = harness.meeting(json!({"start_time": "2027-07-01T15:00:00"})).await;
    assert_eq!(made["start_time"], "2027-07-01T14:00:00Z");
    // The zone of an instant is for display alone.
    let said = harness.patch(&made["id"], json!({"timezone": "America/New_York"})).await;
    assert_eq!(said.status, 204);
    assert_eq!(harness.read(&made["id"]).await["start_time"], "2027-07-01T14:00:00Z");
    harness.patch(&made["id"], json!({"start_time": "2027-07-02T15:00:00"})).await;
    assert_eq!(harness.read(&made["id"]).await["start_time"], "2027-07-02T19:00:00Z");
}

#[tokio::test]
async fn a_time_that_has_passed_is_ignored_without_a_word() {
    let harness = Harness::start().await;
    let made = harness.meeting(json!({})).await;
    let change = json!({"start_time": "2020-01-01T00:00:00Z", "topic": "Geometry"});
    assert_eq!(harness.patch(&made["id"], change).await.status, 204);
    let read = harness.read(&made["id"]).await;
    assert_eq!(read["start_time"], made["start_time"]);
    assert_eq!(read["topic"], "Geometry");
}

#[tokio::test]
async fn without_a_time_it_is_an_instant_meeting_that_no_list_shows() {
    let harness = Harness::start().await;
    let made = harness.create(json!({"topic": "Now", "type": 2})).await.body;
    assert_eq!(made["type"], 1);
    assert!(harness.listed().await.is_empty());
    assert_eq!(harness.read(&made["id"]).await["topic"], "Now");
}

#[tokio::test]
async fn a_waiting_room_keeps_guests_from_starting() {
    let harness = Harness::start().await;
    let settings = json!({"waiting_room": true, "join_before_host": true});
    let made = harness.meeting(json!({"settings": settings})).await;
    assert_eq!(made["settings"]["join_before_host"], false);
    let open = harness.meeting(json!({"settings": {"join_before_host": true}})).await;
    assert_eq!(open["settings"]["join_before_host"], true);
}

#[tokio::test]
async fn one_protection_is_turned_on_if_none_is_left() {
    let harness = Harness::start().await;
    let bare = json!({"default_password": false,
                      "settings": {"waiting_room": false, "join_before_host": true}});
    let made = harness.meeting(bare).await;
    assert_eq!(made["password"], "");
    assert_eq!(made["settings"]["waiting_room"], true);
    assert_eq!(made["settings"]["join_before_host"], false);

    let guarded = json!({"default_password": false, "settings": {"meeting_authentication": true}});
    let made = harness.meeting(guarded).await;
    assert_eq!(made["settings"]["waiting_room"], false);
}

#[tokio::test]
async fn a_changed_passcode_changes_the_link() {
    let harness = Harness::start().await;
    let made = harness.meeting(json!({"password": "abc@123"})).await;
    assert_eq!(made["password"], "abc@123");
    harness.patch(&made["id"], json!({"topic": "Geometry"})).await;
    assert_eq!(harness.read(&made["id"]).await["join_url"], made["join_url"]);
    harness.patch(&made["id"], json!({"password": "xyz"})).await;
    let read = harness.read(&made["id"]).await;
    assert_eq!(read["password"], "xyz");
    assert_ne!(read["join_url"], made["join_url"]);
}

#[tokio::test]
async fn locked_settings_win_silently() {
    let harness = Harness::start().await;
    let order = json!({"vendor": "zoom", "account": "acc-1", "settings": {"waiting_room": true},
                       "locked": ["waiting_room"], "hides_passcodes": true});
    harness.control(Method::POST, "/accounts", Some(order)).await;
    let made = harness.meeting(json!({"settings": {"waiting_room": false}})).await;
    assert_eq!(made["settings"]["waiting_room"], true);
    assert!(made.get("password").is_none(), "this account keeps passcodes to itself");
    harness.patch(&made["id"], json!({"settings": {"waiting_room": false}})).await;
    assert_eq!(harness.read(&made["id"]).await["settings"]["waiting_room"], true);
    let settings = harness.get(&format!("/users/{HOST}/settings")).await.body;
    assert_eq!(settings["in_meeting"]["waiting_room"], true);
}

#[tokio::test]
async fn unlicensed_alternative_hosts_refuse_the_whole_call() {
    let harness = Harness::start().await;
    let hosts = json!({"alternative_hosts": "seat1@practice.example;basic@practice.example"});
    let said =
        harness.create(json!({"settings": hosts, "start_time": "2027-12-01T15:00:00Z"})).await;
    assert_eq!((said.status, code(&said.body)), (400, 300));
    assert!(harness.existing().await.is_empty());
    let hosts = json!({"alternative_hosts": "seat1@practice.example;seat2@practice.example"});
    harness.meeting(json!({"settings": hosts})).await;
}

#[tokio::test]
async fn users_who_may_not_host() {
    let harness = Harness::start().await;
    let order = json!({"vendor": "zoom", "account": "acc-1", "users": [{"email": HOST, "may_host": false}]});
    harness.control(Method::POST, "/accounts", Some(order)).await;
    let said = harness.create(json!({"topic": "x"})).await;
    assert_eq!((said.status, code(&said.body)), (400, 3161));
    let said =
        harness.zoom(Method::POST, "/users/nobody@x.example/meetings", Some(json!({}))).await;
    assert_eq!((said.status, code(&said.body)), (404, 1001));
}

#[tokio::test]
async fn deleted_meetings_are_gone_and_can_be_brought_back() {
    let harness = Harness::start().await;
    let made = harness.meeting(json!({})).await;
    let path = format!(
        "/meetings/{}?schedule_for_reminder=false&cancel_meeting_reminder=false",
        made["id"]
    );
    assert_eq!(harness.zoom(Method::DELETE, &path, None).await.status, 204);
    let again = harness.zoom(Method::DELETE, &path, None).await;
    assert_eq!((again.status, code(&again.body)), (404, 3001));
    assert_eq!(harness.patch(&made["id"], json!({"topic": "x"})).await.status, 404);
    assert!(harness.listed().await.is_empty());

    let status = format!("/meetings/{}/status", made["id"]);
    let recover = Some(json!({"action": "recover"}));
    assert_eq!(harness.zoom(Method::PUT, &status, recover.clone()).await.status, 204);
    assert_eq!(harness.read(&made["id"]).await["topic"], made["topic"]);

    harness.delete(&made["id"]).await;
    harness.advance("8d").await;
    let mut harness = harness;
    harness.sign_in().await;
    assert_eq!(harness.zoom(Method::PUT, &status, recover).await.status, 404);
}

#[tokio::test]
async fn a_running_meeting_is_not_deleted_until_it_is_ended() {
    let harness = Harness::start().await;
    let made = harness.meeting(json!({})).await;
    let control = format!("/meetings/{}", made["id"]);
    let state = harness.control(Method::POST, &control, Some(json!({"status": "started"}))).await;
    assert_eq!(state["status"], "started");
    let said = harness.delete(&made["id"]).await;
    assert_eq!((said.status, code(&said.body)), (400, 3002));

    let status = format!("/meetings/{}/status", made["id"]);
    let said = harness.zoom(Method::PUT, &status, Some(json!({"action": "explode"}))).await;
    assert_eq!((said.status, code(&said.body)), (400, 300));
    let said = harness.zoom(Method::PUT, &status, Some(json!({"action": "end"}))).await;
    assert_eq!(said.status, 204);
    assert_eq!(harness.delete(&made["id"]).await.status, 204);
}

#[tokio::test]
async fn numbers_expire_thirty_days_after_the_date() {
    let mut harness = Harness::start().await;
    let made = harness.create(json!({"type": 1})).await.body;
    harness.advance("29d").await;
    harness.sign_in().await;
    harness.read(&made["id"]).await;
    harness.advance("2d").await;
    harness.sign_in().await;
    let said = harness.get(&format!("/meetings/{}", made["id"])).await;
    assert_eq!((said.status, code(&said.body)), (404, 3001));
}

#[tokio::test]
async fn each_start_but_the_first_is_another_instance() {
    let harness = Harness::start().await;
    let made = harness.meeting(json!({})).await;
    let path = format!("/meetings/{}", made["id"]);
    let mut seen = Vec::new();
    for _ in 0..2 {
        let state = harness.control(Method::POST, &path, Some(json!({"status": "started"}))).await;
        seen.push(state["uuid"].clone());
        harness.control(Method::POST, &path, Some(json!({"status": "waiting"}))).await;
    }
    assert_eq!(seen[0], made["uuid"]);
    assert_ne!(seen[1], made["uuid"]);
}

#[tokio::test]
async fn a_list_is_lean() {
    let harness = Harness::start().await;
    let order = json!({"vendor": "zoom", "account": "acc-1", "tracking_fields": ["room"]});
    harness.control(Method::POST, "/accounts", Some(order)).await;
    harness
        .meeting(json!({"agenda": "m".repeat(400), "tracking_fields": [{"field": "room", "value": "1"}]}))
        .await;
    let list = harness.get(&format!("/users/{HOST}/meetings")).await.body;
    let item = &list["meetings"][0];
    assert_eq!(item["agenda"].as_str().unwrap().len(), 250);
    for absent in ["password", "tracking_fields", "settings", "start_url"] {
        assert!(item.get(absent).is_none(), "{absent}");
    }
    let unknown = json!({"tracking_fields": [{"field": "colour", "value": "red"}]});
    assert_eq!(harness.create(unknown).await.status, 400);
}

#[tokio::test]
async fn a_list_is_paged() {
    let mut harness = Harness::start().await;
    let mut made = Vec::new();
    for day in 1..=5 {
        let start = format!("2027-12-0{day}T15:00:00Z");
        made.push(harness.meeting(json!({"start_time": start})).await["id"].as_i64().unwrap());
    }
    let path = format!("/users/{HOST}/meetings?page_size=2");
    let mut seen = Vec::new();
    let mut token = String::new();
    let mut tokens = Vec::new();
    loop {
        let said = harness.get(&format!("{path}&next_page_token={token}")).await;
        assert_eq!(said.body["total_records"], 5);
        let page = said.body["meetings"].as_array().unwrap();
        seen.extend(page.iter().map(|meeting| meeting["id"].as_i64().unwrap()));
        token = said.body["next_page_token"].as_str().unwrap().to_owned();
        if token.is_empty() {
            break;
        }
        tokens.push(token.clone());
    }
    assert_eq!((seen, tokens.len()), (made, 2));

    harness.advance("16m").await;
    harness.sign_in().await;
    let late = harness.get(&format!("{path}&next_page_token={}", tokens[0])).await;
    assert_eq!((late.status, code(&late.body)), (400, 300));
}

#[tokio::test]
async fn a_list_can_be_narrowed() {
    let harness = Harness::start().await;
    // Midnight in Lisbon in summer is still the day before in UTC.
    let first = harness.meeting(json!({"start_time": "2027-06-30T23:30:00Z"})).await["id"].clone();
    let second = harness.meeting(json!({"start_time": "2027-07-02T10:00:00Z"})).await["id"].clone();
    let listed = async |query: &str| {
        let said = harness.get(&format!("/users/{HOST}/meetings?{query}")).await;
        assert_eq!(said.status, 200, "{said:?}");
        let meetings = said.body["meetings"].as_array().unwrap();
        meetings.iter().map(|meeting| meeting["id"].clone()).collect::<Value>()
    };
    assert_eq!(listed("from=2027-06-30&to=2027-06-30").await, json!([first]));
    assert_eq!(listed("from=2027-07-01&to=2027-07-01").await, json!([]));
    assert_eq!(
        listed("from=2027-07-01&to=2027-07-01&timezone=Europe%2FLisbon").await,
        json!([first])
    );
    assert_eq!(listed("from=2027-07-01").await, json!([second]));
    assert_eq!(listed("type=live").await, json!([]));
    harness
        .control(Method::POST, &format!("/meetings/{second}"), Some(json!({"status": "started"})))
        .await;
    assert_eq!(listed("type=live").await, json!([second]));
    for wrong in ["type=all", "from=yesterday", "timezone=Mars"] {
        let said = harness.get(&format!("/users/{HOST}/meetings?{wrong}")).await;
        assert_eq!((said.status, code(&said.body)), (400, 300), "{wrong}");
    }
}

#[tokio::test]
async fn previous_and_upcoming() {
    let mut harness = Harness::start().await;
    let now = harness.control(Method::GET, "/clock", None).await;
    let now: jiff::Timestamp = now["now"].as_str().unwrap().parse().unwrap();
    let soon = now.checked_add(jiff::SignedDuration::from_hours(1)).unwrap();
    let start = soon.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    harness.meeting(json!({"start_time": start, "duration": 30})).await;
    let count = async |harness: &Harness, kind: &str| {
        let said = harness.get(&format!("/users/{HOST}/meetings?type={kind}")).await;
        said.body["total_records"].as_i64().unwrap()
    };
    assert_eq!(
        (count(&harness, "upcoming").await, count(&harness, "previous_meetings").await),
        (1, 0)
    );
    harness.advance("2h").await;
    harness.sign_in().await;
    assert_eq!(
        (count(&harness, "upcoming").await, count(&harness, "previous_meetings").await),
        (0, 1)
    );
    assert_eq!(count(&harness, "scheduled").await, 1);
}

#[tokio::test]
async fn the_invitation_has_link_and_passcode() {
    let harness = Harness::start().await;
    let made = harness.meeting(json!({})).await;
    let said = harness.get(&format!("/meetings/{}/invitation", made["id"])).await;
    let text = said.body["invitation"].as_str().unwrap();
    assert!(text.contains(made["join_url"].as_str().unwrap()));
    assert!(text.contains(made["password"].as_str().unwrap()));
}

#[tokio::test]
async fn some_uuids_hold_a_slash() {
    let harness = Harness::start().await;
    harness.control(Method::POST, "/reset", Some(json!({"seed": 7}))).await;
    let mut harness = harness;
    harness.sign_in().await;
    let mut with_slash = 0;
    for _ in 0..20 {
        let made = harness.meeting(json!({})).await;
        with_slash += usize::from(made["uuid"].as_str().unwrap().contains('/'));
    }
    assert!(with_slash > 0);
}
