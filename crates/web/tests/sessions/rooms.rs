//! What a person changes at Zoom is noticed at once; what was recorded is known.

use std::time::Duration;

use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::practice::Practice;

both_databases! {
    a_change_made_by_hand_is_noticed_and_mended = changed;
    a_room_deleted_by_hand_is_replaced_after_two_looks = deleted;
    recordings_and_transcripts_are_known_once = recorded;
    what_does_not_concern_us_changes_nothing = strangers;
}

const MINUTE: Duration = Duration::from_secs(60);
const TOMORROW: Duration = Duration::from_secs(26 * 60 * 60);

async fn changed(url: String) {
    let practice = Practice::open(&url).await;
    let session = practice.book(TOMORROW, json!({})).await;
    practice.pass(MINUTE).await;
    let before = calls(&practice).await;
    let meeting = session.meeting().await;
    let path = format!("/meetings/{}", meeting["id"]);
    practice.control(&path, json!({"patch": {"topic": "Another name"}})).await;
    practice.told("meeting.updated", 1).await;
    practice.pass(MINUTE).await;
    assert_eq!(session.meeting().await["topic"], meeting["topic"], "it is as it was asked");
    // A look, a change, the look after it, and one look at each change that was told: clocks differ,
    // so that what happened in the seconds before a look may be later than that look.
    practice.told("meeting.updated", 2).await;
    practice.pass(MINUTE).await;
    let made = calls(&practice).await - before;
    assert!(made <= 5, "{made} calls");
    practice.close().await;
}

async fn deleted(url: String) {
    let practice = Practice::open(&url).await;
    let session = practice.book(TOMORROW, json!({})).await;
    let meeting = session.meeting().await;
    practice.pass(MINUTE).await;
    practice.control(&format!("/meetings/{}", meeting["id"]), json!({"delete": true})).await;
    practice.told("meeting.deleted", 1).await;
    practice.work().await;
    assert_eq!(session.meeting().await, Value::Null, "it is doubted, and not replaced yet");
    practice.pass(2 * MINUTE).await;
    assert_ne!(session.meeting().await["id"], meeting["id"]);
    assert_eq!(session.get().await["meeting"]["status"], "active");
    practice.close().await;
}

async fn recorded(url: String) {
    let practice = Practice::open(&url).await;
    let session = practice.book(10 * MINUTE, json!({"settings": {"recording": "cloud"}})).await;
    assert_eq!(session.part("recordings").await, json!({"data": [], "next_cursor": null}));
    practice.pass(10 * MINUTE).await;
    session.open().await;
    practice.pass(10 * MINUTE).await;
    session.end().await;
    practice.told("meeting.ended", 1).await;
    practice.pass(MINUTE).await;
    practice.told("recording.completed", 1).await;
    practice.told("recording.transcript_completed", 1).await;
    // Zoom tells the same recording twice, at another moment and with another token.
    let meeting = session.meeting().await;
    let again = json!({"event": "recording.completed", "meeting": meeting["id"], "times": 2});
    practice.control("/webhooks", again).await;
    practice.work().await;
    let known = session.part("recordings").await;
    let files = known["data"].as_array().unwrap();
    let kinds: Vec<_> = files.iter().map(|it| it["file_type"].as_str().unwrap()).collect();
    assert_eq!(kinds.len(), 3, "{known}");
    assert!(kinds.contains(&"MP4") && kinds.contains(&"M4A") && kinds.contains(&"TRANSCRIPT"));
    let recording = &meeting["recordings"][0];
    assert!(files.iter().all(|it| it["share_url"] == recording["share_url"]), "{known}");
    assert!(files.iter().all(|it| it["passcode"] == recording["password"]), "{known}");
    assert!(!known.to_string().contains("download"), "how to download is asked afresh");
    assert_eq!(session.count("recording.ready").await, 1);
    // Of a transcript is told when its text is here.
    assert_eq!(session.count("transcript.ready").await, 0);
    for list in ["recordings", "events"] {
        let whole = session.part(list).await["data"].clone();
        let (mut seen, mut next) = (Vec::new(), format!("{list}?limit=1"));
        loop {
            let part = session.part(&next).await;
            seen.extend(part["data"].as_array().unwrap().clone());
            let Some(cursor) = part["next_cursor"].as_str() else { break };
            next = format!("{list}?limit=1&cursor={cursor}");
        }
        assert!(seen.len() > 1, "{list}");
        assert_eq!(json!(seen), whole, "{list}");
    }
    practice.close().await;
}

async fn strangers(url: String) {
    let practice = Practice::open(&url).await;
    let session = practice.book(10 * MINUTE, json!({})).await;
    practice.pass(10 * MINUTE).await;
    let ours = session.meeting().await["id"].to_string();
    let events = session.part("events").await;
    for (account, id) in [("acc-1", "99999999999"), ("acc-2", ours.as_str())] {
        for event in ["meeting.started", "meeting.deleted", "recording.completed"] {
            let payload = json!({"account_id": account, "object": {"id": id, "uuid": "u"}});
            let order = json!({"event": event, "account": "acc-1", "payload": payload});
            let sent = practice.control("/webhooks", order).await;
            assert_eq!(sent["answers"][0]["status"], 200);
        }
    }
    practice.work().await;
    assert_eq!(session.part("events").await, events);
    assert_eq!(session.status().await, "confirmed");
    practice.close().await;
}

async fn calls(practice: &Practice) -> usize {
    practice.sandbox("/calls").await.as_array().unwrap().len()
}
