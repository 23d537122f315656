//! The vendor's closed contract, where it is at hand: answers have to fit it, and what it lets pass, the
//! sandbox has to let pass.

use std::sync::OnceLock;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{HOST, Harness};

/// Zoom's part of the contracts, or nothing if they are not at hand.
fn contracts() -> Option<&'static Value> {
    static CONTRACTS: OnceLock<Option<Value>> = OnceLock::new();
    CONTRACTS
        .get_or_init(|| {
            let Ok(folder) = std::env::var("ROOMKEY_SPECS") else {
                println!("NOT CHECKED against the contract: ROOMKEY_SPECS is not set");
                return None;
            };
            let text = std::fs::read(std::path::Path::new(&folder).join("contracts.json")).unwrap();
            let mut all: Value = serde_json::from_slice(&text).unwrap();
            Some(all["zoom"].take())
        })
        .as_ref()
}

/// `GET /meetings/812` is `GET /meetings/{meetingId}` in the contract.
fn key(method: &str, path: &str) -> String {
    let path = path.split('?').next().unwrap();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let template = match parts.as_slice() {
        ["users", _, rest] => format!("/users/{{userId}}/{rest}"),
        ["meetings", _] => "/meetings/{meetingId}".to_owned(),
        ["meetings", _, rest] => format!("/meetings/{{meetingId}}/{rest}"),
        ["past_meetings", _] => "/past_meetings/{meetingId}".to_owned(),
        ["past_meetings", _, rest] => format!("/past_meetings/{{meetingId}}/{rest}"),
        ["report", "meetings", _, rest] => format!("/report/meetings/{{meetingId}}/{rest}"),
        _ => path.to_owned(),
    };
    format!("{method} {template}")
}

/// Panics if an answer is not one that the contract knows.
pub(crate) fn check_answer(method: &str, path: &str, status: u16, body: &Value) {
    let Some(call) = contracts().and_then(|all| all.get(key(method, path))) else {
        return;
    };
    let Some(schema) = call["responses"].get(status.to_string()) else {
        // Wrong tokens and outages are not part of the contract.
        assert!(matches!(status, 401 | 500 | 503), "{method} {path} answered {status}");
        return;
    };
    if schema.is_null() {
        if status < 300 {
            assert!(body.is_null(), "{method} {path} has a body: {body}");
        } else {
            assert!(body["code"].is_i64() && body["message"].is_string(), "{body}");
        }
        return;
    }
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{method} {path}: {errors:?}\n{body:#}");
}

/// Something that fits, made of the schema.
fn sample(name: &str, schema: &Value) -> Value {
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    match (name, schema["type"].as_str().unwrap()) {
        ("alternative_hosts", _) => json!("seat1@practice.example"),
        ("schedule_for", _) => json!(HOST),
        ("tracking_fields", _) => json!([]),
        ("start_time" | "end_date_time", _) => json!("2027-12-01T15:00:00Z"),
        ("timezone", _) => json!("Europe/Lisbon"),
        ("email", _) => json!("ana@example.org"),
        (_, "boolean") => json!(true),
        (_, "integer") => json!(1),
        (_, "string") => json!("word"),
        (_, "array") => json!([sample(name, &schema["items"])]),
        (_, "object") => {
            let mut object = json!({});
            for (name, schema) in schema["properties"].as_object().unwrap() {
                object[name] = sample(name, schema);
            }
            object
        }
        (name, other) => panic!("{name}: no sample of type {other}"),
    }
}

#[tokio::test]
async fn every_field_of_the_contract_is_accepted() {
    let Some(all) = contracts() else { return };
    let harness = Harness::start().await;
    let meeting = harness.meeting(json!({})).await;
    for call in ["POST /users/{userId}/meetings", "PATCH /meetings/{meetingId}"] {
        let fields = all[call]["request"]["properties"].as_object().unwrap();
        let settings = fields["settings"]["properties"].as_object().unwrap();
        let plain = fields
            .iter()
            .filter(|(name, _)| *name != "settings")
            .map(|(name, schema)| json!({name: sample(name, schema)}));
        let nested =
            settings.iter().map(|(name, schema)| json!({"settings": {name: sample(name, schema)}}));
        for body in plain.chain(nested) {
            let said = if call.starts_with("POST") {
                harness.create(body.clone()).await
            } else {
                harness.patch(&meeting["id"], body.clone()).await
            };
            assert!(said.status < 300, "{call} with {body}: {said:?}");
        }
    }
}

#[tokio::test]
async fn what_the_contract_does_not_know_is_refused() {
    let harness = Harness::start().await;
    let meeting = harness.meeting(json!({})).await;
    for body in [
        json!({"settings": {"auto_transcribing": true}}),
        json!({"colour": "red"}),
        json!({"recurrence": {"type": 1, "every": 2}}),
        json!({"settings": {"breakout_room": {"rooms": [{"nmae": "a"}]}}}),
    ] {
        if let Some(all) = contracts() {
            let schema = &all["PATCH /meetings/{meetingId}"]["request"];
            assert!(!jsonschema::is_valid(schema, &body), "{body}");
        }
        for said in
            [harness.create(body.clone()).await, harness.patch(&meeting["id"], body.clone()).await]
        {
            assert_eq!((said.status, &said.body["code"]), (400, &json!(300)), "{body}");
            assert!(said.body["errors"][0]["field"].is_string(), "{said:?}");
        }
    }
}

#[tokio::test]
async fn unknown_endpoints_are_not_recognised() {
    let harness = Harness::start().await;
    for (method, path) in
        [(Method::PUT, "/meetings/1"), (Method::GET, "/webinars/1"), (Method::POST, "/users")]
    {
        let said = harness.zoom(method, path, None).await;
        assert_eq!((said.status, &said.body["code"]), (404, &json!(2300)), "{path}");
    }
}
