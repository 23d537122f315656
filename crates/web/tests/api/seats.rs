//! Sessions on seats: admitted while there is a seat for each, and refused with the remedy.

use roomkey_store::both_databases;
use serde_json::{Value, json};

use crate::server::{Said, Server, path_of};

both_databases! {
    more_than_the_seats_can_hold_is_refused = full;
    who_need_not_sit_on_seats_is_not_refused_for_them = flexible;
    a_host_in_two_places_is_warned_of = overlap;
    settings_name_people_and_rooms_that_can_be = settings;
}

async fn lending(server: &Server, seats: Value) -> String {
    let zoom = json!({
        "provider": "zoom", "kind": "server_to_server", "account_id": "acc-1",
        "client_id": "client-1", "client_secret": "secret-1", "seats": seats, "seat_buffer": "15m",
    });
    let added = server.post("/v1/connections", zoom).await;
    assert_eq!(added.status, 201, "{}", added.text);
    assert_eq!(added.body["seat_cap"], 1);
    assert_eq!(added.body["seat_buffer"], "15m");
    assert_eq!(added.body["seat_lead"], "3d");
    added.body["id"].as_str().unwrap().to_owned()
}

async fn book_at(server: &Server, connection: &str, start: &str, end: &str) -> Said {
    let route = json!([{"use": format!("seats:{connection}"), "provider": "zoom"}]);
    let times = json!({"start": start, "end": end, "route": route});
    server.post("/v1/bookings", crate::server::booking(times)).await
}

async fn full(url: String) {
    let server = Server::start(&url).await;
    let seats = json!(["seat1@practice.example", "seat2@practice.example"]);
    let connection = lending(&server, seats).await;
    let at = |hour: u32, minute: u32| format!("2027-03-01T{hour:02}:{minute:02}:00Z");
    let one = book_at(&server, &connection, &at(15, 0), &at(16, 0)).await;
    assert_eq!(one.status, 201, "{}", one.text);
    assert_eq!(book_at(&server, &connection, &at(15, 30), &at(16, 30)).await.status, 201);
    let third = book_at(&server, &connection, &at(15, 45), &at(16, 15)).await;
    assert_eq!(third.problem(409), "seats_full");
    // With the buffer, back to back is too close; a quarter of an hour later is not.
    let close = book_at(&server, &connection, &at(16, 5), &at(17, 0)).await;
    assert_eq!(close.problem(409), "seats_full");
    let later = book_at(&server, &connection, &at(16, 15), &at(17, 0)).await;
    assert_eq!(later.status, 201, "{}", later.text);
    // Nor can one be moved, or taken back, to where there is no seat.
    let path = path_of(&later.body);
    let times = json!({"start": at(15, 50), "end": at(16, 20)});
    let moved = server.post(&format!("{path}/reschedule"), times).await;
    assert_eq!(moved.problem(409), "seats_full");
    assert_eq!(server.get(&path).await.ok()["start"], at(16, 15));
    // Who leaves makes room.
    let cancelled = server.post(&format!("{}/cancel", path_of(&one.body)), json!({})).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.text);
    assert_eq!(book_at(&server, &connection, &at(15, 15), &at(16, 0)).await.status, 201);
    let back = server.post(&format!("{}/reopen", path_of(&one.body)), json!({})).await;
    assert_eq!(back.problem(409), "seats_full");

    let wrong = json!({"seat_cap": 0, "seat_buffer": "9h", "seat_lead": "soon"});
    let wrong = server.patch(&format!("/v1/connections/{connection}"), wrong).await;
    assert_eq!(wrong.pointers(), ["/seat_buffer", "/seat_cap", "/seat_lead"]);
    server.stop().await;
}

/// One seat, and routes on which it is the second choice, or the first of several.
async fn flexible(url: String) {
    let server = Server::start(&url).await;
    let connection = lending(&server, json!(["seat1@practice.example"])).await;
    let seats = format!("seats:{connection}");
    let link = json!({"use": "link", "provider": "link", "url": "https://rooms.example/1"});
    let second_choice = json!([
        {"use": "host", "provider": "zoom", "after_failures": 3},
        {"use": seats, "provider": "zoom"},
    ]);
    let early = json!([{"use": seats, "provider": "zoom", "before_start": "71h"}, link]);
    let failing = json!([{"use": seats, "provider": "zoom", "after_failures": 3}, link]);
    let (start, end) = ("2027-03-01T15:00:00Z", "2027-03-01T16:00:00Z");
    let book = |route: Value| {
        let asked = json!({"start": start, "end": end, "route": route});
        server.post("/v1/bookings", crate::server::booking(asked))
    };
    for route in [&second_choice, &second_choice, &early, &early] {
        let said = book(route.clone()).await;
        assert_eq!(said.status, 201, "{}", said.text);
    }
    // Nor do they keep out whoever must sit there; and a taken seat is no failure.
    let must = book(failing.clone()).await;
    assert_eq!(must.status, 201, "{}", must.text);
    assert_eq!(book(failing).await.problem(409), "seats_full");
    let own = book(second_choice).await;
    assert_eq!(own.body["meeting"]["warnings"][0]["code"], "host_overlap", "{}", own.text);
    server.stop().await;
}

async fn overlap(url: String) {
    let server = Server::start(&url).await;
    let one = server.book(json!({})).await;
    assert_eq!(one["meeting"]["warnings"], json!([]));
    let other = server.book(json!({})).await;
    for shown in [other, server.get(&path_of(&one)).await.ok()] {
        assert_eq!(shown["meeting"]["warnings"][0]["code"], "host_overlap", "{shown:#}");
    }
    server.stop().await;
}

async fn settings(url: String) {
    let server = Server::start(&url).await;
    let asked = json!({"settings": {
        "e2ee": true,
        "alternative_hosts": ["stand-in@practice.example", "nobody"],
        "breakout_rooms": [{"name": "Pairs"}, {"name": "Pairs", "participants": ["ana@example.org", "?"]}],
    }});
    let refused = server.post("/v1/bookings", crate::server::booking(asked)).await;
    let pointers = [
        "/settings/alternative_hosts/1",
        "/settings/breakout_rooms",
        "/settings/breakout_rooms/1/name",
        "/settings/breakout_rooms/1/participants/1",
    ];
    assert_eq!(refused.pointers(), pointers);
    let asked = json!({"settings": {
        "alternative_hosts": ["stand-in@practice.example"],
        "breakout_rooms": [{"name": "Pairs", "participants": ["ana@example.org"]}],
    }});
    let made = server.book(asked.clone()).await;
    assert_eq!(made["settings"], asked["settings"]);
    server.stop().await;
}
