//! Who has no computer calls, and who sits before a conference device dials its address.

use std::time::Duration;

use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::practice::Practice;

both_databases! {
    numbers_and_codes_are_told_and_kept = told;
    a_meeting_that_loses_its_telephone_tells_no_numbers = lost;
}

const MINUTE: Duration = Duration::from_secs(60);
const TOMORROW: Duration = Duration::from_secs(26 * 60 * 60);

async fn told(url: String) {
    let practice = Practice::open(&url).await;
    let numbers = json!([
        {"country": "PT", "country_name": "Portugal", "city": "Lisbon", "number": "+351 211 000 000", "type": "toll"},
        {"country": "US", "country_name": "United States", "number": "+1 800 000 0000", "type": "tollfree"},
        {"number": "ask the desk"},
    ]);
    account(&practice, json!({"settings": {"global_dial_in_numbers": numbers}})).await;
    let session = practice.book(TOMORROW, json!({})).await;
    let meeting = session.part("meeting").await;
    assert_eq!(
        meeting["dial_in"],
        json!([
            {"number": "+351 211 000 000", "country": "PT", "label": "Lisbon, Portugal", "type": "toll"},
            {"number": "+1 800 000 0000", "country": "US", "label": "United States", "type": "toll_free"},
        ])
    );
    let theirs = session.meeting().await;
    assert_eq!(meeting["phone_passcode"], theirs["pstn_password"]);
    let address = format!("{}@zoomcrc.com", theirs["id"]);
    let sip = json!({"address": address, "passcode": theirs["h323_password"]});
    assert_eq!(meeting["sip"], sip);
    assert_eq!(session.get().await["meeting"], meeting);

    let booking = session.get().await;
    let page = practice.page(booking["guests"][0]["link"].as_str().unwrap()).await;
    for shown in [
        r#"<a href="tel:+351211000000">"#,
        r#"<a href="tel:+18000000000">"#,
        "Lisbon, Portugal",
        "United States, free of charge",
        meeting["phone_passcode"].as_str().unwrap(),
        address.as_str(),
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }

    // From now on the account keeps passcodes back, in whatever form.
    account(&practice, json!({"hides_passcodes": true})).await;
    practice.pass(3 * 60 * MINUTE).await;
    let later = session.part("meeting").await;
    assert_ne!(later["verified_at"], meeting["verified_at"], "it was looked at");
    for member in ["passcode", "dial_in", "phone_passcode", "sip"] {
        assert_eq!(later[member], meeting[member], "{member}");
    }
    practice.close().await;
}

async fn lost(url: String) {
    let practice = Practice::open(&url).await;
    let session = practice.book(TOMORROW, json!({})).await;
    practice.pass(MINUTE).await;
    let before = session.part("meeting").await;
    assert_eq!(before["dial_in"][0]["country"], "PT");
    let path = format!("/meetings/{}", session.meeting().await["id"]);
    practice.control(&path, json!({"patch": {"settings": {"audio": "voip"}}})).await;
    practice.told("meeting.updated", 1).await;
    practice.pass(MINUTE).await;
    let after = session.part("meeting").await;
    assert_eq!((&after["dial_in"], &after["phone_passcode"]), (&json!([]), &Value::Null));
    assert_eq!(after["sip"], before["sip"], "devices do not call");
    let booking = session.get().await;
    let page = practice.page(booking["guests"][0]["link"].as_str().unwrap()).await;
    assert!(!page.contains("tel:") && page.contains("Join from a conference device"), "{page}");

    // A room of another kind has neither.
    let link =
        json!([{"use": "link", "provider": "link", "url": "https://meet.practice.example/ana"}]);
    let elsewhere = practice.book(TOMORROW, json!({"route": link})).await.part("meeting").await;
    assert_eq!((&elsewhere["dial_in"], &elsewhere["sip"]), (&json!([]), &Value::Null));
    practice.close().await;
}

async fn account(practice: &Practice, mut order: Value) {
    order["vendor"] = json!("zoom");
    order["account"] = json!("acc-1");
    practice.control("/accounts", order).await;
}
