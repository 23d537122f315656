//! A private service's sessions as Zoom sees them.

use std::time::Duration;

use roomkey_store::both_databases;
use serde_json::json;

use crate::practice::Practice;

both_databases! {
    a_private_session_is_neutral_and_closed_at_zoom = at_zoom;
    an_account_that_records_gives_it_no_room = recorded;
}

const TOMORROW: Duration = Duration::from_secs(26 * 60 * 60);
const A_WHILE: Duration = Duration::from_secs(300);

/// A private service whose own words give much away, and which leaves everything else open.
async fn open(url: &str) -> Practice {
    let practice = Practice::open(url).await;
    let service = json!({
        "external_id": "grief", "name": "Grief and loss", "duration_minutes": 50, "private": true,
        "title_template": "Mourning with {host}", "agenda_template": "{guest} about a brother",
    });
    practice.post("/v1/services", service).await;
    practice
}

/// What the account does with meetings that do not say otherwise, or whatever they say.
async fn account(practice: &Practice, locked: &[&str]) {
    let account = json!({
        "vendor": "zoom", "account": "acc-1", "locked": locked,
        "settings": {
            "waiting_room": false, "join_before_host": true, "auto_recording": "cloud",
            "breakout_room": { "enable": true, "rooms": [{ "name": "Pairs", "participants": [] }] },
        },
    });
    practice.control("/accounts", account).await;
}

async fn at_zoom(url: String) {
    let practice = open(&url).await;
    account(&practice, &[]).await;
    let session = practice.book(TOMORROW, json!({ "service": "ext:grief" })).await;
    let meeting = session.meeting().await;
    assert_eq!(meeting["topic"], "Appointment");
    let agenda = meeting["agenda"].as_str().unwrap();
    assert!(agenda.contains("rk-") && !agenda.contains('\n'), "the marker alone: {agenda}");
    let settings = &meeting["settings"];
    assert_eq!(settings["waiting_room"], true);
    assert_eq!(settings["join_before_host"], false);
    assert_eq!(settings["auto_recording"], "none");
    assert_eq!(settings["breakout_room"]["enable"], false);
    assert_ne!(meeting["password"], "");
    assert_eq!(session.get().await["meeting"]["warnings"], json!([]));

    // Not even in passing.
    let said = practice.sandbox("/calls").await.to_string().to_lowercase();
    for word in ["grief", "mourning", "brother"] {
        assert!(!said.contains(word), "Zoom was told {word}");
    }
    practice.close().await;
}

async fn recorded(url: String) {
    let practice = open(&url).await;
    account(&practice, &["auto_recording", "breakout_room"]).await;
    let start = practice.clock.now().floor_second().plus(TOMORROW);
    let asked = json!({
        "service": "ext:grief", "host": "ext:rui", "start": start.to_string(),
        "guests": [{ "name": "Ana Sousa", "email": "ana@example.org" }],
    });
    let made = practice.post("/v1/bookings", asked).await;
    practice.pass(A_WHILE).await;
    let path = format!("/v1/bookings/{}", made["id"].as_str().unwrap());
    let meeting = practice.get(&path).await["meeting"].clone();
    assert_eq!((&meeting["status"], &meeting["provider"]), (&json!("failed"), &json!(null)));
    assert_eq!(meeting["reason"]["code"], "settings_refused");
    let words = meeting["reason"]["message"].as_str().unwrap();
    for what in ["records the session otherwise than is allowed", "keeps breakout rooms"] {
        assert!(words.contains(what), "{words}");
    }
    practice.close().await;
}
