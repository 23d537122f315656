//! Lists: stretches, filters, and the feed.

use std::time::Duration;

use roomkey_core::id::{AttemptId, RoomId};
use roomkey_core::plan::wanted_spec;
use roomkey_core::room::{Room, State, Unmet};
use roomkey_core::route::{Place, Provider};
use roomkey_store::attempt::{self, Attempt};
use roomkey_store::{Priority, StoreError, booking as rows, both_databases, room};
use serde_json::{Value, json};

use crate::server::{NOW, Server, path_of};

both_databases! {
    a_list_is_read_in_stretches = stretches;
    every_list_is_read_in_stretches = all;
    a_list_is_narrowed = filters;
    parameters_are_read_strictly = strict;
}

fn ids(list: &Value) -> Vec<String> {
    let data = list["data"].as_array().unwrap();
    data.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

async fn stretches(url: String) {
    let server = Server::start(&url).await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(server.book(json!({})).await["id"].as_str().unwrap().to_owned());
    }
    let (mut seen, mut path) = (Vec::new(), "/v1/bookings?limit=2".to_owned());
    loop {
        let list = server.get(&path).await.ok();
        seen.extend(ids(&list));
        // What is made meanwhile does not move the stretches.
        server.book(json!({})).await;
        match list["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/bookings?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    for id in &made {
        assert_eq!(seen.iter().filter(|it| *it == id).count(), 1);
    }
    let hosts = server.get("/v1/hosts?limit=1").await.ok();
    assert_eq!(hosts["data"].as_array().unwrap().len(), 1);
    assert!(hosts["next_cursor"].is_string());
    server.stop().await;
}

async fn all(url: String) {
    let server = Server::start(&url).await;
    for number in 0..3 {
        let account = json!({
            "provider": "zoom", "kind": "server_to_server", "account_id": format!("acc-{number}"),
            "client_id": format!("client-{number}"), "client_secret": "secret",
        });
        server.post("/v1/connections", account).await.ok();
        let app = json!({
            "provider": "zoom", "client_id": format!("app-{number}"), "client_secret": "secret",
        });
        server.post("/v1/apps", app).await.ok();
        server.clock.advance(Duration::from_secs(1));
    }
    let guests: Vec<_> = ["Ana", "Bea", "Carla"].map(|name| json!({"name": name})).into();
    let made = server.book(json!({"guests": guests})).await;
    let path = path_of(&made);
    let noted = attempts(&server, &made).await;
    for (list, newest) in [
        ("/v1/connections".to_owned(), ("account_id", json!("acc-2"))),
        ("/v1/apps".to_owned(), ("client_id", json!("app-2"))),
        (format!("{path}/guests"), ("name", json!("Carla"))),
        (format!("{path}/attempts"), ("id", json!(noted))),
        (format!("{path}/messages"), ("id", json!(null))),
    ] {
        let whole = server.get(&list).await.ok();
        let expected = ids(&whole);
        assert_eq!(whole["next_cursor"], json!(null));
        assert_eq!(whole["data"][0][newest.0], newest.1, "{list}");
        let (mut seen, mut next) = (Vec::new(), format!("{list}?limit=2"));
        loop {
            let stretch = server.get(&next).await.ok();
            assert!(stretch["data"].as_array().unwrap().len() <= 2);
            seen.extend(ids(&stretch));
            match stretch["next_cursor"].as_str() {
                Some(cursor) => next = format!("{list}?limit=2&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen, expected, "{list}");
        let strange = server.get(&format!("{list}?colour=red&limit=0")).await;
        assert_eq!(strange.problem(400), "invalid_query");
        assert_eq!(strange.pointers(), ["colour", "limit"]);
    }
    server.stop().await;
}

/// Three calls at a vendor about a booking, as an engine writes them down; the last one's id.
async fn attempts(server: &Server, booking: &Value) -> String {
    let (tenant, id) = (server.tenant, booking["id"].as_str().unwrap().parse().unwrap());
    let host = booking["host"].as_str().unwrap().parse().unwrap();
    let last = AttemptId::new(NOW, [3; 10]);
    let done = server.app.store().write::<_, StoreError, _>(Priority::Background, move |tx| {
        Box::pin(async move {
            let booked = rows::get(tx, tenant, id).await?.unwrap().booking;
            let open = Room {
                presence: roomkey_core::presence::Presence::default(),
                id: RoomId::new(NOW, [1; 10]),
                place: Place {
                    provider: Provider::Link,
                    connection: None,
                    account: String::new(),
                    user: "https://meet.example/x".to_owned(),
                },
                host,
                position: 0,
                generation: 1,
                opened_at: NOW,
                deadline: NOW,
                request: wanted_spec(&booked),
                state: State::Intended,
                changed_at: NOW,
                vendor_id: None,
                seen: None,
                unmet: Unmet::default(),
                read_due: None,
                next_at: NOW,
                failures: 0,
                reason: None,
                effect: None,
            };
            assert!(room::open(tx, tenant, id, &open, "marker").await?);
            for (number, at) in [(1, 0), (2, 1), (3, 1)] {
                let attempt = Attempt {
                    id: AttemptId::new(NOW, [number; 10]),
                    booking: id,
                    room: open.id,
                    operation: "create".to_owned(),
                    started_at: NOW.plus(Duration::from_secs(at)),
                    took: Duration::from_millis(7),
                    outcome: "ok".to_owned(),
                    status: Some(201),
                    code: None,
                    request_id: None,
                    message: None,
                };
                attempt::insert(tx, tenant, &attempt).await?;
            }
            Ok(())
        })
    });
    done.await.unwrap();
    last.to_string()
}

async fn filters(url: String) {
    let server = Server::start(&url).await;
    let first = server.book(json!({"title": "Fractions"})).await;
    let guest = json!([{"name": "Bea Lopes", "email": "Bea@Example.org"}]);
    let second = json!({"host": "ext:eva", "start": "2027-04-01T10:00:00Z", "guests": guest});
    let second = server.book(second).await;
    server.post(&format!("{}/cancel", path_of(&first)), json!({})).await.ok();
    let (first, second) = (first["id"].as_str().unwrap(), second["id"].as_str().unwrap());
    for (query, found) in [
        ("status=cancelled", vec![first]),
        ("status=pending", vec![]),
        ("host=ext:eva", vec![second]),
        ("host=ext:nobody", vec![]),
        ("from=2027-03-15T00:00:00Z", vec![second]),
        ("to=2027-03-15T00:00:00%2B01:00", vec![first]),
        ("guest_email=bea@example.org", vec![second]),
        ("q=fract", vec![first]),
        ("q=lopes", vec![second]),
        ("provider=zoom", vec![]),
        ("changed_since=1000", vec![]),
    ] {
        let list = server.get(&format!("/v1/bookings?{query}")).await.ok();
        assert_eq!(ids(&list), found, "{query}");
    }
    // What a database takes for a pattern is a character like any other.
    let percent = server.book(json!({"title": "Sale! 50% off_season \\o/"})).await;
    let percent = percent["id"].as_str().unwrap();
    for (query, found) in [
        ("q=%25", vec![percent]),
        ("q=_", vec![percent]),
        ("q=!", vec![percent]),
        ("q=%5C", vec![percent]),
        ("q=50%25%20OFF_", vec![percent]),
        ("q=5%25off", vec![]),
        ("q=fr_ctions", vec![]),
        ("q=!!", vec![]),
    ] {
        let list = server.get(&format!("/v1/bookings?{query}")).await.ok();
        assert_eq!(ids(&list), found, "{query}");
    }
    server.post(&format!("/v1/bookings/{percent}/cancel"), json!({})).await.ok();
    let both = server.get("/v1/bookings?status=confirmed&service=ext:algebra").await.ok();
    assert_eq!(ids(&both), [second]);
    let feed = server.get("/v1/events?after=0").await.ok();
    assert_eq!(feed, json!({"data": [], "next_after": 0}));
    server.stop().await;
}

async fn strict(url: String) {
    let server = Server::start(&url).await;
    let query = "limit=0&cursor=x&status=gone&from=today&colour=red&host=ten_1&provider=nonsense";
    let refused = server.get(&format!("/v1/bookings?{query}")).await;
    assert_eq!(refused.problem(400), "invalid_query");
    assert_eq!(
        refused.pointers(),
        ["colour", "cursor", "from", "host", "limit", "provider", "status"]
    );
    let path = path_of(&server.book(json!({})).await);
    for list in ["events", "attempts", "messages", "recordings", "guests"]
        .map(|it| format!("{path}/{it}"))
        .into_iter()
        .chain(["/v1/connections".to_owned(), "/v1/apps".to_owned()])
    {
        let refused = server.get(&format!("{list}?limit=201&cursor=bm8&colour=red")).await;
        assert_eq!(refused.problem(400), "invalid_query", "{list}");
        assert_eq!(refused.pointers(), ["colour", "cursor", "limit"], "{list}");
    }
    let refused = server.get(&format!("{path}/attendance?limit=1")).await;
    assert_eq!(refused.problem(400), "invalid_query");
    assert_eq!(refused.pointers(), ["limit"]);
    server.stop().await;
}
