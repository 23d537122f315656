//! Everything the adapter says and hears, against the vendor's contract with closed schemas: a
//! member that Zoom does not know fails here before it fails there.

use std::path::PathBuf;

use roomkey_core::room::Spec;
use roomkey_core::settings::{Audio, BreakoutRoom, Recording, Settings};
use serde_json::{Value, json};

use crate::subject::{Subject, word};
use crate::transcripts::recorded;

/// The folder that holds `contracts.json`.
const SPECS: &str = "ROOMKEY_SPECS";

#[tokio::test]
async fn every_request_and_every_answer_is_in_the_contract() {
    let Some(folder) = std::env::var_os(SPECS) else {
        println!("NOT CHECKED: {SPECS} does not name the folder with contracts.json");
        return;
    };
    let file = PathBuf::from(folder).join("contracts.json");
    let text = std::fs::read_to_string(&file).expect("contracts.json can be read");
    let contracts: Value = serde_json::from_str(&text).expect("contracts.json is JSON");
    let contracts = &contracts["zoom"];

    let subject = Subject::zoom().await;
    do_everything(&subject).await;
    transcripts(&subject).await;
    let calls = subject.vendor().calls().await;
    let mut used = std::collections::BTreeSet::new();
    for call in &calls {
        // Tokens and files are in no contract.
        if !word(call, "path").starts_with("/zoom/v2/") {
            continue;
        }
        used.insert(hold(contracts, call));
    }
    let all = [
        "DELETE /meetings/{meetingId}",
        "GET /meetings/{meetingId}",
        "GET /meetings/{meetingId}/recordings",
        "GET /users/{userId}/meetings",
        "PATCH /meetings/{meetingId}",
        "POST /users/{userId}/meetings",
    ];
    assert_eq!(used.iter().map(String::as_str).collect::<Vec<_>>(), all);
    subject.stop().await;
}

/// Each operation, with every setting in every value, and the refusals.
async fn do_everything(subject: &Subject) {
    let (provider, call, vendor) = (subject.provider(), &subject.call, subject.vendor());
    let wishes = |yes: bool, audio, recording| Settings {
        waiting_room: Some(!yes),
        passcode: Some(yes),
        join_before_host: Some(yes),
        mute_on_entry: Some(yes),
        host_video: Some(yes),
        guest_video: Some(yes),
        audio: Some(audio),
        recording: Some(recording),
        e2ee: Some(false),
        ..Settings::default()
    };
    let all = [
        Settings::default(),
        wishes(true, Audio::Both, Recording::None),
        wishes(false, Audio::Telephony, Recording::Local),
        wishes(true, Audio::Voip, Recording::Cloud),
        Settings { e2ee: Some(true), ..Settings::default() },
        Settings {
            alternative_hosts: Some(vec![
                "basic@practice.example".to_owned(),
                "seat1@practice.example".to_owned(),
            ]),
            breakout_rooms: Some(vec![BreakoutRoom {
                name: "Pairs".to_owned(),
                participants: vec!["ana@example.org".to_owned()],
            }]),
            ..Settings::default()
        },
        Settings {
            alternative_hosts: Some(Vec::new()),
            breakout_rooms: Some(Vec::new()),
            ..Settings::default()
        },
    ];
    provider.check(call).await.result.expect("good credentials");
    for (number, settings) in all.into_iter().enumerate() {
        let marker = format!("rk-1-{number}");
        let spec = Spec { settings, topic: "x".repeat(150 * (number + 1)), ..subject.spec() };
        let plain = Spec { settings: Settings::default(), ..spec.clone() };
        let id = provider.create(call, &marker, &plain).await.result.expect("a room").vendor_id;
        let wanted = Spec { start: subject.days_ahead(5), minutes: 30, ..spec.clone() };
        vendor.by_hand(&id, json!({"patch": {"agenda": "y".repeat(1990)}})).await;
        provider.update(call, &id, &marker, &wanted).await.result.expect("a room");
        provider.find(call, &marker, &wanted).await.result.expect("an answer");
        provider.inspect(call, &id).await.result.expect("a room");
        provider.host_link(call, &id).await.result.expect("a link");
        provider.retire(call, &id).await.result.expect("removed");
        provider.retire(call, &id).await.result.expect("removed");
        let again = provider.create(call, &format!("{marker}-again"), &spec).await;
        again.result.expect("a room");
    }
}

/// A session that was recorded: its text is asked for before it is there, and when it is.
async fn transcripts(subject: &Subject) {
    let recorded = recorded(subject).await;
    for _ in 0..2 {
        let asked =
            subject.provider().transcript(&subject.call, &recorded.instance, &recorded.file);
        asked.await.result.expect("an answer");
        subject.vendor().advance("5s").await;
    }
}

/// Checks one call, and says which operation it was.
fn hold(contracts: &Value, call: &Value) -> String {
    let (method, target) = (word(call, "method"), word(call, "path"));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parts: Vec<&str> = path.split('/').skip(3).collect();
    let template = match parts.as_slice() {
        ["users", _, "meetings"] => "/users/{userId}/meetings",
        ["meetings", _] => "/meetings/{meetingId}",
        ["meetings", _, "recordings"] => "/meetings/{meetingId}/recordings",
        other => panic!("{other:?} is in no contract"),
    };
    let operation = format!("{method} {template}");
    let contract = &contracts[operation.as_str()];
    assert!(contract.is_object(), "{operation} is in no contract");

    let known = contract["query"].as_array().expect("names");
    for (name, _) in url::form_urlencoded::parse(query.as_bytes()) {
        assert!(known.iter().any(|it| *it == *name), "{operation} knows no `{name}`");
    }
    match contract.get("request").filter(|it| !it.is_null()) {
        Some(schema) => validate(&format!("{operation}: request"), schema, &call["request_body"]),
        None => assert!(call["request_body"].is_null(), "{operation} takes no body"),
    }
    let status = call["status"].to_string();
    let answers = contract["responses"].as_object().expect("answers");
    let schema = answers.get(&status).unwrap_or_else(|| panic!("{operation} answers no {status}"));
    if !schema.is_null() {
        validate(&format!("{operation}: {status}"), schema, &call["response_body"]);
    }
    operation
}

fn validate(what: &str, schema: &Value, body: &Value) {
    let validator = jsonschema::validator_for(schema).expect("a schema");
    let wrong: Vec<String> = validator
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{what}: {wrong:#?}");
}
