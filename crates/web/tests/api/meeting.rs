//! What is asked of a booking's rooms.

use roomkey_store::both_databases;
use serde_json::json;

use crate::server::{Server, path_of};

both_databases! {
    a_typed_link_stands_before_the_route = typed;
    another_room_is_asked_for_where_one_is_needed = regenerated;
}

async fn typed(url: String) {
    let server = Server::start(&url).await;
    let own = json!([{"use": "host", "provider": "zoom"}]);
    for route in [json!(null), own] {
        let made = server.book(json!({"route": route})).await;
        let path = format!("{}/meeting/link", path_of(&made));
        let bad = server.put(&path, json!({"url": "http://meet.example"})).await;
        assert_eq!(bad.pointers(), ["/url"]);
        for room in ["one", "one", "two"] {
            let link = json!({"url": format!("https://meet.example/{room}"), "passcode": "7"});
            let shown = server.put(&path, link).await.ok();
            assert_eq!(shown["route"][0]["url"], format!("https://meet.example/{room}"));
        }
        for _ in 0..2 {
            let shown = server.delete(&path).await.ok();
            assert_eq!((&shown["route"], &shown["version"]), (&route, &json!(4)));
        }
    }
    server.stop().await;
}

async fn regenerated(url: String) {
    let server = Server::start(&url).await;
    let made = server.book(json!({})).await;
    let path = path_of(&made);
    for verb in ["regenerate", "retry"] {
        let meeting = server.post(&format!("{path}/meeting/{verb}"), json!({})).await.ok();
        assert_eq!((&meeting["status"], &meeting["settled"]), (&json!("creating"), &json!(false)));
    }
    assert_eq!(server.get(&path).await.ok()["version"], 3);
    assert_eq!(
        server.get(&format!("{path}/meeting?expand=vendor")).await.ok()["vendor"],
        json!(null)
    );
    let key = server.key_for(&["bookings:read"]).await;
    let ask = server.ask(reqwest::Method::GET, &format!("{path}/meeting?expand=vendor"));
    assert_eq!(ask.key(&key).send().await.problem(403), "missing_scope");
    let start = server.post(&format!("{path}/meeting/start"), json!({})).await;
    assert_eq!(start.problem(409), "no_room_yet");
    server.patch(&path, json!({"mode": "phone"})).await.ok();
    let none = server.post(&format!("{path}/meeting/regenerate"), json!({})).await;
    assert_eq!(none.problem(409), "no_room_needed");
    server.post(&format!("{path}/cancel"), json!({})).await.ok();
    let over = server.post(&format!("{path}/meeting/retry"), json!({})).await;
    assert_eq!(over.problem(409), "booking_cancelled");
    server.stop().await;
}
