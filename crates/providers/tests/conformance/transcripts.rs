//! Texts of transcripts at Zoom: had by its own way, later if it says so, and never at the cost of the
//! connection or of a token.

use std::time::Duration;

use roomkey_core::room::Spec;
use roomkey_core::settings::{Recording, Settings};
use roomkey_providers::contract::{Answer, Transcript};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::subject::{Subject, failed, word};

const DOWNLOAD: &str = "GET /rooms/zoom/download/*";

/// A session that was recorded and has just ended.
pub(crate) struct Recorded {
    pub(crate) instance: String,
    pub(crate) file: String,
}

/// A session that was recorded and has just ended. The room is opened again until the instance's id
/// has a slash in it, which has to be encoded twice.
pub(crate) async fn recorded(subject: &Subject) -> Recorded {
    let (call, vendor) = (&subject.call, subject.vendor());
    let settings = Settings { recording: Some(Recording::Cloud), ..Settings::default() };
    let spec = Spec { settings, ..subject.spec() };
    let made = subject.provider().create(call, "rk-1-recorded", &spec).await;
    let id = made.result.expect("a room").vendor_id;
    for _ in 0..200 {
        vendor.by_hand(&id, json!({"status": "started"})).await;
        vendor.by_hand(&id, json!({"status": "waiting"})).await;
        let meetings = vendor.meetings().await;
        let meeting = meetings.iter().find(|it| it["id"].as_i64() == id.parse().ok()).expect("it");
        let instance = word(meeting, "uuid").to_owned();
        if instance.contains('/') {
            let recordings = meeting["recordings"].as_array().expect("recordings");
            let of_it = recordings.iter().find(|it| it["uuid"] == instance.as_str()).expect("it");
            return Recorded { file: word(of_it, "transcript_id").to_owned(), instance };
        }
    }
    panic!("no instance of two hundred has a slash in its id");
}

async fn ask(subject: &Subject, of: &Recorded) -> Answer<Transcript> {
    subject.provider().transcript(&subject.call, &of.instance, &of.file).await
}

/// What it is, and the code of its reason.
fn brief(answer: &Answer<Transcript>) -> (&'static str, String) {
    match answer.result.as_ref().expect("an answer") {
        Transcript::Text(_) => ("text", String::new()),
        Transcript::NotYet(reason) => ("not yet", reason.code.clone()),
        Transcript::NeedsPerson(reason) => ("needs a person", reason.code.clone()),
        Transcript::Refused(reason) => ("refused", reason.code.clone()),
    }
}

#[tokio::test]
async fn a_text_is_had_once_it_is_there() {
    let subject = Subject::zoom().await;
    let vendor = subject.vendor();
    vendor.account(json!({"processing": "10m"})).await;
    let of = recorded(&subject).await;
    for _ in 0..2 {
        // It is processed first, and transcribed then.
        assert_eq!(brief(&ask(&subject, &of).await).0, "not yet");
        vendor.advance("601s").await;
    }
    for (gives_tokens, requests) in [(true, 3), (false, 3)] {
        vendor.account(json!({ "gives_download_tokens": gives_tokens })).await;
        let answer = ask(&subject, &of).await;
        assert_eq!(answer.trace.requests, requests, "list, download, and the file elsewhere");
        assert_eq!((answer.trace.status, answer.trace.writes), (Some(200), 0));
        let written = format!("{answer:?}");
        let Ok(Transcript::Text(text)) = answer.result else { panic!("{written}") };
        assert!(text.expose_secret().starts_with("WEBVTT\n"));
        for secret in ["WEBVTT", "Bearer", "download"] {
            assert!(!written.contains(secret), "{written}");
        }
    }
    let stranger = Recorded { file: "nothing".to_owned(), ..of };
    assert_eq!(brief(&ask(&subject, &stranger).await).0, "not yet");
    subject.stop().await;
}

#[tokio::test]
async fn who_may_not_read_recordings_can_make_rooms() {
    let subject = Subject::zoom().await;
    let vendor = subject.vendor();
    let of = recorded(&subject).await;
    vendor.advance("5s").await;
    vendor.account(json!({"hides_recordings": true})).await;
    let answer = ask(&subject, &of).await;
    assert_eq!(brief(&answer), ("needs a person", "zoom_transcript_not_allowed".to_owned()));
    vendor.account(json!({"hides_recordings": false})).await;
    let scopes =
        ["write:meeting", "read:meeting", "read:list_meetings", "update:meeting", "delete:meeting"]
            .map(|it| format!("meeting:{it}:admin"));
    vendor.account(json!({"scopes": scopes})).await;
    // With a token that has these scopes and no others.
    vendor.fault(json!({"match": "GET /zoom/v2/*", "fault": "401", "times": 1})).await;
    let answer = ask(&subject, &of).await;
    assert_eq!(brief(&answer), ("needs a person", "zoom_transcript_scope".to_owned()));
    let Ok(Transcript::NeedsPerson(reason)) = answer.result else { panic!("it is that") };
    let scope = "cloud_recording:read:list_recording_files:admin";
    assert!(reason.message.contains(scope), "{}", reason.message);
    subject
        .provider()
        .check(&subject.call)
        .await
        .result
        .expect("nothing that a room needs is missing");
    subject.stop().await;
}

#[tokio::test]
async fn a_file_that_is_elsewhere_is_fetched_safely_or_not_at_all() {
    let subject = Subject::zoom().await;
    let vendor = subject.vendor();
    let of = recorded(&subject).await;
    vendor.advance("5s").await;
    let port = vendor.port();
    for host in [format!("http://localhost:{port}"), "http://files.storage.example".to_owned()] {
        let before = vendor.count("GET /rooms/zoom/download").await;
        vendor.account(json!({"download_host": host})).await;
        let answer = ask(&subject, &of).await;
        assert_eq!(brief(&answer), ("refused", "zoom_transcript_elsewhere".to_owned()), "{host}");
        let asked = vendor.count("GET /rooms/zoom/download").await - before;
        assert_eq!(asked, 1, "{host} was not asked");
    }
    subject.stop().await;
}

#[tokio::test]
async fn what_goes_wrong_on_the_way_is_tried_later() {
    let subject = Subject::zoom_within(Duration::from_millis(1500)).await;
    let vendor = subject.vendor();
    let of = recorded(&subject).await;
    vendor.advance("5s").await;
    let list = "GET /zoom/v2/meetings/*/recordings";
    let failures: [(&str, Value, (&str, &str)); 8] = [
        (DOWNLOAD, json!({"fault": "500"}), ("transient", "zoom_trouble")),
        (DOWNLOAD, json!({"fault": "outage", "form": "html"}), ("transient", "zoom_trouble")),
        (DOWNLOAD, json!({"fault": "reset_before"}), ("transient", "zoom_no_answer")),
        (DOWNLOAD, json!({"fault": "429"}), ("throttled", "zoom_too_fast")),
        (DOWNLOAD, json!({"fault": "hang"}), ("transient", "zoom_no_answer")),
        (list, json!({"fault": "500"}), ("transient", "zoom_trouble")),
        (list, json!({"fault": "hang"}), ("transient", "zoom_no_answer")),
        (list, json!({"fault": "429", "form": "daily"}), ("throttled", "zoom_daily_limit")),
    ];
    for (at, mut fault, (class, code)) in failures {
        fault["match"] = json!(at);
        vendor.fault(fault.clone()).await;
        let answer = ask(&subject, &of).await;
        assert_eq!(failed(&answer), (class, code.to_owned()), "{fault}");
        vendor.no_faults().await;
    }
    // A token that is refused is another one the next time.
    vendor.fault(json!({"match": DOWNLOAD, "fault": "401", "times": 1})).await;
    assert_eq!(brief(&ask(&subject, &of).await).0, "not yet");
    assert_eq!(brief(&ask(&subject, &of).await).0, "text");
    subject.stop().await;
}
