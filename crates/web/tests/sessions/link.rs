//! One link, the same in every place, whatever becomes of the room behind it.

use std::time::Duration;

use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::practice::{Practice, Session};

both_databases! {
    mail_calendar_api_and_page_say_the_same_link_whatever_room_it_leads_to = same;
    a_booking_that_is_approved_gets_its_room_and_its_mails = approved;
}

const MINUTE: Duration = Duration::from_secs(60);
const TOMORROW: Duration = Duration::from_secs(26 * 60 * 60);

/// What comes after `/j/` in a text, each once.
fn links(text: &str) -> Vec<String> {
    let mut found: Vec<String> = text
        .split("/j/")
        .skip(1)
        .map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect())
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The last mail to somebody, its calendar file unfolded.
async fn last_mail(practice: &Practice, to: &str) -> String {
    let mails = practice.sandbox("/mail").await;
    let theirs = mails.as_array().unwrap().iter().rfind(|it| it["to"].to_string().contains(to));
    let text = theirs.unwrap().to_string();
    // Long lines are broken in one way in the file, and in another in the mail.
    text.replace("\\r\\n ", "").replace("=\\r\\n", "")
}

/// Everywhere it is said, it is this one and no other.
async fn assert_everywhere(session: &Session<'_>, token: &str) {
    let practice = session.practice;
    let shown = session.get().await;
    assert_eq!(links(shown["guests"][0]["link"].as_str().unwrap()), [token]);
    let mail = last_mail(practice, "ana@example.org").await;
    assert_eq!(links(&mail), [token], "{mail}");
    assert!(mail.contains("BEGIN:VCALENDAR"), "{mail}");
    let path = format!("/v1/bookings/{}/calendar.ics", session.id);
    let file = practice.file(&path).await.replace("\r\n ", "");
    assert_eq!(links(&file), [token], "{file}");
    let page = practice.page(shown["guests"][0]["link"].as_str().unwrap()).await;
    let said = links(&page);
    assert!(said.iter().all(|it| it == token), "{said:?}");
    for text in [&mail, &file, &page] {
        assert!(!text.contains("/rooms/zoom/"), "a room's own address: {text}");
    }
}

async fn same(url: String) {
    let practice = Practice::that_mails(&url).await;
    let session = practice.book(TOMORROW, json!({})).await;
    practice.pass(MINUTE).await;
    let link = session.get().await["guests"][0]["link"].as_str().unwrap().to_owned();
    let token = links(&link).remove(0);
    assert_everywhere(&session, &token).await;
    let first = session.get().await["meeting"]["room"].clone();

    practice.post(&format!("/v1/bookings/{}/meeting/regenerate", session.id), json!({})).await;
    practice.pass(MINUTE).await;
    assert_ne!(session.get().await["meeting"]["room"], first);
    assert_everywhere(&session, &token).await;

    let route = json!({"route": [{
        "use": "link", "provider": "link", "url": "https://rooms.example/algebra",
    }]});
    practice.patch(&format!("/v1/bookings/{}", session.id), route).await;
    let path = format!("/v1/bookings/{}/meeting/regenerate", session.id);
    practice.post(&path, json!({})).await;
    practice.pass(MINUTE).await;
    assert_eq!(session.get().await["meeting"]["provider"], "link");
    assert_everywhere(&session, &token).await;
    practice.close().await;
}

async fn approved(url: String) {
    let practice = Practice::that_mails(&url).await;
    let service = json!({
        "external_id": "asked", "name": "Geometry", "duration_minutes": 60, "requires_approval": true,
    });
    practice.post("/v1/services", service).await;
    let start = practice.clock.now().floor_second().plus(TOMORROW);
    let asked = json!({
        "service": "ext:asked", "host": "ext:rui", "start": start.to_string(),
        "guests": [{"name": "Ana Sousa", "email": "ana@example.org"}],
    });
    let made = practice.post("/v1/bookings", asked).await;
    let session = Session { practice: &practice, id: made["id"].as_str().unwrap().to_owned() };
    practice.pass(5 * MINUTE).await;
    assert_eq!(session.get().await["meeting"]["status"], "pending");
    assert_eq!(session.meeting().await, Value::Null, "nothing at Zoom yet");
    practice.post(&format!("/v1/bookings/{}/confirm", session.id), json!({})).await;
    practice.pass(MINUTE).await;
    assert_eq!(session.get().await["meeting"]["status"], "active");
    let token = links(session.get().await["guests"][0]["link"].as_str().unwrap()).remove(0);
    assert_everywhere(&session, &token).await;
    practice.close().await;
}
