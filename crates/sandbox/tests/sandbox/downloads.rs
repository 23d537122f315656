//! Files of recordings, fetched by a program.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Harness, Said};

/// A recorded meeting with a guest in it, that has ended and is transcribed.
async fn transcribed(harness: &mut Harness, name: &str) -> Value {
    let meeting = harness.meeting(json!({"settings": {"auto_recording": "cloud"}})).await;
    let link = |name: &str| meeting[name].as_str().unwrap().to_owned();
    harness.form(&link("start_url"), &[("action", "start")]).await;
    harness.form(&link("join_url"), &[("name", name)]).await;
    harness.form(&link("start_url"), &[("action", "end")]).await;
    harness.advance("5s").await;
    meeting
}

async fn listed(harness: &Harness, meeting: &Value, query: &str) -> Value {
    let said = harness.get(&format!("/meetings/{}/recordings{query}", meeting["id"])).await;
    assert_eq!(said.status, 200, "{said:?}");
    said.body
}

/// Where the transcript is fetched.
fn address(listed: &Value) -> String {
    let files = listed["recording_files"].as_array().unwrap();
    let found = files.iter().find(|it| it["file_type"] == "TRANSCRIPT").unwrap();
    found["download_url"].as_str().unwrap().to_owned()
}

/// Status, where it leads, and the body.
async fn fetch(harness: &Harness, url: &str, token: Option<&str>) -> (u16, String, Said) {
    let mut request = harness.http.get(url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let leads = headers.get("location").map(|it| it.to_str().unwrap().to_owned());
    let text = answer.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (status, leads.unwrap_or_default(), Said { status, headers, body })
}

const TOKEN: &str = "?include_fields=download_access_token&ttl=60";

#[tokio::test]
async fn a_transcript_is_fetched_with_the_token_of_its_list() {
    let mut harness = Harness::start().await;
    let meeting = transcribed(&mut harness, "Ana Sousa").await;
    let plain = listed(&harness, &meeting, "").await;
    assert_eq!(plain["download_access_token"], Value::Null);
    let with = listed(&harness, &meeting, TOKEN).await;
    let token = with["download_access_token"].as_str().unwrap();
    let url = address(&with);
    for nobody in [None, Some("guessed"), Some("")] {
        let (status, _, said) = fetch(&harness, &url, nobody).await;
        assert_eq!((status, &said.body["code"]), (401, &json!(124)), "{nobody:?}");
    }
    let (status, file, _) = fetch(&harness, &url, Some(token)).await;
    assert_eq!(status, 302);
    assert_eq!(fetch(&harness, &file, None).await.0, 401, "the hop takes the token too");
    let (status, _, said) = fetch(&harness, &file, Some(token)).await;
    assert_eq!((status, &said.headers["content-type"]), (200, &"text/vtt".parse().unwrap()));
    let text = said.body.as_str().unwrap();
    assert!(text.starts_with("WEBVTT\n\n1\n00:00:0"), "{text}");
    assert!(text.contains("\nAna Sousa: Good afternoon.\n"), "{text}");
    assert!(text.contains("\nhost@practice.example: Good afternoon.\n"), "{text}");
    let files = with["recording_files"].as_array().unwrap();
    let of_it = files.iter().find(|it| it["file_type"] == "TRANSCRIPT").unwrap();
    assert_eq!(of_it["file_size"], text.len());
    // An access token will do; the one of the list ends, and was never good for anything else.
    assert_eq!(fetch(&harness, &file, Some(&harness.token)).await.0, 200);
    let api = harness.url(&format!("/zoom/v2/meetings/{}", meeting["id"]));
    assert_eq!(fetch(&harness, &api, Some(token)).await.0, 401);
    harness.advance("61s").await;
    assert_eq!(fetch(&harness, &url, Some(token)).await.0, 401, "it has run out");
    let calls = harness.calls().await;
    assert!(!Value::from(calls).to_string().contains(token), "no token is written down");
}

#[tokio::test]
async fn a_token_is_good_for_one_recording() {
    let mut harness = Harness::start().await;
    let first = transcribed(&mut harness, "Ana").await;
    let second = transcribed(&mut harness, "Ben").await;
    let token = listed(&harness, &first, TOKEN).await["download_access_token"].clone();
    let url = address(&listed(&harness, &second, "").await);
    assert_eq!(fetch(&harness, &url, token.as_str()).await.0, 401);
    for query in [
        "?include_fields=download_access_token&ttl=604801",
        "?include_fields=download_access_token&ttl=soon",
    ] {
        let said = harness.get(&format!("/meetings/{}/recordings{query}", first["id"])).await;
        assert_eq!((said.status, &said.body["code"]), (400, &json!(300)), "{query}");
    }
    let longest =
        listed(&harness, &first, "?include_fields=download_access_token&ttl=604800").await;
    assert!(longest["download_access_token"].is_string());
    let missing = harness.url("/rooms/zoom/download/nothing");
    assert_eq!(fetch(&harness, &missing, Some(&harness.token)).await.0, 404);
}

#[tokio::test]
async fn what_an_app_may_not_and_what_goes_wrong() {
    let mut harness = Harness::start().await;
    let meeting = transcribed(&mut harness, "Ana").await;
    let with = listed(&harness, &meeting, TOKEN).await;
    let (token, url) = (with["download_access_token"].as_str().unwrap(), address(&with));
    let change = |order: Value| {
        let mut order = order;
        order["vendor"] = json!("zoom");
        order["account"] = json!("acc-1");
        order
    };
    for (fault, status) in [("500", 500), ("401", 401), ("429", 429)] {
        harness
            .fault(json!({"match": "GET /rooms/zoom/download/*", "fault": fault, "times": 1}))
            .await;
        assert_eq!(fetch(&harness, &url, Some(token)).await.0, status);
    }
    harness
        .control(Method::POST, "/accounts", Some(change(json!({"hides_recordings": true}))))
        .await;
    assert_eq!(fetch(&harness, &url, Some(token)).await.0, 403);
    let order = json!({"hides_recordings": false, "gives_download_tokens": false, "download_host": "https://files.storage.example"});
    harness.control(Method::POST, "/accounts", Some(change(order))).await;
    let (status, leads, _) = fetch(&harness, &url, Some(token)).await;
    assert!(status == 302 && leads.starts_with("https://files.storage.example/rooms/"), "{leads}");
    assert_eq!(listed(&harness, &meeting, TOKEN).await["download_access_token"], Value::Null);
    let order = json!({"scopes": ["meeting:read:meeting:admin"]});
    harness.control(Method::POST, "/accounts", Some(change(order))).await;
    harness.sign_in().await;
    let said = harness.get(&format!("/meetings/{}/recordings", meeting["id"])).await;
    assert_eq!((said.status, &said.body["code"]), (400, &json!(4711)));
    let order = json!({"scopes": ["recording:read:admin"]});
    harness.control(Method::POST, "/accounts", Some(change(order))).await;
    harness.sign_in().await;
    assert_eq!(
        listed(&harness, &meeting, "").await["id"],
        meeting["id"],
        "the older scope will do"
    );
}
