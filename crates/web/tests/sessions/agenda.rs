//! What a service says about its sessions stands in the room's invitation at Zoom.

use std::time::Duration;

use roomkey_store::both_databases;
use serde_json::json;

use crate::practice::{Practice, Session};

both_databases! {
    an_agenda_is_at_zoom_behind_the_marker = at_zoom;
}

const MINUTE: Duration = Duration::from_secs(60);
const TOMORROW: Duration = Duration::from_secs(26 * 60 * 60);

/// The marker's line and what follows it.
async fn shown(session: &Session<'_>) -> (String, String) {
    let meeting = session.meeting().await;
    let agenda = meeting["agenda"].as_str().unwrap();
    let (line, words) = agenda.split_once('\n').unwrap();
    (line.to_owned(), words.to_owned())
}

async fn at_zoom(url: String) {
    let practice = Practice::open(&url).await;
    let service = json!({
        "external_id": "geometry", "name": "Geometry", "duration_minutes": 45,
        "agenda_template": "{service} with {host}\nFor {guest_first_name} at {start_time}",
    });
    let service = practice.post("/v1/services", service).await;
    let session = practice.book(TOMORROW, json!({ "service": service["id"] })).await;
    let (line, words) = shown(&session).await;
    assert!(line.contains("rk-") && line.chars().count() < 250, "{line}");
    let agenda = session.get().await["agenda"].as_str().unwrap().to_owned();
    assert_eq!(words, agenda);
    assert!(agenda.starts_with("Geometry with Rui Costa\nFor Ana at "), "{agenda}");

    // Moved, it says the new time; the room and its marker are the same.
    let number = session.meeting().await["id"].clone();
    let start = practice.clock.now().floor_second().plus(TOMORROW + 37 * MINUTE);
    let path = format!("/v1/bookings/{}/reschedule", session.id);
    practice.post(&path, json!({ "start": start.to_string() })).await;
    practice.pass(MINUTE).await;
    let moved = session.get().await["agenda"].as_str().unwrap().to_owned();
    assert_ne!(moved, agenda);
    assert_eq!(shown(&session).await, (line, moved));
    assert_eq!(session.meeting().await["id"], number);
    practice.close().await;
}
