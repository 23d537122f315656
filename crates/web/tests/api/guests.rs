//! The guests of a booking, and its calendar file.

use calcard::icalendar::{ICalendar, ICalendarProperty};
use roomkey_store::both_databases;
use serde_json::json;

use crate::server::{Server, path_of};

both_databases! {
    guests_come_and_go = come_and_go;
    a_calendar_file_is_one = calendar;
}

async fn come_and_go(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({})).await;
    let path = format!("{}/guests", path_of(&made));
    let ana = format!("{path}/{}", made["guests"][0]["id"].as_str().unwrap());
    let alone = server.delete(&ana).await;
    assert_eq!(alone.problem(409), "last_guest");
    let bea = json!({"external_id": "u/2", "name": "Bea Lopes", "email": "bea@example.org"});
    let added = server.post(&path, bea.clone()).await;
    assert_eq!(added.status, 201, "{}", added.text);
    assert_eq!(added.body["name"], "Bea Lopes");
    let again = server.post(&path, bea.clone()).await;
    assert_eq!(again.pointers(), ["/email", "/external_id"]);
    let wrong = server.post(&path, json!({"name": "", "age": 3})).await;
    assert_eq!(wrong.pointers(), ["/age", "/name"]);
    let changed =
        server.patch(&format!("{path}/ext:u%2F2"), json!({"email": "b@example.org"})).await.ok();
    assert_eq!((&changed["name"], &changed["link"]), (&json!("Bea Lopes"), &added.body["link"]));
    let taken = server.patch(&ana, json!({"email": "B@example.org"})).await;
    assert_eq!(taken.problem(422), "invalid_request");
    let left = server.delete(&ana).await.ok();
    assert_eq!(left["guests"], json!([changed]));
    assert_eq!(server.get(&ana).await.problem(404), "not_found");
    // Who comes back is who was there.
    let back = json!({"name": "Ana Sousa", "email": "ana@example.org"});
    let back = server.post(&path, back).await.ok();
    assert_eq!(back, made["guests"][0]);
    let list = server.get(&path).await.ok();
    assert_eq!(list["data"].as_array().unwrap().len(), 2);
    server.stop().await;
}

async fn calendar(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({})).await;
    let path = format!("{}/calendar.ics", path_of(&made));
    let guest = made["guests"][0]["id"].as_str().unwrap();
    for (query, link) in [
        (format!("?for={guest}"), &made["guests"][0]["link"]),
        ("?for=host".to_owned(), &made["host_link"]),
        (String::new(), &made["guests"][0]["link"]),
    ] {
        let said = server.get(&format!("{path}{query}")).await;
        assert_eq!(said.status, 200, "{}", said.text);
        assert!(said.headers["content-type"].to_str().unwrap().starts_with("text/calendar"));
        let read = ICalendar::parse(&said.text).expect("a calendar file");
        let event = read.components.iter().find(|it| it.uid().is_some()).expect("an event");
        assert!(event.uid().unwrap().starts_with(made["id"].as_str().unwrap()));
        let place = event.property(&ICalendarProperty::Location).expect("a place");
        let text = place.values.first().and_then(|it| it.as_text()).expect("words");
        assert_eq!(text, link.as_str().unwrap());
    }
    let nobody = server.get(&format!("{path}?for=gst_01hq3v8x5cj6tq2x9m4w7r5n1d")).await;
    assert_eq!(nobody.problem(404), "not_found");
    assert_eq!(server.get(&format!("{path}?for=me")).await.problem(400), "invalid_query");
    let key = server.key_for(&["bookings:read"]).await;
    let hosts =
        server.ask(reqwest::Method::GET, &format!("{path}?for=host")).key(&key).send().await;
    assert_eq!(hosts.problem(403), "missing_scope");
    server.stop().await;
}
