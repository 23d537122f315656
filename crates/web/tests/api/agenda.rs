//! What sessions are called and what their invitations say, from their services' templates.

use roomkey_store::both_databases;
use serde_json::json;

use crate::server::{Server, path_of};

both_databases! {
    a_template_is_checked_where_it_is_written = checked;
    an_agenda_is_pinned_like_the_title = pinned;
    times_follow_a_session_that_is_moved = moved;
}

const SERVICE: &str = "/v1/services/ext:algebra";

async fn checked(url: String) {
    let server = Server::start(&url).await;
    for (member, template, words) in [
        ("agenda_template", "With {host}\nand {secret}".to_owned(), "has {secret} in line 2"),
        ("agenda_template", "x".repeat(1501), "must not be longer than 1500 characters"),
        ("agenda_template", "a\u{1b}b".to_owned(), "must not contain control characters"),
        ("title_template", "{guest_last_name}".to_owned(), "has {guest_last_name}"),
    ] {
        let said = server.patch(SERVICE, json!({ member: template })).await;
        assert_eq!(said.problem(422), "invalid_request");
        assert_eq!(said.pointers(), [format!("/{member}")]);
        let message = said.body["errors"][0]["message"].as_str().unwrap();
        assert!(message.starts_with(words), "{message}");
    }
    let template = format!("  {}\r\nline two \n", "é".repeat(1490));
    let kept = server.patch(SERVICE, json!({ "agenda_template": template })).await.ok();
    assert_eq!(kept["agenda_template"], format!("{}\nline two", "é".repeat(1490)));
    let same = server.put(SERVICE, kept.clone()).await.ok();
    assert_eq!(same["version"], kept["version"], "read and written, nothing has changed");
    let none = server.patch(SERVICE, json!({ "agenda_template": " \n" })).await.ok();
    assert_eq!(none["agenda_template"], json!(null));
    server.stop().await;
}

async fn pinned(url: String) {
    let server = Server::start(&url).await;
    let before = server.book(json!({})).await;
    assert_eq!(before["agenda"], json!(null));
    let template = "{service} with {host} ({mode})\n{guest_first_name} {guest_last_initial}.";
    server.patch(SERVICE, json!({ "agenda_template": template })).await.ok();
    let made = server.book(json!({})).await;
    assert_eq!(made["agenda"], "Algebra with Rui Costa (online)\nAna S.");
    assert_eq!(server.get(&path_of(&before)).await.ok()["agenda"], json!(null));

    // Editing the service does not reach it; another host does.
    server.patch(SERVICE, json!({ "agenda_template": "{host} only" })).await.ok();
    let path = path_of(&made);
    let later = json!({ "start": "2027-03-02T15:00:00Z" });
    let rescheduled = server.post(&format!("{path}/reschedule"), later).await.ok();
    assert_eq!(rescheduled["agenda"], made["agenda"]);
    let reassigned = server.post(&format!("{path}/reassign"), json!({ "host": "ext:eva" })).await;
    assert_eq!(reassigned.ok()["agenda"], "Eva Lima only");
    server.patch(SERVICE, json!({ "agenda_template": null })).await.ok();
    let back = server.post(&format!("{path}/reassign"), json!({ "host": "ext:rui" })).await.ok();
    assert_eq!(back["agenda"], json!(null));

    // What only the server writes is no obstacle, and changes nothing.
    let mut sent = back.clone();
    sent["agenda"] = json!("mine");
    let put = server.put(&path, sent).await.ok();
    assert_eq!((&put["agenda"], &put["version"]), (&json!(null), &back["version"]));
    server.stop().await;
}

async fn moved(url: String) {
    let server = Server::start(&url).await;
    let templates = json!({
        "title_template": "{guest_first_name}, {start_date} {start_time}",
        "agenda_template": "{start_time} to {end_time} on {end_date} ({time_zone}, {mode})",
    });
    server.patch(SERVICE, templates).await.ok();
    let made = server.book(json!({})).await;
    assert_eq!(made["title"], "Ana, Mon 1 March 2027 15:00");
    assert_eq!(made["agenda"], "15:00 to 16:00 on Mon 1 March 2027 (Europe/Lisbon, online)");

    // The templates are the pinned ones, whatever the service says by now.
    let others = json!({ "title_template": "Other", "agenda_template": "Other" });
    server.patch(SERVICE, others).await.ok();
    let path = path_of(&made);
    let summer = json!({ "start": "2027-07-01T22:30:00Z" });
    let moved = server.post(&format!("{path}/reschedule"), summer).await.ok();
    assert_eq!(moved["title"], "Ana, Thu 1 July 2027 23:30");
    assert_eq!(moved["agenda"], "23:30 to 00:30 on Fri 2 July 2027 (Europe/Lisbon, online)");
    let elsewhere = json!({ "time_zone": "Europe/Paris", "mode": "phone" });
    let moved = server.patch(&path, elsewhere).await.ok();
    assert_eq!(moved["title"], "Ana, Fri 2 July 2027 00:30");
    assert_eq!(moved["agenda"], "00:30 to 01:30 on Fri 2 July 2027 (Europe/Paris, by phone)");

    // A title of its own stays as it is.
    server.patch(&path, json!({ "title": "Our hour" })).await.ok();
    let later = json!({ "start": "2027-07-02T22:30:00Z" });
    let moved = server.post(&format!("{path}/reschedule"), later).await.ok();
    assert_eq!(moved["title"], "Our hour");
    assert_eq!(moved["agenda"], "00:30 to 01:30 on Sat 3 July 2027 (Europe/Paris, by phone)");
    server.stop().await;
}
